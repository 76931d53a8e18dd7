"""The check before signing (R-20, R-22): errors block, a large deviation is shown to its member alone and never forced.

It decides nothing: the member keeps the score with a reason or asks to change it, by two equal choices.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal

from evaluation import case
from evaluation.criteria import Criteria, ScoredGroup, ScoredItem
from evaluation.profile import ScoringRules
from evaluation.sheet import ScoreSheet
from evaluation.tally.figures import half_up
from evaluation.tally.rules import score_problem

BlockCode = Literal[
    "selfcheck.sheet_missing",
    "selfcheck.sum_error",
    "selfcheck.out_of_range",
    "selfcheck.objective_mismatch",
]
FlagCode = Literal["selfcheck.deviation", "selfcheck.range"]
Choice = Literal["kept", "change"]
# Why a result may still change after the summary: 87号令 Art. 64.
CHANGE_GROUNDS: Final = ("sum_error", "out_of_range", "objective_mismatch", "abnormal_score")
_PLACES: Final = 2


class ChangeNotAllowed(Exception):
    """A change after the summary on none of the four grounds (87号令 Art. 64; R-20)."""

    code = "selfcheck.change_not_allowed"


class FlagOfAnother(Exception):
    """An answer to a flag by somebody else: a deviation is shown only to the member concerned."""

    code = "selfcheck.flag_of_another"


class ReasonMissing(Exception):
    """A score kept, or a change asked for, without a written reason."""

    code = "selfcheck.reason_missing"


@dataclass(frozen=True, slots=True)
class Block:
    """An error that keeps the summary from closing: the bid, the item or group, and the members it concerns."""

    code: BlockCode
    bid: str
    where: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A score far from the others': `where` is the group or item, `deviation` signed percent at two decimals.

    There is no `deviation` where all the others gave nothing.
    """

    code: FlagCode
    member: str
    bid: str
    where: str
    value: Decimal
    mean: Decimal
    deviation: Decimal | None

    @property
    def shown(self) -> str:
        """What its member is shown, without any other member's number: `+16.17 %`."""
        return "—" if self.deviation is None else f"{self.deviation:+} %"


@dataclass(frozen=True, slots=True)
class SelfCheck:
    """All errors and flags of a lot."""

    blocks: tuple[Block, ...]
    flags: tuple[Flag, ...]

    @property
    def is_blocking(self) -> bool:
        """Whether the summary must not close."""
        return bool(self.blocks)

    def flags_for(self, member: str) -> tuple[Flag, ...]:
        """The flags one member may see."""
        return tuple(flag for flag in self.flags if flag.member == member)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a member does about its flag."""

    member: str
    bid: str
    choice: Choice
    reason: str


def check(
    criteria: Criteria, members: Sequence[str], bids: Sequence[str], sheets: Sequence[ScoreSheet], rules: ScoringRules
) -> SelfCheck:
    """Run over the signed sheets of the valid bids. Flags are looked for only where every sheet is there and sound."""
    blocks: list[Block] = []
    flags: list[Flag] = []
    for bid in bids:
        own = {sheet.member: sheet for sheet in sheets if sheet.bid == bid}
        absent = tuple(member for member in members if member not in own) if criteria.groups else ()
        ordered = [own[member] for member in members if member in own]
        found = [Block("selfcheck.sheet_missing", bid, "", absent)] if absent else []
        found += [block for sheet in ordered for block in _faults_of(criteria, sheet)]
        if not found:
            found += _mismatches(criteria, bid, ordered)
            flags += _flags(criteria, bid, ordered, rules)
        blocks += found
    return SelfCheck(tuple(blocks), tuple(flags))


def answer_flag(flag: Flag | case.Flag, member: str, choice: Choice, reason: str) -> Answer:
    """A member's answer to its own flag, as found or as it stands in the log, with a written reason either way."""
    if member != flag.member:
        raise FlagOfAnother
    if not reason.strip():
        raise ReasonMissing
    return Answer(member, flag.bid, choice, reason.strip())


def unanswered(result: SelfCheck, answered: Collection[tuple[str, str]]) -> tuple[Flag, ...]:
    """The flags whose (member, bid) has no answer yet; the page asks again, the report only notes them."""
    return tuple(flag for flag in result.flags if (flag.member, flag.bid) not in answered)


def check_change(ground: str) -> None:
    """Refuse a change after the summary on any other ground than the four."""
    if ground not in CHANGE_GROUNDS:
        raise ChangeNotAllowed


def _faults_of(criteria: Criteria, sheet: ScoreSheet) -> Iterator[Block]:
    who = (sheet.member,)
    for scored in criteria.items:
        score = sheet.scores.get(scored.item.id)
        if score is None or score_problem(scored.item, score):
            yield Block("selfcheck.out_of_range", sheet.bid, scored.item.id, who)
    for group in criteria.groups:
        scores = [sheet.scores.get(scored.item.id, Decimal(0)) for scored in group.items]
        if sheet.subtotals.get(group.group.id) != group.group.subtotal(scores):
            yield Block("selfcheck.sum_error", sheet.bid, group.group.id, who)


def _mismatches(criteria: Criteria, bid: str, sheets: Sequence[ScoreSheet]) -> Iterator[Block]:
    everybody = tuple(sheet.member for sheet in sheets)
    for scored in criteria.items:
        if scored.item.is_objective and len({sheet.scores[scored.item.id] for sheet in sheets}) > 1:
            yield Block("selfcheck.objective_mismatch", bid, scored.item.id, everybody)


def _flags(criteria: Criteria, bid: str, sheets: Sequence[ScoreSheet], rules: ScoringRules) -> Iterator[Flag]:
    if len(sheets) == 1:
        return
    for group in criteria.groups:
        if not group.is_objective:
            yield from _far_from_mean(group, bid, sheets, rules.deviation_percent)
            for scored in group.items:
                if not scored.item.is_objective:
                    yield from _wide_range(scored, bid, sheets, rules.range_percent)


def _far_from_mean(group: ScoredGroup, bid: str, sheets: Sequence[ScoreSheet], percent: Decimal) -> Iterator[Flag]:
    values = {sheet.member: Fraction(sheet.subtotals[group.group.id]) for sheet in sheets}
    for member in values:
        deviation = _deviation(member, values)
        if deviation is not None and abs(deviation) > Fraction(percent):
            yield _flag("selfcheck.deviation", member, bid, group.group.id, values)


def _wide_range(scored: ScoredItem, bid: str, sheets: Sequence[ScoreSheet], percent: Decimal) -> Iterator[Flag]:
    """Where an item's scores spread too wide, flag whoever stands farthest from the mean of the others."""
    values = {sheet.member: Fraction(sheet.scores[scored.item.id]) for sheet in sheets}
    spread = max(values.values()) - min(values.values())
    if spread * 100 <= Fraction(percent) * Fraction(scored.item.maximum):
        return
    distance = {member: abs(value - _mean_of_others(member, values)) for member, value in values.items()}
    for member, far in distance.items():
        if far == max(distance.values()):
            yield _flag("selfcheck.range", member, bid, scored.item.id, values)


def _flag(code: FlagCode, member: str, bid: str, where: str, values: Mapping[str, Fraction]) -> Flag:
    deviation = _deviation(member, values)
    return Flag(
        code,
        member,
        bid,
        where,
        value=half_up(values[member], _PLACES),
        mean=half_up(_mean_of_others(member, values), _PLACES),
        deviation=None if deviation is None else half_up(deviation, _PLACES),
    )


def _mean_of_others(member: str, values: Mapping[str, Fraction]) -> Fraction:
    return sum((value for other, value in values.items() if other != member), Fraction(0)) / (len(values) - 1)


def _deviation(member: str, values: Mapping[str, Fraction]) -> Fraction | None:
    """Percent away from the mean of the others; there is none where all the others gave nothing."""
    mean = _mean_of_others(member, values)
    return (values[member] - mean) / mean * 100 if mean else None
