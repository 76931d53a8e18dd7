"""The pool of experts: its owner hands it in as one file; nothing of a faulty file is taken over."""

import asyncio

from aiohttp import web
from msgspec import Struct

from conduct import directory
from identity.roles import Role
from web.policy import PAPERS, only, route
from web.visit import Visit

OWNER = only(Role.POOL_OWNER)


class PoolFile(Struct, forbid_unknown_fields=True):
    """The file (docs/pool-csv.md)."""

    file: bytes


@route("POST", "/pool", OWNER, body=PoolFile, rate=PAPERS)
async def import_pool(visit: Visit, form: PoolFile) -> web.Response:
    """Replace the pool by a file; a refusal names every problem by line, column and reason."""
    actor = visit.actor
    await asyncio.to_thread(directory.check_pool, form.file)
    accepted = await visit.services.store.act(lambda tx: directory.import_pool(tx, actor, form.file))
    return visit.done("/pool", {"accepted": accepted})
