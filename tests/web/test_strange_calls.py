"""Calls that no page makes: other people's cases, endless numbers, bottomless bodies, lines where one has no part."""

from dataclasses import replace

import pytest
from aiohttp import WSServerHandshakeError

from evaluation.case import Case, CaseId, Member, MemberId, State
from tests.web.cases import info
from tests.web.conftest import Caller
from tests.web.fakes import House
from tests.web.test_socket import connected, next_of
from web.sockets import SOCKETS

ENDLESS = "9" * 5000


@pytest.mark.parametrize("path", ["/cases/E-9/suspend", "/cases/E-9/close", "/cases/E-9/prepare/nothing"])
async def test_a_form_sent_to_a_case_of_others_is_refused_on_a_page(person: Caller, path: str) -> None:
    await person.log_in("witness" if "prepare" in path else "main-staff")
    shown = await (await person.get("/")).text()
    token = shown.split('name="csrf" value="')[1].split('"')[0]
    answer = await person.post(path, {"csrf": token} | ({"reason": "停电"} if "suspend" in path else {}))
    assert answer.status in {403, 404}
    assert "text/html" in answer.headers["Content-Type"]


@pytest.mark.parametrize("path", [f"receipts/{ENDLESS}", f"log?from={ENDLESS}", f"footage/A-01/camera/{ENDLESS}"])
async def test_a_number_without_end_is_no_fault_of_ours(script: Caller, house: House, path: str) -> None:
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CLOSED)
    await script.log_in("archivist")
    assert (await script.get(f"/cases/E-1/{path}")).status < 500


async def test_a_body_without_bottom_is_refused(script: Caller) -> None:
    headers = script.headers({"Content-Type": "application/json"})
    answer = await script.client.post("/login", data=b"[" * 60_000, headers=headers)
    assert answer.status == 400


@pytest.mark.parametrize("case", ["E-1", "E-9"])
async def test_who_has_no_part_in_a_case_opens_no_line_and_is_told_as_of_a_case_that_is_not_there(
    script: Caller, house: House, case: str
) -> None:
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN)
    await script.log_in("sub-staff")
    with pytest.raises(WSServerHandshakeError) as refusal:
        await connected(script, f"/cases/{case}/ws")
    assert refusal.value.status == 404


async def test_no_line_is_made_to_a_case_whose_rules_cannot_be_read(script: Caller, house: House) -> None:
    lost = replace(info(), profile_digest="0" * 64)
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=lost)
    await script.log_in("witness")
    with pytest.raises(WSServerHandshakeError) as refused:
        await connected(script, "/cases/E-1/ws")
    assert refused.value.status == 409


async def test_r_37_a_venue_is_told_of_its_own_seats_alone(script: Caller, house: House) -> None:
    seats = {"m1": ("B", "B-01"), "m2": ("A", "A-01")}
    members = {
        MemberId(name): Member(MemberId(name), f"评委{name[1]}", "expert", venue, seat, "12")
        for name, (venue, seat) in seats.items()
    }
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.CHECK_IN, info=info(), members=members)
    house.store.shelves["E-1", "place"].put("all", {"sub-1": {"venue": "A", "seats": ["A-01"]}})
    await script.log_in("sub-staff")
    line = await connected(script, "/cases/E-1/ws")
    await next_of(line, "state")
    sockets = script.client.app[SOCKETS]
    for _, seat in seats.values():
        await sockets.tell("E-1", {"t": "presence", "seat": seat, "online": False})
    assert (await next_of(line, "presence"))["seat"] == "A-01"


@pytest.mark.parametrize(
    ("who", "path", "fields"),
    [
        ("witness", "prepare/statement", {"text": "长" * 4001}),
        ("main-staff", "suspend", {"reason": "停电", "venue": "V" * 21}),
    ],
)
async def test_a_text_longer_than_its_field_is_refused(
    script: Caller, house: House, who: str, path: str, fields: dict[str, str]
) -> None:
    house.store.cases["E-1"] = Case(CaseId("E-1"), State.DETAILED)
    await script.log_in(who)
    answer = await script.post(f"/cases/E-1/{path}", fields)
    assert (answer.status, (await answer.json())["code"]) == (400, "request.field_too_long")
