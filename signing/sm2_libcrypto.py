"""SM2 by the system's libcrypto (OpenSSL 3), through its C interface: as fast as it is, mended with the system.

`cryptography` has SM3 but no SM2. Only signing and verifying a digest are declared here; no key is written anywhere.
"""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_void_p
from functools import cache
from typing import Any
from weakref import finalize

NAMES = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll")
MOST_SIGNATURE_BYTES = 80
_DECLARED: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "d2i_AutoPrivateKey": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "d2i_PUBKEY": (c_void_p, (c_void_p, POINTER(c_char_p), c_long)),
    "EVP_PKEY_free": (None, (c_void_p,)),
    "EVP_PKEY_is_a": (c_int, (c_void_p, c_char_p)),
    "EVP_PKEY_CTX_new": (c_void_p, (c_void_p, c_void_p)),
    "EVP_PKEY_CTX_free": (None, (c_void_p,)),
    "EVP_PKEY_sign_init": (c_int, (c_void_p,)),
    "EVP_PKEY_sign": (c_int, (c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)),
    "EVP_PKEY_verify_init": (c_int, (c_void_p,)),
    "EVP_PKEY_verify": (c_int, (c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)),
    "ERR_clear_error": (None, ()),
}


class LibcryptoRefused(Exception):
    """The system's libcrypto did not take a key or failed at its work."""

    code = "libcrypto-refused"


@cache
def library() -> Any | None:  # noqa: ANN401 - ctypes has no type for a library's functions
    """The system's libcrypto 3, or None where there is none."""
    for name in NAMES:
        try:
            found = ctypes.CDLL(name)
            for function, (result, arguments) in _DECLARED.items():
                getattr(found, function).restype = result
                getattr(found, function).argtypes = arguments
        except (OSError, AttributeError):
            continue
        return found
    return None


def is_there() -> bool:
    """Whether this system has a libcrypto that can be asked."""
    return library() is not None


class Key:
    """A private (PKCS #8) or public (SubjectPublicKeyInfo) key inside libcrypto, freed with this object.

    For one thread at a time.
    """

    __slots__ = ("__weakref__", "_context", "_library", "_signature")

    def __init__(self, encoded: bytes, *, is_private: bool) -> None:
        """Raises LibcryptoRefused, also where the system has no libcrypto, or one without SM2."""
        found = library()
        if found is None:
            raise LibcryptoRefused("none")
        self._library = found
        read = found.d2i_AutoPrivateKey if is_private else found.d2i_PUBKEY
        key = self._demand(read(None, byref(c_char_p(encoded)), len(encoded)))
        try:
            self._demand(found.EVP_PKEY_is_a(key, b"SM2"))
            self._context = self._demand(found.EVP_PKEY_CTX_new(key, None))
        finally:
            found.EVP_PKEY_free(key)  # the context holds it from here on
        finalize(self, found.EVP_PKEY_CTX_free, self._context)
        begin = found.EVP_PKEY_sign_init if is_private else found.EVP_PKEY_verify_init
        self._demand(begin(self._context))
        self._signature = ctypes.create_string_buffer(MOST_SIGNATURE_BYTES)

    def sign(self, digest: bytes) -> bytes:
        """DER `SEQUENCE { r, s }` over e = SM3(Z ‖ message), 32 bytes."""
        length = c_size_t(MOST_SIGNATURE_BYTES)
        signed = self._library.EVP_PKEY_sign(self._context, self._signature, byref(length), digest, len(digest))
        self._demand(signed)
        return self._signature.raw[: length.value]

    def verify(self, digest: bytes, signature: bytes) -> bool:
        """Whether `signature` is this key's over e = SM3(Z ‖ message)."""
        found = self._library
        judged: int = found.EVP_PKEY_verify(self._context, signature, len(signature), digest, len(digest))
        found.ERR_clear_error()
        return judged == 1

    def _demand(self, result: int | None) -> int:
        if not result or result < 0:
            self._library.ERR_clear_error()
            raise LibcryptoRefused("work")
        return result
