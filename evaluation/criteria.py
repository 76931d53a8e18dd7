"""The criteria of a tender package, `bid-criteria/1`: what is reviewed and scored, and how it is reckoned.

Only what the tender document says is a basis (R-13): criteria are read once from the package and kept by its digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, cast

from evaluation.profile import Rules
from evaluation.tally.document import (
    METHODS,
    MOST_CANDIDATES,
    check_method,
    check_ties,
    group_of,
    item_of,
    price_rule,
    tie_rule,
)
from evaluation.tally.model import Group, Item, LowestEvaluated, PriceRule, TieRule
from evaluation.tally.reading import Reader, decimal_of, different
from evaluation.tally.records import CRITERIA_FORMAT

ClauseType = Literal["form", "qualification", "response"]
_TYPES: Final = ("form", "qualification", "response")
_GROUP_KEYS: Final = ("id", "name", "max", "over", "trim", "places", "items")
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
    """A part of the sheet: technical, commercial."""

    group: Group
    name: str
    items: tuple[ScoredItem, ...]

    @property
    def is_objective(self) -> bool:
        """Whether all members must agree on every item."""
        return all(scored.item.is_objective for scored in self.items)


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria of one lot. `price` has no drawn coefficient yet where `reduction_choices` has some."""

    title: str
    method: str
    limit: Decimal | None
    clauses: tuple[Clause, ...]
    price: PriceRule
    reduction_choices: tuple[str, ...]
    groups: tuple[ScoredGroup, ...]
    ties: tuple[TieRule, ...]
    candidates: int

    @property
    def items(self) -> tuple[ScoredItem, ...]:
        """Every scored item, in the order of the sheet."""
        return tuple(item for group in self.groups for item in group.items)

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
        reduction_choices=choices,
        groups=tuple(_group(row) for row in reader.rows("groups")),
        ties=tuple(_tie(row) for row in reader.rows("ties")),
        candidates=reader.whole("candidates", 1, MOST_CANDIDATES),
    )
    reader.end()
    different((clause.id for clause in criteria.clauses), "$.clauses")
    groups = tuple(scored.group for scored in criteria.groups)
    check_method(criteria.method, criteria.price, groups)
    check_ties(criteria.ties, groups)
    return criteria


def _price(reader: Reader) -> tuple[PriceRule, tuple[str, ...]]:
    """The price rule. Where a coefficient is to be drawn every choice must give a sound rule; the first stands in."""
    if "reduction_choices" not in reader:
        return price_rule(reader), ()
    choices = reader.words("reduction_choices")
    if not choices:
        reader.refuse("missing", "reduction_choices")
    stated = {name: reader.raw(name) for name in reader.names() if name != "reduction_choices"}
    if "reduction_percent" in stated:
        reader.refuse("unknown_key", "reduction_percent")
    for index, choice in enumerate(choices):
        decimal_of(choice, f"{reader.path}.reduction_choices[{index}]")
    rules = [price_rule(reader.over({**stated, "reduction_percent": choice}, reader.path)) for choice in choices]
    return rules[0], choices


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
    bare = {name: reader.raw(name) for name in _GROUP_KEYS if name not in {"name", "items"}}
    bare["items"] = [_bare_item(row) for row in reader.rows("items")]
    name = reader.text("name")
    reader.end()
    return ScoredGroup(group_of(reader.over(bare, reader.path)), name, items)


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
    if "order" in reader:
        reader.refuse("unknown_key", "order")
    return tie_rule(reader)
