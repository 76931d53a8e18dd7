"""Signing from a page: prepare what is read back, release it with the signing password, hand out the receipts.

The steps are those of `conduct.authorising`; Argon2 runs beside the loop, and a wrong password stands in the log
before its refusal leaves.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from conduct import authorising, stepping_out
from conduct.authorising import Batch, PasswordLocked, Signed, Try
from conduct.ports import Actor, Json, Recorded, Tx
from evaluation.case import CaseId
from identity import passwords
from identity.roles import AT_A_SEAT
from signing.canonical import short_code
from signing.keystore import PasswordWrong
from web.acting import act, act_even_paused, case_of
from web.visit import Visit


class WrongSigningPassword(Exception):
    """Not this person's signing password; `fills` has how many tries are left for its words."""

    code = "signing.password_wrong"

    def __init__(self, left: int) -> None:
        super().__init__(f"{left} tries left")
        self.fills = {"left": left}


class AlreadyEnrolled(Exception):
    """A signing password is set already; only the desk's word, after a new check of the identity, replaces it."""

    code = "signing.already_enrolled"


@dataclass(frozen=True, slots=True)
class Stated:
    """What somebody is to sign: statements as (kind, body), and a further digest released with them, if any."""

    statements: Sequence[tuple[str, Json]]
    extra: str = ""


Make = Callable[[Tx, CaseId, Actor], Stated]
Run = Callable[[Visit, Callable[[Tx, CaseId, Actor], Any]], Awaitable[Any]]
"""`act`, or `act_even_paused`."""


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """What a signer keeps: place and entry of the statement, its proof, and the code it can be found by."""

    index: int
    entry: str
    proof: str
    code: str


async def prepare(visit: Visit, purpose: str, make: Make) -> Batch:
    """Fix the bytes of what is to be signed. Raises what `make` refuses, `Paused`."""

    def fix(tx: Tx, case: CaseId, actor: Actor) -> Batch:
        stated = make(tx, case, actor)
        return authorising.prepare(tx, case, actor.who, purpose, stated.statements, stated.extra)

    return await act(visit, fix)


def answer_of(batch: Batch) -> Json:
    """A prepared batch as a script gets it: its id, the code of what is read back, the statements' own text."""
    return {
        "batch": batch.id,
        "code": short_code(batch.display),
        "statements": [data.decode() for data in batch.statements],
    }


async def sign(visit: Visit, purpose: str, batch: str, password: str, run: Run = act) -> list[SignedReceipt]:
    """Sign a prepared batch; the receipts are there at once, for the same commit signs a checkpoint.

    Raises `NothingPrepared`, `NotEnrolled`, `PasswordLocked`, `WrongSigningPassword`, `Paused` and whatever the
    procedure refuses by now.
    """
    tried: Try = await run(visit, lambda tx, case, actor: authorising.begin(tx, case, actor.who, purpose, batch))
    signed = await _opened(visit, tried, passwords.normal(password))
    recorded: list[Recorded] = await run(visit, lambda tx, _case, _actor: authorising.finish(tx, signed))
    return [_receipt(visit, one) for one in recorded]


async def come_back(visit: Visit, password: str) -> None:
    """Sign to be back at a seat that was left, also while work is paused. Raises `NotLeft` and what `sign` does."""

    def fix(tx: Tx, case: CaseId, actor: Actor) -> Batch:
        stated = [("seat.back", stepping_out.body(tx, case, actor))]
        return authorising.prepare(tx, case, actor.who, stepping_out.PURPOSE, stated)

    batch = await act_even_paused(visit, fix)
    await sign(visit, stepping_out.PURPOSE, batch.id, password, act_even_paused)


async def enrol(visit: Visit, password: str, again: str) -> None:
    """Make the visitor's key under a password typed twice, with a certificate for this case only.

    Raises `WeakSigningPassword`, `PasswordsDiffer`, `PasswordRefused`, `AlreadyEnrolled`.
    """
    typed, repeated = passwords.normal(password), passwords.normal(again)
    passwords.check_signing_password(typed, repeated)
    office, credential = visit.services.office, f"{case_of(visit)}/{visit.signed_in.who}/{secrets.token_hex(4)}"
    salt = secrets.token_bytes(32)
    key = await asyncio.to_thread(authorising.make_key, office, credential, typed, salt)

    def keep(tx: Tx, case: CaseId, actor: Actor) -> None:
        if tx.shelf(case, "reissue").get(actor.who) is not None:
            authorising.enrol_again(tx, case, office, actor.who, key)
        elif tx.shelf(case, "credential").get(actor.who) is not None:
            raise AlreadyEnrolled
        elif actor.role in AT_A_SEAT:
            authorising.enrol(tx, case, office, actor.who, key)
        else:
            authorising.enrol_person(tx, case, office, actor, key)

    await act_even_paused(visit, keep)


async def _opened(visit: Visit, tried: Try, password: str) -> Signed:
    """Open the key and sign; a wrong password is recorded, then refused."""
    try:
        return await asyncio.to_thread(authorising.sign, visit.services.office, tried, password, visit.services.clock())
    except PasswordWrong:
        await act_even_paused(visit, lambda tx, _case, _actor: authorising.failed(tx, tried))
        left = tried.allowed - tried.tries
        raise (WrongSigningPassword(left) if left else PasswordLocked()) from None


def _receipt(visit: Visit, recorded: Recorded) -> SignedReceipt:
    proof = visit.services.store.fresh_proof(recorded.log, recorded.index)
    return SignedReceipt(recorded.index, recorded.entry, proof, short_code(bytes.fromhex(recorded.entry)))
