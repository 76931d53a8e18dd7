"""The CSC API refuses each wrong call, counts wrong passwords with the member's own, and logs what it signs."""

import asyncio
import hashlib
import os
import shutil
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from conduct import enrolling, other_software, pausing, stepping_out
from conduct.activation.refusals import ActivationAway
from conduct.outside_keys import METHODS, ProviderRefused
from conduct.ports import Actor
from gateways.csc_provider import HttpCscProvider
from signing.authorisation import parse_authorisation
from signing.keystore import PasswordWrong
from signing.statement import parse_statement
from tests.services.csc import give_software_key
from tests.services.evaluation import CASE, PASSWORD
from tests.web.committee import Committee, Json, committee, seated_in
from tests.web.conftest import Caller
from web.views.csc import ECDSA_WITH_SHA256

MEMBER, OTHER = "m1", "m2"
WRONG = "500291"


def digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


FIRST, SECOND, THIRD = digest("first"), digest("second"), digest("third")


@dataclass
class Software:
    """Another's program, let in at one member's seat."""

    house: Committee
    seat: Caller
    credential: str
    token: str

    async def call(self, method: str, body: Json | None = None, token: str | None = None) -> tuple[int, Json]:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        answer = await self.house.client.post(f"/csc/v1/{method}", json=body or {}, headers=headers)
        told: Json = await answer.json()
        assert answer.status == 200 or told.keys() == {"error", "error_description"}
        return answer.status, told

    async def authorise(self, *hashes: str, password: str = PASSWORD, **other: Any) -> tuple[int, Json]:  # noqa: ANN401
        asked = {"credentialID": self.credential, "hash": hashes, "numSignatures": len(hashes), "PIN": password}
        return await self.call("credentials/authorize", {**asked, **other})

    async def renew(self) -> None:
        """The member makes another token at the seat."""
        told = await (await self.seat.post(f"{self.house.path}/software", {})).json()
        self.token = told["access_token"]

    async def sad(self, *hashes: str) -> str:
        status, told = await self.authorise(*hashes)
        assert status == 200, told
        assert told["expiresIn"] == 120
        return str(told["SAD"])

    async def sign(self, sad: str, *hashes: str, **other: Any) -> tuple[int, Json]:  # noqa: ANN401
        asked = {"credentialID": self.credential, "SAD": sad, "hash": hashes, "signAlgo": ECDSA_WITH_SHA256}
        return await self.call("signatures/signHash", {**asked, **other})

    def stated(self) -> list[str]:
        return [one.kind for one in self._lines() if one.kind.startswith(("software.", "password."))]

    def last(self) -> Any:  # noqa: ANN401 - a statement
        return self._lines()[-1]

    def tries(self) -> tuple[int, int]:
        row = self.house.evaluation.store.look(lambda tx: tx.shelf(CASE, "credential").get(MEMBER))
        assert row is not None
        return row["tries"], row["open"]

    def _lines(self) -> list[Any]:
        return self.house.evaluation.store.look(lambda tx: [parse_statement(data) for _, data in tx.statements(CASE)])


@pytest.fixture(scope="module")
def seats_taken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment whose committee is seated; each test takes a copy."""
    return asyncio.run(seated_in(tmp_path_factory.mktemp("seated")))


@pytest.fixture
async def house(seats_taken: Path, tmp_path: Path) -> AsyncIterator[Committee]:
    shutil.copytree(seats_taken, tmp_path, dirs_exist_ok=True)
    async with committee(tmp_path) as made:
        object.__setattr__(made.evaluation.office, "csc_name", "演示云签名")
        yield made


async def let_in(house: Committee, member: str) -> Software:
    await give_software_key(house.evaluation, member)
    seat = await house.seat(member)
    told = await (await seat.post(f"{house.path}/software", {})).json()
    return Software(house, seat, told["credential"], told["access_token"])


@pytest.fixture
async def software(house: Committee) -> Software:
    return await let_in(house, MEMBER)


def refused(answer: tuple[int, Json]) -> tuple[int, str]:
    return answer[0], answer[1].get("error", "")


INVALID = (400, "invalid_request")


async def test_our_own_client_of_the_api_signs_through_it(software: Software) -> None:
    """docs/csc-client.md asks, docs/csc.md answers: both sides of the protocol are held against each other."""
    provider = HttpCscProvider(str(software.house.client.make_url("/csc/v1")), software.token)
    assert await provider.methods() >= METHODS
    assert await provider.credentials("not looked at", 10) == [software.credential]
    found = await provider.credential(software.credential)
    assert (found.scal, found.lacks, found.algorithms, found.at_once) == ("2", "", (ECDSA_WITH_SHA256,), 100)
    leaves = tuple(map(b64decode, (FIRST, SECOND)))
    with pytest.raises(PasswordWrong):
        await provider.authorise(software.credential, leaves, WRONG)
    sad = await provider.authorise(software.credential, leaves, PASSWORD)
    key = x509.load_der_x509_certificate(found.certificates[0]).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    for leaf, value in zip(leaves, await provider.sign(software.credential, sad, leaves), strict=True):
        key.verify(value, leaf, ec.ECDSA(Prehashed(SHA256())))
    with pytest.raises(ProviderRefused, match="invalid_request"):
        await provider.sign(software.credential, sad, leaves[:1])
    await provider.close()


async def test_several_digests_are_signed_under_one_authorisation_and_stand_in_the_log(software: Software) -> None:
    sad = await software.sad(FIRST, SECOND)
    status, told = await software.sign(sad, FIRST, SECOND)
    assert status == 200
    stated = software.last()
    assert (stated.kind, stated.body["signatures"]) == ("software.signed", told["signatures"])
    record = parse_authorisation(stated.body["authorisation"].encode())
    leaves = tuple(map(b64decode, (FIRST, SECOND)))
    assert (record.leaves, record.purpose, record.credential) == (leaves, "software", software.credential)
    _, info = await software.call("credentials/info", {"credentialID": software.credential, "certificates": "chain"})
    key = x509.load_der_x509_certificate(b64decode(info["cert"]["certificates"][0])).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    for leaf, signature in zip(leaves, told["signatures"], strict=True):
        key.verify(b64decode(signature), leaf, ec.ECDSA(Prehashed(SHA256())))


async def test_the_service_says_what_it_is_and_which_credential_a_token_may_use(software: Software) -> None:
    told = await (await software.house.client.post("/csc/v1/info", json={})).json()
    assert (told["specs"], told["name"], told["authType"]) == ("1.0.4.0", "演示云签名", ["external"])
    assert await software.call("credentials/list") == (200, {"credentialIDs": [software.credential]})
    asked = {"credentialID": software.credential, "certInfo": True, "authInfo": True}
    _, info = await software.call("credentials/info", asked)
    assert (info["SCAL"], info["authMode"], info["multisign"], info["PIN"]["presence"]) == (
        "2",
        "explicit",
        100,
        "true",
    )
    assert "CN=评委1 其他软件" in info["cert"]["subjectDN"]
    assert len(info["cert"]["certificates"]) == 1


@pytest.mark.parametrize("method", ["credentials/list", "credentials/authorize", "signatures/signHash"])
async def test_without_a_good_token_nothing_is_said(software: Software, method: str) -> None:
    case, member, secret = software.token.split("~")
    wrong = ("", "nonsense", f"E-0~{member}~{secret}", f"{case}~{OTHER}~{secret}", f"{software.token}x", f"{case}~~")
    for token in wrong:
        assert refused(await software.call(method, token=token)) == (401, "invalid_token"), token
    answer = await software.house.client.post(f"/csc/v1/{method}", json={})
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_an_invented_token_has_no_log_folded(software: Software, monkeypatch: pytest.MonkeyPatch) -> None:
    def fold(*_: object) -> None:
        raise AssertionError("a log was folded for a stranger")

    monkeypatch.setattr("storage.transaction.fold", fold)
    for case in ("deployment", "E-0"):
        assert refused(await software.call("credentials/list", token=f"{case}~{MEMBER}~x")) == (401, "invalid_token")


async def test_fresh_invented_tokens_are_all_taken_from_their_address(software: Software) -> None:
    statuses = {(await software.call("credentials/list", token=f"invented{number}"))[0] for number in range(400)}
    assert statuses == {401, 429}


async def test_a_token_that_is_no_text_is_refused_as_unknown(software: Software) -> None:
    url = software.house.client.make_url("/csc/v1/credentials/list")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST {url.path} HTTP/1.1\r\nHost: {url.host}\r\nContent-Length: 2\r\nContent-Type: application/json\r\n"
    writer.write(head.encode() + b"Authorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n{}")
    answered = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert b" 401 " in answered


async def test_a_token_ends_with_another_one_with_the_session_and_with_the_certificate(software: Software) -> None:
    house = software.house
    again = await (await software.seat.post(f"{house.path}/software", {})).json()
    assert refused(await software.call("credentials/list")) == (401, "invalid_token")
    software.token = again["access_token"]
    assert (await software.call("credentials/list"))[0] == 200
    desk = Actor("checkin", "desk", "V1")
    await house.evaluation.do(enrolling.reissue, desk, "second", MEMBER)
    assert refused(await software.call("credentials/list")) == (401, "invalid_token")
    other = await let_in(house, OTHER)
    assert (await other.call("credentials/list"))[0] == 200
    await other.seat.post("/logout", {})
    assert refused(await other.call("credentials/list")) == (401, "invalid_token")


async def test_a_token_is_gone_when_its_member_leaves_the_seat_and_does_not_come_back(software: Software) -> None:
    house = software.house
    await house.evaluation.do(stepping_out.leave, Actor("expert", MEMBER))
    assert house.evaluation.store.look(lambda tx: tx.shelf(CASE, other_software.TOKENS).get(MEMBER)) is None
    assert refused(await software.call("credentials/list")) == (401, "invalid_token")


async def test_anothers_credential_and_a_members_own_are_no_credential_here(software: Software) -> None:
    other = await let_in(software.house, OTHER)
    own = software.credential.removesuffix("/software")
    for foreign in (other.credential, own, "none"):
        assert refused(await software.call("credentials/info", {"credentialID": foreign})) == INVALID
        assert refused(await software.authorise(FIRST, credentialID=foreign)) == INVALID
        assert refused(await software.sign(await software.sad(FIRST), FIRST, credentialID=foreign)) == INVALID
    # Activation data of one member is none of another's.
    assert refused(await other.sign(await software.sad(FIRST), FIRST)) == INVALID


async def test_wrong_passwords_count_with_the_members_own_and_lock_both(software: Software) -> None:
    house = software.house
    for tries in range(1, 5):
        assert refused(await software.authorise(FIRST, password=WRONG)) == (400, "invalid_pin")
        assert software.tries() == (tries, 0)
        if tries % 2 == 0:
            await software.renew()
    await software.sad(FIRST)
    assert software.tries() == (0, 0), "the right one forgets what was wrong before"
    for _ in range(4):
        await software.renew()
        await software.authorise(FIRST, password=WRONG)
    await software.renew()
    batch = (await (await software.seat.post(f"{house.path}/prepare/pledge", {})).json())["batch"]
    answer = await software.seat.post(f"{house.path}/sign/pledge", {"batch": batch, "password": WRONG})
    assert (await answer.json())["code"] == "signing.locked"
    assert refused(await software.authorise(FIRST)) == (400, "access_denied")
    assert software.stated().count("password.failed") == 9


async def test_two_wrong_passwords_end_the_token_and_leave_the_seat_open(software: Software) -> None:
    answers = await asyncio.gather(*(software.authorise(FIRST, password=WRONG) for _ in range(6)))
    assert sorted(map(refused, answers)) == [(400, "invalid_pin")] * 2 + [(401, "invalid_token")] * 4
    assert refused(await software.authorise(FIRST)) == (401, "invalid_token")
    assert software.tries() == (2, 0)
    await software.renew()
    await software.sad(FIRST)


async def test_a_try_that_nothing_decided_is_none_of_the_tokens_two(software: Software) -> None:
    office = software.house.evaluation.office
    direct = office.activation

    class Away:
        """Is being started again."""

        async def ask(self, question: Any, told: Any = None) -> Any:  # noqa: ANN401 - as asked
            raise ActivationAway

    object.__setattr__(office, "activation", Away())
    for _ in range(3):
        assert refused(await software.authorise(FIRST)) == (503, "temporarily_unavailable")
    object.__setattr__(office, "activation", direct)
    await software.sad(FIRST)


async def test_only_the_digests_that_were_authorised_are_signed_and_only_all_of_them(software: Software) -> None:
    sad = await software.sad(FIRST, SECOND)
    for hashes in ((THIRD, SECOND), (FIRST, SECOND, THIRD), (FIRST,), (SECOND, FIRST)):
        assert refused(await software.sign(sad, *hashes)) == INVALID, hashes
    assert (await software.sign(sad, FIRST, SECOND))[0] == 200, "what was refused has used up nothing"
    assert software.stated().count("software.signed") == 1


async def test_activation_data_signs_once_tells_it_again_and_cannot_be_made_up(software: Software) -> None:
    sad = await software.sad(FIRST)
    signed = await software.sign(sad, FIRST)
    assert signed[0] == 200
    assert await software.sign(sad, FIRST) == signed, "whoever asks again, because no answer came, gets it"
    assert refused(await software.sign(sad, SECOND)) == INVALID
    for used in ("", "made-up", sad[:-4] + "AAAA", b64encode(os.urandom(60)).decode()):
        assert refused(await software.sign(used, FIRST)) == INVALID
    assert software.stated().count("software.signed") == 1


async def test_activation_data_that_came_to_nothing_is_used_up(software: Software) -> None:
    sad, office = await software.sad(FIRST), software.house.evaluation.office
    direct = office.activation

    class Away:
        """Is being started again."""

        async def ask(self, question: Any, told: Any = None) -> Any:  # noqa: ANN401 - as asked
            raise ActivationAway

    object.__setattr__(office, "activation", Away())
    assert refused(await software.sign(sad, FIRST)) == (503, "temporarily_unavailable")
    object.__setattr__(office, "activation", direct)
    assert refused(await software.sign(sad, FIRST)) == INVALID
    assert "software.signed" not in software.stated()


async def test_activation_data_that_is_two_minutes_old_signs_nothing(software: Software) -> None:
    sad = await software.sad(FIRST)
    store = software.house.evaluation.store
    later = store.writer.now() + timedelta(seconds=121)
    store.writer.now = lambda: later  # type: ignore[method-assign]
    status, told = await software.sign(sad, FIRST)
    assert (status, told["error"]) == INVALID
    assert "two minutes" in told["error_description"].lower()


async def test_what_is_signed_too_late_is_neither_stated_nor_handed_out(software: Software) -> None:
    sad = await software.sad(FIRST)
    office, store = software.house.evaluation.office, software.house.evaluation.store
    direct, later = office.activation, store.writer.now() + timedelta(seconds=122)

    class Slow:
        """Answers, and two minutes are over by then."""

        async def ask(self, question: Any, told: Any = None) -> Any:  # noqa: ANN401 - as asked
            answer = await direct.ask(question, told)
            store.writer.now = lambda: later  # type: ignore[method-assign]
            return answer

    object.__setattr__(office, "activation", Slow())
    assert refused(await software.sign(sad, FIRST)) == INVALID
    assert "software.signed" not in software.stated()


async def test_a_list_that_is_none_is_refused_before_a_try_is_counted(software: Software) -> None:
    many = [digest(str(number)) for number in range(101)]
    short = b64encode(bytes(31)).decode()
    for hashes in ((), many, (FIRST, FIRST), (short,), ("not base64!",)):
        assert refused(await software.authorise(*hashes, password=WRONG)) == INVALID, hashes[:2]
    assert refused(await software.authorise(FIRST, SECOND, password=WRONG, numSignatures=3)) == INVALID
    assert software.tries() == (0, 0)
    await software.sad(*many[:100])


async def test_another_algorithm_is_refused_and_uses_up_nothing(software: Software) -> None:
    sad = await software.sad(FIRST)
    for other in ({"signAlgo": "1.2.840.113549.1.1.11"}, {"signAlgo": "x"}, {"hashAlgo": "2.16.840.1.101.3.4.2.3"}):
        assert refused(await software.sign(sad, FIRST, **other)) == INVALID
    assert (await software.sign(sad, FIRST, hashAlgo="2.16.840.1.101.3.4.2.1"))[0] == 200


async def test_bodies_that_are_too_long_or_no_json_are_refused(software: Software) -> None:
    headers = {"Authorization": f"Bearer {software.token}"}
    url = "/csc/v1/credentials/info"
    for body, kind, status in (
        (b"{" + b" " * 20_000 + b"}", "application/json", 413),
        (b"<x/>", "application/xml", 415),
        (b"{", "application/json", 400),
        (b"{}", "application/json", 400),
    ):
        answer = await software.house.client.post(url, data=body, headers={**headers, "Content-Type": kind})
        assert (answer.status, (await answer.json())["error"]) == (status, "invalid_request")


async def test_while_work_is_paused_nothing_is_authorised_or_signed(software: Software) -> None:
    sad = await software.sad(FIRST)
    await software.house.evaluation.do(pausing.suspend, Actor("main_staff", "main", "V1"), "equipment", "V1")
    assert refused(await software.authorise(FIRST)) == (400, "access_denied")
    assert refused(await software.sign(sad, FIRST)) == (400, "access_denied")


async def test_an_api_that_is_off_is_not_there(software: Software) -> None:
    object.__setattr__(software.house.evaluation.office, "csc_name", "")
    answer = await software.house.client.post("/csc/v1/info", json={})
    assert answer.status == 404
    assert refused(await software.call("credentials/list")) == (401, "invalid_token")


async def test_a_members_page_makes_the_key_where_the_api_is_on(house: Committee) -> None:
    desk = Actor("checkin", "desk", house.state.members[MEMBER].venue)  # type: ignore[index]
    seat = await house.seat(MEMBER)
    for name, is_there in (("", False), ("演示云签名", True)):
        object.__setattr__(house.evaluation.office, "csc_name", name)
        await house.evaluation.do(enrolling.reissue, desk, "second", MEMBER)
        answer = await seat.post(f"{house.path}/enrol", {"password": PASSWORD, "again": PASSWORD})
        assert answer.status == 200, await answer.text()
        assert house.evaluation.store.look(lambda tx: other_software.has_key(tx, CASE, MEMBER)) is is_there
        assert ((await seat.post(f"{house.path}/software", {})).status == 200) is is_there


async def test_the_page_shows_the_token_once(software: Software) -> None:
    software.seat.json = False
    first = await (await software.seat.get(f"{software.house.path}/receipts")).text()
    assert f'href="{software.house.path}/software"' in first
    page = await (await software.seat.get(f"{software.house.path}/software")).text()
    assert "允许其他软件请我签名" in page
    csrf = software.seat.csrf
    shown = await (await software.seat.post(f"{software.house.path}/software", {"csrf": csrf})).text()
    assert "访问令牌" in shown
    assert f"{CASE}~{MEMBER}~" in shown
    assert f"{CASE}~{MEMBER}~" not in await (await software.seat.get(f"{software.house.path}/software")).text()
