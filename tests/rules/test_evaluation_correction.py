"""A price is corrected on a confirmed answer alone, by figures that make a correction."""

from dataclasses import replace
from typing import Any

import pytest

from evaluation.case import Bid, BidId, Case, CaseId, Clarification
from evaluation.correction import (
    CorrectionOutsideBid,
    CorrectionUnconfirmed,
    CorrectionWrong,
    confirmed_by,
    price_after,
)

ANSWER = Clarification("c1", BidId("X"), "第 3 页", "合价以何为准？", "", "", "", answer="d", confirmed=True)
BIDS = {BidId("X"): Bid(BidId("X"), "演示投标人X", "5390000.00")}
CASE = Case(CaseId("E-1"), bids=BIDS, clarifications={"c1": ANSWER})
UNIT_PRICE = {"kind": "unit_price", "quantity": "1200", "unit_price": "385.00", "written": "426000.00"}
CAPITAL = {"kind": "capital_amount", "amount": "5480000.00"}


def test_a_correction_rests_on_an_answer_that_was_confirmed() -> None:
    assert confirmed_by(CASE, "c1") is ANSWER
    open_answer = {"c1": replace(ANSWER, confirmed=False)}
    for case in (replace(CASE, clarifications={}), replace(CASE, clarifications=open_answer)):
        with pytest.raises(CorrectionUnconfirmed):
            confirmed_by(case, "c1")
    with pytest.raises(CorrectionOutsideBid):
        confirmed_by(replace(CASE, bids={}), "c1")


def test_example_c_prices_after_their_corrections() -> None:
    assert str(price_after("5390000.00", [UNIT_PRICE])) == "5426000.00"
    assert str(price_after("5408000.00", [CAPITAL])) == "5480000.00"
    assert str(price_after("1.00", [CAPITAL, UNIT_PRICE])) == "5516000.00"


@pytest.mark.parametrize(
    "rows",
    [
        [{}],
        [{"kind": "guess"}],
        [UNIT_PRICE | {"quantity": ""}],
        [UNIT_PRICE | {"written": "四十二万"}],
        [UNIT_PRICE | {"more": "1"}],
        [CAPITAL | {"amount": "-1"}],
        [CAPITAL | {"amount": "6000000.004"}],
        [UNIT_PRICE, dict(UNIT_PRICE)],
        [UNIT_PRICE | {"written": "99999999.00"}],
    ],
)
def test_figures_that_make_no_correction_are_refused(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(CorrectionWrong):
        price_after("5390000.00", rows)
