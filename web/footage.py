"""A recording as it lies on disk, served by byte range. Who may see it was decided before; owns no right."""

import asyncio
import re
from pathlib import Path

from aiohttp import web

from evaluation.case import CaseId
from media.access import MEDIA_TYPES, master_of
from web.visit import Visit

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
TAKE = re.compile(r"[0-9]{1,6}")


class NotRecorded(Exception):
    """There is no such recording, or it is not this role's to see now."""

    code = "footage.none"


async def recording(visit: Visit, case: CaseId) -> web.StreamResponse:
    """The file that the address names by seat, track and take (206). Raises `NotRecorded`."""
    info = visit.request.match_info
    if not (NAME.fullmatch(info["seat"]) and NAME.fullmatch(info["track"]) and TAKE.fullmatch(info["take"])):
        raise NotRecorded
    footage = visit.services.footage

    def found() -> Path:
        return master_of(footage.track(case, info["seat"], info["track"]), int(info["take"]))

    try:
        path = await asyncio.to_thread(found)
    except FileNotFoundError:
        raise NotRecorded from None
    return web.FileResponse(path, headers={"Content-Type": MEDIA_TYPES[path.suffix]})
