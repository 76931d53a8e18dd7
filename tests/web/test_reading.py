"""Papers at a seat over the wire: how long they were read, by whom that is seen, and that they stay in their page."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conduct import reading
from conduct.ports import Tx
from demo import case_example_a as example
from evaluation.case import BidId
from identity.roles import Role
from tests.services.evaluation import CASE
from tests.services.profiles import judge_by
from tests.web.committee import Committee, committee, seated
from tests.web.conftest import Caller
from tests.web.test_member import at_scoring, cell, refused


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


def bid_of(house: Committee, bid: str) -> str:
    """The digest of a bid's document."""
    documents = house.state.documents
    return next(one.sha256 for one in documents if one.path == f"bids/{bid}.pdf")


async def read(house: Committee, seat: Caller, bid: str, seconds: int) -> None:
    answer = await seat.post(f"{house.path}/reading", {"paper": bid_of(house, bid), "seconds": seconds})
    assert answer.status == 200, await answer.text()


async def have_read(house: Committee, member: str, ms: int, bids: str) -> None:
    """As if a member had read these bids."""

    def keep(tx: Tx) -> None:
        spent = {bid_of(house, bid): ms for bid in bids}
        tx.shelf(CASE, reading.SHELF).put(member, {"at": tx.now.isoformat(), "ms": spent})

    await house.evaluation.store.act(keep)


async def test_reading_time_is_held_against_the_servers_clock(house: Committee) -> None:
    await at_scoring(house)
    seat = await house.seat("m1")
    await read(house, seat, "A", 25)
    await read(house, seat, "B", 3600)
    read_so_far = house.evaluation.store.look(lambda tx: reading.times(tx, CASE))["m1"]  # type: ignore[index]
    assert read_so_far["bids/A.pdf"] == 25
    assert read_so_far["bids/B.pdf"] < 25
    nothing = {"paper": "0" * 64, "seconds": 5}
    assert await refused(seat.post(f"{house.path}/reading", nothing)) == (404, "document.unknown")


def test_a_bid_in_several_files_was_read_as_long_as_all_of_them() -> None:
    read = {
        "bids/A/1.pdf": 20,
        "bids/A/2.pdf": 30,
        "bids/AB.pdf": 9,
        "blind/B.pdf": 5,
        "bills/A.csv": 7,
        "tender-document.pdf": 60,
    }
    assert [reading.of_bid(read, bid) for bid in ("A", "AB", "B")] == [50, 9, 5]


async def test_a_sheet_on_a_bid_that_was_not_read_is_not_signed(
    house: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"reading": {"bid_minimum_s": 60}})
    await at_scoring(house)
    seat = await house.seat("m1")
    for bid in house.state.valid_bids:
        for item, typed in example.scores_of("评委1", bid).items():
            await seat.post(f"{house.path}/scores", {**cell(typed, 0, item), "bid": bid})
    await have_read(house, "m1", 60_000, "ABCD")
    assert await refused(seat.post(f"{house.path}/prepare/score-sheet", {})) == (422, "sheet.read_too_short")
    await have_read(house, "m1", 60_000, "ABCDE")
    assert (await seat.post(f"{house.path}/prepare/score-sheet", {})).status == 200


async def test_supervisor_sees_times_by_bid_and_the_witness_sums_and_the_log_keeps_them(house: Committee) -> None:
    await at_scoring(house)
    await have_read(house, "m2", 90_500, "AC")
    supervisor, witness = [await house.account(role, role.value) for role in (Role.SUPERVISOR, Role.WITNESS)]
    seen = (await (await supervisor.get(f"{house.path}/progress")).json())["reading"][1]
    assert (seen["bids"]["A"], seen["bids"]["B"], seen["all"]) == (90, 0, 180)
    seen = (await (await witness.get(f"{house.path}/watch")).json())["reading"][1]
    assert (seen["opened"], seen["of"], seen["all"]) == (2, 6, 180)
    assert "bids" not in seen
    main = await house.account(Role.MAIN_STAFF, "main")
    assert "reading" not in await (await main.get(f"{house.path}/progress")).json()
    await house.evaluation.score()
    await house.evaluation.sum_up()
    entries = [json.loads(data) for _, data in house.evaluation.store.look(_stated)]
    expected = {"m2": {"bids/A.pdf": 90, "bids/C.pdf": 90}}
    assert [one["body"]["seconds"] for one in entries] == [expected]


def _stated(tx: Tx) -> list[tuple[int, bytes]]:
    return list(tx.statements(CASE, "reading.stated"))


async def test_a_paper_comes_by_range_and_only_to_the_page_that_shows_it(house: Committee) -> None:
    await at_scoring(house)
    seat, path = await house.seat("m1"), f"{house.path}/documents/{bid_of(house, 'A')}"
    part = await seat.get(path, Range="bytes=0-7")
    assert (part.status, await part.read()) == (206, house.evaluation.store.objects.get(bid_of(house, "A"))[:8])
    assert (await seat.get(path, **{"Sec-Fetch-Dest": "empty"})).status == 200
    for opened in ("document", "iframe", "object"):
        assert await refused(seat.get(path, **{"Sec-Fetch-Dest": opened})) == (403, "document.page_only")
    supervisor = await house.account(Role.SUPERVISOR, "supervisor")
    assert (await supervisor.get(path, **{"Sec-Fetch-Dest": "document"})).status == 200


async def test_where_the_profile_allows_copies_a_paper_opens_by_itself(
    house: Committee, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"reading": {"may_copy": True}})
    await at_scoring(house)
    seat = await house.seat("m1")
    assert (await (await seat.get(f"{house.path}/scores")).json())["may_copy"] is True
    path = f"{house.path}/documents/{bid_of(house, 'A')}"
    assert (await seat.get(path, **{"Sec-Fetch-Dest": "document"})).status == 200


async def test_a_page_with_cells_under_way_is_not_signed(house: Committee) -> None:
    await at_scoring(house)
    seat = await house.seat("m1")
    count = 0
    for bid in house.state.valid_bids:
        for item, typed in example.scores_of("评委1", BidId(bid)).items():
            await seat.post(f"{house.path}/scores", {**cell(typed, 0, item), "bid": bid})
            count += 1
    for told in ({"unsaved": 2, "saves": count}, {"unsaved": 0, "saves": count - 1}):
        assert await refused(seat.post(f"{house.path}/prepare/score-sheet", told)) == (409, "draft.unsaved")
    assert (await seat.post(f"{house.path}/prepare/score-sheet", {"unsaved": 0, "saves": count})).status == 200


async def test_before_the_pledge_no_bid_is_read(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    told = {"paper": bid_of(house, "A"), "seconds": 5}
    assert await refused(seat.post(f"{house.path}/reading", told)) == (404, "document.unknown")
