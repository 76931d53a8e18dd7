"""The pool of experts: its owner hands it in as one file; nothing of a faulty file is taken over."""

import asyncio

from aiohttp import web
from msgspec import Struct

from conduct import directory
from expert_pool.pool_import import Problem
from identity.roles import Role
from web.pages import page
from web.policy import PAPERS, only, route
from web.visit import Visit

PROBLEMS: web.RequestKey[tuple[Problem, ...]] = web.RequestKey("problems", tuple)
OWNER = only(Role.POOL_OWNER)


class PoolFile(Struct, forbid_unknown_fields=True):
    """The file (docs/pool-csv.md)."""

    file: bytes


@route("GET", "/pool", OWNER)
async def pool_page(visit: Visit) -> web.Response:
    """The pool as it stands, and the form for a new file."""
    row = await visit.services.store.read(lambda tx: tx.shelf(directory.DEPLOYMENT, "pool").get("current"))
    size = len(await asyncio.to_thread(directory.check_pool, row["csv"].encode())) if row else 0
    digest = row["sha256"] if row else ""
    return page(visit, "pool.html", {"size": size, "digest": digest, "problems": visit.request.get(PROBLEMS, ())})


@route("POST", "/pool", OWNER, body=PoolFile, rate=PAPERS, form=pool_page)
async def import_pool(visit: Visit, form: PoolFile) -> web.Response:
    """Replace the pool by a file; a refusal names every problem by line, column and reason."""
    actor = visit.actor
    try:
        await asyncio.to_thread(directory.check_pool, form.file)
    except directory.PoolRefused as refused:
        visit.request[PROBLEMS] = refused.problems
        raise
    accepted = await visit.services.store.act(lambda tx: directory.import_pool(tx, actor, form.file))
    return visit.done("/pool", {"accepted": accepted})
