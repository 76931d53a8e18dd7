"""Clarification (澄清、说明、补正): one written question, one sealed answer, in time (实施条例 Art. 52; R-15).

Only the committee asks, and the bidder never learns who: what the bidder sees has no member in it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from evaluation.profile import ClarificationRules

MOST_BYTES: Final = 20 * 1024 * 1024
_PDF: Final = b"%PDF-"


class NotOfTheCommittee(Exception):
    """A question by somebody who is no active member; the agent relays, it never asks."""

    code = "clarification.not_of_the_committee"


class QuestionEmpty(Exception):
    """A question without text, or that does not say which page of the bid it is about."""

    code = "clarification.question_empty"


class QuestionOutsideBid(Exception):
    """A question on a bid that was not opened or has been rejected."""

    code = "clarification.outside_bid"


class QuestionNamesMember(Exception):
    """A question with a member's name or alias in it: the bidder must not learn who asks."""

    code = "clarification.names_member"


class NotAsked(Exception):
    """An answer that nobody asked for is not taken."""

    code = "clarification.not_asked"


class AlreadyAnswered(Exception):
    """A second answer: there is one, and it stands."""

    code = "clarification.already_answered"


class AnswerLate(Exception):
    """An answer after its time."""

    code = "clarification.late"


class AnswerNotPdf(Exception):
    """An answer that is no PDF, empty, or too large."""

    code = "clarification.not_pdf"


class SealUnknown(Exception):
    """An answer without a seal, or sealed by another certificate than the opening package knows for this bidder."""

    code = "clarification.seal_unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """What a member wants asked: the bid, the pages it is about, the text."""

    member: str
    bid: str
    pages: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An accepted question. `warnings` are the leading words found: the leader sees them and may still send it."""

    id: str
    bid: str
    pages: str
    text: str
    due: datetime
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """An answer as it arrives: first bytes, size, digest (hex), digest of the certificate whose seal was verified."""

    head: bytes
    size: int
    sha256: str
    seal_sha256: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """An accepted answer."""

    id: str
    bid: str
    sha256: str
    seal_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BidderView:
    """Everything the bidder's page may show."""

    project: str
    pages: str
    text: str
    due: datetime
    is_answered: bool


def leading_words(text: str, rules: ClarificationRules) -> tuple[str, ...]:
    """The words in a question that hint at an answer or ask for a better offer."""
    return tuple(word for word in rules.leading_words if word in text)


@dataclass(frozen=True, slots=True)
class Floor:
    """Who may ask and about what, at this moment: active members, valid bids, names no question may contain."""

    members: Collection[str]
    bids: Collection[str]
    names: Sequence[str]


def ask(name: str, question: Question, floor: Floor, rules: ClarificationRules, now: datetime) -> Asked:
    """Accept a question under the id `name`; it is due one window after `now` (an aware time)."""
    if question.member not in floor.members:
        raise NotOfTheCommittee
    if question.bid not in floor.bids:
        raise QuestionOutsideBid
    text, pages = question.text.strip(), question.pages.strip()
    if not text or not pages:
        raise QuestionEmpty
    if any(known in text for known in floor.names):
        raise QuestionNamesMember
    due = now + timedelta(seconds=rules.window_s)
    return Asked(name, question.bid, pages, text, due, leading_words(text, rules))


def answer(asked: Asked | None, earlier: Answered | None, upload: Upload, known_seal: str | None) -> Answered:
    """Accept the answer to a question; `known_seal` is the bidder's certificate in the opening package (hex digest).

    At the last moment of the window an answer is still in time.
    """
    if asked is None:
        raise NotAsked
    if earlier is not None:
        raise AlreadyAnswered
    if upload.at > asked.due:
        raise AnswerLate
    if not upload.head.startswith(_PDF) or not 0 < upload.size <= MOST_BYTES:
        raise AnswerNotPdf
    if upload.seal_sha256 is None or upload.seal_sha256 != known_seal:
        raise SealUnknown
    return Answered(asked.id, asked.bid, upload.sha256, upload.seal_sha256, upload.at)


def bidder_view(asked: Asked, project: str, answered: Answered | None) -> BidderView:
    """What the bidder sees of a question."""
    return BidderView(project, asked.pages, asked.text, asked.due, answered is not None)
