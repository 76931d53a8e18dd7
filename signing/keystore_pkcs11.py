"""Members' keys made, used and wrapped by a PKCS #11 token: no other code ever has one in the clear.

    wrapped = AES key wrap with padding (RFC 5649) of the private key, under a key that cannot leave the token
    sealed  = the envelope of `keystore`, version 2, around 04 ‖ x ‖ y ‖ wrapped (version 4: an SM2 key beside it, which
              no token of this interface can hold: it opens in this process; 6 and 8: with a security key's PRF)

So a key needs its owner's password, this server's share and this token. The token holds one object whatever the number
of members; an opened key is a session object that is destroyed with the value that stands for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from weakref import finalize

import PyKCS11
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from PyKCS11 import CK_OBJECT_HANDLE, Mechanism, PyKCS11Error, Session

from signing import der
from signing.keys import PublicKey
from signing.keystore import ALONE, Beside, Cost, Envelope, OpenedKey, Password, Prf, SealedKey, TokenFailed

VERSION = 2
WRAPPING_LABEL = "bid wrapping key"
P256 = der.oid("1.2.840.10045.3.1.7")
POINT_BYTES, HALF = 65, 32
_WRAP = Mechanism(PyKCS11.CKM_AES_KEY_WRAP_PAD, None)
_MAKE = Mechanism(PyKCS11.CKM_EC_KEY_PAIR_GEN, None)
_ECDSA = Mechanism(PyKCS11.CKM_ECDSA, None)
_PRIVATE = [
    (PyKCS11.CKA_TOKEN, False),
    (PyKCS11.CKA_PRIVATE, True),
    (PyKCS11.CKA_SENSITIVE, True),
    (PyKCS11.CKA_SIGN, True),
]
_UNWRAPPED = [
    (PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY),
    (PyKCS11.CKA_KEY_TYPE, PyKCS11.CKK_EC),
    (PyKCS11.CKA_EXTRACTABLE, False),
    *_PRIVATE,
]


class Token:
    """A session with a token, logged in; one operation at a time."""

    def __init__(self, module: str, label: str, pin: str) -> None:
        """`module` is the path of the token's PKCS #11 library. Raises TokenFailed."""
        self._one_at_a_time = Lock()
        library = PyKCS11.PyKCS11Lib()
        with _failing("login"):
            library.load(module)
            slots = library.getSlotList(tokenPresent=True)
            slot = next((one for one in slots if library.getTokenInfo(one).label.strip() == label), None)
            if slot is None:
                raise TokenFailed("no token of that label")
            self._session: Session = library.openSession(slot, PyKCS11.CKF_SERIAL_SESSION | PyKCS11.CKF_RW_SESSION)
            self._session.login(pin)

    @contextmanager
    def session(self, work: str) -> Iterator[Session]:
        """The session, for one operation. What fails inside raises TokenFailed."""
        with self._one_at_a_time, _failing(work):
            yield self._session

    def wrapping_key(self) -> CK_OBJECT_HANDLE:
        """The token's wrapping key, made at the first use."""
        sought = [(PyKCS11.CKA_CLASS, PyKCS11.CKO_SECRET_KEY), (PyKCS11.CKA_LABEL, WRAPPING_LABEL)]
        with self.session("wrapping key") as session:
            found = session.findObjects(sought)
            if found:
                return found[0]
            template = [
                *sought,
                (PyKCS11.CKA_KEY_TYPE, PyKCS11.CKK_AES),
                (PyKCS11.CKA_VALUE_LEN, 32),
                (PyKCS11.CKA_TOKEN, True),
                (PyKCS11.CKA_PRIVATE, True),
                (PyKCS11.CKA_SENSITIVE, True),
                (PyKCS11.CKA_EXTRACTABLE, False),
                (PyKCS11.CKA_WRAP, True),
                (PyKCS11.CKA_UNWRAP, True),
            ]
            return session.generateKey(template, PyKCS11.MechanismAESGENERATEKEY)

    def destroy(self, key: CK_OBJECT_HANDLE) -> None:
        """Forget a session object. A token that is gone has forgotten it already."""
        with self._one_at_a_time:
            try:
                self._session.destroyObject(key)
            except PyKCS11Error:
                return


class TokenKey:
    """An opened key inside the token."""

    __slots__ = ("__weakref__", "_key", "_public", "_token")

    def __init__(self, token: Token, key: CK_OBJECT_HANDLE, public: PublicKey) -> None:
        self._token, self._key, self._public = token, key, public
        finalize(self, token.destroy, key)

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign_digest(self, sha256: bytes) -> bytes:
        """ECDSA over a SHA-256 digest: DER `SEQUENCE { r, s }`, either value of s. Raises TokenFailed."""
        with self._token.session("sign") as session:
            pair = bytes(session.sign(self._key, sha256, _ECDSA))
        return encode_dss_signature(int.from_bytes(pair[:HALF]), int.from_bytes(pair[HALF:]))


class TokenKeyStore:
    """A `KeyStore` whose keys live in a token."""

    __slots__ = ("_envelope", "_token", "_wrapping")

    def __init__(self, token: Token, share: bytes, cost: Cost) -> None:
        """Raises TokenFailed."""
        self._token = token
        self._envelope = Envelope(share, cost, VERSION)
        self._wrapping = token.wrapping_key()

    def create(self, credential: str, password: Password, salt: bytes, beside: Beside = ALONE) -> SealedKey:
        """See `KeyStore`. Raises TokenFailed as well."""
        with self._token.session("create") as session:
            public, private = session.generateKeyPair(
                [(PyKCS11.CKA_TOKEN, False), (PyKCS11.CKA_EC_PARAMS, P256), (PyKCS11.CKA_VERIFY, True)],
                [(PyKCS11.CKA_EXTRACTABLE, True), *_PRIVATE],
                _MAKE,
            )
            try:
                point = der.read(bytes(session.getAttributeValue(public, [PyKCS11.CKA_EC_POINT])[0])).content
                wrapped = bytes(session.wrapKey(self._wrapping, private, _WRAP))
            finally:
                session.destroyObject(public)
                session.destroyObject(private)
        return SealedKey(_public(point), self._envelope.seal(credential, password, salt, point + wrapped, beside))

    def open(self, credential: str, password: Password, sealed: bytes, prf: Prf | None = None) -> OpenedKey:
        """See `KeyStore`. Raises TokenFailed as well."""
        with self._envelope.open(credential, password, sealed, prf) as secrets:
            point, wrapped = bytes(secrets.own[:POINT_BYTES]), bytes(secrets.own[POINT_BYTES:])
            twin, resealed = secrets.twin_key(), secrets.resealed
        with self._token.session("open") as session:
            key = session.unwrapKey(self._wrapping, wrapped, _UNWRAPPED, _WRAP)
        return OpenedKey(TokenKey(self._token, key, _public(point)), twin, resealed)


def _public(point: bytes) -> PublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


@contextmanager
def _failing(work: str) -> Iterator[None]:
    try:
        yield
    except PyKCS11Error as failure:
        raise TokenFailed(f"{work}: {failure}") from None
