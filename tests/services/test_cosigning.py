"""Witnesses over real HTTP cosign a real store's log: growth with its quorum is kept, another history alarms."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import BaseTestServer, TestServer

from archive.verifier import trust as published
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.log import check_witnesses
from conduct import cosigning
from conduct.cosigning import Cosigning
from gateways.witnesses import Witnesses
from signing.cosign_policy import Policy, parse_policy
from signing.note import Note, parse_proof
from storage.logs import DEPLOYMENT, LogKeys
from storage.store import Store
from web.witness import Witness, make_app

SEED, NAME = bytes(range(32)), "centre.example/bid"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "centre")
    yield opened
    opened.close()


def open_store(folder: Path) -> Store:
    folder.mkdir()
    return Store(f"sqlite:///{folder}/db.sqlite", folder / "objects", bytes(32), LogKeys(NAME, SEED))


async def grow(store: Store, times: int, key: str = "00" * 32) -> None:
    for _ in range(times):
        await store.act(lambda tx: tx.record(DEPLOYMENT, "draw.process_started", {"key": key}))
    await store.act(lambda tx: tx.want_receipt(DEPLOYMENT))


class Scene:
    """A witness in a folder of its own, served; the policy that wants it alone."""

    def __init__(self, witness: Witness, server: BaseTestServer, store: Store) -> None:
        self.witness = witness
        self.server = server
        edge, lattice = (key.verifier_key for key in witness.keys)
        url = str(server.make_url("/"))
        text = f"witness w {edge} {url}\nwitness pq {lattice}\ngroup both all w pq\nquorum both\n"
        self.policy = parse_policy(text)
        self.gateway = Witnesses()
        self.cosigning = Cosigning(store, self.policy, self.gateway.ask)


@pytest.fixture
async def scene(store: Store, tmp_path: Path) -> AsyncIterator[Scene]:
    log = LogKeys(NAME, SEED).of(DEPLOYMENT).verifier_key
    witness = Witness(tmp_path / "witness", "witness.example/w", [log])
    async with TestServer(make_app(witness)) as server:
        made = Scene(witness, server, store)
        yield made
        await made.gateway.close()


def state(store: Store) -> str:
    return str(store.look(cosigning.states)["w"]["state"])


def refusals(store: Store) -> int:
    return len(store.look(lambda tx: list(tx.statements(DEPLOYMENT, "witness.refused"))))


async def test_each_checkpoint_is_cosigned_and_a_proof_carries_the_quorum(store: Store, scene: Scene) -> None:
    await grow(store, 3)
    assert scene.cosigning.proof(1) is None
    await scene.cosigning.round()
    await grow(store, 4)
    await scene.cosigning.round()
    await scene.cosigning.until_witnessed()
    for index in (1, 6):
        found = scene.cosigning.proof(index)
        assert found is not None
        note = parse_proof(found).checkpoint
        assert judged(scene.policy, note) == []
    assert state(store) == cosigning.COSIGNED
    assert "size 7 at" in scene.witness.about()


def judged(policy: Policy, note: Note) -> list[type]:
    """What the stranger's check says of a note's witnesses."""
    log = LogKeys(NAME, SEED).of(DEPLOYMENT).verifier_key
    return [type(one) for one in check_witnesses(policy, log, note)]


async def test_the_strangers_check_misses_a_quorum_and_names_a_changed_line(store: Store, scene: Scene) -> None:
    await grow(store, 3)
    await scene.cosigning.round()
    found = scene.cosigning.proof(1)
    assert found is not None
    note = parse_proof(found).checkpoint
    alone = Note(note.text, tuple(line for line in note.signatures if line.name == NAME))
    assert judged(scene.policy, alone) == [Finding]
    assert judged(Policy(), alone) == []
    assert judged(Policy(), note) == [Unchecked, Unchecked]
    changed = [type(one)(one.name, one.key_id, one.value[:-1] + b"x") for one in note.signatures]
    # The line of either witness, and the quorum that is missing without them.
    assert judged(scene.policy, Note(note.text, tuple(changed))) == [Finding, Finding, Finding]


async def test_a_witness_that_saw_another_history_alarms_once(store: Store, scene: Scene, tmp_path: Path) -> None:
    other = open_store(tmp_path / "forked")
    try:
        await grow(other, 5, "11" * 32)
        await Cosigning(other, scene.policy, scene.gateway.ask).round()
    finally:
        other.close()
    await grow(store, 5)
    await scene.cosigning.round()
    await scene.cosigning.round()
    assert state(store) == cosigning.FORKED
    assert store.look(cosigning.is_forked)
    assert refusals(store) == 1
    assert scene.cosigning.proof(1) is None


async def test_a_witness_that_is_away_is_asked_again_and_nothing_is_lost(store: Store, scene: Scene) -> None:
    await grow(store, 2)
    await scene.server.close()
    await scene.cosigning.round()
    assert state(store) == cosigning.AWAY
    assert refusals(store) == 0


async def test_a_centre_that_forgot_what_was_cosigned_goes_on_from_the_witness_size(store: Store, scene: Scene) -> None:
    await grow(store, 3)
    await scene.cosigning.round()
    await store.act(lambda tx: tx.shelf(DEPLOYMENT, cosigning.SHELF).delete("w"))
    await grow(store, 1)
    await scene.cosigning.round()
    assert state(store) == cosigning.COSIGNED
    assert published.POLICY == "witnesses.policy"
