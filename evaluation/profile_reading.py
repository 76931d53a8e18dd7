"""From the document `bid-profile/1` to a `Profile`: complete, by what it is based on, or as a case has kept it.

Reads strictly: what is unknown, missing or without a source is refused by its path. It never reads a file.
"""

import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

from evaluation import absent, fees
from evaluation.profile import Profile, Rules, RuleSource
from evaluation.tally.reading import DocumentRefused, Reader
from signing.canonical import canonical

FORMAT: Final = "bid-profile/1"
_MOST: Final = 10**9
Section = TypeVar("Section")


def parse_profile(document: object, base: Profile | None = None) -> Profile:
    """Read a `bid-profile/1` document; with `base` it says only what differs. Raises `DocumentRefused`."""
    resolved = dict(document) if base is None and isinstance(document, dict) else _resolved(document, base)
    return _profile(resolved, resolved)


def parse_frozen(document: object) -> Profile:
    """Read what a case keeps: a value that it does not state means what `evaluation.absent` says.

    Raises `DocumentRefused` for what this version does not know: then a newer one has written it.
    """
    values = Reader(document).part("values")
    stated = {section: values.part(section) for section in values.names()}
    filled = absent.filled({name: {key: one.raw(key) for key in one.names()} for name, one in stated.items()})
    kept = dict(document) if isinstance(document, dict) else {}
    return _profile(kept, kept | {"values": filled})


def _profile(document: dict[str, Any], meant: dict[str, Any]) -> Profile:
    """`meant` is the document with every value."""
    reader = Reader(meant)
    reader.choice("format", (FORMAT,))
    name, title = reader.text("id"), reader.text("title")
    try:
        effective = datetime.date.fromisoformat(reader.text("effective"))
    except ValueError as error:
        raise DocumentRefused("not_a_date", "$.effective") from error
    values = reader.part("values")
    sections = {field: _section(values.part(field), kind) for field, kind in get_type_hints(Rules).items()}
    values.end()
    sources = tuple(_source(row) for row in reader.rows("rules"))
    reader.end()
    _check_sources(sources, document["values"])
    if meant["values"]["fee"]["table"] not in (fees.AGREED, *fees.NAMES):
        raise DocumentRefused("unknown_word", "$.values.fee.table")
    digest = sha256(canonical(document)).hexdigest()
    return Profile(name, title, effective, Rules(**sections), sources, document, digest)


def _section(reader: Reader, kind: type[Section]) -> Section:
    hints = get_type_hints(kind)
    section = kind(**{name: _value(reader, name, hint) for name, hint in hints.items()})
    reader.end()
    return section


def _value(reader: Reader, name: str, hint: object) -> object:
    """Read one value as its annotation says: bool, int, int or null, Decimal, one of some words, or text."""
    if get_origin(hint) is Literal:
        return reader.choice(name, get_args(hint))
    if hint is bool:
        return reader.fact(name)
    if hint is int:
        return reader.whole(name, 0, _MOST)
    if type(None) in get_args(hint):
        return reader.optional_whole(name, 0, _MOST)
    if get_origin(hint) is tuple:
        return reader.words(name)
    return reader.number(name, Decimal(0)) if hint is Decimal else reader.text(name)


def _source(reader: Reader) -> RuleSource:
    rule = RuleSource(reader.text("id"), reader.text("source"), reader.text("text"), reader.words("governs"))
    reader.end()
    return rule


def _check_sources(sources: tuple[RuleSource, ...], values: absent.Values) -> None:
    """Each value that is stated stands under exactly one rule."""
    known = {f"{section}.{name}" for section, named in values.items() for name in named}
    governed = [value for rule in sources for value in rule.governs]
    for value in governed:
        if value not in known:
            raise DocumentRefused("unknown_value", f"$.rules.{value}")
        if governed.count(value) > 1:
            raise DocumentRefused("two_sources", f"$.rules.{value}")
    for value in sorted(known - set(governed)):
        raise DocumentRefused("value_without_source", f"$.rules.{value}")


def _resolved(document: object, base: Profile | None) -> dict[str, Any]:
    """The base's document with the values and rules that this one states instead."""
    reader = Reader(document)
    if base is None:
        reader.refuse("base_missing", "based_on")
    reader.choice("based_on", (base.id,))
    own = [_source(row) for row in reader.rows("rules")]
    taken = {value for rule in own for value in rule.governs}
    values = {section: dict(fields) for section, fields in base.document["values"].items()}
    stated = reader.part("values")
    for section in stated.names():
        if section not in values:
            reader.refuse("unknown_key", f"values.{section}")
        change = Reader(stated.raw(section), f"$.values.{section}")
        values[section].update({name: change.raw(name) for name in change.names()})
    kept = [
        {**rule, "governs": [value for value in rule["governs"] if value not in taken]}
        for rule in base.document["rules"]
        if not rule["governs"] or not taken.issuperset(rule["governs"])
    ]
    return {
        "format": reader.choice("format", (FORMAT,)),
        "id": reader.text("id"),
        "title": reader.text("title"),
        "effective": reader.text("effective"),
        "values": values,
        "rules": kept + [_rule_row(rule) for rule in own],
    }


def _rule_row(rule: RuleSource) -> dict[str, Any]:
    return {"id": rule.id, "source": rule.source, "text": rule.text, "governs": list(rule.governs)}
