"""What the screen beside a seat is given: the very bytes about to be signed there, and the names they stand for.

It gets nothing else of the case, and nothing at all while the seat's own page hides its papers.
"""

from collections.abc import Mapping
from typing import Any

from conduct import authorising, blinding, second_screen, security_keys
from conduct.authorising import Batch, NothingPrepared
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import criteria_of
from conduct.stepping_out import SeatLeft, demand_seated
from evaluation.case import State
from evaluation.life import Paused, demand_running
from identity.roles import Role
from signing.authorisation import LIFE
from web import member_state
from web.i18n import Language
from web.read_back import read_back
from web.screens import Dialog
from web.words import CHOICES, GROUNDS, OUTCOMES, in_language

WORDS = {"grounds": GROUNDS, "outcomes": OUTCOMES, "choices": CHOICES}


def still_prepared(tx: Tx, dialog: Dialog) -> Batch | None:
    """What the seat's page reads back; None where it was signed, has fallen or was prepared anew since."""
    try:
        return authorising.prepared(tx, dialog.case, dialog.who, dialog.purpose, dialog.batch)
    except NothingPrepared:
        return None


def shown(tx: Tx, dialog: Dialog, language: Language) -> Json | None:
    """What the screen is given for a dialog; None where its seat, too, shows nothing (paused, left, changed)."""
    state = tx.case(dialog.case)
    actor = Actor(Role.MEMBER, dialog.who)
    try:
        demand_running(state)
        demand_seated(state, dialog.who)
        batch = authorising.prepared(tx, dialog.case, dialog.who, dialog.purpose, dialog.batch)
    except (Paused, SeatLeft, NothingPrepared):
        return None
    back = read_back(tx, dialog.case, actor, dialog.purpose)
    if not back["batch"]:
        return None
    return {
        "batch": batch.id,
        "statements": back["spelled"],
        "beside": _beside(tx, dialog, back["statements"]),
        "words": {name: in_language(table, language) for name, table in WORDS.items()},
        "seconds": _seconds_left(tx, dialog),
    }


def note_shown(tx: Tx, dialog: Dialog, display: str) -> bool:
    """Whether the screen shows what is prepared; where the rules want that, it is kept for the signature."""
    batch = authorising.prepared(tx, dialog.case, dialog.who, dialog.purpose, dialog.batch)
    if batch.display.hex() != display:
        return False
    second_screen.note(tx, dialog.case, dialog.who, batch.display)
    return True


def _beside(tx: Tx, dialog: Dialog, statements: list[Json]) -> Mapping[str, Any]:
    """What the bytes name by an id or a digest: bids, criteria, members, the pledge's text, the question of a vote."""
    seen = blinding.seen(tx, dialog.case, dialog.who)
    found: Json = {
        "bids": {bid.id: bid.name for bid in seen.bids.values()},
        "texts": {},
        "motions": {},
        "members": {member.id: member.alias for member in tx.case(dialog.case).members.values()},
        "criteria": {},
    }
    if seen.state.rank >= State.LEADER_ELECTED.rank:
        is_scored = seen.state.rank >= State.DETAILED.rank
        known = blinding.criteria_seen(tx, dialog.case, dialog.who) if is_scored else criteria_of(tx, dialog.case)
        found["criteria"] = member_state.criteria(known)
    for one in statements:
        if one["kind"] == "pledge.signed":
            found["texts"][one["body"]["text"]] = "\n".join(one["text"])
        elif one["kind"] == "vote.signed":
            found["motions"][one["body"]["motion"]] = one["question"]
    return found


def _seconds_left(tx: Tx, dialog: Dialog) -> int | None:
    """How long the authorisation still lives; None while it has not begun."""
    at = security_keys.asked_at(tx, dialog.case, dialog.who, dialog.batch)
    return None if at is None else max(0, int((at + LIFE - tx.now).total_seconds()))
