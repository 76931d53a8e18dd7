"""The content of the evaluation report (`bid-report/1`): every figure from the log, the packages and the tally.

It decides nothing and prints nothing: `archive.report` checks the value and renders it.
"""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from archive.report.characters import printable_value
from archive.report.data import Bidder, CaseFacts, Fact, OpenedBid, Opening, ReportData
from archive.report.font import coverage
from archive.report.reading import value_of
from conduct import certifying
from conduct.ports import Tx
from conduct.report import committee, course, reevaluated, review, scores
from conduct.report.material import REPORT_WORDS as WORDS
from conduct.report.material import Material, ReportNotReady, gather, second
from conduct.report.method import method
from evaluation.blind import Blind
from evaluation.case import Case, CaseId
from signing.statement import parse_statement

__all__ = ["ReportNotReady", "build"]


def build(tx: Tx, case: CaseId) -> dict[str, Any]:
    """The report of a case as it stands, a `bid-report/1` value (docs/report.md). Raises `ReportNotReady`.

    The same log gives the same value: the paper's date is the time of the last statement. What members wrote and no
    paper can print, such as an emoji, stands as its code point; the statement keeps what they signed.
    """
    value = printable_value(value_of(_report(tx, gather(tx, case))), coverage())
    assert isinstance(value, dict)  # noqa: S101 - of a dataclass
    return value


def _report(tx: Tx, material: Material) -> ReportData:
    state = material.state
    return ReportData(
        v="bid-report/1",
        template=material.profile.rules.report.template,
        mark="demo" if material.info.demo else "regular",
        outcome="candidates" if state.candidates else "failed",
        issued=second(state.last_at),
        case=_case(material),
        data_sheet=_facts(tx, material),
        venues=committee.venues(material),
        members=committee.members(material),
        elections=committee.elections(material),
        replacements=committee.replacements(material),
        bidders=tuple(Bidder(bid.id, bid.name, "") for bid in state.bids.values()),
        opening=_opening(material),
        compliant=review.compliant(material),
        rejected=review.rejected(material),
        method=method(material),
        comparison=scores.comparison(material),
        conclusion=_conclusion(material),
        candidates=scores.candidates(material),
        before_contract=(),
        clarifications=review.clarifications(material),
        sign_ins=committee.sign_ins(material),
        pledges=committee.pledges(tx, material),
        draws=committee.draws(material),
        drawn_elsewhere=committee.drawn_elsewhere(material),
        preliminary=review.stages(material),
        preliminary_signatures=review.signatures(material),
        sheets=scores.sheets(material),
        summaries=scores.summaries(material),
        price=scores.price(material),
        decisions=course.decisions(material),
        rechecks=course.rechecks(material),
        dissents=(),
        interruptions=course.interruptions(material),
        gaps=course.gaps(material),
        signed_acts=course.signed_acts(material),
        signatures=committee.signatures(material),
    )


def _case(material: Material) -> CaseFacts:
    state, info, profile = material.state, material.info, material.profile
    tender = next(one for one in state.documents if one.role == "tender_document")
    return CaseFacts(
        number=state.id,
        project_code=info.project,
        project=info.title,
        lot=info.lot,
        tenderer=info.tenderer,
        agent=info.agent,
        kind=WORDS["project_kinds"].get(profile.id, profile.title),
        limit_price=info.limit,
        main_venue=material.venues.get(state.venue, state.venue),
        opened=_opened(material),
        began=second([*material.of("case.ready", "lot.opened")][-1].at),
        ended=second(state.stages.get("recheck", ("", ""))[1] or state.last_at),
        tender_document=tender.sha256,
        profile=WORDS["profile"].format(title=profile.title, effective=profile.effective.isoformat()),
        profile_digest=profile.digest,
    )


def _facts(tx: Tx, material: Material) -> tuple[Fact, ...]:
    words, state, application = WORDS["facts"], material.state, material.state.application
    facts = []
    if application is not None:
        composition = words["committee_value"].format(
            size=application.size, experts=application.experts, representatives=application.representatives
        )
        facts.append(Fact(words["committee"], composition))
        if application.avoid_units:
            facts.append(Fact(words["avoid"], WORDS["separator"].join(application.avoid_units)))
    facts += reevaluated.facts(tx, material)
    facts.append(Fact(words["certificates"], _certificates(tx, state)))
    facts.append(Fact(words["recording"], words["recording_value"].format(segments=state.segments)))
    facts.append(Fact(words["log"], words["log_value"].format(size=state.size)))
    if state.blind is not None:
        facts.append(Fact(words["blind"], _blind(material, state.blind)))
    kind = "tally_value" if state.tally_result else "tally_none"
    tally = words[kind].format(input=state.tally_input, result=state.tally_result)
    return (*facts, Fact(words["tally"], tally))


def _certificates(tx: Tx, case: Case) -> str:
    """Whose certificates the members sign with: a licensed CA's only where all are."""
    words = WORDS["facts"]
    bodies = [
        parse_statement(data).body
        for kind in ("seat.enrolled", "certificate.reissued")
        for _, data in tx.statements(case.id, kind)
    ]
    # The last one counts; whoever was replaced signs nothing.
    latest = {str(body["member"]): str(body["certificate"]) for body in bodies}
    issuers = {certifying.issuer_of(b64decode(latest[member])) for member in case.members if member in latest}
    if not issuers or "" in issuers:
        return str(words["certificates_value"])
    return str(words["certificates_licensed"].format(issuers=WORDS["separator"].join(sorted(issuers))))


def _blind(material: Material, blind: Blind) -> str:
    """Whose each code of the blind review was, when that was opened, and the commitment it follows from."""
    words = WORDS["facts"]
    named = WORDS["separator"].join(material.bidder(code) for code in blind.bids)
    kind = "blind_value" if blind.is_open else "blind_unopened"
    text: str = words[kind].format(codes=named, at=second(blind.opened_at), commitment=blind.commitment)
    return text


def _opened(material: Material) -> str:
    """When bids were opened, as the package says; when the package came, where it does not say."""
    received = next(one for one in material.of("package.received") if one.body["type"] == "opening")
    return second(str(received.body.get("opened") or received.at))


def _opening(material: Material) -> Opening:
    words, state = WORDS["opening"], material.state
    drawn = []
    if state.k:
        choices = WORDS["separator"].join(material.criteria.choices["reduction_percent"])
        value = words["coefficient_value"].format(k=state.k, choices=choices)
        drawn.append(Fact(words["coefficient"], value))
    return Opening(
        at=_opened(material),
        place=words["place"],
        package=state.packages["opening"],
        drawn=tuple(drawn),
        bids=tuple(OpenedBid(bid.id, bid.price, "", "", "", "") for bid in state.bids.values()),
    )


def _conclusion(material: Material) -> str:
    state = material.state
    numerals = WORDS["numerals"]
    named = WORDS["separator"].join(
        WORDS["conclusion_candidate"].format(
            rank=numerals[material.reckoned.row(bid).rank - 1], name=material.bidder(bid)
        )
        for bid in state.candidates
    )
    kind = WORDS["conclusion"] if state.candidates else WORDS["conclusion_failed"][state.failed]
    text: str = kind.format(
        opened=len(state.bids), valid=len(state.valid_bids), rejected=len(state.rejections), candidates=named
    )
    return "".join((text, *_lots(material)))


def _lots(material: Material) -> Iterator[str]:
    """One sentence for each group of equal bids that a lot put in order: who they are, the order, its transcript."""
    groups: list[tuple[str, ...]] = []
    for line in material.result.steps if material.result else ():
        match line.kind, dict(line.values):
            case "tie", {"rule": "lot", "bids": (str(before), str(after))}:
                is_next = bool(groups) and groups[-1][-1] == before
                groups[-1:] = [(*groups[-1], after)] if is_next else [*groups[-1:], (before, after)]
    lots = [draw for draw in material.state.draws.values() if draw.opened]
    for group in groups:
        drawn = next(draw for draw in reversed(lots) if set(group) <= set(draw.opened))
        said = {"bids": sorted(group), "order": group}
        named = {key: WORDS["separator"].join(map(material.bidder, bids)) for key, bids in said.items()}
        yield WORDS["conclusion_lot"].format(**named, transcript=drawn.now.transcript)
