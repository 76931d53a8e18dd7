"""An outside time-stamp authority over real HTTP, served by `openssl ts -reply`: believed, or refused by its reason."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from archive.verifier import timestamp
from archive.verifier.trust import certificates_in
from conduct.stamping import NotStamped
from gateways.timestamps import REPLY, HttpAuthority

IMPRINT = sha256(b"a signature").digest()
POLICY, OTHER_POLICY = "1.2.3.4.1", "1.2.3.4.2"
CONFIGURATION = f"""
[tsa]
default_tsa = ours
[ours]
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = DIGEST
default_policy = {POLICY}
digests = sha256
ess_cert_id_alg = sha256
"""
KEYS = {
    "p256": ("ec", "ec_paramgen_curve:P-256", "sha256"),
    "rsa": ("rsa", "rsa_keygen_bits:2048", "sha256"),
    "rsa-sha512": ("rsa", "rsa_keygen_bits:3072", "sha512"),
}


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def found(folder: Path, algorithm: str) -> Path:
    """An authority of that kind of key: a CA and below it a certificate for time stamping alone."""
    folder.mkdir()
    kind, option, digest = KEYS[algorithm]
    for name in ("ca", "tsa"):
        openssl(folder, "genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", f"{name}.key")
    usual = (f"-{digest}", "-days", "30")
    openssl(
        folder, "req", "-x509", "-new", "-key", "ca.key", *usual, "-out", "ca.pem", "-subj", "/CN=Synthetic CA",
        "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    openssl(folder, "req", "-new", "-key", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Synthetic TSA")
    (folder / "tsa.cnf").write_text("keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n")
    openssl(
        folder, "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "7", *usual,
        "-extfile", "tsa.cnf", "-out", "tsa.pem",
    )  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "openssl.cnf").write_text(CONFIGURATION.replace("DIGEST", digest))
    return folder


class Office:
    """Answers as `openssl ts` does, unless `answer` holds something else to say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answer: web.Response | None = None
        self.queries: list[bytes] = []

    async def reply(self, request: web.Request) -> web.Response:
        self.queries.append(await request.read())
        if self.answer is not None:
            return self.answer
        return web.Response(body=await asyncio.to_thread(self.stamp, self.queries[-1]), content_type=REPLY)

    def stamp(self, query: bytes) -> bytes:
        (self.folder / "asked.tsq").write_bytes(query)
        openssl(self.folder, "ts", "-reply", "-queryfile", "asked.tsq", "-config", "openssl.cnf", "-out", "a.tsr")
        return (self.folder / "a.tsr").read_bytes()


@pytest.fixture(params=list(KEYS))
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Office:
    return Office(found(tmp_path / request.param, request.param))


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[str]:
    """The office's address while it is open."""
    app = web.Application()
    app.router.add_post("/", office.reply)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


@pytest.fixture
async def url(office: Office) -> AsyncIterator[str]:
    async with served(office) as address:
        yield address


async def stamp(url: str, office: Office, policy: str = "", trusted: str = "ca.pem") -> bytes:
    authority = HttpAuthority(url, policy, (office.folder / trusted).read_bytes())
    try:
        return await authority.stamp(IMPRINT)
    finally:
        await authority.close()


@pytest.mark.parametrize("policy", ["", POLICY])
async def test_a_stamp_is_believed_by_openssl_and_by_the_strangers_check(url: str, office: Office, policy: str) -> None:
    response = await stamp(url, office, policy)
    told = timestamp.read(response)
    assert told.imprint == IMPRINT
    trusted = certificates_in((office.folder / "ca.pem").read_bytes())
    assert timestamp.verify(response, IMPRINT, trusted, told.at) == told


async def test_each_question_has_a_nonce_of_its_own(url: str, office: Office) -> None:
    for _ in range(2):
        await stamp(url, office)
    assert office.queries[0] != office.queries[1]


async def test_an_answer_to_an_earlier_question_is_refused(url: str, office: Office) -> None:
    office.answer = web.Response(body=await stamp(url, office), content_type=REPLY)
    with pytest.raises(NotStamped, match="nonce"):
        await stamp(url, office)


async def test_a_policy_that_the_authority_does_not_follow_is_refused(url: str, office: Office) -> None:
    with pytest.raises(NotStamped):
        await stamp(url, office, OTHER_POLICY)


async def test_an_authority_under_another_ca_is_refused(url: str, office: Office, tmp_path: Path) -> None:
    stranger = found(tmp_path / "stranger", "p256")
    (office.folder / "other.pem").write_bytes((stranger / "ca.pem").read_bytes())
    with pytest.raises(NotStamped):
        await stamp(url, office, trusted="other.pem")


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=503),
        web.Response(text="down for maintenance"),
        web.Response(body=b"\x30\x03\x02\x01\x00", content_type=REPLY),
        web.Response(body=bytes(70_000), content_type=REPLY),
    ],
    ids=["error", "page", "no stamp", "endless"],
)
async def test_an_answer_that_is_no_stamp_is_refused(tmp_path: Path, answer: web.Response) -> None:
    office = Office(found(tmp_path / "p256", "p256"))
    office.answer = web.Response(
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,  # a response is sent once
    )
    async with served(office) as url:
        with pytest.raises(NotStamped):
            await stamp(url, office)


async def test_an_authority_that_is_not_there_is_said_to_be_away(tmp_path: Path) -> None:
    office = Office(found(tmp_path / "p256", "p256"))
    async with served(office) as url:
        pass
    with pytest.raises(NotStamped, match="Connect"):
        await stamp(url, office)


async def test_a_clock_far_from_ours_is_refused(url: str, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.timestamps.MOST_APART_S", -1)
    with pytest.raises(NotStamped, match="clock"):
        await stamp(url, office)
