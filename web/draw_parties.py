"""How the parties of a draw stand, one code each, and which attempts were void under whose name. Owns no word.

Nothing here is of the links or the order: the draw process alone knows those.
"""

import json
from datetime import datetime

from conduct import directory, drawing
from conduct.ports import Json, Tx, stamp
from evaluation.case import Case
from evaluation.drawn import Draw
from web.steps import draw_stage


def standings(tx: Tx, case: Case) -> dict[str, Json]:
    """Every draw of a case whose pool is frozen, by its name.

    `silent_at`: from then on a party whose turn it is makes the attempt void; `short`: too few legal persons are left.
    """
    return {name: standing_of(tx, case, name, draw) for name, draw in case.draws.items() if draw.root}


def standing_of(tx: Tx, case: Case, name: str, draw: Draw) -> Json:
    """One draw whose pool is frozen."""
    began = max(draw.now.at or draw.at, draw.since)
    return {
        "case": case.id,
        "draw": name,
        "attempt": draw.attempt,
        "at": draw.now.at or draw.at,
        "silent_at": stamp(drawing.silent_at(tx, case, datetime.fromisoformat(began))),
        "stage": "sealed" if draw.now.order and not draw.opened else draw_stage(draw),
        "short": drawing.is_short(tx, draw),
        "parties": [_party(tx, draw, party) for party in _everybody(tx, draw)],
        "voids": _voids(tx, case, name),
        "drawn_at": _drawn_at(tx, case, name, draw),
        "transcript": draw.now.transcript,
    }


def _everybody(tx: Tx, draw: Draw) -> list[directory.Party]:
    """The registered organisations; once the context stands, those alone that it holds or that were left out."""
    known = directory.parties(tx)
    if not draw.digest:
        return list(known.values())
    return [party for name, party in known.items() if name in draw.parties or name in draw.left_out]


def _party(tx: Tx, draw: Draw, party: directory.Party) -> Json:
    committed = draw.parties.get(party.id)
    return {
        "id": party.id,
        "legal_person": committed.legal_person if committed else party.legal_person,
        "host": committed.is_host if committed else party.host,
        "state": _state(draw, party.id, is_late=stamp(tx.now) > (draw.now.at or draw.at)),
        "commit": committed.commit if committed else "",
        "reveal": draw.now.revealed.get(party.id, ""),
    }


def _state(draw: Draw, party: str, *, is_late: bool) -> str:
    """What a party has done in this round, or whose turn it is."""
    if party in draw.left_out:
        return "left_out"
    if draw.now.order:
        return "drawn"
    if party in draw.now.revealed:
        return "revealed"
    if party in draw.parties and not draw.digest:
        return "committed"
    if party in draw.parties and draw.host not in {"", party, *draw.now.revealed}:
        return "waiting_host"
    owes = "turn" if party in draw.parties else "uncommitted"
    return "late" if is_late else owes


def _drawn_at(tx: Tx, case: Case, name: str, draw: Draw) -> str:
    """The moment of drawing of this round, as the log has it; empty while it is to come."""
    for _index, data in tx.statements(case.id, "draw.sealed") if draw.now.order else ():
        said = json.loads(data)
        if (said["body"]["draw"], said["body"]["order"]) == (name, draw.now.order):
            return str(said["at"])
    return ""


def _voids(tx: Tx, case: Case, name: str) -> list[Json]:
    """Attempts that were void, oldest first, each with the party and the reason that the log names."""
    known = directory.parties(tx)
    found = []
    for _index, data in tx.statements(case.id, "draw.voided"):
        said = json.loads(data)
        body = said["body"]
        if body["draw"] == name:
            party = known.get(body["party"])
            who = {"party": body["party"], "legal_person": party.legal_person if party else body["party"]}
            found.append({"attempt": body["attempt"], "reason": body["reason"], "at": said["at"]} | who)
    return found
