"""What happened at a seat, in time order, from the case's log: the list beside a recording. Tells no score."""

import json

from conduct.ports import Json, Tx
from evaluation.case import Case
from web.i18n import Language
from web.office_words import EVENTS, in_words

# Of everybody: the room's own events stand in each seat's list.
ROOM = frozenset(
    {
        "case.suspended",
        "case.resumed",
        "break.began",
        "break.ended",
        "night.began",
        "night.sealed",
        "night.ended",
        "stage.opened",
        "stage.closed",
        "motion.opened",
        "motion.decided",
        "tender.failed",
        "lot.opened",
        "rollback.requested",
        "rollback.decided",
    }
)


def of_seat(tx: Tx, state: Case, seat: str, language: Language) -> list[Json]:
    """The events of one seat and of the room: `at` (stamp), `kind`, `word`, `text`."""
    sat = [*state.members.values(), *(one.member for one in state.replaced.values())]
    members = {one.id for one in sat if one.seat == seat}
    words = in_words(EVENTS, language)
    found: list[Json] = []
    for kind, word in words.items():
        for _, data in tx.statements(state.id, kind):
            said = json.loads(data)
            body = said["body"]
            if kind in ROOM or body.get("member") in members or body.get("seat") == seat:
                found.append({"at": said["at"], "kind": kind, "word": word, "text": _text(kind, body)})
    return sorted(found, key=lambda event: event["at"])


def _text(kind: str, body: Json) -> str:
    """The words beside an event: the witness's own, a bid's letter, a stage's name."""
    wanted = {"witness.marked": "text", "sheet.signed": "bid", "case.suspended": "reason"}
    return str(body.get(wanted.get(kind, ""), ""))
