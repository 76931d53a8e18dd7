"""The criteria of a tender package, `bid-criteria/1`: what is reviewed and scored, and how it is reckoned.

Only what the tender document says is a basis (R-13): criteria are read once from the package and kept by its digest.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any, Final, Literal, cast

from evaluation.profile import Rules
from evaluation.tally.model import Group, Item, LowestEvaluated, LowLine, PriceRule, TieRule
from evaluation.tally.reading import Reader, decimal_of, different
from evaluation.tally.records import CHOICES, CRITERIA_FORMAT
from evaluation.tally.rules import (
    FULL_MARKS,
    METHODS,
    MOST_CANDIDATES,
    MOST_PLACES,
    ZERO,
    check_limit,
    check_method,
    check_places,
    check_ties,
    group_of,
    item_of,
    low_line,
    price_rule,
    tie_rule,
)

ClauseType = Literal["form", "qualification", "response"]
_TYPES: Final = ("form", "qualification", "response")
_GROUP_KEYS: Final = ("id", "max", "over", "members_percent", "trim", "places")
_ITEM_KEYS: Final = ("id", "min", "max", "step", "objective")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of preliminary review (初步评审): each member says pass or fail; `clause` is where it stands."""

    id: str
    type: ClauseType
    text: str
    clause: str


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """An item as shown on the sheet; outside the two limits, where given, a comment is demanded."""

    item: Item
    name: str
    clause: str
    comment_below: Decimal | None
    comment_above: Decimal | None


@dataclass(frozen=True, slots=True)
class ScoredGroup:
    """A part of the sheet: technical, commercial. `is_blind`: scored by code over anonymised files (暗标)."""

    group: Group
    name: str
    items: tuple[ScoredItem, ...]
    is_blind: bool = False

    @property
    def is_objective(self) -> bool:
        """Whether all members must agree on every item."""
        return all(scored.item.is_objective for scored in self.items)


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of one lot. `price` has no drawn coefficient yet where `choices` has some for it.

    `deduction_percents` are the policy deductions a bid may come with (small and micro enterprises), as spelled.
    """

    title: str
    method: str
    limit: Decimal | None
    clauses: tuple[Clause, ...]
    price: PriceRule
    choices: Mapping[str, tuple[str, ...]]
    deduction_percents: tuple[str, ...]
    abnormal_low: tuple[LowLine, ...]
    groups: tuple[ScoredGroup, ...]
    ties: tuple[TieRule, ...]
    candidates: int
    total_places: int | None

    @property
    def items(self) -> tuple[ScoredItem, ...]:
        """Every scored item, in the order of the sheet."""
        return tuple(item for group in self.groups for item in group.items)

    @property
    def blind_groups(self) -> tuple[str, ...]:
        """The groups that are scored by code, none in most tenders."""
        return tuple(scored.group.id for scored in self.groups if scored.is_blind)

    @property
    def named_groups(self) -> tuple[str, ...]:
        """The groups that are scored by name."""
        return tuple(scored.group.id for scored in self.groups if not scored.is_blind)

    def only(self, groups: Container[str]) -> "Criteria":
        """The criteria with these groups alone: one part of the sheet."""
        return replace(self, groups=tuple(scored for scored in self.groups if scored.group.id in groups))

    def clause(self, name: str) -> Clause | None:
        """A clause by its id."""
        return next((clause for clause in self.clauses if clause.id == name), None)


class MethodNotAllowed(Exception):
    """Criteria whose method, price weight, ties or candidates the profile does not allow (R-16, R-23, R-24)."""

    code = "criteria.not_allowed"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def check_allowed(criteria: Criteria, rules: Rules) -> None:
    """Hold the tender document's criteria against the profile. Raises `MethodNotAllowed` naming what is wrong."""
    method = rules.method
    if criteria.method not in method.methods:
        raise MethodNotAllowed("method")
    if not isinstance(criteria.price, LowestEvaluated) and criteria.price.weight < method.least_price_weight:
        raise MethodNotAllowed("price.weight")
    ties = tuple(tie.rule for tie in criteria.ties)
    if not set(ties) <= set(method.ties) or (method.ties_are_fixed and ties != method.ties):
        raise MethodNotAllowed("ties")
    if criteria.candidates > rules.report.most_candidates:
        raise MethodNotAllowed("candidates")
    if rules.scoring.blind == "required" and not criteria.blind_groups:
        raise MethodNotAllowed("groups.blind")


def parse_criteria(document: object) -> Criteria:
    """Read the criteria of a tender package. Raises `DocumentRefused` with the fault and the JSON path."""
    return read_criteria(Reader(document))


def read_criteria(reader: Reader) -> Criteria:
    """The same by a reader of the caller's choice, one that finds every fault for instance."""
    reader.choice("format", (CRITERIA_FORMAT,))
    price, choices = _price(reader.part("price"))
    criteria = Criteria(
        title=reader.text("title"),
        method=reader.choice("method", METHODS),
        limit=reader.optional_number("limit"),
        clauses=tuple(_clause(row) for row in reader.rows("clauses")),
        price=price,
        choices=choices,
        deduction_percents=_deductions(reader),
        abnormal_low=tuple(low_line(row) for row in reader.optional_rows("abnormal_low")),
        groups=tuple(_group(row) for row in reader.rows("groups")),
        ties=tuple(_tie(row) for row in reader.rows("ties")),
        candidates=reader.whole("candidates", 1, MOST_CANDIDATES),
        total_places=reader.whole("total_places", 0, MOST_PLACES) if "total_places" in reader else None,
    )
    reader.end()
    different((clause.id for clause in criteria.clauses), "$.clauses")
    groups = tuple(scored.group for scored in criteria.groups)
    check_method(criteria.method, criteria.price, groups)
    check_places(criteria.price, groups, criteria.total_places)
    check_limit(criteria.limit, criteria.price, criteria.abnormal_low)
    check_ties(criteria.ties, groups)
    return criteria


def _price(reader: Reader) -> tuple[PriceRule, dict[str, tuple[str, ...]]]:
    """The price rule. Where a coefficient is to be drawn every choice must give a sound rule; the first stands in."""
    choices = {name: reader.words(key) for key, name in CHOICES.items() if key in reader}
    stated = {name: reader.raw(name) for name in reader.names() if name not in CHOICES}
    for key, name in CHOICES.items():
        for index, choice in enumerate(choices.get(name, ())):
            decimal_of(choice, f"{reader.path}.{key}[{index}]")
        if name in choices and not choices[name]:
            reader.refuse("missing", key)
        if name in choices and name in stated:
            reader.refuse("unknown_key", name)
    rules = [
        price_rule(reader.over({**stated, **dict(zip(choices, drawn, strict=True))}, reader.path))
        for drawn in product(*choices.values())
    ]
    return rules[0], choices


def _deductions(reader: Reader) -> tuple[str, ...]:
    """Percentages between 0 and 100 that the tender document grants by policy; none where it names none."""
    if "deduction_percents" not in reader:
        return ()
    percents = reader.words("deduction_percents")
    for index, percent in enumerate(percents):
        if not ZERO < decimal_of(percent, f"$.deduction_percents[{index}]") < FULL_MARKS:
            reader.refuse("out_of_range", f"deduction_percents[{index}]")
    return percents


def _clause(reader: Reader) -> Clause:
    clause = Clause(
        id=reader.text("id"),
        type=cast(ClauseType, reader.choice("type", _TYPES)),
        text=reader.text("text"),
        clause=reader.text("clause"),
    )
    reader.end()
    return clause


def _group(reader: Reader) -> ScoredGroup:
    items = tuple(_item(row) for row in reader.rows("items"))
    bare = {name: reader.raw(name) for name in _GROUP_KEYS if name in reader}
    bare["items"] = [_bare_item(row) for row in reader.rows("items")]
    name = reader.text("name")
    is_blind = "blind" in reader and reader.fact("blind")
    reader.end()
    if is_blind and any(scored.item.is_objective for scored in items):
        # An objective figure looks at certificates and contracts, which no anonymised file may show.
        reader.refuse("blind_objective", "blind")
    return ScoredGroup(group_of(reader.over(bare, reader.path)), name, items, is_blind)


def _bare_item(reader: Reader) -> Mapping[str, Any]:
    return {name: reader.raw(name) for name in _ITEM_KEYS}


def _item(reader: Reader) -> ScoredItem:
    scored = ScoredItem(
        item=item_of(reader.over(_bare_item(reader), reader.path)),
        name=reader.text("name"),
        clause=reader.text("clause"),
        comment_below=reader.optional_number("comment_below"),
        comment_above=reader.optional_number("comment_above"),
    )
    reader.end()
    return scored


def _tie(reader: Reader) -> TieRule:
    """As in a tally, but the order of a lot is not known before it is drawn."""
    if "drawn" in reader:
        reader.refuse("unknown_key", "drawn")
    return tie_rule(reader)
