"""The texts of a notice in both languages, made from what may be told and from nothing else (两随机、四不知)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from expert_pool.notices import BEIJING
from expert_pool.profiles.notice_words import ANSWERED, CALL, CONTACT, LENGTH, MESSAGE

Text = dict[str, str]
_WHEN: Mapping[str, str] = {"zh": "%Y-%m-%d %H:%M", "en": "%Y-%m-%d %H:%M (Beijing time)"}


@dataclass(frozen=True, slots=True)
class Invitation:
    """All that an expert is told: when and where, how long, whom to ring, the number, the link; never the project.

    `start` is a UTC instant; `hours` before it leave is no longer taken.
    """

    start: datetime
    venue: str
    days: int
    overnight: bool
    ticket: str
    hours: int
    contact: str = ""
    link: str = ""


def call_text(told: Invitation) -> Text:
    """What is read out on the telephone, by language."""
    return {language: text.format(**_fields(told, language)) for language, text in CALL.items()}


def message_text(told: Invitation) -> Text:
    """The short message, by language."""
    return {language: text.format(**_fields(told, language)) for language, text in MESSAGE.items()}


def length_of(days: int, *, overnight: bool) -> Text:
    """How long it takes, by language."""
    return {language: words[overnight].format(days=days) for language, words in LENGTH.items()}


def said_back(code: str, ticket: str, hours: int) -> Text:
    """What is said to somebody who answered: `code` is the answer that now stands, or the refusal's."""
    return {language: text.format(ticket=ticket, hours=hours) for language, text in ANSWERED[code].items()}


def _fields(told: Invitation, language: str) -> Text:
    contact = CONTACT[language].format(contact=told.contact) if told.contact else ""
    return {
        "start": told.start.astimezone(BEIJING).strftime(_WHEN[language]),
        "venue": told.venue,
        "length": length_of(told.days, overnight=told.overnight)[language],
        "contact": contact,
        "ticket": told.ticket,
        "hours": str(told.hours),
        "link": told.link,
    }
