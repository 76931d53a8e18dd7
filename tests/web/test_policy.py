"""Nothing is served without a policy, and the document lists what is served."""

import re
from types import ModuleType

import pytest
from aiohttp import web

from tests.house.tree import ROOT
from tests.web.fakes import House
from web.app import VIEWS, make_app
from web.policy import RouteWithoutPolicy, check_every_route, policies_of, route
from web.protocol import table


def test_every_route_served_has_a_policy(house: House) -> None:
    app = make_app(house.services)
    served = {(each.method, each.resource.canonical) for each in app.router.routes() if each.resource}
    declared = {
        (policy.method, re.sub(r":[^{}]+\}", "}", policy.path)) for module in VIEWS for policy in policies_of(module)
    }
    assert served == declared


def test_a_view_without_a_policy_stops_the_start(house: House) -> None:
    async def view(_: object) -> None:
        """Looks like a view."""

    module = ModuleType("planted")
    view.__module__ = "planted"
    module.view = view  # type: ignore[attr-defined]
    with pytest.raises(RouteWithoutPolicy, match=r"planted\.view"):
        make_app(house.services, (module,))


def test_a_route_added_past_the_policies_stops_the_start() -> None:
    async def view(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/planted", view)
    with pytest.raises(RouteWithoutPolicy, match="planted"):
        check_every_route(app)


def test_a_view_that_does_not_say_what_it_does_is_no_route() -> None:
    async def view(_: object) -> web.Response:
        return web.Response()

    with pytest.raises(RouteWithoutPolicy):
        route("GET", "/planted", next(policy.who for policy in policies_of(VIEWS[0])))(view)


def test_the_document_lists_every_route_as_served() -> None:
    document = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert table(VIEWS) in document
