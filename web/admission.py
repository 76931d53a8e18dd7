"""Lets a call in or refuses it, in this order: rate, origin, session, seat, role, case, body, token.

A program's own rate comes after its access token: only a token that is known has a bucket.

Owns the reading of sessions; decides nothing about what a role may do inside a case.
"""

import time
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from aiohttp import web

from conduct import directory, other_software
from conduct.ports import Tx
from identity import service, sessions
from identity.roles import AT_A_SEAT, Role
from identity.seats import PairedSeat, SeatNotPaired
from identity.sessions import ForgedRequest, Holder, Session, SessionOver
from web import cookies
from web.i18n import LANGUAGES, Language
from web.limits import Limits
from web.parsing import read_body
from web.policy import ADMITTED, PROGRAMS, Policy
from web.services import SERVICES
from web.visit import SIZES, Visit

DEPLOYMENT = "deployment"
SESSIONS, SEATS, PAIRINGS, ACCOUNTS = "sessions", "seats", "pairings", "accounts"
SCREENS = "screens"
ASKED_BY: web.RequestKey[Session] = web.RequestKey("asked_by", Session)
SAME_SITE = frozenset({"same-origin", "none"})


class NotAllowed(Exception):
    """The role may not call this route."""

    code = "request.not_allowed"


class NotYourCase(Exception):
    """The case is not the one this session belongs to; whether it exists is not said."""

    code = "request.no_such_page"


class BadToken(Exception):
    """The access token in `Authorization` is missing or unknown."""

    code = "token.refused"


@dataclass(frozen=True, slots=True)
class _Browser:
    """Whom the cookies name, either part may be missing; or a program, named by its access token."""

    session: Session | None
    seat: PairedSeat | None
    is_program: bool = False


class Admission:
    """The gate in front of every view; holds the buckets of the rates."""

    def __init__(self) -> None:
        self._limits = Limits()

    async def __call__(self, policy: Policy, request: web.Request) -> tuple[Visit, Any]:
        """The admitted visit and its parsed body. Raises the refusals of this module and of `parsing`."""
        services = request.app[SERVICES]
        by_token = _by_token(policy, request)
        self._limits.take(PROGRAMS if by_token else policy.rate, _caller(policy, request), time.monotonic())
        if policy.is_unsafe:
            check_origin(request, services.origin)
        browser = await (self._program(policy, request) if by_token else self._browser(policy, request))
        if browser.session is not None:
            request[ASKED_BY] = browser.session
        check_access(policy, request, browser.session)
        visit = Visit(request, services.clock(), language_of(request), size_of(request), browser.session, browser.seat)
        # From here on a fault of the body may be answered with the page of its form.
        request[ADMITTED] = visit
        body, sent = await read_body(policy, request)
        if policy.is_unsafe and policy.who.csrf and browser.session is not None and not browser.is_program:
            sessions.check_token(browser.session, sent)
        return visit, body

    async def _program(self, policy: Policy, request: web.Request) -> _Browser:
        """Whom the access token names; a program has no cookie and no seat. Raises `BadToken`, `TooManyCalls`."""
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        # A token is ASCII (RFC 6750 §2.1); other bytes arrive as what cannot be encoded again.
        if scheme != "Bearer" or not sent or not sent.isascii():
            raise BadToken
        browser = await self._named(policy, request, sent)
        self._limits.take(policy.rate, sessions.digest(sent), time.monotonic())
        return browser

    async def _named(self, policy: Policy, request: web.Request, sent: str) -> _Browser:
        """Whom this token names. Raises `BadToken`, `TokenRefused`, `SessionOver`."""
        services = request.app[SERVICES]
        if policy.who.bearer == "provider":
            if not compare_digest(sent.encode(), services.provider_token.encode()):
                raise BadToken
            return _Browser(None, None, is_program=True)
        if policy.who.bearer == "software":
            return _Browser(await self._let_in(request, sent), None, is_program=True)
        party = await services.store.read(lambda tx: directory.party_of_token(tx, sent))
        if party is None:
            raise BadToken
        session = sessions.opened(Holder(Role.PARTY, party.id), "", "", services.clock())
        return _Browser(session, None, is_program=True)

    async def _let_in(self, request: web.Request, sent: str) -> Session:
        """The session at a seat that let other software in by this token. Raises `TokenRefused`, `SessionOver`."""
        services = request.app[SERVICES]
        now = services.clock()

        def look(tx: Tx) -> Session:
            who = other_software.let_in(tx, sent)
            return service.living_session(tx.shelf(DEPLOYMENT, SESSIONS), who.session, now)

        if not services.office.csc_name:
            raise BadToken
        return await services.store.read(look)

    async def _browser(self, policy: Policy, request: web.Request) -> _Browser:
        """Whom the cookies name. Raises `SeatNotPaired` where the policy wants a seat."""
        named = (request.cookies.get(cookies.SESSION, ""), request.cookies.get(cookies.SEAT, ""))
        if not any(named):
            if policy.who.seat:
                raise SeatNotPaired
            return _Browser(None, None)
        services = request.app[SERVICES]
        now = services.clock()

        def look(tx: Tx) -> _Browser:
            cookie, paired = named
            shelf = tx.shelf(DEPLOYMENT, SESSIONS)
            seat = _found_seat(tx, paired, wanted=policy.who.seat)
            try:
                session = service.find_session(shelf, cookie, now)
            except SessionOver:
                return _Browser(None, seat)
            if session.role in AT_A_SEAT and (seat is None or seat.digest != session.seat):
                return _Browser(None, seat)
            return _Browser(session, seat)

        browser = await services.store.read(look)
        if browser.session is not None and now - browser.session.seen >= service.TOUCH:
            digest = browser.session.digest
            await services.store.act(lambda tx: service.touch_session(tx.shelf(DEPLOYMENT, SESSIONS), digest, now))
        return browser


def check_origin(request: web.Request, origin: str) -> None:
    """Refuse an unsafe call that a browser sent from elsewhere (ASVS 3.5.1). Raises `ForgedRequest`.

    A browser names where a call comes from; a caller that names nothing is none, and carries no cookies by itself.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in SAME_SITE:
        raise ForgedRequest
    if request.headers.get("Origin", origin) != origin:
        raise ForgedRequest


def check_access(policy: Policy, request: web.Request, session: Session | None) -> None:
    """Hold the session against the policy. Raises `SessionOver`, `NotAllowed`, `NotYourCase`."""
    if policy.who.anybody:
        return
    if session is None:
        raise SessionOver
    if session.role not in policy.who.roles:
        raise NotAllowed
    case = request.match_info.get("case", "")
    if session.case and case and case != session.case:
        raise NotYourCase


def language_of(request: web.Request) -> Language:
    """The language the browser was switched to; Chinese without a switch."""
    return LANGUAGES.get(request.cookies.get(cookies.LANGUAGE, ""), "zh")


def size_of(request: web.Request) -> str:
    """The size of letters the browser was switched to."""
    size = request.cookies.get(cookies.SIZE, "")
    return size if size in SIZES else SIZES[0]


def _caller(policy: Policy, request: web.Request) -> str:
    """Whose bucket a call is taken from: what it must show to get further, else (and for programs) its address.

    A value that nobody checks afterwards is no name: with a fresh one in each call nobody would ever be limited.
    """
    who = policy.who
    if _by_token(policy, request):
        sent = None
    elif who.seat:
        sent = request.cookies.get(cookies.SEAT)
    else:
        sent = None if who.anybody else request.cookies.get(cookies.SESSION)
    return sessions.digest(sent) if sent else request.remote or ""


def _by_token(policy: Policy, request: web.Request) -> bool:
    """Whether the caller must show an access token: a program has no cookie, and some routes are for programs alone."""
    return bool(policy.who.bearer) and not (policy.who.roles and cookies.SESSION in request.cookies)


def _found_seat(tx: Tx, cookie: str, *, wanted: bool) -> PairedSeat | None:
    if not cookie and not wanted:
        return None
    try:
        return service.find_seat(tx.shelf(DEPLOYMENT, SEATS), cookie)
    except SeatNotPaired:
        if wanted:
            raise
        return None
