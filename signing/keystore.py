"""Private keys at rest, each openable only with its owner's signing password and this server's share.

    IKM         = share(32) ‖ Argon2id(password, salt) [ ‖ PRF(32) ]
    KEK ‖ nonce = HKDF-SHA256(IKM, salt, info = "bid/keystore/v" ‖ version ‖ "|" ‖ credential, 32 + 12)
    head        = u8 version ‖ u32 memory in KiB ‖ u8 passes ‖ u8 lanes ‖ salt(32)
    sealed      = head ‖ AES-256-GCM(KEK, nonce, secret, aad = credential ‖ "|" ‖ version ‖ "|" ‖ head)

Version 1 holds the key itself (PKCS #8), version 2 what a PKCS #11 token made of it (`keystore_pkcs11`). Versions 3 and
4 hold the same with an SM2 key beside it (docs/sm2.md): u16 length of the first ‖ the first ‖ the SM2 key (PKCS #8).
Versions 5 to 8 are 1 to 4 with PRF: what the owner's security key computes of the salt (docs/security-keys.md). Such a
key is sealed anew, under a fresh salt, each time it is opened.

The nonce comes from the key derivation because each sealing has a fresh salt, hence a key of its own. A sealed key is
destroyed by forgetting its bytes. Tries are counted by whoever stores them: this module keeps no state, and what it
derives and unwraps it overwrites with zeros before it returns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from struct import Struct
from typing import Protocol, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signing.keys import PublicKey, SigningKey, load_key, new_key
from signing.password import check_new
from signing.sm2 import NotSm2Key, Sm2Key, load_sm2_key

VERSION = 1
WITH_TWIN = 2
"""How much higher the version is with an SM2 key beside."""
WITH_PRF = 4
"""How much higher again where a security key's PRF is mixed in."""
LENGTH = Struct(">H")
HEAD = Struct(">BIBB32s")
SALT_BYTES = SHARE_BYTES = KEY_BYTES = PRF_BYTES = 32
NONCE_BYTES, TAG_BYTES = 12, 16
MOST_MEMORY_KIB = 1 << 20
MOST_PASSES = 16


Password = bytes | bytearray | memoryview
"""UTF-8; whoever holds it overwrites it."""
Factors = tuple[Password, memoryview]
"""What its owner brings: the password, and what the security key computed, which is empty without one."""
NO_PRF = memoryview(b"")


class KeystoreRefused(Exception):
    """A key that is not opened or made."""

    code = "keystore-refused"


class PasswordWrong(KeystoreRefused):
    """Not this key's signing password (or not this server's share, this credential, these bytes: nobody can tell)."""

    code = "password-wrong"


class SealedKeyMalformed(KeystoreRefused):
    """Bytes that are no sealed key of this version."""

    code = "keystore-malformed"


class PrfMissing(KeystoreRefused):
    """A key sealed with a security key's PRF and nothing computed of its present salt, or the other way round."""

    code = "security-key-prf"


class TokenFailed(KeystoreRefused):
    """The token is not there, is not the one that wrapped this key, or did not do its work."""

    code = "keystore-token"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try of a password costs (Argon2id, RFC 9106)."""

    memory_kib: int = 65536
    passes: int = 3
    lanes: int = 1


BESIDE_PRF = Cost(memory_kib=8192, passes=1)
"""With 256 bits from a security key nobody can try passwords on what is stored (docs/adr/0118): 5 ms, not 180."""


@dataclass(frozen=True, slots=True)
class Prf:
    """What a security key computed (WebAuthn `prf`, 32 bytes each): `now` of the salt that a key is sealed under.

    `then`: of `salt`, 32 fresh random bytes under which the key is sealed next; both empty where it is made.
    """

    now: memoryview = field(repr=False)
    then: memoryview = field(default=NO_PRF, repr=False)
    salt: bytes = b""

    def wipe(self) -> None:
        """Forget what was computed; of what cannot be written in there is nothing."""
        for one in (self.now, self.then):
            if one:
                one[:] = bytes(len(one))


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A new key: its public half, for the certificate, and what is stored of its private half."""

    public_key: PublicKey
    sealed: bytes


@dataclass(frozen=True, slots=True)
class OpenedKey:
    """A key for as long as its holder keeps it, and the SM2 key beside it if there is one.

    `resealed` is what is stored from now on: the same under a fresh salt; empty where no PRF is mixed in.
    """

    key: SigningKey
    twin: Sm2Key | None = None
    resealed: bytes = b""


@dataclass(frozen=True, slots=True)
class Beside:
    """What a new key has beside its password: an SM2 key in the same envelope, a security key's PRF of the salt."""

    twin: Sm2Key | None = None
    prf: Prf | None = None


ALONE = Beside()


class KeyStore(Protocol):
    """Where members' keys live: in sealed bytes here, or behind a token that only its own code can open."""

    def create(self, credential: str, password: Password, salt: bytes, beside: Beside = ALONE) -> SealedKey:
        """A new key for `credential`; `salt` is 32 fresh random bytes. Raises PasswordRefused, PrfMissing."""

    def open(self, credential: str, password: Password, sealed: bytes, prf: Prf | None = None) -> OpenedKey:
        """The key, for as long as the caller holds it. Raises PasswordWrong, PrfMissing or SealedKeyMalformed."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What an envelope holds, zeros as soon as it is closed: a key in its store's own form, and an SM2 key if any.

    `resealed` is the same in a fresh envelope, where a security key computed of a fresh salt; else empty.
    """

    own: memoryview
    twin: memoryview
    resealed: bytes

    def twin_key(self) -> Sm2Key | None:
        """The SM2 key. Raises SealedKeyMalformed."""
        try:
            return load_sm2_key(bytes(self.twin)) if self.twin else None
        except NotSm2Key:
            raise SealedKeyMalformed from None


class Envelope:
    """Secrets under a share (32 bytes) that lies apart from them. Both calls take Argon2's time: off the loop."""

    __slots__ = ("_cost", "_share", "_version")

    def __init__(self, share: bytes, cost: Cost, version: int) -> None:
        if len(share) != SHARE_BYTES:
            raise KeystoreRefused("share")
        self._share = share
        self._cost = cost
        self._version = version

    def seal(self, credential: str, password: Password, salt: bytes, own: bytes, beside: Beside) -> bytes:
        """Secrets under a new password; `salt` is 32 fresh random bytes, never used before.

        Raises PasswordRefused, PrfMissing.
        """
        check_new(str(password, "utf-8", "replace"))
        version = self._version + (WITH_TWIN if beside.twin else 0) + (WITH_PRF if beside.prf else 0)
        secret = LENGTH.pack(len(own)) + own + beside.twin.private_bytes() if beside.twin else own
        cost, prf = (BESIDE_PRF, beside.prf.now) if beside.prf else (self._cost, NO_PRF)
        return self._encrypted(credential, (password, prf), _head(version, cost, salt), secret)

    @contextmanager
    def open(self, credential: str, password: Password, sealed: bytes, prf: Prf | None) -> Iterator[Secrets]:
        """The secrets in `sealed`, zeros afterwards. Raises PasswordWrong, PrfMissing or SealedKeyMalformed."""
        head, ciphertext = sealed[: HEAD.size], sealed[HEAD.size :]
        if len(head) != HEAD.size or not self._is_known(head[0]):
            raise SealedKeyMalformed
        if is_under_prf(sealed) != (prf is not None):
            raise PrfMissing
        with _wiped(max(0, len(ciphertext) - TAG_BYTES)) as secret:
            with self._derived(credential, (password, prf.now if prf else NO_PRF), head) as (kek, nonce):
                try:
                    AESGCM(kek).decrypt_into(nonce, ciphertext, _aad(credential, head), secret)
                except InvalidTag:
                    raise PasswordWrong from None
            resealed = b""
            if prf is not None and prf.salt:
                fresh = _head(head[0], BESIDE_PRF, prf.salt)
                resealed = self._encrypted(credential, (password, prf.then), fresh, secret)
            yield _parted(memoryview(secret), resealed, has_twin=(head[0] - self._version) % WITH_PRF == WITH_TWIN)

    def _is_known(self, version: int) -> bool:
        return version - self._version in (0, WITH_TWIN, WITH_PRF, WITH_PRF + WITH_TWIN)

    def _encrypted(self, credential: str, factors: Factors, head: bytes, secret: bytes | bytearray) -> bytes:
        with self._derived(credential, factors, head) as (kek, nonce):
            return head + AESGCM(kek).encrypt(nonce, secret, _aad(credential, head))

    @contextmanager
    def _derived(self, credential: str, factors: Factors, head: bytes) -> Iterator[tuple[memoryview, memoryview]]:
        password, prf = factors
        version, *numbers, salt = HEAD.unpack(head)
        cost, info = _judged(Cost(*numbers)), f"bid/keystore/v{version}|{credential}".encode()
        if len(prf) != (PRF_BYTES if version > WITH_PRF else 0):
            raise PrfMissing
        with _wiped(SHARE_BYTES + KEY_BYTES + len(prf)) as keying, _wiped(KEY_BYTES + NONCE_BYTES) as material:
            keying[:SHARE_BYTES] = self._share
            keying[SHARE_BYTES + KEY_BYTES :] = prf
            Argon2id(
                salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
            ).derive_into(cast("bytes", password), memoryview(keying)[SHARE_BYTES : SHARE_BYTES + KEY_BYTES])
            HKDF(SHA256(), len(material), salt, info).derive_into(keying, material)
            yield memoryview(material)[:KEY_BYTES], memoryview(material)[KEY_BYTES:]


def is_under_prf(sealed: bytes) -> bool:
    """Whether a security key's PRF is mixed into what seals this key."""
    return sealed[:1] > bytes((WITH_PRF,))


def salt_of(sealed: bytes) -> bytes:
    """The salt under which a key is sealed: of which its security key's PRF is asked."""
    return sealed[HEAD.size - SALT_BYTES : HEAD.size]


def _head(version: int, cost: Cost, salt: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        raise KeystoreRefused("salt")
    return HEAD.pack(version, cost.memory_kib, cost.passes, cost.lanes, salt)


def _aad(credential: str, head: bytes) -> bytes:
    return f"{credential}|{head[0]}|".encode() + head


def _parted(secret: memoryview, resealed: bytes, *, has_twin: bool) -> Secrets:
    if not has_twin:
        return Secrets(secret, secret[:0], resealed)
    begins = LENGTH.size + LENGTH.unpack_from(secret)[0]
    return Secrets(secret[LENGTH.size : begins], secret[begins:], resealed)


class EnvelopeKeyStore:
    """Keys that lie whole inside their envelopes."""

    __slots__ = ("_envelope",)

    def __init__(self, share: bytes, cost: Cost) -> None:
        self._envelope = Envelope(share, cost, VERSION)

    def create(self, credential: str, password: Password, salt: bytes, beside: Beside = ALONE) -> SealedKey:
        """See `KeyStore`."""
        key = new_key()
        return SealedKey(key.public_key, self._envelope.seal(credential, password, salt, key.private_bytes(), beside))

    def open(self, credential: str, password: Password, sealed: bytes, prf: Prf | None = None) -> OpenedKey:
        """See `KeyStore`."""
        with self._envelope.open(credential, password, sealed, prf) as secrets:
            return OpenedKey(load_key(secrets.own), secrets.twin_key(), secrets.resealed)


@contextmanager
def _wiped(size: int) -> Iterator[bytearray]:
    """A buffer that is zeros again afterwards."""
    buffer = bytearray(size)
    try:
        yield buffer
    finally:
        buffer[:] = bytes(size)


def _judged(cost: Cost) -> Cost:
    """The cost that a sealed key asks for, unless it is one to exhaust the machine with."""
    # Argon2 wants 8 KiB a lane at least (RFC 9106 §3.1).
    lanes_fit = 0 < 8 * cost.lanes <= cost.memory_kib <= MOST_MEMORY_KIB
    if not lanes_fit or not 0 < cost.passes <= MOST_PASSES:
        raise SealedKeyMalformed
    return cost
