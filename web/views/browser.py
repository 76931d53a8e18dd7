"""What every browser needs before anybody signs in: files, words and letters of the page, the policy's reports."""

from typing import Any

from aiohttp import web
from msgspec import Struct

from web import cookies
from web.policy import ANY_BROWSER, ANYBODY, REPORTS, STATIC, route
from web.reports import REPORTS as KEPT_REPORTS
from web.static import assets, packed
from web.visit import SIZES, Visit

FOR_GOOD = "public, max-age=31536000, immutable"


class Taste(Struct, forbid_unknown_fields=True):
    """How somebody likes pages: `language` zh or en, `size` normal, large or largest; `back` is a path of this site."""

    back: str
    language: str = ""
    size: str = ""


@route("GET", "/static/{build}/{path:.+}", ANYBODY, rate=STATIC)
async def static(visit: Visit) -> web.Response:
    """A file of the browser code; the address holds the digest of all of them."""
    path = visit.request.match_info["path"]
    asset = assets().files.get(path)
    if asset is None or visit.request.match_info["build"] != assets().build:
        raise web.HTTPNotFound
    headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    if "gzip" not in visit.request.headers.get("Accept-Encoding", ""):
        return web.Response(body=asset.body, content_type=asset.media_type, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return web.Response(body=packed(asset), content_type=asset.media_type, headers=headers)


@route("POST", "/taste", ANYBODY, body=Taste)
async def set_taste(visit: Visit, taste: Taste) -> web.Response:
    """Switch the language or the size of letters; a cookie remembers it."""
    answer = visit.done(_own_path(taste.back))
    if taste.language in {"zh", "en"}:
        cookies.give(answer, cookies.LANGUAGE, taste.language, max_age=cookies.YEAR)
    if taste.size in SIZES:
        cookies.give(answer, cookies.SIZE, taste.size, max_age=cookies.YEAR)
    return answer


@route("POST", "/csp", ANY_BROWSER, body=Any, rate=REPORTS)
async def take_report(visit: Visit, report: Any) -> web.Response:  # noqa: ANN401 - browsers send what they like
    """A browser's report that a page broke the content policy."""
    visit.request.app[KEPT_REPORTS].add(report)
    return web.Response(status=204)


def _own_path(path: str) -> str:
    """A path of this site, never an address elsewhere (`//host`, `/\\host`)."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
