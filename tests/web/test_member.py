"""The committee from the pledge to the candidates over the wire: what a member may do and see at its seat."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conduct import enrolling, pausing
from conduct.ports import Actor
from demo import case_example_a as example
from evaluation.case import MemberId
from tests.services.evaluation import CASE, PASSWORD
from tests.web.committee import Committee, Json, committee, seated
from tests.web.conftest import Caller

FLAG = {"bid": "A", "choice": "kept", "reason": "理由"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


async def refused(answer_of: object) -> tuple[int, str]:
    answer = await answer_of  # type: ignore[misc]
    return answer.status, (await answer.json())["code"]


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


async def at_scoring(house: Committee) -> None:
    await seated(house)
    await house.evaluation.pledge_and_elect()
    await house.evaluation.review()


def cell(typed: str, revision: int, item: str = "T1") -> Json:
    return {"bid": "A", "item": item, "field": "score", "typed": typed, "revision": revision}


async def test_a_save_that_came_too_late_is_shown_what_stands_there(house: Committee) -> None:
    await at_scoring(house)
    seat = await house.seat("m1")
    assert await (await seat.post(f"{house.path}/scores", cell("8.5", 0))).json() == {"revision": 1}
    answer = await seat.post(f"{house.path}/scores", cell("7", 0))
    told = await answer.json()
    assert (answer.status, told["code"], told["detail"]) == (409, "draft.stale", {"typed": "8.5", "revision": 1})
    assert (await house.me(seat))["drafts"]["scores"]["A"]["T1"]["score"] == {"typed": "8.5", "revision": 1}


async def test_while_work_is_paused_nothing_is_written_but_presence_and_interference(house: Committee) -> None:
    await at_scoring(house)
    seat = await house.seat("m1")
    main = Actor("main_staff", "main", "V1")
    await house.evaluation.store.act(lambda tx: pausing.suspend(tx, CASE, main, "副场停电"))
    for path, body in (("scores", cell("8.5", 0)), ("prepare/score-sheet", {}), ("selfcheck", FLAG)):
        assert await refused(seat.post(f"{house.path}/{path}", body)) == (423, "case.paused")
    shown = await house.me(seat)
    assert (shown["pause"]["reason"], shown["now"]["page"]) == ("副场停电", f"{house.path}/presence")
    assert (await seat.post(f"{house.path}/presence")).status == 200
    assert (await seat.post(f"{house.path}/interference", {"text": "有人打招呼"})).status == 200
    assert (await house.me(seat))["now"]["page"] == ""


async def test_only_the_leader_closes_a_stage_and_sees_its_panel(house: Committee) -> None:
    await at_scoring(house)
    other = next(member for member in house.state.members if member != house.state.leader)
    seat = await house.seat(other)
    assert await refused(seat.post(f"{house.path}/scoring/close")) == (403, "leader.only")
    assert await refused(seat.get(f"{house.path}/leader")) == (403, "leader.only")
    question = {"bid": "E", "pages": "第 87 页", "text": "请说明工期"}
    assert await refused(seat.post(f"{house.path}/clarifications", question)) == (403, "leader.only")
    leader = await house.seat(house.state.leader)
    asked = await (await leader.post(f"{house.path}/clarifications", question)).json()
    assert asked == {"id": "c2", "warnings": []}


async def test_what_is_read_back_is_what_is_signed_and_the_grid_says_how_far_it_is(house: Committee) -> None:
    await at_scoring(house)
    seat = await house.seat("m1")
    states = [await grid_state(house, seat)]
    for bid in house.state.valid_bids:
        for item, typed in example.scores_of("评委1", bid).items():
            await seat.post(f"{house.path}/scores", {**cell(typed, 0, item), "bid": bid})
    states.append(await grid_state(house, seat))
    prepared = await (await seat.post(f"{house.path}/prepare/score-sheet", {})).json()
    read = await (await seat.get(f"{house.path}/sign/score-sheet")).json()
    assert (read["batch"], read["code"]) == (prepared["batch"], prepared["code"])
    assert [one["body"] for one in read["statements"]] == [json.loads(one)["body"] for one in prepared["statements"]]
    states.append(await grid_state(house, seat))
    await seat.post(f"{house.path}/sign/score-sheet", {"batch": prepared["batch"], "password": PASSWORD})
    states.append(await grid_state(house, seat))
    assert states == ["blank", "draft", "submitted", "signed"]
    assert await refused(seat.post(f"{house.path}/scores", cell("1", 1))) == (409, "sheet.not_open")
    receipts = (await (await seat.get(f"{house.path}/receipts")).json())["receipts"]
    assert [one["what"] for one in receipts] == ["承诺书", "初步评审表", *["打分表"] * 5]


async def grid_state(house: Committee, seat: Caller) -> str:
    columns = (await (await seat.get(f"{house.path}/scores")).json())["columns"]
    return str(columns[0]["state"])


async def test_a_lost_password_is_set_anew_on_the_desks_word_alone(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m1")
    fresh = {"password": "730594", "again": "730594"}
    assert await refused(seat.post(f"{house.path}/enrol", fresh)) == (409, "signing.already_enrolled")
    desk, row = Actor("checkin", "desk", "V1"), house.state.members[MemberId("m1")]
    await house.evaluation.store.act(lambda tx: enrolling.reissue(tx, CASE, desk, "colleague", row.id))
    assert (await house.me(seat))["now"]["page"] == f"{house.path}/enrol"
    assert (await seat.post(f"{house.path}/enrol", fresh)).status == 200
    assert house.state.members[MemberId("m1")].certificate_sha256 != row.certificate_sha256
    batch = (await (await seat.post(f"{house.path}/prepare/pledge", {})).json())["batch"]
    assert await refused(seat.post(f"{house.path}/sign/pledge", {"batch": batch, "password": PASSWORD})) == (
        403,
        "signing.password_wrong",
    )
    assert (await seat.post(f"{house.path}/sign/pledge", {"batch": batch, "password": "730594"})).status == 200


async def test_a_refused_signature_shows_what_was_read_back_again(house: Committee) -> None:
    await seated(house)
    person = await house.seat("m1", json=False)
    text = await (await person.get(f"{house.path}/pledge")).text()
    found = re.search(r'name="csrf" value="([^"]{43})"', text)
    assert found
    prepared = await person.post(f"{house.path}/prepare/pledge", {"csrf": found[1]})
    assert (prepared.status, prepared.headers["Location"]) == (303, f"{house.path}/sign/pledge")
    batch = re.search(r'name="batch" value="([0-9a-f]+)"', await (await person.get(f"{house.path}/sign/pledge")).text())
    assert batch
    answer = await person.post(f"{house.path}/sign/pledge", {"csrf": found[1], "batch": batch[1], "password": "500291"})
    shown = await answer.text()
    assert answer.status == 403
    assert "还可以再试 4 次" in shown
    assert "本人将独立、客观、公正地评审" in shown
    assert batch[1] in shown


async def test_a_refused_page_repeats_no_password_and_nothing_of_a_security_key(house: Committee) -> None:
    await seated(house)
    person = await house.seat("m1", json=False)
    text = await (await person.get(f"{house.path}/pledge")).text()
    found = re.search(r'name="csrf" value="([^"]{43})"', text)
    assert found
    typed = {"csrf": found[1], "batch": "aa", "password": "500291", "security_key": '{"prf": ["Q29tcHV0ZWQ"]}'}
    shown = await (await person.post(f"{house.path}/sign/pledge", typed)).text()
    assert '"batch": ["aa"]' in shown
    assert not any(secret in shown for secret in ("500291", "Q29tcHV0ZWQ"))


async def test_a_member_that_stands_aside_is_told_to_wait(house: Committee) -> None:
    await seated(house)
    seat = await house.seat("m2")
    assert await refused(seat.post(f"{house.path}/recusal", {"reason": ""})) == (400, "request.field_missing")
    assert (await seat.post(f"{house.path}/recusal", {"reason": "近亲属在投标单位任职"})).status == 200
    shown = await house.me(seat)
    assert (shown["me"]["recused"], shown["now"]["page"]) == (True, "")
