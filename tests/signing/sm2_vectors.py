"""Makes the vectors named sm2-*: twins (docs/sm2.md) with their certificates, stamp and revocation list.

`python -m tests.signing.sm2_vectors` writes them again; the same bytes each time, for keys and nonces follow from
numbers. A rejected file is named `sm2-<code>.<what is wrong>`.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing import cms, der, sm2_python
from signing.ca import Subject, make_stamper
from signing.cms import Chain
from signing.crl import Revoked
from signing.dialects import P256, SM2
from signing.sm2 import IDENTITY, Sm2Key
from signing.sm2_ca import Sm2Authority, make_sm2_crl, make_sm2_issuing, make_sm2_root, make_sm2_signer
from signing.timestamp import Stamper
from tests.signing.vectors import FOLDER
from tests.signing.world import (
    AUTHORISATION,
    CASE,
    CENTRE,
    LATER,
    SHEETS,
    SIGNED,
    START,
    WORLD,
    fixed_key,
    term,
)

CONTENT = SHEETS[0]
STAMPED = SIGNED + timedelta(seconds=2)
ENDED = START + timedelta(days=2)
MEMBER, SUPERSEDED = 0x1003, 0x1005


class FixedSm2Key(Sm2Key):
    """A key that nobody may use outside tests. Its nonces follow from what is signed; libcrypto's do not."""

    __slots__ = ("_identity", "_number")

    def __init__(self, number: int, identity: bytes = IDENTITY) -> None:
        super().__init__(number)
        self._number, self._identity = number, identity

    def sign(self, message: bytes) -> bytes:
        """See `Sm2Key`."""
        z = sm2_python.z(self.public_key.point, self._identity)
        r, s = sm2_python.sign(self._number, int.from_bytes(sm2_python.sm3(z, message)))
        return der.sequence(der.integer(r), der.integer(s))


@dataclass(frozen=True, slots=True)
class TwinWorld:
    """The SM2 half of `world.WORLD`: root, issuing CA, 评委3; a TSA of the P-256 half."""

    root: Sm2Authority
    issuing: Sm2Authority
    key: FixedSm2Key
    member: Chain
    stamper: Stamper


@cache
def world() -> TwinWorld:
    """The same each time."""
    root = make_sm2_root(Subject("演示根", CENTRE), FixedSm2Key(2001), 0x2001, START)
    issuing = make_sm2_issuing(root, Subject("演示签发", CENTRE), FixedSm2Key(2002), 0x2002, START)
    key, stamping = FixedSm2Key(2003), fixed_key(1006)
    member = make_sm2_signer(issuing, Subject("评委3", CENTRE, CASE), key.public_key, term(MEMBER))
    stamper = make_stamper(WORLD.issuing, Subject("时间戳", CENTRE), stamping.public_key, term(0x1006, 3650))
    chain = Chain(member, issuing.certificate)
    return TwinWorld(root, issuing, key, chain, Stamper(Chain(stamper, WORLD.issuing.certificate), stamping))


def signed(content: bytes, key: Sm2Key | None = None, chain: Chain | None = None, at: datetime = SIGNED) -> bytes:
    """A twin over `content`, 评委3's if nobody else is named, released by AUTHORISATION."""
    one = world()
    digest = SM2.digest(content)
    return cms.sign_detached(digest, key or one.key, chain or one.member, at, AUTHORISATION.sha256)


def made() -> dict[str, bytes]:
    """Path below tests/vectors → bytes."""
    files = {"accept/sm2-member.json": _accepted()}
    root = world().root.certificate
    for name, file in _wrong():
        files[f"reject/sm2-{name}.json"] = _written(file, root, LATER)
    stranger = make_sm2_root(Subject("演示根", CENTRE), FixedSm2Key(21), 0x2001, START)
    right = signed(CONTENT)
    files["reject/sm2-cms-path.unknown-root.json"] = _written(right, stranger.certificate, LATER)
    files["reject/sm2-cms-path.p256-root.json"] = _written(right, WORLD.root.certificate, LATER)
    files["reject/sm2-cms-time.from-the-future.json"] = _written(right, root, SIGNED - timedelta(seconds=1))
    return files


def _accepted() -> bytes:
    """A twin with all that a bag holds about it: stamp, both authorities' certificates, the list of the revoked."""
    one, twin = world(), signed(CONTENT)
    revoked = (Revoked(MEMBER, ENDED, "ended"), Revoked(SUPERSEDED, SIGNED - timedelta(minutes=5), "superseded"))
    listed = make_sm2_crl(one.issuing, revoked, ENDED)
    stamp = one.stamper.stamp(P256.digest(twin), STAMPED, 0x3001)
    beside = {"crl": listed, "stamp": stamp, "stamp_root": WORLD.root.certificate.public_bytes(Encoding.DER)}
    return _written(twin, one.root.certificate, LATER, **beside)


def _wrong() -> Iterator[tuple[str, bytes]]:
    """Each wrong in one thing only."""
    one, right = world(), cms.read(signed(CONTENT))
    yield "cms-content.other-sheet", signed(SHEETS[1])
    yield "cms-content.sha256-of-the-sheet", _over(P256.digest(CONTENT))
    yield "cms-signature.other-key", signed(CONTENT, FixedSm2Key(7))
    yield "cms-signature.other-identity", signed(CONTENT, FixedSm2Key(2003, b"ALICE123@YAHOO.COM"))
    yield "cms-signature.other-time", replace(right, signed_at=SIGNED + timedelta(seconds=1)).to_bytes()
    yield "cms-signature.other-authorisation", replace(right, authorisation_sha256=bytes(32)).to_bytes()
    yield "cms-path.expired", signed(CONTENT, at=START + timedelta(days=3, seconds=1))
    yield "cms-path.not-yet-valid", signed(CONTENT, at=START - timedelta(seconds=1))
    yield "cms-path.ca-signs-itself", signed(CONTENT, one.issuing.key, Chain(*_authorities()))
    yield "cms-malformed.byte-after", signed(CONTENT) + b"\x00"
    yield "cms-not-canonical.p256-content-info", _as_p256()
    yield "cms-not-canonical.certificates-swapped", _swapped()


def _over(digest: bytes) -> bytes:
    return cms.sign_detached(digest, world().key, world().member, SIGNED, AUTHORISATION.sha256)


def _authorities() -> tuple[x509.Certificate, x509.Certificate]:
    return world().issuing.certificate, world().root.certificate


def _as_p256() -> bytes:
    """The outermost identifier is that of RFC 5652, all lengths around it right."""
    (wrapped,) = der.read(signed(CONTENT)).fields(der.SEQUENCE, 2)[1:]
    return der.sequence(P256.signed_data, wrapped.raw)


def _swapped() -> bytes:
    """The two certificates in descending order."""
    member = world().member
    pair = sorted(part.public_bytes(Encoding.DER) for part in (member.signer, member.issuing))
    return signed(CONTENT).replace(b"".join(pair), b"".join(pair[::-1]))


def _written(twin: bytes, root: x509.Certificate, at: datetime, **beside: bytes) -> bytes:
    parts = {"root": root.public_bytes(Encoding.DER), "twin": twin} | beside
    value = {"at": int(at.timestamp()), "content": CONTENT.decode()}
    encoded = {name: b64encode(data).decode() for name, data in parts.items()}
    return (json.dumps(value | encoded, indent=2, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    for path, data in made().items():
        (FOLDER / path).write_bytes(data)
