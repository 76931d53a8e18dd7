"""A recording as it lies on disk, served by byte range. Who may see it was decided before; owns no right."""

import asyncio
import re

from aiohttp import web

from evaluation.case import CaseId
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
    path = visit.services.footage / case / info["seat"] / info["track"] / f"take{int(info['take']):02d}.webm"
    if not await asyncio.to_thread(path.is_file):
        raise NotRecorded
    return web.FileResponse(path, headers={"Content-Type": "video/webm"})
