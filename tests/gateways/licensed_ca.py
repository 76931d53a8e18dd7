"""A licensed CA behind an adapter, served on this machine: it issues as asked, or as a test tells it to misbehave."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from signing.ca import Authority, Subject, Term, make_issuing, make_root, make_signer
from signing.keys import PublicKey, new_key

TOKEN = "a-token-of-the-adapter"
NAME = "演示电子认证机构"
Json = dict[str, Any]
Misbehave = Callable[[web.Request, Json], Any]


@dataclass(frozen=True)
class External(Subject):
    """A name without the mark of the centre's own CA."""

    def to_name(self) -> x509.Name:
        return self.to_external_name()


@dataclass
class LicensedCaServer:
    """Root, issuing CA, what was asked; `misbehave` answers in its place, or gives nothing and lets it answer."""

    root: Authority
    issuing: Authority
    asked: list[Json] = field(default_factory=list)
    misbehave: Misbehave | None = None
    url: str = ""

    def certify(
        self, csr: x509.CertificateSigningRequest, days: int = 29, key: PublicKey | None = None, name: str = ""
    ) -> list[bytes]:
        """Certificate and issuing CA's, DER."""
        texts = {one.oid: str(one.value) for one in csr.subject}
        organisation, case = texts[NameOID.ORGANIZATION_NAME], texts[NameOID.ORGANIZATIONAL_UNIT_NAME]
        subject = External(name or texts[NameOID.COMMON_NAME], organisation, case)
        now = datetime.now(UTC).replace(microsecond=0)
        term = Term(len(self.asked) + 7, now - timedelta(minutes=1), now + timedelta(days=days))
        signer = make_signer(self.issuing, subject, key or csr.public_key(), term)  # type: ignore[arg-type]
        return [one.public_bytes(Encoding.DER) for one in (signer, self.issuing.certificate)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The one call."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "no such customer"}, status=403)
        asked = json.loads(await request.text())
        self.asked.append(asked)
        if self.misbehave is not None:
            other = self.misbehave(request, asked)
            other = await other if asyncio.iscoroutine(other) else other
            if isinstance(other, web.StreamResponse):
                return other
            return granted(other)
        return granted(self.certify(read(asked)))


def granted(chain: list[bytes]) -> web.Response:
    """The answer that hands out a chain."""
    texts = [b64encode(one).decode() for one in chain]
    return web.json_response({"v": "bid-event-certificate/1", "certificates": texts})


def read(asked: Json) -> x509.CertificateSigningRequest:
    """The request, which must be signed by its own key."""
    csr = x509.load_der_x509_csr(b64decode(asked["csr"]))
    assert csr.is_signature_valid
    return csr


def authorities(name: str = NAME) -> LicensedCaServer:
    """A licensed CA that nobody serves yet."""
    since = datetime.now(UTC).replace(microsecond=0) - timedelta(days=400)
    root = make_root(External(f"{name}根证书", name), new_key(), 1, since)
    return LicensedCaServer(root, make_issuing(root, External(f"{name}事件证书", name), new_key(), 2, since))


@asynccontextmanager
async def licensed_ca() -> AsyncIterator[LicensedCaServer]:
    """One that answers."""
    made = authorities()
    app = web.Application()
    app.router.add_post("/certificates", made.answer)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/certificates"))
        yield made
