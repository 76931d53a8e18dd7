"""A cloud signature provider asked over the CSC API 1.0.4.0 (docs/csc-client.md). It judges answers' shapes alone.

The password of `authorise` goes into that one call, into no message and no log.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeVar

import aiohttp
import msgspec
from msgspec import Meta, Struct

from conduct.outside_keys import ECDSA_WITH_SHA256, Credential, ProviderAway, ProviderRefused
from gateways import bounded
from signing.keystore import PasswordWrong

TIMEOUT = aiohttp.ClientTimeout(total=10)
MOST_BYTES = 256 * 1024
MOST_WORDS = 300
SHA256 = "2.16.840.1.101.3.4.2.1"
GRANTED, REFUSED_FROM, FAULT_FROM, TOO_MANY = 200, 400, 500, 429
INVALID_PIN = "invalid_pin"
T = TypeVar("T")


class Info(Struct):
    """What a service is."""

    methods: list[str]


class Credentials(Struct):
    """Those of an account."""

    credentialIDs: list[Annotated[str, Meta(min_length=1, max_length=500)]]


class Key(Struct):
    """By what a credential signs."""

    status: str
    algo: list[str]


class Certificates(Struct):
    """The chain (base64 DER), and whether its first is valid, where that is told."""

    certificates: list[str]
    status: str = "valid"


class Factor(Struct):
    """Whether a PIN or OTP is asked for."""

    presence: str = "false"


class CredentialInfo(Struct):
    """About one credential."""

    key: Key
    cert: Certificates
    authMode: str
    multisign: int
    SCAL: str = "1"
    PIN: Factor = msgspec.field(default_factory=Factor)
    OTP: Factor = msgspec.field(default_factory=Factor)


class Authorised(Struct):
    """Activation data."""

    SAD: Annotated[str, Meta(min_length=1)]


class Signatures(Struct):
    """What was signed."""

    signatures: list[str]


class Refusal(Struct):
    """Why not."""

    error: str = ""
    error_description: str = ""


class HttpCscProvider:
    """The provider at `url` (up to the API's version), shown `token`."""

    def __init__(self, url: str, token: str, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._url = url.rstrip("/")
        self._shown = {"Authorization": f"Bearer {token}"}
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    async def methods(self) -> frozenset[str]:
        """See `Provider`."""
        return frozenset((await self._ask("info", {}, Info)).methods)

    async def credentials(self, account: str, most: int) -> list[str]:
        """See `Provider`."""
        return (await self._ask("credentials/list", {"userID": account, "maxResults": most}, Credentials)).credentialIDs

    async def credential(self, credential: str) -> Credential:
        """See `Provider`."""
        asked = {"credentialID": credential, "certificates": "chain", "certInfo": True, "authInfo": True}
        found = await self._ask("credentials/info", asked, CredentialInfo)
        certificates = tuple(_bytes(found.cert.certificates))
        return Credential(credential, certificates, tuple(found.key.algo), found.SCAL, _lacks(found), found.multisign)

    async def authorise(self, credential: str, digests: Sequence[bytes], password: str) -> str:
        """See `Provider`."""
        asked = {"credentialID": credential, "numSignatures": len(digests), "hash": _texts(digests), "PIN": password}
        return (await self._ask("credentials/authorize", asked, Authorised, password)).SAD

    async def sign(self, credential: str, activation: str, digests: Sequence[bytes]) -> list[bytes]:
        """See `Provider`."""
        asked = {"credentialID": credential, "SAD": activation, "hash": _texts(digests)}
        algorithms = {"hashAlgo": SHA256, "signAlgo": ECDSA_WITH_SHA256}
        return _bytes((await self._ask("signatures/signHash", asked | algorithms, Signatures)).signatures)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, method: str, asked: Mapping[str, Any], shape: type[T], secret: str = "") -> T:
        status, data = await self._post(method, asked)
        try:
            if REFUSED_FROM <= status < FAULT_FROM and status != TOO_MANY:
                raise _refusal(method, msgspec.json.decode(data, type=Refusal), secret)
            if status != GRANTED:
                raise ProviderAway(f"{method}: status {status}")
            return msgspec.json.decode(data, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # Not chained: what cannot be read may hold what was sent.
            raise ProviderAway(f"{method}: its answer of status {status} cannot be read") from None

    async def _post(self, method: str, asked: Mapping[str, Any]) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
        headers = {} if method == "info" else self._shown
        try:
            async with self._session.post(
                f"{self._url}/{method}", json=asked, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, await bounded.body(answer, MOST_BYTES)
        except (aiohttp.ClientError, TimeoutError, bounded.TooLong) as error:
            raise ProviderAway(f"{method}: {type(error).__name__}") from None


def _refusal(method: str, said: Refusal, secret: str) -> Exception:
    """The provider's words go into our log: a `secret` that it repeats does not."""
    if method == "credentials/authorize" and said.error == INVALID_PIN:
        return PasswordWrong()
    words = f"{said.error}: {said.error_description}"
    if secret and secret in words:
        words = "it repeats what was typed"
    return ProviderRefused(f"{method}: {words[:MOST_WORDS]}")


def _lacks(found: CredentialInfo) -> str:
    """Why a credential cannot sign as it is needed here, by point 2 of docs/csc-client.md; empty where it can."""
    needed = {
        f"its key is {found.key.status}": found.key.status == "enabled",
        f"its certificate is {found.cert.status}": found.cert.status == "valid",
        f"it is authorised by {found.authMode}": found.authMode == "explicit",
        "it asks for no PIN": found.PIN.presence == "true",
        "it asks for an OTP": found.OTP.presence != "true",
        "it signs nothing at a time": found.multisign >= 1,
    }
    return next((why[:MOST_WORDS] for why, holds in needed.items() if not holds), "")


def _texts(digests: Sequence[bytes]) -> list[str]:
    return [b64encode(digest).decode() for digest in digests]


def _bytes(texts: Sequence[str]) -> list[bytes]:
    """Base64 again. Raises `ProviderAway`."""
    try:
        return [b64decode(text, validate=True) for text in texts]
    except ValueError:
        raise ProviderAway("no base64") from None
