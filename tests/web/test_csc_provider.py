"""A member whose key lives at a cloud signature provider: enrolled, signing over HTTP, and each way it goes wrong."""

import asyncio
import json
import logging
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import authorising, enrolling
from conduct.outside_keys import CredentialSpent, OutsideKeys
from conduct.ports import Actor
from signing.ca import Subject
from signing.cms import P256_ORDER, CmsRefused, verify_detached
from signing.keys import new_key
from tests.gateways.csc_provider import CscProvider, Json, Misbehave, csc_provider
from tests.gateways.licensed_ca import authorities
from tests.services.evaluation import CASE
from tests.services.outside_keys import with_provider
from tests.web.committee import Committee, committee, seated_in
from tests.web.conftest import Caller
from web.limits import Limits

DESK = Actor("checkin", "desk", "V1")
MEMBER, ACCOUNT, PIN = "m1", "账号-1", "PIN of 90 31 27"
SHORT = aiohttp.ClientTimeout(total=0.5)


@pytest.fixture(scope="module")
def seats_taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment whose committee is seated; each test takes a copy."""
    return asyncio.run(seated_in(tmp_path_factory.mktemp("seated")))


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """One member tries more often here than a seat may."""
    monkeypatch.setattr(Limits, "take", lambda *_: None)


@dataclass
class Desk:
    """The committee, the provider, and a seat whose member has no key yet."""

    house: Committee
    served: CscProvider
    seat: Caller

    @property
    def name(self) -> tuple[str, str, str]:
        """On which a credential of the member is certified."""
        return self.house.state.members[MEMBER].alias, self.house.evaluation.office.organisation, CASE  # type: ignore[index]

    async def enrol(self, account: str = ACCOUNT) -> tuple[int, str]:
        return await told(await self.seat.post(f"{self.house.path}/enrol", {"account": account}))

    async def prepare(self) -> str:
        answer = await self.seat.post(f"{self.house.path}/prepare/pledge", {})
        return str((await answer.json())["batch"])

    async def sign(self, batch: str, pin: str = PIN) -> tuple[int, str]:
        given = {"batch": batch, "password": pin}
        return await told(await self.seat.post(f"{self.house.path}/sign/pledge", given))

    async def reissue(self) -> None:
        """The desk has checked the identity again; the seat is entered anew."""
        await self.house.evaluation.do(enrolling.reissue, DESK, "second", MEMBER)
        self.seat = await self.house.seat(MEMBER)

    def set_provider(self, outside: OutsideKeys | None) -> None:
        """As if the server had been started with other settings."""
        object.__setattr__(self.house.evaluation.office, "outside", outside)

    @property
    def row(self) -> Json | None:
        return self.house.evaluation.store.look(lambda tx: tx.shelf(CASE, "credential").get(MEMBER))

    def stated(self, kind: str) -> list[bytes]:
        return self.house.evaluation.store.look(lambda tx: [data for _, data in tx.statements(CASE, kind)])


def holding(folder: Path, secret: bytes) -> list[Path]:
    """The files with a secret in them."""
    return [path for path in folder.rglob("*") if path.is_file() and secret in path.read_bytes()]


async def told(answer: aiohttp.ClientResponse) -> tuple[int, str]:
    return answer.status, (await answer.json()).get("code", "")


@pytest.fixture
async def desk(seats_taken: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with at_a_desk(seats_taken, tmp_path) as made:
        yield made


@asynccontextmanager
async def at_a_desk(seats_taken: Path, folder: Path) -> AsyncIterator[Desk]:
    shutil.copytree(seats_taken, folder, dirs_exist_ok=True)
    async with csc_provider() as served, committee(folder) as house:
        former, office = house.evaluation.office, with_provider(house.evaluation.office, served, SHORT)
        for name in ("activation", "outside"):
            object.__setattr__(former, name, getattr(office, name))
        await house.evaluation.do(enrolling.reissue, DESK, "second", MEMBER)
        yield Desk(house, served, await house.seat(MEMBER))
        assert office.outside is not None
        await office.outside.provider.close()


async def test_a_member_names_an_account_and_signs_with_the_key_that_lives_there(desk: Desk) -> None:
    held = desk.served.give(ACCOUNT, desk.name, PIN)
    page = Caller(desk.seat.client, cookies=desk.seat.cookies, csrf=desk.seat.csrf)
    shown = await (await page.get(f"{desk.house.path}/enrol")).text()
    assert "现在请您填写云签名账号。" in shown
    assert 'type="password"' not in shown
    assert await desk.enrol(f" {ACCOUNT} ") == (200, "")
    (enrolled,) = [json.loads(data)["body"] for data in desk.stated("certificate.reissued")]
    assert (enrolled["provider"], enrolled["certificate"]) == (desk.served.url, b64encode(held.chain[0]).decode())
    assert await desk.sign(await desk.prepare()) == (200, "")

    (statement,), (signed,) = desk.stated("pledge.signed"), desk.house.evaluation.store.signatures(CASE)
    now, root = datetime.now(UTC), desk.served.ca.root.certificate
    found = verify_detached(signed.cms, sha256(statement).digest(), [root], now)
    # What the provider was asked to sign are the attributes that name the authorisation record, and nothing else.
    (asked,) = desk.served.calls("credentials/authorize")
    assert asked["hash"] == [b64encode(sha256(found.signed_bytes()).digest()).decode()]
    with pytest.raises(CmsRefused):
        verify_detached(signed.cms, sha256(statement).digest(), [authorities().root.certificate], now)


async def test_the_pin_is_nowhere_but_in_the_call_that_needs_it(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.served.give(ACCOUNT, desk.name, PIN)
    assert await desk.enrol() == (200, "")
    batch = await desk.prepare()
    desk.served.misbehave["credentials/authorize"] = lambda asked, _: web.json_response(
        {"error": "odd", "error_description": f"not {asked['PIN']}"}, status=400
    )
    assert await desk.sign(batch) == (409, "provider.refused")
    desk.served.misbehave.clear()
    assert await desk.sign(batch) == (200, "")
    assert PIN not in caplog.text
    assert [name for name, asked in desk.served.asked if PIN in json.dumps(asked)] == ["credentials/authorize"] * 2
    assert not await asyncio.to_thread(holding, tmp_path, PIN.encode())


async def test_the_pin_is_sent_in_the_letters_it_was_typed_in(desk: Desk) -> None:
    pin = "ＰＩＮ ①９０"  # of an input method: another text in NFKC, the spelling of passwords that are kept here
    desk.served.give(ACCOUNT, desk.name, pin)
    assert await desk.enrol() == (200, "")
    assert await desk.sign(await desk.prepare(), pin) == (200, "")


async def test_words_of_the_provider_stay_in_one_line_of_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.served.give(ACCOUNT, desk.name, PIN)
    assert await desk.enrol() == (200, "")
    batch, words = await desk.prepare(), {"error": "odd", "error_description": "one\nWARNING two\r\u2028three"}
    desk.served.misbehave = dict.fromkeys(
        ("credentials/list", "credentials/authorize"), lambda *_: web.json_response(words, status=400)
    )
    assert await desk.enrol() == (409, "provider.refused")
    assert await desk.sign(batch) == (409, "provider.refused")
    said = [one.getMessage() for one in caplog.records if one.name == "bid.provider"]
    assert len(said) == 2
    assert all(len(one.splitlines()) == 1 and "WARNING two" in one for one in said)


async def test_a_certificate_of_before_is_not_enrolled_again_and_another_of_the_account_is(desk: Desk) -> None:
    desk.served.give(ACCOUNT, desk.name, PIN)
    assert await desk.enrol() == (200, "")
    assert await desk.sign(await desk.prepare()) == (200, "")
    await desk.reissue()
    assert await desk.enrol() == (409, "provider.spent")
    fitting = desk.served.give(ACCOUNT, desk.name, PIN)
    fitting.says = {"SCAL": "1"}
    assert await desk.enrol() == (409, "provider.not_scal2"), "what can be mended is said before what is spent"
    fitting.says = {}
    assert await desk.enrol() == (200, "")
    first, second = (json.loads(data)["body"]["certificate"] for data in desk.stated("certificate.reissued"))
    assert first != second == b64encode(fitting.chain[0]).decode()


async def test_a_certificate_enrolled_while_the_provider_was_asked_is_refused_when_it_is_stated(desk: Desk) -> None:
    desk.served.give(ACCOUNT, desk.name, PIN)
    outside, (alias, organisation, case) = desk.house.evaluation.office.outside, desk.name
    assert outside is not None
    found = await outside.find(ACCOUNT, Subject(alias, organisation, case), frozenset())
    assert await desk.enrol() == (200, "")
    await desk.reissue()
    key, size = enrolling.key_elsewhere("another name", found, None), desk.house.state.size
    with pytest.raises(CredentialSpent):
        await desk.house.evaluation.do(enrolling.enrol_again, desk.house.evaluation.office, MEMBER, key)
    assert (desk.row, desk.house.state.size) == (None, size)


async def test_after_a_change_of_provider_no_pin_leaves_and_no_key_is_made_here_instead(desk: Desk) -> None:
    desk.served.give(ACCOUNT, desk.name, PIN)
    assert await desk.enrol() == (200, "")
    batch, asked, outside = await desk.prepare(), len(desk.served.asked), desk.house.evaluation.office.outside
    assert outside is not None
    for setting in (replace(outside, address="https://another.example/csc/v1"), None):
        desk.set_provider(setting)
        assert await desk.sign(batch) == (409, "provider.changed")
        assert (len(desk.served.asked), (desk.row or {})["tries"], (desk.row or {})["open"]) == (asked, 0, 0)
    await desk.reissue()
    given = {"password": "715934", "again": "715934"}
    assert await told(await desk.seat.post(f"{desk.house.path}/enrol", given)) == (409, "provider.changed")
    assert desk.row is None
    desk.set_provider(outside)
    desk.served.give(ACCOUNT, desk.name, PIN)
    assert await desk.enrol() == (200, "")


async def test_where_sm2_is_wanted_the_page_says_that_the_key_is_made_here(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Caller(desk.seat.client, cookies=desk.seat.cookies, csrf=desk.seat.csrf)
    words = "签名私钥由本系统保管，不使用您在云签名服务的账号和密码"
    assert words not in await (await page.get(f"{desk.house.path}/enrol")).text()
    monkeypatch.setattr(authorising, "algorithms_of", lambda *_: "both")
    assert words in await (await page.get(f"{desk.house.path}/enrol")).text()


async def test_a_wrong_pin_is_a_try_on_record_and_another_refusal_is_none(desk: Desk) -> None:
    desk.served.give(ACCOUNT, desk.name, PIN)
    assert await desk.enrol() == (200, "")
    batch = await desk.prepare()
    assert await desk.sign(batch, "000000") == (403, "signing.password_wrong")
    assert (desk.row or {})["tries"] == 1
    (failed,) = [json.loads(data)["body"] for data in desk.stated("password.failed")]
    assert (failed["member"], failed["tries"]) == (MEMBER, 1)
    for _ in range(2):
        assert await desk.sign(batch, "000000") == (403, "signing.password_wrong")
    # The provider has locked it by now and says so for any password: no try of ours.
    assert await desk.sign(batch) == (409, "provider.refused")
    assert ((desk.row or {})["tries"], (desk.row or {})["open"]) == (3, 0)
    assert not desk.stated("pledge.signed")


async def hang(_: Json, __: Json) -> web.Response:
    await asyncio.Event().wait()
    return web.Response()


def in_pieces(_: Json, answer: Json) -> web.Response:
    """What it would have answered, one byte at a time."""
    data = json.dumps(answer).encode()

    async def bytewise() -> AsyncIterator[bytes]:
        for at in range(len(data)):
            yield data[at : at + 1]

    return web.Response(body=bytewise(), content_type="application/json")


def others(answer: Json) -> list[str]:
    """As many signatures by another key."""
    return [b64encode(new_key().sign_digest(bytes(32))).decode() for _ in answer["signatures"]]


AWAY, BOTH = (503, "provider.away"), ("credentials/authorize", "signatures/signHash")
ANY_CALL: list[tuple[Misbehave, tuple[int, str]]] = [
    (lambda *_: web.Response(status=500), AWAY),
    (lambda *_: web.Response(status=429, text="{}"), AWAY),
    (lambda *_: web.Response(status=307, headers={"Location": "/csc/v1/info"}), AWAY),
    (hang, AWAY),
    (lambda *_: web.Response(text="{"), AWAY),
    (lambda *_: web.Response(text='{"signatures":' + "[" * 2000 + "]" * 2000 + "}"), AWAY),
    (lambda *_: {}, AWAY),
    (lambda *_: web.Response(body=b" " * 300_000), AWAY),
    (lambda *_: web.json_response({"error": "access_denied"}, status=403), (409, "provider.refused")),
]
ZEROS, NEGATIVE = bytes.fromhex("3006020100020100"), bytes.fromhex("30080201ff0203ffffff")
SIGNING: list[tuple[Misbehave, tuple[int, str]]] = [
    (lambda *_: {"signatures": ["*"]}, AWAY),
    (lambda *_: {"signatures": []}, (409, "provider.too_few")),
    (lambda _, answer: {"signatures": answer["signatures"] * 2}, (409, "provider.too_few")),
    (lambda _, answer: {"signatures": others(answer)}, (409, "provider.signature_wrong")),
    *(
        (lambda *_, value=value: {"signatures": [b64encode(value).decode()]}, (409, "provider.signature_wrong"))
        for value in (b"none", ZEROS, NEGATIVE, encode_dss_signature(1, P256_ORDER + 1))
    ),
]


def wrong_answers() -> Iterator[tuple[str, Misbehave, tuple[int, str]]]:
    """At which call, what is answered, what becomes of it."""
    yield from ((method, *one) for method in BOTH for one in ANY_CALL)
    yield from (("signatures/signHash", *one) for one in SIGNING)


async def test_a_wrong_answer_signs_nothing_costs_no_try_and_may_be_asked_again(desk: Desk) -> None:
    held = desk.served.give(ACCOUNT, desk.name, PIN)
    assert await desk.enrol() == (200, "")
    batch, size = await desk.prepare(), desk.house.state.size
    for method, misbehave, refusal in wrong_answers():
        desk.served.misbehave = {method: misbehave}
        assert await desk.sign(batch) == refusal, (method, refusal)
        row: Any = desk.row
        assert (row["tries"], row["open"], desk.house.state.size) == (0, 0, size), (method, refusal)
    held.key, right = new_key(), held.key  # another key than the certificate's
    desk.served.misbehave.clear()
    assert await desk.sign(batch) == (409, "provider.signature_wrong")
    held.key = right
    desk.served.misbehave = dict.fromkeys(BOTH, in_pieces)
    assert await desk.sign(batch) == (200, "")
    again = len(desk.served.asked)
    assert await desk.sign(batch) == (200, ""), "the same POST gives the same receipt"
    assert (len(desk.stated("pledge.signed")), len(desk.served.asked)) == (1, again)


async def test_credentials_that_do_not_fit_enrol_nobody(desk: Desk) -> None:
    alias, organisation, case = desk.name
    size = desk.house.state.size
    assert await desk.enrol("") == (422, "provider.account_needed")
    assert await desk.enrol("nobody") == (409, "provider.no_credential")
    unsuitable: tuple[Json, ...] = (
        {"key": {"status": "disabled", "algo": ["1.2.840.10045.4.3.2"]}},
        {"key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.1"]}},
        {"authMode": "implicit"},
        {"authMode": "oauth2code"},
        {"PIN": {"presence": "false"}},
        {"OTP": {"presence": "true", "type": "offline"}},
        {"multisign": 0},
    )
    refused = {"provider.not_scal2": ({"SCAL": "1"}, {"SCAL": "3"}), "provider.unsuitable": unsuitable}
    held = desk.served.give(ACCOUNT, desk.name, PIN)
    for code, cases in refused.items():
        for held.says in cases:
            assert await desk.enrol() == (409, code), held.says
    held.says = {}
    held.chain, right = held.chain * 2, held.chain
    assert await desk.enrol() == (409, "provider.chain_refused")
    held.chain = right[::-1]
    assert await desk.enrol() == (409, "provider.chain_refused")
    held.chain = right[:1]
    assert await desk.enrol() == (409, "provider.chain_refused")
    stranger = authorities("另一家机构")
    own, desk.served.ca = desk.served.ca, stranger
    held.chain = desk.served.give("elsewhere", desk.name, PIN).chain
    assert await desk.enrol() == (409, "provider.chain_refused")
    desk.served.ca = own
    for name, days in (((alias, organisation, "another"), 29), (("评委9", organisation, case), 29), (desk.name, 31)):
        held.chain = desk.served.give("elsewhere", name, PIN, days).chain
        assert await desk.enrol() == (409, "provider.chain_refused"), name
    assert (desk.row, desk.house.state.size) == (None, size)
    # The one that fits is taken among others, with the root behind its chain or without.
    fitting = desk.served.give(ACCOUNT, desk.name, PIN)
    fitting.chain = [*fitting.chain, desk.served.ca.root.certificate.public_bytes(Encoding.DER)]
    assert await desk.enrol() == (200, "")
    assert await desk.sign(await desk.prepare()) == (200, "")


async def test_a_provider_that_is_away_or_offers_too_little_enrols_nobody(desk: Desk) -> None:
    desk.served.give(ACCOUNT, desk.name, PIN)
    for method in ("info", "credentials/list", "credentials/info"):
        for misbehave, refusal in ANY_CALL:
            desk.served.misbehave = {method: misbehave}
            assert await desk.enrol() == refusal, (method, refusal)
    desk.served.misbehave = {"info": lambda *_: {"methods": ["credentials/list"]}}
    assert await desk.enrol() == (409, "provider.unsuitable")
    desk.served.misbehave = {}
    assert desk.row is None
    assert await desk.enrol() == (200, "")


async def test_a_password_instead_of_an_account_makes_no_key_here(desk: Desk) -> None:
    given = {"password": "715934", "again": "715934"}
    assert await told(await desk.seat.post(f"{desk.house.path}/enrol", given)) == (422, "provider.account_needed")
    assert desk.row is None
