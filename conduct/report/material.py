"""What a report is made of: the case as folded, its log, packages, profile and tally, read once in one transaction.

It reads the log and the packages; names of venues come from the directory. Nothing is typed in and nothing is reckoned
but the tally itself, which is the one that the log holds.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conduct import directory, summing, venue_draw
from conduct.ports import Tx
from conduct.rulebook import criteria_of, profile_of
from conduct.words import WORDS
from evaluation.case import BidId, Case, CaseId, Info, Member, MemberId
from evaluation.criteria import Criteria
from evaluation.fold import Logged
from evaluation.lot import is_of_a_lot
from evaluation.profile import Profile
from evaluation.tally import TallyResult, case_from_records, compute
from evaluation.tally.model import PriceRule
from evaluation.tally.reading import Reader
from evaluation.tally.records import Records, price_of
from evaluation.tally.rules import price_rule
from evaluation.tally.written import result_document
from signing.canonical import canonical

REPORT_WORDS: Mapping[str, Any] = WORDS["report"]


class ReportNotReady(Exception):
    """There is no tally to report on, or the sheets no longer give the one that the log holds."""

    code = "report.not_ready"


@dataclass(frozen=True, slots=True)
class Material:
    """All that the parts look at.

    `result` is None where no tally was made: the tender failed before. `places` maps a venue's code to its word
    (主场, 副场一) and the seats it lent.
    """

    state: Case
    info: Info
    log: tuple[Logged, ...]
    profile: Profile
    criteria: Criteria
    price: PriceRule
    result: TallyResult | None
    venues: Mapping[str, str]
    places: Mapping[str, tuple[str, int]]

    @property
    def reckoned(self) -> TallyResult:
        """The tally of a case that has one; a failed tender has none. Raises `ReportNotReady`."""
        if self.result is None:
            raise ReportNotReady
        return self.result

    def of(self, *kinds: str) -> Iterator[Logged]:
        """The statements of these kinds, in the order of the log."""
        return (logged for logged in self.log if logged.kind in kinds)

    def alias(self, member: str) -> str:
        """How every table names a member: 评委1."""
        return self.member(member).alias

    def member(self, member: str) -> Member:
        """A member, also one who was replaced."""
        sitting = self.state.members.get(MemberId(member))
        return sitting or self.state.replaced[MemberId(member)].member

    def seat(self, seat: str) -> str:
        """A seat with the word of its venue: `主场 V1-01`."""
        held = next((member for member in self.state.members.values() if member.seat == seat), None)
        return f"{self.place(held.venue)} {seat}" if held else seat

    def place(self, venue: str) -> str:
        """The word of a venue, or its code where it lent no seat."""
        return self.places[venue][0] if venue in self.places else venue

    def bidder(self, bid: str) -> str:
        """A bidder's letter and name, after its code where that is what the sheet says."""
        codes = self.codes
        if bid in codes:
            return f"{bid} {self.bidder(codes[BidId(bid)])}"
        known = self.state.bids.get(BidId(bid))
        return f"{bid} {known.name}" if known else bid

    @property
    def codes(self) -> Mapping[BidId, BidId]:
        """Code → bid of a blind review, once opened."""
        return self.state.blind.bids if self.state.blind else {}

    def who(self, by: Mapping[str, Any]) -> str:
        """The `by` of a statement in words: the role and the account."""
        role = REPORT_WORDS["roles"].get(by["role"], by["role"])
        name = self.alias(by["who"]) if by["who"] in self.state.members else by["who"]
        return role if by["role"] == "server" else f"{role}（{name}）"


def gather(tx: Tx, case: CaseId) -> Material:
    """Read everything. Raises `ReportNotReady`."""
    state = tx.case(case)
    if state.info is None or not (state.tally_result or state.failed):
        raise ReportNotReady
    records = summing.records(tx, case)
    return Material(
        state=state,
        info=state.info,
        log=_of_the_lot([_logged(index, data) for index, data in tx.statements(case)]),
        profile=profile_of(tx, case),
        criteria=criteria_of(tx, case),
        price=price_rule(Reader(price_of(records.criteria["price"], records.opening), "$.price")),
        result=_tallied(state, records) if state.tally_result else None,
        venues={code: venue.name for code, venue in directory.venues(tx).items()},
        places=_places(tx, case),
    )


def _tallied(state: Case, records: Records) -> TallyResult:
    """The tally made again, which must be the one that the log holds."""
    result = compute(case_from_records(records))
    if hashlib.sha256(canonical(result_document(result))).hexdigest() != state.tally_result:
        raise ReportNotReady
    return result


def second(at: str) -> str:
    """A statement's time as a report spells it, in whole seconds."""
    return f"{at[:19]}Z" if at else ""


def duration_ms(begin: str, end: str) -> int:
    """Milliseconds between two times."""
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds() * 1000)


def _logged(index: int, data: bytes) -> Logged:
    stated = json.loads(data)
    return Logged(index, hashlib.sha256(data).hexdigest(), stated["kind"], stated["at"], stated["body"])


def _of_the_lot(log: list[Logged]) -> tuple[Logged, ...]:
    """The log without what was said of the lots that are finished."""
    begun = max((one.index for one in log if one.kind == "lot.opened"), default=0)
    return tuple(one for one in log if one.index >= begun or not is_of_a_lot(one.kind))


def _places(tx: Tx, case: CaseId) -> dict[str, tuple[str, int]]:
    words = {"main": REPORT_WORDS["venue_main"]}
    for number, numeral in enumerate(REPORT_WORDS["numerals"], 1):
        words[f"sub-{number}"] = REPORT_WORDS["venue_sub"].format(number=numeral)
    rows: dict[str, Any] = dict(sorted(venue_draw.places(tx, case).items()))
    return {row["venue"]: (words.get(name, name), len(row["seats"])) for name, row in rows.items()}
