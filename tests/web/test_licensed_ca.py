"""A member's certificate from a licensed CA: its signatures hold under that root, and what is wrong enrols nobody."""

import asyncio
import shutil
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography import x509

from conduct import enrolling
from conduct.activation.keyholder import Keyholder
from conduct.licensed import Licensed
from conduct.ports import Actor, Tx
from conduct.report import _certificates
from gateways.licensed_ca import HttpLicensedCa
from signing.cms import CmsRefused, verify_detached
from signing.keys import new_key
from tests.gateways.licensed_ca import NAME, TOKEN, LicensedCaServer, Misbehave, authorities, licensed_ca, read
from tests.services.activation import Direct
from tests.services.evaluation import CASE, PASSWORD
from tests.web.committee import Committee, committee, seated_in
from tests.web.conftest import Caller

MEMBER = "m1"
SHORT = aiohttp.ClientTimeout(total=0.3)
ENROL = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture(scope="module")
def seats_taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment whose committee is seated; each test takes a copy."""
    return asyncio.run(seated_in(tmp_path_factory.mktemp("seated")))


@pytest.fixture
async def ca() -> AsyncIterator[LicensedCaServer]:
    async with licensed_ca() as made:
        yield made


@pytest.fixture
async def house(seats_taken: Path, tmp_path: Path, ca: LicensedCaServer) -> AsyncIterator[Committee]:
    """The office asks the licensed CA, and the process that signs believes its root, too."""
    shutil.copytree(seats_taken, tmp_path, dirs_exist_ok=True)
    gateway = HttpLicensedCa(ca.url, TOKEN, SHORT)
    async with committee(tmp_path) as made:
        office = made.evaluation.office
        object.__setattr__(office, "licensed", Licensed(gateway, ca.root.certificate))
        assert isinstance(office.activation, Direct)
        former: Any = office.activation._keyholder
        keyholder = Keyholder(former._keystore, [*former._roots, ca.root.certificate], former._clock)
        object.__setattr__(office, "activation", Direct(keyholder))
        await made.evaluation.do(enrolling.reissue, Actor("checkin", "desk", "V1"), "second", MEMBER)
        yield made
    await gateway.close()


def certificate_of(house: Committee) -> x509.Certificate | None:
    row = house.evaluation.store.look(lambda tx: tx.shelf(CASE, "credential").get(MEMBER))
    return x509.load_der_x509_certificate(b64decode(row["certificate"])) if row else None


async def enrol(seat: Caller, house: Committee) -> tuple[int, str]:
    answer = await seat.post(f"{house.path}/enrol", ENROL)
    return answer.status, (await answer.json()).get("code", "")


async def test_a_member_signs_with_a_certificate_of_the_licensed_ca(house: Committee, ca: LicensedCaServer) -> None:
    seat = await house.seat(MEMBER)
    assert await enrol(seat, house) == (200, "")
    certificate = certificate_of(house)
    assert certificate is not None
    assert certificate.issuer == ca.issuing.certificate.subject
    (asked,) = ca.asked
    row = house.state.members[MEMBER]  # type: ignore[index]
    about = {"alias": row.alias, "kind": row.kind, "venue": row.venue, "seat": row.seat}
    assert asked["identity"] == {"case": CASE, "member": MEMBER, **about}
    await house.sign(seat, "pledge")
    (statement,) = house.evaluation.store.look(lambda tx: [data for _, data in tx.statements(CASE, "pledge.signed")])
    (signed,) = house.evaluation.store.signatures(CASE)
    digest, now = sha256(statement).digest(), datetime.now(UTC)
    found = verify_detached(signed.cms, digest, [ca.root.certificate], now)
    assert found.chain.signer == certificate
    with pytest.raises(CmsRefused):
        verify_detached(signed.cms, digest, [own_root(house)], now)


def own_root(house: Committee) -> x509.Certificate:
    activation: Any = house.evaluation.office.activation
    root: x509.Certificate = activation._keyholder._roots[0]
    return root


async def hang(_: web.Request, __: Any) -> web.Response:  # noqa: ANN401 - JSON
    await asyncio.Event().wait()
    return web.Response()


STRANGER = authorities("另一家机构")
WRONG = [
    (lambda *_: web.Response(status=500), (503, "licensed.away")),
    (lambda *_: web.Response(status=302, headers={"Location": "/elsewhere"}), (503, "licensed.away")),
    (hang, (503, "licensed.away")),
    (lambda *_: web.Response(text="{"), (503, "licensed.away")),
    (lambda *_: web.json_response({"v": "other/1", "certificates": []}), (503, "licensed.away")),
    (lambda *_: web.Response(body=b" " * 70_000), (503, "licensed.away")),
    (lambda *_: web.json_response({"error": "合同已到期（演示）"}, status=402), (409, "licensed.refused")),
    (lambda *_: [], (409, "licensed.chain_refused")),
    (lambda *_: [b"none", b"none"], (409, "licensed.chain_refused")),
    (lambda _, asked: STRANGER.certify(read(asked)), (409, "licensed.chain_refused")),
]


@pytest.mark.parametrize(("misbehave", "refusal"), WRONG)
async def test_a_wrong_answer_enrols_nobody_loses_nothing_and_may_be_asked_again(
    house: Committee, ca: LicensedCaServer, misbehave: Misbehave, refusal: tuple[int, str]
) -> None:
    seat, size = await house.seat(MEMBER), house.state.size
    ca.misbehave = misbehave
    assert await enrol(seat, house) == refusal
    assert (certificate_of(house), house.state.size) == (None, size)
    ca.misbehave = None
    assert await enrol(seat, house) == (200, "")
    await house.sign(seat, "pledge")


async def test_a_certificate_on_another_key_name_or_time_is_refused(house: Committee, ca: LicensedCaServer) -> None:
    seat = await house.seat(MEMBER)
    wrong = (
        lambda _, asked: ca.certify(read(asked), key=new_key().public_key),
        lambda _, asked: ca.certify(read(asked), days=31),
        lambda _, asked: ca.certify(read(asked))[::-1],
        lambda _, asked: ca.certify(read(asked)) * 2,
        lambda _, asked: ca.certify(read(asked), name="评委9"),
    )
    for misbehave in wrong:
        ca.misbehave = misbehave
        assert await enrol(seat, house) == (409, "licensed.chain_refused")
    assert certificate_of(house) is None


async def test_the_report_says_whose_certificates_they_are(house: Committee) -> None:
    def said(tx: Tx) -> str:
        return _certificates(tx, tx.case(CASE))

    seat = await house.seat(MEMBER)
    assert await enrol(seat, house) == (200, "")
    assert "内部证书，非第三方电子认证" in house.evaluation.store.look(said), "one of five is licensed"
    for member in sorted(set(house.state.members) - {MEMBER}):
        desk = Actor("checkin", "desk", house.state.members[member].venue)
        await house.evaluation.do(enrolling.reissue, desk, "second", member)
        assert await enrol(await house.seat(member), house) == (200, "")
    words = house.evaluation.store.look(said)
    assert f"第三方电子认证证书，{NAME}事件证书签发" in words
    assert "内部证书" not in words
