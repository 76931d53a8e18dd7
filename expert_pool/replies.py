"""What somebody means who presses a key or writes a short message back; what cannot be understood is nothing, no fault.

It keeps no text: of a reason only its kind is told.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from expert_pool.committee import Answer
from expert_pool.profiles.notice_words import REASONS, WORDS
from expert_pool.reason import Reason

KEYS: Mapping[str, Answer] = {"1": Answer.ATTEND, "2": Answer.PENDING, "3": Answer.DECLINE, "4": Answer.LEAVE}
"""The keys of the telephone, and the same digits in a message."""
MOST_CHARACTERS = 500
_KEY = re.compile(r"(?<!\d)[1-4](?!\d)")
_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){5}(?![ -]?\d)")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its reason (only for 不参加 and 请假), and the receipt number it is about; empty when unknown."""

    answer: Answer
    reason: Reason | None = None
    ticket: str = ""


def read(text: str, tickets: Iterable[str] = ()) -> Reply | None:
    """The reply in a message, or None. Full-width digits, spaces, Chinese and English words are understood.

    `tickets` are the receipt numbers sent to this telephone: the one of them that is written, else the only one. Two
    different answers in one message are none.
    """
    said = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower().strip()
    said, ticket = _ticket_in(said, tuple(tickets))
    found = _answers_in(said)
    if len(found) != 1:
        return None
    answer = found.pop()
    return Reply(answer, _reason_in(said) if answer in {Answer.DECLINE, Answer.LEAVE} else None, ticket)


def _ticket_in(said: str, known: tuple[str, ...]) -> tuple[str, str]:
    """The message without a receipt number, and the number: the one written (spaces do not matter), else the only."""
    for match in _NUMBER.finditer(said):
        number = re.sub(r"\D", "", match.group())
        if not known or number in known:
            return said.replace(match.group(), " "), number
    return said, known[0] if len(known) == 1 and not _NUMBER.search(said) else ""


def _answers_in(said: str) -> set[Answer]:
    """All answers that the message holds; a word weighs as much as a key."""
    found = {KEYS[key] for key in _KEY.findall(said)}
    # Chinese is written without spaces, and typed with them.
    dense = re.sub(r"\s+", "", said)
    for answer, words in WORDS:
        for word in words:
            if word.isascii():
                said, times = re.subn(rf"\b{re.escape(word)}\b", " ", said)
            else:
                times = dense.count(word)
                dense = dense.replace(word, " ")
            if times:
                found.add(answer)
    return found


def _reason_in(said: str) -> Reason:
    return next((reason for reason, words in REASONS if any(word in said for word in words)), Reason.OTHER)
