"""What the application was built with: the store, the media plane, the enrolment, this site's own address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from media.engine import MediaEngine
from web.ports import Enrolment, Rooms, Store


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Services:
    """`origin` is the address people type, as `https://host[:port]`: an unsafe call from any other is refused."""

    store: Store
    enrolment: Enrolment
    rooms: Rooms
    media: MediaEngine
    origin: str
    clock: Callable[[], datetime] = field(default=_utc_now)


SERVICES = web.AppKey("services", Services)
