"""The lot against its published numbers: the conformance vector of bid-draw/1, and the example of an Internet-Draft."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from draw import chain, pool_file
from draw.lot import Outcome, Turn, run
from draw.order import expander, position
from draw.pool import Pool, freeze
from draw.request import Quota, Request
from draw.seed import Session, extract
from draw.selection import Role, Roll, Want, first_wants
from signing.canonical import canonical

VECTORS = Path(__file__).parent.parent / "vectors" / "accept"


def _vector(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return loaded


VECTOR = _vector("draw-conformance.json")
REQUEST = Request("BID-2026-0001", (Quota(3, "A08"), Quota(2, "B01")), exclude=("U03",), unit_cap=1)
SECRETS = {party: bytes.fromhex(secret) for party, secret in VECTOR["secrets"].items()}


@pytest.fixture(scope="module", name="pool")
def _pool() -> Pool:
    return freeze(pool_file.read(b"\n".join(canonical(line) for line in VECTOR["pool"])))


@pytest.fixture(scope="module", name="session")
def _session(pool: Pool) -> Session:
    commits = tuple((party, chain.commitment(secret, VECTOR["links"])) for party, secret in sorted(SECRETS.items()))
    return Session(REQUEST, pool.root, len(pool.entries), commits, VECTOR["attempt"])


def _reveals(round_no: int) -> tuple[tuple[str, bytes], ...]:
    return tuple((party, chain.reveal(secret, VECTOR["links"], round_no)) for party, secret in sorted(SECRETS.items()))


def _ids(outcome: Outcome, index: int) -> list[str]:
    named = {entry.label: entry.record.id for entry in outcome.ordered}
    return [named[label] for label in outcome.selections[index].taken]


def test_the_request_has_the_bytes_of_the_vector() -> None:
    assert REQUEST.digest() == sha256(canonical(VECTOR["request"])).digest()


def test_the_pool_root_and_the_context_reach_the_vector_to_the_last_digit(pool: Pool, session: Session) -> None:
    assert pool.root.hex() == VECTOR["expected"]["root"]
    assert session.digest().hex() == VECTOR["expected"]["h"]


def test_round_0_takes_the_members_of_the_vector(pool: Pool, session: Session) -> None:
    outcome = run(session, Turn(0, _reveals(0), first_wants(REQUEST)), pool)
    assert outcome.key.hex() == VECTOR["expected"]["prk"][0]
    assert _ids(outcome, 0) == VECTOR["expected"]["round0"]["A08"]
    assert _ids(outcome, 1) == VECTOR["expected"]["round0"]["B01"]


def test_round_1_replaces_the_absent_member_as_in_the_vector(pool: Pool, session: Session) -> None:
    labels = {entry.record.id: entry.label for entry in pool.entries}
    standing = tuple(labels[name] for name in ("E010", "E005", "E002", "E000"))
    roll = Roll(standing, ((labels["E008"], "absent"),))
    outcome = run(session, Turn(1, _reveals(1), (Want(0, Role.MEMBER, 1),), roll), pool)
    assert outcome.key.hex() == VECTOR["expected"]["prk"][1]
    assert _ids(outcome, 0) == [VECTOR["expected"]["round1"]["taken"]]
    assert outcome.selections[0].skipped == ((labels["E008"], "absent"),)


def test_one_ticket_orders_as_the_example_of_draft_thomson_elegy_vrs() -> None:
    example = _vector("draw-elegy-vrs.json")
    # The draft hashes a text first; our chain begins at 32 bytes, so its x0 is the first hash.
    first = sha256(example["secret_text"].encode()).digest()
    links = example["links"] - 1
    assert chain.commitment(first, links).hex() == example["commitment"]
    for round_no, stated in enumerate(example["rounds"]):
        code = chain.reveal(first, links, round_no)
        assert code.hex() == stated["code"]
        expand = expander(extract(code, example["randomness"].encode()))
        positions = sorted((position(expand, name.encode(), 1).hex(), name) for name in example["labels"])
        for (found, name), (begins, expected) in zip(positions, stated["first"], strict=False):
            assert name == expected
            assert found.startswith(begins)
