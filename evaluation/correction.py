"""Arithmetic corrections of a bid's price (12号令 Art. 19): in words beats in figures, unit price beats total.

The committee finds them, the bidder confirms them in writing, then they are stated; nothing corrects a price by itself.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from evaluation.case import Case, Clarification
from evaluation.tally.document import parse_correction
from evaluation.tally.prices import corrected_price
from evaluation.tally.reading import DocumentRefused, Reader

PLACES = 2
MONEY = {"amount", "written"}
"""Sums of money in a correction: whole fen."""


class CorrectionUnconfirmed(Exception):
    """No answer of this bidder that the committee has confirmed stands behind the correction."""

    code = "correction.unconfirmed"


class CorrectionOutsideBid(Exception):
    """A correction of a bid that was rejected, or a withdrawal where none stands."""

    code = "correction.outside_bid"


class CorrectionWrong(Exception):
    """Figures that make no correction: missing, misspelt, twice the same, or leading to no price."""

    code = "correction.wrong"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class CorrectedAboveLimit(Exception):
    """A bid that would be scored has a price above the limit, corrected or as opened: it is rejected first (R-14)."""

    code = "correction.above_limit"


def confirmed_by(state: Case, identifier: str) -> Clarification:
    """The confirmed answer a correction rests on. Raises `CorrectionUnconfirmed`, `CorrectionOutsideBid`."""
    answer = state.clarifications.get(identifier)
    if answer is None or not answer.confirmed:
        raise CorrectionUnconfirmed
    if answer.bid not in state.valid_bids:
        raise CorrectionOutsideBid
    return answer


def above_limit(state: Case, limit: str | None) -> tuple[str, ...]:
    """The valid bids whose price, as it stands corrected, is above the limit."""
    corrected = {bid: price_after(state.bids[bid].price, state.corrections.get(bid, ())) for bid in state.valid_bids}
    return tuple(bid for bid, price in corrected.items() if limit is not None and price > Decimal(limit))


def price_after(price: str, corrections: Sequence[Mapping[str, Any]]) -> Decimal:
    """What the price in yuan becomes, one correction after the other. Raises `CorrectionWrong`."""
    try:
        read = [parse_correction(Reader(row, f"$corrections[{at}]")) for at, row in enumerate(corrections)]
    except DocumentRefused as refused:
        raise CorrectionWrong(str(refused)) from refused
    if len({tuple(sorted(row.items())) for row in corrections}) < len(corrections):
        raise CorrectionWrong("repeated $corrections")
    if any(Decimal(row[key]) != round(Decimal(row[key]), PLACES) for row in corrections for key in MONEY & row.keys()):
        raise CorrectionWrong("places $corrections")
    corrected = corrected_price(Decimal(price), read)
    if corrected <= 0:
        raise CorrectionWrong("out_of_range $price")
    return corrected
