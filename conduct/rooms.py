"""The room of a case and the plane that carries it: rooms, who sees whom, and what was recorded into the log."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

from conduct import watching
from conduct.faring import FRESH_S, Fares, Felt, fares, gone
from conduct.floor import Change, Floors, give
from conduct.ports import Actor, Tx, UnknownCase
from conduct.sight import DISGUISED, RAW, SCREEN, Sight, is_disguised
from evaluation.case import Case, CaseId
from evaluation.case import MemberId as CommitteeMember
from evaluation.profile import Profile
from media.engine import CaseId as RoomId
from media.engine import MediaEngine, MediaRefusal, MemberId, PublishRequest, TrackRef, track_ref
from media.events import (
    Alarm,
    AlarmPassed,
    Congested,
    Event,
    GapNamed,
    Lost,
    Published,
    RoomMoved,
    SeatQuality,
    SegmentClosed,
    TakeStarted,
)

T = TypeVar("T")
Act = Callable[[Callable[[Tx], None]], Awaitable[None]]
# A disguise follows its raw track: a seat that could unmute it alone would speak over the chair's silence.
MUTED_BY_SEAT = RAW + SCREEN
PROVIDER_AWAY = "provider-away"
TIMESTAMP_AWAY = "timestamp-away"
# The step from which a browser that saves traffic sends less of its own camera, and what that is called.
REDUCES_UPLOAD = 3
UPLOAD_REDUCED = "upload-reduced"

log = logging.getLogger("bid.rooms")


class Listeners(Protocol):
    """Who is told at once: the pages that are open."""

    async def tell(self, case: str, message: dict[str, Any]) -> None:
        """Send a message to every open page of a case."""
        ...

    async def see_out(self, case: str, who: str) -> None:
        """Close the pages' lines of somebody who has no part in a case any more."""
        ...


class Rooms:
    """Keeps the media plane in step with the cases. `act` runs a transaction, `state` reads a committed case.

    `rules` gives the profile that a case was opened under, or raises one of `rulebook.UNREADABLE`;
    `listeners` is set once the pages are there to be told.
    """

    def __init__(
        self, engine: MediaEngine, act: Act, state: Callable[[CaseId], Case], rules: Callable[[Case], Profile]
    ) -> None:
        self.engine = engine
        self._rules = rules
        self._act = act
        self._state = state
        self.listeners: Listeners | None = None
        self.floors = Floors(engine, state, rules)
        self._open: set[str] = set()
        self._shut: set[str] = set()
        self._turn = asyncio.Lock()
        self._sight = Sight(engine, rules)
        # Who has left or stands aside, and was disconnected as what.
        self._seen_out: set[tuple[str, str, bool]] = set()
        self.quality: dict[tuple[str, str], Fares] = {}
        self._sent: dict[tuple[str, str], tuple[float, SeatQuality]] = {}
        self._felt: dict[tuple[str, str], tuple[float, Felt]] = {}
        self.alarms: dict[str, Alarm] = {}
        self._screens: set[tuple[str, str]] = set()
        self._muted: set[tuple[str, str]] = set()

    def say(self, kind: str, why: str) -> None:
        """Show that somebody outside takes nothing (`kind` of an alarm), for this reason; none: it does again."""
        if why:
            self.alarms[kind] = Alarm(kind, detail=why)
        else:
            self.alarms.pop(kind, None)

    async def keep(self, case: CaseId) -> None:
        """Open or close the room as the case's state demands. Raises `MediaRefusal` while the plane is away."""
        async with self._turn:
            state = self._state(case)
            wanted = watching.has_room(state) and case not in self._shut
            if wanted and case not in self._open:
                is_morning = state.pause is not None and state.pause.is_overnight
                await self.engine.create_room(RoomId(case), "night" if is_morning else "recorder")
                self._open.add(case)
                # A room whose closing was refused is made again, and knows no grant of the one before.
                self._sight.forget(case)
                self.floors.forget(case)
            elif not wanted and case in self._open:
                # First, so that after a refusal the room is made again and its evidence goes on being delivered.
                self._open.discard(case)
                await self.engine.close_room(RoomId(case))
                self._forget(case)
            if case not in self._open:
                return
            await self._see_out(state)
            await self._sight.keep(state)
            if await self.floors.keep(case):
                await self._tell_floor(case)

    async def _see_out(self, state: Case) -> None:
        """Who stands aside receives nothing any more; who has left publishes nothing either, and its line ends."""
        case, taken = state.id, {member.seat for member in state.members.values()}
        out = {(case, str(who), False) for who in state.recused} | {(case, str(who), True) for who in state.replaced}
        for _, who, has_left in sorted(out - self._seen_out):
            await self.engine.leave(RoomId(case), MemberId(who))
            if has_left:
                seat = state.replaced[CommitteeMember(who)].member.seat
                if seat and seat not in taken:
                    await self.engine.leave(RoomId(case), MemberId(seat))
                if self.listeners is not None:
                    await self.listeners.see_out(case, who)
            self._seen_out.add((case, who, has_left))

    def _forget(self, case: CaseId) -> None:
        self.floors.end(case)
        self._sent = {key: sent for key, sent in self._sent.items() if key[0] != case}
        self._felt = {key: felt for key, felt in self._felt.items() if key[0] != case}
        self._sight.forget(case)
        self._seen_out = {key for key in self._seen_out if key[0] != case}
        self.alarms = {key: alarm for key, alarm in self.alarms.items() if alarm.case != case}
        self.quality = {key: quality for key, quality in self.quality.items() if key[0] != case}
        self._screens = {key for key in self._screens if key[0] != case}
        self._muted = {key for key in self._muted if key[0] != case}

    @asynccontextmanager
    async def shut(self, case: CaseId) -> AsyncIterator[None]:
        """Keep the room closed while the case is closed: what was recorded is in the log before its last entry.

        If the case stays open after all, the room opens again.
        """
        self._shut.add(case)
        try:
            await self.keep(case)
            yield
        except BaseException:
            self._shut.discard(case)
            raise

    async def tracks_for(self, case: CaseId, who: str, role: str) -> tuple[TrackRef, ...]:
        """Grant somebody what it may see, and name it (`sight`)."""
        return await self._sight.tracks_for(self._state(case), who, role)

    async def publish(self, request: PublishRequest, who: str) -> str:
        """Take the offer of somebody's seat. Raises `MediaRefusal` (`not-granted`) for who has left the committee."""
        if who in self._state(CaseId(request.case)).replaced:
            raise MediaRefusal("not-granted")
        return await self.engine.publish(request)

    async def is_green(self, case: CaseId) -> bool:
        """Whether camera, microphone and, where it is wanted, disguise of every seat arrive and are recorded."""
        state = self._state(case)
        kinds = RAW + DISGUISED if is_disguised(self._rules(state)) else RAW
        wanted = {f"{member.seat}/{kind}" for member in state.members.values() for kind in kinds}
        try:
            stats = await self.engine.stats(RoomId(case))
        except MediaRefusal:
            return False
        return wanted <= {track.track for track in stats.tracks if track.live and track.takes}

    async def mute(self, case: CaseId, seat: str, kind: str, *, muted: bool) -> None:
        """Hold a seat's own track back from everybody, or no longer; its disguise goes with it.

        Raises `MediaRefusal` for any other kind, a disguise among them.
        """
        if kind not in MUTED_BY_SEAT:
            raise MediaRefusal("bad-kind", repr(kind[:80]))
        track = track_ref(f"{seat}/{kind}")
        (self._muted.add if muted else self._muted.discard)((case, str(track)))
        if kind == "mic":
            self.floors.mute_itself(case, seat, muted=muted)
            await self.floors.keep(case)
            return
        tracks = [track]
        if kind in RAW and is_disguised(self._rules(self._state(case))):
            tracks.append(track_ref(f"{seat}/{DISGUISED[RAW.index(kind)]}"))
        for one in tracks:
            await (self.engine.mute if muted else self.engine.unmute)(RoomId(case), one)

    def muted(self, case: CaseId) -> tuple[str, ...]:
        """The tracks that seats hold back themselves, in their order: a page that is opened anew goes on from there."""
        return tuple(sorted(track for of_case, track in self._muted if of_case == case))

    async def give_floor(self, case: CaseId, actor: Actor, change: Change) -> None:
        """State who may be heard from now on, and let it be so. Raises `MediaRefusal` for who may not say that."""

        def act(tx: Tx) -> None:
            give(tx, case, actor, change)

        await self._act(act)
        self.floors.has_answered(case, change.hear)
        await self.floors.keep(case)
        await self._tell_floor(case)

    async def talk(self, case: CaseId, seat: str, *, talking: bool) -> None:
        """The button of a seat is held down, or no longer."""
        self.floors.talk(case, seat, talking=talking)
        await self.floors.keep(case)
        await self._tell(case, {"t": "talk", "seat": seat, "on": talking})

    async def raise_hand(self, case: CaseId, seat: str, *, up: bool) -> None:
        """A seat asks for the floor, or takes that back."""
        self.floors.raise_hand(case, seat, up=up)
        await self._tell_floor(case)

    async def feels(self, case: CaseId, seat: str, felt: Felt) -> None:
        """What a seat's browser says of its way; that its camera sends less than it could is an alarm of its own."""
        self._felt[case, seat] = (time.monotonic(), felt)
        if (case, seat) in self._sent:
            await self._fare(case, seat)
        key, is_reduced = (case, seat, "camera"), felt.step >= REDUCES_UPLOAD
        if is_reduced != ("/".join((*key, UPLOAD_REDUCED)) in self.alarms):
            await self._alarm((Alarm if is_reduced else AlarmPassed)(UPLOAD_REDUCED, *key))

    async def _tell_floor(self, case: CaseId) -> None:
        await self._tell(case, {"t": "floor", **self.floors.told(self._state(case))})

    async def follow(self) -> None:
        """Take what the plane reports for as long as it lives: evidence into the log, then acknowledged.

        Tracks do not wait for each other: the plane sends one line a track at a time, and one commit serves many.
        """
        async with asyncio.TaskGroup() as tasks:
            async for event in self.engine.events():
                if isinstance(event, SegmentClosed | TakeStarted | GapNamed):
                    tasks.create_task(self._try(self._evidence(event)))
                else:
                    await self._try(self._take(event))

    async def _try(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:  # the outermost loop: evidence that was not acknowledged is delivered again
            log.exception("an event was not taken")

    async def _take(self, event: Event) -> None:
        if isinstance(event, Published | Lost):
            await self._come_or_go(event)
        elif isinstance(event, SeatQuality):
            self._sent[event.case, event.seat] = (time.monotonic(), event)
            await self._fare(event.case, event.seat)
        elif isinstance(event, Congested):
            await self._tell(event.case, {"t": "congested", "who": event.member, "resting": event.resting})
        elif isinstance(event, Alarm | AlarmPassed):
            await self._alarm(event)
        elif isinstance(event, RoomMoved):
            await self._tell(event.case, {"t": "moved"})

    async def _come_or_go(self, event: Published | Lost) -> None:
        """A seat's streams are there, or no more; it is away only without its camera or microphone."""
        online, case, seat = isinstance(event, Published), CaseId(event.case), event.seat
        kinds = {track.partition("/")[2] or track for track in event.tracks}
        if kinds & set(SCREEN):
            await self._share(case, seat, is_on=online)
        if not kinds & set(RAW):
            return
        await self._logged(case, lambda tx: watching.presence(tx, case, seat, online))
        last = self.quality.get((event.case, seat))
        if last is not None and not online:
            self._sent.pop((event.case, seat), None)
            self.quality[event.case, seat] = gone(last, time.monotonic())
        await self._tell(event.case, {"t": "presence", "seat": seat, "online": online})

    def screens(self, case: CaseId) -> tuple[str, ...]:
        """The seats that share their screens just now, in their order."""
        return tuple(sorted(seat for of_case, seat in self._screens if of_case == case))

    async def _share(self, case: CaseId, seat: str, *, is_on: bool) -> None:
        (self._screens.add if is_on else self._screens.discard)((case, seat))
        await self._tell(case, {"t": "screen", "seat": seat, "on": is_on})

    async def _fare(self, case: str, seat: str) -> None:
        """Say how a seat fares by the last that either way told of it."""
        now, (at, felt) = time.monotonic(), self._felt.get((case, seat), (0.0, None))
        sent_at, sent = self._sent[case, seat]
        fared = fares(sent, felt if now - at <= FRESH_S else None, sent_at)
        if now - sent_at > FRESH_S:
            fared = gone(fared, sent_at)
        self.quality[case, seat] = fared
        await self._tell(case, {"t": "quality", "seat": seat, **fared.told()})

    async def _alarm(self, event: Alarm | AlarmPassed) -> None:
        """Keep an alarm until it has passed; what concerns no one case is told to all."""
        key = f"{event.case}/{event.seat}/{event.track}/{event.code}"
        is_over = isinstance(event, AlarmPassed)
        if isinstance(event, Alarm):
            self.alarms[key] = event
        elif self.alarms.pop(key, None) is None:
            return
        told = {"t": "alarm", "code": event.code, "seat": event.seat, "track": event.track, "over": is_over}
        for case in (event.case,) if event.case else tuple(self._open):
            await self._tell(case, told)

    async def _evidence(self, event: SegmentClosed | TakeStarted | GapNamed) -> None:
        case, line = CaseId(event.case), asdict(event)
        if isinstance(event, SegmentClosed):
            await self._logged(case, lambda tx: watching.segment(tx, case, line))
        elif isinstance(event, TakeStarted):
            await self._logged(case, lambda tx: watching.take(tx, case, line))
        else:
            await self._logged(case, lambda tx: watching.gap(tx, case, line))
        await self.engine.acknowledge(event.delivery)

    async def _tell(self, case: str, message: dict[str, Any]) -> None:
        if self.listeners is not None:
            await self.listeners.tell(case, message)

    async def _logged(self, case: CaseId, note: Callable[[Tx], object]) -> None:
        def act(tx: Tx) -> None:
            note(tx)

        try:
            await self._act(act)
        except UnknownCase:
            log.warning("an event for a case that is not here: %s", case)
