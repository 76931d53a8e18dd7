"""Step 9: the tally's input rebuilt from criteria, opening package, rejections and signed sheets, and tallied again."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from archive.verifier import lots, ties
from archive.verifier.blinds import mapping
from archive.verifier.context import Context, Found, Line, rule_of
from archive.verifier.documents import CRITERIA, FOLDER
from archive.verifier.findings import Finding
from archive.verifier.lots import Lot
from evaluation.tally import DocumentRefused, compute, parse_case
from evaluation.tally.reading import load_json
from evaluation.tally.records import OPENING_FORMAT, Records, document_from_records, joined
from evaluation.tally.written import result_document
from signing.canonical import NotCanonical, canonical, parse

TALLY, INPUT, RESULT = "data/tally", "tally.json", "result.json"
Document = dict[str, Any]


def check(context: Context) -> Found:
    """The last tally of each lot: digests, input, result, and the rows that the log shows; no other file beside them.

    A failed tender has none; a case that was ended may have one that came to nothing.
    """
    yield from lots.check(context)
    wanted: set[str] = set()
    for lot in lots.lots_of(context):
        last = lot.context.log.of("tally.computed", "tender.failed")[-1:]
        if not last and not lot.context.log.of("case.aborted"):
            yield Finding(9, lot.at(TALLY, INPUT), "no-statement", "tally.computed")
        elif last and last[0].stated.kind == "tally.computed":
            wanted |= {lot.at(TALLY, INPUT), lot.at(TALLY, RESULT)}
            yield from _check_tally(lot, last[0])
    yield from (Finding(9, path, "nobody-names-it") for path in context.bag.under(TALLY) if path not in wanted)


def _check_tally(lot: Lot, computed: Line) -> Found:
    context, given, result = lot.context, lot.at(TALLY, INPUT), lot.at(TALLY, RESULT)
    for path, key in ((given, "input"), (result, "result")):
        if context.hashes.of(path) != computed.body[key]:
            yield Finding(9, path, "digest-differs", computed.name)
    try:
        stated: Any = parse(context.bag.read(given))
    except NotCanonical as error:
        yield Finding(9, given, "not-its-one-form", str(error))
        return
    yield from _check_input(lot, stated, computed)
    try:
        again = result_document(compute(parse_case(stated)))
    except DocumentRefused as refused:
        yield Finding(9, given, "tally-refused", str(refused))
        return
    if context.bag.read(result) != canonical(again):
        yield Finding(9, result, "not-as-tallied")
    if list(computed.body["rows"]) != again["rows"]:
        yield Finding(9, computed.name, "not-as-tallied", "rows")


def _check_input(lot: Lot, stated: Document, computed: Line) -> Found:
    """Each part of the input against what the records give, by its name."""
    path = lot.at(TALLY, INPUT)
    try:
        rebuilt = _in_order(document_from_records(_records(lot, computed)))
    except (DocumentRefused, LookupError) as refused:
        yield Finding(9, path, "tally-refused", str(refused))
        return
    given = _in_order(stated)
    for part in sorted(rebuilt.keys() | given.keys()):
        for place in _differences(rebuilt.get(part), given.get(part)):
            yield Finding(9, f"{path} {part}{place}", "not-as-logged")


def _differences(wanted: object, given: object) -> Iterator[str]:
    """`[2]` for each differing row of two lists of one length, "" for any other difference."""
    if isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        yield from (f"[{place}]" for place, pair in enumerate(zip(wanted, given, strict=True)) if pair[0] != pair[1])
    elif wanted != given:
        yield ""


def _in_order(document: Document) -> Document:
    """The same with members, sheets and rejections sorted: the order in which they came is not part of the input."""
    ordered = {**document, "members": sorted(document["members"])}
    ordered["sheets"] = sorted(document["sheets"], key=itemgetter("member", "bid"))
    ordered["rejections"] = sorted(document["rejections"], key=itemgetter("bid"))
    return ordered


def _records(lot: Lot, computed: Line) -> Records:
    context = lot.context
    criteria: Any = load_json(context.bag.read(lot.at(*CRITERIA)))
    opening = _opening(lot)
    bids = {bid["id"] for bid in opening["bids"]}
    return Records(
        criteria=criteria,
        opening=opening,
        members=_members(context),
        sheets=joined(list(_sheets(context).values()), mapping(context)),
        rejections=_rejections(context),
        corrections=_corrections(context),
        replacements=_replacements(context),
        drawn=[one for one in ties.drawn(context, computed.index) if set(one["order"]) <= bids],
        ties_left=rule_of(context, "method", "ties_left") or "",
    )


def _members(context: Context) -> list[str]:
    """The committee as it last opened, less those who withdrew or were replaced."""
    withdrawn = {line.body["member"] for line in context.log.of("recusal.declared", "member.replaced")}
    opened = context.log.of("committee.opened")[-1]
    return [row["member"] for row in opened.body["members"] if row["member"] not in withdrawn]


def _sheets(context: Context) -> dict[tuple[str, str], Any]:
    """The latest sheet of each member and bid or code; a replaced member's count no more."""
    gone = {line.body["member"] for line in context.log.of("member.replaced")}
    signed = (line.body for line in context.log.of("sheet.signed") if line.body["member"] not in gone)
    return {(str(body["member"]), str(body["bid"])): body for body in signed}


def _rejections(context: Context) -> list[Any]:
    """Those decided since the preliminary review was last opened; a replacement opens it again."""
    openings = [
        line.index
        for line in context.log.of("stage.opened", "member.replaced", "rollback.decided")
        if line.body.get("stage", "prelim") == "prelim" and line.body.get("approved", True)
    ]
    last = max(openings, default=-1)
    return [line.body for line in context.log.of("rejection.decided") if line.index > last]


def _corrections(context: Context) -> dict[str, Any]:
    """The corrections of each price as they were last stated; taken back is none."""
    stated = {str(line.body["bid"]): line.body["corrections"] for line in context.log.of("correction.stated")}
    return {bid: rows for bid, rows in stated.items() if rows}


def _replacements(context: Context) -> list[dict[str, Any]]:
    """Figures for which the mean of the others stands, since the last act that makes such notes void."""
    voiding = context.log.of("member.replaced", "rollback.decided")
    last = max((line.index for line in voiding if line.body.get("approved", True)), default=-1)
    notes = [line.body for line in context.log.of("score.replaced") if line.index > last]
    return [{key: note[key] for key in ("member", "bid", "group")} for note in notes]


def _opening(lot: Lot) -> Document:
    """The opening package's own record of a lot's bids and coefficients, which must say what the log says of it."""
    line = [line for line in lot.context.log.of("package.received") if line.body["type"] == "opening"][-1]
    rows = [row for row in line.body.get("lots", ()) if row["id"] == lot.id]
    digests = [row["opening"] for row in rows] or [file["sha256"] for file in line.body["files"]]
    found = next(_openings(lot.context, digests), None)
    if found is None:
        raise LookupError(f"{OPENING_FORMAT} {line.name}")
    prices = [(bid["id"], bid["price"]) for bid in found["bids"]]
    if prices != [(bid["id"], bid["price"]) for bid in line.body["bids"] if bid.get("lot", "") == lot.id]:
        raise LookupError(f"bids {line.name}")
    return found


def _openings(context: Context, digests: list[str]) -> Iterator[Document]:
    files = {path.rpartition("/")[2].partition(".")[0]: path for path in context.bag.under(FOLDER)}
    for digest in digests:
        path = files.get(digest, "")
        if path.endswith(".json"):
            document = load_json(context.bag.read(path))
            if isinstance(document, dict) and document.get("format") == OPENING_FORMAT:
                yield document
