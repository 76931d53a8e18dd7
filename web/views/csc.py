"""The CSC API (docs/csc.md): other software has a member sign digests; and the page on which a member lets it in.

Names of fields are the API's own. What a token may do is decided in `conduct`; here it is only put into its shapes.
"""

from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from msgspec import Meta, Struct

from conduct import hash_signing, other_software, stalls
from conduct.hash_signing import MOST_HASHES, Begun, HashesRefused, Taken
from conduct.other_software import Outcome
from conduct.ports import Actor, Json, Tx
from conduct.tries import PasswordLocked
from evaluation.case import CaseId
from identity import passwords
from signing.authorisation import LIFE
from web.acting import AT_THEIR_SEAT, act, act_even_paused, look
from web.policy import ANY_BROWSER, CSC, LOGIN, SOFTWARE, route
from web.seat_pages import seat_page
from web.signing_flow import WrongSigningPassword, decided
from web.visit import Visit, as_json, fresh_token

ECDSA_WITH_SHA256, SHA256 = "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1"
P256 = "1.2.840.10045.3.1.7"
METHODS = ("credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash")
Name = Annotated[str, Meta(max_length=200)]
Hash = Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(min_length=1, max_length=MOST_HASHES)]


class ApiOff(Exception):
    """The API is off, or there is no such page."""

    code = "request.no_such_page"


class OtherAlgorithm(Exception):
    """Only ecdsa-with-SHA256 over SHA-256 digests."""

    code = "software.other_algorithm"


class NotAsMany(Exception):
    """`numSignatures` is not the number of digests."""

    code = "software.hashes_refused"


class Asked(Struct):
    """What the API lets a caller say and this service does not use."""

    lang: Name = ""


class CredentialAsked(Struct):
    """Which credential, and how much about it."""

    credentialID: Name
    certificates: Name = "single"
    certInfo: bool = False
    authInfo: bool = False


class Authorisation(Struct):
    """The digests (base64) that are to be signed, and the member's 签名密码."""

    credentialID: Name
    numSignatures: int
    hash: Hash
    PIN: Annotated[str, Meta(max_length=64)]


class Signing(Struct):
    """The digests again, with the activation data that was given for them."""

    credentialID: Name
    SAD: Annotated[str, Meta(max_length=400)]
    hash: Hash
    signAlgo: Name
    hashAlgo: Name = SHA256


@route("GET", "/cases/{case}/software", AT_THEIR_SEAT)
async def software_page(visit: Visit) -> web.Response:
    """How a member lets other software have documents signed."""
    return await _page(visit, "")


@route("POST", "/cases/{case}/software", AT_THEIR_SEAT, rate=LOGIN, form=software_page)
async def let_in(visit: Visit) -> web.Response:
    """An access token for other software, shown once; the one before ends."""
    session, secret = visit.signed_in.digest, fresh_token()
    token = await act(visit, lambda tx, case, actor: other_software.admit(tx, case, actor, session, secret))
    if visit.wants_json:
        return as_json(_told(visit, token, await look(visit, _credential)))
    return await seat_page(
        visit, "software.html", lambda tx, case, who: _told(visit, token, _credential(tx, case, who))
    )


@route("POST", "/csc/v1/info", ANY_BROWSER, body=Asked, rate=CSC)
async def info(visit: Visit, _: Asked) -> web.Response:
    """CSC: what this service is."""
    name = visit.services.office.csc_name
    if not name:
        raise ApiOff
    told = {"specs": "1.0.4.0", "name": name, "logo": f"{visit.services.origin}/favicon.ico", "region": "CN"}
    about = {"lang": "zh-CN", "description": name, "authType": ["external"], "methods": ["info", *METHODS]}
    return as_json(told | about)


@route("POST", "/csc/v1/credentials/list", SOFTWARE, body=Asked, rate=CSC)
async def list_credentials(visit: Visit, _: Asked) -> web.Response:
    """CSC: the one credential that this token may use."""
    return as_json({"credentialIDs": [await look(visit, _credential)]})


@route("POST", "/csc/v1/credentials/info", SOFTWARE, body=CredentialAsked, rate=CSC)
async def credential_info(visit: Visit, asked: CredentialAsked) -> web.Response:
    """CSC: certificates of the credential, and how signing with it is authorised."""
    row = await look(visit, lambda tx, case, actor: hash_signing.own(tx, case, actor.who, asked.credentialID))
    certificate = x509.load_der_x509_certificate(other_software.certificate_in(row))
    chain = [certificate, visit.services.office.issuing.certificate]
    wanted = {"none": [], "single": chain[:1], "chain": chain}.get(asked.certificates, chain[:1])
    told: Json = {
        "description": visit.services.office.csc_name,
        "key": {"status": "enabled", "algo": [ECDSA_WITH_SHA256], "len": 256, "curve": P256},
        "cert": {"status": "valid", "certificates": [_text(one.public_bytes(Encoding.DER)) for one in wanted]},
        "authMode": "explicit",
        "SCAL": "2",
        "multisign": MOST_HASHES,
        "lang": "zh-CN",
    }
    if asked.certInfo:
        told["cert"] |= _about(certificate)
    if asked.authInfo:
        told |= {"PIN": {"presence": "true", "format": "N"}, "OTP": {"presence": "false"}}
    return as_json(told)


@route("POST", "/csc/v1/credentials/authorize", SOFTWARE, body=Authorisation, rate=LOGIN)
async def authorize(visit: Visit, asked: Authorisation) -> web.Response:
    """CSC: activation data for exactly these digests, for 120 seconds and one use."""
    leaves = _digests(asked.hash)
    if asked.numSignatures != len(leaves):
        raise NotAsMany
    begun = await act(visit, lambda tx, case, who: hash_signing.begin(tx, case, who.who, asked.credentialID, leaves))
    async with _settled(visit, begun), decided(visit, begun.counted):
        activation = visit.services.office.activation
        sad = await hash_signing.authorise(activation, begun, passwords.normal(asked.PIN))
        await stalls.reached("sad-made")
        text = await act(visit, lambda tx, _case, _who: hash_signing.authorised(tx, begun, sad))
    await stalls.reached("sad-kept")
    return as_json({"SAD": text, "expiresIn": int(LIFE.total_seconds())})


@route("POST", "/csc/v1/signatures/signHash", SOFTWARE, body=Signing, rate=CSC)
async def sign_hash(visit: Visit, asked: Signing) -> web.Response:
    """CSC: the signatures, once they stand in the log; asked again with the same activation data, the same ones."""
    if (asked.signAlgo, asked.hashAlgo) != (ECDSA_WITH_SHA256, SHA256):
        raise OtherAlgorithm
    leaves, sad = _digests(asked.hash), _activation_data(asked.SAD)

    def take(tx: Tx, case: CaseId, who: Actor) -> Taken | tuple[bytes, ...]:
        given = (asked.credentialID, sad, leaves)
        before = hash_signing.signed_before(tx, case, who.who, given)
        return hash_signing.take(tx, case, who.who, given) if before is None else before

    taken = await act(visit, take)
    signatures = await _signatures(visit, taken) if isinstance(taken, Taken) else taken
    return as_json({"signatures": [_text(one) for one in signatures]})


async def _signatures(visit: Visit, taken: Taken) -> tuple[bytes, ...]:
    await stalls.reached("sad-taken")
    signatures = await hash_signing.sign(visit.services.store.act, visit.services.office.activation, taken)
    await stalls.reached("hashes-stated")
    return signatures


@asynccontextmanager
async def _settled(visit: Visit, begun: Begun) -> AsyncIterator[None]:
    """A try of the token's that was not right has an outcome afterwards: wrong, or taken back."""
    outcome: Outcome | None = "open"
    try:
        yield
        outcome = None
    except (WrongSigningPassword, PasswordLocked):
        outcome = "wrong"
        raise
    finally:
        if outcome is not None:
            came = outcome
            await act_even_paused(
                visit, lambda tx, case, _who: other_software.settle(tx, case, begun.counted.who, came)
            )


async def _page(visit: Visit, token: str) -> web.Response:
    def add(tx: Tx, case: CaseId, actor: Actor) -> Json:
        return _told(visit, token, _credential(tx, case, actor))

    return await seat_page(visit, "software.html", add)


def _told(visit: Visit, token: str, credential: str) -> Json:
    """What the page and a script are told: the service's address, the credential, the token if one was just made."""
    return {"service": visit.services.origin, "credential": credential, "access_token": token}


def _credential(tx: Tx, case: CaseId, actor: Actor) -> str:
    return str(other_software.key_of(tx, case, actor.who)["credential"])


def _about(certificate: x509.Certificate) -> Json:
    form = "%Y%m%d%H%M%SZ"
    return {
        "issuerDN": certificate.issuer.rfc4514_string(),
        "serialNumber": f"{certificate.serial_number:x}",
        "subjectDN": certificate.subject.rfc4514_string(),
        "validFrom": certificate.not_valid_before_utc.strftime(form),
        "validTo": certificate.not_valid_after_utc.strftime(form),
    }


def _digests(texts: list[str]) -> tuple[bytes, ...]:
    try:
        return tuple(b64decode(text, validate=True) for text in texts)
    except ValueError as error:
        raise HashesRefused from error


def _activation_data(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def _text(data: bytes) -> str:
    return b64encode(data).decode()
