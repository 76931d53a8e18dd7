"""The application factory: views behind their policies, headers on every answer, refusals in words."""

from types import ModuleType

from aiohttp import web, web_fileresponse

from web.admission import Admission
from web.errors import answer_refusals
from web.headers import add_headers
from web.policy import add_routes, check_every_route
from web.reports import REPORTS, Reports
from web.services import SERVICES, Services
from web.sockets import SOCKETS, Sockets
from web.views import (
    admin,
    appraising,
    archive,
    bidder,
    browser,
    calls,
    cases,
    checkin,
    correcting,
    cosigning,
    csc,
    deciding,
    desk,
    draws,
    ending,
    exporting,
    fairness,
    home,
    host,
    importing,
    member,
    motion,
    nights,
    notices,
    party,
    paying,
    pool,
    precheck,
    profiles,
    reevaluation,
    report,
    retrieval,
    returning,
    review,
    room,
    scoring,
    seat,
    second_screen,
    signing,
    socket,
    timestamping,
    watching,
)

OFFICE: tuple[ModuleType, ...] = (
    home,
    admin,
    calls,
    notices,
    pool,
    profiles,
    cases,
    draws,
    ending,
    exporting,
    importing,
    fairness,
    party,
    checkin,
    host,
    nights,
    watching,
    paying,
    appraising,
    report,
    reevaluation,
    archive,
    retrieval,
    cosigning,
    timestamping,
    bidder,
)
VIEWS: tuple[ModuleType, ...] = (
    browser,
    desk,
    seat,
    member,
    motion,
    precheck,
    review,
    correcting,
    returning,
    deciding,
    room,
    scoring,
    signing,
    second_screen,
    csc,
    socket,
    *OFFICE,
)


def make_app(services: Services, views: tuple[ModuleType, ...] = VIEWS) -> web.Application:
    """The application on these services. Raises `RouteWithoutPolicy` if a view says nothing about who may call it."""
    # Over TLS asyncio's sendfile saves no copy, and a browser that leaves in the middle is an unhandled error of it.
    # aiohttp reads this from the environment alone, before anything of ours is there.
    web_fileresponse.NOSENDFILE = True  # type: ignore[misc]
    app = web.Application(middlewares=[answer_refusals])
    app[SERVICES] = services
    app[REPORTS] = Reports()
    app[SOCKETS] = Sockets()
    app.on_response_prepare.append(add_headers)
    add_routes(app, views, Admission())
    check_every_route(app)
    return app
