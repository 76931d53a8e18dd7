"""One signing for other software (docs/csc.md): digests are authorised with the password, then signed once.

As with sheets no transaction waits for Argon2: a try is counted, decided by the activation process, settled; activation
data is marked as used before anything is signed, and the log has the signatures before anybody else.
"""

import hashlib
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from conduct import other_software, stalls, tries
from conduct.activation.questions import Activation, Authorise, Hashes, SignHashes
from conduct.activation.refusals import Expired, SadRefused
from conduct.ports import Json, Tx
from conduct.tries import Counted
from evaluation.case import CaseId
from signing.authorisation import LIFE

T = TypeVar("T")
Run = Callable[[Callable[[Tx], T]], Awaitable[T]]
Given = tuple[str, bytes, tuple[bytes, ...]]
"""What a caller hands in to have signed: the credential's name, the activation data, the digests."""
MOST_HASHES = 100
DIGEST_BYTES = 32


class HashesRefused(Exception):
    """Not a list of 1 … 100 different SHA-256 digests."""

    code = "software.hashes_refused"


class NoSuchCredential(Exception):
    """The key asked for is not the one that this token may use; whether there is one is not said."""

    code = "software.no_such_credential"


class OtherHashes(Exception):
    """The activation data was given for another list of digests."""

    code = "software.other_hashes"


@dataclass(frozen=True, slots=True)
class Begun:
    """A counted try over digests."""

    counted: Counted
    hashes: Hashes


@dataclass(frozen=True, slots=True)
class Taken:
    """Activation data taken out of use, to be signed now."""

    member: str
    hashes: Hashes
    sad: bytes


def demand_hashes(leaves: tuple[bytes, ...]) -> None:
    """Raises `HashesRefused`."""
    fits = 0 < len(leaves) <= MOST_HASHES and len(set(leaves)) == len(leaves)
    if not fits or any(len(leaf) != DIGEST_BYTES for leaf in leaves):
        raise HashesRefused


def own(tx: Tx, case: CaseId, member: str, credential: str) -> Json:
    """The row of the member's key, if it is the one asked for. Raises `NoKeyForSoftware`, `NoSuchCredential`."""
    row = other_software.key_of(tx, case, member)
    if row["credential"] != credential:
        raise NoSuchCredential
    return row


def begin(tx: Tx, case: CaseId, member: str, credential: str, leaves: tuple[bytes, ...]) -> Begun:
    """Count a try of the member's password over these digests.

    Raises `HashesRefused`, `NoKeyForSoftware`, `NoSuchCredential`, `NotEnrolled`, `PasswordLocked`, `TokenRefused`.
    """
    demand_hashes(leaves)
    row = own(tx, case, member, credential)
    other_software.count(tx, case, member)
    _, counted = tries.count(tx, case, member)
    hashes = _hashes(row, case, leaves, tx.random(16), tx.now.replace(microsecond=0))
    return Begun(counted, hashes)


async def authorise(activation: Activation, begun: Begun, password: str) -> bytes:
    """Activation data for what was begun. Raises `PasswordWrong` and why the process does not answer."""
    released = await activation.ask(Authorise(begun.hashes, memoryview(password.encode())))
    return released.sad


def authorised(tx: Tx, begun: Begun, sad: bytes) -> str:
    """The password was right: keep what the activation data is for; the data as text. Raises `NotEnrolled`."""
    tries.right(tx, begun.counted)
    other_software.settle(tx, begun.counted.case, begun.counted.who, "right")
    shelf, member = tx.shelf(begun.hashes.case, other_software.SADS), begun.counted.who
    for key, row, _ in list(shelf.under(f"{member}/")):
        if tx.now > datetime.fromisoformat(row["issued_at"]) + LIFE:
            shelf.delete(key)
    shelf.put(_named(member, sad), _row(begun.hashes))
    return urlsafe_b64encode(sad).rstrip(b"=").decode()


def signed_before(tx: Tx, case: CaseId, member: str, given: Given) -> tuple[bytes, ...] | None:
    """The signatures that activation data has given already, for whoever asks again because no answer came; else None.

    Raises what `take` does.
    """
    row, _ = _found(tx, case, member, given)
    made = row.get("signatures")
    return None if made is None else tuple(map(b64decode, made))


def take(tx: Tx, case: CaseId, member: str, given: Given) -> Taken:
    """Take activation data out of use: whatever comes of it, nothing is signed with it a second time.

    Raises `NoKeyForSoftware`, `NoSuchCredential`, `SadRefused`, `OtherHashes`, `Expired`.
    """
    credential, sad, leaves = given
    row, issued_at = _found(tx, case, member, given)
    tx.shelf(case, other_software.SADS).delete(_named(member, sad))
    key = own(tx, case, member, credential)
    return Taken(member, _hashes(key, case, leaves, bytes.fromhex(row["nonce"]), issued_at), sad)


def _found(tx: Tx, case: CaseId, member: str, given: Given) -> tuple[Json, datetime]:
    """The row of activation data that is not over yet, and when it was given."""
    credential, sad, leaves = given
    own(tx, case, member, credential)
    row = tx.shelf(case, other_software.SADS).get(_named(member, sad))
    if row is None or row["credential"] != credential:
        raise SadRefused
    if row["leaves"] != [leaf.hex() for leaf in leaves]:
        raise OtherHashes
    issued_at = datetime.fromisoformat(row["issued_at"])
    if not timedelta(0) <= tx.now - issued_at <= LIFE:
        raise Expired
    return row, issued_at


async def sign(run: Run[None], activation: Activation, taken: Taken) -> tuple[bytes, ...]:
    """The signatures, once they stand in the log.

    Raises `Expired` where the statement would come too late, and why the activation process does not sign.
    """
    signed = await activation.ask(SignHashes(taken.hashes, taken.sad))
    await stalls.reached("hashes-signed")
    body = {
        "member": taken.member,
        "authorisation": signed.authorisation.decode(),
        "signatures": [b64encode(one).decode() for one in signed.signatures],
    }

    def state(tx: Tx) -> None:
        # The key may have been replaced at the desk while it signed.
        own(tx, CaseId(taken.hashes.case), taken.member, taken.hashes.credential)
        # A statement past its record's end would spoil the bag for ever (archive/verifier/software.py).
        if not timedelta(0) <= tx.now.replace(microsecond=0) - taken.hashes.issued_at <= LIFE:
            raise Expired
        tx.record(taken.hashes.case, "software.signed", body)
        row = _row(taken.hashes) | {"signatures": body["signatures"]}
        tx.shelf(CaseId(taken.hashes.case), other_software.SADS).put(_named(taken.member, taken.sad), row)

    await run(state)
    return signed.signatures


def _row(hashes: Hashes) -> Json:
    """What is kept of activation data: what it is for."""
    return {
        "credential": hashes.credential,
        "leaves": [leaf.hex() for leaf in hashes.leaves],
        "nonce": hashes.nonce.hex(),
        "issued_at": hashes.issued_at.isoformat(),
    }


def _hashes(row: Json, case: CaseId, leaves: tuple[bytes, ...], nonce: bytes, issued_at: datetime) -> Hashes:
    return Hashes(
        credential=row["credential"],
        sealed=b64decode(row["sealed"]),
        certificate=other_software.certificate_in(row),
        case=case,
        leaves=leaves,
        nonce=nonce,
        issued_at=issued_at,
    )


def _named(member: str, sad: bytes) -> str:
    return f"{member}/{hashlib.sha256(sad).hexdigest()}"
