"""The centre's own time-stamp authority for others (RFC 3161 §3.4), where the operator serves it."""

import asyncio
import secrets

from aiohttp import web

from signing import timestamp_query
from web.limits import Rate
from web.policy import ANY_BROWSER, AsSent, route
from web.visit import Visit

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
STAMPS = Rate("stamps", 5, 30, max_bytes=1024)
SERIAL_BITS = 158


@route("POST", "/timestamp", ANY_BROWSER, body=AsSent(QUERY), rate=STAMPS)
async def stamp(visit: Visit, query: bytes) -> web.Response:
    """A time stamp, or the reason why there is none, to an RFC 3161 query; 404 unless `timestamp_served`."""
    stamper = visit.services.stamper
    if stamper is None:
        raise web.HTTPNotFound
    serial = secrets.randbits(SERIAL_BITS) | 1
    reply = await asyncio.to_thread(timestamp_query.answer, stamper, query, visit.now, serial)
    return web.Response(body=reply, content_type=REPLY)
