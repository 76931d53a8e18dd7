"""A small deployment with fixed keys, so that every byte made from it is the same in every run. All synthetic."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from signing.authorisation import Authorisation
from signing.ca import Authority, Subject, Term, make_issuing, make_root, make_server, make_signer, sha256_of
from signing.cms import Chain, sign_detached
from signing.keys import MemoryKey
from signing.statement import Statement

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SIGNED = START + timedelta(minutes=30)
LATER = START + timedelta(days=400)
CASE = "E-2026-0001"
CENTRE = "演示中心"


def fixed_key(number: int) -> MemoryKey:
    """A private key that nobody may use outside tests."""
    return MemoryKey(ec.derive_private_key(number, ec.SECP256R1()))


def term(serial: int, days: int = 3) -> Term:
    """From the start for so many days."""
    return Term(serial, START, START + timedelta(days=days))


@dataclass(frozen=True, slots=True)
class World:
    """Root, issuing CA, one member and the server's seal."""

    root: Authority
    issuing: Authority
    member_key: MemoryKey
    member: Chain
    seal_key: MemoryKey
    seal: Chain

    @property
    def roots(self) -> list[x509.Certificate]:
        return [self.root.certificate]

    def server(self, *names: str) -> x509.Certificate:
        """A TLS certificate with the seal's key."""
        subject = Subject("评标服务器", CENTRE)
        return make_server(self.issuing, subject, self.seal_key.public_key, term(0x1007, 300), names)


def build() -> World:
    """The deployment, the same each time."""
    root = make_root(Subject("演示根", CENTRE), fixed_key(1001), 0x1001, START)
    issuing = make_issuing(root, Subject("演示签发", CENTRE), fixed_key(1002), 0x1002, START)
    member_key, seal_key = fixed_key(1003), fixed_key(1004)
    member = make_signer(issuing, Subject("评委3", CENTRE, CASE), member_key.public_key, term(0x1003))
    seal = make_signer(issuing, Subject("封存", CENTRE), seal_key.public_key, term(0x1004, 3650))
    return World(
        root, issuing, member_key, Chain(member, issuing.certificate), seal_key, Chain(seal, issuing.certificate)
    )


WORLD = build()


def sheet(bid: int) -> Statement:
    """A sheet of 评委3."""
    at = SIGNED - timedelta(seconds=20)
    return Statement("sheet.signed", CASE, at, bytes([bid]) * 16, {"bid": f"b{bid}", "member": "m3", "total": "91.50"})


SHEETS = tuple(sheet(bid).to_bytes() for bid in range(1, 6))
AUTHORISATION = Authorisation(
    leaves=tuple(sha256(content).digest() for content in SHEETS),
    credential="E-2026-0001/m3/1",
    certificate_sha256=sha256_of(WORLD.member.signer),
    case=CASE,
    purpose="score-sheet",
    display=sha256("评分表 5 份".encode()).digest(),
    nonce=bytes(range(16)),
    issued_at=SIGNED - timedelta(seconds=1),
)


def signed(content: bytes) -> bytes:
    """评委3's signature over `content`, released by AUTHORISATION."""
    return sign_detached(sha256(content).digest(), WORLD.member_key, WORLD.member, SIGNED, AUTHORISATION.sha256)
