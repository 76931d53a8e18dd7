"""Every call that the application serves, made from its policies: who calls, the address, the body.

A new route is covered by itself; where an address or a field has a meaning, the values here are the ones worth trying.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import inspect

from web.app import VIEWS
from web.policy import Policy, policies_of

POLICIES: tuple[Policy, ...] = tuple(policy for module in VIEWS for policy in policies_of(module))
PART = re.compile(r"\{(\w+)(?::[^{}]+)?\}")
SPELLINGS = ("0" * 64, "0" * 6, "0" * 160, "0" * 162, "0" * 130, "ab", "ab@example.org", "A-01")
SOME_DAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Call:
    """One call: what it asks for, and the policy that lets it in."""

    policy: Policy
    path: str
    body: bytes | None = None

    @property
    def name(self) -> str:
        """For a test's message."""
        return f"{self.policy.method} {self.path}"


def calls(objects: Mapping[str, tuple[str, ...]], fields: Mapping[str, tuple[object, ...]]) -> Iterator[Call]:
    """All routes with all objects in their addresses; `fields` gives values to body fields by their names.

    A part of an address that `objects` does not know gets one value that names nothing.
    """
    for policy in POLICIES:
        for path in _paths(policy.path, objects):
            if not policy.is_unsafe:
                yield Call(policy, path)
                continue
            for round_no in range(max([1, *(len(values) for values in fields.values())])):
                yield Call(policy, path, _body(policy, fields, round_no))
                if policy.body is None:
                    break


def _paths(path: str, objects: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = PART.search(path)
    if found is None:
        return [path]
    made = [path.replace(found.group(0), value, 1) for value in objects.get(found.group(1), ("none",))]
    return [full for one in made for full in _paths(one, objects)]


def _body(policy: Policy, fields: Mapping[str, tuple[object, ...]], round_no: int) -> bytes:
    if policy.body is None or not (isinstance(policy.body, type) and issubclass(policy.body, msgspec.Struct)):
        return b"{}"
    described = inspect.type_info(policy.body)
    assert isinstance(described, inspect.StructType)
    filled = {}
    for one in described.fields:
        worth = fields.get(one.name, ())
        filled[one.encode_name] = worth[round_no % len(worth)] if worth else some(one.type)
    return msgspec.json.encode(filled)


def some(kind: inspect.Type) -> Any:  # noqa: ANN401 - whatever JSON can say
    """A value that this kind of field takes, where no better one is known."""
    kind = kind.types[0] if isinstance(kind, inspect.UnionType) else kind
    if isinstance(kind, inspect.StrType):
        fitting = (text for text in SPELLINGS if re.search(kind.pattern or "", text))
        return next(fitting, "0" * 64) if kind.pattern else "x" * max(1, kind.min_length or 0)
    if isinstance(kind, inspect.EnumType):
        return next(iter(kind.cls)).value
    if isinstance(kind, inspect.LiteralType):
        return kind.values[0]
    if isinstance(kind, inspect.VarTupleType):
        return [some(kind.item_type)]
    if isinstance(kind, inspect.StructType):
        return {one.encode_name: some(one.type) for one in kind.fields}
    return _PLAIN.get(type(kind), "eA==")


_PLAIN: Mapping[type, Any] = {
    inspect.IntType: 1,
    inspect.BoolType: False,
    inspect.DateTimeType: SOME_DAY,
    inspect.DictType: {},
}
