"""Two bids that nothing tells apart: a lot by commit and reveal, the tally goes on with it, the bag proves it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conduct import drawing, pausing, reporting, rolling_back, scoring, summing, tie_draw
from conduct.authorising import Office
from conduct.ports import Actor, Json, Tx
from conduct.scheduler import Scheduler
from demo import case_example_a
from demo.example import Example
from draw.replay import main as replay
from evaluation.case import BidId, State
from evaluation.life import Paused
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.parties import HOST, PARTIES
from tests.services.profiles import judge_by
from tests.services.test_reporting import answer, printed, seal
from tests.services.test_scenarios_life import everybody_is_back, set_clock
from tests.services.test_sealed_draw import LONG_AGO, logged, needs

SILENT, *REST = (party for party in PARTIES if party != HOST)
Scores = Callable[[str, str], dict[str, str]]


def example(like: str, scores_of: Scores, *ties: Json) -> Example:
    """Example A where E asks the price of the bid it is like; `ties` in place of the tender document's rules."""
    made = SimpleNamespace(**{name: getattr(case_example_a, name) for name in dir(case_example_a) if name[0] != "_"})
    made.PRICES = case_example_a.PRICES | {"E": case_example_a.PRICES[like]}
    made.UNIT_PRICES = case_example_a.UNIT_PRICES | {"E": case_example_a.UNIT_PRICES[like]}
    bids = [row | {"price": made.PRICES[row["id"]]} for row in case_example_a.OPENING["bids"]]
    made.OPENING = case_example_a.OPENING | {"bids": bids}
    made.CRITERIA = case_example_a.CRITERIA | {"ties": list(ties) or case_example_a.CRITERIA["ties"]}
    made.scores_of = scores_of
    return cast(Example, made)


def as_b(alias: str, bid: str) -> dict[str, str]:
    """E is scored as B is, by everybody."""
    return case_example_a.scores_of(alias, "B" if bid == "E" else bid)


@pytest.fixture
def tied(store: Store, office: Office, tmp_path: Path) -> Evaluation:
    return Evaluation(store, office, tmp_path, example("B", as_b))


async def to_tie(evaluation: Evaluation) -> None:
    """All sheets signed; the leader closes the scoring."""
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score()
    await evaluation.do(summing.close_scoring, evaluation.leader)


async def cast_lot(evaluation: Evaluation) -> tuple[str, ...]:
    """What the clock does once every link is in; the order."""
    await tie_draw.run(evaluation.store, evaluation.process, evaluation.case, "ties", summing.go_on)
    return evaluation.state.draws["ties"].opened


async def recommend(evaluation: Evaluation) -> None:
    for flag in evaluation.state.flags:
        await evaluation.do(summing.decide, Actor("member", flag.member), flag.bid, "kept", "维持")
    await evaluation.do(summing.recommend, evaluation.leader)


def ranks(evaluation: Evaluation) -> str:
    return "".join(row["bid"] for row in evaluation.state.rows)


async def test_two_bids_equal_in_everything_go_by_a_lot_to_the_sealed_and_judged_bag(
    tied: Evaluation, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await to_tie(tied)
    assert (tied.state.state, tied.state.rows) == (State.PRICE, ())
    assert tied.state.draws["ties"].request["bids"] == [["B", "E"]]
    await tied.commit_and_reveal("ties")
    order = await cast_lot(tied)
    assert sorted(order) == ["B", "E"]
    assert (tied.state.state, ranks(tied)[:2]) == (State.RECHECK, "".join(order))
    assert [row["rank"] for row in tied.state.rows] == [1, 2, 3, 4, 5]
    await recommend(tied)
    assert tied.state.candidates[:2] == order
    await reporting.render(tied.store, CASE)
    report = tied.state.report
    assert report is not None
    words = printed(tied.store.objects.get(report.sha256))
    assert f"抽签次序：{order[0]}" in words
    assert tied.state.draws["ties"].now.transcript in words
    for alias in tied.example.MEMBERS:
        await answer(tied, alias, "signed")
    verdict = await seal(tied, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    drawn = tmp_path / "sealed" / CASE / "data" / "draw"
    assert replay([str(drawn / "ties.json"), str(drawn / "ties-pool.jsonl")]) == 0


async def test_a_lot_outlasts_a_silent_party_a_death_of_the_process_and_a_pause(tied: Evaluation) -> None:
    await to_tie(tied)
    for party in (HOST, *REST):
        await tied.commit(party, "ties")
    assert await tied.do(drawing.void_silent, "ties", frozenset(), datetime.now(UTC)) == ()
    tied.store.writer._clock = lambda: datetime.now(UTC).replace(year=2030)
    assert await tied.do(drawing.void_silent, "ties", frozenset(), LONG_AGO) == (SILENT,)
    assert (tied.state.draws["ties"].attempt, tied.state.state) == (2, State.PRICE)
    await tied.do(pausing.begin_break, MAIN)
    for party in (HOST, *REST):
        await tied.commit(party, "ties")
    await tied.reveal(HOST, "ties")
    tied.process.start_again()
    assert await needs(tied, HOST, "ties") == [("reveal", True)]
    for party in (HOST, *REST):
        await tied.reveal(party, "ties")
    clock = Scheduler(tied.store, cast(Any, None), tied.process, {})
    with pytest.raises(Paused):
        await cast_lot(tied)
    await clock._draw(tied.state)
    assert not tied.state.draws["ties"].order
    for alias in tied.example.MEMBERS:
        await tied.do(pausing.confirm_presence, tied.member(alias))
    await tied.do(pausing.resume, MAIN)
    await clock._draw(tied.state)
    assert sorted(tied.state.draws["ties"].opened) == ["B", "E"]
    (voided,) = logged(tied, "draw.voided")
    assert (voided["party"], voided["reason"]) == (SILENT, "silent")
    assert tied.state.state is State.RECHECK


async def test_a_pause_is_no_partys_silence(tied: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of a lot stands still while work is paused, and goes on afterwards where it stood."""
    judge_by(monkeypatch, {"draw": {"silent_after_s": 600}})
    began = datetime.now(UTC)
    await to_tie(tied)
    await tied.do(pausing.begin_break, MAIN)
    set_clock(tied, began, timedelta(hours=15))
    assert await tied.do(drawing.void_silent, "ties", frozenset(), LONG_AGO) == ()
    await everybody_is_back(tied)
    await tied.do(pausing.resume, MAIN)
    set_clock(tied, began, timedelta(hours=15, minutes=9))
    assert await tied.do(drawing.void_silent, "ties", frozenset(), LONG_AGO) == ()
    set_clock(tied, began, timedelta(hours=15, minutes=20))
    assert await tied.do(drawing.void_silent, "ties", frozenset(), LONG_AGO) == tuple(sorted(PARTIES))


async def test_a_lot_is_never_cast_again_for_bids_that_were_in_one(tied: Evaluation) -> None:
    """Neither a sheet signed anew nor a rollback has it drawn again: who dislikes an order could wish for another."""
    await to_tie(tied)
    await tied.commit_and_reveal("ties")
    order = await cast_lot(tied)
    (flag,) = tied.state.flags
    await tied.do(summing.decide, Actor("member", flag.member), flag.bid, "change", "看错一页")
    await tied.sign(Actor("member", flag.member), "score-sheet")
    assert ranks(tied)[:2] == "".join(order)
    await tied.do(rolling_back.ask, tied.leader, "detailed", "漏看一份附件")
    await tied.do(rolling_back.decide, SUPERVISOR, approved=True)
    for alias in tied.example.MEMBERS:
        await tied.sign(tied.member(alias), "score-sheet")
    await tied.do(summing.close_scoring, tied.leader)
    assert (tied.state.state, ranks(tied)[:2]) == (State.RECHECK, "".join(order))
    assert [body["draw"] for body in logged(tied, "draw.requested")] == ["venues", "experts", "ties"]


async def test_a_tie_that_a_sheet_signed_anew_makes_keeps_the_candidates_waiting(
    store: Store, office: Office, tmp_path: Path
) -> None:
    """E is as A but in the eyes of one member, who is shown that it stands alone with A and changes it."""

    def scores_of(alias: str, bid: str) -> dict[str, str]:
        if bid == "E" and alias == "评委5":
            return case_example_a.scores_of("评委1", "A")
        return case_example_a.scores_of(alias, "A" if bid == "E" else bid)

    evaluation = Evaluation(store, office, tmp_path, example("A", scores_of, {"rule": "lower_price"}))
    await to_tie(evaluation)
    before, actor = ranks(evaluation), Actor("member", "m5")
    assert (evaluation.state.state, len(before)) == (State.RECHECK, 5)
    await evaluation.do(summing.decide, actor, "A", "change", "看错一页")

    def type_again(tx: Tx) -> None:
        for item, typed in scores_of("评委5", "E").items():
            cell = scoring.Cell(BidId("A"), item, "score")
            scoring.save(tx, CASE, actor, cell, typed, scoring.drafts(tx, CASE, "m5")[cell][1])

    await store.act(type_again)
    await evaluation.sign(actor, "score-sheet")
    assert evaluation.state.draws["ties"].request["bids"] == [["A", "E"]]
    assert ranks(evaluation) == before
    with pytest.raises(summing.TieWaits):
        await evaluation.do(summing.recommend, evaluation.leader)
    await evaluation.commit_and_reveal("ties")
    order = await cast_lot(evaluation)
    assert [bid for bid in ranks(evaluation) if bid in "AE"] == list(order)
    await recommend(evaluation)
    assert evaluation.state.candidates
