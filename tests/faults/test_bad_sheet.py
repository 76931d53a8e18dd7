"""What a member hands in wrong at its seat: refused by name, drafts kept, nothing signed twice or too late."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientResponse

from demo import case_example_a as example
from evaluation.case import MemberId
from identity import service
from identity.accounts import Account
from identity.roles import Role
from tests.services.evaluation import PASSWORD
from tests.web.committee import Committee, Json, committee
from tests.web.conftest import Caller
from web.admission import ACCOUNTS, DEPLOYMENT

pytestmark = pytest.mark.asyncio(loop_scope="module")
WRONG, NEW_PASSWORD = "500291", "618392"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Committee]:
    """A committee at its detailed review, nothing typed yet."""
    async with committee(tmp_path_factory.mktemp("room")) as made:
        evaluation = made.evaluation
        for part in (
            evaluation.prepare_deployment,
            evaluation.apply,
            evaluation.draw_venues,
            evaluation.draw_experts,
            evaluation.open_bids,
            evaluation.check_in,
            evaluation.pledge_and_elect,
            evaluation.review,
        ):
            await part()
        yield made


async def refused(call: Awaitable[ClientResponse]) -> tuple[int, Json]:
    answer = await call
    assert answer.status >= 400
    return answer.status, await answer.json()


def cell(typed: str, revision: int = 0, bid: str = "A", item: str = "T1", **other: Any) -> Json:  # noqa: ANN401
    return {"bid": bid, "item": item, "field": "score", "typed": typed, "revision": revision} | other


async def fill(room: Committee, seat: Caller, number: int, but: dict[tuple[str, str], str]) -> None:
    """Type a member's whole sheets of Example A, with other values where `but` has them."""
    for bid in room.state.valid_bids:
        for item, typed in example.scores_of(f"评委{number}", bid).items():
            answer = await seat.post(f"{room.path}/scores", cell(but.get((bid, item), typed), 0, bid, item))
            assert answer.status == 200, await answer.text()


async def drafts(room: Committee, seat: Caller) -> Json:
    own: Json = (await room.me(seat))["drafts"]["scores"]
    return own


async def test_a_score_out_of_range_is_kept_as_typed_and_cannot_be_signed(room: Committee) -> None:
    seat = await room.seat("m3")
    await fill(room, seat, 3, {("B", "T2"): "10.5", ("C", "B1"): "abc"})
    status, told = await refused(seat.post(f"{room.path}/prepare/score-sheet", {}))
    assert (status, told["code"]) == (422, "sheet.refused")
    assert "T2" in str(told["detail"]), "the first sheet with a wrong cell names the cell"
    assert (await drafts(room, seat))["B"]["T2"]["score"]["typed"] == "10.5"


async def test_a_save_over_a_newer_value_is_refused_with_what_stands_there(room: Committee) -> None:
    seat = await room.seat("m2")
    assert (await (await seat.post(f"{room.path}/scores", cell("7"))).json()) == {"revision": 1}
    assert (await (await seat.post(f"{room.path}/scores", cell("7.5", 1))).json()) == {"revision": 2}
    status, told = await refused(seat.post(f"{room.path}/scores", cell("9", 1)))
    assert (status, told["code"]) == (409, "draft.stale")
    assert told["detail"] == {"typed": "7.5", "revision": 2}


async def test_a_member_locked_out_gets_a_new_password_from_the_desk_and_keeps_all_drafts(room: Committee) -> None:
    seat = await room.seat("m5")
    assert room.state.members[MemberId("m5")].venue == "V1", "the desk of another venue does not know the member"
    await fill(room, seat, 5, {})
    typed = await drafts(room, seat)
    batch = (await (await seat.post(f"{room.path}/prepare/score-sheet", {})).json())["batch"]
    path = f"{room.path}/sign/score-sheet"
    codes = [(await refused(seat.post(path, {"batch": batch, "password": WRONG})))[1]["code"] for _ in range(5)]
    assert codes == ["signing.password_wrong"] * 4 + ["signing.locked"]
    assert (await refused(seat.post(path, {"batch": batch, "password": PASSWORD})))[1]["code"] == "signing.locked"
    again = {"password": NEW_PASSWORD, "again": NEW_PASSWORD}
    assert (await refused(seat.post(f"{room.path}/enrol", again)))[1]["code"] == "signing.already_enrolled"

    desk = await room.account(Role.CHECKIN, "desk")
    colleague = Account("colleague", Role.CHECKIN, "", "演示同事", "V1")
    await room.evaluation.store.act(lambda tx: service.add_account(tx.shelf(DEPLOYMENT, ACCOUNTS), colleague))
    reissued = await desk.post(f"{room.path}/desk/reissue", {"member": "m5", "second": "colleague"})
    assert reissued.status == 200, await reissued.text()
    enrolled = await seat.post(f"{room.path}/enrol", again)
    assert enrolled.status == 200, await enrolled.text()
    assert await drafts(room, seat) == typed
    prepared = await (await seat.post(f"{room.path}/prepare/score-sheet", {})).json()
    assert (await refused(seat.post(path, {"batch": prepared["batch"], "password": PASSWORD})))[0] == 403
    signed = await seat.post(path, {"batch": prepared["batch"], "password": NEW_PASSWORD})
    assert signed.status == 200, await signed.text()
    assert len((await signed.json())["receipts"]) == len(room.state.valid_bids)


async def test_a_signed_sheet_is_neither_signed_again_nor_typed_into(room: Committee) -> None:
    seat = await room.seat("m4")
    await fill(room, seat, 4, {})
    prepared = await (await seat.post(f"{room.path}/prepare/score-sheet", {})).json()
    release = {"batch": prepared["batch"], "password": PASSWORD}
    signed = await seat.post(f"{room.path}/sign/score-sheet", release)
    assert signed.status == 200
    before = len(room.state.sheets)
    # Who asks again, because no answer came, is told what it became; nothing is signed a second time.
    again = await seat.post(f"{room.path}/sign/score-sheet", release)
    entries = [[one["entry"] for one in (await answer.json())["receipts"]] for answer in (signed, again)]
    assert entries[0] == entries[1] != []
    _, told = await refused(seat.post(f"{room.path}/sign/score-sheet", release | {"batch": "another"}))
    assert told["code"] == "signing.nothing_prepared"
    _, told = await refused(seat.post(f"{room.path}/prepare/score-sheet", {}))
    assert told["code"] == "stage.not_open"
    _, told = await refused(seat.post(f"{room.path}/scores", cell("1", 1)))
    assert told["code"] == "sheet.not_open"
    assert len(room.state.sheets) == before


async def test_a_score_after_the_review_was_closed_comes_too_late(room: Committee) -> None:
    m3, m2, m1 = [await room.seat(name) for name in ("m3", "m2", "m1")]
    assert (await m3.post(f"{room.path}/scores", cell("8.5", 1, "B", "T2"))).status == 200
    right = example.scores_of("评委3", "C")["B1"]
    assert (await m3.post(f"{room.path}/scores", cell(right, 1, "C", "B1"))).status == 200
    mended = example.scores_of("评委2", "A")["T1"]
    for bid in room.state.valid_bids:
        for item, typed in example.scores_of("评委2", bid).items():
            here = (bid, item) == ("A", "T1")
            answer = await m2.post(f"{room.path}/scores", cell(mended if here else typed, 2 if here else 0, bid, item))
            assert answer.status == 200
    await fill(room, m1, 1, {})
    for seat in (m3, m2, m1):
        await room.sign(seat, "score-sheet")
    assert room.state.leader == "m3"
    assert (await m3.post(f"{room.path}/scoring/close")).status == 200
    for seat in (m3, m1):
        _, told = await refused(seat.post(f"{room.path}/scores", cell("1", 1)))
        assert told["code"] == "sheet.not_open"
    _, told = await refused(m3.post(f"{room.path}/scoring/close"))
    assert told["code"] == "stage.not_open"
