"""The experts whom the province's platform drew: their rows as they are kept, and what the flows ask of them.

The flows put the same questions as to the draw process (`conduct.asking` turns them here). Nothing here may call or
screen anybody: telephone numbers and employers are the province's.
"""

import hmac
from dataclasses import dataclass, field
from typing import Any

from conduct.expert_form import EXPERTS
from conduct.ports import Json, Tx
from conduct.provincial_result import Expert, Result, blinded, standing
from conduct.sealed_draw.committee import masked
from conduct.sealed_draw.questions import (
    Count,
    CountStanding,
    Match,
    Matched,
    Open,
    Opened,
    Person,
    Question,
    Roll,
    Succeed,
    Succession,
)
from evaluation.case import CaseId
from evaluation.drawn import PROVINCIAL

_KEY = f"{EXPERTS}/imported"
HANDLE_BYTES = 32


class NobodyLeft(Exception):
    """No alternate of the province's result is left for this place and category."""

    code = "provincial.nobody_left"


@dataclass(frozen=True, slots=True)
class Kept:
    """What the province's lists hold so far."""

    salt: bytes = field(repr=False)
    experts: tuple[Expert, ...]


def keep(tx: Tx, case: CaseId, result: Result) -> None:
    """Keep the rows of a result, each under a handle that says nothing."""
    rows = [_row(tx, one, one.order) for one in result.experts]
    tx.shelf(case, "draw").put(_KEY, {"salt": result.salt.hex(), "experts": rows})


def kept(tx: Tx, case: CaseId) -> Kept:
    """The lists as they are kept."""
    whole = tx.shelf(case, "draw").get(_KEY) or {"salt": ""}
    return Kept(bytes.fromhex(whole["salt"]), tuple(one for one, _ in _experts(tx, case)))


def add(tx: Tx, case: CaseId, result: Result) -> None:
    """Put alternates that were drawn later behind all who are on the list already, in their own order."""
    whole = dict(tx.shelf(case, "draw").get(_KEY) or {})
    behind = max(row["order"] for row in whole["experts"]) + 1 - min(one.order for one in result.experts)
    whole["experts"] = [*whole["experts"], *(_row(tx, one, behind + one.order) for one in result.experts)]
    tx.shelf(case, "draw").put(_KEY, whole)


def _row(tx: Tx, one: Expert, order: int) -> Json:
    return {
        "handle": tx.random(HANDLE_BYTES).hex(),
        "id_hash": one.id_hash.hex(),
        "name": one.name,
        "category": one.category,
        "place": one.place,
        "role": one.role,
        "order": order,
    }


def answers(tx: Tx, question: Question[Any]) -> bool:
    """Whether a question is about experts whom the province drew."""
    ref = getattr(question, "ref", None)
    if ref is None or ref.draw != EXPERTS:
        return False
    draw = tx.case(CaseId(ref.case)).draws.get(EXPERTS)
    return draw is not None and draw.source == PROVINCIAL


def answer(tx: Tx, question: Question[Any]) -> Any:  # noqa: ANN401 - each kind of question has its own answer
    """What the draw process would say, from the province's list. Raises `NobodyLeft`."""
    match question:
        case CountStanding():
            return Count(_standing(tx, question.ref.case, question.roll)[1], "")
        case Match():
            return _match(tx, question)
        case Succeed():
            return _succeed(tx, question)
        case Open():
            listed = {handle: one for one, handle in _experts(tx, question.ref.case)}
            people = ((handle, listed[handle.hex()]) for handle in question.handles)
            return Opened((), people=tuple(Person(handle, one.name, (one.category,)) for handle, one in people))
    raise TypeError(type(question).__name__)


def _experts(tx: Tx, case: str) -> list[tuple[Expert, str]]:
    kept = tx.shelf(case, "draw").get(_KEY) or {"experts": []}
    return [
        (
            Expert(
                bytes.fromhex(row["id_hash"]), row["name"], row["category"], row["place"], row["role"], row["order"]
            ),
            row["handle"],
        )
        for row in kept["experts"]
    ]


def _standing(tx: Tx, case: str, roll: Roll) -> tuple[list[tuple[Expert, str]], int]:
    return standing(_experts(tx, case), frozenset(handle.hex() for handle, _ in roll.gone))


def _match(tx: Tx, asked: Match) -> Matched | None:
    """Each candidate is compared in constant time, as `expert_pool.blind_match` does."""
    kept = tx.shelf(asked.ref.case, "draw").get(_KEY) or {"salt": ""}
    shown = blinded(asked.id_number, bytes.fromhex(kept["salt"]))
    expected = [pair for pair in _standing(tx, asked.ref.case, asked.roll)[0] if pair[0].place in asked.places]
    found = [pair for pair in expected if hmac.compare_digest(pair[0].id_hash, shown)]
    return Matched(bytes.fromhex(found[0][1]), masked(found[0][0].name)) if found else None


def _succeed(tx: Tx, asked: Succeed) -> Succession:
    """Nobody moves up with a call: the alternate stands from now on and is told by the province."""
    before, _ = _standing(tx, asked.ref.case, asked.roll)
    absent = (bytes.fromhex(handle) for one, handle in before if one.place in asked.places)
    gone = asked.leaving or tuple(handle for handle in absent if handle not in asked.seated)
    out = frozenset(handle.hex() for handle in (*gone, *(handle for handle, _ in asked.roll.gone)))
    _, missing = standing(_experts(tx, asked.ref.case), out)
    if gone and missing:
        raise NobodyLeft
    return Succession(gone, (), missing)
