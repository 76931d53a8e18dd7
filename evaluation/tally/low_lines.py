"""Abnormally low prices, formula P7: who must be asked. Whether an answer suffices is the committee's to judge."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from evaluation.tally.figures import half_up, shown
from evaluation.tally.model import LowLine, Step, TallyCase
from evaluation.tally.priced import MONEY, PERCENT, Evaluated, step


def must_be_asked(
    case: TallyCase, opened: Sequence[Evaluated], valid: Sequence[Evaluated]
) -> tuple[tuple[str, ...] | None, list[Step]]:
    """The bids below any line, in the order of opening (None where no line is drawn), and the steps."""
    if not case.abnormal_low:
        return None, []
    limit, steps, found = case.limit, list[Step](), set[str]()
    within = [bid for bid in opened if limit is None or bid.price <= limit]
    for line in case.abnormal_low:
        looked_at = within if line.counts_opened else valid
        figure = _line(line, limit, looked_at, steps)
        if figure is None:
            continue
        for bid in looked_at:
            if bid.price < figure:
                found.add(bid.id)
                price = shown(bid.price, MONEY)
                steps.append(step("must_ask", bid.id, price=price, line=line.line, figure=str(figure)))
    return tuple(bid.id for bid in opened if bid.id in found), steps


def _line(line: LowLine, limit: Decimal | None, bids: Sequence[Evaluated], steps: list[Step]) -> Decimal | None:
    """The line in yuan to the cent; none where nothing is there to compare with."""
    if line.line == "cost_warning":
        return _cost_line(line, Fraction(limit or 0), steps)
    measure = _measure(line, limit, bids)
    if measure is None:
        return None
    figure = half_up(measure * Fraction(line.percent) * PERCENT, MONEY)
    told = {"line": line.line, "of": shown(measure), "percent": str(line.percent)}
    steps.append(step("low_line", **told, figure=str(figure)))
    return figure


def _measure(line: LowLine, limit: Decimal | None, bids: Sequence[Evaluated]) -> Fraction | None:
    prices = sorted(bid.price for bid in bids)
    if line.line == "of_limit":
        return Fraction(limit or 0)
    if line.line == "of_next":
        return prices[1] if len(prices) > 1 else None
    return sum(prices, Fraction(0)) / len(prices) if prices else None


def _cost_line(line: LowLine, limit: Fraction, steps: list[Step]) -> Decimal:
    """D = L − (L − S − T) × W."""
    profit = limit - Fraction(line.safety_fee) - Fraction(line.tax)
    figure = half_up(limit - profit * Fraction(line.percent) * PERCENT, MONEY)
    steps.append(
        step(
            "cost_line",
            limit=shown(limit, MONEY),
            safety_fee=str(line.safety_fee),
            tax=str(line.tax),
            percent=str(line.percent),
            figure=str(figure),
        )
    )
    return figure
