"""SM2 keys and signatures (GB/T 32918.2 with SM3), by the system's libcrypto or, where there is none, in Python.

Owns how keys are written (PKCS #8, SubjectPublicKeyInfo, GB/T 35276); containers and certificates are made elsewhere.
"""

import secrets

from signing import der, sm2_libcrypto, sm2_python
from signing.sm2_python import BYTES, SM2, Point, sm3

IDENTITY = b"1234567812345678"
"""The signer's distinguishing identifier where nothing else was agreed (GB/T 35276 §10)."""
EC_KEY, CURVE = der.oid("1.2.840.10045.2.1"), der.oid("1.2.156.10197.1.301")
ALGORITHM = der.sequence(EC_KEY, CURVE)
BIT_STRING, CONTEXT_1 = 0x03, 0xA1
UNCOMPRESSED = b"\x04"


class NotSm2Key(Exception):
    """Bytes that are no SM2 key, a scalar outside 1 … n−2, or a point beside the curve."""

    code = "sm2-key"


class Sm2PublicKey:
    """A public point. `raw` is `04 ‖ x ‖ y`."""

    __slots__ = ("_native", "_z", "point")

    def __init__(self, point: Point) -> None:
        """Raises NotSm2Key."""
        if not SM2.holds(point):
            raise NotSm2Key
        self.point = point
        self._z = sm2_python.z(point, IDENTITY)
        self._native = sm2_libcrypto.Key(self.spki, is_private=False) if sm2_libcrypto.is_there() else None

    @property
    def raw(self) -> bytes:
        """The uncompressed point."""
        return UNCOMPRESSED + b"".join(coordinate.to_bytes(BYTES) for coordinate in self.point)

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        return der.sequence(ALGORITHM, der.element(BIT_STRING, b"\x00", self.raw))

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether DER `SEQUENCE { r, s }` is this key's over the message, in its one spelling."""
        try:
            r, s = (int.from_bytes(one.value(der.INTEGER)) for one in der.read(signature).fields(der.SEQUENCE, 2))
        except der.NotDer:
            return False
        if _written(r, s) != signature:
            return False
        e = self.digest(message)
        if self._native is not None:
            return self._native.verify(e, signature)
        return sm2_python.verify(self.point, int.from_bytes(e), r, s)

    def digest(self, message: bytes) -> bytes:
        """e = SM3(Z ‖ message), what is signed."""
        return sm3(self._z, message)


class Sm2Key:
    """A private key in memory."""

    __slots__ = ("_native", "_scalar", "public_key")

    def __init__(self, scalar: int) -> None:
        """Raises NotSm2Key."""
        if not 0 < scalar < SM2.n - 1:
            raise NotSm2Key
        self._scalar = scalar
        self.public_key = Sm2PublicKey(sm2_python.public_of(scalar))
        self._native = sm2_libcrypto.Key(self.private_bytes(), is_private=True) if sm2_libcrypto.is_there() else None

    def sign(self, message: bytes) -> bytes:
        """DER `SEQUENCE { r, s }` over SM3(Z ‖ message)."""
        e = self.public_key.digest(message)
        if self._native is not None:
            return self._native.sign(e)
        return _written(*sm2_python.sign(self._scalar, int.from_bytes(e)))

    def private_bytes(self) -> bytes:
        """The key as PKCS #8 DER, in the clear (RFC 5208 around RFC 5915)."""
        public = der.element(CONTEXT_1, der.element(BIT_STRING, b"\x00", self.public_key.raw))
        inner = der.sequence(der.integer(1), der.octets(self._scalar.to_bytes(BYTES)), public)
        return der.sequence(der.integer(0), ALGORITHM, der.octets(inner))


def new_sm2_key() -> Sm2Key:
    """A fresh key."""
    return Sm2Key(secrets.randbelow(SM2.n - 2) + 1)


def load_sm2_key(private: bytes) -> Sm2Key:
    """The key whose `private_bytes` these are. Raises NotSm2Key."""
    try:
        wrapped = der.read(private).fields(der.SEQUENCE, 3)[2].value(der.OCTET_STRING)
        scalar = der.read(wrapped).fields(der.SEQUENCE, 3)[1].value(der.OCTET_STRING)
    except der.NotDer:
        raise NotSm2Key from None
    key = Sm2Key(int.from_bytes(scalar))
    if key.private_bytes() != private:
        raise NotSm2Key
    return key


def parse_sm2_public(spki: bytes) -> Sm2PublicKey:
    """The public key of a SubjectPublicKeyInfo. Raises NotSm2Key."""
    raw = spki[-2 * BYTES :]
    key = Sm2PublicKey((int.from_bytes(raw[:BYTES]), int.from_bytes(raw[BYTES:])))
    if key.spki != spki:
        raise NotSm2Key
    return key


def _written(r: int, s: int) -> bytes:
    return der.sequence(der.integer(r), der.integer(s))
