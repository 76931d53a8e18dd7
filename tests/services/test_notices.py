"""Scenario 6 and what surrounds it: refusal, silence, leave (R-05, R-09, R-10, R-37); each answer counts once."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from conduct import answering, calling, hand_calls, tickets
from conduct.ports import Actor, Json
from evaluation.case import State
from expert_pool.committee import Answer
from expert_pool.notices import AlreadyAnswered, LeaveTooLate, NotAsked
from expert_pool.reason import Reason
from storage.transaction import Transaction
from tests.services.evaluation import CASE, Evaluation

OPERATOR = Actor("pool_owner", "province")


@dataclass
class Calls:
    """The calls of one case, on a clock that stands until it is moved."""

    evaluation: Evaluation
    now: datetime

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def answer(self, ticket: str, given: Answer, reason: Reason | None = None) -> Answer:
        return await self.evaluation.store.act(lambda tx: answering.answer(tx, ticket, given, reason))

    async def hear(self, text: str, *numbers: str) -> answering.Heard:
        return await self.evaluation.store.act(lambda tx: answering.hear(tx, text, numbers))

    def logged(self, kind: str) -> list[Json]:
        read = self.evaluation.store.look(lambda tx: list(tx.statements(CASE, kind)))
        return [json.loads(data)["body"] for _, data in read]

    def whole_log(self) -> str:
        logs = (CASE, "deployment")
        return self.evaluation.store.look(
            lambda tx: "\n".join(data.decode() for log in logs for _, data in tx.statements(log))
        )


@pytest.fixture
async def calls(evaluation: Evaluation) -> Calls:
    """A case under the works profile that begins in 23 hours, drawn at ten in the morning, nobody called yet."""
    made = Calls(evaluation, datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=1))
    evaluation.store.writer._clock = lambda: made.now
    evaluation.profile, evaluation.starts_in = "works", timedelta(hours=23)
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.ask_for_experts()
    return made


async def test_scenario_06_refuse_silence_and_leave_23_hours_before(calls: Calls) -> None:
    first = await calls.evaluation.place_calls()
    refuses, silent, *others = first
    await calls.answer(refuses, Answer.DECLINE, Reason.TRAVEL)
    for ticket in others:
        await calls.answer(ticket, Answer.ATTEND)
    (follows,) = await calls.evaluation.place_calls()
    await calls.answer(follows, Answer.ATTEND)
    calls.wait(minutes=3)
    assert await calls.evaluation.place_calls() == [silent]
    calls.wait(minutes=3)
    (next_one,) = await calls.evaluation.place_calls()
    await calls.answer(next_one, Answer.ATTEND)
    await calls.evaluation.place_calls()
    assert calls.evaluation.state.state is State.DRAWN_SEALED
    with pytest.raises(LeaveTooLate):
        await calls.answer(others[0], Answer.LEAVE)

    answers = {body["ticket"]: body["answer"] for body in calls.logged("notice.answered")}
    assert answers == {refuses: "decline", silent: "silent"} | dict.fromkeys([*others, follows, next_one], "attend")
    assert [body["ticket"] for body in calls.logged("notice.sent")] == [*first, follows, silent, next_one]
    assert {"ticket": refuses, "answer": "decline", "reason": "travel"} in calls.logged("notice.answered")
    people = calls.evaluation.process.keeper.attempt(calls.evaluation.experts_ref).experts.values()
    log = calls.whole_log()
    assert not [one for one in people if one.person.phone in log or one.person.name in log]


async def test_leave_in_time_brings_the_next_in_order_r_10(calls: Calls) -> None:
    first = await calls.evaluation.place_calls()
    for ticket in first:
        await calls.answer(ticket, Answer.ATTEND)
    calls.wait(hours=-2)
    assert await calls.answer(first[0], Answer.LEAVE, Reason.ILLNESS) is Answer.LEAVE
    calls.wait(hours=2)
    assert len(await calls.evaluation.place_calls()) == 1


async def test_an_answer_told_again_is_logged_once(calls: Calls) -> None:
    ticket, other, *_ = await calls.evaluation.place_calls()
    for _ in range(3):
        assert await calls.answer(ticket, Answer.ATTEND) is Answer.ATTEND
        await calls.evaluation.store.act(lambda tx: answering.placed(tx, CASE, ticket, "voice"))
    assert len(calls.logged("notice.answered")) == 1
    assert [body["ticket"] for body in calls.logged("notice.sent")].count(ticket) == 1
    await calls.answer(other, Answer.DECLINE)
    with pytest.raises(AlreadyAnswered):
        await calls.answer(other, Answer.ATTEND)


async def test_an_answer_to_a_call_that_was_given_up_comes_too_late(calls: Calls) -> None:
    ticket, *_ = await calls.evaluation.place_calls()
    for _ in range(2):
        calls.wait(minutes=3)
        await calls.evaluation.place_calls()
    with pytest.raises(NotAsked):
        await calls.answer(ticket, Answer.ATTEND)
    heard = await calls.hear("参加", ticket)
    assert (heard.is_answer, "已另行通知" in heard.reply["zh"]) == (False, True)


async def test_an_answer_that_overtakes_the_news_of_its_call_is_taken(calls: Calls) -> None:
    await calling.call(calls.evaluation.store, calls.evaluation.process, CASE)
    waiting = calls.evaluation.store.look(lambda tx: tx.waiting("notice"))
    ticket = str(waiting[0].payload["ticket"])
    assert not calls.logged("notice.sent")
    await calls.answer(ticket, Answer.ATTEND)
    await calls.evaluation.store.act(lambda tx: answering.placed(tx, CASE, ticket, "voice"))
    assert calls.evaluation.state.notices[ticket] == "attend"
    assert len(calls.logged("notice.sent")) == 1


async def test_while_no_call_is_placed_nobody_is_silent(calls: Calls) -> None:
    await calling.call(calls.evaluation.store, calls.evaluation.process, CASE)
    waiting = calls.evaluation.store.look(lambda tx: tx.waiting("notice"))
    calls.wait(hours=5)
    await calling.call(calls.evaluation.store, calls.evaluation.process, CASE)
    assert calls.evaluation.store.look(lambda tx: tx.waiting("notice")) == waiting
    assert not calls.logged("notice.answered")


async def test_nobody_is_called_at_night(calls: Calls) -> None:
    calls.wait(hours=11)
    assert await calls.evaluation.place_calls() == []
    calls.wait(hours=11)
    assert await calls.evaluation.place_calls()


async def test_garbage_gets_a_polite_answer_and_changes_nothing(calls: Calls) -> None:
    ticket, *_ = await calls.evaluation.place_calls()
    before = calls.whole_log()
    for text in ("", "？？", "1 3", "参加 000000", "\x00" * 40, "参" * 500):
        heard = await calls.hear(text, ticket)
        assert not heard.is_answer
        assert all(heard.reply.values())
    assert not (await calls.hear(f"参加 {ticket}")).is_answer
    assert calls.whole_log() == before
    assert (await calls.hear("１，准时到", ticket)).is_answer
    assert calls.evaluation.state.notices[ticket] == "attend"


async def test_the_link_answers_once_and_is_over_when_unknown(calls: Calls) -> None:
    ticket, *_ = await calls.evaluation.place_calls()
    link = calls.evaluation.store.look(lambda tx: tickets.find(tx, ticket).link)
    store = calls.evaluation.store
    for _ in range(2):
        await store.act(lambda tx: answering.answer_by_link(tx, link, Answer.DECLINE))
    assert len(calls.logged("notice.answered")) == 1
    with pytest.raises(tickets.LinkOver):
        await store.act(lambda tx: answering.answer_by_link(tx, "0" * 32, Answer.DECLINE))


async def test_a_call_by_hand_is_opened_alone_and_stated_and_names_nothing_of_the_case(calls: Calls) -> None:
    await calling.call(calls.evaluation.store, calls.evaluation.process, CASE)
    store = calls.evaluation.store
    first, second, *_ = store.look(lambda tx: hand_calls.lines(tx, "province"))
    assert store.look(lambda tx: hand_calls.lines(tx, "another")) == ()
    said = hand_calls.Said(Answer.ATTEND)

    def made(tx: Transaction, line: int) -> None:
        hand_calls.made(tx, OPERATOR, "province", line, said)

    with pytest.raises(hand_calls.LineNotOpen):
        await store.act(lambda tx: made(tx, first.id))
    for line in (first, second):
        await store.act(lambda tx, line=line: hand_calls.open_line(tx, OPERATOR, "province", line.id))  # type: ignore[misc]
    with pytest.raises(hand_calls.LineNotOpen):
        await store.act(lambda tx: made(tx, first.id))
    await store.act(lambda tx: made(tx, second.id))
    opened = store.look(
        lambda tx: [json.loads(data)["body"] for _, data in tx.statements("deployment", "notice.opened")]
    )
    assert [body["ticket"] for body in opened] == [first.payload["ticket"], second.payload["ticket"]]
    assert calls.evaluation.state.notices[second.payload["ticket"]] == "attend"
    assert {"ticket": second.payload["ticket"], "channel": "hand"} in calls.logged("notice.sent")
    with pytest.raises(hand_calls.NoSuchLine):
        await store.act(lambda tx: hand_calls.open_line(tx, OPERATOR, "province", second.id))


async def test_when_nobody_is_left_the_log_says_how_many_are_short_r_05(calls: Calls) -> None:
    for _ in range(200):
        called = await calls.evaluation.place_calls()
        if not called:
            break
        for ticket in called:
            await calls.answer(ticket, Answer.DECLINE)
    (said,) = calls.logged("draw.exhausted")
    short = said["short"]
    assert sum(one["members"] for one in short) == 4
    assert {one["place"] for one in short} == {"main", "sub-1", "sub-2"}
    assert len(calls.evaluation.state.draws["experts"].short) == len(short)
    await calls.evaluation.place_calls()
    assert len(calls.logged("draw.exhausted")) == 1
