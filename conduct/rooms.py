"""The room of a case and the plane that carries it: rooms, who sees whom, and what was recorded into the log."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Protocol, TypeVar

from conduct import watching
from conduct.ports import Tx, UnknownCase
from conduct.rulebook import frozen_profile
from evaluation.case import Case, CaseId
from media.engine import CaseId as RoomId
from media.engine import MediaEngine, MediaRefusal, MemberId, TrackRef, track_ref
from media.events import Alarm, Event, GapNamed, Lost, Published, SeatQuality, SegmentClosed, TakeStarted

T = TypeVar("T")
Act = Callable[[Callable[[Tx], None]], Awaitable[None]]
RAW = ("camera", "mic")
# What a seat publishes of a disguised camera and microphone, in their order.
DISGUISED = ("masked", "voice")
SCREEN = ("screen",)
WATCHERS = ("witness", "supervisor")
PROVIDER_AWAY = "provider-away"
TIMESTAMP_AWAY = "timestamp-away"

log = logging.getLogger("bid.rooms")


def is_disguised(case: Case) -> bool:
    """Whether members see and hear each other only disguised. Raises `ProfileChanged`."""
    return frozen_profile(case).rules.room.members_see == "masked"


class Listeners(Protocol):
    """Who is told at once: the pages that are open."""

    async def tell(self, case: str, message: dict[str, Any]) -> None:
        """Send a message to every open page of a case."""
        ...


class Rooms:
    """Keeps the media plane in step with the cases. `act` runs a transaction, `state` reads a committed case.

    `listeners` is set once the pages are there to be told.
    """

    def __init__(self, engine: MediaEngine, act: Act, state: Callable[[CaseId], Case]) -> None:
        self.engine = engine
        self._act = act
        self._state = state
        self.listeners: Listeners | None = None
        self._open: set[str] = set()
        self._shut: set[str] = set()
        self._turn = asyncio.Lock()
        self._granted: set[tuple[str, str, str]] = set()
        self.quality: dict[tuple[str, str], SeatQuality] = {}
        self.alarms: dict[str, Alarm] = {}

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
            elif not wanted and case in self._open:
                # First, so that after a refusal the room is made again and its evidence goes on being delivered.
                self._open.discard(case)
                await self.engine.close_room(RoomId(case))
                self._granted = {granted for granted in self._granted if granted[0] != case}

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
        """Grant somebody what it may see, and name it: members see each other, watchers see every seat.

        Where the profile wants members disguised, no member is granted another's own picture or voice.
        """
        state = self._state(case)
        own = next((member.seat for member in state.members.values() if member.id == who), "")
        sees_all = role in WATCHERS or role in {"main_staff"}
        if not sees_all and not own:
            return ()
        kinds = RAW if sees_all or not is_disguised(state) else DISGUISED
        tracks = tuple(
            track_ref(f"{member.seat}/{kind}")
            for member in state.members.values()
            if member.seat != own
            for kind in kinds + SCREEN
        )
        for track in tracks:
            key = (case, who, str(track))
            if key not in self._granted:
                await self.engine.grant(RoomId(case), MemberId(who), track)
                self._granted.add(key)
        return tracks

    async def is_green(self, case: CaseId) -> bool:
        """Whether camera, microphone and, where it is wanted, disguise of every seat arrive and are recorded."""
        state = self._state(case)
        kinds = RAW + DISGUISED if is_disguised(state) else RAW
        wanted = {f"{member.seat}/{kind}" for member in state.members.values() for kind in kinds}
        try:
            stats = await self.engine.stats(RoomId(case))
        except MediaRefusal:
            return False
        return wanted <= {track.track for track in stats.tracks if track.live and track.takes}

    async def mute(self, case: CaseId, seat: str, kind: str, *, muted: bool) -> None:
        """Hold a seat's own track back from everybody, or no longer; its disguise goes with it.

        Raises `MediaRefusal` for a kind that nobody publishes.
        """
        track = track_ref(f"{seat}/{kind}")
        tracks = [track]
        if kind in RAW and is_disguised(self._state(case)):
            tracks.append(track_ref(f"{seat}/{DISGUISED[RAW.index(kind)]}"))
        for one in tracks:
            await (self.engine.mute if muted else self.engine.unmute)(RoomId(case), one)

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
            if not {track.partition("/")[2] or track for track in event.tracks} & set(RAW):
                return
            online = isinstance(event, Published)
            case, seat = CaseId(event.case), event.seat
            await self._logged(case, lambda tx: watching.presence(tx, case, seat, online))
            await self._tell(event.case, {"t": "presence", "seat": seat, "online": online})
        elif isinstance(event, SeatQuality):
            self.quality[event.case, event.seat] = event
            told = {"t": "quality", "seat": event.seat, "code": event.code, "loss": event.loss}
            await self._tell(event.case, told | {"rtt_ms": event.rtt_ms, "bitrate_bps": event.bitrate_bps})
        elif isinstance(event, Alarm):
            self.alarms[f"{event.case}/{event.seat}/{event.track}/{event.code}"] = event
            await self._tell(event.case, {"t": "alarm", "code": event.code, "seat": event.seat})

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
