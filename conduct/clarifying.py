"""Clarification (澄清): one written question, relayed by the platform, one sealed answer in time.

The bidder gets a one-time link and never learns who asks (实施条例 Art. 52).
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from conduct.ports import Actor, Tx
from evaluation.case import BidId, CaseId, Clarification


class NotTheLeader(Exception):
    """Only the leader asks and closes in the committee's name (招标投标法 Art. 38)."""

    code = "leader_only"


class BadLink(Exception):
    """The link is unknown or was used."""

    code = "clarification_link_invalid"


class TooLate(Exception):
    """The time for the answer has run out; nothing was accepted."""

    code = "clarification_too_late"


class NoSuchBid(Exception):
    """The bid is not in the opening record or was rejected."""

    code = "bid_unknown"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that went out, with the secret of its link (given to the bidder once, kept only as a digest)."""

    id: str
    token: str


def ask(tx: Tx, case: CaseId, actor: Actor, bid: str, text: str, minutes: int) -> Asked:
    """The leader puts a question to a bidder in the committee's name."""
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    if bid not in state.valid_bids:
        raise NoSuchBid
    token = urlsafe_b64encode(tx.random(24)).decode()
    identifier = f"c{len(state.clarifications) + 1}"
    due = stamp(tx.now + timedelta(minutes=minutes))
    body = {"id": identifier, "bid": bid, "text": text, "due": due, "link": link_digest(token)}
    tx.record(case, "clarification.asked", body)
    tx.shelf("deployment", "link").put(link_digest(token), {"case": case, "id": identifier})
    tx.send("bidder", {"bid": bid, "bidder": state.bids[BidId(bid)].name, "link": f"/b/{token}", "due": due})
    return Asked(identifier, token)


def find(tx: Tx, token: str) -> tuple[CaseId, Clarification]:
    """What a link leads to. Raises `BadLink`."""
    row = tx.shelf("deployment", "link").get(link_digest(token))
    if row is None:
        raise BadLink
    case = CaseId(row["case"])
    return case, tx.case(case).clarifications[row["id"]]


def answer(tx: Tx, token: str, file: str, size: int, seal: str, signature: str) -> Clarification:
    """Take a sealed answer: digests of the PDF, of the sealing certificate and of its detached CMS, all kept already.

    Raises `BadLink` (also for a second answer) and `TooLate`.
    """
    case, asked = find(tx, token)
    if asked.answer:
        raise BadLink
    if stamp(tx.now) > asked.due:
        raise TooLate
    body = {"id": asked.id, "file": file, "size": size, "seal": seal, "signature": signature}
    tx.record(case, "clarification.answered", body)
    return tx.case(case).clarifications[asked.id]


def confirm(tx: Tx, case: CaseId, actor: Actor, identifier: str) -> None:
    """The leader takes the answer to the committee's file."""
    if actor.who != tx.case(case).leader:
        raise NotTheLeader
    tx.record(case, "clarification.confirmed", {"by": actor.as_by(), "id": identifier})


def link_digest(token: str) -> str:
    """The digest under which a link is known."""
    return hashlib.sha256(f"link\n{token}".encode()).hexdigest()


def stamp(at: datetime) -> str:
    """A moment as statements write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"
