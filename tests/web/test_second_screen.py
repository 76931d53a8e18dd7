"""A seat's second screen: paired by its code, shown what the seat signs and nothing else; needed by rule."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from conduct import second_screen, security_keys, stepping_out
from evaluation.case import CaseId, MemberId
from identity.roles import Role
from tests.services.evaluation import CASE, PASSWORD
from tests.services.profiles import judge_by
from tests.web.committee import Committee, committee, seated, services_on
from tests.web.conftest import Caller
from tests.web.test_member import refused
from web.app import make_app
from web.screens import SCREEN_CODES

Json = dict[str, Any]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


async def screen_of(house: Committee) -> tuple[Caller, str]:
    """A browser that opened the page of second screens, and the code that it shows."""
    screen = Caller(house.client, json=True)
    await screen.get("/screen")
    told = await now(screen)
    assert told["state"] == "pairing"
    return screen, told["code"]


async def pair(house: Committee, code: str, member: str = "m1") -> Json:
    """The desk of the member's venue makes the screen that shows this code the one beside the member's seat."""
    row = house.state.members[MemberId(member)]
    desk = await house.account(Role.CHECKIN, f"desk-{row.venue}", row.venue)
    answer = await desk.post(f"{house.path}/desk/screen", {"code": code, "seat": row.seat})
    assert answer.status == 200, await answer.text()
    told: Json = await answer.json()
    return told


async def now(screen: Caller, **said: str) -> Json:
    answer = await screen.post("/screen/now", said)
    assert answer.status == 200, await answer.text()
    told: Json = await answer.json()
    return told


async def opened(house: Committee, seat: Caller) -> str:
    """The seat has prepared its pledge and its page of reading back is open; the batch."""
    batch: str = (await (await seat.post(f"{house.path}/prepare/pledge", {})).json())["batch"]
    await says(house, seat)
    return batch


async def says(house: Committee, seat: Caller, batch: str = "") -> str:
    """What the page that reads this batch back, else the one prepared now, is told of the second screen."""
    shown = batch or (await (await seat.get(f"{house.path}/sign/pledge")).json())["batch"]
    told = await (await seat.get(f"{house.path}/sign/pledge/screen?batch={shown}")).json()
    return str(told["screen"])


def displayed(told: Json) -> dict[str, str]:
    """What a screen says of what it was given."""
    shown = hashlib.sha256("\n".join(told["statements"]).encode()).hexdigest()
    return {"batch": told["batch"], "shown": shown}


async def test_a_screen_shows_what_its_own_seat_is_about_to_sign_while_the_page_is_open_and_nothing_else(
    house: Committee,
) -> None:
    await seated(house)
    seat, other = await house.seat("m1"), await house.seat("m2")
    screen, code = await screen_of(house)
    label = house.state.members[MemberId("m1")].seat
    assert await pair(house, code.lower().replace("-", " ")) == {"seat": label}
    assert await now(screen) == {"seat": label, "state": "rest"}
    await opened(house, other)
    assert (await now(screen))["state"] == "rest"
    await seat.post(f"{house.path}/prepare/pledge", {})
    assert (await now(screen))["state"] == "rest"  # prepared, but nobody has its page open
    assert await says(house, seat) == "waiting"
    told = await now(screen)
    assert told["state"] == "sheet"
    assert {one["member"] for one in bodies(told)} == {"m1"}
    assert await says(house, other) == "none"
    await seat.post(f"{house.path}/seat/leave", {"page": "me"})
    assert (await now(screen))["state"] == "rest"


def bodies(told: Json) -> list[Json]:
    return [json.loads(text)["body"] for text in told["statements"]]


async def test_the_seat_learns_whether_its_screen_shows_the_same_bytes(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    screen, code = await screen_of(house)
    await pair(house, code)
    await now(screen)
    await opened(house, seat)
    told = await now(screen)
    await now(screen, **displayed(told))
    assert await says(house, seat) == "shown"
    await now(screen, **{**displayed(told), "shown": "0" * 64})
    assert await says(house, seat) == "differs"
    row = house.state.members[MemberId("m1")]
    desk = await house.account(Role.CHECKIN, "desk", row.venue)
    await desk.post(f"{house.path}/desk/screen/part", {"seat": row.seat})
    assert await says(house, seat) == "none"
    assert (await now(screen))["state"] == "pairing"


async def test_a_page_whose_content_is_no_longer_prepared_is_told_so_and_opens_no_dialog(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    screen, code = await screen_of(house)
    await pair(house, code)
    old = await opened(house, seat)
    batch = (await (await seat.post(f"{house.path}/prepare/pledge", {})).json())["batch"]
    assert await says(house, seat, batch) == "waiting"
    await now(screen, **displayed(await now(screen)))
    assert await says(house, seat, batch) == "shown"
    assert await says(house, seat, old) == "stale"  # the screen shows another content than this page
    release = {"batch": batch, "password": PASSWORD}
    assert (await seat.post(f"{house.path}/sign/pledge", release)).status == 200
    assert await says(house, seat, batch) == "signed"
    assert await says(house, seat, old) == "stale"


async def test_a_code_that_no_screen_shows_pairs_nothing_and_a_right_one_works_once(house: Committee) -> None:
    await seated(house)
    path, row, other = f"{house.path}/desk/screen", house.state.members[MemberId("m1")], "m2"
    desk = await house.account(Role.CHECKIN, "desk", row.venue)
    screen, code = await screen_of(house)
    for typed in ("", "K7P", "K7P-2QXX", "!!!!!!", "000-000"):
        wrong = {"code": typed, "seat": row.seat}
        assert await refused(desk.post(path, wrong)) == (422, "screen.code_refused")
    assert (await now(screen))["code"] == code
    await pair(house, code)
    again = {"code": code, "seat": house.state.members[MemberId(other)].seat}
    elsewhere = await house.account(Role.CHECKIN, "desk-2", house.state.members[MemberId(other)].venue)
    assert await refused(elsewhere.post(path, again)) == (422, "screen.code_refused")
    newer, its = await screen_of(house)
    await pair(house, its)
    assert (await now(screen))["state"] == "pairing"  # a seat has one second screen
    assert (await now(newer))["state"] == "rest"
    assert await refused(Caller(house.client, json=True).post("/screen/now", {})) == (403, "screen.unknown")


async def test_a_stranger_with_ever_new_cookies_pushes_no_screen_from_its_code(house: Committee) -> None:
    await seated(house)
    screen, code = await screen_of(house)
    answers = []
    for number in range(SCREEN_CODES.burst * 2):
        stranger = Caller(house.client, json=True, cookies={"__Host-screen": f"stranger-{number}"})
        answers.append((await stranger.post("/screen/now", {})).status)
    assert set(answers) == {200, 429}
    assert answers.index(429) >= SCREEN_CODES.burst - 1
    assert (await now(screen))["code"] == code  # a code that is shown already costs nothing
    await pair(house, code)


async def test_only_the_desk_of_the_venue_pairs_and_parts_and_the_log_says_so(house: Committee) -> None:
    await seated(house)
    seat, row = await house.seat("m1"), house.state.members[MemberId("m1")]
    screen, code = await screen_of(house)
    path, asked = f"{house.path}/desk/screen", {"code": code, "seat": row.seat}
    # What the seat's own browser can send makes no screen, in mid-dialog least of all.
    await opened(house, seat)
    assert (await seat.post("/seat/screen", {"code": code})).status == 404
    assert (await seat.post("/seat/screen/part")).status == 404
    assert await refused(seat.post(path, asked)) == (403, "request.not_allowed")
    strangers = await house.account(Role.CHECKIN, "desk-x", "V1" if row.venue != "V1" else "V2")
    assert await refused(strangers.post(path, asked)) == (422, "venue.unknown")
    assert await refused(strangers.post(f"{path}/part", {"seat": row.seat})) == (422, "venue.unknown")
    assert (await now(screen))["code"] == code
    await pair(house, code)
    desk = await house.account(Role.CHECKIN, "desk", row.venue)
    assert row.seat in (await (await desk.get(f"{house.path}/desk")).json())["screens"]
    assert (await desk.post(f"{path}/part", {"seat": row.seat})).status == 200
    assert (await now(screen))["state"] == "pairing"
    stated = [json.loads(data) for data in statements(house)][-2:]
    assert [one["kind"] for one in stated] == ["screen.paired", "screen.parted"]
    cookie = hashlib.sha256(screen.cookies["__Host-screen"].encode()).hexdigest()
    of = {"by": {"role": "checkin", "who": f"desk-{row.venue}"}, "seat": row.seat, "screen": cookie}
    assert stated[0]["body"] == of
    assert stated[1]["body"] == {**of, "by": {"role": "checkin", "who": "desk"}}


async def test_a_browser_that_is_a_seat_or_signed_in_is_no_second_screen(house: Committee) -> None:
    await seated(house)
    seat, desk = await house.seat("m1"), await house.account(Role.CHECKIN, "desk")
    screen, code = await screen_of(house)
    await pair(house, code)
    for person in (seat, desk):
        person.cookies.update(screen.cookies)
        assert (await person.get("/screen")).status == 403
        assert await refused(person.post("/screen/now", {})) == (403, "screen.own_computer")


async def test_a_screen_opens_no_page_of_the_case(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    screen, code = await screen_of(house)
    await pair(house, code)
    for path in ("me", "sign/pledge", "sign/pledge/screen", "scores"):
        assert (await screen.get(f"{house.path}/{path}")).status in {401, 403}
    batch = await opened(house, seat)
    assert (await screen.post(f"{house.path}/sign/pledge", {"batch": batch, "password": PASSWORD})).status == 401


async def test_where_the_rules_want_it_nothing_is_signed_that_the_screen_has_not_shown(
    house: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"password": {"second_screen": True}})
    await seated(house)
    seat = await house.seat("m1")
    screen, code = await screen_of(house)
    await pair(house, code)
    batch, path = await opened(house, seat), f"{house.path}/sign/pledge"
    release = {"batch": batch, "password": PASSWORD}
    assert await refused(seat.post(path, release)) == (409, "signing.not_shown")
    told = await now(screen)
    await now(screen, **{**displayed(told), "shown": "0" * 64})
    assert await refused(seat.post(path, release)) == (409, "signing.not_shown")
    await now(screen, **displayed(told))
    # Prepared anew, it is another statement: the screen's word was for the first.
    anew = {"batch": await opened(house, seat), "password": PASSWORD}
    assert await refused(seat.post(path, anew)) == (409, "signing.not_shown")
    # Nor is it signed the moment it is shown: nobody can have compared it yet.
    monkeypatch.setattr(second_screen, "TO_COMPARE", timedelta(hours=1))
    await now(screen, **displayed(await now(screen)))
    assert await refused(seat.post(path, anew)) == (409, "signing.just_shown")
    since = kept(house)["at"]
    await now(screen)
    await now(screen, **displayed(await now(screen)))
    assert kept(house)["at"] == since  # said again, it has stood since it was said first
    credential = house.evaluation.store.look(lambda tx: tx.shelf(CASE, "credential").get("m1"))
    assert credential is not None
    assert credential["tries"] == 0
    monkeypatch.setattr(second_screen, "TO_COMPARE", timedelta(0))
    assert len((await (await seat.post(path, anew)).json())["receipts"]) == 1
    kinds = [json.loads(data)["kind"] for data in statements(house)]
    assert kinds[-2:] == ["screen.shown", "pledge.signed"]
    assert (await now(screen))["state"] == "rest"


def kept(house: Committee) -> Json:
    """What is kept of the screen's word for m1."""
    row = house.evaluation.store.look(lambda tx: tx.shelf(CASE, second_screen.SHOWN).get("m1"))
    assert row is not None
    return dict(row)


def statements(house: Committee) -> list[bytes]:
    return house.evaluation.store.look(lambda tx: [data for _, data in tx.statements(CASE)])


async def test_a_screen_that_stopped_asking_is_said_to_be_away(
    house: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    await seated(house)
    seat = await house.seat("m1")
    screen, code = await screen_of(house)
    await pair(house, code)
    await now(screen)
    monkeypatch.setattr("web.screens.STILL_THERE", timedelta(0))
    await opened(house, seat)
    assert await says(house, seat) == "away"
    assert (await now(screen))["state"] == "rest"


async def test_a_new_start_of_the_server_finds_screen_and_dialog_again(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    screen, code = await screen_of(house)
    waiting, its = await screen_of(house)
    await pair(house, code)
    await opened(house, seat)
    shown = await now(screen)
    async with TestClient(TestServer(make_app(services_on(house.evaluation)))) as started:
        for browser in (seat, screen, waiting):
            browser.client = started
        assert (await now(screen))["state"] == "rest"
        assert await says(house, seat) == "waiting"
        assert await now(screen) == shown
        assert (await now(waiting))["code"] != its


async def test_once_a_security_key_was_asked_the_screen_counts_its_two_minutes(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    screen, code = await screen_of(house)
    await pair(house, code)
    batch = await opened(house, seat)
    assert (await now(screen))["seconds"] is None
    await house.evaluation.store.act(lambda tx: security_keys.fix(tx, CaseId(CASE), "m1", batch, b""))
    assert 100 < (await now(screen))["seconds"] <= 120
    await opened(house, seat)
    assert (await now(screen))["seconds"] is None


def test_coming_back_to_a_seat_needs_no_screen() -> None:
    assert stepping_out.PURPOSE in second_screen.NOT_READ_BACK
