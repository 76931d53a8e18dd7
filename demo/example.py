"""What every case of the demo holds: plain data in a module of its own, `case_example_a` or `case_example_b`.

The people of the story are handed one of them and know neither. Money in yuan, every figure a decimal string.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Example(Protocol):
    """A case: its papers, its people's acts, and the figures it must end in. A module is one."""

    @property
    def PAPERS(self) -> str:
        """The beginning of its papers' names in `demo/papers`: `works`, `goods`."""

    @property
    def PROFILE(self) -> str:
        """The rule profile, with short waits."""

    @property
    def PROJECT(self) -> Mapping[str, str]:
        """The tender package's `data`."""

    @property
    def MEMBERS(self) -> Sequence[str]:
        """The committee, 评委1 first, the tenderer's representative last."""

    @property
    def AVOID_UNITS(self) -> Sequence[str]:
        """Units whose people must not be drawn, by the application."""

    @property
    def QUOTAS(self) -> Sequence[Mapping[str, Any]]:
        """The experts asked for, by category and place."""

    @property
    def BIDDERS(self) -> Mapping[str, str]:
        """Bid → bidder's name, as opened."""

    @property
    def PRICES(self) -> Mapping[str, str]:
        """Bid → price."""

    @property
    def QUANTITIES(self) -> Sequence[tuple[str, str, str, str]]:
        """The item table: number, name, unit, quantity."""

    @property
    def UNIT_PRICES(self) -> Mapping[str, Sequence[str]]:
        """Bid → unit prices in the order of the item table."""

    @property
    def CRITERIA(self) -> Mapping[str, Any]:
        """`bid-criteria/1`."""

    @property
    def OPENING(self) -> Mapping[str, Any]:
        """`bid-opening/1`."""

    @property
    def LEADER_BALLOTS(self) -> Sequence[Mapping[str, str]]:
        """Voter → choice, round by round."""

    @property
    def LEADER(self) -> str:
        """Who is elected."""

    @property
    def EXPECTED(self) -> Mapping[str, Mapping[str, Any]]:
        """Bid → its row of the result, in the order of rank."""

    def finding_of(self, member: str, bid: str, clause: str) -> Mapping[str, Any]:
        """What a member finds of one clause in the preliminary review."""

    def scores_of(self, member: str, bid: str) -> dict[str, str]:
        """One member's item scores of one bid, as they are typed into the sheet."""
