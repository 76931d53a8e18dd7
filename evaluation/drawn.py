"""A draw as the statements of a case tell it: parties, rounds, attempts, replacements. Names stay sealed elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PROVINCIAL = "provincial"
TIES = "ties"


def is_of_ties(name: str) -> bool:
    """Whether a draw is one over equal bids: `ties`, and where a case needs another, `ties2`, `ties3` …"""
    return name.startswith(TIES)


@dataclass(frozen=True, slots=True)
class DrawParty:
    """A party as it committed to an attempt: hex of its last link and of the key for its share of the result."""

    legal_person: str
    commit: str
    share_key: str
    is_host: bool


@dataclass(frozen=True, slots=True)
class DrawRound:
    """One order of a draw: its minute, the digests of the links shown for it; once drawn, those of `draw.sealed`."""

    at: str = ""
    revealed: Mapping[str, str] = field(default_factory=dict)
    order: str = ""
    transcript: str = ""
    sealed: str = ""


@dataclass(frozen=True, slots=True)
class Replacement:
    """Somebody is to be replaced after check-in opened: `member`, or whoever is absent at `place`; `reason` of R-10.

    `round` is the round of the draw that finds who comes when no alternate does.
    """

    by: str
    member: str
    place: str
    reason: str
    round: int
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """Where one draw (`venues`, `experts`, `ties` …) stands; the names stay sealed elsewhere.

    `since` is when this attempt began, empty for the first; `left_out` are the parties that made an attempt void.
    `source` is empty for an own draw, `PROVINCIAL` for an imported result, which has no parties, rounds or digests.
    `short` says what is lacking: after all calls, or, with no order, because the lot found too few at its minute.
    `opened` is the whole order in the open: that of equal bids, which stands in the log with its seal.
    """

    request: Mapping[str, Any]
    at: str
    requested_by: str
    confirmed: bool = False
    root: str = ""
    size: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    attempt: int = 1
    since: str = ""
    left_out: tuple[str, ...] = ()
    parties: Mapping[str, DrawParty] = field(default_factory=dict)
    context: Mapping[str, Any] | None = None
    digest: str = ""
    rounds: tuple[DrawRound, ...] = (DrawRound(),)
    order: str = ""
    stands: bool = False
    placed: int = 0
    short: tuple[Mapping[str, Any], ...] = ()
    replacements: tuple[Replacement, ...] = ()
    source: str = ""
    opened: tuple[str, ...] = ()

    @property
    def now(self) -> DrawRound:
        """The round that is drawn next or was drawn last."""
        return self.rounds[-1]

    @property
    def is_without_result(self) -> bool:
        """Whether the lot found too few at its minute: another form is to be asked for, as another attempt."""
        return bool(self.short) and not self.order and not self.source

    @property
    def host(self) -> str:
        """The party whose link comes first; empty when it takes no part."""
        return next((name for name, party in self.parties.items() if party.is_host), "")

    @property
    def legal_persons(self) -> int:
        """How many distinct legal persons have committed."""
        return len({party.legal_person for party in self.parties.values()})
