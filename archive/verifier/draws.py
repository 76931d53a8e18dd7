"""Step 8: each draw again from its transcript and its frozen pool, and every step of it where the log says it was."""

import hmac
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import pairwise
from typing import Any

from archive.verifier.context import Context, Found, Line
from archive.verifier.findings import Finding, Unchecked
from draw import pool_file, transcript
from draw.lot import Outcome
from draw.recheck import Difference, replay
from draw.refusal import DrawRefused
from signing.canonical import NotCanonical, canonical, parse

FOLDER = "data/draw"
STANDING = f"{FOLDER}/experts-standing.json"
EXPERTS = "experts"
GROUNDS = ("replacement.requested", "replacement.confirmed")
REVEAL, ORDER_SALT, STANDING_SALT = b"reveal", b"order-salt", b"standing-salt"
SALT_BYTES = 32


def check(context: Context) -> Found:
    """Every draw that the log sealed; one that was made elsewhere is named, for there is nothing to draw again."""
    for line in (*context.log.of("draw.imported"), *context.log.of("draw.supplemented")):
        yield Unchecked(8, line.name, "drawn-elsewhere")
    sealed = {(str(line.body["draw"]), line.body["round"]) for line in context.log.of("draw.sealed")}
    names = sorted(f"{name}-{round_no}" if round_no else name for name, round_no in sealed)
    wanted = {f"{FOLDER}/{name}{ending}" for name in names for ending in (".json", "-pool.jsonl", "-order.json")}
    rescreened = context.log.of("draw.rescreened")
    wanted |= {STANDING for _ in rescreened}
    for path in sorted(wanted.symmetric_difference(context.bag.under(FOLDER))):
        yield Finding(8, path, "missing" if path in wanted else "nobody-names-it")
    for name in names:
        yield from _check_draw(context, name)
    if rescreened:
        yield from _check_opening(context, STANDING, rescreened[-1])


def _check_draw(context: Context, name: str) -> Found:
    path = f"{FOLDER}/{name}.json"
    opened = context.log.of("committee.opened", "case.aborted", "draw.opened")
    named = next((line for line in reversed(opened) if name in line.body["transcripts"]), None)
    if named is None or named.body["transcripts"][name] != context.hashes.of(path):
        yield Finding(8, path, "digest-differs", named.name if named else "committee.opened")
    pool_path = f"{FOLDER}/{name}-pool.jsonl"
    try:
        pool = pool_file.read(context.bag.read(pool_path))
    except DrawRefused as refused:
        yield Finding(8, pool_path, "draw-refused", str(refused))
        pool = ()
    drawn = replay(context.bag.read(path), pool)
    if isinstance(drawn, Difference):
        # The pool is what was committed to: a root that differs is the pool file's fault, not the transcript's.
        where = pool_path if drawn.field.startswith("pool") else path
        yield Finding(8, f"{where} {drawn.field}", "draw-differs", f"{drawn.stated} / {drawn.found}")
    try:
        stated = transcript.read(context.bag.read(path))
    except DrawRefused:
        return  # Named by the replay.
    yield from _check_order(context, name, drawn)
    yield from _check_salt(context, f"{FOLDER}/{name}-order.json", stated, ORDER_SALT)
    if name == EXPERTS and STANDING in context.bag.under(FOLDER):
        yield from _check_salt(context, STANDING, stated, STANDING_SALT)
    for line, faults in _against_log(context, name, stated):
        for key in faults:
            yield Finding(8, f"{line.name} {key}", "not-as-drawn", path)
    yield from _check_times(context, name, stated.session.attempt)


def _check_order(context: Context, name: str, drawn: Outcome | Difference) -> Found:
    """`draw.sealed` opens to the order, and the order is the one drawn again."""
    path = f"{FOLDER}/{name}-order.json"
    yield from _check_opening(context, path, _of(context, name, "draw.sealed")[-1])
    if isinstance(drawn, Outcome):
        ids = [entry.record.id for entry in drawn.ordered]
        if _opened(context.bag.read(path)).get("order") != ids:
            yield Finding(8, path, "order-differs")


def _check_opening(context: Context, path: str, sealed: Line) -> Found:
    """A list with its salt is the one that a statement holds the digest of."""
    opening = _opened(context.bag.read(path))
    if not opening:
        yield Finding(8, path, "not-its-one-form")
    elif sha256(bytes.fromhex(opening["salt"]) + canonical(opening["order"])).hexdigest() != sealed.body["order"]:
        yield Finding(8, path, "digest-differs", sealed.name)


def _check_salt(context: Context, path: str, stated: transcript.Transcript, what: bytes) -> Found:
    """A salt is made from the draw's own key, so that nobody can choose it to fit another list."""
    salt = hmac.digest(stated.result.key, what, "sha256").hex()
    if _opened(context.bag.read(path)).get("salt", salt) != salt:
        yield Finding(8, path, "salt-not-of-the-draw")


def _opened(data: bytes) -> dict[str, Any]:
    """`{"order":[ids…],"salt":"<hex>"}` of 32 bytes of salt, or nothing."""
    try:
        value: Any = parse(data)
        is_opening = value.keys() == {"order", "salt"} and len(bytes.fromhex(value["salt"])) == SALT_BYTES
    except (NotCanonical, ValueError, TypeError, AttributeError):
        return {}
    return value if is_opening and value["salt"] == value["salt"].lower() else {}


def _of(context: Context, name: str, kind: str, attempt: int | None = None) -> list[Line]:
    """The statements of a draw's round: `experts` is round 0, `experts-1` the first supplementary one."""
    draw, _, number = name.partition("-")
    lines = [line for line in context.log.of(kind) if line.body["draw"] == draw]
    lines = [line for line in lines if line.body.get("round", int(number or 0)) == int(number or 0)]
    return [line for line in lines if attempt is None or line.body["attempt"] == attempt]


def _against_log(context: Context, name: str, stated: transcript.Transcript) -> Iterator[tuple[Line, list[str]]]:
    """Each logged statement of the draw with the keys that are not what the transcript gives."""
    session, attempt = stated.session, stated.session.attempt
    commits, reveals = dict(session.commits), dict(stated.turn.reveals)

    def differing(line: Line, wanted: Mapping[str, object]) -> tuple[Line, list[str]]:
        return line, [key for key, value in wanted.items() if line.body[key] != value]

    for line in _of(context, name, "draw.frozen")[-1:]:
        pool = {"root": session.pool_root.hex(), "size": session.pool_size, "excluded": dict(session.ineligible)}
        yield differing(line, pool)
    for line in _of(context, name, "draw.committed", attempt):
        commit = commits.get(line.body["party"])
        legal_person = dict(session.legal_persons).get(line.body["party"])
        yield differing(line, {"commit": commit.hex() if commit else None, "legal_person": legal_person})
    for line in _of(context, name, "draw.context", attempt):
        yield differing(line, {"context": session.context().decode(), "digest": session.digest().hex()})
    for line in _of(context, name, "draw.sealed", attempt):
        yield differing(line, {"transcript": sha256(stated.to_bytes()).hexdigest()})
    for line in _of(context, name, "draw.revealed", attempt):
        link = reveals.get(line.body["party"])
        yield differing(line, {"reveal": sha256(REVEAL + link).hexdigest() if link else None})


def _check_times(context: Context, name: str, attempt: int) -> Found:
    """Frozen, every party's commitment, the context; for a supplementary round the last request and its confirmation;
    then every reveal, then the sealed order."""
    committed, revealed = (_of(context, name, kind, attempt) for kind in ("draw.committed", "draw.revealed"))
    groups = {
        "draw.frozen": _of(context, name, "draw.frozen"),
        "draw.committed": committed,
        "draw.context": _of(context, name, "draw.context", attempt),
        **({kind: _of(context, name, kind)[-1:] for kind in GROUNDS} if "-" in name else {}),
        "draw.revealed": revealed,
        "draw.sealed": _of(context, name, "draw.sealed", attempt),
    }
    for kind, group in groups.items():
        if not group:
            yield Finding(8, f"{FOLDER}/{name}.json {kind}", "no-statement")
    parties = [sorted(str(line.body["party"]) for line in group) for group in (committed, revealed)]
    if parties[0] != parties[1] or len(set(parties[0])) != len(parties[0]):
        yield Finding(8, f"{FOLDER}/{name}.json draw.revealed", "parties-differ", f"{parties[0]} / {parties[1]}")
    yield from _check_host(committed, revealed)
    grounds = [line for kind in GROUNDS for line in groups.get(kind, ())]
    for asked, confirmed in pairwise(grounds):
        if asked.body["by"] == confirmed.body["by"]:
            yield Finding(8, confirmed.name, "one-person-alone", asked.name)
    for before, after in pairwise(groups.values()):
        if before and after and before[-1].index > after[0].index:
            yield Finding(8, after[0].name, "too-early", before[-1].name)


def _check_host(committed: list[Line], revealed: list[Line]) -> Found:
    """The party that hosts the draw process shows its link before it can have seen another's."""
    hosts = {str(line.body["party"]) for line in committed if line.body["host"]}
    for line in revealed[:1] if hosts else ():
        if line.body["party"] not in hosts:
            yield Finding(8, line.name, "host-not-first")
