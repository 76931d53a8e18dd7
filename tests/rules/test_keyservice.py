"""A party's own key service, written apart from the house, agrees with it and cannot be talked into a wrong reveal."""

import os
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from draw import chain as draw_chain
from draw.lot import plain_request
from draw.seed import Session
from keyservice import chain, receipts
from keyservice.chain import LINKS, Secrets
from keyservice.receipts import LogKey, Shown
from keyservice.refusals import AnotherContext, ChainExhausted, NoGrounds, NotLogged, NotMyCommitment
from signing import hpke, note
from signing.canonical import canonical, digest
from signing.merkle import Tree

CASE = "E-2026-0001"
ORIGIN = f"centre.example/log/{CASE}"
Row = dict[str, Any]


class Log:
    """A case's log in memory, with other statements around each one, and its signed checkpoints."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes_raw()
        self.vkey = note.VerifierKey(ORIGIN, note.ED25519, public)
        encoded = b64encode(bytes([note.ED25519]) + public).decode()
        self.log_key = LogKey.read(f"centre.example/log+00000000+{encoded}")

    def shown(self, kind: str, case: str = CASE, **body: object) -> Shown:
        """A statement and its proof."""
        tree, statement = Tree(), canonical({"body": body, "case": case, "kind": kind})
        for other in range(3):
            tree.append(bytes([other]) * 32)
        index = tree.append(digest(statement))
        tree.append(bytes(32))
        head = note.Checkpoint(ORIGIN, tree.size, tree.root())
        signed = note.Note(str(head), (note.sign(str(head), self.vkey, self.key.sign),)).to_bytes().decode()
        path = "".join(f"{b64encode(one).decode()}\n" for one in tree.inclusion(index))
        return Shown(statement, f"c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{signed}")


def made() -> Secrets:
    return Secrets(os.urandom(32), os.urandom(32))


def session(secrets: Secrets, attempt: int = 1, project: str = "P") -> Session:
    return Session(plain_request(project), bytes(32), 1, (("witness", secrets.commitment),), attempt)


def row_of(stated: Session, **changed: object) -> Row:
    context = stated.context().decode()
    about = {
        "case": CASE,
        "draw": "experts",
        "attempt": stated.attempt,
        "round": 0,
        "context": context,
        "key": "00" * 32,
    }
    return about | changed


def statement(row: Row) -> Row:
    """What the log says of the row's context."""
    body = {"draw": row["draw"], "attempt": row["attempt"], "digest": digest(row["context"].encode()).hex()}
    return {"kind": "draw.context", "case": row["case"], "body": body}


def test_every_link_of_the_chain_is_the_committed_one_and_then_it_ends() -> None:
    secrets = made()
    for round_no in range(LINKS):
        draw_chain.check("witness", secrets.commitment, secrets.link(round_no), round_no)
    with pytest.raises(ChainExhausted):
        secrets.link(LINKS)


def test_a_link_opens_for_one_process_context_party_and_round_only() -> None:
    secrets, process = made(), X25519PrivateKey.generate()
    key = hpke.raw_public(process).hex()
    row = row_of(session(secrets), key=key, round=1)
    bound = chain.bound(secrets, "witness", row, statement(row))
    box = chain.seal_link(bound, "witness", row)
    purpose: dict[str, str | int] = {
        "h": bound.context,
        "key": key,
        "party": "witness",
        "round": 1,
        "v": "bid-reveal/1",
    }
    assert hpke.unseal(box, process, hpke.info(**purpose)) == secrets.link(1)
    others: dict[str, str | int] = {
        "h": "11" * 32,
        "key": "22" * 32,
        "party": "centre",
        "round": 0,
        "v": "bid-share-back/1",
    }
    for name, other in others.items():
        with pytest.raises(hpke.NotForThis):
            hpke.unseal(box, process, hpke.info(**(purpose | {name: other})))


def test_a_share_is_opened_and_sealed_to_the_process() -> None:
    process = X25519PrivateKey.generate()
    secrets = made()
    row = row_of(session(secrets), key=hpke.raw_public(process).hex())
    bound = chain.bound(secrets, "witness", row, statement(row))
    to_party = hpke.info(h=bound.context, party="witness", round=0, v="bid-share/1")
    row["share"] = hpke.seal(b"a share of 33 bytes, as they are.", bound.share_key, to_party).hex()
    back = hpke.info(h=bound.context, key=row["key"], party="witness", round=0, v="bid-share-back/1")
    assert hpke.unseal(chain.seal_share(bound, "witness", row), process, back) == b"a share of 33 bytes, as they are."


@pytest.mark.parametrize("context", ["{}", "no json", '{"v":"bid-draw/2","commits":{}}'])
def test_nothing_is_revealed_for_a_context_without_the_own_commitment(context: str) -> None:
    secrets = made()
    foreign = row_of(session(made()))
    for row in (foreign, foreign | {"context": context}):
        with pytest.raises(NotMyCommitment):
            chain.bound(secrets, "witness", row, statement(row))


def test_a_link_shown_for_one_context_is_never_shown_for_another_but_again_for_the_same() -> None:
    secrets = made()
    row, other = row_of(session(secrets)), row_of(session(secrets, project="another"))
    bound = chain.bound(secrets, "witness", row, statement(row))
    assert chain.bound(bound, "witness", row | {"key": "11" * 32}, statement(row)) == bound
    with pytest.raises(AnotherContext):
        chain.bound(bound, "witness", other, statement(other))


def test_the_logged_statement_must_be_of_this_case_draw_attempt_and_context() -> None:
    secrets = made()
    row = row_of(session(secrets))
    good = statement(row)
    for wrong in (
        good | {"kind": "draw.requested"},
        good | {"case": "E-2026-0002"},
        good | {"body": good["body"] | {"draw": "venues"}},
        good | {"body": good["body"] | {"attempt": 2}},
        good | {"body": good["body"] | {"digest": "00" * 32}},
    ):
        with pytest.raises(NotLogged):
            chain.bound(secrets, "witness", row, wrong)


def test_a_statement_is_logged_when_its_proof_leads_to_a_signed_checkpoint() -> None:
    log = Log()
    shown = log.shown("draw.context", draw="experts")
    assert receipts.logged(shown, log.log_key)["body"] == {"draw": "experts"}


SPOILS: dict[str, Callable[[Shown], Shown]] = {
    "another statement": lambda shown: Shown(shown.statement + b" ", shown.proof),
    "another place": lambda shown: Shown(shown.statement, shown.proof.replace("index 3", "index 2")),
    "beyond the tree": lambda shown: Shown(shown.statement, shown.proof.replace("index 3", "index 9")),
    "another size": lambda shown: Shown(shown.statement, shown.proof.replace("\n5\n", "\n6\n")),
    "no checkpoint": lambda shown: Shown(shown.statement, shown.proof.partition("\n\n")[0]),
    "no signature": lambda shown: Shown(shown.statement, shown.proof.rpartition("\n\n")[0] + "\n\n"),
    "nothing": lambda shown: Shown(shown.statement, ""),
}


@pytest.mark.parametrize("name", SPOILS)
def test_a_spoiled_proof_is_refused(name: str) -> None:
    log = Log()
    with pytest.raises(NotLogged):
        receipts.logged(SPOILS[name](log.shown("draw.context")), log.log_key)


def test_a_checkpoint_under_another_key_is_refused() -> None:
    with pytest.raises(NotLogged):
        receipts.logged(Log().shown("draw.context"), Log().log_key)


def test_a_supplementary_draw_needs_a_request_and_another_persons_confirmation_in_the_log() -> None:
    row = row_of(session(made()), round=1)

    def ground(kind: str, who: str, round_no: int = 1, case: str = CASE) -> Row:
        return {"kind": f"replacement.{kind}", "case": case, "body": {"by": {"who": who}, "round": round_no}}

    asked, confirmed = ground("requested", "agent"), ground("confirmed", "supervisor")
    chain.check_grounds(row, [asked, confirmed])
    for wrong in (
        [],
        [asked],
        [asked, ground("confirmed", "agent")],
        [asked, ground("confirmed", "supervisor", 2)],
        [asked, ground("confirmed", "supervisor", case="E-2026-0002")],
    ):
        with pytest.raises(NoGrounds):
            chain.check_grounds(row, wrong)
