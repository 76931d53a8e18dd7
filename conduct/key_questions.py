"""The last questions put to each person's security key, so that an answer to another of them is refused for what it is.

It releases nothing: whether an answer is right is judged where keys are opened. What is no longer remembered here is
refused there all the same, as the answer to another question.
"""

from conduct.ports import Tx
from evaluation.case import CaseId
from signing.security_key import AnswerUsed, Assertion, OtherBytes, encoded

QUESTIONS = "key-question"
"""Shelf: by person, `[challenge, batch, whether its answer was used]` of the questions asked last, the latest last."""
REMEMBERED = 8


def remember(tx: Tx, case: CaseId, who: str, batch: str, challenge: bytes) -> None:
    """A key is asked this (32 bytes) about a batch."""
    shelf = tx.shelf(case, QUESTIONS)
    shelf.put(who, {"asked": [*_asked(tx, case, who)[1 - REMEMBERED :], [encoded(challenge), batch, False]]})


def refuse_another(tx: Tx, case: CaseId, who: str, batch: str, assertion: Assertion | None) -> None:
    """Refuse an answer to a remembered question that is not the last: one used before, one about other bytes.

    Raises `AnswerUsed`, `OtherBytes`. An earlier question about the same bytes is left to the judge of answers.
    """
    if assertion is None:
        return
    for challenge, about, is_used in _asked(tx, case, who):
        if challenge == assertion.challenge and is_used:
            raise AnswerUsed
        if challenge == assertion.challenge and about != batch:
            raise OtherBytes


def use(tx: Tx, case: CaseId, who: str, assertion: Assertion) -> None:
    """An answer has released a signature."""
    rows = [[one, batch, used or one == assertion.challenge] for one, batch, used in _asked(tx, case, who)]
    tx.shelf(case, QUESTIONS).put(who, {"asked": rows})


def _asked(tx: Tx, case: CaseId, who: str) -> list[list[object]]:
    asked: list[list[object]] = (tx.shelf(case, QUESTIONS).get(who) or {"asked": []})["asked"]
    return asked
