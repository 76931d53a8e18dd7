"""Blind review (暗标): codes in place of bidders, fixed beforehand by a salted commitment. Pure: no chance, no state.

A case's codes follow from its salt and its bids alone: whoever holds the salt makes them again, nobody else can.
`bid-blind/1`, docs/records-evaluation.md; the archive's verifier has its own copy of these few lines.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from evaluation.ids import BidId, CaseId, MemberId
from signing.canonical import canonical

FORMAT: Final = "bid-blind/1"
ROLE: Final = "technical_blind"
"""The role of an anonymised file in an opening package."""
SALT_BYTES: Final = 32


class CodesOpen(Exception):
    """The codes are opened: a sheet signed under one is changed no more."""

    code = "blind.codes_open"


class BlindUnderWay(Exception):
    """While bids are scored by code nobody speaks of them by name: no question, no correction, no opening of codes."""

    code = "blind.under_way"


@dataclass(frozen=True, slots=True)
class Blind:
    """Blind review in one case.

    `groups` are scored by code, `named` by name; `codes` are those of the bids that are valid now; `bids` says whose
    each code of the case is, once that is opened.
    """

    commitment: str
    groups: tuple[str, ...]
    named: tuple[str, ...]
    codes: tuple[BidId, ...] = ()
    bids: Mapping[BidId, BidId] = field(default_factory=dict)
    opened_at: str = ""

    @property
    def is_open(self) -> bool:
        """Whether everybody may know whose each code is."""
        return bool(self.opened_at)

    def owes(self, member: MemberId, signed: Mapping[tuple[MemberId, BidId], object]) -> bool:
        """Whether this member has still to sign a sheet under a code."""
        return any((member, code) not in signed for code in self.codes)


def commitment(case: CaseId, salt: bytes, bids: Sequence[str]) -> str:
    """SHA-256 (hex) of what fixes the codes: the case, its bids in the order of opening, the salt."""
    stated = {"bids": list(bids), "case": case, "format": FORMAT, "salt": salt.hex()}
    return hashlib.sha256(canonical(stated)).hexdigest()


def codes(case: CaseId, lot: str, salt: bytes, bids: Sequence[str]) -> dict[BidId, BidId]:
    """Code → bid: 暗01, 暗02, … in the order of the bids' salted digests; 暗2-01 in lot 2 of several.

    So a code is its own in the whole case, as a bid's id is, and no bid's id is ever spelled so.
    """

    def digest(bid: str) -> bytes:
        stated = {"bid": bid, "case": case, "format": FORMAT, "salt": salt.hex()}
        return hashlib.sha256(canonical(stated)).digest()

    of_lot = f"{lot}-" if lot else ""
    return {BidId(f"暗{of_lot}{place:02d}"): BidId(bid) for place, bid in enumerate(sorted(bids, key=digest), 1)}
