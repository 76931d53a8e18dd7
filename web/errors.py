"""From a refusal to its answer, by the one table of words (`web.refusals`): what happened, what is safe, what to do.

A refusal is any exception with a `code`; what has none is a fault of ours and answers 500 without details.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import web

from web import csc_answers
from web.admission import ASKED_BY, language_of, size_of
from web.i18n import say
from web.limits import TooManyCalls
from web.pages import FAULTS, page
from web.policy import ADMITTED, Handler, Policy
from web.refusals import REFUSALS, Words
from web.services import SERVICES
from web.visit import Visit, as_json

log = logging.getLogger("web")


_BY_STATUS = {404: "request.no_such_page", 405: "request.no_such_method", 413: "request.too_big"}
_READABLE = 500
_DENIALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_NAME_LENGTH = 80
# Written by nginx for the same: the caller closed the connection.
CALLER_GONE = 499
# Where a refusal keeps what it knows beside its words: the standing draft, the wrong cells, the missing members.
_DETAILS = ("detail", "problems", "blocks", "members", "reason")


def words_of(code: str) -> Words:
    """The words of a refusal; one the table lacks is a fault of ours."""
    return REFUSALS.get(code, REFUSALS["server.fault"])


@dataclass(frozen=True, slots=True)
class Said:
    """A refusal's words in the reader's language."""

    what: str
    safe: str
    do: str
    field: str


Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def answer_refusals(request: web.Request, handler: Serve) -> web.StreamResponse:
    """Turn every refusal into its answer; this is the outermost place of a call."""
    try:
        return await handler(request)
    except web.HTTPException as fault:
        if fault.status < HTTPStatus.BAD_REQUEST:
            raise
        code = _BY_STATUS.get(fault.status, "request.unreadable" if fault.status < _READABLE else "server.fault")
        return await refused(request, fault, code)
    except ConnectionResetError:
        # Whoever asked is gone, in the middle of asking: nobody reads an answer, and nothing here is at fault.
        return web.Response(status=CALLER_GONE)
    except Exception as fault:
        code = getattr(fault, "code", "")
        if code not in REFUSALS:
            log.exception("no words for a fault: %s %s", request.method, request.rel_url.raw_path)
            code = "server.fault"
        return await refused(request, fault, code)


async def refused(request: web.Request, fault: Exception, code: str) -> web.StreamResponse:
    """The answer to a refusal: JSON for a script, a page with the error summary for a person."""
    words = words_of(code)
    if words.status in _DENIALS:
        _note_denial(request, code)
    if csc_answers.is_called(request):
        return _when_to_call_again(csc_answers.refused(code, words, fault), fault)
    visit = request.get(ADMITTED) or _visit_of_nobody(request)
    what = say(visit.language, words.what, **getattr(fault, "fills", {}))
    field = getattr(fault, "field", "") or words.field
    said = Said(what, say(visit.language, words.safe), say(visit.language, words.do), field)
    answer: web.StreamResponse
    if visit.wants_json:
        answer = as_json({"code": code, **asdict(said), "detail": _detail_of(fault)}, words.status)
    else:
        answer = await _form_again(request, visit, said) or page(visit, "refused.html", {"said": said, "code": code})
        answer.set_status(words.status)
    return _when_to_call_again(answer, fault)


def _when_to_call_again(answer: web.StreamResponse, fault: Exception) -> web.StreamResponse:
    if isinstance(fault, TooManyCalls):
        answer.headers["Retry-After"] = str(fault.after)
    return answer


def _note_denial(request: web.Request, code: str) -> None:
    """A line in the server's log for what was asked for without a right to it (ASVS 16.3.2).

    It names the route as written, never a one-time link or a receipt number.
    """
    resource = request.match_info.route.resource
    if resource is not None:
        session = request.get(ASKED_BY)
        who = f"{session.role} {session.who}" if session else "a stranger"
        route, case = resource.canonical, quote(request.match_info.get("case", "-"))
        log.warning("denied %s: %s %s of case %s to %s", code, request.method, route, case[:_NAME_LENGTH], who)


async def _form_again(request: web.Request, visit: Visit, said: Said) -> web.StreamResponse | None:
    """The form that was sent with its fault on top; None where there is none, or none for this caller."""
    form = _form_of(request)
    if ADMITTED not in request or not form:
        return None
    request[FAULTS] = (said,)
    try:
        return page(visit, form, {}) if isinstance(form, str) else await form(visit)
    except Exception as fault:  # the outermost place of a call: what refused the act may refuse its page as well
        if getattr(fault, "code", "") not in REFUSALS:
            log.exception("the form of %s %s cannot be shown", request.method, request.rel_url.raw_path)
        return None


def _detail_of(fault: Exception) -> Any:  # noqa: ANN401 - whatever the refusal knows beside its words
    return next((getattr(fault, name) for name in _DETAILS if hasattr(fault, name)), "")


def _form_of(request: web.Request) -> str | Handler:
    policy: Policy | None = getattr(request.match_info.handler, "policy", None)
    return policy.form if policy else ""


def _visit_of_nobody(request: web.Request) -> Visit:
    return Visit(request, request.app[SERVICES].clock(), language_of(request), size_of(request))
