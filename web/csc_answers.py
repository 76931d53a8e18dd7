"""Answers of the CSC API (docs/csc.md) where something is refused: `error` and `error_description`, nothing of ours."""

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from web.i18n import Language, say
from web.refusals import Words
from web.visit import as_json

PREFIX = "/csc/"
ENGLISH: Language = "en"
INVALID, AWAY, DENIED = "invalid_request", "temporarily_unavailable", "access_denied"
_ERRORS: Mapping[str, tuple[HTTPStatus, str]] = {
    "token.refused": (HTTPStatus.UNAUTHORIZED, "invalid_token"),
    "session.over": (HTTPStatus.UNAUTHORIZED, "invalid_token"),
    "signing.password_wrong": (HTTPStatus.BAD_REQUEST, "invalid_pin"),
    "signing.locked": (HTTPStatus.BAD_REQUEST, DENIED),
    "case.paused": (HTTPStatus.BAD_REQUEST, DENIED),
    "case.sealed": (HTTPStatus.BAD_REQUEST, DENIED),
    "case.out_of_order": (HTTPStatus.BAD_REQUEST, DENIED),
    "seat.left": (HTTPStatus.BAD_REQUEST, DENIED),
    "request.too_many": (HTTPStatus.TOO_MANY_REQUESTS, AWAY),
    "signing.away": (HTTPStatus.SERVICE_UNAVAILABLE, AWAY),
    "signing.busy": (HTTPStatus.SERVICE_UNAVAILABLE, AWAY),
    "server.fault": (HTTPStatus.INTERNAL_SERVER_ERROR, "server_error"),
}
_KEPT = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE})


def is_called(request: web.Request) -> bool:
    """Whether a call is one of this API."""
    return request.path.startswith(PREFIX)


def refused(code: str, words: Words, fault: Exception) -> web.Response:
    """The answer to a refusal; the description is for people, in English."""
    other = words.status if words.status in _KEPT else HTTPStatus.BAD_REQUEST
    status, error = _ERRORS.get(code, (other, INVALID))
    said = say(ENGLISH, words.what, **getattr(fault, "fills", {}))
    answer = as_json({"error": error, "error_description": said}, status)
    if status is HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = f'Bearer error="{error}"'
    return answer
