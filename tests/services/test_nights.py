"""A night between two days of one evaluation: what it locks, who comes back how, what the log and the bag say of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conduct import (
    checking_in,
    closing,
    consenting,
    ending,
    leaving,
    nights,
    pausing,
    paying,
    reporting,
    scoring,
    watching,
)
from conduct.consenting import ConsentTooEarly
from conduct.ending import Stated
from conduct.nights import Return
from conduct.ports import Actor, Json, stamp
from demo import case_example_a as example
from evaluation.case import BidId, MemberId, State
from evaluation.life import OutOfOrder, Paused
from evaluation.night import IdentityUnchecked, MorningPassed, NightNotBooked
from storage.deployment_keys import DeploymentKeys
from storage.logs import DEPLOYMENT
from storage.store import Store
from tests.services.evaluation import CASE, MAIN, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_reporting import answer, names, printed, seal_only
from tests.services.test_scenarios_life import FOUR_HOURS, from_the_log, set_clock

CELL = scoring.Cell(BidId("A"), "T1", "score")
TYPED = example.scores_of("评委2", "A")["T1"]


def tomorrow() -> str:
    return stamp(datetime.now(UTC) + timedelta(hours=15))


async def to_scoring(evaluation: Evaluation) -> list[tuple[str, str]]:
    """A case of two days, one member has scored; venue and identity number of everybody, in the order of the seats."""
    evaluation.days, evaluation.overnight = 2, True
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.draw_experts()
    await evaluation.open_bids()
    expected = evaluation.expected()
    await evaluation.check_in()
    await evaluation.pledge_and_elect()
    await evaluation.review()
    await evaluation.score_as("评委1", "评委1")
    return expected


async def come_back(evaluation: Evaluation, venue: str, number: str) -> checking_in.Slip | None:
    desk = Actor("checkin", "desk", venue)
    return await evaluation.do(nights.renew, desk, Return(number, "7", "colleague"))


async def everybody_comes_back(evaluation: Evaluation, expected: list[tuple[str, str]]) -> None:
    for venue, number in expected:
        slip = await come_back(evaluation, venue, number)
        assert slip is not None
        case, member = await evaluation.store.act(lambda tx, slip=slip: checking_in.enter(tx, slip.seat, slip.code))  # type: ignore[misc]
        assert (case, member) == (CASE, slip.member)
        await evaluation.do(pausing.confirm_presence, Actor("member", member))


async def test_a_night_is_refused_where_none_was_applied_for_and_when_all_are_used(evaluation: Evaluation) -> None:
    await evaluation.to_review()
    with pytest.raises(NightNotBooked):
        await evaluation.do(nights.begin, MAIN, tomorrow())
    assert evaluation.state.pause is None


async def test_a_night_locks_everything_until_everybody_was_checked_again(evaluation: Evaluation, store: Store) -> None:
    expected = await to_scoring(evaluation)
    writer = evaluation.member("评委2")
    await evaluation.do(scoring.save, writer, CELL, TYPED, 0)
    with pytest.raises(MorningPassed):
        await evaluation.do(nights.begin, MAIN, stamp(datetime.now(UTC) - timedelta(minutes=1)))
    await evaluation.do(nights.begin, MAIN, tomorrow())
    with pytest.raises(pausing.AlreadyPaused):
        await evaluation.do(nights.begin, MAIN, tomorrow())
    assert not watching.has_room(evaluation.state)
    assert watching.is_recorded(evaluation.state)
    await evaluation.do(watching.presence, "V1-01", False)
    with pytest.raises(Paused):
        await evaluation.do(scoring.save, writer, CELL, "1", 1)
    with pytest.raises(IdentityUnchecked):
        await evaluation.do(pausing.confirm_presence, writer)
    with pytest.raises(IdentityUnchecked):
        await evaluation.do(checking_in.reprint, Actor("checkin", "desk", "V1"), MemberId("m5"))
    with pytest.raises(OutOfOrder):
        await evaluation.store.act(lambda tx: tx.record(CASE, "break.ended", {"by": MAIN.as_by()}))
    assert from_the_log(store) == evaluation.state
    assert await come_back(evaluation, expected[0][0], "110101199001010000") is None
    with pytest.raises(pausing.PresenceMissing):
        await evaluation.do(pausing.resume, MAIN)
    await everybody_comes_back(evaluation, expected)
    assert await come_back(evaluation, *expected[0]) is None
    assert watching.has_room(evaluation.state)
    await evaluation.do(pausing.resume, MAIN)
    assert (evaluation.state.pause, evaluation.state.state) == (None, State.DETAILED)
    assert store.look(lambda tx: scoring.drafts(tx, CASE, "m2"))[CELL] == (TYPED, 1)
    with pytest.raises(NightNotBooked):
        await evaluation.do(nights.begin, MAIN, tomorrow())


async def test_a_night_in_the_scoring_is_witnessed_reported_and_judged(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    expected = await to_scoring(evaluation)
    await evaluation.do(nights.begin, MAIN, tomorrow())
    stated = (await witnessed_evening(store))[-1]["body"]
    pause = evaluation.state.pause
    assert pause is not None
    assert pause.sealed == stated["root"]
    await everybody_comes_back(evaluation, expected)
    await evaluation.do(pausing.resume, MAIN)
    await finish(evaluation)
    report = evaluation.state.report
    assert report is not None
    assert "隔夜封存" in printed(store.objects.get(report.sha256))
    [lived] = json.loads(store.objects.get(report.data_sha256))["interruptions"]
    assert (lived["kind"], "5 名成员经签到台重新核验身份" in lived["note"]) == ("night", True)
    verdict = await seal_only(evaluation, keys, tmp_path / "sealed")
    assert (verdict.findings, verdict.unchecked, verdict.status) == ((), (), 0)
    assert f"{stated['size']:09d}.note" in names(tmp_path / "sealed" / CASE / "data/log/checkpoints")


async def witnessed_evening(store: Store) -> list[Json]:
    """The evening is shown to witnesses, who take their time: what the deployment's log held when they were asked."""
    asked = []

    async def witnesses() -> None:
        asked.extend(
            store.look(lambda tx: [json.loads(data) for _, data in tx.statements(DEPLOYMENT, "case.checkpoint")])
        )
        assert store.case(CASE).pause is not None
        assert not store.case(CASE).pauses[-1].sealed

    await nights.seal(store, witnesses, CASE)
    return asked


async def finish(evaluation: Evaluation) -> None:
    """The rest of Example A to answered report and closed case."""
    for alias in example.MEMBERS[1:]:
        await evaluation.score_as(alias, alias)
    await evaluation.sum_up()
    await reporting.render(evaluation.store, CASE)
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")
    await evaluation.do(closing.close, MAIN)


async def test_who_does_not_come_back_is_replaced_and_the_night_ends_without_them(evaluation: Evaluation) -> None:
    expected = await to_scoring(evaluation)
    await evaluation.do(nights.begin, MAIN, tomorrow())
    await evaluation.do(leaving.leave, MAIN, MemberId("m1"), "health")
    await everybody_comes_back(evaluation, expected[1:])
    await evaluation.do(pausing.resume, MAIN)
    assert evaluation.state.is_incomplete
    assert evaluation.state.pause is None


async def test_a_night_without_a_morning_becomes_an_incident_whose_clock_ends_the_case(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No power at one site in the morning: seats stay sealed until the desk opens them, and the clock runs."""
    judge_by(monkeypatch, FOUR_HOURS)
    expected, began = await to_scoring(evaluation), datetime.now(UTC)
    await evaluation.do(nights.begin, MAIN, tomorrow())
    set_clock(evaluation, began, timedelta(hours=15))
    assert await come_back(evaluation, *expected[0]) is not None
    await evaluation.do(pausing.suspend, MAIN, "副场停电", "V2")
    night, pause = evaluation.state.pauses
    assert (night.kind, night.ended, pause.kind) == ("night", pause.began, "suspension")
    with pytest.raises(pausing.AlreadyPaused):
        await evaluation.do(pausing.suspend, MAIN, "又停电", "V2")
    with pytest.raises(IdentityUnchecked):
        await evaluation.do(pausing.confirm_presence, evaluation.member("评委2"))
    await evaluation.do(pausing.confirm_presence, evaluation.member("评委1"))
    assert await come_back(evaluation, *expected[0]) is None
    assert await come_back(evaluation, *expected[1]) is not None
    await evaluation.do(pausing.confirm_presence, evaluation.member("评委2"))
    with pytest.raises(pausing.PresenceMissing):
        await evaluation.do(pausing.resume, MAIN)
    assert from_the_log(store) == evaluation.state
    set_clock(evaluation, began, timedelta(hours=19, minutes=10))
    over = Stated("incident", "副场停电未能在四小时内恢复")
    await ending.end(store, evaluation.process, CASE, MAIN, over)
    assert evaluation.state.ending is not None
    verdict = await seal_only(evaluation, keys, tmp_path / "sealed")
    assert (verdict.findings, verdict.unchecked, verdict.status) == ((), (), 0)


async def test_after_an_incident_in_a_night_work_goes_on_and_the_report_shows_both(evaluation: Evaluation) -> None:
    expected = await to_scoring(evaluation)
    await evaluation.do(nights.begin, MAIN, tomorrow())
    await evaluation.do(pausing.suspend, MAIN, "副场停电", "V2")
    assert not watching.has_room(evaluation.state)
    await everybody_comes_back(evaluation, expected)
    assert watching.has_room(evaluation.state)
    await evaluation.do(pausing.resume, MAIN)
    await finish(evaluation)
    report = evaluation.state.report
    assert report is not None
    night, incident = json.loads(evaluation.store.objects.get(report.data_sha256))["interruptions"]
    assert (night["kind"], incident["kind"], night["ended"]) == ("night", "suspension", incident["began"])


async def test_no_time_to_answer_runs_overnight(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    judge_by(monkeypatch, {"report": {"answer_wait_s": 1200}})
    expected = await to_scoring(evaluation)
    for alias in example.MEMBERS[1:]:
        await evaluation.score_as(alias, alias)
    await evaluation.sum_up()
    await reporting.render(evaluation.store, CASE)
    began = datetime.now(UTC)
    await evaluation.do(nights.begin, MAIN, tomorrow())
    set_clock(evaluation, began, timedelta(hours=15))
    await everybody_comes_back(evaluation, expected)
    await evaluation.do(pausing.resume, MAIN)
    silent = next(one for one in ("m1", "m2") if one != evaluation.leader.who)
    with pytest.raises(ConsentTooEarly) as early:
        await evaluation.do(consenting.body, evaluation.leader, silent)
    assert 1 <= early.value.fills["minutes"] <= 20


async def test_a_night_is_nobodys_working_time(evaluation: Evaluation, store: Store) -> None:
    expected, began = await to_scoring(evaluation), datetime.now(UTC)
    await evaluation.do(nights.begin, MAIN, tomorrow())
    set_clock(evaluation, began, timedelta(hours=15))
    await everybody_comes_back(evaluation, expected)
    await evaluation.do(pausing.resume, MAIN)
    set_clock(evaluation, began, timedelta(hours=15, minutes=40))
    await evaluation.do(leaving.leave, MAIN, MemberId("m1"), "health")
    [left] = [due for due in store.look(lambda tx: paying.dues(tx, CASE)) if due.member.id == "m1"]
    assert left.ended
    assert 39 <= left.minutes <= 43  # the minutes of both days, rounded on each


async def test_a_night_that_ends_before_the_witnesses_answer_stays_unsealed(
    evaluation: Evaluation, store: Store
) -> None:
    expected = await to_scoring(evaluation)
    await evaluation.do(nights.begin, MAIN, tomorrow())

    async def late() -> None:
        await everybody_comes_back(evaluation, expected)
        await evaluation.do(pausing.resume, MAIN)

    await nights.seal(store, late, CASE)
    assert not evaluation.state.pauses[-1].sealed
    assert not store.look(lambda tx: list(tx.statements(CASE, "night.sealed")))
