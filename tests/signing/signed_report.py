"""A report with a small committee's signatures and the closing stamp, made as the server makes it. All synthetic."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import Encoding

from archive.report.stamp import Stamp, render_stamp
from signing import pades, pdf
from signing.authorisation import Authorisation
from signing.ca import Subject, make_signer, make_stamper, sha256_of
from signing.cms import Chain
from signing.crl import make_crl
from signing.keys import MemoryKey
from signing.pdf_fields import fields_of
from signing.pdf_file import read
from signing.timestamp import Stamper
from tests.signing.world import CASE, CENTRE, START, WORLD, fixed_key, term

SIGNED = START + timedelta(minutes=30)
CLOSED = SIGNED + timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who signs: the field, the name in the certificate, key and chain."""

    field: str
    name: str
    key: MemoryKey
    chain: Chain


def member(number: int) -> Member:
    """评委n with a certificate for the case."""
    key, name = fixed_key(2000 + number), f"评委{number}"
    signer = make_signer(WORLD.issuing, Subject(name, CENTRE, CASE), key.public_key, term(0x2000 + number))
    return Member(f"m{number}", name, key, Chain(signer, WORLD.issuing.certificate))


STAMPER_KEY = fixed_key(1005)
STAMPER = Stamper(
    Chain(
        make_stamper(WORLD.issuing, Subject("时间戳", CENTRE), STAMPER_KEY.public_key, term(0x1005, 3650)),
        WORLD.issuing.certificate,
    ),
    STAMPER_KEY,
)


def record(one: Member, base: bytes, statement: bytes = b"statement") -> Authorisation:
    """What the member's password released: the statement and the report."""
    return Authorisation(
        leaves=(sha256(statement).digest(), sha256(base).digest()),
        credential=f"{CASE}/{one.field}/1",
        certificate_sha256=sha256_of(one.chain.signer),
        case=CASE,
        purpose="report",
        display=sha256(statement).digest(),
        nonce=b"n" * 16,
        issued_at=SIGNED,
    )


def picture(base: bytes, one: Member, reason: str) -> bytes:
    """The picture in the member's frame."""
    frame = next(found for found in fields_of(read(base)) if found.name == one.field)
    lines = (reason, "2026-11-23 09:30:00（北京时间）", "签署记录校验码 P0KX-3PQ7", "内部证书，非第三方电子认证")
    size = (f"{frame.width:f}", f"{frame.height:f}")
    return render_stamp(Stamp(one.name, "电子签名", lines, *size, SIGNED.strftime("%Y-%m-%dT%H:%M:%SZ")))


def add(base: bytes, data: bytes, one: Member, reason: str = "同意并签署", page: bytes = b"") -> bytes:
    """The file with one more signature."""
    found = pdf.growth(base, data)
    mark = pdf.Mark(one.field, one.name, reason, SIGNED)
    data = pdf.prepare(found, mark, page or picture(base, one, reason))
    last = pdf.growth(base, data).revisions[-1]
    signed = pades.attributes(last.digest(data), one.chain, record(one, base).sha256)
    value = pades.sign(one.key, signed)
    response = STAMPER.stamp(pades.imprint(value), SIGNED + timedelta(seconds=1), 0x5000 + int(one.field[1:]))
    return pdf.finish(data, last, pades.container(one.chain, signed, value, response))


def close(base: bytes, data: bytes, at: datetime = CLOSED) -> bytes:
    """The file with material to judge with, and the closing stamp."""
    found = pdf.growth(base, data)
    lists = [make_crl(authority, [], at) for authority in (WORLD.root, WORLD.issuing)]
    chain = STAMPER.chain
    certificates = [one.public_bytes(Encoding.DER) for one in (WORLD.root.certificate, chain.issuing, chain.signer)]
    data = pdf.prepare_closing(found, certificates, lists)
    last = pdf.growth(base, data).revisions[-1]
    response = STAMPER.stamp(last.digest(data), at, 0x6000)
    return pdf.finish(data, last, pades.token(response))


def signed_report(base: bytes, members: Sequence[Member]) -> bytes:
    """Everybody's signature, then the closing stamp."""
    data = base
    for one in members:
        data = add(base, data, one)
    return close(base, data, CLOSED.astimezone(UTC))
