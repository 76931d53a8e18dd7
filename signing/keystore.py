"""Private keys at rest, each openable only with its owner's signing password and this server's share.

    IKM         = share(32) ‖ Argon2id(password, salt)
    KEK ‖ nonce = HKDF-SHA256(IKM, salt, info = "bid/keystore/v1|" ‖ credential, 32 + 12)
    head        = 01 ‖ u32 memory in KiB ‖ u8 passes ‖ u8 lanes ‖ salt(32)
    sealed      = head ‖ AES-256-GCM(KEK, nonce, PKCS #8, aad = credential ‖ "|1|" ‖ head)

The nonce comes from the key derivation because each sealing has a fresh salt, hence a key of its own. A sealed key is
destroyed by forgetting its bytes. Tries are counted by whoever stores them: this module keeps no state.
"""

from dataclasses import dataclass
from struct import Struct
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signing.keys import PublicKey, SigningKey, load_key, new_key
from signing.password import check_new

VERSION = 1
HEAD = Struct(">BIBB32s")
SALT_BYTES = SHARE_BYTES = KEY_BYTES = 32
NONCE_BYTES = 12
MOST_MEMORY_KIB = 1 << 20
MOST_PASSES = 16


class KeystoreRefused(Exception):
    """A key that is not opened or made."""

    code = "keystore-refused"


class PasswordWrong(KeystoreRefused):
    """Not this key's signing password (or not this server's share, this credential, these bytes: nobody can tell)."""

    code = "password-wrong"


class SealedKeyMalformed(KeystoreRefused):
    """Bytes that are no sealed key of this version."""

    code = "keystore-malformed"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one try of a password costs (Argon2id, RFC 9106)."""

    memory_kib: int = 65536
    passes: int = 3
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A new key: its public half, for the certificate, and what is stored of its private half."""

    public_key: PublicKey
    sealed: bytes


class KeyStore(Protocol):
    """Where members' keys live: in sealed bytes here, or behind a token that only its own code can open."""

    def create(self, credential: str, password: str, salt: bytes) -> SealedKey:
        """A new key for `credential`; `salt` is 32 fresh random bytes. Raises PasswordRefused."""

    def open(self, credential: str, password: str, sealed: bytes) -> SigningKey:
        """The key, for as long as the caller holds it. Raises PasswordWrong or SealedKeyMalformed."""


class EnvelopeKeyStore:
    """Sealed keys under a share (32 bytes) that lies apart from them. Both calls take Argon2's time: off the loop."""

    __slots__ = ("_cost", "_share")

    def __init__(self, share: bytes, cost: Cost) -> None:
        if len(share) != SHARE_BYTES:
            raise KeystoreRefused("share")
        self._share = share
        self._cost = cost

    def create(self, credential: str, password: str, salt: bytes) -> SealedKey:
        """A new key for `credential`; `salt` is 32 fresh random bytes, never used before. Raises PasswordRefused."""
        if len(salt) != SALT_BYTES:
            raise KeystoreRefused("salt")
        check_new(password)
        key = new_key()
        head = HEAD.pack(VERSION, self._cost.memory_kib, self._cost.passes, self._cost.lanes, salt)
        kek, nonce = self._derived(credential, password, salt, self._cost)
        return SealedKey(key.public_key, head + AESGCM(kek).encrypt(nonce, key.private_bytes(), _aad(credential, head)))

    def open(self, credential: str, password: str, sealed: bytes) -> SigningKey:
        """The key in `sealed`. Raises PasswordWrong or SealedKeyMalformed."""
        head, ciphertext = sealed[: HEAD.size], sealed[HEAD.size :]
        if len(head) != HEAD.size:
            raise SealedKeyMalformed
        version, *cost, salt = HEAD.unpack(head)
        kek, nonce = self._derived(credential, password, salt, _judged(version, Cost(*cost)))
        try:
            private = AESGCM(kek).decrypt(nonce, ciphertext, _aad(credential, head))
        except InvalidTag:
            raise PasswordWrong from None
        return load_key(private)

    def _derived(self, credential: str, password: str, salt: bytes, cost: Cost) -> tuple[bytes, bytes]:
        stretched = Argon2id(
            salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
        ).derive(password.encode())
        info = f"bid/keystore/v1|{credential}".encode()
        material = HKDF(SHA256(), KEY_BYTES + NONCE_BYTES, salt, info).derive(self._share + stretched)
        return material[:KEY_BYTES], material[KEY_BYTES:]


def _judged(version: int, cost: Cost) -> Cost:
    """The cost that a sealed key asks for, unless it is one to exhaust the machine with."""
    # Argon2 wants 8 KiB a lane at least (RFC 9106 §3.1).
    lanes_fit = 0 < 8 * cost.lanes <= cost.memory_kib <= MOST_MEMORY_KIB
    if version != VERSION or not lanes_fit or not 0 < cost.passes <= MOST_PASSES:
        raise SealedKeyMalformed
    return cost


def _aad(credential: str, head: bytes) -> bytes:
    return f"{credential}|{VERSION}|".encode() + head
