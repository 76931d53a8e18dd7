"""Example A as a blind review: its technical part is scored by code over anonymised files."""

from copy import deepcopy
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from conduct import blinding, opening_codes, scoring
from demo import case_example_a
from demo.example import Example
from evaluation.case import BidId
from storage.transaction import Transaction
from tests.services.evaluation import Evaluation

TECHNICAL = "technical"


def blind_example(*groups: str) -> Example:
    """Example A with these groups scored by code (the technical one if none is named)."""
    made = SimpleNamespace(**{name: getattr(case_example_a, name) for name in dir(case_example_a) if name.isupper()})
    made.scores_of, made.finding_of = case_example_a.scores_of, case_example_a.finding_of
    criteria: Any = deepcopy(case_example_a.CRITERIA)
    for group in criteria["groups"]:
        if group["id"] in (groups or (TECHNICAL,)):
            group["blind"] = True
    made.CRITERIA = criteria
    return cast(Example, made)


def whose(evaluation: Evaluation) -> dict[BidId, BidId]:
    """Code → bid, as only the server knows it."""
    return evaluation.store.look(lambda tx: dict(blinding.codes(tx, evaluation.case)))


async def score_blind(evaluation: Evaluation, alias: str, like: str = "") -> None:
    """One member scores every code as the example's member scores the bid behind it, and signs."""
    await fill_blind(evaluation, alias, like)
    await evaluation.sign(evaluation.member(alias), "score-sheet")


async def fill_blind(evaluation: Evaluation, alias: str, like: str = "") -> None:
    """The same without the signature."""
    actor, codes = evaluation.member(alias), whose(evaluation)

    def fill(tx: Transaction) -> None:
        seen = blinding.seen(tx, evaluation.case, actor.who)
        items = {one.item.id for one in blinding.criteria_seen(tx, evaluation.case, actor.who).items}
        for code in seen.scored_bids:
            for item, typed in evaluation.example.scores_of(like or alias, codes[code]).items():
                if item in items:
                    scoring.save(tx, evaluation.case, actor, scoring.Cell(code, item, "score"), typed, 0)

    await evaluation.store.act(fill)


async def score_named(evaluation: Evaluation, alias: str, like: str = "") -> None:
    """The same for what is scored by name."""
    actor = evaluation.member(alias)

    def fill(tx: Transaction) -> None:
        items = {one.item.id for one in blinding.criteria_seen(tx, evaluation.case, actor.who).items}
        for bid in evaluation.state.scored_bids:
            for item, typed in evaluation.example.scores_of(like or alias, bid).items():
                if item in items:
                    scoring.save(tx, evaluation.case, actor, scoring.Cell(bid, item, "score"), typed, 0)

    await evaluation.store.act(fill)
    await evaluation.sign(actor, "score-sheet")


async def to_blind_scores(evaluation: Evaluation) -> None:
    """From nothing to a committee that scores blind; bid F is rejected."""
    await evaluation.to_review()
    await evaluation.review()


async def all_blind(evaluation: Evaluation) -> None:
    """Every member's sheets by code."""
    for alias in evaluation.example.MEMBERS:
        await score_blind(evaluation, alias)


open_codes = partial(opening_codes.open_codes)
