"""What a party of a draw has to do now: the rows of `GET /draws`, made from the log and from what the process holds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from conduct import drawing
from conduct.ports import Json, Tx, stamp
from conduct.rulebook import UNREADABLE, profile_of
from conduct.sealed_draw import result
from conduct.sealed_draw.questions import Holding, Ref
from evaluation.case import Case, CaseId, State
from evaluation.drawn import Draw, is_of_ties

EMPTY: Json = {
    "context": "",
    "digest": "",
    "index": 0,
    "statement": "",
    "proof": "",
    "again": False,
    "grounds": [],
    "share": "",
}


@dataclass(frozen=True, slots=True)
class Keeping:
    """The process as it is now: its public key (hex, empty while it is away) and the links that it holds."""

    key: str = ""
    held: frozenset[Holding] = frozenset()


def work_of(tx: Tx, party: str, process: Keeping) -> list[Json]:
    """Everything a party has to do, oldest case first; the shapes stand in docs/draw-protocol.md."""
    return [row for case in tx.cases() for row in _of_case(tx, tx.case(case), party, process)]


def _of_case(tx: Tx, state: Case, party: str, process: Keeping) -> list[Json]:
    """What there is to do in one case; one that stands still for its rules must not take the others' work away."""
    if state.state is State.CLOSED:
        return []
    draws = state.draws.items()
    try:
        return [row for name, draw in draws for row in _rows(tx, state, name, draw, party, process)]
    except UNREADABLE:
        return []


def lost(tx: Tx, case: Case, name: str, process: Keeping) -> list[tuple[str, str]]:
    """What a draw waits for since its process died: ("", `process`), or each party that is asked `again`.

    ("", `differs`) where what was drawn again is not what the log holds.
    """
    if any(json.loads(data)["body"]["draw"] == name for _, data in tx.statements(case.id, "draw.differs")):
        return [("", "differs")]
    draw = case.draws[name]
    if draw.digest and not process.key:
        return [("", "process")]
    rows = ((party, row) for party in draw.parties for row in _rows(tx, case, name, draw, party, process))
    return [(party, "again") for party, row in rows if row["again"]]


def _rows(tx: Tx, case: Case, name: str, draw: Draw, party: str, process: Keeping) -> Iterator[Json]:
    if not draw.root or draw.is_without_result or party in draw.left_out or (draw.digest and party not in draw.parties):
        return
    about = {"case": case.id, "draw": name, "attempt": draw.attempt, "round": 0, "at": draw.at, "key": process.key}
    if not draw.digest:
        yield about | EMPTY | {"needs": "wait" if party in draw.parties else "commit"}
        return
    for round_no, drawn in enumerate(draw.rounds):
        row = about | EMPTY | {"round": round_no, "at": drawn.at}
        is_held = Holding(Ref(case.id, name, draw.attempt), round_no, party) in process.held
        if party in drawn.revealed and (is_held or _is_open(case, name)):
            if not drawn.order:
                yield row | {"needs": "wait"}
            continue
        turn_waits = draw.host not in {"", party} and draw.host not in drawn.revealed
        if turn_waits or not process.key:
            yield row | {"needs": "wait"}
            continue
        grounds = _grounds(tx, case.id, name, round_no)
        about_it = {"needs": "reveal", "again": party in drawn.revealed, "grounds": grounds}
        yield row | _context(tx, case.id, draw.digest) | about_it
        if drawn.sealed and (due := opening_due(tx, case)) <= tx.now:
            share = result.share_of(tx.get_object(drawn.sealed), party)
            yield row | {"needs": "share", "share": share, "digest": draw.digest, "at": stamp(due)}


def _is_open(case: Case, name: str) -> bool:
    """Whether all may read a round, so that its links are needed no more: bids are drawn for in an open committee."""
    return bool(case.draws[name].opened) if is_of_ties(name) else case.is_open


def _grounds(tx: Tx, case: CaseId, name: str, round_no: int) -> list[Json]:
    """The last request for a supplementary round and its confirmation, as logged; their proofs are added outside."""
    found = []
    for kind in ("replacement.requested", "replacement.confirmed") if round_no else ():
        *_, (index, data) = (
            (index, data)
            for index, data in tx.statements(case, kind)
            if (body := json.loads(data)["body"])["draw"] == name and body["round"] == round_no
        )
        found.append({"index": index, "statement": data.decode(), "proof": ""})
    return found


def opening_due(tx: Tx, case: Case) -> datetime:
    """When the desk opens: from then on the sealed result may have to be opened by shares."""
    start = datetime.fromisoformat(case.application.start) if case.application else tx.now
    return start - timedelta(seconds=profile_of(tx, case.id).rules.check_in.opens_before_start_s)


def _context(tx: Tx, case: CaseId, digest: str) -> Json:
    """The logged context, and the statement that says so; its proof is added outside of the transaction."""
    for index, data in tx.statements(case, "draw.context"):
        body = json.loads(data)["body"]
        if body["digest"] == digest:
            return {"context": body["context"], "digest": digest, "index": index, "statement": data.decode()}
    raise drawing.NoSuchDraw
