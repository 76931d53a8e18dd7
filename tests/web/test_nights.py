"""隔夜封存 over the wire: sealed at the host's desk; in the morning a session of yesterday opens nothing any more."""

from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from conduct.ports import Json, stamp
from identity import service
from identity.accounts import Account
from identity.roles import Role
from identity.sessions import Holder
from tests.services.evaluation import CASE
from tests.web.two_worlds import Begun, begun, signed_in

HOME = f"/cases/{CASE}"


async def post(made: Begun, headers: dict[str, str], path: str, body: Json) -> tuple[int, Json]:
    wanted = {**headers, "Accept": "application/json"}
    answer = await made.world.client.post(path, headers=wanted, json=body, allow_redirects=False)
    told: Json = await answer.json()
    return answer.status, told


async def enter(made: Begun, seat: dict[str, str], code: str) -> dict[str, str]:
    """Type a seat code at a paired browser: the headers of the session that it opens."""
    pairing = next(part for part in seat["Cookie"].split("; ") if part.startswith("__Host-seat="))
    headers = {"Cookie": pairing, "Accept": "application/json"}
    answer = await made.world.client.post("/seat/enter", headers=headers, json={"code": code})
    assert answer.status == HTTPStatus.OK, await answer.text()
    cookie = answer.cookies["__Host-session"].value
    return {"Cookie": f"{pairing}; __Host-session={cookie}", "X-CSRF-Token": (await answer.json())["csrf"]}


async def test_in_the_morning_the_desk_opens_a_seat_again_and_yesterdays_session_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await begun(tmp_path, monkeypatch)
    evaluation, store = made.world.evaluation, made.world.store
    evaluation.days = 2
    for part in ("apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, part)()
    expected = evaluation.expected()
    for part in ("check_in", "pledge_and_elect", "review"):
        await getattr(evaluation, part)()
    [(place, number)] = [
        (f"m{n}", number) for n, (venue, number) in enumerate(expected, 1) if venue == "V1" and n < len(expected)
    ]
    colleague = Account("colleague", Role.MAIN_STAFF, "", "", "V1")
    await store.act(lambda tx: service.add_account(tx.shelf("deployment", "accounts"), colleague))
    yesterday = (await store.act(lambda tx: signed_in(tx, Holder(Role.MEMBER, place, "V1"), made.clock()))).headers
    host, desk = (
        next(one.headers for one in made.people if one.role == role and one.venue == "V1")
        for role in (Role.MAIN_STAFF, Role.CHECKIN)
    )
    status, told = await post(made, host, f"{HOME}/night", {"resumes": stamp(made.clock() - timedelta(hours=1))})
    assert (status, told["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "night.morning_passed")
    status, _ = await post(made, host, f"{HOME}/night", {"resumes": stamp(made.clock() + timedelta(hours=15))})
    assert status == HTTPStatus.OK
    page = await made.world.client.get(f"{HOME}/host", headers={**host, "Accept": "text/html"})
    assert f'action="{HOME}/suspend"' in await page.text(), "a night that cannot end becomes an incident"
    page = await made.world.client.get(f"{HOME}/me", headers={**yesterday, "Accept": "text/html"})
    assert "今天的评审已封存" in await page.text()
    status, told = await post(made, yesterday, f"{HOME}/presence", {})
    assert (status, told["code"]) == (HTTPStatus.CONFLICT, "night.identity_unchecked")
    back = {"id_number": "11010119900101001X", "locker": "7", "second": "colleague"}
    assert await post(made, desk, f"{HOME}/desk/return", back) == (HTTPStatus.OK, {"match": False})
    status, slip = await post(made, desk, f"{HOME}/desk/return", back | {"id_number": number})
    assert (status, slip["match"], slip["member"]) == (HTTPStatus.OK, True, place)
    status, told = await post(made, yesterday, f"{HOME}/presence", {})
    assert (status, told["code"]) == (HTTPStatus.UNAUTHORIZED, "session.over")
    today = await enter(made, yesterday, slip["code"])
    status, _ = await post(made, today, f"{HOME}/presence", {})
    assert status == HTTPStatus.OK
    status, told = await post(made, host, f"{HOME}/night/end", {})
    assert (status, told["code"]) == (HTTPStatus.CONFLICT, "pause.presence_missing")
    await made.world.client.close()
    store.close()
