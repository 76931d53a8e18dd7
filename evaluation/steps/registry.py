"""How a step of the fold is written: a registry by kind, and the two ways a mapping is replaced."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from evaluation.case import Case, MemberId

K = TypeVar("K")
V = TypeVar("V")
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Logged:
    """One statement as it stands in a log: its place, its entry (hex) and what it says."""

    index: int
    entry: str
    kind: str
    at: str
    body: Body


Step = Callable[[Case, Logged], Case]
STEPS: dict[str, Step] = {}


def on(*kinds: str) -> Callable[[Step], Step]:
    """Register a step for these kinds."""

    def register(step: Step) -> Step:
        for kind in kinds:
            STEPS[kind] = step
        return step

    return register


def with_(mapping: Mapping[K, V], key: K, value: V) -> dict[K, V]:
    """A copy of a mapping with one key set."""
    return {**mapping, key: value}


def with_member(case: Case, body: Body, **changes: Any) -> Case:  # noqa: ANN401 - fields of Member
    """The case with some fields of the member that the body names changed."""
    member = case.members[MemberId(body["member"])]
    return replace(case, members=with_(case.members, member.id, replace(member, **changes)))
