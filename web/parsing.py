"""Bodies become Structs here and nowhere else: JSON, a form or a multipart form by the same Struct, strangers refused.

A form is flat: a field that came more than once or holds several lines is a list where the Struct wants one, and
`quotas.0.count` is the count of the first quota. Rows of which nothing was filled in are left out.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any, get_origin
from urllib.parse import parse_qsl

import msgspec
from aiohttp import BodyPartReader, web

from web.policy import AsSent, Policy
from web.wrong_field import UnreadableBody, refusal_of

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON_TYPES = frozenset({"application/json", "application/reports+json", "application/csp-report"})
MOST_FIELDS = 2000
CHUNK = 256 * 1024

Pair = tuple[str, str | bytes]
# What somebody typed into a form, by field: shown again with the fault, so that nothing is typed twice.
TYPED: web.RequestKey[dict[str, list[str]]] = web.RequestKey("typed", dict)
# No page repeats these. A security key's answer comes with what it computed.
SECRET_FIELDS = frozenset({CSRF_FIELD, "password", "again", "security_key"})


class BodyTooBig(Exception):
    """The body is longer than the route takes."""

    code = "request.too_big"


class WrongMediaType(Exception):
    """The body is neither JSON nor a form."""

    code = "request.media_type"


async def read_body(policy: Policy, request: web.Request) -> tuple[Any, str]:
    """The body as the policy's Struct, and the CSRF token that came with it (header first, then form field).

    Raises `BodyTooBig`, `WrongMediaType`, `UnreadableBody` and what `web.wrong_field` makes of it.
    """
    sent_token = request.headers.get(CSRF_HEADER, "")
    if policy.body is None and not policy.is_unsafe:
        return None, sent_token
    if isinstance(policy.body, AsSent):
        return await _as_sent(policy, request), sent_token
    fields = await _fields(policy, request)
    if isinstance(fields, dict):
        sent_token = sent_token or str(fields.pop(CSRF_FIELD, ""))
    if policy.body is None:
        return None, sent_token
    try:
        return msgspec.convert(normal(fields), policy.body, strict=False), sent_token
    except (msgspec.ValidationError, RecursionError) as fault:
        raise refusal_of(str(fault)) from fault


async def _as_sent(policy: Policy, request: web.Request) -> bytes:
    """A body of the one media type that the route takes. Raises `WrongMediaType`, `BodyTooBig`."""
    if request.content_type != policy.body.media:
        raise WrongMediaType
    return await _bytes(policy, request)


async def _fields(policy: Policy, request: web.Request) -> Any:  # noqa: ANN401 - anything JSON can hold
    if (request.content_length or 0) > policy.rate.max_bytes:
        raise BodyTooBig
    try:
        if request.content_type == MULTIPART:
            return shaped(_typed(request, [pair async for pair in _parts(policy, request)]), policy.body)
        raw = await _bytes(policy, request)
        if request.content_type in JSON_TYPES:
            return msgspec.json.decode(raw)
        if request.content_type == FORM or not raw:
            pairs = parse_qsl(
                raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=MOST_FIELDS
            )
            return shaped(_typed(request, list(pairs)), policy.body)
    except (web.HTTPException, msgspec.DecodeError, ValueError, RecursionError) as fault:
        raise UnreadableBody from fault
    raise WrongMediaType


def _typed(request: web.Request, pairs: list[Pair]) -> list[Pair]:
    """Keep the texts of a form beside the request, but for secrets; files are not typed."""
    typed = request[TYPED] = {}
    for name, value in pairs:
        if isinstance(value, str) and name not in SECRET_FIELDS:
            typed.setdefault(name, []).append(value)
    return pairs


def normal(value: Any) -> Any:  # noqa: ANN401 - anything JSON can hold
    """The same with every text in NFC, the one spelling statements are written in; some keyboards send another."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case dict():
            return {normal(name): normal(each) for name, each in value.items()}
        case list():
            return [normal(each) for each in value]
        case _:
            return value


async def _bytes(policy: Policy, request: web.Request) -> bytes:
    raw = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK):
        raw += chunk
        if len(raw) > policy.rate.max_bytes:
            raise BodyTooBig
    return bytes(raw)


async def _parts(policy: Policy, request: web.Request) -> Any:  # noqa: ANN401 - an async iterator of `Pair`
    """The parts of a multipart form: files as bytes, all else as text; together no longer than the route takes."""
    total = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            raise UnreadableBody
        raw = bytearray()
        while chunk := await part.read_chunk(CHUNK):
            raw += chunk
            total += len(chunk)
            if total > policy.rate.max_bytes:
                raise BodyTooBig
        yield part.name, bytes(raw) if part.filename is not None else raw.decode()


def shaped(pairs: list[Pair], wanted: Any) -> dict[str, Any]:  # noqa: ANN401 - a Struct, or another type
    """The pairs of a form in the shape of a Struct: lists where it wants lists, rows where names are dotted."""
    lists = _lists_of(wanted)
    fields: dict[str, Any] = {}
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for name, value in pairs:
        head, *rest = name.split(".")
        if head in lists and len(rest) == len(("row", "column")) and rest[0].isdecimal():
            rows.setdefault(head, {}).setdefault(int(rest[0]), {})[rest[1]] = value
        elif head in lists:
            fields.setdefault(name, []).extend(_lines(value))
        elif name in fields:
            raise UnreadableBody(name)
        else:
            fields[name] = value
    for head, numbered in rows.items():
        fields[head] = [row for _, row in sorted(numbered.items()) if any(row.values())]
    return fields


def _lists_of(wanted: Any) -> frozenset[str]:  # noqa: ANN401 - a Struct, or another type
    """The fields of a Struct that hold several values."""
    if not (isinstance(wanted, type) and issubclass(wanted, msgspec.Struct)):
        return frozenset()
    return frozenset(each.name for each in msgspec.structs.fields(wanted) if get_origin(each.type) in {tuple, list})


def _lines(value: str | bytes) -> Iterator[str | bytes]:
    if isinstance(value, bytes):
        yield value
        return
    for line in value.splitlines():
        if line.strip():
            yield line.strip()
