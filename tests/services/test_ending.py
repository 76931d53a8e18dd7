"""A case that ends without a report: on which ground, by whom, and what its sealed draws come to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conduct import checking_in, ending, linking, pausing, sittings, venue_draw
from conduct.ending import Stated
from conduct.ports import Actor
from evaluation import incident
from evaluation.case import State
from evaluation.ending import EndingAsked, EndingReasonMissing, NoEndingAsked, NotEndedSo, NothingFollows
from evaluation.life import IncidentOver, OutOfOrder, Sealed
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import AGENT, CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_reporting import seal_only

CANCELLED = Stated("cancelled", "招标文件需要修改")


async def end(evaluation: Evaluation, actor: Actor, stated: Stated) -> None:
    await ending.end(evaluation.store, evaluation.process, CASE, actor, stated)


async def test_before_anybody_is_drawn_the_agent_alone_ends_a_case_and_its_seats_are_free(
    evaluation: Evaluation, store: Store
) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    taken = store.look(lambda tx: venue_draw.free_seats(tx, CASE, "V1"))
    for actor, stated, refusal in (
        (MAIN, CANCELLED, NotEndedSo),
        (AGENT, Stated("incident", "停电"), NotEndedSo),
        (AGENT, Stated("exhausted", "没有人"), NotEndedSo),
        (AGENT, Stated("cancelled", " "), EndingReasonMissing),
        (SUPERVISOR, CANCELLED, NoEndingAsked),
    ):
        with pytest.raises(refusal):
            await end(evaluation, actor, stated)
    with pytest.raises(NotEndedSo):
        await evaluation.do(ending.ask, AGENT, "不用问")
    await end(evaluation, AGENT, CANCELLED)
    state = evaluation.state
    assert (state.state, state.members) == (State.CLOSED, {})
    assert state.ending is not None
    assert (state.ending.ground, state.ending.state) == ("cancelled", "seats_held")
    assert len(store.look(lambda tx: venue_draw.free_seats(tx, CASE, "V1"))) > len(taken)
    with pytest.raises(Sealed):
        await end(evaluation, AGENT, CANCELLED)
    with pytest.raises(NothingFollows):
        await store.act(lambda tx: linking.follow(tx, CASE, AGENT))


async def test_once_experts_are_drawn_the_supervisor_must_agree_and_the_draw_is_opened(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.draw_experts()
    with pytest.raises(NotEndedSo):
        await end(evaluation, AGENT, CANCELLED)
    await evaluation.do(ending.ask, AGENT, CANCELLED.reason)
    with pytest.raises(EndingAsked):
        await evaluation.do(ending.ask, AGENT, CANCELLED.reason)
    await evaluation.do(ending.decline, SUPERVISOR)
    assert evaluation.state.state is State.DRAWN_SEALED
    with pytest.raises(NoEndingAsked):
        await evaluation.do(ending.decline, SUPERVISOR)
    await evaluation.do(ending.ask, AGENT, CANCELLED.reason)
    await end(evaluation, SUPERVISOR, Stated("cancelled", ""))
    assert evaluation.state.ending is not None
    assert evaluation.state.ending.reason == CANCELLED.reason
    verdict = await seal_only(evaluation, keys, tmp_path / "sealed")
    assert (verdict.findings, verdict.unchecked, verdict.status) == ((), (), 0)
    drawn = sorted(path.name for path in (tmp_path / "sealed" / CASE / "data/draw").iterdir())
    assert {"experts.json", "venues.json", "experts-order.json"} <= set(drawn)


async def test_after_the_opening_nobody_ends_a_case_at_will(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    for part in ("apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, part)()
    with pytest.raises(NotEndedSo):
        await end(evaluation, AGENT, CANCELLED)
    with pytest.raises(NotEndedSo):
        await evaluation.do(ending.ask, AGENT, CANCELLED.reason)


async def to_an_incident_before_the_start(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Check-in is open, nobody sits, the power is gone; returns the planned start."""
    judge_by(monkeypatch, {"incident": {"before_start_s": 2 * 3600, "during_s": 4 * 3600}})
    await evaluation.prepare_deployment()
    for part in ("apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, part)()
    await checking_in.open_desk(evaluation.store, evaluation.process, CASE, MAIN)
    await evaluation.do(pausing.suspend, MAIN, "停电", "V1")
    state = evaluation.state
    assert state.application is not None
    assert state.pause is not None
    start = datetime.fromisoformat(state.application.start)
    assert datetime.fromisoformat(state.pause.until) == start + timedelta(hours=2)
    with pytest.raises(incident.IncidentRuns):
        await evaluation.do(pausing.go_on, AGENT, "等一等")
    with pytest.raises(NotEndedSo):
        await end(evaluation, AGENT, Stated("postponed", "等一等"))
    evaluation.store.writer._clock = lambda: start + timedelta(hours=2, minutes=1)
    with pytest.raises(IncidentOver):
        await evaluation.do(pausing.resume, MAIN)
    return start


async def test_two_hours_after_the_planned_start_the_tenderers_side_may_go_on_with_a_reason(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await to_an_incident_before_the_start(evaluation, monkeypatch)
    await evaluation.do(pausing.expire)
    with pytest.raises(incident.IncidentReasonMissing):
        await evaluation.do(pausing.go_on, AGENT, " ")
    await evaluation.do(pausing.go_on, AGENT, "供电已恢复，当日能够完成")
    with pytest.raises(NotEndedSo):
        await end(evaluation, AGENT, Stated("postponed", "又改主意"))
    await evaluation.do(pausing.resume, MAIN)
    assert evaluation.state.pause is None


async def test_or_postpone_and_the_experts_who_stood_are_not_drawn_again(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await to_an_incident_before_the_start(evaluation, monkeypatch)
    with pytest.raises(NotEndedSo):
        await end(evaluation, MAIN, Stated("postponed", "不由主场决定"))
    await end(evaluation, AGENT, Stated("postponed", "供电一时不能恢复"))
    assert not evaluation.state.is_open
    verdict = await seal_only(evaluation, keys, tmp_path / "sealed")
    assert (verdict.findings, verdict.unchecked, verdict.status) == ((), (), 0)
    later = await store.act(lambda tx: linking.follow(tx, CASE, AGENT))
    info = store.case(later).info
    assert info is not None
    assert info.followed_as == "reconstituted"
    assert len(store.look(lambda tx: sittings.earlier(tx, later))) >= 4


async def test_a_break_starts_no_clock(evaluation: Evaluation) -> None:
    await evaluation.to_review()
    await evaluation.do(pausing.begin_break, MAIN)
    pause = evaluation.state.pause
    assert pause is not None
    assert not pause.until
    evaluation.store.writer._clock = lambda: datetime.now(UTC) + timedelta(days=1)
    await evaluation.do(pausing.expire)
    assert evaluation.state.pause == pause
    body = {"by": AGENT.as_by(), "reason": "理由"}
    with pytest.raises(OutOfOrder):
        await evaluation.store.act(lambda tx: tx.record(CASE, "incident.continued", body))


async def test_when_nobody_is_left_to_be_called_the_case_ends_and_is_drawn_anew(
    evaluation: Evaluation, store: Store
) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.ask_for_experts()
    await evaluation.answer_calls(declines=10_000)
    assert evaluation.state.draws["experts"].short
    await end(evaluation, AGENT, Stated("exhausted", "抽中的专家都不能参加"))
    later = await store.act(lambda tx: linking.follow(tx, CASE, AGENT))
    info = store.case(later).info
    assert info is not None
    assert (info.follows, info.followed_as) == (CASE, "redraw")
    assert not store.look(lambda tx: sittings.earlier(tx, later))
    with pytest.raises(NothingFollows):
        await store.act(lambda tx: linking.open_again(tx, later, AGENT))
