"""One call of one view: who calls, from which seat, in which language; and the answers a view gives."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web

from conduct.ports import Actor
from identity.seats import PairedSeat, SeatNotPaired
from identity.sessions import Session, SessionOver, token
from web.i18n import Language
from web.services import SERVICES, Services

JSON = "application/json"
SIZES = ("normal", "large", "largest")


@dataclass(frozen=True, slots=True)
class Visit:
    """A call that was admitted. `session` and `seat` are what the policy asked for, or what the browser brought."""

    request: web.Request
    now: datetime
    language: Language
    size: str
    session: Session | None = None
    seat: PairedSeat | None = None

    @property
    def services(self) -> Services:
        """What the views stand on."""
        return self.request.app[SERVICES]

    @property
    def signed_in(self) -> Session:
        """The session. Raises `SessionOver` where nobody is signed in."""
        if self.session is None:
            raise SessionOver
        return self.session

    @property
    def paired(self) -> PairedSeat:
        """The seat this browser is. Raises `SeatNotPaired`."""
        if self.seat is None:
            raise SeatNotPaired
        return self.seat

    @property
    def actor(self) -> Actor:
        """Who acts, as the flows of the case want it."""
        session = self.signed_in
        return Actor(session.role, session.who, session.venue)

    @property
    def wants_json(self) -> bool:
        """Whether the caller is a script: it asked for JSON."""
        return JSON in self.request.headers.get("Accept", "")

    def done(self, page: str, result: Any = None) -> web.Response:  # noqa: ANN401 - whatever msgspec can write
        """The answer to an act: a script gets the result, a form is sent on to a page (303)."""
        if self.wants_json:
            return as_json(result if result is not None else {"next": page})
        return web.Response(status=303, headers={"Location": page})


def as_json(value: Any, status: int = 200) -> web.Response:  # noqa: ANN401 - whatever msgspec can write
    """A JSON answer."""
    return web.Response(body=msgspec.json.encode(value), status=status, content_type=JSON)


def fresh_token() -> str:
    """A new opaque value of 256 bits."""
    return token(secrets.token_bytes(32))
