"""Signing in the cloud (云签): what a member has read back, its own password releases and its own key signs.

Three steps, so that no transaction waits for Argon2: `begin` counts the try, `sign` opens the key, `finish` states.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import following, stamping
from conduct.ports import Actor, Json, Recorded, Tx
from conduct.rulebook import profile_of
from evaluation.case import CaseId
from signing.authorisation import Authorisation
from signing.ca import Authority, Subject, Term, make_signer, sha256_of
from signing.cms import Chain, sign_detached, verify_detached
from signing.keys import SigningKey
from signing.keystore import KeyStore, SealedKey

CERTIFICATE_LIFE = timedelta(days=30)


class NothingPrepared(Exception):
    """There is nothing to sign, or it has changed since it was read back."""

    code = "signing.nothing_prepared"


class PasswordLocked(Exception):
    """Too many wrong passwords; the desk gives a new certificate in two minutes, drafts and signatures stay."""

    code = "signing.locked"


class NotEnrolled(Exception):
    """No signing password has been set here yet."""

    code = "signing.not_enrolled"


@dataclass(frozen=True, slots=True)
class Office:
    """Who issues certificates and keeps keys: the deployment's issuing CA, its root, its key store, its name."""

    issuing: Authority
    root: x509.Certificate
    keystore: KeyStore
    organisation: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key made for somebody and sealed under the password just set."""

    credential: str
    sealed: SealedKey


@dataclass(frozen=True, slots=True)
class Batch:
    """Statements prepared to be signed together, `extra` being further digests released with them (the report's)."""

    id: str
    purpose: str
    statements: tuple[bytes, ...]
    extra: tuple[str, ...] = ()

    @property
    def display(self) -> bytes:
        """SHA-256 over the statements' bytes, joined by line feeds: what the page reads back."""
        return hashlib.sha256(b"\n".join(self.statements)).digest()

    @property
    def leaves(self) -> tuple[bytes, ...]:
        """The digests that the password releases."""
        entries = [hashlib.sha256(data).digest() for data in self.statements]
        return (*entries, *(bytes.fromhex(digest) for digest in self.extra))


@dataclass(frozen=True, slots=True)
class Try:
    """One counted try of a password: whose key, over what."""

    who: str
    case: CaseId
    batch: Batch
    credential: str
    sealed: bytes
    certificate: bytes
    tries: int
    allowed: int
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A batch with its signatures, verified: one CMS for each statement, then one for each extra digest."""

    tried: Try
    authorisation: bytes
    signatures: tuple[bytes, ...]


def make_key(office: Office, credential: str, password: str, salt: bytes) -> NewKey:
    """A fresh key under a password. Takes Argon2's time: not for the event loop. Raises `PasswordRefused`."""
    return NewKey(credential, office.keystore.create(credential, password, salt))


def enrol(tx: Tx, case: CaseId, office: Office, member: str, key: NewKey) -> None:
    """Issue a member's case-long certificate and state it; a second one replaces the first."""
    state = tx.case(case)
    row = next(one for one in state.members.values() if one.id == member)
    body = {"member": member, "seat": row.seat} | _issue(tx, case, office, member, key, row.alias)
    tx.record(case, "seat.enrolled", body)


def reissue(tx: Tx, case: CaseId, actor: Actor, second: str, member: str) -> None:
    """The desk has checked the identity again: the old key is forgotten, the seat may set a new password."""
    tx.shelf(case, "credential").delete(member)
    shelf = tx.shelf(case, "reissue")
    shelf.put(member, {"by": actor.as_by(), "second": second})


def enrol_again(tx: Tx, case: CaseId, office: Office, member: str, key: NewKey) -> None:
    """State the certificate that replaces a locked or forgotten one. Raises `NotEnrolled` without the desk's word."""
    shelf = tx.shelf(case, "reissue")
    word = shelf.get(member)
    if word is None:
        raise NotEnrolled
    shelf.delete(member)
    alias = next(one.alias for one in tx.case(case).members.values() if one.id == member)
    body = {**word, "member": member} | _issue(tx, case, office, member, key, alias)
    tx.record(case, "certificate.reissued", body)


def enrol_person(tx: Tx, case: CaseId, office: Office, actor: Actor, key: NewKey) -> None:
    """A certificate for somebody with an account, such as the witness."""
    body = {"who": actor.who, "role": actor.role} | _issue(tx, case, office, actor.who, key, actor.who)
    tx.record(case, "person.enrolled", body)


def prepare(tx: Tx, case: CaseId, who: str, purpose: str, stated: Sequence[tuple[str, Json]], extra: str = "") -> Batch:
    """Fix the bytes of statements (kind, body) to be read back and signed; an earlier batch is dropped."""
    statements = tuple(tx.statement_bytes(case, kind, body) for kind, body in stated)
    batch = Batch(tx.random(8).hex(), purpose, statements, (extra,) if extra else ())
    row = {"id": batch.id, "statements": [data.decode() for data in statements], "extra": list(batch.extra)}
    tx.shelf(case, "pending").put(f"{who}/{purpose}", row)
    return batch


def prepared(tx: Tx, case: CaseId, who: str, purpose: str, batch_id: str) -> Batch:
    """The batch that was read back. Raises `NothingPrepared`."""
    row = tx.shelf(case, "pending").get(f"{who}/{purpose}")
    if row is None or row["id"] != batch_id:
        raise NothingPrepared
    return Batch(batch_id, purpose, tuple(text.encode() for text in row["statements"]), tuple(row["extra"]))


def begin(tx: Tx, case: CaseId, who: str, purpose: str, batch_id: str) -> Try:
    """Count a try before the password is tried. Raises `NothingPrepared`, `NotEnrolled`, `PasswordLocked`."""
    batch = prepared(tx, case, who, purpose, batch_id)
    shelf = tx.shelf(case, "credential")
    row = shelf.get(who)
    if row is None:
        raise NotEnrolled
    allowed = profile_of(tx, case).rules.password.tries
    if row["tries"] >= allowed:
        raise PasswordLocked
    shelf.put(who, {**row, "tries": row["tries"] + 1})
    return Try(
        who=who,
        case=case,
        batch=batch,
        credential=row["credential"],
        sealed=b64decode(row["sealed"]),
        certificate=b64decode(row["certificate"]),
        tries=row["tries"] + 1,
        allowed=allowed,
        nonce=tx.random(16),
    )


def sign(office: Office, tried: Try, password: str, now: datetime) -> Signed:
    """Open the key, release the batch, sign each statement, verify each signature. Not for the event loop.

    Raises `PasswordWrong`; the caller then reports it with `failed`.
    """
    key = office.keystore.open(tried.credential, password, tried.sealed)
    return release(office, tried, key, now)


def release(office: Office, tried: Try, key: SigningKey, now: datetime) -> Signed:
    """Sign a batch with an opened key."""
    certificate = x509.load_der_x509_certificate(tried.certificate)
    chain = Chain(certificate, office.issuing.certificate)
    at = now.replace(microsecond=0)
    record = Authorisation(
        leaves=tried.batch.leaves,
        credential=tried.credential,
        certificate_sha256=sha256_of(certificate),
        case=tried.case,
        purpose=tried.batch.purpose,
        display=tried.batch.display,
        nonce=tried.nonce,
        issued_at=at,
    )
    signatures, named = [], record.sha256
    for leaf in tried.batch.leaves:
        cms = sign_detached(leaf, key, chain, at, named)
        verify_detached(cms, leaf, [office.root], now)
        signatures.append(cms)
    return Signed(tried, record.to_bytes(), tuple(signatures))


def failed(tx: Tx, tried: Try) -> None:
    """Put a wrong password on the record."""
    locked = tried.tries >= tried.allowed
    tx.record(tried.case, "password.failed", {"member": tried.who, "tries": tried.tries, "locked": locked})


def finish(tx: Tx, signed: Signed) -> list[Recorded]:
    """State what was signed, if it still is what was read back and the procedure still allows it."""
    tried = signed.tried
    case, who, purpose = tried.case, tried.who, tried.batch.purpose
    prepared(tx, case, who, purpose, tried.batch.id)
    shelf = tx.shelf(case, "credential")
    row = shelf.get(who)
    if row is None or row["credential"] != tried.credential:
        raise NotEnrolled
    shelf.put(who, {**row, "tries": 0})
    authorisation = tx.keep_authorisation(signed.authorisation)
    recorded = [
        tx.record_signed(case, data, cms, authorisation)
        for data, cms in zip(tried.batch.statements, signed.signatures, strict=False)
    ]
    for digest, cms in zip(tried.batch.extra, signed.signatures[len(recorded) :], strict=True):
        tx.shelf(case, "extra").put(f"{who}/{digest}", {"cms": b64encode(cms).decode()})
    for cms in signed.signatures:
        stamping.want(tx, cms)
    tx.shelf(case, "pending").delete(f"{who}/{purpose}")
    following.after_signing(tx, case)
    return recorded


def _issue(tx: Tx, case: CaseId, office: Office, who: str, key: NewKey, name: str) -> Json:
    begins = tx.now.replace(microsecond=0) - timedelta(seconds=1)
    serial = int.from_bytes(tx.random(16), "big") >> 1 or 1
    subject = Subject(name, office.organisation, case)
    term = Term(serial, begins, begins + CERTIFICATE_LIFE)
    certificate = make_signer(office.issuing, subject, key.sealed.public_key, term)
    data = certificate.public_bytes(Encoding.DER)
    row = {
        "credential": key.credential,
        "sealed": b64encode(key.sealed.sealed).decode(),
        "certificate": b64encode(data).decode(),
        "tries": 0,
    }
    tx.shelf(case, "credential").put(who, row)
    return {
        "credential": key.credential,
        "certificate": row["certificate"],
        "certificate_sha256": hashlib.sha256(data).hexdigest(),
    }
