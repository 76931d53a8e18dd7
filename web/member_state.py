"""What one member may see of its case, as values for its page and for a script. Another's numbers are never among them.

The project is shown when the committee has opened, the criteria when the leader is elected (domain page 1.3a, R-09).
"""

from collections.abc import Sequence
from datetime import datetime

from conduct import blinding, consenting, correcting, electing, returning, reviewing, scoring, summing
from conduct.pledging import LeftCommittee
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import criteria_of, profile_of
from evaluation.blinded import awaits_codes, is_blind_to
from evaluation.case import BidId, Case, CaseId, Member, MemberId, State
from evaluation.criteria import Criteria, ScoredItem
from evaluation.prelim import Decision
from evaluation.selfcheck import Block
from web.again import told_of
from web.i18n import Language, say
from web.lots import in_hand, lots_of, next_name
from web.now import STAGES, Seen, now
from web.papers import digest_of
from web.pauses import evening, incident_clock
from web.words import parties_of

NOTHING_OF_THE_REVIEW: Json = {"flags": [], "motions": [], "clarifications": [], "candidates": []}
"""What whoever passes a seat that is left gets to see of it."""
_ASKING = frozenset({State.PRELIM, State.COMPETITION_CHECK, State.DETAILED})
"""When a bidder may be asked to explain a low price."""


def seen_by(tx: Tx, case: CaseId, actor: Actor) -> Seen:
    """A member with its case as it may see it."""
    state = blinding.seen(tx, case, actor.who)
    key = tx.shelf(case, "credential").get(actor.who)
    member = state.members.get(MemberId(actor.who))
    if member is None:
        raise LeftCommittee
    elects = electing.LEADER not in state.ballots or member.id in electing.voters_of(tx, case)
    about = key or {}
    has_key, elsewhere = "key" in about, "provider" in about
    return Seen(state, member, key is not None, elects, is_blind_to(tx.case(case), member.id), has_key, elsewhere)


def me(tx: Tx, case: CaseId, actor: Actor, language: Language) -> Json:
    """Everything a member's pages show."""
    seen = seen_by(tx, case, actor)
    state = seen.case
    shown = {
        "case": state.id,
        "title": state.info.title if state.info and state.is_open else "",
        "lot": in_hand(state, language) if state.is_open else "",
        "next_lot": next_name(state),
        "has_next_lot": state.next_lot is not None,
        "demo": state.info.demo if state.info else False,
        "parties": parties_of(profile_of(tx, case), language),
        "state": state.state.value,
        "stage": say(language, STAGES.get(state.state, "")),
        "stages": {name: "closed" if closed else "open" for name, (_, closed) in state.stages.items()},
        "now": asked(seen, language),
        "me": _own(seen),
        "leader": state.leader,
        "incomplete": state.is_incomplete and state.state.rank > State.CHECK_IN.rank,
        "members": [_colleague(state, member) for member in state.members.values()],
        "pause": _pause(seen),
        "left": seen.me.left_at,
        "reevaluation": told_of(tx, state),
        "bids": _bids(state) if state.is_open else [],
        "tender": digest_of(state, "tender-document.pdf") if state.is_open else "",
        "to_sign": _to_sign(seen),
        "flags": own_flags(state, seen.me),
        "ballot": _ballot(seen, electing.voters_of(tx, case)) if electing.LEADER in state.ballots else None,
        "motions": motions(state, seen.me.id),
        "clarifications": clarifications(state),
        "candidates": list(state.candidates),
        "report": _report(seen),
        "lots": lots_of(state, shows_reports=True) if state.is_open else [],
        "blind": seen.blind,
        "criteria": {},
        "drafts": {"findings": {}, "scores": {}},
    }
    if state.state.rank >= State.LEADER_ELECTED.rank:
        scored = state.state.rank >= State.DETAILED.rank
        shown["criteria"] = criteria(blinding.criteria_seen(tx, case, actor.who) if scored else criteria_of(tx, case))
    if state.state.rank >= State.LEADER_ELECTED.rank and not shown["pause"]:
        drafts = {"findings": findings(tx, case, actor.who), "scores": scores(tx, case, actor.who)}
        shown["drafts"] = {kind: _of(state, own) for kind, own in drafts.items()}
    return shown | (NOTHING_OF_THE_REVIEW if seen.me.left_at else {})


def _of(state: Case, drafts: Json) -> Json:
    """Drafts of the bids that are seen now: of codes while the member scores by code, else of names."""
    return {bid: cells for bid, cells in drafts.items() if bid in state.bids}


def asked(seen: Seen, language: Language) -> Json:
    """What the member is asked to do now, in the reader's language; `page` is an address."""
    told = now(seen)
    page = f"/cases/{seen.case.id}/{told.page}" if told.page else ""
    return {"say": say(language, told.say), "page": page, "button": say(language, told.button) if told.button else "",
            "done": told.done, "of": told.of}  # fmt: skip


def findings(tx: Tx, case: CaseId, member: str) -> Json:
    """A member's own findings: bid → clause → finding and revision."""
    own: Json = {}
    for (bid, clause), (finding, revision) in reviewing.drafts(tx, case, member).items():
        own.setdefault(bid, {})[clause] = {"finding": finding, "revision": revision}
    return own


def scores(tx: Tx, case: CaseId, member: str) -> Json:
    """A member's own cells: bid → item → `score` / `comment` → as typed, with the revision."""
    own: Json = {}
    for cell, (typed, revision) in scoring.drafts(tx, case, member).items():
        own.setdefault(cell.bid, {}).setdefault(cell.item, {})[cell.field] = {"typed": typed, "revision": revision}
    return own


def criteria(known: Criteria) -> Json:
    """Clauses and items as the sheets show them; limits are decimal strings."""
    return {
        "title": known.title,
        "clauses": [
            {"id": clause.id, "type": clause.type, "text": clause.text, "clause": clause.clause}
            for clause in known.clauses
        ],
        "groups": [
            {
                "id": scored.group.id,
                "name": scored.name,
                "max": str(scored.group.maximum),
                "items": [_item(item) for item in scored.items],
            }
            for scored in known.groups
        ],
    }


def own_flags(state: Case, member: Member) -> list[Json]:
    """A member's own flags, with no other member's number in them (R-22)."""
    return [
        {"code": flag.code, "bid": flag.bid, "value": flag.value, "deviation": flag.deviation,
         "decision": flag.decision, "reason": flag.reason}
        for flag in state.flags
        if flag.member == member.id
    ]  # fmt: skip


def disputed(state: Case, member: str) -> list[Json]:
    """The clauses to be voted on again, with everybody's first findings: this is the talk before the second vote."""
    first = state.first_findings
    return [
        {"key": f"{bid}/{clause}", "bid": bid, "clause": clause,
         "findings": [
             {"alias": state.members[who].alias, "mine": who == member, **dict(signed.body["findings"][bid][clause])}
             for who, signed in first.items()
         ]}
        for bid, clause in state.disputed
    ]  # fmt: skip


def motions(state: Case, member: str) -> list[Json]:
    """The questions put to the committee, the newest first; how somebody voted is never told, only how many."""
    return [
        {"id": one.id, "subject": one.subject, "text": one.text, "secret": one.secret, "open": one.is_open,
         "voted": member in one.voted, "cast": len(one.voted), "of": len(state.members), "yes": one.yes, "no": one.no,
         "papers": [{"code": paper.code, "choice": paper.choice} for paper in one.papers],
         "result": "" if one.is_open else "void" if one.is_void else "yes" if one.is_carried else "no"}
        for one in reversed(list(state.motions.values()))
    ]  # fmt: skip


def silent_members(tx: Tx, case: CaseId, actor: Actor) -> list[Json]:
    """Members whose silence on the report, or refusal without a reason, this reader may state, and from when on."""
    state = tx.case(case)
    if state.report is None:
        return []
    due = consenting.due(tx, case)
    return [
        {
            "member": one.id,
            "alias": one.alias,
            "due": due,
            "ready": tx.now >= due or state.report.refuses_barely(one.id),
            "stated": one.id in state.report.stated,
        }
        for one in state.unanswered
        if consenting.may_state(state, actor, one.id)
    ]


def clarifications(state: Case) -> list[Json]:
    """The questions and where their answers lie; the committee may read all of them."""
    return [
        {"id": one.id, "bid": one.bid, "pages": one.pages, "text": one.text, "due": datetime.fromisoformat(one.due),
         "answer": one.answer, "answered_at": one.answered_at, "confirmed": one.confirmed}
        for one in state.clarifications.values()
    ]  # fmt: skip


def proposals(state: Case) -> list[Json]:
    """Questions that wait to be read, or were returned, for the leader."""
    return [
        {"bid": one.bid, "pages": one.pages, "text": one.text, "returned": bool(one.decided_at), "remark": one.remark}
        for one in state.proposals.values()
        if not one.is_approved
    ]


def leader_view(tx: Tx, case: CaseId) -> Json:
    """What the leader's page adds: how far everybody is, counted; decisions once all have signed; the word list."""
    state = blinding.seen(tx, case, tx.case(case).leader)
    is_blind, blind = is_blind_to(tx.case(case), MemberId(state.leader)), tx.case(case).blind
    codes_open = blind is not None and blind.is_open
    decided: tuple[Decision, ...] = ()
    if len(state.prelims) == len(state.members) and state.prelims and not is_blind:
        decided = reviewing.decisions(tx, case)
    size = len(state.members)
    return {
        "pledged": sum(member.pledged for member in state.members.values()),
        "prelim": len(state.prelims),
        "sheets": sum(all((member, key) in state.sheets for key in state.sheets_wanted) for member in state.members),
        "blind": is_blind and not codes_open,
        "codes": opened_codes(state, MemberId(state.leader)),
        "scored": state.is_scored,
        "corrected": [] if is_blind else correcting.standing(tx, case),
        "low_priced": summing.low_priced(tx, case) if state.state in _ASKING and not is_blind else [],
        "answered": sum(bool(flag.decision) for flag in state.flags),
        "flags": len(state.flags),
        "of": size,
        "failing": [
            {"bid": one.bid, "clause": one.clause, "pass": len(one.passed), "fail": len(one.failed),
             "ground": one.ground, "page": one.page, "reason": one.reason, "rejected": one.is_rejection}
            for one in decided
            if one.failed
        ],
        "blocks": [_block(state, criteria_of(tx, case), one) for one in returning.blocks(tx, case)],
        "unlocks": [
            {"member": member, "alias": state.members[member].alias, "bid": bid, "reason": reason}
            for (member, bid), reason in state.unlocks.items()
        ],
        "second_vote": _wants_second_vote(tx, case, decided),
        "proposals": proposals(state),
        "leading_words": list(profile_of(tx, case).rules.clarification.leading_words),
    }  # fmt: skip


def opened_codes(state: Case, reader: MemberId) -> list[Json]:
    """Whose each code is, once that is opened; nothing to who has still to score by code."""
    known = state.blind.bids if state.blind and not awaits_codes(state, reader) else {}
    return [{"code": code, "name": state.bids[bid].name} for code, bid in known.items()]


def _wants_second_vote(tx: Tx, case: CaseId, decided: Sequence[Decision]) -> bool:
    """Whether the differences must be talked over and voted on again before the review closes."""
    rules = profile_of(tx, case).rules.preliminary
    is_first = tx.case(case).review_round == 1
    return rules.decision == "unanimity_first" and is_first and any(one.is_disputed for one in decided)


def _block(state: Case, known: Criteria, block: Block) -> Json:
    """An error that blocks the summary: what each member signed there, for it must be settled between them (R-20)."""
    names = {scored.item.id: scored.name for scored in known.items} | {one.group.id: one.name for one in known.groups}
    signed = {member: state.whole_sheets[MemberId(member), BidId(block.bid)] for member in block.members}
    return {
        "bid": block.bid,
        "ground": returning.ground_of(block),
        "where": names[block.where],
        "sheets": [
            {"member": member, "alias": state.members[MemberId(member)].alias,
             "figure": body["scores"].get(block.where) or body["subtotals"].get(block.where, ""),
             "returned": (member, block.bid) in state.returned}
            for member, body in signed.items()
        ],
    }  # fmt: skip


def _own(seen: Seen) -> Json:
    member = seen.me
    return {
        "id": member.id,
        "alias": member.alias,
        "kind": member.kind,
        "name": masked(member.name),
        "venue": member.venue,
        "seat": member.seat,
        "leads": seen.leads,
        "enrolled": seen.enrolled,
        "has_key": seen.has_key,
        "elsewhere": seen.elsewhere,
        "device_checked": member.device_checked,
        "pledged": member.pledged,
        "recused": seen.recused,
        "confirmed_presence": member.confirmed_presence,
    }


def masked(name: str) -> str:
    """A name with all but its first character hidden: enough to know oneself, no more for who looks over a shoulder."""
    return name[:1] + "＊" * max(0, len(name) - 1)


def _colleague(state: Case, member: Member) -> Json:
    return {
        "id": member.id,
        "alias": member.alias,
        "kind": member.kind,
        "seat": member.seat,
        "venue": member.venue,
        "leads": state.leader == member.id,
        "online": member.online,
        "away": bool(member.left_at),
    }


def _pause(seen: Seen) -> Json | None:
    """What keeps this member from working now: a pause of the case, or the own seat left (`left`)."""
    pause = seen.case.pause
    if pause is None:
        return {"kind": "left", "barred": False} if seen.me.left_at else None
    told = {"kind": pause.kind, "reason": pause.reason, "began": pause.began, "barred": pause.is_barred(seen.me.id)}
    return told | evening(seen.case) | incident_clock(seen.case)


def _bids(state: Case) -> list[Json]:
    return [
        {"id": bid.id, "name": bid.name, "valid": bid.id not in state.rejections,
         "file": digest_of(state, f"bids/{bid.id}.pdf")}
        for bid in state.bids.values()
    ]  # fmt: skip


def _to_sign(seen: Seen) -> Json:
    """Which signatures this member still owes, by purpose; for the sheets also which bids."""
    state, mine = seen.case, seen.me.id
    report = state.report
    owed = [bid for bid in state.scored_bids if scoring.may_edit(state, mine, bid)]
    return {
        "pledge": State.READY.rank <= state.state.rank <= State.DETAILED.rank and not seen.me.pledged,
        "prelim": state.stage_is_open("prelim") and seen.me.pledged and mine not in state.prelims,
        "score-sheet": owed,
        "report": report is not None and state.state is State.REPORT_SIGNING and mine not in report.signatures,
    }


def _ballot(seen: Seen, voters: Sequence[str]) -> Json:
    ballot = seen.case.ballots[electing.LEADER]
    return {
        "round": ballot.round,
        "candidates": list(ballot.candidates),
        "voted": seen.me.id in ballot.cast,
        "elects": seen.me.id in voters,
        "cast": len(ballot.cast),
        "of": len(voters),
        "counts": dict(ballot.counts),
        "history": [dict(counts) for counts in ballot.history],
        "papers": [[{"code": paper.code, "choice": paper.choice} for paper in papers] for papers in ballot.papers],
        "elected": ballot.elected,
        "open": ballot.is_open,
    }


def _report(seen: Seen) -> Json | None:
    report = seen.case.report
    if report is None:
        return None
    mine = report.signatures.get(seen.me.id)
    return {
        "version": report.version,
        "sha256": report.sha256,
        "outcome": mine.body["outcome"] if mine else "",
        "signed": len(report.signatures),
        "of": seen.size,
    }


def _item(scored: ScoredItem) -> Json:
    item = scored.item
    return {
        "id": item.id,
        "name": scored.name,
        "clause": scored.clause,
        "min": str(item.minimum),
        "max": str(item.maximum),
        "step": str(item.step),
        "objective": item.is_objective,
        "comment_below": None if scored.comment_below is None else str(scored.comment_below),
        "comment_above": None if scored.comment_above is None else str(scored.comment_above),
    }
