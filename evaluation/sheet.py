"""A member's score sheet of one bid: from what is typed to the body that is signed, and back.

A blank is never a zero, and a score has one spelling: `8.50`, `８.5` and `8。5` are all written `8.5`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

from evaluation.criteria import Criteria, ScoredItem
from evaluation.profile import ReadingRules
from evaluation.tally.figures import canonical_spelling, half_up
from evaluation.tally.reading import Reader
from evaluation.tally.records import SUBTOTAL_PLACES
from evaluation.tally.rules import score_problem

Fault = Literal[
    "sheet.score_missing",
    "sheet.not_a_number",
    "sheet.out_of_range",
    "sheet.off_step",
    "sheet.comment_missing",
    "sheet.unknown_item",
]
_TYPED: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,6})?")
_CHINESE_KEYS: Final = str.maketrans("０１２３４５６７８９．。｡", "0123456789...")
_FAULTS: Final[Mapping[str, Fault]] = {
    "score_out_of_range": "sheet.out_of_range",
    "score_off_step": "sheet.off_step",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell."""

    item: str
    fault: Fault


class SheetRefused(Exception):
    """A sheet that cannot be submitted; `problems` has every cell that is wrong, not only the first."""

    code = "sheet.refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{problem.item}: {problem.fault}" for problem in problems))
        self.problems = problems


class SheetMisspelt(Exception):
    """A signed body whose figures are not spelled as this house spells them, or whose subtotals are not its items'."""

    code = "sheet.misspelt"


class ReadTooShort(Exception):
    """A sheet submitted before the bid was open for the time the profile demands."""

    code = "sheet.read_too_short"


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """One member's scores of one bid: item → score, group → subtotal as signed, item → comment."""

    member: str
    alias: str
    bid: str
    scores: Mapping[str, Decimal]
    subtotals: Mapping[str, Decimal]
    comments: Mapping[str, str]


def normalised(typed: str) -> str | None:
    """The one spelling of a typed score; full-width digits and Chinese points are accepted, `None` if no number."""
    text = typed.strip().translate(_CHINESE_KEYS)
    return canonical_spelling(Decimal(text)) if _TYPED.fullmatch(text) else None


def problems_of(criteria: Criteria, typed: Mapping[str, str], comments: Mapping[str, str]) -> tuple[Problem, ...]:
    """Every cell that keeps a sheet from being submitted, in the order of the sheet; drafts show them as one types."""
    known = {scored.item.id for scored in criteria.items}
    strangers = sorted((set(typed) | set(comments)) - known)
    found = [(scored.item.id, _fault(scored, typed, comments)) for scored in criteria.items]
    return (
        *(Problem(item, fault) for item, fault in found if fault),
        *(Problem(item, "sheet.unknown_item") for item in strangers),
    )


def complete_sheet(
    criteria: Criteria, member: str, alias: str, bid: str, typed: Mapping[str, str], comments: Mapping[str, str]
) -> ScoreSheet:
    """The sheet made of what was typed. Raises `SheetRefused` with all problems."""
    problems = problems_of(criteria, typed, comments)
    if problems:
        raise SheetRefused(problems)
    scores = {scored.item.id: Decimal(normalised(typed[scored.item.id]) or "") for scored in criteria.items}
    said = {item: comment.strip() for item, comment in comments.items() if comment.strip()}
    return ScoreSheet(member, alias, bid, scores, _subtotals(criteria, scores), said)


def body_of(sheet: ScoreSheet) -> dict[str, Any]:
    """The body of a `sheet.signed` statement: scores shortest, subtotals with two decimals."""
    return {
        "member": sheet.member,
        "alias": sheet.alias,
        "bid": sheet.bid,
        "scores": {item: canonical_spelling(score) for item, score in sheet.scores.items()},
        "subtotals": {group: str(half_up(Fraction(sum_), SUBTOTAL_PLACES)) for group, sum_ in sheet.subtotals.items()},
        "comments": dict(sheet.comments),
    }


def read_sheet(body: object) -> ScoreSheet:
    """Read a signed body as it stands, right or wrong: what the self-check is run over. Raises `DocumentRefused`."""
    reader = Reader(body)
    sheet = ScoreSheet(
        member=reader.text("member"),
        alias=reader.text("alias"),
        bid=reader.text("bid"),
        scores=dict(reader.decimals("scores")),
        subtotals=dict(reader.decimals("subtotals")),
        comments=dict(reader.texts("comments")),
    )
    reader.end()
    return sheet


def parse_sheet(body: object, criteria: Criteria) -> ScoreSheet:
    """Read a body about to be signed and accept it only if this house would have written the very same.

    Raises `DocumentRefused`, `SheetRefused`, `SheetMisspelt`.
    """
    sheet = read_sheet(body)
    typed = {item: canonical_spelling(score) for item, score in sheet.scores.items()}
    written = complete_sheet(criteria, sheet.member, sheet.alias, sheet.bid, typed, sheet.comments)
    if body_of(written) != body:
        raise SheetMisspelt
    return written


def check_reading(open_for_s: int, rules: ReadingRules) -> None:
    """Refuse a sheet on a bid that was open for too short a time (招标投标法 Art. 44: each answers for its opinion)."""
    if open_for_s < rules.bid_minimum_s:
        raise ReadTooShort


def _fault(scored: ScoredItem, typed: Mapping[str, str], comments: Mapping[str, str]) -> Fault | None:
    text = typed.get(scored.item.id, "")
    if not text.strip():
        return "sheet.score_missing"
    spelled = normalised(text)
    if spelled is None:
        return "sheet.not_a_number"
    score = Decimal(spelled)
    problem = score_problem(scored.item, score)
    if problem:
        return _FAULTS[problem]
    if _needs_comment(scored, score) and not comments.get(scored.item.id, "").strip():
        return "sheet.comment_missing"
    return None


def _needs_comment(scored: ScoredItem, score: Decimal) -> bool:
    low, high = scored.comment_below, scored.comment_above
    return (low is not None and score < low) or (high is not None and score > high)


def _subtotals(criteria: Criteria, scores: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {
        scored.group.id: scored.group.subtotal(scores[item.item.id] for item in scored.items)
        for scored in criteria.groups
    }
