"""Receipt numbers and one-time links of notices: six digits that name one call of one case, and what is told with it.

A shelf holds handles, times and places, never a name or a telephone number.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from conduct.ports import Json, Tx
from evaluation.case import CaseId
from expert_pool.wording import Invitation

_SHELF, _DEPLOYMENT, _LINKS = "ticket", "deployment", "notice_link"
_LINK_BYTES = 16


class UnknownTicket(Exception):
    """No call with this receipt number is waiting for an answer."""

    code = "notice.unknown_ticket"


class LinkOver(Exception):
    """The link is not one of ours, or the evaluation it was for has begun."""

    code = "notice.link_over"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One receipt number: whom it is for (a handle), the link to answer by, what is told: `start`, `venue`, `days`,
    `overnight`, `hours`."""

    number: str
    case: CaseId
    handle: str
    link: str
    told: Json

    @property
    def start(self) -> datetime:
        """When the evaluation begins (UTC)."""
        return datetime.fromisoformat(str(self.told["start"]))


def issue(tx: Tx, case: CaseId, handle: str, told: Json) -> Ticket:
    """The receipt number of this person's calls in the case, a fresh one that no other case has at the first call."""
    shelf = tx.shelf(case, _SHELF)
    number = next((number for number, row in shelf.items() if row["handle"] == handle), "")
    if not number:
        number, link = _fresh(tx), tx.random(_LINK_BYTES).hex()
        shelf.put(number, {"handle": handle, "link": link, "told": told})
        tx.shelf(_DEPLOYMENT, _LINKS).put(_digest(link), {"case": case, "ticket": number})
    return _ticket(tx, case, number)


def find(tx: Tx, number: str) -> Ticket:
    """The call of a receipt number. Raises `UnknownTicket`."""
    for case in tx.cases():
        if tx.shelf(case, _SHELF).get(number) is not None:
            return _ticket(tx, case, number)
    raise UnknownTicket


def of_number(tx: Tx, case: CaseId, number: str) -> Ticket:
    """The same within a case that is known. Raises `UnknownTicket`."""
    return _ticket(tx, case, number)


def of_link(tx: Tx, link: str) -> Ticket:
    """The call of a one-time link. Raises `LinkOver`."""
    row = tx.shelf(_DEPLOYMENT, _LINKS).get(_digest(link))
    if row is None or tx.shelf(row["case"], _SHELF).get(row["ticket"]) is None:
        raise LinkOver
    return _ticket(tx, CaseId(row["case"]), row["ticket"])


def of_handles(tx: Tx, case: CaseId) -> dict[str, str]:
    """Receipt number by handle."""
    return {row["handle"]: number for number, row in tx.shelf(case, _SHELF).items()}


def invitation(payload: Json, origin: str, contact: str) -> Invitation:
    """What a waiting notice tells its expert."""
    return Invitation(
        start=datetime.fromisoformat(payload["start"]),
        venue=payload["venue"],
        days=payload["days"],
        overnight=payload["overnight"],
        ticket=payload["ticket"],
        hours=payload["hours"],
        contact=contact,
        link=f"{origin}/n/{payload['link']}",
    )


def _ticket(tx: Tx, case: CaseId, number: str) -> Ticket:
    row = tx.shelf(case, _SHELF).get(number)
    if row is None:
        raise UnknownTicket
    return Ticket(number, case, row["handle"], row["link"], row["told"])


def _fresh(tx: Tx) -> str:
    while True:
        number = f"{int.from_bytes(tx.random(8), 'big') % 1_000_000:06d}"
        try:
            find(tx, number)
        except UnknownTicket:
            return number


def _digest(link: str) -> str:
    return hashlib.sha256(link.encode()).hexdigest()
