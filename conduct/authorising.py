"""Signing in the cloud (云签): what a member has read back, its own password releases and its own key signs.

Three steps, so that no transaction waits for Argon2: `begin` counts the try, `sign` has the activation process open the
key, `finish` states. A try without an outcome is *open*; `take_back` and `take_back_all` undo what no answer decided.
"""

import asyncio
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import (
    certifying,
    following,
    key_questions,
    pending,
    second_screen,
    security_keys,
    signing_inside,
    stamping,
    tries,
)
from conduct.activation.questions import Activation, Sign, SignaturePair, Told, TwinPapers
from conduct.licensed import Licensed
from conduct.outside_keys import Elsewhere, OutsideKeys, ProviderChanged
from conduct.ports import Json, Recorded, Tx
from conduct.rulebook import profile_of
from conduct.security_keys import Act, Asked
from conduct.signing_inside import Stamps, Standing, Turns
from conduct.tries import NotEnrolled
from evaluation.case import CaseId
from signing.algorithms import Algorithms
from signing.authorisation import Authorisation
from signing.ca import Authority
from signing.cms import Chain
from signing.keystore import Prf
from signing.security_key import Assertion, SecurityKey
from signing.sm2_ca import Sm2Authority

PAIR = ("cms", "twin")
"""The signatures over one content, as a shelf's row names them."""


class NothingPrepared(Exception):
    """There is nothing to sign, or it has changed since it was read back."""

    code = "signing.nothing_prepared"


@dataclass(frozen=True, slots=True)
class Office:
    """Who issues certificates and where keys are opened: both issuing CAs, activation process, deployment's name.

    `stamps` is the centre's own time-stamp authority, for signatures inside a report; `turns`: who appends to it now.
    `csc_name`: under which name other software may have members sign (docs/csc.md), empty where it may not.
    `licensed`: who issues members' certificates instead (docs/licensed-ca.md).
    `outside`: where members' keys live instead (docs/csc-client.md).
    """

    issuing: Authority
    sm2_issuing: Sm2Authority
    activation: Activation
    organisation: str
    stamps: Stamps
    turns: Turns = field(default_factory=Turns)
    csc_name: str = ""
    licensed: Licensed | None = None
    outside: OutsideKeys | None = None


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
    issuing: bytes
    """Of a licensed CA; empty: the centre's own."""
    tries: int
    allowed: int
    nonce: bytes
    paper: Standing | None = None
    """The report that is signed inside as well, as it stands."""
    issued_at: datetime | None = None
    security_key: SecurityKey | None = None
    assertion: Assertion | None = None
    algorithms: Algorithms = "p256"
    twin: bytes = b""
    """The SM2 certificate, where the case's profile wants SM2 signatures."""
    salt: bytes = b""
    """Fresh: the key is sealed under it next, with what the security key computed of it; empty without such a key."""
    elsewhere: Elsewhere | None = None
    """Where the key lives, unless it lives here."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A batch with its signatures, verified: one pair for each statement, then one for each extra digest.

    `paper` is the report with the signature inside, where there is one; `resealed` the key under its fresh salt.
    """

    tried: Try
    authorisation: bytes
    signatures: tuple[SignaturePair, ...]
    paper: bytes = b""
    resealed: bytes = field(default=b"", repr=False)


def algorithms_of(tx: Tx, case: CaseId) -> Algorithms:
    """By which algorithms a case is signed."""
    return profile_of(tx, case).rules.signature.algorithms


def prepare(tx: Tx, case: CaseId, who: str, purpose: str, stated: Sequence[tuple[str, Json]], extra: str = "") -> Batch:
    """Fix the bytes of statements (kind, body) to be read back and signed; an earlier batch is dropped."""
    statements = tuple(tx.statement_bytes(case, kind, body) for kind, body in stated)
    batch = Batch(tx.random(8).hex(), purpose, statements, (extra,) if extra else ())
    row = {"id": batch.id, "statements": [data.decode() for data in statements], "extra": list(batch.extra)}
    tx.shelf(case, pending.SHELF).put(f"{who}/{purpose}", row)
    return batch


def prepared(tx: Tx, case: CaseId, who: str, purpose: str, batch_id: str) -> Batch:
    """The batch that was read back. Raises `NothingPrepared`, also where it has fallen since."""
    row = tx.shelf(case, pending.SHELF).get(f"{who}/{purpose}")
    if row is None or row["id"] != batch_id:
        raise NothingPrepared
    return Batch(batch_id, purpose, tuple(text.encode() for text in row["statements"]), tuple(row["extra"]))


def begin(tx: Tx, case: CaseId, who: str, purpose: str, batch_id: str, assertion: Assertion | None = None) -> Try:
    """Count a try before the password is tried.

    Raises `NothingPrepared`, `NotEnrolled`, `PasswordLocked`, `NotShown` and `JustShown` for what the second screen has
    not shown or not for long enough, `AssertionMissing` for a batch that the security key was not asked about,
    `PrfMissing` where it was asked about a salt that is no longer the key's, and what `key_questions` refuses.
    """
    batch = prepared(tx, case, who, purpose, batch_id)
    second_screen.demand(tx, case, who, purpose, batch.display)
    row, counted = tries.count(tx, case, who)
    security_key = security_keys.of(row)
    act, sealed = Act(tx.random(16)), b64decode(row["sealed"])
    if security_key is not None:
        act = security_keys.take(tx, case, who, batch.id, sealed)
        key_questions.refuse_another(tx, case, who, batch.id, assertion)
    return Try(
        who=who,
        case=case,
        batch=batch,
        credential=counted.credential,
        sealed=sealed,
        certificate=b64decode(row["certificate"]),
        issuing=b64decode(row.get("issuing", "")),
        tries=counted.tries,
        allowed=counted.allowed,
        nonce=act.nonce,
        paper=signing_inside.standing(tx, case, batch.extra[0]) if batch.extra else None,
        issued_at=act.issued_at,
        security_key=security_key,
        assertion=assertion if security_key is not None else None,
        algorithms=algorithms_of(tx, case),
        twin=b64decode(row.get("twin", "")),
        salt=act.salts[1] if act.salts else b"",
        elsewhere=Elsewhere.of(row),
    )


def ask_security_key(tx: Tx, case: CaseId, who: str, purpose: str, batch_id: str) -> Asked:
    """Fix the act over a batch, whose two minutes begin now, and what the security key is asked.

    Raises `NothingPrepared`, `NotEnrolled`, and `AssertionMissing` where no key is registered.
    """
    batch = prepared(tx, case, who, purpose, batch_id)
    row = tx.shelf(case, "credential").get(who)
    if row is None:
        raise NotEnrolled
    act = security_keys.fix(tx, case, who, batch.id, b64decode(row["sealed"]))
    record = Authorisation(
        leaves=batch.leaves,
        credential=row["credential"],
        certificate_sha256=hashlib.sha256(b64decode(row["certificate"])).digest(),
        case=case,
        purpose=batch.purpose,
        display=batch.display,
        nonce=act.nonce,
        issued_at=act.issued_at or tx.now,
    )
    key_questions.remember(tx, case, who, batch.id, record.challenge)
    return security_keys.asked(row, record, act.salts)


async def sign(
    office: Office, tried: Try, password: str, now: datetime, told: Told | None = None, prf: Prf | None = None
) -> Signed:
    """Have the key opened, the batch released, each statement signed and each signature verified; `now` is UTC.

    `told` learns how many come first, while any do; `prf`: what the security key computed, where it was asked to.
    Raises `PasswordWrong`, which the caller reports with `failed`, and the other refusals of `activation.refusals` and
    `outside_keys`, which leave no outcome.
    """
    at = tried.issued_at or now.replace(microsecond=0)
    paper = b""
    if tried.paper:
        given = (tried.paper, tried.who, tried.batch.statements[0], at)
        paper = await asyncio.to_thread(signing_inside.prepare, *given, certifying.issuer_of(tried.certificate))
    issuing = tried.issuing or office.issuing.certificate.public_bytes(Encoding.DER)
    question = Sign(
        credential=tried.credential,
        sealed=tried.sealed,
        password=memoryview(password.encode()),
        certificate=tried.certificate,
        issuing=issuing,
        case=tried.case,
        purpose=tried.batch.purpose,
        leaves=tried.batch.leaves,
        display=tried.batch.display,
        nonce=tried.nonce,
        issued_at=at,
        paper=paper,
        security_key=tried.security_key,
        assertion=tried.assertion,
        algorithms=tried.algorithms,
        twin=_twin_papers(office, tried),
        prf=prf,
    )
    if tried.elsewhere is None:
        released = await office.activation.ask(question, told)
    elif office.outside is None:
        raise ProviderChanged
    else:
        released = await office.outside.release(office.activation, tried.elsewhere, question, password, told)
    if tried.paper:
        chain = Chain(*map(x509.load_der_x509_certificate, (tried.certificate, issuing)))
        named = hashlib.sha256(released.authorisation).digest()
        filled = (tried.paper, paper, released.inside, chain, named, office.stamps)
        paper = await asyncio.to_thread(signing_inside.fill, *filled)
    return Signed(tried, released.authorisation, released.signatures, paper, released.resealed)


def _twin_papers(office: Office, tried: Try) -> TwinPapers | None:
    if tried.algorithms == "p256":
        return None
    issuing = office.sm2_issuing.certificate.public_bytes(Encoding.DER)
    return TwinPapers(tried.twin, issuing, tried.batch.statements)


def signed_before(tx: Tx, case: CaseId, who: str, purpose: str, batch_id: str) -> list[Recorded] | None:
    """What a batch became that was signed already, for whoever asks again because no answer came; else None."""
    row = tx.shelf(case, "signed").get(f"{who}/{purpose}")
    if row is None or row["id"] != batch_id:
        return None
    return [Recorded(**one) for one in row["recorded"]]


def finish(tx: Tx, signed: Signed) -> list[Recorded]:
    """State what was signed, if it still is what was read back and the procedure still allows it; a second time, what
    it became the first time."""
    tried = signed.tried
    case, who, purpose = tried.case, tried.who, tried.batch.purpose
    before = signed_before(tx, case, who, purpose, tried.batch.id)
    if before is not None:
        tries.take_back(tx, tried)
        return before
    prepared(tx, case, who, purpose, tried.batch.id)
    settled = tries.right(tx, tried)
    if tried.assertion is not None:
        counted = security_keys.counted(settled, tried.assertion)
        tx.shelf(case, "credential").put(who, security_keys.resealed(counted, tried.sealed, signed.resealed))
        key_questions.use(tx, case, who, tried.assertion)
    authorisation = tx.keep_authorisation(signed.authorisation)
    second_screen.state(tx, case, who, purpose, tried.batch.display)
    recorded = [
        tx.record_signed(case, data, pair.cms, authorisation, pair.twin)
        for data, pair in zip(tried.batch.statements, signed.signatures, strict=False)
    ]
    for digest, pair in zip(tried.batch.extra, signed.signatures[len(recorded) :], strict=True):
        tx.shelf(case, "extra").put(f"{who}/{digest}", {name: b64encode(getattr(pair, name)).decode() for name in PAIR})
    if tried.paper:
        signing_inside.keep(tx, case, tried.paper, signed.paper)
    for file in (file for pair in signed.signatures for file in pair.files):
        stamping.want(tx, file)
    tx.shelf(case, pending.SHELF).delete(f"{who}/{purpose}")
    done = {"id": tried.batch.id, "recorded": [asdict(one) for one in recorded]}
    tx.shelf(case, "signed").put(f"{who}/{purpose}", done)
    following.after_signing(tx, case)
    return recorded
