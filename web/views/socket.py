"""The WebSocket of a case: heartbeat, the state of its pages, the signalling of its media. `docs/protocol.md` lists it.

A connection is worth nothing: whoever comes back gets the whole state again.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import ClassVar

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from msgspec import Struct

from conduct.ports import Json
from conduct.sight import WATCHERS
from evaluation.case import CaseId as CaseCode
from identity.roles import AT_A_SEAT, Role
from identity.sessions import ForgedRequest
from media.engine import CaseId, MediaRefusal, MemberId, PublishRequest
from web.admission import SAME_SITE
from web.limits import Limits, Rate, TooManyCalls
from web.policy import only, route
from web.rooms import seats_told, state_of
from web.services import SERVICES
from web.sockets import SOCKETS, Line
from web.speaking import Feels, Said, Show, Speaking, Talk, own_seat
from web.visit import Visit

MESSAGE_BYTES = 64 * 1024
BEAT_SECONDS = 1.0
# aiohttp asks every 2.4 s and waits half of that for the answer: a silent reader is gone after 3.6 s.
PING_SECONDS = 2.4
MESSAGES = Rate("messages", 50, 50)
SIGNALS = Rate("signals", 1, 6)


class Beat(Struct, tag_field="t", tag="beat", forbid_unknown_fields=True):
    """The browser is alive; `at` comes back in the answer, so that it knows the way's length."""

    at: float


class Publish(Struct, tag_field="t", tag="publish", forbid_unknown_fields=True):
    """The seat's offer; `tracks` says which mid carries which kind."""

    sdp: str
    tracks: Mapping[str, str]


class Subscribe(Struct, tag_field="t", tag="subscribe", forbid_unknown_fields=True):
    """Ask for an offer of these tracks, or of all that may be seen."""

    tracks: tuple[str, ...] = ()


class Answer(Struct, tag_field="t", tag="answer", forbid_unknown_fields=True):
    """The answer to the last offer."""

    sdp: str


class Relayed(Struct, tag_field="t", tag="relay", forbid_unknown_fields=True):
    """Ask for what this session may show the relay in the next five minutes."""


Message = Beat | Publish | Subscribe | Answer | Relayed | Said
decode = msgspec.json.Decoder(Message).decode

ON_A_CASE = only(
    Role.MEMBER, Role.LEADER, Role.WITNESS, Role.SUPERVISOR, Role.AGENT, Role.MAIN_STAFF, Role.SUB_STAFF, Role.CHECKIN
)


@route("GET", "/cases/{case}/ws", ON_A_CASE)
async def socket(visit: Visit) -> web.WebSocketResponse:
    """The WebSocket of a case: state, quality, media signalling."""
    request = visit.request
    check_socket_origin(request)
    case, session = request.match_info["case"], visit.signed_in
    seats = await seats_told(visit.services, session, CaseCode(case))
    answer = web.WebSocketResponse(heartbeat=PING_SECONDS, max_msg_size=MESSAGE_BYTES, compress=False)
    line = Line(case, session, answer, seats)
    sockets = request.app[SOCKETS]
    sockets.add(line)
    try:
        await answer.prepare(request)
        await Conversation(request.app, line).run()
    finally:
        sockets.remove(line)
    return answer


def check_socket_origin(request: web.Request) -> None:
    """A WebSocket is opened from this site's own pages only (ASVS 4.4.2). Raises `ForgedRequest`."""
    site = request.headers.get("Sec-Fetch-Site")
    if (site is not None and site not in SAME_SITE) or (
        request.headers.get("Origin", request.app[SERVICES].origin) != request.app[SERVICES].origin
    ):
        raise ForgedRequest


class Conversation:
    """One connection from its first state to its end."""

    refusals: ClassVar[tuple[type[Exception], ...]] = (MediaRefusal, TooManyCalls)

    def __init__(self, app: web.Application, line: Line) -> None:
        self._services = app[SERVICES]
        self._sockets = app[SOCKETS]
        self._line = line
        self._limits = Limits()
        self._speaking = Speaking(self._services, self._sockets, line)

    async def run(self) -> None:
        """Talk until either side ends it."""
        async with asyncio.TaskGroup() as tasks:
            beating = tasks.create_task(self._beat())
            await self._line.send(await self._state())
            try:
                await self._listen()
            finally:
                beating.cancel()
                await self._speaking.let_go()

    async def _listen(self) -> None:
        async for frame in self._line.socket:
            if frame.type is not WSMsgType.TEXT:
                await self._line.close(WSCloseCode.UNSUPPORTED_DATA)
                return
            try:
                self._limits.take(MESSAGES, "", time.monotonic())
                message = decode(frame.data)
            except (TooManyCalls, msgspec.DecodeError, UnicodeDecodeError):
                await self._line.close(WSCloseCode.POLICY_VIOLATION)
                return
            await self._take(message)

    async def _take(self, message: Message) -> None:
        try:
            reply = await self._reply(message)
        except self.refusals as refusal:
            reply = {"t": "refused", "code": getattr(refusal, "code", "")}
        if reply is not None:
            await self._line.send(reply)

    async def _reply(self, message: Message) -> Json | None:
        if isinstance(message, Beat):
            return {"t": "beat", "at": message.at}
        if isinstance(message, Show | Talk | Feels):
            await self._speaking.take(message)
            return None
        caller = f"{self._line.session.digest} {type(message).__name__}"
        self._sockets.signals.take(SIGNALS, caller, time.monotonic())
        if isinstance(message, Relayed):
            return {"t": "relay", **self._relay()}
        return await self._signal(message)

    async def _signal(self, message: Publish | Subscribe | Answer | Said) -> Json | None:
        session, case = self._line.session, self._line.case
        match message:
            case Publish():
                request = PublishRequest(CaseId(case), own_seat(session), message.tracks, message.sdp)
                return {"t": "published", "sdp": await self._services.rooms.publish(request, session.who)}
            case Subscribe():
                allowed = await self._services.rooms.tracks_for(CaseCode(case), session.who, session.role)
                tracks = tuple(track for track in allowed if not message.tracks or str(track) in message.tracks)
                offer = await self._services.media.subscribe(CaseId(case), MemberId(session.who), tracks)
                return {"t": "offer", "sdp": offer.sdp, "mids": dict(offer.mids)}
            case Answer():
                await self._services.media.answer(CaseId(case), MemberId(session.who), message.sdp)
                return None
            case _:
                await self._speaking.take(message)
                return None

    def _relay(self) -> Json:
        """The servers a browser may be relayed by. Raises `MediaRefusal` for who has no part in the room's media."""
        session, relay = self._line.session, self._services.relay
        if session.role not in {*AT_A_SEAT, *WATCHERS, Role.MAIN_STAFF}:
            raise MediaRefusal("not-granted")
        if relay is None:
            return {"urls": ()}
        # Who watches has no seat; its account's name is nothing for the log of another program.
        who = f"{self._line.case}/{session.place or session.digest[:16]}"
        return asdict(relay.ticket(who, int(self._services.clock().timestamp())))

    async def _state(self) -> Json:
        return {"t": "state", **await state_of(self._services, self._line.session, CaseCode(self._line.case))}

    async def _beat(self) -> None:
        while not self._line.socket.closed:
            await asyncio.sleep(BEAT_SECONDS)
            await self._line.send({"t": "beat"})
            await self._speaking.tick(time.monotonic())
