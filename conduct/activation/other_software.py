"""Digests that other software sends (docs/csc.md): released with a password first, signed with its answer afterwards.

The password travels in that answer, under a key that this process draws at its start and never tells. No key but one
made for other software signs here: whoever sends digests could send those of a sheet.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

from conduct import stalls
from conduct.activation.questions import FOR_SOFTWARE, Authorise, Authorised, Hashes, HashesSigned, SignHashes
from conduct.activation.refusals import Expired, NotReleased, SadRefused
from signing.authorisation import Authorisation, AuthorisationRefused
from signing.ca import sha256_of
from signing.keys import SigningKey
from signing.keystore import KeyStore, Password, SealedKeyMalformed

PURPOSE = "software"
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16


class OtherSoftware:
    """Releases digests and signs them, with one key store and a clock of its own (UTC)."""

    def __init__(self, keystore: KeyStore, clock: Callable[[], datetime]) -> None:
        self._keystore = keystore
        self._clock = clock
        self._own = AESGCM(os.urandom(KEY_BYTES))

    def authorise(self, question: Authorise) -> Authorised:
        """Activation data for these digests. Raises `PasswordWrong`, `NotReleased`."""
        certificate, record = _read(question.hashes)
        self._open(question.hashes, certificate, question.password)
        nonce = os.urandom(NONCE_BYTES)
        return Authorised(nonce + self._own.encrypt(nonce, question.password, record.to_bytes()))

    def sign(self, question: SignHashes) -> HashesSigned:
        """All signatures, or none. Raises `SadRefused`, `Expired`, `NotReleased`."""
        certificate, record = _read(question.hashes)
        with self._password(question.sad, record) as password:
            key = self._open(question.hashes, certificate, password)
            stalls.passed("opened")
        if not record.issued_at <= self._clock().replace(microsecond=0) <= record.expires_at:
            raise Expired
        signatures = tuple(key.sign_digest(leaf) for leaf in record.leaves)
        for leaf, signature in zip(record.leaves, signatures, strict=True):
            try:
                key.public_key.verify(signature, leaf, ec.ECDSA(Prehashed(SHA256())))
            except InvalidSignature as wrong:
                raise NotReleased from wrong
        stalls.passed("signed")
        return HashesSigned(record.to_bytes(), signatures)

    @contextmanager
    def _password(self, sad: bytes, record: Authorisation) -> Iterator[bytearray]:
        """The password in activation data, zeros afterwards. Raises `SadRefused`."""
        password = bytearray(max(0, len(sad) - NONCE_BYTES - TAG_BYTES))
        try:
            self._own.decrypt_into(sad[:NONCE_BYTES], sad[NONCE_BYTES:], record.to_bytes(), password)
            yield password
        except (InvalidTag, ValueError) as unknown:
            raise SadRefused from unknown
        finally:
            password[:] = bytes(len(password))

    def _open(self, hashes: Hashes, certificate: x509.Certificate, password: Password) -> SigningKey:
        try:
            key = self._keystore.open(hashes.credential, password, hashes.sealed).key
        except SealedKeyMalformed as malformed:
            raise NotReleased from malformed
        if key.public_key != certificate.public_key():
            raise NotReleased
        return key


def display_of(leaves: tuple[bytes, ...]) -> bytes:
    """What stands for a text shown: SHA-256 of the digests' hex spellings, joined by line feeds."""
    return hashlib.sha256("\n".join(leaf.hex() for leaf in leaves).encode()).digest()


def _read(hashes: Hashes) -> tuple[x509.Certificate, Authorisation]:
    """Certificate and record. Raises `NotReleased`, also for the name of a key that signs sheets."""
    if not hashes.credential.endswith(FOR_SOFTWARE):
        raise NotReleased
    try:
        certificate = x509.load_der_x509_certificate(hashes.certificate)
        record = Authorisation(
            leaves=hashes.leaves,
            credential=hashes.credential,
            certificate_sha256=sha256_of(certificate),
            case=hashes.case,
            purpose=PURPOSE,
            display=display_of(hashes.leaves),
            nonce=hashes.nonce,
            issued_at=hashes.issued_at,
        )
    except (ValueError, AuthorisationRefused) as refused:
        raise NotReleased from refused
    return certificate, record
