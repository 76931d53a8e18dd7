"""Calls that were placed and what came back: each logged once, however often it is told, and refused by name when late.

Answers come by a provider, by the pool owner's operator, or by the expert's own link; all end here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from conduct import roll, tickets
from conduct.calling import is_calling, rules_of
from conduct.ports import Json, Tx
from conduct.tickets import Ticket, UnknownTicket
from evaluation.case import CaseId
from expert_pool import notices, replies
from expert_pool.committee import Answer
from expert_pool.notices import AlreadyAnswered, LeaveTooLate, NotAsked
from expert_pool.reason import Reason
from expert_pool.wording import Text, said_back

_REFUSALS = (UnknownTicket, NotAsked, AlreadyAnswered, LeaveTooLate)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a message: whether it was an answer, and what is said back, by language."""

    is_answer: bool
    reply: Text


def placed(tx: Tx, case: CaseId, number: str, channel: str) -> None:
    """A call was handed over (`voice`) or made by hand (`hand`): the time to answer begins, once."""
    handle, rows = tickets.of_number(tx, case, number).handle, roll.rows_of(tx, case)
    if rows[handle]["queued"] and is_calling(tx.case(case)):
        _place(tx, case, number, rows[handle], channel)
        roll.keep_rows(tx, case, rows)


def answer(tx: Tx, number: str, given: Answer, reason: Reason | None = None) -> Answer:
    """Take an answer; what stands now. Raises `UnknownTicket`, `NotAsked`, `AlreadyAnswered`, `LeaveTooLate`."""
    return _take(tx, tickets.find(tx, number), given, reason)


def answer_by_link(tx: Tx, link: str, given: Answer, reason: Reason | None = None) -> Answer:
    """The same by the expert's own link. Raises `LinkOver` besides."""
    return _take(tx, tickets.of_link(tx, link), given, reason)


def standing(tx: Tx, ticket: Ticket) -> str:
    """The answer that stands for a call, empty while there is none."""
    return str(roll.rows_of(tx, ticket.case)[ticket.handle]["answer"])


def hear(tx: Tx, text: str, numbers: tuple[str, ...]) -> Heard:
    """Take a short message; `numbers` are the receipt numbers sent to the telephone it came from.

    What is unclear, too late or about nothing changes nothing, and its sender is told so.
    """
    meant = replies.read(text, numbers)
    if meant is None:
        return Heard(is_answer=False, reply=said_back("unclear", "", 0))
    hours = 0
    try:
        if meant.ticket not in numbers:
            raise UnknownTicket
        hours = int(tickets.find(tx, meant.ticket).told["hours"])
        code = str(answer(tx, meant.ticket, meant.answer, meant.reason))
    except _REFUSALS as refused:
        return Heard(is_answer=False, reply=said_back(refused.code, meant.ticket, hours))
    return Heard(is_answer=True, reply=said_back(code, meant.ticket, hours))


def _take(tx: Tx, ticket: Ticket, given: Answer, reason: Reason | None) -> Answer:
    rows, case = roll.rows_of(tx, ticket.case), tx.case(ticket.case)
    row = rows[ticket.handle]
    before = Answer(row["answer"]) if row["answer"] else None
    tries = len(row["called"]) + row["queued"]
    stands = notices.taken(before, given, tries, ticket.start - tx.now, rules_of(tx, ticket.case))
    if stands is None:
        return before or given
    if not is_calling(case):
        raise NotAsked
    if row["queued"]:  # whoever answers was called, though the news of it has not come yet
        _place(tx, ticket.case, ticket.number, row, "voice")
    row["answer"] = str(stands)
    said: Mapping[str, str] = {"ticket": ticket.number, "answer": str(stands)}
    is_no = stands in {Answer.DECLINE, Answer.LEAVE}
    tx.record(ticket.case, "notice.answered", {**said, **({"reason": str(reason)} if reason and is_no else {})})
    roll.keep_rows(tx, ticket.case, rows)
    return stands


def _place(tx: Tx, case: CaseId, number: str, row: Json, channel: str) -> None:
    row["queued"] = False
    row["called"].append(tx.now.isoformat())
    tx.record(case, "notice.sent", {"ticket": number, "channel": channel})
