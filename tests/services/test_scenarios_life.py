"""Scenarios of the field about the life of a case: a tie for the leader; an outage solved in time, one that was not."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conduct import drawing, electing, ending, linking, pausing, reading, scoring, sittings
from conduct.authorising import Office
from conduct.ending import Stated
from demo import case_example_a as example
from evaluation import incident
from evaluation.ballot import NotACandidate
from evaluation.case import BidId, Case, State
from evaluation.ending import NotEndedSo, NothingFollows
from evaluation.fold import fold
from evaluation.life import IncidentOver, OutOfOrder, Paused, Sealed
from storage.deployment_keys import DeploymentKeys
from storage.logs import logged
from storage.store import Store
from tests.services.blind_case import blind_example, to_blind_scores, whose
from tests.services.evaluation import AGENT, CASE, MAIN, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_reporting import seal_only

FOUR_HOURS = {"incident": {"before_start_s": 2 * 3600, "during_s": 4 * 3600}}


def set_clock(evaluation: Evaluation, since: datetime, after: timedelta) -> None:
    """The store's clock from now on: so long after a moment."""
    begun = datetime.now(UTC)
    evaluation.store.writer._clock = lambda: since + after + (datetime.now(UTC) - begun)


async def everybody_is_back(evaluation: Evaluation) -> None:
    for actor in map(evaluation.member, example.MEMBERS):
        await evaluation.do(pausing.confirm_presence, actor)


def from_the_log(store: Store) -> Case:
    """The case as a server finds it that was started anew: from its statements alone."""
    return fold(CASE, store.look(lambda tx: [logged(index, data) for index, data in tx.statements(CASE)]))


async def test_scenario_16_an_outage_while_scoring_is_resumed_at_3_50_with_everybody_checked_again(
    evaluation: Evaluation, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, FOUR_HOURS)
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score_as("评委1", "评委1")
    cell = scoring.Cell(BidId("A"), "T1", "score")
    writer = evaluation.member("评委2")
    await evaluation.do(scoring.save, writer, cell, "7.5", 0)
    before = evaluation.state
    began = datetime.now(UTC)
    await evaluation.do(pausing.suspend, MAIN, "主场停电", "V1")
    with pytest.raises(Paused):
        await evaluation.do(scoring.save, writer, cell, "7.5", 0)
    again = from_the_log(store)
    assert again == evaluation.state
    assert (again.sheets, again.state) == (before.sheets, before.state)
    pause = evaluation.state.pause
    assert pause is not None
    assert abs(datetime.fromisoformat(pause.until) - began - timedelta(hours=4)) < timedelta(minutes=1)
    set_clock(evaluation, began, timedelta(hours=3, minutes=50))
    with pytest.raises(pausing.PresenceMissing):
        await evaluation.do(pausing.resume, MAIN)
    await everybody_is_back(evaluation)
    await evaluation.do(pausing.resume, MAIN)
    assert evaluation.state.pause is None
    drafts = store.look(lambda tx: scoring.drafts(tx, CASE, "m2"))
    assert drafts[cell] == ("7.5", 1)


async def test_scenario_16_an_outage_of_4_10_is_sealed_and_a_new_committee_takes_it_up(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judge_by(monkeypatch, FOUR_HOURS)
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score_as("评委1", "评委1")
    paper = next(one.sha256 for one in evaluation.state.documents if one.path == "bids/A.pdf")
    await evaluation.do(reading.note, evaluation.member("评委1"), paper, 25)
    began = datetime.now(UTC)
    await evaluation.do(pausing.suspend, MAIN, "主场停电", "V1")
    await everybody_is_back(evaluation)
    over = Stated("incident", "停电未能在四小时内恢复")
    with pytest.raises(NotEndedSo):
        await ending.end(store, evaluation.process, CASE, MAIN, over)
    set_clock(evaluation, began, timedelta(hours=4, minutes=10))
    with pytest.raises(IncidentOver):
        await evaluation.do(pausing.resume, MAIN)
    await evaluation.do(pausing.expire)
    assert evaluation.state.pause is not None
    assert evaluation.state.pause.is_over
    with pytest.raises(IncidentOver):
        await evaluation.do(pausing.resume, MAIN)
    with pytest.raises(incident.StartedAlready):
        await evaluation.do(pausing.go_on, AGENT, "继续")
    await ending.end(store, evaluation.process, CASE, MAIN, over)
    state = evaluation.state
    assert (state.state, state.pause, state.report) == (State.CLOSED, None, None)
    assert state.ending is not None
    assert (state.ending.ground, state.ending.state) == ("incident", "detailed")
    assert {member for member, _ in state.sheets} == {"m1"}
    [read] = store.look(lambda tx: [json.loads(data)["body"] for _, data in tx.statements(CASE, "reading.stated")])
    assert read["seconds"] == {"m1": {"bids/A.pdf": 25}}
    with pytest.raises(Sealed):
        await evaluation.do(pausing.suspend, MAIN, "又停电", "V1")
    verdict = await seal_only(evaluation, keys, tmp_path / "sealed")
    assert (verdict.findings, verdict.unchecked, verdict.status) == ((), (), 0)
    await _reconstituted(evaluation)


async def _reconstituted(evaluation: Evaluation) -> None:
    """The next case: same package, linked, and nobody of the old committee can be drawn."""
    store = evaluation.store
    before = evaluation.state.size
    later = await store.act(lambda tx: linking.follow(tx, CASE, AGENT))
    assert later == "E-TEST-0001-R1"
    with pytest.raises(NothingFollows):
        await store.act(lambda tx: linking.follow(tx, CASE, AGENT))
    info = store.case(later).info
    assert info is not None
    assert (info.follows, info.followed_as) == (CASE, "reconstituted")
    assert (store.look(lambda tx: linking.successor(tx, CASE)), evaluation.state.size) == (later, before)
    old = store.look(lambda tx: sittings.earlier(tx, later))
    assert len(old) == 4
    evaluation.case = later
    with pytest.raises(OutOfOrder):
        await evaluation.do(linking.open_again, AGENT)
    await evaluation.apply_again()
    await evaluation.draw_venues()
    await evaluation.draw_experts()
    pool = store.look(lambda tx: drawing.load(tx, later, "experts")).pool
    assert not old & {entry.record.id for entry in pool.entries}
    await evaluation.do(linking.open_again, AGENT)
    assert set(store.case(later).bids) == set(store.case(CASE).bids)


async def test_the_committee_that_takes_a_blind_review_up_scores_by_codes_of_its_own(
    store: Store, office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    judge_by(monkeypatch, FOUR_HOURS)
    evaluation = Evaluation(store, office, tmp_path, blind_example())
    await to_blind_scores(evaluation)
    before = evaluation.state.blind
    began = datetime.now(UTC)
    await evaluation.do(pausing.suspend, MAIN, "主场停电", "V1")
    set_clock(evaluation, began, timedelta(hours=4, minutes=10))
    await evaluation.do(pausing.expire)
    await ending.end(store, evaluation.process, CASE, MAIN, Stated("incident", "停电未能在四小时内恢复"))
    await _reconstituted(evaluation)
    blind = evaluation.state.blind
    assert before is not None
    assert blind is not None
    assert (blind.groups, blind.named, blind.codes) == (("technical",), ("commercial",), ())
    assert blind.commitment != before.commitment
    assert set(whose(evaluation).values()) == set(example.BIDDERS)


async def test_scenario_09_a_tie_of_2_2_1_leaves_two_for_the_second_round_and_3_2_ends_it(
    evaluation: Evaluation,
) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.pledge()
    first, second = example.LEADER_BALLOTS
    for alias, choice in first.items():
        await evaluation.do(electing.vote, evaluation.member(alias), f"m{choice[-1]}")
    ballot = evaluation.state.ballots[electing.LEADER]
    assert (ballot.round, ballot.is_open, set(ballot.candidates)) == (2, True, {"m1", "m3"})
    assert {one: votes for one, votes in ballot.history[0].items() if votes} == {"m1": 2, "m2": 1, "m3": 2}
    with pytest.raises(NotACandidate):
        await evaluation.do(electing.vote, evaluation.member("评委1"), "m2")
    for alias, choice in second.items():
        await evaluation.do(electing.vote, evaluation.member(alias), f"m{choice[-1]}")
    ballot = evaluation.state.ballots[electing.LEADER]
    assert (ballot.elected, ballot.counts) == ("m3", {"m1": 2, "m3": 3})
    assert evaluation.state.leader == "m3"
