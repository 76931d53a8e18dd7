"""Preliminary review on paper: findings of each member, rejections with ground, page and votes, clarifications."""

from archive.report.annexes import Finding, MemberSignature, PreliminaryStage, ReviewItem
from archive.report.data import Clarification, Compliant, DissentingVoice, Rejection
from conduct.report.material import REPORT_WORDS as WORDS
from conduct.report.material import Material, second
from evaluation.case import BidId, MemberId
from evaluation.case import Clarification as Asked
from evaluation.case import Rejection as Decided
from evaluation.criteria import Clause
from signing.canonical import short_code


def stages(material: Material) -> tuple[PreliminaryStage, ...]:
    """形式评审, 资格评审, 响应性评审: every member's finding on every clause of every bid."""
    found = []
    for kind, title in WORDS["clause_types"].items():
        clauses = [clause for clause in material.criteria.clauses if clause.type == kind]
        if clauses:
            found.append(
                PreliminaryStage(
                    title=title,
                    voters=tuple(member.alias for member in material.state.members.values()),
                    items=tuple(ReviewItem(clause.id, clause.text, clause.clause) for clause in clauses),
                    findings=tuple(
                        _finding(material, bid, clause) for bid in material.state.bids for clause in clauses
                    ),
                )
            )
    return tuple(found)


def signatures(material: Material) -> tuple[MemberSignature, ...]:
    """Who signed the preliminary sheets that count, when, under which code."""
    return tuple(
        MemberSignature(material.alias(member), second(signed.at), short_code(bytes.fromhex(signed.entry)))
        for member, signed in sorted(material.state.prelims.items())
        if member in material.state.members
    )


def _finding(material: Material, bid: str, clause: Clause) -> Finding:
    own = {member: signed.body["findings"][bid][clause.id] for member, signed in material.state.prelims.items()}
    failing = [member for member, finding in own.items() if not finding["pass"]]
    notes = _first_votes(material, bid, clause) + [
        WORDS["finding"].format(member=material.alias(member), reason=own[member]["reason"], page=own[member]["page"])
        for member in failing
    ]
    return Finding(
        bidder=bid,
        item=clause.id,
        votes=tuple("none" if m not in own else "pass" if own[m]["pass"] else "fail" for m in material.state.members),
        result="fail" if 2 * len(failing) > len(material.state.members) else "pass",
        note="\n".join(notes),
    )


def _first_votes(material: Material, bid: str, clause: Clause) -> list[str]:
    """On a clause that was voted on twice: how the first vote stood."""
    if (bid, clause.id) not in material.state.disputed:
        return []
    first = [signed.body["findings"][bid][clause.id]["pass"] for signed in material.state.first_findings.values()]
    return [WORDS["first_vote"].format(passed=first.count(True), failed=first.count(False))]


def compliant(material: Material) -> tuple[Compliant, ...]:
    """Bids that were not rejected, at their corrected prices."""
    note = WORDS["all_rejected"] if material.state.failed == "lacks_competition" else ""
    return tuple(Compliant(bid, _price(material, bid), note) for bid in material.state.valid_bids)


def _price(material: Material, bid: BidId) -> str:
    """A bid's corrected price, or the price as opened where nothing was reckoned."""
    return material.state.bids[bid].price if material.result is None else str(material.result.row(bid).price)


def rejected(material: Material) -> tuple[Rejection, ...]:
    """Rejected bids; whoever voted to keep one is named with what the sheet says."""
    return tuple(_rejection(material, one) for one in material.state.rejections.values())


def _rejection(material: Material, decided: Decided) -> Rejection:
    clause = next(one for one in material.criteria.clauses if one.id == decided.clause)
    return Rejection(
        bidder=decided.bid,
        stage=WORDS["clause_types"][clause.type],
        item=f"{clause.id} {clause.text}",
        clause=clause.clause,
        ground_code=WORDS["ground_codes"][decided.ground],
        ground=WORDS["grounds"][decided.ground],
        page=WORDS["page"].format(page=decided.page),
        votes_reject=decided.failed,
        votes_keep=decided.passed,
        reason=decided.reason,
        dissent=tuple(
            DissentingVoice(material.alias(member), WORDS["kept_without_words"])
            for member in _outvoted(material, decided)
        ),
    )


def _outvoted(material: Material, decided: Decided) -> list[MemberId]:
    sheets = material.state.prelims
    return [m for m, signed in sheets.items() if signed.body["findings"][decided.bid][decided.clause]["pass"]]


def clarifications(material: Material) -> tuple[Clarification, ...]:
    """Each question with what came of it."""
    asked = material.state.clarifications.values()
    return tuple(_clarification(number, one) for number, one in enumerate(asked, 1))


def _clarification(number: int, asked: Asked) -> Clarification:
    words = WORDS["clarification"]
    outcome = "unanswered" if not asked.answer else "confirmed" if asked.confirmed else "received"
    return Clarification(
        number=words["number"].format(number=number),
        bidder=asked.bid,
        question=words["question"].format(text=asked.text, pages=asked.pages),
        asked=second(asked.asked_at),
        due=second(asked.due),
        answer=words["answer"] if asked.answer else "",
        answered=second(asked.answered_at),
        file=asked.answer,
        decision=words[outcome],
    )
