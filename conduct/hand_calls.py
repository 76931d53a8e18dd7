"""Calls made by hand, for a deployment without a provider or while it is away: an operator opens one line at a time.

Every opening is stated. A line shows a telephone number, a time and a place, and nothing of any case.
"""

from dataclasses import dataclass

from conduct import answering
from conduct.ports import Actor, Json, Tx, Waiting
from evaluation.case import CaseId
from expert_pool.committee import Answer
from expert_pool.reason import Reason

CHANNEL = "notice"
_DEPLOYMENT, _SHELF = "deployment", "hand_calls"


class NoSuchLine(Exception):
    """The call waits no longer: somebody made it, or it is not needed any more."""

    code = "notice.no_such_line"


class LineNotOpen(Exception):
    """The call was not opened by this operator."""

    code = "notice.line_not_open"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said on the telephone, and why; `SILENT` when nobody answered."""

    answer: Answer
    reason: Reason | None = None


def lines(tx: Tx, owner: str) -> tuple[Waiting, ...]:
    """The calls to this pool owner's experts that wait, oldest first."""
    return tuple(one for one in tx.waiting(CHANNEL) if one.payload["pool"] == owner)


def open_line(tx: Tx, actor: Actor, owner: str, message: int) -> None:
    """Open one line, which closes the one that was open before. Raises `NoSuchLine`."""
    found = _line(tx, owner, message)
    tx.record(_DEPLOYMENT, "notice.opened", {"by": actor.as_by(), "ticket": found.payload["ticket"]})
    tx.shelf(_DEPLOYMENT, _SHELF).put(actor.who, {"message": message})


def opened(tx: Tx, actor: Actor, owner: str) -> Waiting | None:
    """The line that this operator has open."""
    row = tx.shelf(_DEPLOYMENT, _SHELF).get(actor.who)
    return next((one for one in lines(tx, owner) if row is not None and one.id == row["message"]), None)


def made(tx: Tx, actor: Actor, owner: str, message: int, said: Said) -> None:
    """The call was made. Raises `LineNotOpen` and `answering.answer`'s."""
    line = opened(tx, actor, owner)
    if line is None or line.id != message:
        raise LineNotOpen
    told: Json = line.payload
    answering.placed(tx, CaseId(told["case"]), told["ticket"], "hand")
    if said.answer is not Answer.SILENT:
        answering.answer(tx, told["ticket"], said.answer, said.reason)
    tx.taken(message)
    tx.shelf(_DEPLOYMENT, _SHELF).delete(actor.who)


def _line(tx: Tx, owner: str, message: int) -> Waiting:
    for one in lines(tx, owner):
        if one.id == message:
            return one
    raise NoSuchLine
