"""Makes the vectors named signing-*, canonical-* and log-*: what any reader of the formats must accept or refuse.

`python -m tests.signing.vectors` writes them again. A test holds the stored files to this module byte for byte, so a
format never changes unseen. A rejected file is named `<subject>-<code>.<what is wrong>`.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from signing import cms, der
from signing.ca import Subject, make_issuing, make_root, make_signer
from signing.cms import Chain
from signing.dialects import P256, SHA_256
from signing.log_key import LogKey
from signing.merkle import Tree
from signing.note import Proof
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
    signed,
    term,
)

FOLDER = Path(__file__).parent.parent / "vectors"
CONTENT = SHEETS[0]
DIGEST = sha256(CONTENT).digest()
FILE = signed(CONTENT)
LOG = LogKey("bid.example/E-2026-0001", bytes(range(32)))

CANONICAL_WRONG = {
    "canonical-float.fraction": b'{"score":91.5}',
    "canonical-float.exponent": b'{"score":1e2}',
    "canonical-float.not-a-number": b'{"score":NaN}',
    "canonical-integer.two-to-53": b'{"n":9007199254740992}',
    "canonical-nfc.letter-and-accent": '{"name":"e\u0301"}'.encode(),
    "canonical-surrogate.escaped-half": b'{"name":"\\ud83d"}',
    "canonical-spelling.space": b'{"a": 1}',
    "canonical-spelling.key-order": b'{"b":1,"a":2}',
    "canonical-spelling.key-order-by-code-point": '{"￥":1,"😀":2}'.encode(),
    "canonical-spelling.repeated-key": b'{"a":1,"a":1}',
    "canonical-spelling.needless-escape": b'"\\u0041"',
    "canonical-spelling.upper-case-escape": b'"\\u000F"',
    "canonical-spelling.minus-zero": b"[-0]",
    "canonical-spelling.newline-at-end": b'{"a":1}\n',
    "canonical-syntax.byte-order-mark": b"\xef\xbb\xbf[]",
    "canonical-syntax.not-utf-8": b'["\xff"]',
    "canonical-syntax.leading-zero": b"[01]",
    "canonical-depth.sixty-five-lists": b"[" * 66 + b"]" * 66,
}
CANONICAL_RIGHT = {
    "canonical-texts": '{"\\r":"\\u000f\\n\\"\\\\/","1":"专家0042","\x80":"\x7f","€":"péché","😀":"","￥":""}'.encode(),
    "canonical-numbers": b"[0,-1,9007199254740991,-9007199254740991,true,false,null,[],{}]",
    "canonical-sixty-four-lists": b"[" * 65 + b"]" * 65,
    "signing-statement": CONTENT,
    "signing-authorisation-of-five": AUTHORISATION.to_bytes(),
    "signing-authorisation-of-one": replace(AUTHORISATION, leaves=(DIGEST,)).to_bytes(),
}


def made() -> dict[str, bytes]:
    """Path below tests/vectors → bytes."""
    files = {f"accept/{name}.txt": data for name, data in CANONICAL_RIGHT.items()}
    files |= {f"reject/{name}.txt": data for name, data in CANONICAL_WRONG.items()}
    for name, file in _right_signatures():
        files[f"accept/signing-{name}.json"] = _signature(file)
    for name, file, roots, at in _wrong_signatures():
        files[f"reject/signing-{name}.json"] = _signature(file, roots, at)
    files["accept/log-nine-sheets.json"] = _log()
    return files


def _right_signatures() -> Iterator[tuple[str, bytes]]:
    yield "member", FILE
    yield "seal", cms.sign_detached(DIGEST, WORLD.seal_key, WORLD.seal, SIGNED)


def _wrong_signatures() -> Iterator[tuple[str, bytes, x509.Certificate, datetime]]:
    """Each wrong in one thing only."""
    root, right = WORLD.root.certificate, cms.read(FILE)
    key, chain = WORLD.member_key, WORLD.member
    r, s = decode_dss_signature(right.value)
    for name, file in (
        ("cms-content.other-sheet", signed(SHEETS[1])),
        ("cms-high-s.larger-of-two", replace(right, value=encode_dss_signature(r, cms.P256_ORDER - s)).to_bytes()),
        ("cms-signature.other-key", cms.sign_detached(DIGEST, fixed_key(7), chain, SIGNED)),
        ("cms-signature.other-time", replace(right, signed_at=SIGNED + timedelta(seconds=1)).to_bytes()),
        ("cms-signature.other-authorisation", replace(right, authorisation_sha256=bytes(32)).to_bytes()),
        ("cms-signature.authorisation-taken-out", replace(right, authorisation_sha256=None).to_bytes()),
        ("cms-path.expired", cms.sign_detached(DIGEST, key, chain, START + timedelta(days=3, seconds=1))),
        ("cms-path.not-yet-valid", cms.sign_detached(DIGEST, key, chain, START - timedelta(seconds=1))),
        ("cms-path.tls-certificate", _by_tls()),
        ("cms-path.ca-signs-itself", _by_ca()),
        ("cms-path.member-as-ca", _under_member()),
        ("cms-malformed.byte-after", FILE + b"\x00"),
        ("cms-malformed.byte-short", FILE[:-1]),
        ("cms-malformed.empty", b""),
        ("cms-not-canonical.certificates-swapped", _swapped()),
        ("cms-not-canonical.null-parameters", _with_null()),
        ("cms-certificate.other-issuing", _other_issuing()),
    ):
        yield name, file, root, LATER
    yield "cms-path.unknown-root", FILE, _stranger(), LATER
    yield "cms-time.from-the-future", FILE, root, SIGNED - timedelta(seconds=1)


def _signature(file: bytes, root: x509.Certificate = WORLD.root.certificate, at: datetime = LATER) -> bytes:
    value = {
        "at": int(at.timestamp()),
        "content": CONTENT.decode(),
        "p7s": b64encode(file).decode(),
        "root": b64encode(root.public_bytes(Encoding.DER)).decode(),
    }
    return (json.dumps(value, indent=2) + "\n").encode()


def _by_tls() -> bytes:
    chain = Chain(WORLD.server("localhost"), WORLD.issuing.certificate)
    return cms.sign_detached(DIGEST, WORLD.seal_key, chain, SIGNED)


def _by_ca() -> bytes:
    chain = Chain(WORLD.issuing.certificate, WORLD.root.certificate)
    return cms.sign_detached(DIGEST, WORLD.issuing.key, chain, SIGNED)


def _under_member() -> bytes:
    member = replace(WORLD.issuing, certificate=WORLD.member.signer, key=WORLD.member_key)
    forged = make_signer(member, Subject("评委4", CENTRE, CASE), fixed_key(7).public_key, term(8))
    return cms.sign_detached(DIGEST, fixed_key(7), Chain(forged, WORLD.member.signer), SIGNED)


def _swapped() -> bytes:
    """The two certificates in descending order."""
    pair = sorted(part.public_bytes(Encoding.DER) for part in (WORLD.member.signer, WORLD.member.issuing))
    return FILE.replace(b"".join(pair), b"".join(pair[::-1]))


def _with_null() -> bytes:
    """The digest algorithm with NULL for its absent parameters, all lengths around it right."""
    (signed_data,) = der.read(FILE).fields(der.SEQUENCE, 2)[1].fields(der.CONTEXT_0, 1)
    version, _, *rest = (part.raw for part in signed_data.members(der.SEQUENCE))
    algorithm = der.sequence(SHA_256[2:], b"\x05\x00")
    changed = der.sequence(version, der.set_of(algorithm), *rest)
    return der.sequence(P256.signed_data, der.element(der.CONTEXT_0, changed))


def _other_issuing() -> bytes:
    """The issuing CA's certificate exchanged for another one of the same name and key."""
    old = WORLD.issuing.certificate.public_bytes(Encoding.DER)
    subject = Subject("演示签发", CENTRE)
    others = (make_issuing(WORLD.root, subject, fixed_key(1002), serial, START) for serial in range(0x1009, 0x1100))
    encoded = (other.certificate.public_bytes(Encoding.DER) for other in others)
    # The length of an ECDSA value varies by a byte or two; the lengths around it shall stay right.
    return FILE.replace(old, next(new for new in encoded if len(new) == len(old)))


def _stranger() -> x509.Certificate:
    return make_root(Subject("演示根", CENTRE), fixed_key(11), 0x1001, START).certificate


def _log() -> bytes:
    entries = [sha256(bytes([number])).digest() for number in range(9)]
    tree = Tree()
    for entry in entries:
        tree.append(entry)
    checkpoint = LOG.sign_checkpoint(tree.size, tree.root())
    value = {
        "vkey": str(LOG.verifier_key),
        "entries": [entry.hex() for entry in entries],
        "roots": [tree.root(size).hex() for size in range(10)],
        "checkpoint": checkpoint.to_bytes().decode(),
        "proofs": [Proof(at, tuple(tree.inclusion(at)), checkpoint).to_bytes().decode() for at in range(9)],
        "consistency": [[part.hex() for part in tree.consistency(old)] for old in range(1, 10)],
    }
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    for path, data in made().items():
        (FOLDER / path).write_bytes(data)
