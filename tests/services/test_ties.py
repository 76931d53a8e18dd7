"""Two bids that nothing tells apart: a lot by commit and reveal, the tally goes on with it, the bag proves it."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from conduct import packages as _packages  # noqa: F401
from conduct import reporting, summing, tie_draw
from conduct.authorising import Office
from conduct.ports import Actor
from demo import case_example_a
from demo.example import Example
from evaluation.case import State
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import CASE, Evaluation
from tests.services.test_reporting import answer, seal

PDF = b"%PDF-1.7\n%%EOF\n"


def tied_example(*ties: dict[str, str]) -> Example:
    """Example A where E is B again: the same price, the same scores, so that they are equal in everything."""
    made = SimpleNamespace(**{name: getattr(case_example_a, name) for name in dir(case_example_a) if name[0] != "_"})
    made.PRICES = case_example_a.PRICES | {"E": case_example_a.PRICES["B"]}
    made.UNIT_PRICES = case_example_a.UNIT_PRICES | {"E": case_example_a.UNIT_PRICES["B"]}
    bids = [row | {"price": made.PRICES[row["id"]]} for row in case_example_a.OPENING["bids"]]
    made.OPENING = case_example_a.OPENING | {"bids": bids}
    made.CRITERIA = case_example_a.CRITERIA | {"ties": list(ties) or case_example_a.CRITERIA["ties"]}
    made.scores_of = lambda alias, bid: case_example_a.scores_of(alias, "B" if bid == "E" else bid)
    return cast(Example, made)


@pytest.fixture
def tied(store: Store, office: Office, tmp_path: Path) -> Evaluation:
    return Evaluation(store, office, tmp_path, tied_example())


async def to_tie(evaluation: Evaluation) -> None:
    """All sheets signed, the leader closes the scoring."""
    await evaluation.to_review()
    await evaluation.review()
    await evaluation.score()
    await evaluation.do(summing.close_scoring, evaluation.leader)


async def draw(evaluation: Evaluation, name: str = "ties") -> None:
    await tie_draw.run(evaluation.store, evaluation.process, evaluation.case, name, summing.go_on)


async def answer_flags(evaluation: Evaluation) -> None:
    for flag in evaluation.state.flags:
        await evaluation.do(summing.decide, Actor("member", flag.member), flag.bid, "kept", "维持")


async def test_two_bids_equal_in_everything_go_by_a_lot_to_the_sealed_and_judged_bag(
    tied: Evaluation, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await to_tie(tied)
    state = tied.state
    assert (state.state, state.rows) == (State.PRICE, ())
    assert state.draws["ties"].request["bids"] == [["B", "E"]]
    await tied.commit_and_reveal("ties")
    await draw(tied)
    order = tied.state.draws["ties"].opened
    assert sorted(order) == ["B", "E"]
    assert tied.state.state is State.RECHECK
    assert [row["bid"] for row in tied.state.rows][:2] == list(order)
    assert [row["rank"] for row in tied.state.rows] == [1, 2, 3, 4, 5]
    await answer_flags(tied)
    await tied.do(summing.recommend, tied.leader)
    assert tied.state.candidates[:2] == order
    await reporting.render(tied.store, CASE)
    for alias in tied.example.MEMBERS:
        await answer(tied, alias, "signed")
    verdict = await seal(tied, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
