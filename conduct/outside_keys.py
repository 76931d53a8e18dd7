"""Members' keys at an outside cloud signature provider (docs/csc-client.md): whose credential is believed, one signing.

The password goes to the provider alone. What it signed is believed by the activation process, or nobody has it.
"""

import logging
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conduct.activation.questions import Activation, Complete, Prepare, Released, Sign, Told
from conduct.licensed import LONGEST, ChainRefused, judge
from conduct.ports import Json
from signing.ca import Subject

log = logging.getLogger("bid.provider")

ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
METHODS = frozenset({"credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"})
MOST_LOOKED_AT, MOST_AT_ONCE = 10, 1000
PAIR = 2
NO_PASSWORD = memoryview(b"")


class ProviderAway(Exception):
    """The provider does not answer, or nothing that can be read; the message says how."""

    code = "provider.away"


class ProviderRefused(Exception):
    """The provider refuses; the message is its own."""

    code = "provider.refused"


class AccountNeeded(Exception):
    """Members of this deployment sign with keys at the provider: an account there is needed."""

    code = "provider.account_needed"


class NoCredential(Exception):
    """The account has no credential."""

    code = "provider.no_credential"


class NotScal2(Exception):
    """The credential is released without naming what is signed (SCAL1)."""

    code = "provider.not_scal2"


class Unsuitable(Exception):
    """The provider, or the credential, cannot sign as it is needed here; the message says why."""

    code = "provider.unsuitable"


class CredentialChainRefused(Exception):
    """The credential's certificates are not the member's for this case under the provider's root."""

    code = "provider.chain_refused"


class TooFew(Exception):
    """The provider gave another number of signatures than was asked for."""

    code = "provider.too_few"


class CredentialSpent(Exception):
    """The credential's certificate was enrolled in this case before, or signs no longer: another is needed."""

    code = "provider.spent"


class ProviderChanged(Exception):
    """The member's key lives at another provider than the one of the settings, or there is none any more."""

    code = "provider.changed"


CREDENTIAL_REFUSED = (NoCredential, NotScal2, Unsuitable, CredentialChainRefused, CredentialSpent)


@dataclass(frozen=True, slots=True)
class Credential:
    """What the provider says of one: certificates (DER, the member's first), and by what and how it signs.

    `lacks` is why it cannot sign as needed, empty where it can; `at_once`: how many digests one release may name.
    """

    id: str
    certificates: tuple[bytes, ...]
    algorithms: tuple[str, ...]
    scal: str
    lacks: str
    at_once: int


class Provider(Protocol):
    """A provider behind the CSC API. Every call raises `ProviderAway` and `ProviderRefused`."""

    async def methods(self) -> frozenset[str]:
        """What it offers."""
        ...

    async def credentials(self, account: str, most: int, /) -> list[str]:
        """The ids of an account's credentials."""
        ...

    async def credential(self, credential: str, /) -> Credential:
        """What there is to know of one."""
        ...

    async def authorise(self, credential: str, digests: Sequence[bytes], password: str, /) -> str:
        """Activation data for exactly these digests. Raises `PasswordWrong`."""
        ...

    async def sign(self, credential: str, activation: str, digests: Sequence[bytes], /) -> list[bytes]:
        """The signatures, DER."""
        ...

    async def close(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class OutsideKey:
    """A member's key at the provider at `address`: its id there, both certificates (DER), how many digests at once."""

    address: str
    credential: str
    chain: tuple[bytes, bytes] = field(repr=False)
    at_once: int

    def to_row(self) -> Json:
        """The part of a credential's row."""
        return {"provider": {"address": self.address, "credential": self.credential, "at_once": self.at_once}}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """At which provider, which credential, how many digests at once: what one signing needs to know of the key."""

    address: str
    credential: str
    at_once: int

    @classmethod
    def of(cls, row: Json) -> "Elsewhere | None":
        """In a credential's row; None where the key is here."""
        return cls(**row["provider"]) if "provider" in row else None


@dataclass(frozen=True, slots=True)
class OutsideKeys:
    """The provider of this deployment at its address, and the one root that its certificates are believed under."""

    provider: Provider
    root: x509.Certificate
    address: str

    async def find(self, account: str, subject: Subject, spent: Set[int]) -> OutsideKey:
        """The credential of an account that is `subject`'s, its serial number none of `spent` (`revoking.spent`).

        Raises this module's refusals.
        """
        try:
            return await self._find(account, subject, spent)
        except (ProviderAway, ProviderRefused, *CREDENTIAL_REFUSED) as refused:
            log.warning("no key of the provider: %s: %r", refused.code, str(refused))
            raise

    async def _find(self, account: str, subject: Subject, spent: Set[int]) -> OutsideKey:
        if missing := METHODS - await self.provider.methods():
            raise Unsuitable(f"it does not offer {', '.join(sorted(missing))}")
        refusal: Exception = NoCredential()
        for one in (await self.provider.credentials(account, MOST_LOOKED_AT))[:MOST_LOOKED_AT]:
            found = await self.provider.credential(one)
            try:
                _refuse_spent(found, spent)
                return self._judged(found, subject)
            except CREDENTIAL_REFUSED as refused:
                # What is wrong with a credential that might yet be mended tells more than that another is spent.
                refusal = refused if isinstance(refusal, NoCredential | CredentialSpent) else refusal
        raise refusal

    def _judged(self, found: Credential, subject: Subject) -> OutsideKey:
        """The numbers are those of docs/csc-client.md."""
        if found.scal != "2":  # 1
            raise NotScal2(f"SCAL {found.scal}")
        if found.lacks or ECDSA_WITH_SHA256 not in found.algorithms:  # 2
            raise Unsuitable(found.lacks or "no ecdsa-with-SHA256")
        chain, root = found.certificates, self.root.public_bytes(Encoding.DER)
        chain = chain[:PAIR] if chain[PAIR:] == (root,) else chain
        now = datetime.now(UTC).replace(microsecond=0)
        try:
            judge(chain, subject, self.root, (now, now + LONGEST))  # 3
        except ChainRefused as refused:
            raise CredentialChainRefused(str(refused)) from refused
        return OutsideKey(self.address, found.id, (chain[0], chain[1]), min(found.at_once, MOST_AT_ONCE))

    async def release(
        self, activation: Activation, key: Elsewhere, asked: Sign, password: str, told: Told | None = None
    ) -> Released:
        """All signatures of one release, verified, or none; `asked` is the question to a key that were here.

        Raises `PasswordWrong`, the refusals of the activation process, and `ProviderChanged`, `ProviderAway`,
        `ProviderRefused`, `TooFew`.
        """
        if key.address != self.address:  # The password is for that one alone.
            raise ProviderChanged
        asked = replace(asked, password=NO_PASSWORD)
        prepared = await activation.ask(Prepare(asked), told)
        try:
            values = await self._signed(key, prepared.digests, password)
        except (ProviderAway, ProviderRefused, TooFew) as refused:
            log.warning("no signature of the provider: %s: %r", refused.code, str(refused))
            raise
        return await activation.ask(Complete(asked, prepared.at, values), told)

    async def _signed(self, key: Elsewhere, digests: Sequence[bytes], password: str) -> tuple[bytes, ...]:
        values: list[bytes] = []
        for begins in range(0, len(digests), key.at_once):
            part = digests[begins : begins + key.at_once]
            activation = await self.provider.authorise(key.credential, part, password)
            values += await self.provider.sign(key.credential, activation, part)
            if len(values) != begins + len(part):
                raise TooFew(f"{len(values) - begins} of {len(part)}")
        return tuple(values)


def _refuse_spent(found: Credential, spent: Set[int]) -> None:
    """Raises `CredentialSpent`; what cannot be read is refused when it is judged."""
    try:
        certificates = [x509.load_der_x509_certificate(one) for one in found.certificates[:1]]
    except ValueError:
        return
    if any(one.serial_number in spent for one in certificates):
        raise CredentialSpent(found.id)
