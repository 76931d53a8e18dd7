"""Security keys in the browser: what one is asked at registration and at signing, and what comes back (WebAuthn).

The library judges a registration; an answer to an act is judged where keys are opened (`signing.security_key`). What a
key computed (`prf`) goes there as well, and is kept, told and written nowhere here.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import decode_credential_public_key, options_to_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import AuthenticatorSelectionCriteria, UserVerificationRequirement

from conduct.ports import Json, Tx
from conduct.security_keys import ACTS, Asked, KeyNeeded
from evaluation.case import CaseId
from signing.keystore import PRF_BYTES, Prf, PrfMissing
from signing.security_key import (
    Assertion,
    AssertionMissing,
    SecurityKey,
    SecurityKeyRefused,
    encoded,
    parse_assertion,
)

REGISTERING = "registering/"
P256 = [COSEAlgorithmIdentifier.ECDSA_SHA_256]
UNCOMPRESSED = b"\x04"
SALTS_ASKED = 2
"""At each signature: that which seals the signing key now, and that which will."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a security key said to an act, and what it computed of each salt that it was given."""

    assertion: Assertion | None = None
    computed: tuple[bytearray, ...] = field(default=(), repr=False)

    def prf(self, salt: bytes) -> Prf | None:
        """What opens a signing key and seals it anew under `salt`; None for one that needs no such thing, whose salt is
        empty. Raises `PrfMissing`."""
        if not salt:
            return None
        if len(self.computed) != SALTS_ASKED:
            raise PrfMissing
        now, then = self.computed
        return Prf(memoryview(now), memoryview(then), salt)

    def wipe(self) -> None:
        """Forget what was computed."""
        _wipe(self.computed)


@dataclass(frozen=True, slots=True)
class Registration:
    """A key that was registered, the salt for the signing key beside it, and what it computed of that, if it does."""

    key: SecurityKey
    salt: bytes
    prf: Prf | None = None


class KeyNotRegistered(Exception):
    """The browser's answer registers no key that could be used here."""

    code = "signing.key_not_registered"


def offer(tx: Tx, case: CaseId, who: str, name: str, origin: str) -> Json:
    """What `navigator.credentials.create` is given; challenge and salt are kept for the answer."""
    challenge, salt = tx.random(32), tx.random(32)
    tx.shelf(case, ACTS).put(REGISTERING + who, {"challenge": challenge.hex(), "salt": salt.hex()})
    options = generate_registration_options(
        rp_id=_host(origin),
        rp_name=name,
        user_name=who,
        user_id=f"{case}/{who}".encode()[:64],
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(user_verification=UserVerificationRequirement.REQUIRED),
        supported_pub_key_algs=P256,
    )
    told: Json = json.loads(options_to_json(options))
    # Of two, as at each signature: a key or browser that computes one alone could never sign.
    return told | _computing(salt, tx.random(32))


def registered(tx: Tx, case: CaseId, who: str, answer: str, origin: str) -> Registration:
    """The key that the browser's answer registers; its challenge is used up.

    Raises `KeyNeeded` without an answer or a challenge that waits for one, `KeyNotRegistered`.
    """
    shelf = tx.shelf(case, ACTS)
    asked = shelf.get(REGISTERING + who)
    if not answer or asked is None:
        raise KeyNeeded
    shelf.delete(REGISTERING + who)
    try:
        said, computed = _parted(answer)
    except (ValueError, RecursionError) as refused:
        raise KeyNotRegistered from refused
    prf = Prf(memoryview(computed[0])) if len(computed) == SALTS_ASKED else None
    try:
        key = _judged(said, bytes.fromhex(asked["challenge"]), origin)
    except KeyNotRegistered:
        _wipe(computed)
        raise
    _wipe(computed[1:] if prf else computed)
    return Registration(key, bytes.fromhex(asked["salt"]), prf)


def _judged(said: Json, challenge: bytes, origin: str) -> SecurityKey:
    """The key that an answer registers. Raises `KeyNotRegistered`."""
    try:
        made = verify_registration_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=_host(origin),
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=P256,
        )
        public = decode_credential_public_key(made.credential_public_key)
    except (WebAuthnException, ValueError, KeyError, TypeError) as refused:
        raise KeyNotRegistered from refused
    if not isinstance(public, DecodedEC2PublicKey):
        raise KeyNotRegistered
    return SecurityKey(made.credential_id, UNCOMPRESSED + public.x + public.y, origin, made.sign_count)


def told(asked: Asked) -> Json:
    """What `navigator.credentials.get` is given."""
    return {
        "challenge": encoded(asked.challenge),
        "allowCredentials": [{"id": encoded(asked.key), "type": "public-key"}],
        "userVerification": "required",
        "timeout": 1000 * asked.seconds,
        **(_computing(*asked.salts) if asked.salts else {}),
    }


def read(answer: str) -> Answer:
    """What the browser posted for the key, if anything. Raises `AssertionMissing`, `PrfMissing`."""
    if not answer:
        return Answer()
    try:
        said, computed = _parted(answer)
    except (ValueError, RecursionError):
        raise AssertionMissing from None
    try:
        return Answer(parse_assertion(said), computed)
    except SecurityKeyRefused:
        _wipe(computed)
        raise


def _computing(*salts: bytes) -> Json:
    """Asks the browser what the key computes of these salts (WebAuthn level 3 §10.1.4)."""
    return {"extensions": {"prf": {"eval": dict(zip(("first", "second"), map(encoded, salts), strict=False))}}}


def _parted(answer: str) -> tuple[dict[str, Any], tuple[bytearray, ...]]:
    """An answer, and apart from it what the key computed, for that may stand in no record.

    Raises `ValueError`, and `PrfMissing` for what no key computes.
    """
    said = json.loads(answer)
    if not isinstance(said, dict):
        raise AssertionMissing
    try:
        computed = tuple(bytearray(urlsafe_b64decode(f"{one}=")) for one in said.pop("prf", ()))
    except (ValueError, TypeError):
        raise PrfMissing from None
    if any(len(one) != PRF_BYTES for one in computed):
        raise PrfMissing
    return said, computed


def _wipe(computed: Iterable[bytearray]) -> None:
    for one in computed:
        one[:] = bytes(len(one))


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""
