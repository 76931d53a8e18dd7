"""Coming in: log-in, lock, log-out, a seat paired and entered; forms and scripts get the same checks."""

import hashlib
import re
from datetime import timedelta

import pytest

from evaluation.case import Case, CaseId, Member, MemberId, State
from identity.accounts import LOCK
from identity.roles import ADMISSIONS, Role
from tests.web.cases import info
from tests.web.conftest import PASSWORD, Caller, paper
from tests.web.fakes import ORIGIN, House
from web.cookies import SEAT, SESSION

SLIP = {"member": "m3", "until": 4_000_000_000}


async def seated(caller: Caller, house: House) -> None:
    """Pair the caller's browser as seat A-01 and enter as member m3 of E-1."""
    assert (await caller.post("/seat/pair", {"code": paper(house)})).status in {200, 303}
    member = Member(MemberId("m3"), "评委3", "expert", "A", "A-01", "1")
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=info(), members={member.id: member})
    key = hashlib.sha256(b"A-01\n408296").hexdigest()
    house.store.shelves["E-1", "code"].put(key, SLIP)
    answer = await caller.post("/seat/enter", {"code": "408296"})
    if caller.json:
        caller.csrf = (await answer.json())["csrf"]


async def test_a_script_logs_in_and_is_told_its_token(script: Caller) -> None:
    answer = await script.log_in("agent")
    told = await answer.json()
    assert answer.status == 200
    assert (told["role"], told["who"]) == ("agent", "agent")
    assert len(told["csrf"]) == 43
    cookie = answer.cookies[SESSION]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Strict", "/")


async def test_a_person_logs_in_by_the_form_and_is_sent_on(person: Caller) -> None:
    answer = await person.log_in("agent")
    assert (answer.status, answer.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("name", ["agent", "nobody"])
async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(script: Caller, name: str) -> None:
    answer = await script.log_in(name, "Blue-heron-2025")
    assert answer.status == 401
    assert (await answer.json())["code"] == "login.refused"
    assert SESSION not in script.cookies


async def test_a_refused_form_is_shown_again_with_the_fault_on_top(person: Caller) -> None:
    answer = await person.log_in("agent", "wrong")
    text = await answer.text()
    assert answer.status == 401
    assert '<a href="#name">账号或密码不正确。</a>' in text
    assert 'aria-invalid="true"' in text
    assert "wrong" not in re.sub(r"class=\"field wrong\"", "", text)


async def test_five_failures_lock_and_fifteen_minutes_unlock(script: Caller, house: House) -> None:
    for _ in range(5):
        await script.log_in("agent", "wrong")
    assert (await script.log_in("agent")).status == 423
    house.clock.now += LOCK
    assert (await script.log_in("agent")).status == 200


async def test_logging_out_ends_the_session_and_not_only_the_cookie(script: Caller) -> None:
    await script.log_in("agent")
    stolen = dict(script.cookies)
    assert (await script.post("/logout")).status == 200
    script.cookies = stolen
    assert (await script.post("/logout")).status == 401


async def test_logging_in_again_ends_the_session_before(script: Caller) -> None:
    await script.log_in("agent")
    former = dict(script.cookies)
    await script.log_in("agent")
    assert script.cookies != former
    script.cookies = former
    assert (await script.post("/logout")).status == 401


async def test_an_idle_session_is_over(script: Caller, house: House) -> None:
    await script.log_in("agent")
    house.clock.now += ADMISSIONS[Role.AGENT].idle
    assert (await script.post("/logout")).status == 401


async def test_using_a_session_keeps_it(script: Caller, house: House) -> None:
    await script.log_in("agent")
    for _ in range(3):
        house.clock.now += ADMISSIONS[Role.AGENT].idle - timedelta(seconds=1)
        assert (await script.get("/login")).status == 200
    assert (await script.post("/logout")).status == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.example"}],
)
async def test_an_unsafe_call_from_elsewhere_is_refused(script: Caller, headers: dict[str, str]) -> None:
    answer = await script.post("/login", {"name": "agent", "password": PASSWORD}, **headers)
    assert (answer.status, (await answer.json())["code"]) == (403, "request.forged")


async def test_an_unsafe_call_without_the_sessions_token_is_refused(script: Caller) -> None:
    await script.log_in("agent")
    script.csrf = ""
    assert (await script.post("/logout", **{"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN})).status == 403


async def test_an_unknown_field_is_refused(script: Caller) -> None:
    answer = await script.post("/login", {"name": "agent", "password": PASSWORD, "role": "system_admin"})
    assert (answer.status, (await answer.json())["code"]) == (400, "request.unreadable")


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xff=1", "application/x-www-form-urlencoded", 400),
        (b"name", "application/x-www-form-urlencoded", 400),
        (b"<a/>", "text/xml", 415),
        (b"x" * (64 * 1024 + 1), "application/json", 413),
    ],
)
async def test_a_broken_body_is_refused(script: Caller, body: bytes, media_type: str, status: int) -> None:
    headers = script.headers({"Content-Type": media_type})
    answer = await script.client.post("/login", data=body, headers=headers)
    assert answer.status == status


async def test_the_thirty_first_log_in_in_a_row_has_to_wait(script: Caller) -> None:
    answers = [await script.post("/login", {"name": "nobody"}) for _ in range(31)]
    assert [answer.status for answer in answers] == [400] * 30 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 30


async def test_a_browser_that_is_no_seat_sees_no_seat_page(person: Caller) -> None:
    assert (await person.get("/seat")).status == 403


async def test_a_member_enters_at_the_paired_seat_and_is_led_to_its_own_page(person: Caller, house: House) -> None:
    await person.post("/seat/pair", {"code": paper(house)})
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN)
    house.store.shelves["E-1", "code"].put(hashlib.sha256(b"A-01\n408296").hexdigest(), SLIP)
    answer = await person.post("/seat/enter", {"code": "408296"})
    assert (answer.status, answer.headers["Location"]) == (303, "/cases/E-1/me")


async def test_a_weak_signing_password_is_refused_before_anything_is_made(script: Caller, house: House) -> None:
    await seated(script, house)
    answer = await script.post("/cases/E-1/enrol", {"password": "123456", "again": "123456"})
    assert (answer.status, (await answer.json())["field"]) == (422, "password")


async def test_a_members_session_works_in_no_other_browser(script: Caller, house: House) -> None:
    await seated(script, house)
    del script.cookies[SEAT]
    assert (await script.get("/cases/E-1/me")).status == 403
    assert (await script.post("/logout")).status == 401


async def test_a_seat_code_works_once(script: Caller, house: House) -> None:
    await seated(script, house)
    answer = await script.post("/seat/enter", {"code": "408296"})
    assert (await answer.json())["code"] == "seat.code_refused"


async def test_an_account_may_not_set_a_signing_password(script: Caller, house: House) -> None:
    await script.post("/seat/pair", {"code": paper(house)})
    await script.log_in("agent")
    answer = await script.post("/cases/E-1/enrol", {"password": "730594", "again": "730594"})
    assert (answer.status, (await answer.json())["code"]) == (403, "request.not_allowed")
