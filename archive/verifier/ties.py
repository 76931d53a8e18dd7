"""Step 8, the lots over equal bids: each about bids that a tally of the case left equal, cast once, as it was drawn."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from archive.verifier.context import Context, Found, Line
from archive.verifier.documents import FOLDER as DOCUMENTS
from archive.verifier.findings import Finding
from draw import pool_file, transcript
from draw.refusal import DrawRefused
from evaluation.tally import DocumentRefused, TieUnresolved, compute, parse_case
from evaluation.tally.reading import load_json
from signing.canonical import canonical

FOLDER = "data/draw"
TIES = "ties"


def check(context: Context) -> Found:
    """Every lot that was asked for, in turn; `draws` has drawn each again."""
    opened = {str(line.body["draw"]): line for line in context.log.of("draw.opened")}
    before: list[set[str]] = []
    for asked in context.log.of("draw.requested"):
        name = str(asked.body["draw"])
        if not name.startswith(TIES):
            if name in opened:
                yield Finding(8, opened[name].name, "nobody-names-it")
            continue
        groups = [set(group) for group in asked.body["request"]["bids"]]
        yield from _check_asked(context, asked, groups, before)
        before.append(set().union(*groups))
        if name in opened:
            yield from _check_opened(context, asked, opened[name])
    drawn_again = {str(line.body["draw"]) for line in context.log.of("draw.sealed")}
    for name in sorted(one for one in drawn_again if one.startswith(TIES) and one not in opened):
        yield Finding(8, f"{FOLDER}/{name}.json draw.opened", "no-statement")


def drawn(context: Context, before: int) -> list[dict[str, Any]]:
    """The orders that a tally at this place of the log takes, in the order in which they were asked for."""
    opened = {str(line.body["draw"]): line for line in context.log.of("draw.opened") if line.index < before}
    asked = dict.fromkeys(str(line.body["draw"]) for line in context.log.of("draw.requested"))
    return [{"draw": name, "order": list(opened[name].body["order"])} for name in asked if name in opened]


def _check_asked(context: Context, asked: Line, groups: list[set[str]], before: list[set[str]]) -> Found:
    """The bids are those that the stated input leaves equal, and no lot has held them already."""
    request = asked.body["request"]
    if request["case"] != context.log.case:
        yield Finding(8, f"{asked.name} request.case", "not-as-logged")
    for group in groups:
        if any(group <= earlier for earlier in before):
            yield Finding(8, asked.name, "drawn-twice", " ".join(sorted(group)))
    equal = list(_left_equal(context, str(request["input"])))
    for group in groups:
        if group not in equal:
            yield Finding(8, asked.name, "not-equal", " ".join(sorted(group)))


def _left_equal(context: Context, digest: str) -> Iterator[set[str]]:
    """The groups of bids between which the tally with this input could not decide."""
    try:
        compute(parse_case(load_json(context.bag.read(f"{DOCUMENTS}/{digest}.json"))))
    except TieUnresolved as tied:
        yield from map(set, tied.groups)
    except DocumentRefused:
        return


def _check_opened(context: Context, asked: Line, opened: Line) -> Found:
    """The order stated is the sealed one, drawn from exactly these bids under a context that holds the request."""
    name, request = str(opened.body["draw"]), asked.body["request"]
    path, bids = f"{FOLDER}/{name}.json", [bid for group in request["bids"] for bid in group]
    sealed: Any = load_json(context.bag.read(f"{FOLDER}/{name}-order.json"))
    if sealed["order"] != list(opened.body["order"]):
        yield Finding(8, opened.name, "order-differs", f"{FOLDER}/{name}-order.json")
    try:
        stated = transcript.read(context.bag.read(path))
        pool = pool_file.read(context.bag.read(f"{FOLDER}/{name}-pool.jsonl"))
    except DrawRefused:
        return  # Named by `draws`.
    if stated.session.request.terms != sha256(canonical(request)).hexdigest():
        yield Finding(8, f"{path} request.terms", "not-as-logged", asked.name)
    if sorted(entry.record.id for entry in pool) != sorted(bids) or any(entry.record.weight != 1 for entry in pool):
        yield Finding(8, f"{FOLDER}/{name}-pool.jsonl", "not-as-logged", asked.name)
