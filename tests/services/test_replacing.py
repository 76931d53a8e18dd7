"""Late changes: an alternate follows, else the next round of the draw; asked for by one and confirmed by another."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from conduct import answering, checking_in, drawing, expert_draw, opening, replacing, roll, venue_draw
from conduct.ports import Actor, Json
from conduct.replacing import Asked
from conduct.sealed_draw.attempt import Attempt
from draw import transcript
from draw.recheck import Difference, replay
from expert_pool.committee import Answer
from expert_pool.replacement import NotAMember, ReplacementReason
from tests.services.evaluation import AGENT, CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.parties import HOST

LEFT, HEALTH = ReplacementReason.LEFT_POST, ReplacementReason.HEALTH


def logged(evaluation: Evaluation, kind: str) -> list[Json]:
    return [json.loads(data)["body"] for _, data in evaluation.store.look(lambda tx: list(tx.statements(CASE, kind)))]


def attempt_of(evaluation: Evaluation) -> Attempt:
    return evaluation.process.keeper.attempt(evaluation.store.look(lambda tx: drawing.ref_of(tx, CASE, "experts")))


async def confirm(evaluation: Evaluation, actor: Actor = SUPERVISOR) -> None:
    await replacing.confirm(evaluation.store, evaluation.process, CASE, actor)


def later(evaluation: Evaluation) -> None:
    evaluation.store.writer._clock = lambda: datetime.now(UTC) + timedelta(minutes=10)


async def to_the_desk(evaluation: Evaluation) -> None:
    for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, step)()
    await checking_in.open_desk(evaluation.store, evaluation.process, CASE, MAIN)


def quota_with(evaluation: Evaluation, alternates: int) -> int:
    """A quota whose place has one expert and so many alternates standing by."""
    attempt, known = attempt_of(evaluation), evaluation.store.look(lambda tx: roll.roll_of(tx, CASE))
    attending = [one.quota for one in known.called if one.answer == "attend"]
    quotas = attempt.material.request.quotas
    return next(
        n
        for n, quota in enumerate(quotas)
        if quota.count == 1 and quota.alternates == alternates == attending.count(n) - 1
    )


async def test_scenario_07_who_is_absent_is_followed_by_the_alternate_called_again(
    evaluation: Evaluation,
) -> None:
    await to_the_desk(evaluation)
    before, attempt = evaluation.expected(), attempt_of(evaluation)
    place = attempt.material.request.quotas[quota_with(evaluation, 1)].place
    asked = Asked("", place, LEFT)
    with pytest.raises(replacing.NobodyAbsent):
        await evaluation.do(replacing.request, AGENT, asked)
    later(evaluation)
    await evaluation.do(replacing.request, AGENT, asked)
    with pytest.raises(replacing.ReplacementOpen):
        await evaluation.do(replacing.request, AGENT, asked)
    with pytest.raises(drawing.SecondPersonNeeded):
        await confirm(evaluation, AGENT)
    sent = len(logged(evaluation, "notice.sent"))
    await confirm(evaluation)
    with pytest.raises(replacing.NoReplacement):
        await confirm(evaluation)
    await evaluation.place_calls()
    assert len(logged(evaluation, "notice.sent")) > sent
    waiting = [ticket for ticket, answer in evaluation.state.notices.items() if not answer]
    for ticket in waiting:
        await evaluation.store.act(lambda tx, ticket=ticket: answering.answer(tx, ticket, Answer.ATTEND))  # type: ignore[misc]
    after = evaluation.expected()
    assert len(set(after) - set(before)) >= 1
    assert not any(replaced in after for replaced in set(before) - set(after))


async def test_where_no_alternate_is_left_the_next_links_find_who_comes_and_the_round_replays(
    evaluation: Evaluation,
) -> None:
    for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids", "check_in"):
        await getattr(evaluation, step)()
    leaving = member_of(evaluation, quota_with(evaluation, 0))
    with pytest.raises(NotAMember):
        await evaluation.do(replacing.request, AGENT, Asked("m5", "", HEALTH))  # the tenderer's representative
    await evaluation.do(replacing.request, AGENT, Asked(leaving, "", HEALTH))
    await confirm(evaluation)
    assert leaving not in evaluation.state.members
    assert evaluation.state.is_incomplete
    (extended,) = logged(evaluation, "draw.extended")
    assert extended == {"draw": "experts", "attempt": 1, "round": 1}
    for party in sorted(evaluation.parties, key=lambda one: one != HOST):
        assert await evaluation.reveal(party, "experts", 1)
    await expert_draw.run(evaluation.store, evaluation.process, CASE)
    evaluation.process.start_again()
    for party in sorted(evaluation.parties, key=lambda one: one != HOST):
        assert await evaluation.reveal(party, "experts", 1)
    await evaluation.answer_calls(declines=1)
    seat = await newcomer(evaluation)
    assert seat.member == "m6"
    await evaluation.take_seat(seat)
    assert await opening.open_committee(evaluation.store, evaluation.process, CASE)
    names = [row["name"] for row in logged(evaluation, "committee.opened")[-1]["members"]]
    assert len(set(names)) == 5
    stated = evaluation.store.look(lambda tx: tx.shelf(CASE, "draw").get("experts-1/transcript"))
    assert stated is not None
    pool = attempt_of(evaluation).material.pool.entries
    assert not isinstance(replay(stated["bytes"].encode(), pool), Difference)
    assert transcript.read(stated["bytes"].encode()).turn.round_no == 1
    assert set(logged(evaluation, "committee.opened")[-1]["transcripts"]) == {"experts", "experts-1", "venues"}


def member_of(evaluation: Evaluation, quota: int) -> str:
    known = evaluation.store.look(lambda tx: roll.roll_of(tx, CASE))
    handles = {one.handle.hex() for one in known.called if one.quota == quota}
    seated = evaluation.store.look(lambda tx: list(tx.shelf(CASE, "seated").items()))
    return next(member for member, row in seated if row["person"] in handles)


async def newcomer(evaluation: Evaluation) -> checking_in.Slip:
    """The one who is now expected and does not sit yet comes to the desk."""
    places = evaluation.store.look(lambda tx: venue_draw.places(tx, CASE))
    taken = {member.seat for member in evaluation.state.members.values()}
    for venue, number in evaluation.expected()[:-1]:
        seats = [seat for row in places.values() if row["venue"] == venue for seat in row["seats"] if seat not in taken]
        if not seats:
            continue
        desk, arrival = Actor("checkin", "desk", venue), checking_in.Arrival(number, seats[0], "12", "colleague")
        slip = await checking_in.match(evaluation.store, evaluation.process, CASE, desk, arrival)
        if slip is not None:
            return slip
    raise AssertionError("nobody new is expected")
