"""Who has left the committee, or stands aside, sees and hears nothing any more: with real peers on the real plane."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from conduct.ports import Tx
from conduct.rooms import Rooms
from evaluation.case import Case, CaseId, Info, Member, MemberId, Replaced, State
from evaluation.profiles import load_profile
from media.engine import MediaRefusal, PublishRequest, SeatId
from media.engine import MemberId as Subscriber
from media.events import Lost
from tests.media.in_process import an_engine_in_process
from tests.media.scene import CASE, SEGMENT_MS, Stage, camera, mic

SEATS = {"m1": "A-01", "m2": "B-02", "m3": "C-03"}


def member(who: str, seat: str) -> Member:
    return Member(MemberId(who), who, "expert", seat[0], seat, "1")


def committee() -> Case:
    info = Info("P", "题", "T", "A", "R", "1", "1", "", "demo", load_profile("demo").digest, True, "agent")
    members = {MemberId(who): member(who, seat) for who, seat in SEATS.items()}
    return Case(CaseId(CASE), State.DETAILED, info=info, members=members)


def without(case: Case, who: MemberId) -> Case:
    """The case after somebody was replaced."""
    left = Replaced(case.members[who], "2026-11-23T01:00:00.000Z", "health", "")
    members = {key: one for key, one in case.members.items() if key != who}
    return replace(case, members=members, replaced={who: left}, recused=case.recused - {who})


@dataclass
class Committee:
    """A room whose case changes under it."""

    stage: Stage
    case: Case = field(default_factory=committee)
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rooms = Rooms(self.stage.engine, self._act, lambda _: self.case, lambda _: load_profile("demo"))
        self.rooms.listeners = self

    async def _act(self, _run: Callable[[Tx], None]) -> None:
        """Nothing is logged."""

    async def tell(self, _case: str, _message: dict[str, Any]) -> None:
        """Nobody listens."""

    async def see_out(self, _case: str, who: str) -> None:
        self.ended.append(who)

    async def becomes(self, case: Case) -> None:
        self.case = case
        await self.rooms.keep(case.id)

    async def watches(self, who: str, role: str = "member") -> Any:  # noqa: ANN401 - a peer
        tracks = await self.rooms.tracks_for(self.case.id, who, role)
        return await self.stage.watch(who, *(track for track in tracks if track.kind != "screen"))

    async def sent(self, who: str) -> dict[str, int]:
        """Packets that a receiver was sent so far, by track."""
        stats = await self.stage.engine.stats(CASE)
        return {one.track: one.packets_out.get(Subscriber(who), 0) for one in stats.tracks}


@asynccontextmanager
async def seated() -> AsyncIterator[Committee]:
    """Three members, each at a seat that publishes."""
    async with an_engine_in_process(SEGMENT_MS) as engine:
        stage = Stage(engine)
        one = Committee(stage)
        await one.rooms.keep(one.case.id)
        for seat in SEATS.values():
            await stage.seat(seat)
        try:
            yield one
        finally:
            for peer in stage.peers.values():
                await peer.close()


async def test_whoever_is_replaced_sees_and_publishes_nothing_any_more_and_who_follows_is_seen_at_once() -> None:
    async with seated() as room:
        left, other = await room.watches("m2"), await room.watches("m1")
        await left.until(lambda: left.received["A-01/camera"].frames >= 3)
        await other.until(lambda: other.received["B-02/camera"].frames >= 3)
        publishing = room.stage.peers.pop("B-02 camera+mic VP8")
        await room.becomes(without(room.case, MemberId("m2")))
        assert room.ended == ["m2"]
        assert await room.rooms.tracks_for(room.case.id, "m2", "member") == ()
        with pytest.raises(MediaRefusal, match="not-granted"):
            await room.rooms.publish(PublishRequest(CASE, SeatId("B-02"), {"0": "camera"}, ""), "m2")
        with pytest.raises(MediaRefusal, match="not-granted"):
            await room.stage.engine.subscribe(CASE, Subscriber("m2"), (camera("A-01"), mic("A-01")))
        before = other.received["C-03/camera"].frames
        seen, stopped = left.received["A-01/camera"].frames, other.received["B-02/camera"].frames
        await other.until(lambda: other.received["C-03/camera"].frames >= before + 10)
        assert left.received["A-01/camera"].frames <= seen + 1
        assert other.received["B-02/camera"].frames <= stopped + 1
        await publishing.close()
        newcomer = {**room.case.members, MemberId("m4"): member("m4", "B-02")}
        await room.becomes(replace(room.case, members=newcomer))
        await room.stage.seat("B-02")
        await other.until(lambda: other.received["B-02/camera"].frames >= stopped + 5)
        assert room.ended == ["m2"]


async def test_whoever_stands_aside_is_out_of_sight_of_the_members_both_ways_and_is_recorded_still() -> None:
    async with seated() as room:
        aside, other = await room.watches("m2"), await room.watches("m1")
        watcher = await room.watches("w", "witness")
        for peer, track in ((aside, "A-01/camera"), (other, "B-02/camera"), (watcher, "B-02/camera")):
            await peer.until(lambda peer=peer, track=track: peer.received[track].frames >= 3)
        await room.becomes(replace(room.case, recused=frozenset({MemberId("m2")})))
        assert await room.rooms.tracks_for(room.case.id, "m2", "member") == ()
        stopped = (await room.sent("m1"))["B-02/camera"], aside.received["A-01/camera"].frames
        watched = watcher.received["B-02/camera"].frames
        await watcher.until(lambda: watcher.received["B-02/camera"].frames >= watched + 10)
        assert (await room.sent("m1"))["B-02/camera"] == stopped[0]
        assert aside.received["A-01/camera"].frames <= stopped[1] + 1
        assert room.stage.seen(Lost) == []
        assert room.ended == []
