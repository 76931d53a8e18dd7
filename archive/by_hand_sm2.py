"""The lines of VERIFY.txt for an SM2 signature: OpenSSL's `cms` does not read it; its `verify` and `dgst` judge it.

OpenSSL gives an SM2 identifier to the one certificate it is asked about, hence one step of the path a line.
"""

from collections.abc import Iterator
from typing import Final

from archive.verifier import cms, der

DISTID: Final = "distid:1234567812345678"
ROOT, ISSUING = "trust/sm2-root.pem", "trust/sm2-issuing.pem"
AS_SET: Final = "1"
"""The byte 31 of a SET OF, in place of the a0 that the signed attributes have inside the file."""


def commands(path: str, content: str, file: bytes) -> Iterator[str]:
    """Each one succeeds only if it should: digest, value, and the two steps of the path at the signing time."""
    found = cms.read(file)
    attributes, value = found.attributes[1:], der.sequence(*map(der.integer, found.value))
    inside = file.index(b"\xa0" + attributes) + 1
    signer = _cut(path, file.index(found.signer.raw), len(found.signer.raw))
    yield f"openssl dgst -sm3 -binary {content} | cmp -n 32 -i 0:{file.index(found.digest, inside)} - {path}"
    yield (
        f"d=$(mktemp -d) && {signer} | openssl x509 -inform DER -noout -pubkey > $d/key && "
        f"{_cut(path, file.rindex(value), len(value))} > $d/value && "
        f"(printf {AS_SET}; {_cut(path, inside, len(attributes))}) | "
        f"openssl dgst -sm3 -sigopt {DISTID} -verify $d/key -signature $d/value"
    )
    yield f"openssl verify -vfyopt {DISTID} -attime {found.signed_at} -CAfile {ROOT} {ISSUING}"
    yield (
        f"d=$(mktemp -d) && {signer} | openssl x509 -inform DER > $d/signer && openssl verify -partial_chain "
        f"-vfyopt {DISTID} -attime {found.signed_at} -trusted {ISSUING} $d/signer"
    )


def _cut(path: str, begin: int, length: int) -> str:
    return f"tail -c +{begin + 1} {path} | head -c {length}"
