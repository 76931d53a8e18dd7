"""Part 6 in words: the method, its rules with the tender document's own parameters, every criterion."""

from collections.abc import Iterator, Sequence

from archive.report.data import Criterion, Method
from conduct.report.material import REPORT_WORDS as WORDS
from conduct.report.material import Material
from evaluation.criteria import ScoredGroup, ScoredItem
from evaluation.tally.figures import canonical_spelling
from evaluation.tally.model import BenchmarkDeviation, Group, LowPriceFirst, TieRule, TrimTier


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
    kind = "group_item" if group.by_item else "group_subtotal"
    trim = _trim("group_trim", group.trim)
    text: str = WORDS["rules"][kind].format(
        name=scored.name, best=_plain(group), trim=trim and f"{WORDS['rules']['trim_then']}{trim}", places=group.places
    )
    return text


def _plain(group: Group) -> str:
    return canonical_spelling(group.maximum)


def _rules(material: Material) -> Iterator[str]:
    words, price = WORDS["rules"], material.price
    if material.criteria.clauses:
        yield words["preliminary"]
    if isinstance(price, BenchmarkDeviation):
        counts = words["counts_opened" if price.counts_opened else "counts_valid"]
        percent = str(price.reduction_percent)
        trim = _trim("trim", price.trim)
        yield words["benchmark"].format(counts=counts, trim=trim and f"{words['trim_then']}{trim}", percent=percent)
        yield words["deviation"].format(
            weight=price.weight, above=price.slope_above, below=price.slope_below, floor=price.floor
        )
    elif isinstance(price, LowPriceFirst):
        yield words["low_price_first"].format(weight=price.weight)
    else:
        yield words["lowest_evaluated"]
    yield from (group_rule(group) for group in material.criteria.groups)
    if any(item.item.is_objective for item in material.criteria.items):
        yield words["objective"]
    if material.criteria.ties:
        ties = WORDS["separator"].join(_tie(material, tie) for tie in material.criteria.ties)
        yield words["ties"].format(ties=ties)
    yield words["candidates"].format(count=material.criteria.candidates)


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
            kind = WORDS["item_kinds"]["objective" if scored.item.is_objective else "subjective"]
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


def _standard(scored: ScoredItem) -> str:
    low, high = canonical_spelling(scored.item.minimum), canonical_spelling(scored.item.maximum)
    text: str = WORDS["item_standard"].format(low=low, high=high)
    if scored.comment_below is not None:
        text += WORDS["item_comment_below"].format(below=scored.comment_below)
    if scored.comment_above is not None:
        text += WORDS["item_comment_above"].format(above=scored.comment_above)
    return text
