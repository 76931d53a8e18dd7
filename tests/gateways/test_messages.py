"""Messages to a provider over real HTTP: what it is told, at least once, later and later, with an alarm."""

from datetime import UTC, datetime
from typing import Any

import pytest

from conduct.posting import ALARM_AFTER, NotSent, Posting
from demo import case_example_a as example
from gateways.messages import ByHand, HttpProvider, key_of
from tests.gateways.provider import TOKEN, running

NOTICE = {
    "case": "E-1", "ticket": "482913", "link": "0123", "try": 1, "pool": "province", "phone": "00000000042",
    "start": "2026-11-26T01:00:00.000Z", "venue": "演示中心3", "days": 1, "overnight": False, "hours": 24,
}  # fmt: skip


class Message:
    def __init__(self, number: int, payload: dict[str, Any]) -> None:
        self.id, self.channel, self.payload, self.tries = number, "notice", payload, 0


class Outbox:
    """Messages in memory; what waits for later is due again at once."""

    def __init__(self, *payloads: dict[str, Any]) -> None:
        self.waiting = [Message(number, payload) for number, payload in enumerate(payloads, 1)]
        self.later_at: list[datetime] = []

    async def due(self, channels: tuple[str, ...]) -> list[Message]:
        return [message for message in self.waiting if message.channel in channels]

    async def done(self, message: int) -> None:
        self.waiting = [one for one in self.waiting if one.id != message]

    async def later(self, message: int, due_at: str) -> None:
        self.later_at.append(datetime.fromisoformat(due_at))
        for one in self.waiting:
            one.tries += one.id == message


def provider_at(url: str) -> HttpProvider:
    return HttpProvider(url, TOKEN, "https://bid.example", "0000-000000")


async def test_a_provider_is_told_all_that_docs_say_and_nothing_of_the_case() -> None:
    async with running() as provider:
        gateway = provider_at(provider.url)
        await gateway.send("notice", NOTICE)
        await gateway.close()
    (message,) = provider.taken.values()
    values = ("v", "channel", "ticket", "try", "phone", "start", "venue", "days", "overnight", "call", "message")
    assert tuple(message) == values
    assert "482913" in message["call"]["zh"]
    assert "https://bid.example/n/0123" in message["message"]["en"]
    case = ("E-1", "province", *example.PROJECT.values())
    assert not [word for word in case if word in repr(message)]


async def test_a_message_that_was_not_taken_comes_again_under_the_same_key_and_is_told_once() -> None:
    outbox = Outbox(NOTICE)
    told: list[str] = []
    alarms: list[str] = []

    async def placed(payload: dict[str, Any]) -> None:
        told.append(payload["ticket"])

    async with running() as provider:
        provider.answers = [503, 302, 599]
        gateway = provider_at(provider.url)
        posting = Posting(outbox, gateway, {"notice": placed}, alarms.append)
        before = datetime.now(UTC)
        for _ in range(4):
            await posting.round()
        await gateway.close()
    assert (told, outbox.waiting) == (["482913"], [])
    assert len(provider.arrivals) == 4
    assert list(provider.taken) == [key_of("notice", NOTICE)]
    waits = [(at - before).total_seconds() for at in outbox.later_at]
    assert waits == sorted(waits)
    assert waits[-1] > 4
    assert alarms == ["status 599", ""]


async def test_a_provider_that_is_away_raises_the_alarm_and_loses_nothing() -> None:
    async with running() as provider:
        gone = provider.url
    outbox = Outbox(NOTICE)
    alarms: list[str] = []
    gateway = provider_at(gone)
    posting = Posting(outbox, gateway, {}, alarms.append)
    for round_no in range(1, ALARM_AFTER + 2):
        await posting.round()
        assert bool(alarms) == (round_no >= ALARM_AFTER)
    await gateway.close()
    assert [message.payload for message in outbox.waiting] == [NOTICE]


async def test_a_wrong_token_is_no_success() -> None:
    async with running() as provider:
        gateway = HttpProvider(provider.url, "another", "", "")
        with pytest.raises(NotSent, match="401"):
            await gateway.send("notice", NOTICE)
        await gateway.close()
    assert not provider.taken


async def test_without_a_provider_a_notice_waits_for_a_person() -> None:
    outbox = Outbox(NOTICE)
    await Posting(outbox, ByHand(), {}, lambda _: None).round()
    assert [message.tries for message in outbox.waiting] == [0]


def test_another_try_is_another_message() -> None:
    assert key_of("notice", NOTICE) != key_of("notice", {**NOTICE, "try": 2})
