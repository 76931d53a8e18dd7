"""What a page of the room says beside its signalling: whom it shows, who may be heard, that somebody speaks.

Decides nothing about who may: `conduct.floor` and the media plane do.
"""

import time
from contextlib import suppress
from typing import Annotated

from msgspec import Meta, Struct

from conduct.faring import Felt
from conduct.floor import Change
from conduct.ports import Actor
from evaluation.case import CaseId as CaseCode
from evaluation.room import Talk as Way
from identity.roles import AT_A_SEAT
from identity.sessions import Session
from media.engine import CaseId, MediaRefusal, MemberId, SeatId, track_ref
from web.services import Services
from web.sockets import Line, Sockets

# A held button is told each second; two that do not come, and it counts as let go.
HELD_SECONDS = 2.5
MOST_SHOWN = 64


class Mute(Struct, tag_field="t", tag="mute", forbid_unknown_fields=True):
    """Others no longer see or hear this seat's camera or mic, or again; it is recorded all the same."""

    kind: str
    muted: bool


class Show(Struct, tag_field="t", tag="show", forbid_unknown_fields=True):
    """The pictures that are on this page's screen; the others are not sent until it says otherwise."""

    tracks: tuple[str, ...]


class Floor(Struct, tag_field="t", tag="floor", forbid_unknown_fields=True):
    """The leader or the main venue change who may be heard, and how; what they do not name stays."""

    talk: Way | None = None
    silence: frozenset[str] = frozenset()
    hear: frozenset[str] = frozenset()


class Talk(Struct, tag_field="t", tag="talk", forbid_unknown_fields=True):
    """This seat's button is held down, said each second while it is; or it was let go."""

    on: bool


class Hand(Struct, tag_field="t", tag="hand", forbid_unknown_fields=True):
    """This seat asks to be heard, or takes that back."""

    up: bool


class Feels(Struct, tag_field="t", tag="feels", forbid_unknown_fields=True):
    """What this seat's browser measured in the last two seconds of what it receives, and how far it saves traffic."""

    loss: Annotated[int, Meta(ge=0, le=10_000)]
    rtt_ms: Annotated[int, Meta(ge=-1, le=600_000)]
    freezes: Annotated[int, Meta(ge=0, le=1_000)]
    frozen_ms: Annotated[int, Meta(ge=0, le=600_000)]
    step: Annotated[int, Meta(ge=0, le=4)]


Said = Mute | Show | Floor | Talk | Hand | Feels


class Speaking:
    """One line's part in it, from its first word to its end."""

    def __init__(self, services: Services, sockets: Sockets, line: Line) -> None:
        self._services = services
        self._sockets = sockets
        self._line = line
        self._talks_until = 0.0

    async def take(self, message: Said) -> None:
        """Do what a page says. Raises `MediaRefusal` where it may not."""
        rooms, session, case = self._services.rooms, self._line.session, CaseCode(self._line.case)
        match message:
            case Show():
                await self._show(message.tracks)
            case Talk():
                await self._talk(is_on=message.on)
            case Mute():
                await self._mute(message)
            case Floor():
                actor = Actor(session.role, session.who, session.venue)
                await rooms.give_floor(case, actor, Change(message.talk, message.silence, message.hear))
            case Feels():
                seat = own_seat(session)
                felt = Felt(message.loss, message.rtt_ms, message.freezes, message.frozen_ms, message.step)
                await rooms.feels(case, seat, felt)
            case Hand():
                await rooms.raise_hand(case, own_seat(session), up=message.up)

    async def _show(self, names: tuple[str, ...]) -> None:
        """Before a subscription stands there is nothing to show; each is followed by what its page shows."""
        tracks = tuple(track_ref(name) for name in names[:MOST_SHOWN])
        with suppress(MediaRefusal):
            await self._services.media.show(CaseId(self._line.case), MemberId(self._line.session.who), tracks)

    async def _mute(self, message: Mute) -> None:
        """Hold a seat's own track back from the others, and tell everybody so."""
        case, seat = CaseCode(self._line.case), own_seat(self._line.session)
        await self._services.rooms.mute(case, seat, message.kind, muted=message.muted)
        await self._sockets.tell(
            self._line.case, {"t": "muted", "seat": seat, "kind": message.kind, "muted": message.muted}
        )

    async def _talk(self, *, is_on: bool) -> None:
        seat, was_on = own_seat(self._line.session), self._talks_until > 0
        self._talks_until = time.monotonic() + HELD_SECONDS if is_on else 0.0
        if was_on != is_on:
            await self._services.rooms.talk(CaseCode(self._line.case), seat, talking=is_on)

    async def tick(self, now: float) -> None:
        """Call each second: whoever no longer says that the button is held has let go."""
        if self._talks_until and now > self._talks_until:
            await self.let_go()

    async def let_go(self) -> None:
        """The line is silent or gone, and with it the button."""
        if self._talks_until:
            await self._talk(is_on=False)


def own_seat(session: Session) -> SeatId:
    """Only a seat publishes, and only as itself. Raises `MediaRefusal`."""
    if session.role not in AT_A_SEAT:
        raise MediaRefusal("not-granted")
    return SeatId(session.place)
