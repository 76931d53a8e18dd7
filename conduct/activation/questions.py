"""Everything that may be asked of the activation process, and the shape of each answer; docs/activation.md.

A password crosses as bytes that can be overwritten, and is in no representation of a question.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from signing.algorithms import Algorithms
from signing.keystore import Prf
from signing.security_key import Assertion, SecurityKey

A = TypeVar("A")
FOR_SOFTWARE = "/software"
"""How the name of each key for other software ends, and no other's; its envelope opens under that name alone."""
Told = Callable[[int], Awaitable[None]]
"""Called while a question waits, with how many were asked before it and wait too."""


class Question(Generic[A]):
    """Something to ask; `A` is the answer's type."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Created:
    """A new key: its public half (SubjectPublicKeyInfo, DER), and what is stored of its private half.

    `twin` is the public half of the SM2 key beside it, empty where there is none.
    `csr` is the request (PKCS #10, DER) for a certificate on the name that was given, if one was.
    """

    public_key: bytes
    sealed: bytes
    twin: bytes = b""
    csr: bytes = b""


@dataclass(frozen=True, slots=True)
class Create(Question[Created]):
    """A key for `credential`, under a password just set; `salt` is 32 fresh random bytes.

    Where a `security_key` was registered with it, the key opens for that one alone. `algorithms` as in `Sign`.
    `subject`: for whom a licensed CA is asked (common name, organisation, case), empty where it is not.
    `prf`: what the security key computed of `salt`, where it computes at all.
    """

    credential: str
    password: memoryview = field(repr=False)
    salt: bytes
    security_key: SecurityKey | None = None
    algorithms: Algorithms = "p256"
    subject: tuple[str, ...] = ()
    prf: Prf | None = None


@dataclass(frozen=True, slots=True)
class SignaturePair:
    """The signatures over one content: the P-256 CMS and the SM2 twin; either is empty where none is wanted."""

    cms: bytes
    twin: bytes = b""

    @property
    def files(self) -> tuple[bytes, ...]:
        """Those that there are."""
        return tuple(one for one in (self.cms, self.twin) if one)


@dataclass(frozen=True, slots=True)
class TwinPapers:
    """What an SM2 signature needs: both certificates (DER), and the contents of all leaves but a paper's, in order."""

    certificate: bytes = field(repr=False)
    issuing: bytes = field(repr=False)
    contents: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Released:
    """What a password released: the authorisation record, and one verified `SignaturePair` for each leaf.

    `inside` is the signature value for the place left open in a PDF, empty where there was none.
    `resealed` is the key as it is stored from now on, empty where no PRF seals it.
    """

    authorisation: bytes
    signatures: tuple[SignaturePair, ...]
    inside: bytes = b""
    resealed: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Sign(Question[Released]):
    """Release these digests: with which key (as stored, with its certificate), for what, when it was asked for.

    `leaves`, `display`: SHA-256; `nonce`: 16 bytes; `certificate`, `issuing`: DER; `issued_at`: UTC in whole seconds.
    `paper` is the PDF whose report is the last leaf, with the place of this signature left open; empty where none is.
    `security_key` is the one registered with this credential, if any, and `assertion` its answer to the act.
    `algorithms` are those of the case's profile; `twin` is needed unless they are P-256 alone.
    `prf`: what the security key computed, where the key is sealed with that.
    """

    credential: str
    sealed: bytes = field(repr=False)
    password: memoryview = field(repr=False)
    certificate: bytes = field(repr=False)
    issuing: bytes = field(repr=False)
    case: str
    purpose: str
    leaves: tuple[bytes, ...]
    display: bytes
    nonce: bytes
    issued_at: datetime
    paper: bytes = field(default=b"", repr=False)
    security_key: SecurityKey | None = None
    assertion: Assertion | None = None
    algorithms: Algorithms = "p256"
    twin: TwinPapers | None = None
    prf: Prf | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a key elsewhere is to sign: SHA-256 of each leaf's signed attributes, then of those inside a paper.

    `at` stands in the attributes: the signing time, UTC in whole seconds.
    """

    at: datetime
    digests: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Prepare(Question[Prepared]):
    """What is to be signed for this release; `asked` has neither key nor password (docs/csc-client.md)."""

    asked: Sign


@dataclass(frozen=True, slots=True)
class Complete(Question[Released]):
    """The release with what a key elsewhere signed (DER `SEQUENCE { r, s }` for each digest of `Prepared`)."""

    asked: Sign
    at: datetime
    values: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Authorised:
    """Activation data for one list of digests: what only this process can read again."""

    sad: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hashes:
    """Digests from other software (docs/csc.md), with the key that may sign them and when that was authorised.

    `credential` ends in `FOR_SOFTWARE`: the key of sheets signs nothing that its own process has not put together.
    `leaves`: SHA-256 digests; `nonce`: 16 bytes; `certificate`: DER; `issued_at`: UTC in whole seconds.
    """

    credential: str
    sealed: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    case: str
    leaves: tuple[bytes, ...]
    nonce: bytes
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class Authorise(Question[Authorised]):
    """Release these digests, to be signed within two minutes by whoever brings the answer again."""

    hashes: Hashes
    password: memoryview = field(repr=False)


@dataclass(frozen=True, slots=True)
class HashesSigned:
    """The authorisation record, and one verified signature (DER `SEQUENCE { r, s }`) for each digest."""

    authorisation: bytes
    signatures: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class SignHashes(Question[HashesSigned]):
    """Sign what `sad` was given for."""

    hashes: Hashes
    sad: bytes = field(repr=False)


class Activation(Protocol):
    """The process as flows see it; `office.ActivationOffice` is one."""

    async def ask(self, question: Question[A], told: Told | None = None) -> A:
        """Ask, and wait for the answer. Raises the refusals of `refusals`."""
        ...
