"""Bodies become Structs here and nowhere else: JSON or a form by the same Struct, unknown fields refused."""

from typing import Any
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from web.policy import Policy

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 2000


class UnreadableBody(Exception):
    """The body is not what the route takes: a field is missing, unknown, of another kind, or the form is broken."""

    code = "request.unreadable"

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class BodyTooBig(Exception):
    """The body is longer than the route takes."""

    code = "request.too_big"


class WrongMediaType(Exception):
    """The body is neither JSON nor a form."""

    code = "request.media_type"


async def read_body(policy: Policy, request: web.Request) -> tuple[Any, str]:
    """The body as the policy's Struct, and the CSRF token that came with it (header first, then form field).

    Raises `BodyTooBig`, `WrongMediaType`, `UnreadableBody`.
    """
    sent_token = request.headers.get(CSRF_HEADER, "")
    if policy.body is None and not policy.is_unsafe:
        return None, sent_token
    raw = await _bytes(policy, request)
    fields = _fields(request.content_type, raw)
    if isinstance(fields, dict):
        sent_token = sent_token or str(fields.pop(CSRF_FIELD, ""))
    if policy.body is None:
        return None, sent_token
    try:
        return msgspec.convert(fields, policy.body, strict=False), sent_token
    except msgspec.ValidationError as fault:
        raise UnreadableBody(str(fault)) from fault


async def _bytes(policy: Policy, request: web.Request) -> bytes:
    if (request.content_length or 0) > policy.rate.max_bytes:
        raise BodyTooBig
    raw = bytearray()
    try:
        async for chunk in request.content.iter_chunked(16 * 1024):
            raw += chunk
            if len(raw) > policy.rate.max_bytes:
                raise BodyTooBig
    except (web.HTTPException, ValueError) as fault:
        raise UnreadableBody from fault
    return bytes(raw)


def _fields(media_type: str, raw: bytes) -> Any:  # noqa: ANN401 - anything JSON can hold, before it is converted
    try:
        if media_type in {"application/json", "application/reports+json", "application/csp-report"}:
            return msgspec.json.decode(raw)
        if media_type == FORM or not raw:
            pairs = parse_qsl(
                raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=MOST_FIELDS
            )
            return _joined(pairs)
    except (msgspec.DecodeError, ValueError) as fault:
        raise UnreadableBody from fault
    raise WrongMediaType


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    """A field that came more than once is a list."""
    fields: dict[str, str | list[str]] = {}
    for name, value in pairs:
        former = fields.get(name)
        if former is None:
            fields[name] = value
        else:
            fields[name] = [*former, value] if isinstance(former, list) else [former, value]
    return fields
