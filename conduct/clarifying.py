"""Clarification (澄清): one written question, relayed by the platform, one sealed answer in time.

The bidder gets a one-time link and never learns who asks (实施条例 Art. 52); the rules are `evaluation.clarification`.
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from conduct.ports import Actor, Tx, stamp
from conduct.rulebook import profile_of
from evaluation import clarification as rules
from evaluation.blinded import demand_by_name
from evaluation.case import BidId, Case, CaseId, Clarification, MemberId, State
from evaluation.life import OutOfOrder
from signing.ca import sha256_of


class NotTheLeader(Exception):
    """Only the leader asks and closes in the committee's name (招标投标法 Art. 38)."""

    code = "leader.only"


class ClarificationOpen(Exception):
    """The question has no answer yet."""

    code = "clarification.open"


class BadLink(Exception):
    """The link is unknown."""

    code = "clarification.link_refused"


@dataclass(frozen=True, slots=True)
class Sent:
    """A question that went out: the secret of its link (kept only as a digest), and leading words found in its text.

    Without a secret it has not gone out: it waits for its reader (`reading_questions`).
    """

    id: str
    token: str = field(repr=False)
    warnings: tuple[str, ...]


def ask(tx: Tx, case: CaseId, actor: Actor, bid: str, pages: str, text: str) -> Sent:
    """The leader puts a question to a bidder in the committee's name.

    Where the profile has a supervisor read it first, it only waits. Raises the refusals of the rules, `BlindUnderWay`.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    demand_by_name(state, MemberId(actor.who))
    name = f"c{sum(len(lot.proposals.keys() | lot.clarifications.keys()) for lot in state.lots_so_far) + 1}"
    asked = checked(tx, case, name, rules.Question(actor.who, bid, pages, text))
    if not profile_of(tx, case).rules.clarification.supervisor_reviews:
        return send(tx, case, asked)
    stated = {"by": actor.as_by(), "id": asked.id, "bid": asked.bid, "pages": asked.pages, "text": asked.text}
    tx.record(case, "clarification.proposed", stated)
    return Sent(asked.id, "", asked.warnings)


def checked(tx: Tx, case: CaseId, name: str, question: rules.Question) -> rules.Asked:
    """The question held against the committee, the bids that are valid now and the names it must not hold."""
    state = tx.case(case)
    names = [word for member in state.members.values() for word in (member.name, member.alias) if word]
    floor = rules.Floor(state.members, state.valid_bids, names)
    return rules.ask(name, question, floor, profile_of(tx, case).rules.clarification, tx.now)


def send(tx: Tx, case: CaseId, asked: rules.Asked) -> Sent:
    """Let a question go to its bidder; its time runs from now."""
    token = urlsafe_b64encode(tx.random(24)).decode()
    due = stamp(asked.due)
    stated = {"id": asked.id, "bid": asked.bid, "pages": asked.pages, "text": asked.text, "due": due}
    tx.record(case, "clarification.asked", stated | {"link": link_digest(token)})
    tx.shelf("deployment", "link").put(link_digest(token), {"case": case, "id": asked.id})
    tx.send("bidder", {"bidder": tx.case(case).bids[BidId(asked.bid)].name, "link": f"/b/{token}", "due": due})
    return Sent(asked.id, token, asked.warnings)


def find(tx: Tx, token: str) -> tuple[CaseId, Clarification]:
    """What a link leads to. Raises `BadLink`."""
    row = tx.shelf("deployment", "link").get(link_digest(token))
    if row is None:
        raise BadLink
    case = CaseId(row["case"])
    asked = {key: one for lot in tx.case(case).lots_so_far for key, one in lot.clarifications.items()}
    return case, asked[row["id"]]


def known_seal(tx: Tx, case: CaseId, bid: str) -> str | None:
    """The digest of the sealing certificate that came with the opening package for a bidder, or None."""
    for document in tx.case(case).documents:
        if document.role == "certificate" and document.path == f"certificates/{bid}.pem":
            certificate = x509.load_pem_x509_certificate(tx.get_object(document.sha256))
            return sha256_of(certificate).hex()
    return None


def answer(tx: Tx, token: str, upload: rules.Upload, signature: str) -> Clarification:
    """Take a sealed answer whose file and detached CMS (`signature`, a digest) are kept already.

    Raises `BadLink`, `OutOfOrder` once the lot is finished, and the refusals of `evaluation.clarification.answer`.
    """
    case, found = find(tx, token)
    if found.id not in tx.case(case).clarifications:
        raise OutOfOrder("clarification.answered", State.REPORT_SIGNING)
    earlier = None
    if found.answer:
        at = datetime.fromisoformat(found.answered_at)
        earlier = rules.Answered(found.id, found.bid, found.answer, found.seal, at)
    taken = rules.answer(_as_rule(found), earlier, upload, known_seal(tx, case, found.bid))
    body = {"id": taken.id, "file": taken.sha256, "size": upload.size, "seal": taken.seal_sha256}
    tx.record(case, "clarification.answered", body | {"signature": signature})
    return tx.case(case).clarifications[taken.id]


def confirm(tx: Tx, case: CaseId, actor: Actor, identifier: str) -> None:
    """The leader takes the answer to the committee's file. Raises `NotTheLeader`, `NotAsked`, `ClarificationOpen`."""
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    asked = state.clarifications.get(identifier)
    if asked is None:
        raise rules.NotAsked
    if not asked.answer:
        raise ClarificationOpen
    tx.record(case, "clarification.confirmed", {"by": actor.as_by(), "id": identifier})


def shown_to_bidder(state: Case, found: Clarification) -> rules.BidderView:
    """Everything the bidder's page may show."""
    return rules.bidder_view(_as_rule(found), state.info.project if state.info else "", None)


def link_digest(token: str) -> str:
    """The digest under which a link is known."""
    return hashlib.sha256(f"link\n{token}".encode()).hexdigest()


def _as_rule(found: Clarification) -> rules.Asked:
    return rules.Asked(found.id, found.bid, found.pages, found.text, datetime.fromisoformat(found.due), ())
