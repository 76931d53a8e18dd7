"""Other software that may have a member sign (docs/csc.md): the member's key for it, and who has been let in.

That key is never the one that signs sheets: whoever sends digests could send those of a sheet.
"""

from base64 import b64decode
from dataclasses import dataclass
from hmac import compare_digest
from typing import Literal

from conduct import certifying, revoking
from conduct.activation.questions import FOR_SOFTWARE, Activation, Create
from conduct.ports import Actor, Json, Tx
from evaluation.case import CaseId
from identity.sessions import digest
from signing.ca import OTHER_SOFTWARE, Authority

KEYS, TOKENS, SADS = "software", "software-token", "sad"
SHELVES = (KEYS, TOKENS, SADS)
BETWEEN = "~"
MOST_TRIES = 2
Outcome = Literal["right", "wrong", "open"]


class NoKeyForSoftware(Exception):
    """This member has no key that other software could use, or the API is off."""

    code = "software.no_key"


class TokenRefused(Exception):
    """An access token that is unknown or has ended."""

    code = "token.refused"


@dataclass(frozen=True, slots=True)
class SoftwareKey:
    """A key made for other software: public half (DER), what is stored of the private half."""

    credential: str
    public_key: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class LetIn:
    """Whose token it is, and the digest of the session at the seat that it was made in."""

    case: CaseId
    member: str
    session: str


async def make_key(activation: Activation, credential: str, password: str, salt: bytes) -> SoftwareKey:
    """A second key beside a member's own, under the same password; `salt` is 32 fresh random bytes."""
    beside = credential + FOR_SOFTWARE
    made = await activation.ask(Create(beside, memoryview(password.encode()), salt))
    return SoftwareKey(beside, made.public_key, made.sealed)


def enrol(tx: Tx, case: CaseId, issuer: tuple[Authority, str], member: str, key: SoftwareKey) -> None:
    """Issue the certificate of a member's key for other software and state it; `issuer`: CA, organisation."""
    authority, organisation = issuer
    alias = next(one.alias for one in tx.case(case).members.values() if one.id == member)
    data = certifying.certify(tx, case, authority, (f"{alias} {OTHER_SOFTWARE}", organisation), key.public_key)
    tx.shelf(case, KEYS).put(member, certifying.stored(key.credential, key.sealed, data))
    tx.record(case, "software.enrolled", {"member": member, **certifying.stated(key.credential, data)})


def forget(tx: Tx, case: CaseId, member: str) -> None:
    """The member's key for other software signs no longer, and nobody is let in by its token."""
    shelf = tx.shelf(case, KEYS)
    if (row := shelf.get(member)) is not None:
        revoking.revoke(tx, row, "superseded")
    shelf.delete(member)
    let_out(tx, case, member)


def count(tx: Tx, case: CaseId, member: str) -> None:
    """Count a try by the member's token before it is made: two that are open or wrong are all it has.

    So a program locks no seat, whatever it sends at once. Raises `TokenRefused`.
    """
    shelf = tx.shelf(case, TOKENS)
    row = shelf.get(member)
    if row is None or row.get("tries", 0) >= MOST_TRIES:
        raise TokenRefused
    shelf.put(member, {**row, "tries": row.get("tries", 0) + 1})


def settle(tx: Tx, case: CaseId, member: str, outcome: Outcome) -> None:
    """What came of a counted try: a right one forgets what was wrong, an open one is taken back, two wrong end it."""
    shelf = tx.shelf(case, TOKENS)
    row = shelf.get(member)
    if row is None:
        return
    tries = row.get("tries", 0)
    if outcome == "wrong":
        if tries >= MOST_TRIES:
            shelf.delete(member)
        return
    shelf.put(member, {**row, "tries": 0 if outcome == "right" else max(0, tries - 1)})


def let_out(tx: Tx, case: CaseId, member: str) -> None:
    """Nobody is let in by the member's token any more."""
    tx.shelf(case, TOKENS).delete(member)


def admit(tx: Tx, case: CaseId, actor: Actor, session: str, secret: str) -> str:
    """Let other software in for a member, as long as this session at the seat lasts; the access token.

    `secret` is a fresh opaque value; the token made before ends. Raises `NoKeyForSoftware`.
    """
    if tx.shelf(case, KEYS).get(actor.who) is None:
        raise NoKeyForSoftware
    token = BETWEEN.join((case, actor.who, secret))
    tx.shelf(case, TOKENS).put(actor.who, {"digest": digest(token), "session": session})
    seat = next(one.seat for one in tx.case(case).members.values() if one.id == actor.who)
    tx.record(case, "software.admitted", {"member": actor.who, "seat": seat})
    return token


def let_in(tx: Tx, token: str) -> LetIn:
    """Whom an access token stands for. Raises `TokenRefused`."""
    case, _, rest = token.partition(BETWEEN)
    member = rest.partition(BETWEEN)[0]
    # One row is looked up, whatever a stranger names: nothing is folded before the token is known.
    row = tx.shelf(case, TOKENS).get(member) if member else None
    if row is None or not compare_digest(row["digest"], digest(token)):
        raise TokenRefused
    return LetIn(CaseId(case), member, row["session"])


def key_of(tx: Tx, case: CaseId, member: str) -> Json:
    """The row of the member's key for other software. Raises `NoKeyForSoftware`."""
    row = tx.shelf(case, KEYS).get(member)
    if row is None:
        raise NoKeyForSoftware
    return row


def has_key(tx: Tx, case: CaseId, member: str) -> bool:
    """Whether other software could have this member sign."""
    return tx.shelf(case, KEYS).get(member) is not None


def certificate_in(row: Json) -> bytes:
    """The certificate (DER) of such a row."""
    return b64decode(row["certificate"])
