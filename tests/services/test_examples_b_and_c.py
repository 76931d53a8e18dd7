"""Examples B and C from criteria to candidates, on the real store with real keys: procurement, and the lowest price."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conduct import correcting, reviewing, summing
from conduct.authorising import Office
from demo import case_example_a, case_example_b
from demo import packages as papers
from demo.example import Example
from evaluation.case import State
from evaluation.correction import CorrectedAboveLimit, CorrectionUnconfirmed, CorrectionWrong
from evaluation.tally.reading import load_json
from storage.store import Store
from tests.services.evaluation import CASE, PASS, Evaluation

VECTOR = Path(__file__).parent.parent / "vectors" / "accept" / "tally-example-c.json"
PDF = b"%PDF-1.7\n%%EOF\n"
FAILED = ("V", "Z")
TOO_HIGH_OR_LOW = {"pass": False, "ground": "below_cost_or_above_limit", "reason": "报价不被接受", "page": 3}


async def test_example_b_ends_with_two_bids_at_89_02_and_the_lower_price_first(
    store: Store, office: Office, tmp_path: Path
) -> None:
    evaluation = Evaluation(store, office, tmp_path, case_example_b)
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.pledge_and_elect()
    await evaluation.review_passing()
    await evaluation.score()
    await evaluation.do(summing.close_scoring, evaluation.leader)
    assert [(row["bid"], row["evaluated"], row["total"], row["rank"]) for row in evaluation.state.rows] == [
        (bid, row["evaluated"], row["total"], row["rank"]) for bid, row in case_example_b.EXPECTED.items()
    ]
    await evaluation.do(summing.recommend, evaluation.leader)
    assert evaluation.state.candidates == case_example_b.CANDIDATES


def example_c() -> Example:
    """Example C's tender in the clothes of Example A: prices as they were read out."""
    stated: Any = load_json(VECTOR.read_bytes())
    prices = {bid["id"]: bid["price"] for bid in stated["bids"]}
    rows = [{"id": bid, "name": f"演示投标人{bid}", "price": price} for bid, price in prices.items()]
    facts = {bid["id"]: bid["facts"] for bid in stated["bids"] if "facts" in bid}
    made = SimpleNamespace(
        **{name: getattr(case_example_a, name) for name in dir(case_example_a) if name.isupper()},
    )
    made.BIDDERS = {row["id"]: row["name"] for row in rows}
    made.UNIT_PRICES = dict.fromkeys(made.BIDDERS, case_example_a.UNIT_PRICES["A"])
    made.PROJECT = case_example_a.PROJECT | {"limit_price": stated["limit"]}
    made.OPENING = {
        "format": "bid-opening/1",
        "bids": [row | ({"facts": facts[row["id"]]} if row["id"] in facts else {}) for row in rows],
    }
    made.CRITERIA = case_example_a.CRITERIA | {
        "method": stated["method"],
        "limit": stated["limit"],
        "price": stated["price"],
        "abnormal_low": [{"line": "of_mean", "counts": "opened", "percent": "85"}],
        "groups": [],
        "ties": [{"rule": "lower_price"}],
    }
    return cast(Example, made)


async def correct_prices(evaluation: Evaluation) -> None:
    """W's amount in words and X's unit price, each confirmed by its bidder first."""
    stated: Any = load_json(VECTOR.read_bytes())
    for bid in stated["bids"]:
        for correction in bid.get("corrections", ()):
            with pytest.raises(CorrectionUnconfirmed):
                await evaluation.do(correcting.add, evaluation.leader, "c9", correction)
            answer = await evaluation.clarify(bid["id"])
            await evaluation.do(correcting.add, evaluation.leader, answer, correction)
            with pytest.raises(CorrectionWrong, match="repeated"):
                await evaluation.do(correcting.add, evaluation.leader, answer, correction)
    corrected = evaluation.store.look(lambda tx: correcting.standing(tx, CASE))
    assert {row["bid"]: row["price"] for row in corrected} == {"W": "5480000.00", "X": "5426000.00"}


async def test_example_c_ends_with_y_w_x_and_nobody_scores(
    store: Store, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for paper in ("tender_document", "opening_record", "bid"):
        monkeypatch.setattr(papers, paper, lambda *_: PDF)
    evaluation = Evaluation(store, office, tmp_path, example_c())
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.pledge_and_elect()
    await evaluation.do(reviewing.begin, evaluation.leader)
    await correct_prices(evaluation)
    low = store.look(lambda tx: summing.low_priced(tx, CASE))
    assert low == [{"bid": "Z", "asked": False}]
    for alias in evaluation.example.MEMBERS:
        findings = {bid: TOO_HIGH_OR_LOW if bid in FAILED else PASS for bid in evaluation.example.BIDDERS}
        await evaluation.find(alias, findings)
    await evaluation.do(reviewing.close, evaluation.leader)
    assert evaluation.state.state is State.DETAILED
    above = {"kind": "capital_amount", "amount": "6000000.01"}
    with pytest.raises(CorrectedAboveLimit):
        await evaluation.do(correcting.add, evaluation.leader, "c1", above)
    await evaluation.do(summing.close_scoring, evaluation.leader)
    assert [(row["bid"], row["evaluated"], row["price"]) for row in evaluation.state.rows] == [
        ("Y", "5341875.00", "5250000.00"),
        ("W", "5480000.00", "5480000.00"),
        ("X", "5480260.00", "5426000.00"),
    ]
    await evaluation.do(summing.recommend, evaluation.leader)
    assert evaluation.state.candidates == ("Y", "W", "X")
    stated: Any = load_json(store.objects.get(evaluation.state.tally_result))
    assert stated["asked"] == ["Z"]
