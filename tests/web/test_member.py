"""The committee from the pledge to the candidates over the wire: what a member may do and see at its seat."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo import case_example_a as example
from tests.services.evaluation import PASSWORD
from tests.web.committee import Committee, Json, committee
from tests.web.conftest import Caller


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


async def refused(answer_of: object) -> tuple[int, str]:
    answer = await answer_of  # type: ignore[misc]
    return answer.status, (await answer.json())["code"]


async def seated(house: Committee) -> None:
    await house.evaluation.prepare_deployment()
    await house.evaluation.apply()
    await house.evaluation.draw_venues()
    await house.evaluation.draw_experts()
    await house.evaluation.open_bids()
    await house.evaluation.check_in()


async def test_the_committee_goes_from_the_pledge_to_the_candidates_at_its_seats(house: Committee) -> None:
    await seated(house)
    seats = await house.all_seats()
    for seat in seats.values():
        assert (await house.me(seat))["now"]["page"] == f"{house.path}/pledge"
        receipts = (await house.sign(seat, "pledge"))["receipts"]
        assert receipts[0]["proof"].startswith("c2sp.org/tlog-proof@v1")
    for votes in example.LEADER_BALLOTS:
        for voter, choice in votes.items():
            answer = await seats[f"m{voter[-1]}"].post(f"{house.path}/ballot", {"choice": f"m{choice[-1]}"})
            assert answer.status == 200
    leader = seats[house.state.leader]
    await review(house, seats, leader)
    await score(house, seats)
    assert (await leader.post(f"{house.path}/scoring/close")).status == 200
    flags = (await house.me(seats["m5"]))["flags"]
    assert [(flag["bid"], flag["deviation"]) for flag in flags] == [("A", example.DEVIATION["shown"])]
    assert not (await house.me(seats["m2"]))["flags"]
    kept = {"bid": "A", "choice": "kept", "reason": example.DEVIATION["reason"]}
    assert (await seats["m5"].post(f"{house.path}/selfcheck", kept)).status == 200
    assert (await leader.post(f"{house.path}/candidates")).status == 200
    assert (await house.me(seats["m2"]))["candidates"] == list(house.state.candidates)


async def review(house: Committee, seats: dict[str, Caller], leader: Caller) -> None:
    assert (await leader.post(f"{house.path}/prelim/begin")).status == 200
    for number, seat in seats.items():
        for bid in example.BIDDERS:
            for clause, *_ in example.CLAUSES:
                finding: Json = {"pass": True}
                if (bid, clause) == ("F", example.F_CLAUSE):
                    finding = dict(example.F_FINDINGS[f"评委{number[-1]}"])
                cell = {"bid": bid, "clause": clause, "finding": finding, "revision": 0}
                answer = await seat.post(f"{house.path}/findings", cell)
                assert (answer.status, await answer.json()) == (200, {"revision": 1})
        await house.sign(seat, "prelim")
    assert (await leader.post(f"{house.path}/prelim/close")).status == 200
    assert "F" not in house.state.valid_bids


async def score(house: Committee, seats: dict[str, Caller]) -> None:
    for number, seat in seats.items():
        for bid in house.state.valid_bids:
            for item, typed in example.scores_of(f"评委{number[-1]}", bid).items():
                cell = {"bid": bid, "item": item, "field": "score", "typed": typed, "revision": 0}
                assert (await seat.post(f"{house.path}/scores", cell)).status == 200
        assert len((await house.sign(seat, "score-sheet"))["receipts"]) == 5


async def test_a_wrong_password_is_counted_and_the_fifth_locks(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    batch = (await (await seat.post(f"{house.path}/prepare/pledge", {})).json())["batch"]
    wrong = {"batch": batch, "password": "500291"}
    answer = await seat.post(f"{house.path}/sign/pledge", wrong)
    told = await answer.json()
    assert (answer.status, told["code"]) == (403, "signing.password_wrong")
    assert "4" in told["what"]
    codes = [await refused(seat.post(f"{house.path}/sign/pledge", wrong)) for _ in range(4)]
    assert codes[-1] == (423, "signing.locked")
    right = {"batch": batch, "password": PASSWORD}
    assert await refused(seat.post(f"{house.path}/sign/pledge", right)) == (423, "signing.locked")
