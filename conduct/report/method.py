"""Part 6 in words: the method, its rules with the tender document's own parameters, every criterion."""

from collections.abc import Iterator, Sequence

from archive.report.data import Criterion, Method
from conduct.report.material import REPORT_WORDS as WORDS
from conduct.report.material import Material
from evaluation.criteria import ScoredGroup, ScoredItem
from evaluation.tally.figures import canonical_spelling
from evaluation.tally.model import BenchmarkDeviation, Group, LowPriceFirst, PriceTable, TieRule, TrimTier
from evaluation.tally.ranking import LAST_RULES


def method(material: Material) -> Method:
    """The method with its rules and criteria."""
    criteria = material.criteria
    return Method(
        name=WORDS["methods"][criteria.method],
        rules=tuple(_rules(material)),
        criteria=(*_clauses(material), *_items(criteria.groups)),
    )


def group_rule(scored: ScoredGroup) -> str:
    """How the members' figures of a group become one."""
    group = scored.group
    words, trim = WORDS["rules"], _trim("group_trim", group.trim)
    rounding = words["unrounded"] if group.places is None else words["rounded"].format(places=group.places)
    text: str = words[f"group_{group.over}"].format(
        name=scored.name,
        best=_plain(group),
        trim=trim and f"{words['trim_then']}{trim}",
        percent=canonical_spelling(group.members_percent),
        rounding=rounding,
    )
    return text


def _plain(group: Group) -> str:
    return canonical_spelling(group.maximum)


def _rules(material: Material) -> Iterator[str]:
    words, price = WORDS["rules"], material.price
    if material.criteria.clauses:
        yield words["preliminary"]
    if isinstance(price, BenchmarkDeviation):
        yield from (_benchmark(material, price), _curve(price))
    elif isinstance(price, LowPriceFirst):
        yield words["low_price_first"].format(weight=price.weight)
    else:
        yield words["lowest_evaluated"]
    for line in material.criteria.abnormal_low:
        said = words[f"low_{line.line}"]
        yield said.format(percent=line.percent, safety_fee=line.safety_fee, tax=line.tax)
    yield from (group_rule(group) for group in material.criteria.groups)
    if any(item.item.is_objective for item in material.criteria.items):
        yield words["objective"]
    yield words["ties"].format(ties=WORDS["separator"].join(_tie(material, tie) for tie in _ties(material)))
    if material.criteria.total_places is not None:
        yield words["total_rounded"].format(places=material.criteria.total_places)
    yield words["candidates"].format(count=material.criteria.candidates)


def _ties(material: Material) -> tuple[TieRule, ...]:
    """The tender document's rules, and behind them the profile's where they may leave bids equal."""
    ties = material.criteria.ties
    left = TieRule(material.profile.rules.method.ties_left, "", ())
    return ties if any(tie.rule in LAST_RULES for tie in ties) else (*ties, left)


def _benchmark(material: Material, price: BenchmarkDeviation) -> str:
    """How the benchmark price is made: of the mean, or of limit and mean."""
    words, trim = WORDS["rules"], _trim("trim", price.trim)
    limit_percent = price.limit_percent
    text: str = words["benchmark" if limit_percent is None else "benchmark_of_limit"].format(
        counts=words["counts_opened" if price.counts_opened else "counts_valid"],
        trim=trim and f"{words['trim_then']}{trim}",
        percent=price.reduction_percent,
        limit_percent=limit_percent,
        left_percent="" if limit_percent is None else canonical_spelling(100 - limit_percent),
        drawn=words["drawn"] if material.criteria.choices else "",
    )
    return text


def _curve(price: BenchmarkDeviation) -> str:
    """What a deviation scores."""
    words, curve = WORDS["rules"], price.curve
    if isinstance(curve, PriceTable):
        point = words["deviation_point"]
        points = WORDS["separator"].join(point.format(deviation=one.deviation, score=one.score) for one in curve.points)
        return str(words["deviation_table"].format(points=points))
    kind = "deviation" if curve.at_base == price.weight else "deviation_from_base"
    text: str = words[kind].format(
        weight=price.weight, at_base=curve.at_base, above=curve.above, below=curve.below, floor=curve.floor
    )
    return text


def _trim(kind: str, tiers: Sequence[TrimTier]) -> str:
    told = (WORDS["rules"][kind].format(count=tier.count, high=tier.high, low=tier.low) for tier in tiers)
    return str(WORDS["semicolon"].join(told))


def _tie(material: Material, tie: TieRule) -> str:
    names = {scored.group.id: scored.name for scored in material.criteria.groups}
    text: str = WORDS["ties"][tie.rule].format(group=names.get(tie.group, ""))
    return text


def _clauses(material: Material) -> Iterator[Criterion]:
    for kind, stage in WORDS["clause_types"].items():
        for clause in material.criteria.clauses:
            if clause.type == kind:
                standard = WORDS["clause_standard"]
                title = WORDS["item_kinds"]["clause"]
                yield Criterion(stage, clause.id, clause.text, title, "", "", standard, clause.clause)


def _items(groups: Sequence[ScoredGroup]) -> Iterator[Criterion]:
    for group in groups:
        for scored in group.items:
            kind = WORDS["item_kinds"][_kind(group, scored)]
            yield Criterion(
                stage=group.name,
                code=scored.item.id,
                title=scored.name,
                kind=kind,
                best=canonical_spelling(scored.item.maximum),
                step=canonical_spelling(scored.item.step),
                standard=_standard(scored),
                source=scored.clause,
            )


def _kind(group: ScoredGroup, scored: ScoredItem) -> str:
    if group.group.over == "deduction":
        return "deduction"
    return "objective" if scored.item.is_objective else "subjective"


def _standard(scored: ScoredItem) -> str:
    low, high = canonical_spelling(scored.item.minimum), canonical_spelling(scored.item.maximum)
    text: str = WORDS["item_standard"].format(low=low, high=high)
    if scored.comment_below is not None:
        text += WORDS["item_comment_below"].format(below=scored.comment_below)
    if scored.comment_above is not None:
        text += WORDS["item_comment_above"].format(above=scored.comment_above)
    return text
