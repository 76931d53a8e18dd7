"""Figures on paper: personal sheets, summaries, prices, comparison, candidates. All of them are decided already."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from archive.report.annexes import (
    PriceReview,
    PriceRow,
    PriceStep,
    Sheet,
    SheetComment,
    SheetRow,
    SheetSignature,
    Summary,
    SummaryRow,
)
from archive.report.data import Candidate, Comparison, ComparisonRow, Part
from conduct.report.material import REPORT_WORDS as WORDS
from conduct.report.material import Material, second
from conduct.report.method import group_rule
from evaluation.criteria import ScoredGroup, ScoredItem
from evaluation.fold import Logged
from evaluation.tally.figures import canonical_spelling
from evaluation.tally.model import LowestEvaluated, Row, Step
from evaluation.tally.written import sentence, wording_of
from signing.canonical import short_code

Use = Literal["counted", "dropped_high", "dropped_low"]
MONEY = 2
HEADLINES = ("price_mean", "base", "base_of_limit", "benchmark")


def code_of(logged: Logged) -> str:
    """The eight characters that people compare."""
    return short_code(bytes.fromhex(logged.entry))


def is_valid(material: Material, logged: Logged) -> bool:
    """Whether a signed sheet is its member's latest for its bid."""
    held = material.state.sheets.get((logged.body["member"], logged.body["bid"]))
    return held is not None and held.entry == logged.entry


def sheets(material: Material) -> tuple[Sheet, ...]:
    """Each member's sheets side by side, those by code apart, then those given back, one by one, marked as voided.

    A sheet under a code that was never opened is nobody's: the tender failed meanwhile.
    """
    known = (*material.codes, *material.state.bids)
    signed = [one for one in material.of("sheet.signed") if one.body["bid"] in known]
    found = []
    for member in material.state.members:
        own = [one for one in signed if one.body["member"] == member and is_valid(material, one)]
        own.sort(key=lambda one: known.index(one.body["bid"]))
        blind = [one for one in own if one.body["bid"] in material.codes]
        found.append(_sheet(material, member, blind, "valid"))
        found.append(_sheet(material, member, own[len(blind) :], "valid"))
    found += [_sheet(material, one.body["member"], [one], "voided") for one in signed if not is_valid(material, one)]
    return tuple(sheet for sheet in found if sheet.bidders)


def _sheet(material: Material, member: str, signed: list[Logged], state: Literal["valid", "voided"]) -> Sheet:
    bodies = [one.body for one in signed]
    codes = material.codes
    bids = [codes.get(body["bid"], body["bid"]) for body in bodies]
    by_code = WORDS["separator"].join(f"{body['bid']} {codes[body['bid']]}" for body in bodies if body["bid"] in codes)
    return Sheet(
        member=material.alias(member),
        title=WORDS["sheet_blind"].format(codes=by_code) if by_code else WORDS["sheet"],
        state=state,
        bidders=tuple(bids),
        rows=tuple(
            SheetRow(
                item=scored.item.id,
                title=scored.name,
                best=canonical_spelling(scored.item.maximum),
                scores=tuple(_at_step(scored, body["scores"][scored.item.id]) for body in bodies),
            )
            for scored in material.criteria.items
            if bodies and scored.item.id in bodies[0]["scores"]
        ),
        totals=tuple(str(sum(map(Decimal, body["subtotals"].values()), Decimal(0))) for body in bodies),
        comments=tuple(
            SheetComment(bid, item, text)
            for bid, body in zip(bids, bodies, strict=True)
            for item, text in body["comments"].items()
        ),
        signatures=tuple(
            SheetSignature(bid, second(one.at), code_of(one), one.entry) for bid, one in zip(bids, signed, strict=True)
        ),
    )


def _at_step(scored: ScoredItem, score: str) -> str:
    """The same score with the decimals of the item's step, so that a column lines up: `8` → `8.0`."""
    step = Decimal(canonical_spelling(scored.item.step))
    return str(Decimal(score).quantize(step) if step.as_tuple().exponent else Decimal(score))


def summaries(material: Material) -> tuple[Summary, ...]:
    """How the members' subtotals of each group became one score."""
    if material.result is None:
        return ()
    return tuple(_summary(material, group) for group in material.criteria.groups)


def _summary(material: Material, scored: ScoredGroup) -> Summary:
    return Summary(
        title=WORDS["summary"].format(name=scored.name),
        rule=group_rule(scored),
        best=canonical_spelling(scored.group.maximum),
        members=tuple(member.alias for member in material.state.members.values()),
        rows=tuple(_summary_row(material, scored, bid) for bid in material.state.valid_bids),
    )


def _summary_row(material: Material, scored: ScoredGroup, bid: str) -> SummaryRow:
    group = scored.group.id
    uses = _uses(_step(material, "group_mean", bid, group)) if scored.group.is_by_subtotal else {}
    sheets_of = {member: body for (member, row), body in material.state.whole_sheets.items() if row == bid}
    return SummaryRow(
        bidder=bid,
        scores=tuple(sheets_of[member]["subtotals"][group] for member in material.state.members),
        use=tuple(uses.get(member, "counted") for member in material.state.members),
        result=str(material.reckoned.row(bid).group(group)),
    )


def _step(material: Material, kind: str, bid: str, group: str) -> Step:
    steps = material.reckoned.steps
    return next(one for one in steps if one.kind == kind and one.bid == bid and one.get("group") == group)


def _uses(step: Step) -> dict[str, Use]:
    """Member or bid → how a trimmed mean used its figure; `high` and `low` hold `m5=48.5`."""
    high, low = step.get("high"), step.get("low")
    found: dict[str, Use] = {}
    for dropped, use in ((high, "dropped_high"), (low, "dropped_low")):
        assert isinstance(dropped, tuple)  # noqa: S101 - a list of pairs in every step that trims
        for pair in dropped:
            found[pair.partition("=")[0]] = use  # type: ignore[assignment] # one of the two words above
    return found


def price(material: Material) -> PriceReview:
    """The base and each bid's price; rejected bids stand in the table and take no part."""
    if material.result is None:
        return PriceReview("price" if _is_priced(material) else "score", (), ())
    counted = next((step for step in material.reckoned.steps if step.kind == "prices_counted"), None)
    uses = _uses(counted) if counted else {}
    wording, names = wording_of("zh-CN"), {"": ""}
    steps = tuple(
        PriceStep(
            name=WORDS["price_steps"][step.kind],
            value=_figure(step),
            derivation=sentence(step, wording, names),
        )
        for step in material.reckoned.steps
        if step.kind in ("prices_counted", *HEADLINES)
    )
    rows = tuple(_price_row(material, bid, uses) for bid in material.state.bids)
    return PriceReview("price" if _is_priced(material) else "score", steps, rows)


def _is_priced(material: Material) -> bool:
    return isinstance(material.price, LowestEvaluated)


def _figure(step: Step) -> str:
    if step.kind == "prices_counted":
        text: str = WORDS["price_count"].format(count=step.get("count"))
        return text
    figure = Decimal(str(step.get({"price_mean": "mean", "base_of_limit": "base"}.get(step.kind, step.kind))))
    places = -int(figure.as_tuple().exponent)
    return f"{figure:,.{max(places, MONEY)}f}"


def _price_row(material: Material, bid: str, uses: dict[str, Use]) -> PriceRow:
    stated = next(one.price for one in material.state.bids.values() if one.id == bid)
    if bid in {one.bid for one in material.state.rejections.values()}:
        return PriceRow(bid, stated, stated, "not_counted", "", "", WORDS["price_rejected"])
    row = material.reckoned.row(bid)
    result = row.evaluated if row.price_score is None else row.price_score
    return PriceRow(bid, stated, str(row.price), uses.get(bid, "counted"), row.deviation or "", str(result), "")


def comparison(material: Material) -> Comparison:
    """Parts 7 and 8: summands, total, rank."""
    if _is_priced(material):
        parts: tuple[Part, ...] = (Part(WORDS["evaluated_part"], ""),)
    else:
        groups = material.criteria.groups
        weight: Any = material.price
        parts = (
            Part(WORDS["price_part"], canonical_spelling(weight.weight)),
            *(Part(scored.name, canonical_spelling(scored.group.maximum)) for scored in groups),
        )
    unit: Literal["score", "price"] = "price" if _is_priced(material) else "score"
    return Comparison(unit, parts, tuple(_comparison_row(row) for row in _in_order(material)))


def _in_order(material: Material) -> Iterator[Row]:
    """The valid bids' rows in the order of opening; none where the tender failed before scoring."""
    if material.result is not None:
        yield from (material.result.row(bid) for bid in material.state.valid_bids)


def _comparison_row(row: Row) -> ComparisonRow:
    if row.total is None:
        return ComparisonRow(row.bid, (str(row.evaluated),), str(row.evaluated), row.rank, "")
    parts = (str(row.price_score), *(str(score) for _, score in row.groups))
    return ComparisonRow(row.bid, parts, str(row.total), row.rank, "")


def candidates(material: Material) -> tuple[Candidate, ...]:
    """The recommended bids by rank, at the price of the contract."""
    rows = [material.reckoned.row(bid) for bid in material.state.candidates]
    return tuple(
        Candidate(row.rank, row.bid, str(row.price), str(row.evaluated if row.total is None else row.total), "", "", "")
        for row in rows
    )
