"""The centre's time-stamp authority served over HTTP, asked by openssl's client and by our own for outside ones."""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conduct.stamping import NotStamped
from gateways.timestamps import HttpAuthority
from signing import der
from signing.ca import Subject, Term, make_issuing, make_root, make_stamper
from signing.cms import Chain
from signing.dialects import SHA_256
from signing.keys import new_key
from signing.timestamp import POLICY, Stamper, request
from signing.timestamp_query import EXTENSIONS, Failure, answer
from tests.web.fakes import House
from web.app import make_app
from web.limits import Limits
from web.views.timestamping import QUERY, REPLY, STAMPS

DATA = b"bytes of a stranger"
IMPRINT = sha256(DATA).digest()
SINCE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
ROOT = make_root(Subject("根证书", "演示交易中心"), new_key(), 1, SINCE)
OTHER_POLICY = "1.2.3.4.1"
Client = TestClient[web.Request, web.Application]


def founded() -> Stamper:
    """An authority under ROOT as a deployment makes it."""
    issuing, key = make_issuing(ROOT, Subject("签发证书", "演示交易中心"), new_key(), 2, SINCE), new_key()
    term = Term(3, SINCE, SINCE + timedelta(days=3650))
    return Stamper(
        Chain(make_stamper(issuing, Subject("时间戳", "演示交易中心"), key.public_key, term), issuing.certificate), key
    )


STAMPER = founded()


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


@pytest.fixture
async def served(house: House) -> AsyncIterator[Client]:
    services = replace(house.services, stamper=STAMPER, clock=lambda: datetime.now(UTC))
    async with TestClient(TestServer(make_app(services))) as client:
        yield client


def openssl(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["openssl", "ts", *arguments], cwd=folder, check=False, capture_output=True, text=True)


async def asked(client: Client, query: bytes, media: str = QUERY) -> ClientResponse:
    return await client.post("/timestamp", data=query, headers={"Content-Type": media})


def failure(reply: bytes) -> Failure:
    """The one bit of the answer's PKIFailureInfo; there is no token."""
    (status,) = der.read(reply).fields(der.SEQUENCE, 1)
    number, _words, bits = status.fields(der.SEQUENCE, 3)
    assert number.raw == der.integer(2)
    unused, *octets = bits.content
    return Failure(8 * len(octets) - 1 - unused)


@pytest.mark.parametrize("digest", ["-sha256", "-sha384", "-sha512", "-sm3"])
@pytest.mark.parametrize("more", [[], ["-cert"], ["-cert", "-no_nonce", "-tspolicy", POLICY]])
async def test_openssl_asks_over_http_and_believes_the_answer(
    served: Client, tmp_path: Path, digest: str, more: list[str]
) -> None:
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "root.pem").write_bytes(pem(ROOT.certificate))
    (tmp_path / "chain.pem").write_bytes(pem(STAMPER.chain.signer) + pem(STAMPER.chain.issuing))
    assert openssl(tmp_path, "-query", "-data", "data", digest, *more, "-out", "a.tsq").returncode == 0
    reply = await asked(served, (tmp_path / "a.tsq").read_bytes())
    assert (reply.status, reply.content_type) == (200, REPLY)
    (tmp_path / "a.tsr").write_bytes(await reply.read())
    chain = [] if "-cert" in more else ["-untrusted", "chain.pem"]
    believed = ("-verify", "-in", "a.tsr", "-CAfile", "root.pem", *chain)
    assert openssl(tmp_path, *believed, "-queryfile", "a.tsq").returncode == 0
    assert openssl(tmp_path, *believed, "-data", "data").returncode == 0
    assert (pem(STAMPER.chain.signer) in certificates(tmp_path)) is ("-cert" in more)


def certificates(folder: Path) -> bytes:
    """The certificates in the token of `a.tsr`."""
    assert openssl(folder, "-reply", "-in", "a.tsr", "-token_out", "-out", "a.p7").returncode == 0
    command = ["openssl", "pkcs7", "-inform", "DER", "-in", "a.p7", "-print_certs"]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


async def test_our_client_for_outside_authorities_believes_it(served: Client) -> None:
    authority = HttpAuthority(str(served.make_url("/timestamp")), POLICY, pem(ROOT.certificate))
    try:
        assert await authority.stamp(IMPRINT)
    finally:
        await authority.close()


async def test_our_client_refuses_it_for_another_policy(served: Client) -> None:
    authority = HttpAuthority(str(served.make_url("/timestamp")), OTHER_POLICY, pem(ROOT.certificate))
    with pytest.raises(NotStamped):
        await authority.stamp(IMPRINT)
    await authority.close()


MD5 = der.sequence(der.oid("1.2.840.113549.2.5"), der.element(0x05))
GOOD = der.sequence(SHA_256, der.octets(IMPRINT))
NONCE = der.integer(7)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        pytest.param(b"", Failure.BAD_DATA_FORMAT, id="nothing"),
        pytest.param(b"<html>", Failure.BAD_DATA_FORMAT, id="no DER"),
        pytest.param(request(IMPRINT, 7) + b"\0", Failure.BAD_DATA_FORMAT, id="something behind it"),
        pytest.param(der.sequence(der.integer(2), GOOD), Failure.BAD_REQUEST, id="version 2"),
        pytest.param(
            der.sequence(der.integer(1), der.sequence(MD5, der.octets(bytes(16)))), Failure.BAD_ALGORITHM, id="MD5"
        ),
        pytest.param(
            der.sequence(der.integer(1), der.sequence(SHA_256, der.octets(IMPRINT[:-1]))),
            Failure.BAD_DATA_FORMAT,
            id="cut digest",
        ),
        pytest.param(request(IMPRINT, 7, OTHER_POLICY), Failure.UNACCEPTED_POLICY, id="another policy"),
        pytest.param(
            der.sequence(der.integer(1), GOOD, NONCE, der.element(EXTENSIONS, b"")),
            Failure.UNACCEPTED_EXTENSION,
            id="an extension",
        ),
        pytest.param(der.sequence(der.integer(1), GOOD, NONCE, NONCE), Failure.BAD_DATA_FORMAT, id="two nonces"),
        pytest.param(
            der.sequence(der.integer(1), GOOD, der.element(der.BOOLEAN, b"\0")), Failure.BAD_DATA_FORMAT, id="a default"
        ),
        pytest.param(
            der.sequence(der.integer(1), GOOD, der.integer(1 << 300)), Failure.BAD_DATA_FORMAT, id="endless nonce"
        ),
        pytest.param(
            der.sequence(der.integer(1), GOOD, b"\x02\x00"), Failure.BAD_DATA_FORMAT, id="a nonce without a byte"
        ),
        pytest.param(
            der.sequence(der.integer(1), GOOD, b"\x02\x02\x00\x01"), Failure.BAD_DATA_FORMAT, id="a long-winded nonce"
        ),
        pytest.param(
            der.sequence(der.integer(1), GOOD, b"\x02\x02\xff\x80"), Failure.BAD_DATA_FORMAT, id="one below zero"
        ),
    ],
)
async def test_a_question_without_a_stamp_is_told_why_as_the_protocol_says(
    served: Client, tmp_path: Path, query: bytes, why: Failure
) -> None:
    reply = await asked(served, query)
    assert (reply.status, reply.content_type) == (200, REPLY)
    said = await reply.read()
    assert failure(said) is why
    (tmp_path / "a.tsr").write_bytes(said)
    shown = openssl(tmp_path, "-reply", "-in", "a.tsr", "-text")
    assert "Status: Rejected." in shown.stdout


def test_a_clock_outside_the_certificates_life_gives_no_time() -> None:
    reply = answer(STAMPER, request(IMPRINT, 7), SINCE - timedelta(days=1), 5)
    assert failure(reply) is Failure.TIME_NOT_AVAILABLE


async def test_every_changed_byte_of_a_question_is_answered(served: Client) -> None:
    query = request(IMPRINT, 7, POLICY)
    for place in range(len(query)):
        changed = bytearray(query)
        changed[place] ^= 0x81
        assert answer(STAMPER, bytes(changed), datetime.now(UTC), 5)


async def test_what_is_no_query_or_too_long_or_too_often_gets_an_answer_of_http(
    served: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Limits.take
    monkeypatch.setattr(Limits, "take", lambda limits, rate, caller, _now: take(limits, rate, caller, 0.0))
    assert (await asked(served, request(IMPRINT, 7), "application/json")).status == 415
    assert (await asked(served, bytes(STAMPS.max_bytes + 1))).status == 413
    answers = [(await asked(served, request(IMPRINT, 7))).status for _ in range(STAMPS.burst - 1)]
    assert answers == [200] * (STAMPS.burst - 2) + [429]


async def test_unless_it_is_switched_on_nobody_is_stamped(client: Client) -> None:
    assert (await asked(client, request(IMPRINT, 7))).status == 404
