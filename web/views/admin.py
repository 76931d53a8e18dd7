"""What the administrators do: the first account, accounts, parties of draws, venues and their seats' pairing codes."""

import asyncio
import secrets
from dataclasses import asdict
from hmac import compare_digest
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import directory
from conduct.ports import Json, Tx
from identity import accounts, passwords, roles, service
from identity.accounts import Account
from identity.roles import Role
from web.admission import ACCOUNTS, DEPLOYMENT, PAIRINGS, SEATS, NotYourCase
from web.office_words import ROLES, in_words
from web.pages import page
from web.policy import ANYBODY, LOGIN, only, route
from web.visit import Visit, as_json, fresh_token

SECURITY = only(Role.SECURITY_ADMIN)
SYSTEM = only(Role.SYSTEM_ADMIN)
PAIRING_BYTES = 12

# A member is called m1, m2 …, the server "server": an account of that name would act in their name.
Name = Annotated[str, Meta(pattern=r"^(?!m[0-9]+$)(?!server$)[A-Za-z][A-Za-z0-9._-]{1,39}$")]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$")]
Text = Annotated[str, Meta(min_length=1, max_length=200)]


class NameTaken(Exception):
    """There is an account of this name."""

    code = "account.name_taken"


class UnknownParty(Exception):
    """An account of the role `party` acts for an organisation that takes part in draws; this is none of them."""

    code = "account.party_unknown"


class UnknownVenue(Exception):
    """There is no such venue, or it has no such seat."""

    code = "venue.unknown"


class SeatNameTaken(Exception):
    """Another venue has a seat of this name; names of seats are unique, for a slip names nothing else."""

    code = "venue.seat_name_taken"


class First(Struct, forbid_unknown_fields=True):
    """Name and password of the first security administrator."""

    name: Name
    password: str


class NewAccount(Struct, forbid_unknown_fields=True):
    """An account: `person` holds it, `venue` is where it belongs, if anywhere; a party's names its `organisation`."""

    name: Name
    role: Role
    person: Text
    password: str
    venue: str = ""
    organisation: str = ""


class NewParty(Struct, forbid_unknown_fields=True):
    """An organisation that takes part in draws; `host`: it runs this server, and its link comes first."""

    id: Code
    legal_person: Text
    host: bool = False


class NewVenue(Struct, forbid_unknown_fields=True):
    """A venue with all its seats."""

    code: Code
    name: Text
    region: Text
    seats: tuple[Code, ...]


class SeatName(Struct, forbid_unknown_fields=True):
    """A seat of the venue."""

    seat: str


@route("GET", "/setup/{token}", ANYBODY)
async def setup_page(visit: Visit) -> web.Response:
    """The page that makes the first account; gone once there is one."""
    _check_setup(visit)
    if await visit.services.store.read(_has_account):
        raise NotYourCase
    return page(visit, "setup.html", {})


@route("POST", "/setup/{token}", ANYBODY, body=First, rate=LOGIN, form=setup_page)
async def set_up(visit: Visit, form: First) -> web.Response:
    """Make the first security administrator, by the address that the first start printed; it works once."""
    _check_setup(visit)
    passwords.check_password(form.password, form.name)
    hashed = await asyncio.to_thread(accounts.hash_password, form.password, secrets.token_bytes(16))

    def make(tx: Tx) -> None:
        if _has_account(tx):
            raise NotYourCase
        first = Account(form.name, Role.SECURITY_ADMIN, hashed, form.name)
        service.add_account(tx.shelf(DEPLOYMENT, ACCOUNTS), first)

    await visit.services.store.act(make)
    return visit.done("/login", {"name": form.name})


def _has_account(tx: Tx) -> bool:
    return next(iter(tx.shelf(DEPLOYMENT, ACCOUNTS).items()), None) is not None


def _check_setup(visit: Visit) -> None:
    expected = visit.services.setup_token
    if not expected or not compare_digest(visit.request.match_info["token"].encode(), expected.encode()):
        raise NotYourCase


@route("GET", "/admin/accounts", SECURITY)
async def accounts_page(visit: Visit) -> web.Response:
    """All accounts, and the form for a new one."""

    def read(tx: Tx) -> list[Account]:
        shelf = tx.shelf(DEPLOYMENT, ACCOUNTS)
        return [found for name, _ in shelf.items() if (found := service.find_account(shelf, name)) is not None]

    words = in_words(ROLES, visit.language)
    rows = [
        {
            "name": one.name,
            "role": one.role,
            "role_word": words[one.role],
            "person": one.person,
            "venue": one.venue,
            "locked": one.locked_until is not None and visit.now < one.locked_until,
        }
        for one in await visit.services.store.read(read)
    ]
    choices = [(role, words[role]) for role in ROLES if Role(role) in roles.BY_PASSWORD]
    return page(visit, "accounts.html", {"accounts": rows, "roles": choices})


@route("POST", "/admin/accounts", SECURITY, body=NewAccount, form=accounts_page)
async def add_account(visit: Visit, form: NewAccount) -> web.Response:
    """Make an account; nobody holds two of the three administrators."""
    passwords.check_password(form.password, form.name)
    hashed = await asyncio.to_thread(accounts.hash_password, form.password, secrets.token_bytes(16))

    def make(tx: Tx) -> None:
        shelf = tx.shelf(DEPLOYMENT, ACCOUNTS)
        if shelf.get(form.name) is not None:
            raise NameTaken
        if form.role is Role.PARTY and form.organisation not in directory.parties(tx):
            raise UnknownParty
        held = frozenset(Role(row["role"]) for _, row in shelf.items() if row["person"] == form.person)
        roles.check_grant(held, form.role)
        service.add_account(shelf, Account(form.name, form.role, hashed, form.person, form.venue, form.organisation))

    await visit.services.store.act(make)
    return visit.done("/admin/accounts", {"name": form.name})


@route("GET", "/admin/parties", SECURITY)
async def parties_page(visit: Visit) -> web.Response:
    """The organisations that take part in draws."""
    return await _parties(visit, "")


async def _parties(visit: Visit, token: str) -> web.Response:
    found = (await visit.services.store.read(directory.parties)).values()
    rows = [{"id": party.id, "legal_person": party.legal_person, "host": party.host} for party in found]
    return page(visit, "parties.html", {"parties": rows, "token_once": token})


@route("POST", "/admin/parties", SECURITY, body=NewParty, form=parties_page)
async def add_party(visit: Visit, form: NewParty) -> web.Response:
    """Admit an organisation to draws; the access token of its key service is shown this once."""
    token = fresh_token()
    party = directory.Party(form.id, form.legal_person, directory.token_hash(token), form.host)
    await visit.services.store.act(lambda tx: directory.add_party(tx, party))
    return as_json({"id": form.id, "token": token}) if visit.wants_json else await _parties(visit, token)


@route("GET", "/admin/venues", SYSTEM)
async def venues_page(visit: Visit) -> web.Response:
    """The venues, their seats and which of them a browser is paired with."""
    return await _venues(visit, {})


async def _venues(visit: Visit, pairing: Json) -> web.Response:
    def read(tx: Tx) -> Json:
        paired = sorted(row["name"] for _, row in tx.shelf(DEPLOYMENT, SEATS).items())
        return {"venues": [asdict(venue) for venue in directory.venues(tx).values()], "paired": paired}

    return page(visit, "venues.html", {**await visit.services.store.read(read), "pairing": pairing})


@route("POST", "/admin/venues", SYSTEM, body=NewVenue, form=venues_page)
async def add_venue(visit: Visit, form: NewVenue) -> web.Response:
    """Publish a venue with its seats; published seats bind it."""

    def publish(tx: Tx) -> None:
        elsewhere = {seat for code, venue in directory.venues(tx).items() if code != form.code for seat in venue.seats}
        if elsewhere & set(form.seats):
            raise SeatNameTaken
        directory.add_venue(tx, directory.Venue(form.code, form.name, form.region, form.seats))

    await visit.services.store.act(publish)
    return visit.done("/admin/venues", {"code": form.code})


@route("POST", "/admin/venues/{venue}/pairings", SYSTEM, body=SeatName, form=venues_page)
async def issue_pairing(visit: Visit, form: SeatName) -> web.Response:
    """A code for the paper that makes one browser this seat; it works once, for a day."""
    code = visit.request.match_info["venue"]
    random = secrets.token_bytes(PAIRING_BYTES)

    def issue(tx: Tx) -> str:
        venue = directory.venues(tx).get(code)
        if venue is None or form.seat not in venue.seats:
            raise UnknownVenue
        return service.issue_pairing(tx.shelf(DEPLOYMENT, PAIRINGS), code, form.seat, random, tx.now)

    printed = await visit.services.store.act(issue)
    told = {"venue": code, "seat": form.seat, "code": printed}
    return as_json(told) if visit.wants_json else await _venues(visit, told)
