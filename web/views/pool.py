"""The page of a pool's owner: hand a file in, read what it would change, take it over, undo, look at one expert.

Whatever is shown is the owner's own; of other owners' pools only their size is told.
"""

import asyncio
from dataclasses import asdict
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import pool_looks, pooling
from conduct.directory import DEPLOYMENT, OWNERS
from conduct.pool_looks import LookReason
from conduct.ports import Json, Tx
from expert_pool.expert import Expert
from expert_pool.pool_import import Problem
from identity import service
from identity.roles import Role
from web.admission import ACCOUNTS
from web.office_words import in_words
from web.pages import page
from web.policy import PAPERS, only, route
from web.pool_words import LOOK_REASONS, PROBLEMS, STATES
from web.visit import Visit

FAULTY: web.RequestKey[tuple[Problem, ...]] = web.RequestKey("problems", tuple)
FOUND: web.RequestKey[str] = web.RequestKey("found", str)
OWNER = only(Role.POOL_OWNER)
# So many problems are listed; a file of another kind has one in every cell.
LISTED = 500


class PoolFile(Struct, forbid_unknown_fields=True):
    """The file (docs/pool-csv.md)."""

    file: bytes


class Edition(Struct, forbid_unknown_fields=True):
    """The edition that was read before it is taken over."""

    edition: int


class Nothing(Struct, forbid_unknown_fields=True):
    """A press without anything to say."""


class Search(Struct, forbid_unknown_fields=True):
    """A whole identity number."""

    id_number: Annotated[str, Meta(min_length=1, max_length=30)]


class Look(Struct, forbid_unknown_fields=True):
    """One expert by the owner's code, and why."""

    expert: Annotated[str, Meta(min_length=1, max_length=32)]
    reason: LookReason
    words: Annotated[str, Meta(max_length=400)]


def owner_of(tx: Tx, visit: Visit) -> str:
    """The organisation whose pool this account keeps; an account without one is its own."""
    who = visit.signed_in.who
    account = service.find_account(tx.shelf(DEPLOYMENT, ACCOUNTS), who)
    return (account.organisation if account else "") or who


@route("GET", "/pool", OWNER)
async def pool_page(visit: Visit) -> web.Response:
    """The pool as it stands, what waits to be taken over, and the forms."""
    return await _page(visit)


async def _page(visit: Visit) -> web.Response:
    def read(tx: Tx) -> Json:
        owner = owner_of(tx, visit)
        rows = {name: row for name, row in tx.shelf(DEPLOYMENT, OWNERS).items() if row["edition"]}
        mine = tx.shelf(DEPLOYMENT, OWNERS).get(owner)
        others = [
            {"pool": name, "size": row["size"], "shared": _shared(tx, owner, mine, name, row)}
            for name, row in rows.items()
            if name != owner
        ]
        stands = mine or {"edition": 0, "size": 0, "pending": None, "before": None}
        return {"owner": owner, "mine": stands, "pending": stands["pending"], "others": others}

    values = await visit.services.store.read(read)
    problems, words = visit.request.get(FAULTY, ()), in_words(PROBLEMS, visit.language)
    listed = [asdict(one) | {"words": words.get(one.reason, "")} for one in problems[:LISTED]]
    values |= {"problems": listed, "more_problems": max(0, len(problems) - LISTED)}
    values |= {"found": visit.request.get(FOUND), "reasons": list(in_words(LOOK_REASONS, visit.language).items())}
    return page(visit, "pool.html", values)


def _shared(tx: Tx, owner: str, mine: Json | None, other: str, row: Json) -> int:
    return tx.pool.shared(owner, mine["edition"], other, row["edition"]) if mine else 0


@route("POST", "/pool", OWNER, body=PoolFile, rate=PAPERS, form=pool_page)
async def hand_in(visit: Visit, form: PoolFile) -> web.Response:
    """Check a file and keep it as pending; nothing of the pool changes. A refusal names every problem."""
    store = visit.services.store
    try:
        file = await asyncio.to_thread(pooling.check, form.file)
    except pooling.PoolRefused as refused:
        visit.request[FAULTY] = refused.problems
        raise
    owner = await store.read(lambda tx: owner_of(tx, visit))
    edition = await pooling.hand_in(store, owner, file)
    row = await store.read(lambda tx: tx.shelf(DEPLOYMENT, OWNERS).get(owner))
    pending = (row or {}).get("pending") or {}
    return visit.done("/pool", {"edition": edition, "counts": pending.get("counts", {})})


@route("POST", "/pool/take-over", OWNER, body=Edition, form=pool_page)
async def take_over(visit: Visit, form: Edition) -> web.Response:
    """Make the pending edition the pool."""
    actor = visit.actor
    accepted = await visit.services.store.act(
        lambda tx: pooling.take_over(tx, actor, owner_of(tx, visit), form.edition)
    )
    return visit.done("/pool", {"accepted": accepted})


@route("POST", "/pool/discard", OWNER, body=Nothing, form=pool_page)
async def discard(visit: Visit, _form: Nothing) -> web.Response:
    """Forget the pending edition."""
    await visit.services.store.act(lambda tx: pooling.discard(tx, owner_of(tx, visit)))
    return visit.done("/pool")


@route("POST", "/pool/restore", OWNER, body=Nothing, form=pool_page)
async def restore(visit: Visit, _form: Nothing) -> web.Response:
    """Bring back the edition before."""
    actor = visit.actor
    size = await visit.services.store.act(lambda tx: pooling.restore(tx, actor, owner_of(tx, visit)))
    return visit.done("/pool", {"accepted": size})


@route("POST", "/pool/search", OWNER, body=Search, rate=PAPERS, form=pool_page)
async def search(visit: Visit, form: Search) -> web.Response:
    """Whether a person is in this owner's pool, by the exact identity number; logged."""
    actor = visit.actor
    found = await visit.services.store.act(lambda tx: pool_looks.search(tx, actor, owner_of(tx, visit), form.id_number))
    visit.request[FOUND] = found
    return await _page(visit)


@route("POST", "/pool/look", OWNER, body=Look, rate=PAPERS, form=pool_page)
async def look(visit: Visit, form: Look) -> web.Response:
    """One expert with name and numbers, for a reason; logged before it is shown."""
    actor = visit.actor
    row = await visit.services.store.act(
        lambda tx: pool_looks.look(tx, actor, owner_of(tx, visit), form.expert, form.reason, form.words)
    )
    state = in_words(STATES, visit.language)[row.expert.availability]
    values = {"code": form.expert, "expert": _shown(row.expert), "person": asdict(row.person), "state": state}
    return page(visit, "pool_expert.html", values)


def _shown(expert: Expert) -> Json:
    return {name: value for name, value in asdict(expert).items() if name not in {"person", "others", "id"}}
