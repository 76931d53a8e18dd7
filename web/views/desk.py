"""Log-in and log-out of everybody who has an account, and the page that leads each role to its own."""

import asyncio

from aiohttp import web
from msgspec import Struct

from identity import service
from identity.accounts import NOBODY, Account, LoginRefused, is_right
from identity.roles import Role
from identity.sessions import Holder
from web.admission import ACCOUNTS, DEPLOYMENT
from web.pages import page
from web.policy import ANYBODY, LOGIN, SIGNED_IN, route
from web.sessions import close_session, open_session
from web.visit import Visit


class Login(Struct, forbid_unknown_fields=True):
    """Name and password of an account."""

    name: str
    password: str


@route("GET", "/login", ANYBODY)
async def login_page(visit: Visit) -> web.Response:
    """The log-in page."""
    return page(visit, "login.html", {})


@route("POST", "/login", ANYBODY, body=Login, rate=LOGIN, form="login.html")
async def log_in(visit: Visit, form: Login) -> web.Response:
    """Log in to an account; a script gets the CSRF token to send with every further call."""
    store = visit.services.store
    known = await store.read(lambda tx: service.find_account(tx.shelf(DEPLOYMENT, ACCOUNTS), form.name))
    right = await asyncio.to_thread(is_right, form.password, known.password if known else NOBODY)
    account = await store.act(lambda tx: service.attempt(tx.shelf(DEPLOYMENT, ACCOUNTS), form.name, right, tx.now))
    if account is None:
        raise LoginRefused
    return await open_session(visit, _holder(account), "/")


@route("POST", "/logout", SIGNED_IN)
async def log_out(visit: Visit) -> web.Response:
    """End this session."""
    return await close_session(visit, "/login")


def _holder(account: Account) -> Holder:
    """Whoever holds the account; a party's person acts for the party."""
    if account.role is Role.PARTY:
        return Holder(account.role, account.organisation, account=account.name)
    return Holder(account.role, account.name, account.venue)
