"""The page of a party's person: its draws, what is asked of it, its secret. The browser does the rest itself.

What is committed and revealed goes to the routes of `draws.py`, as from a party's unattended service.
"""

from aiohttp import web

from conduct import directory, founding
from conduct.ports import Json, Tx, stamp
from conduct.rulebook import UNREADABLE
from evaluation.case import CaseId, State
from identity.roles import Role
from web.draw_parties import standings
from web.pages import page
from web.policy import only, route
from web.visit import Visit


@route("GET", "/party", only(Role.PARTY))
async def party_page(visit: Visit) -> web.Response:
    """A party's own page: how its draws stand, the log's published key, the server's clock."""
    party = visit.signed_in.who

    def read(tx: Tx) -> Json:
        return {
            "party": party,
            "legal_person": directory.parties(tx)[party].legal_person,
            "log": founding.log_key(tx),
            "now": stamp(tx.now),
            "draws": [draw for case in tx.cases() for draw in _draws(tx, case)],
        }

    return page(visit, "party.html", await visit.services.store.read(read))


def _draws(tx: Tx, case: CaseId) -> list[Json]:
    """The draws of one case; one that stands still for its rules must not take the others from this page."""
    state = tx.case(case)
    try:
        return [] if state.state is State.CLOSED else list(standings(tx, state).values())
    except UNREADABLE:
        return []
