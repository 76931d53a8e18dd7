"""What a rule profile of an earlier version means where it does not state a value that this version knows.

A case keeps the rules that it was opened under, byte by byte; software grows. Each value that was added to profiles
after `tests/vectors/accept/profile-first.json` stands here with the behaviour from before there was such a value, and
never changes (docs/profiles.md). Standard library only: the server and the stranger's verifier read the same table.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

Values = Mapping[str, Mapping[str, Any]]

EVERY_SEAT: Final = 10**9

ABSENT: Final[Values] = MappingProxyType(
    {
        # No tender document had blind groups, so that nothing was demanded.
        "scoring": {"blind": "allowed"},
        # Every seat was heard at once, always.
        "room": {"speakers": EVERY_SEAT, "talk": "open"},
        # The signing password alone.
        "password": {"security_key": False, "second_screen": False},
        # One signature, with P-256.
        "signature": {"algorithms": "p256"},
    }
)
"""By section and name, as a document would state it."""


def filled(values: Values) -> dict[str, dict[str, Any]]:
    """The values of a document with what it leaves out; what it states, known here or not, stays as it is."""
    names = [*values, *(name for name in ABSENT if name not in values)]
    return {name: {**ABSENT.get(name, {}), **values.get(name, {})} for name in names}
