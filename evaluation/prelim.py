"""Preliminary review (初步评审): findings become decisions. Nobody sees another's findings before all have signed.

A bid is rejected only on one of the seven grounds, with the page where the bid shows it (实施条例 Art. 51; R-14).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from evaluation.ballot import is_majority
from evaluation.criteria import Criteria
from evaluation.profile import PreliminaryRules
from evaluation.tally.document import GROUNDS
from evaluation.tally.reading import Reader

_MOST_PAGES: Final = 99_999


class FindingMissing(Exception):
    """A clause of a bid without a finding: a blank is neither pass nor fail."""

    code = "prelim.finding_missing"


class UnknownFinding(Exception):
    """A finding on a bid that was not opened or a clause that the tender document does not have (R-13)."""

    code = "prelim.unknown_finding"


class FailWithoutGround(Exception):
    """A fail that lacks its ground, its reason or the page of the bid (R-14)."""

    code = "prelim.fail_without_ground"


class PreliminaryOpen(Exception):
    """A look at others' findings, or a decision, before all members have signed theirs."""

    code = "prelim.open"


class SecondVoteNeeded(Exception):
    """Where the profile wants unanimity first, a difference is talked over and voted on again."""

    code = "prelim.second_vote_needed"


@dataclass(frozen=True, slots=True)
class Finding:
    """A member's finding on one clause of one bid; ground, reason and page only where it fails."""

    passed: bool
    ground: str = ""
    reason: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class PreliminarySheet:
    """One member's findings on every clause of every bid: (bid, clause) → finding."""

    member: str
    alias: str
    findings: Mapping[tuple[str, str], Finding]


@dataclass(frozen=True, slots=True)
class Decision:
    """How the committee stands on one clause of one bid; ground, page and reason from the majority when it fails."""

    bid: str
    clause: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]
    is_rejection: bool
    ground: str
    page: int
    reason: str

    @property
    def is_disputed(self) -> bool:
        """Whether members differ: the minority may write a dissent (R-17)."""
        return bool(self.passed) and bool(self.failed)


FailureGround = Literal["all_rejected", "lacks_competition", "too_few_bids"]
Competition = Literal["enough", "committee_decides", "must_stop"]


def parse_preliminary(body: object, criteria: Criteria, bids: Collection[str]) -> PreliminarySheet:
    """Read and check the body of a `prelim.signed` statement: each clause of each bid, nothing else."""
    reader = Reader(body)
    member, alias = reader.text("member"), reader.text("alias")
    by_bid = reader.part("findings")
    if set(by_bid.names()) - set(bids):
        raise UnknownFinding
    findings: dict[tuple[str, str], Finding] = {}
    for bid in bids:
        if bid not in by_bid:
            raise FindingMissing
        by_clause = by_bid.part(bid)
        if set(by_clause.names()) - {clause.id for clause in criteria.clauses}:
            raise UnknownFinding
        for clause in criteria.clauses:
            if clause.id not in by_clause:
                raise FindingMissing
            findings[bid, clause.id] = _finding(by_clause.part(clause.id))
    reader.end()
    return PreliminarySheet(member, alias, findings)


def sheets_visible_to(
    member: str, sheets: Sequence[PreliminarySheet], members: Collection[str]
) -> tuple[PreliminarySheet, ...]:
    """What a member sees: its own sheet until all have signed, then everybody's."""
    if {sheet.member for sheet in sheets} >= set(members):
        return tuple(sheets)
    return tuple(sheet for sheet in sheets if sheet.member == member)


class NotDisputed(Exception):
    """A finding changed in the second round on which the members had not differed in the first."""

    code = "prelim.not_disputed"


class NothingDisputed(Exception):
    """A second vote where the profile wants none, the members do not differ, or there has been one."""

    code = "prelim.nothing_disputed"


def standing(sheets: Sequence[PreliminarySheet], members: Collection[str]) -> tuple[Decision, ...]:
    """How the committee stands on each clause of each bid, by simple majority of all members (R-18).

    Raises `PreliminaryOpen` before all have signed.
    """
    if {sheet.member for sheet in sheets} != set(members) or len(sheets) != len(members):
        raise PreliminaryOpen
    return tuple(_decision(bid, clause, sheets) for bid, clause in sheets[0].findings)


def decide(
    sheets: Sequence[PreliminarySheet], members: Collection[str], rules: PreliminaryRules, votes_taken: int = 1
) -> tuple[Decision, ...]:
    """The committee's decision. `votes_taken` counts the rounds of findings so far: with `unanimity_first` a difference
    in round one raises `SecondVoteNeeded`. Raises `PreliminaryOpen` before all have signed.
    """
    decisions = standing(sheets, members)
    if rules.decision == "unanimity_first" and votes_taken == 1 and any(one.is_disputed for one in decisions):
        raise SecondVoteNeeded
    return decisions


def rejections(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """One decision for each rejected bid, the first clause it fails on."""
    first: dict[str, Decision] = {}
    for decision in decisions:
        if decision.is_rejection:
            first.setdefault(decision.bid, decision)
    return tuple(first.values())


def competition(valid_bids: int, rules: PreliminaryRules) -> Competition:
    """Whether enough bids are left; below that the profile says who decides (12号令 Art. 27)."""
    return "enough" if valid_bids >= rules.bids_needed else rules.below_needed


def _finding(reader: Reader) -> Finding:
    if reader.fact("pass"):
        reader.end()
        return Finding(passed=True)
    if any(name not in reader for name in ("ground", "reason", "page")):
        raise FailWithoutGround
    finding = Finding(
        passed=False,
        ground=reader.choice("ground", GROUNDS),
        reason=reader.text("reason"),
        page=reader.whole("page", 1, _MOST_PAGES),
    )
    reader.end()
    return finding


def _decision(bid: str, clause: str, sheets: Sequence[PreliminarySheet]) -> Decision:
    findings = {sheet.member: sheet.findings[bid, clause] for sheet in sheets}
    failed = tuple(member for member, finding in findings.items() if not finding.passed)
    passed = tuple(member for member, finding in findings.items() if finding.passed)
    is_rejection = is_majority(len(failed), len(sheets))
    stated = _leading([findings[member] for member in failed]) if is_rejection else Finding(passed=True)
    return Decision(bid, clause, passed, failed, is_rejection, stated.ground, stated.page, stated.reason)


def _leading(failing: Sequence[Finding]) -> Finding:
    """The ground most of the failing members gave, as the first of them wrote it."""
    grounds = [finding.ground for finding in failing]
    return max(failing, key=lambda finding: grounds.count(finding.ground))
