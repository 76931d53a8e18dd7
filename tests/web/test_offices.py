"""The offices over the wire, on a real store: from the first account to seats, draws, desk, pauses, clarification."""

import hashlib
import json
import tarfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient, TestServer

from conduct import clarifying, reviewing, venue_draw
from conduct.ports import Tx, stamp
from demo import case_example_a as example
from demo import documents, packages, pool
from gateways import outside_seals
from identity import service, sessions
from identity.accounts import Account
from identity.roles import Role
from identity.sessions import Holder
from tests.services.evaluation import CASE, Evaluation
from tests.services.parties import HOST
from tests.web.committee import committee, services_on
from tests.web.conftest import Caller
from web import tar
from web.app import make_app
from web.visit import fresh_token

PATH = f"/cases/{CASE}"
PHRASE = "Grey-heron-2026"
HEADERS = {"Accept": "application/json"}


@dataclass
class Office:
    """The application on a real store, with a trading system, judge of seals and tokens of its own."""

    evaluation: Evaluation
    client: "TestClient[Any, Any]"

    async def person(self, role: Role, name: str = "", venue: str = "") -> Caller:
        """Somebody with an account of this role, signed in."""
        cookie, csrf = fresh_token(), fresh_token()
        holder = Holder(role, name or str(role), venue)
        session = sessions.opened(holder, cookie, csrf, datetime.now(UTC))

        def keep(tx: Tx) -> None:
            service.keep_session(tx.shelf("deployment", "sessions"), session)

        await self.evaluation.store.act(keep)
        return Caller(self.client, json=True, cookies={"__Host-session": cookie}, csrf=csrf)

    async def upload(self, caller: Caller, path: str, files: dict[str, bytes], **fields: str) -> ClientResponse:
        """A multipart form, as a browser sends it."""
        form = FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        for name, content in files.items():
            form.add_field(name, BytesIO(content), filename=name)
        return await self.client.post(path, data=form, headers=caller.headers(), allow_redirects=False)

    async def hand_in(self, caller: Caller, page: str, files: dict[str, bytes], **fields: str) -> ClientResponse:
        """A package uploaded at its page and, where it was found sound, accepted."""
        waits = await self.upload(caller, page, files, **fields)
        if waits.status != HTTPStatus.OK:
            return waits
        return await caller.post(f"{page}/accept", {"package": (await waits.json())["package"]})

    async def program(self, token: str, method: str, path: str, body: object = None) -> ClientResponse:
        """A program with an access token."""
        return await self.client.request(
            method, path, json=body, headers={**HEADERS, "Authorization": f"Bearer {token}"}
        )

    def package(self, kind: str, party: packages.Party) -> bytes:
        """A tender or opening package signed by a party."""
        early = stamp(datetime.now(UTC) - timedelta(minutes=1))
        folder = self.evaluation.folder
        if kind == "tender":
            return packages.write_tender_package(folder, party, CASE, early).read_bytes()
        return packages.write_opening_package(folder, party, self.evaluation.bidders, CASE, early).read_bytes()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with committee(tmp_path) as made:
        evaluation = made.evaluation
        services = replace(
            services_on(evaluation),
            trading=evaluation.trading.certificate,
            check_seal=outside_seals.check,
            provider_token="provider-token",
            contact="",
            by_hand=True,
            setup_token="first-start",
        )
        async with TestClient(TestServer(make_app(services))) as client:
            yield Office(evaluation, client)


async def code_of(answer: ClientResponse) -> str:
    return str((await answer.json()).get("code", ""))


async def test_the_first_start_makes_one_administrator_and_never_a_second(office: Office) -> None:
    nobody = Caller(office.client, json=True)
    first = {"name": "first", "password": PHRASE}
    assert (await nobody.post("/setup/guessed", first)).status == 404
    assert (await nobody.get("/setup/first-start")).status == 200
    assert (await nobody.post("/setup/first-start", first)).status == 200
    assert (await nobody.post("/setup/first-start", {**first, "name": "second"})).status == 404
    assert (await nobody.get("/setup/first-start")).status == 404
    assert (await nobody.log_in("first", PHRASE)).status == 200


async def test_an_account_is_made_by_the_security_administrator_and_holds_one_kind_of_power(office: Office) -> None:
    security = await office.person(Role.SECURITY_ADMIN)
    account = {"name": "system", "role": "system_admin", "person": "演示人员一", "password": PHRASE}
    assert (await security.post("/admin/accounts", account)).status == 200
    again = await security.post("/admin/accounts", account)
    assert await code_of(again) == "account.name_taken"
    other = await security.post("/admin/accounts", {**account, "name": "audit", "role": "audit_admin"})
    assert await code_of(other) == "role.administrators_apart"
    stranger = await office.person(Role.SYSTEM_ADMIN)
    assert (await stranger.post("/admin/accounts", account)).status == 403


@pytest.mark.parametrize("name", ["m1", "m12", "server", "m3 ", "a/b", ""])
async def test_no_account_is_named_like_a_member_or_the_server(office: Office, name: str) -> None:
    security = await office.person(Role.SECURITY_ADMIN)
    account = {"name": name, "role": "witness", "person": "演示人员", "password": PHRASE}
    assert await code_of(await security.post("/admin/accounts", account)) == "request.field_misspelt"


async def test_a_seat_has_one_name_in_all_venues_and_a_code_pairs_one_browser(office: Office) -> None:
    system = await office.person(Role.SYSTEM_ADMIN)
    venue = {"code": "V1", "name": "演示中心", "region": "990200", "seats": ["V1-01"]}
    assert (await system.post("/admin/venues", venue)).status == 200
    assert await code_of(await system.post("/admin/venues", {**venue, "code": "V2"})) == "venue.seat_name_taken"
    assert await code_of(await system.post("/admin/venues/V1/pairings", {"seat": "V9-01"})) == "venue.unknown"
    printed = await (await system.post("/admin/venues/V1/pairings", {"seat": "V1-01"})).json()
    browser = Caller(office.client, json=True)
    assert (await browser.post("/seat/pair", {"code": printed["code"]})).status == 200
    assert (await Caller(office.client, json=True).post("/seat/pair", {"code": printed["code"]})).status == 422


async def test_a_pool_is_taken_whole_or_its_problems_are_named_by_line_and_column(office: Office) -> None:
    owner = await office.person(Role.POOL_OWNER, "province")
    good = pool.to_csv(pool.rows(datetime.now(UTC).date()))
    lines = good.decode().splitlines()
    broken = "\n".join([lines[0], lines[1].rsplit(",", 1)[0], *lines[2:]]).encode()
    refused = await office.upload(owner, "/pool", {"file": broken})
    told = await refused.json()
    assert (refused.status, told["code"]) == (422, "pool.refused")
    assert told["detail"][0]["line"] == 2
    handed_in = await (await office.upload(owner, "/pool", {"file": good})).json()
    size = len(lines) - 1
    assert handed_in["counts"] == {"new": size, "changed": 0, "gone": 0, "unchanged": 0}
    assert (await (await owner.get("/pool")).json())["mine"]["size"] == 0
    taken = await owner.post("/pool/take-over", {"edition": handed_in["edition"]})
    assert await taken.json() == {"accepted": size}


async def test_a_package_under_another_seal_makes_no_case(office: Office) -> None:
    agent = await office.person(Role.AGENT)
    forged = office.package("tender", packages.make_party("演示交易系统"))
    answer = await office.hand_in(agent, "/cases/new", {"package": forged}, profile="demo")
    assert (answer.status, await code_of(answer)) == (422, "seal.refused")
    assert (await agent.get(PATH)).status == 404


async def test_a_case_goes_from_its_package_to_the_opening_by_the_people_whose_step_it_is(office: Office) -> None:
    evaluation = office.evaluation
    await evaluation.prepare_deployment()
    agent, main = await office.person(Role.AGENT), await office.person(Role.MAIN_STAFF, "main", "V1")
    supervisor = await office.person(Role.SUPERVISOR)
    package = office.package("tender", evaluation.trading)
    assert (await office.hand_in(agent, "/cases/new", {"package": package}, profile="demo")).status == 200
    again = await office.hand_in(agent, "/cases/new", {"package": package}, profile="demo")
    assert await code_of(again) == "case.exists"
    application = {"experts": 4, "representatives": 2, "start": stamp(datetime.now(UTC) + timedelta(minutes=2))}
    assert await code_of(await agent.post(f"{PATH}/application", application)) == "committee.even"
    assert (await agent.post(f"{PATH}/application", {**application, "representatives": 1})).status == 200
    letter = {"letter": documents.authorisation_pdf()}
    assert (await office.upload(agent, f"{PATH}/representatives", letter, name="演示代表", id_number="1")).status == 200
    assert await code_of(await main.post(f"{PATH}/seats", {"seats": ["V2-01"]})) == "booking.seat_closed"
    assert (await main.post(f"{PATH}/seats", {"seats": ["V1-01", "V1-02"]})).status == 200
    asked = {"count": 2, "seats": 2, "at": stamp(datetime.now(UTC))}
    assert (await main.post(f"{PATH}/draws/venues", asked)).status == 200
    assert (await supervisor.post(f"{PATH}/draws/venues/confirm")).status == 200
    await commit_and_reveal(office, "venues")
    await venue_draw.run(evaluation.store, evaluation.process, CASE)
    view = await (await main.get(PATH)).json()
    assert view["state"] == "venue_drawn"
    hidden = evaluation.store.look(lambda tx: [row["venue"] for row in venue_draw.places(tx, CASE).values()])
    assert not [venue for venue in hidden if venue != "V1" and venue in json.dumps(view)]


async def commit_and_reveal(office: Office, draw: str) -> None:
    """The three key services, each with its own access token; the host's link comes first."""
    parties = office.evaluation.parties
    path = f"{PATH}/draws/{draw}"
    for name, party in parties.items():
        due = await (await office.program(name, "GET", "/draws")).json()
        assert [(row["draw"], row["needs"]) for row in due] == [(draw, "commit")]
        commit, share_key = party.committed(draw)
        answer = await office.program(name, "POST", f"{path}/commit", {"commit": commit, "share_key": share_key})
        assert answer.status == 200
    assert (await (await office.program("supervision", "GET", "/draws")).json())[0]["needs"] == "wait"
    for name in sorted(parties, key=lambda one: one != HOST):
        (row,) = await (await office.program(name, "GET", "/draws")).json()
        assert (row["needs"], row["again"], row["key"]) == ("reveal", False, office.evaluation.process.key)
        assert row["proof"].startswith("c2sp.org/tlog-proof@v1")
        box = parties[name].box(draw, row["digest"], row["key"])
        body = {"round": 0, "key": box.key, "sealed": box.sealed.hex()}
        assert await (await office.program(name, "POST", f"{path}/reveal", body)).json() == {"accepted": True}


async def test_a_program_needs_its_own_token_and_a_session_is_none(office: Office) -> None:
    await office.evaluation.prepare_deployment()
    supervisor = await office.person(Role.SUPERVISOR)
    assert await code_of(await supervisor.get("/draws")) == "request.not_allowed"
    assert (await office.program("guessed", "GET", "/draws")).status == 401
    answer = await office.program("centre", "POST", "/notices/000000", {"answer": "attend"})
    assert await code_of(answer) == "token.refused"
    answer = await office.program("provider-token", "POST", "/notices/000000", {"answer": "attend"})
    assert await code_of(answer) == "notice.unknown_ticket"


async def seated(office: Office) -> None:
    for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids", "check_in"):
        await getattr(office.evaluation, step)()


async def test_a_venue_learns_of_the_case_at_check_in_and_its_desk_hears_match_or_no_match(office: Office) -> None:
    evaluation = office.evaluation
    for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, step)()
    expected = evaluation.expected()
    venue, number = next((venue, number) for venue, number in expected if venue != "V1")
    desk, main = await office.person(Role.CHECKIN, "desk", venue), await office.person(Role.MAIN_STAFF, "main", "V1")
    before, nowhere = await desk.get(PATH), await desk.get("/cases/E-NOT-THERE")
    assert before.status == nowhere.status == 404
    assert await before.json() == await nowhere.json()
    assert (await main.post(f"{PATH}/desk/open")).status == 200
    colleague = Account("colleague", Role.SUB_STAFF, "", "演示人员", venue)
    await evaluation.store.act(lambda tx: service.add_account(tx.shelf("deployment", "accounts"), colleague))
    arrival = {"id_number": "00000019700101000X", "seat": f"{venue}-01", "locker": "7", "second": "colleague"}
    assert await (await desk.post(f"{PATH}/desk/match", arrival)).json() == {"match": False}
    for second in ("desk", "nobody"):
        alone = await desk.post(f"{PATH}/desk/match", {**arrival, "id_number": number, "second": second})
        assert await code_of(alone) == "checkin.second_person"
    slip = await (await desk.post(f"{PATH}/desk/match", {**arrival, "id_number": number})).json()
    assert (slip["match"], slip["seat"], len(slip["code"])) == (True, f"{venue}-01", 6)
    fresh = await (await desk.post(f"{PATH}/desk/reprint", {"member": slip["member"]})).json()
    assert fresh["code"] != slip["code"] or fresh["seat"] == slip["seat"]
    elsewhere = await office.person(Role.CHECKIN, "desk-main", "V1")
    assert await code_of(await elsewhere.post(f"{PATH}/desk/reprint", {"member": slip["member"]})) == "member.unknown"


async def test_work_is_locked_while_it_is_paused_and_goes_on_when_all_are_back(office: Office) -> None:
    await seated(office)
    main, agent = await office.person(Role.MAIN_STAFF, "main", "V1"), await office.person(Role.AGENT)
    document = (await (await agent.get(PATH)).json())["documents"][0]["sha256"]
    assert (await agent.get(f"{PATH}/documents/{document}")).status == 200
    assert (await main.post(f"{PATH}/suspend", {"reason": "停电"})).status == 200
    assert (await agent.get(f"{PATH}/documents/{document}")).status == 423
    assert await code_of(await main.post(f"{PATH}/break")) == "pause.already"
    held = await main.post(f"{PATH}/resume")
    assert await code_of(held) == "pause.presence_missing"
    assert len((await held.json())["detail"]) == len(office.evaluation.state.members)


async def test_the_witness_marks_seats_that_are_there(office: Office) -> None:
    await seated(office)
    witness = await office.person(Role.WITNESS)
    seat = next(iter(office.evaluation.state.members.values())).seat
    assert await code_of(await witness.post(f"{PATH}/marks", {"seat": "V9-09", "text": "看"})) == "seat.unknown"
    assert (await witness.post(f"{PATH}/marks", {"seat": seat, "text": "离席"})).status == 200
    told = await (await witness.get(f"{PATH}/watch")).json()
    assert [(mark["seat"], mark["text"]) for mark in told["marks"]] == [(seat, "离席")]


async def test_a_recording_is_served_by_range_to_those_who_may_watch(office: Office) -> None:
    await seated(office)
    folder = office.evaluation.folder / "footage" / CASE / "V1-01" / "camera"
    folder.mkdir(parents=True)
    (folder / "take01.webm").write_bytes(bytes(range(100)))
    (folder / "take03.mp4").write_bytes(bytes(range(50)))
    witness, archivist = await office.person(Role.WITNESS), await office.person(Role.ARCHIVIST)
    path = f"{PATH}/footage/V1-01/camera/1"
    part = await witness.get(path, Range="bytes=10-19")
    assert (part.status, await part.read()) == (206, bytes(range(10, 20)))
    assert part.headers["Content-Type"] == "video/webm"
    part = await witness.get(f"{PATH}/footage/V1-01/camera/3", Range="bytes=40-49")
    assert (part.status, await part.read()) == (206, bytes(range(40, 50)))
    assert part.headers["Content-Type"] == "video/mp4"
    assert (await archivist.get(path)).status == 404
    assert (await witness.get(f"{PATH}/footage/V1-01/..%2Fcamera/1")).status == 404
    assert await code_of(await witness.get(f"{PATH}/footage/V1-01/camera/2")) == "footage.none"


async def test_the_log_tells_an_auditor_kinds_and_digests_and_no_content(office: Office) -> None:
    await seated(office)
    auditor = await office.person(Role.AUDIT_ADMIN)
    entries = (await (await auditor.get(f"{PATH}/log?kind=checkin.matched")).json())["entries"]
    assert len(entries) == len(office.evaluation.state.members)
    assert set(entries[0]) == {"index", "kind", "at", "entry"}
    receipt = await (await auditor.get(f"{PATH}/receipts/0")).json()
    first = office.evaluation.store.look(lambda tx: next(iter(tx.statements(CASE)))[1])
    assert receipt["entry"] == hashlib.sha256(first).hexdigest()


async def test_a_bidder_answers_once_under_its_own_seal_and_learns_nobodys_name(office: Office) -> None:
    evaluation = office.evaluation
    await seated(office)
    await evaluation.pledge_and_elect()
    await evaluation.store.act(lambda tx: reviewing.begin(tx, CASE, evaluation.leader))
    told = example.CLARIFICATION
    ask = (told["bid"], told["scope"], told["question"])
    sent = await evaluation.store.act(lambda tx: clarifying.ask(tx, CASE, evaluation.leader, *ask))
    nobody, path = Caller(office.client, json=True), f"/b/{sent.token}"
    page = await (await Caller(office.client).get(path)).text()
    assert told["question"] in page
    assert not [m.name for m in evaluation.state.members.values() if m.name in page or m.alias in page]
    answer = documents.demo_answer_pdf()
    rival = {"file": answer, "signature": evaluation.bidders["A"].sign(answer)}
    assert await code_of(await office.upload(nobody, path, rival)) == "seal.refused"
    sealed = {"file": answer, "signature": evaluation.bidders[told["bid"]].sign(answer)}
    assert (await office.upload(nobody, path, sealed)).status == 200
    assert await code_of(await office.upload(nobody, path, sealed)) == "clarification.already_answered"
    assert await code_of(await nobody.get("/b/guessed")) == "clarification.link_refused"


async def test_a_bag_and_its_renewals_are_fetched_as_one_tar_file_with_the_bytes_they_hold(tmp_path: Path) -> None:
    folder = tmp_path / "E-1"
    (folder / "data").mkdir(parents=True)
    (folder / "bagit.txt").write_bytes(b"BagIt-Version: 1.0\n")
    (folder / "data" / "long.bin").write_bytes(bytes(3_000_001))
    (tmp_path / "E-1.renewals" / "0001").mkdir(parents=True)
    (tmp_path / "E-1.renewals" / "0001" / "chain-sha512.txt").write_bytes(b"")
    folders = (folder, tmp_path / "E-1.renewals", tmp_path / "never")
    stream = b"".join([block async for block in tar.blocks(*folders)])
    with tarfile.open(fileobj=BytesIO(stream)) as opened:
        renewal = "E-1.renewals/0001/chain-sha512.txt"
        assert opened.getnames() == ["E-1/bagit.txt", "E-1/data/long.bin", renewal]
        member = opened.extractfile("E-1/data/long.bin")
        assert member is not None
        assert member.read() == bytes(3_000_001)


async def test_a_replacement_is_asked_for_by_one_and_confirmed_by_another_on_the_draws_page(office: Office) -> None:
    await seated(office)
    agent, supervisor = await office.person(Role.AGENT), await office.person(Role.SUPERVISOR)
    assert "申请更换专家" in await (await agent.get(f"{PATH}/draws", Accept="text/html")).text()
    assert await code_of(await supervisor.post(f"{PATH}/replacements/confirm")) == "replacement.none"
    asked = {"member": "m9", "reason": "health"}
    assert await code_of(await agent.post(f"{PATH}/replacements", asked)) == "replacement.not_a_member"
    assert (await agent.post(f"{PATH}/replacements", {**asked, "member": "m1"})).status == 200
    assert "确认更换" in await (await supervisor.get(f"{PATH}/draws", Accept="text/html")).text()
    assert (await supervisor.post(f"{PATH}/replacements/confirm")).status == 200
    assert "m1" not in office.evaluation.state.members
