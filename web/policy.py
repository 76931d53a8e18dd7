"""Every route says who may call it, what it takes and how often; nothing is served without a policy.

`docs/protocol.md` is made from these policies. The checks themselves stand in `admission.py`.
"""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from aiohttp import web

from identity.roles import Role
from web.limits import Rate

if TYPE_CHECKING:
    from web.visit import Visit

ADMITTED: web.RequestKey["Visit"] = web.RequestKey("visit", object)  # type: ignore[arg-type]
SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call: the named roles, or anybody; whether the browser must be a paired seat.

    `csrf`: an unsafe call of somebody signed in must bring the session's token. Browsers' own reports need none, nor
    do programs, which name themselves by an access token in each call (`bearer`) and hold no cookie. Where `bearer`
    routes name roles, a person of that role may call them with a session instead.
    """

    roles: frozenset[Role] = frozenset()
    anybody: bool = False
    seat: bool = False
    csrf: bool = True
    bearer: Literal["", "party", "provider", "software"] = ""

    def __str__(self) -> str:
        if self.bearer:
            return f"{self.bearer}, by access token" + (" or signed in" if self.roles else "")
        names = "anybody" if self.anybody else ", ".join(sorted(self.roles))
        return f"{names}, at a paired seat" if self.seat else names


ANYBODY = Access(anybody=True)
ANY_BROWSER = Access(anybody=True, csrf=False)
PAIRED_SEAT = Access(anybody=True, seat=True)
A_PARTY = Access(frozenset({Role.PARTY}), bearer="party")
THE_PROVIDER = Access(anybody=True, csrf=False, bearer="provider")
SOFTWARE = Access(anybody=True, csrf=False, bearer="software")
SIGNED_IN = Access(frozenset(Role))


def only(*roles: Role) -> Access:
    """These roles and no others."""
    return Access(frozenset(roles))


API = Rate("api", 30, 60)
LOGIN = Rate("login", 30 / 900, 30)
# A pairing code has 60 bits: the rate only keeps a stranger from filling the log; a venue pairs its seats in a row.
PAIRING = Rate("pairing", 1, 60)
REPORTS = Rate("reports", 1, 20, max_bytes=16 * 1024)
# Programs with a token, all those of an address, before the token is looked at.
PROGRAMS = Rate("programs", 20, 200)
CSC = Rate("csc", 2, 30, max_bytes=16 * 1024)
OFFERS = Rate("offers", 1, 6)
# Second screens ask once a second, all those of a venue from one address.
SCREEN = Rate("screens", 200, 400, max_bytes=1024)
STATIC = Rate("static", 200, 1000)
PAPERS = Rate("papers", 1, 20, max_bytes=32 * 1024 * 1024)
PACKAGES = Rate("packages", 1 / 10, 10, max_bytes=512 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class AsSent:
    """A body that is taken as it comes, as bytes of this media type: another protocol's message."""

    media: str


Handler = Callable[..., Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Policy:
    """One route: method and path, who, the Struct its body must be (or `AsSent`), its rate, the form that sends it.

    A refusal is shown in that form again: its template, or the view of its page where that needs values of its own.
    """

    method: str
    path: str
    who: Access
    body: Any
    rate: Rate
    form: "str | Handler"
    what: str
    handler: Handler

    @property
    def is_unsafe(self) -> bool:
        """Whether a call changes something, so that it must come from this site's own page."""
        return self.method not in SAFE_METHODS


class RouteWithoutPolicy(Exception):
    """A handler would be served that says nothing about who may call it."""


def route(
    method: str,
    path: str,
    who: Access,
    *,
    body: Any = None,  # noqa: ANN401 - a Struct, `AsSent`, or another type msgspec can convert to
    rate: Rate = API,
    form: str | Handler = "",
) -> Callable[[Handler], Handler]:
    """Declare a route: `async def view(visit)` or, with a body, `async def view(visit, body)`.

    The first line of the view's docstring says in `docs/protocol.md` what the route does.
    """

    def declare(handler: Handler) -> Handler:
        what = (inspect.getdoc(handler) or "").partition("\n")[0]
        if not what:
            raise RouteWithoutPolicy(f"{method} {path} does not say what it does")
        handler.policy = Policy(method, path, who, body, rate, form, what, handler)  # type: ignore[attr-defined]
        return handler

    return declare


def policies_of(module: ModuleType) -> list[Policy]:
    """The routes of a module of views in the order written. Raises `RouteWithoutPolicy` for a view that has none."""
    found = []
    for name, member in vars(module).items():
        if getattr(member, "__module__", "") != module.__name__ or name.startswith("_"):
            continue
        if hasattr(member, "policy"):
            found.append(member.policy)
        elif inspect.iscoroutinefunction(member):
            raise RouteWithoutPolicy(f"{module.__name__}.{name}")
    return found


Admit = Callable[[Policy, web.Request], Awaitable["tuple[Visit, Any]"]]


def add_routes(app: web.Application, modules: tuple[ModuleType, ...], admit: Admit) -> None:
    """Serve the views of these modules, each behind its policy."""
    for module in modules:
        for policy in policies_of(module):
            app.router.add_route(policy.method, policy.path, _guarded(policy, admit))


def _guarded(policy: Policy, admit: Admit) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        visit, body = await admit(policy, request)
        arguments = (visit,) if policy.body is None else (visit, body)
        return await policy.handler(*arguments)

    serve.policy = policy  # type: ignore[attr-defined]
    return serve


def check_every_route(app: web.Application) -> None:
    """Raise `RouteWithoutPolicy` if anything is served that did not come through `add_routes`."""
    for served in app.router.routes():
        if not hasattr(served.handler, "policy"):
            raise RouteWithoutPolicy(f"{served.method} {served.resource}")
