"""Cases at chosen moments of their life, and readers of every role, for tests of what is shown to whom."""

from dataclasses import replace
from datetime import UTC, datetime

from evaluation.case import (
    Application,
    Bid,
    BidId,
    Case,
    CaseId,
    Clarification,
    Document,
    Info,
    Member,
    MemberId,
    Report,
    Signed,
    State,
)
from evaluation.drawn import Draw
from evaluation.profiles import load_profile
from identity.roles import AT_A_SEAT, Role
from identity.sessions import Session
from web.visibility import Reader

CASE = CaseId("E-1")
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NAME = "演示专家0042"
MEMBERS = (MemberId("m1"), MemberId("m2"))
BIDS = (BidId("A"), BidId("B"))
SCORE = "48.5"
TENDER, BID_FILE, REPORT, ANSWER = "a" * 64, "b" * 64, "c" * 64, "d" * 64


def reader(role: Role, who: str = "", venue: str = "", seats: tuple[str, ...] = ()) -> Reader:
    """Somebody of a role; members have the case in their session."""
    case = CASE if role in AT_A_SEAT else ""
    name = who or {Role.AGENT: "agent", Role.MEMBER: "m1"}.get(role, str(role))
    return Reader(Session("digest", "csrf", role, name, NOW, NOW, venue=venue, case=case), seats)


def case_in(state: State) -> Case:
    """The case as it stands in a state, with everything that has come before."""
    made = Case(CASE, state, 9, info=info(), documents=(Document("tender.pdf", "tender", TENDER, 9, "tender"),))
    if state.rank >= State.APPLIED.rank:
        made = replace(made, application=Application(4, 1, "2026-11-23T01:00:00.000Z", 1, False, ("演示设计院",)))
    if state.rank >= State.SEATS_HELD.rank:
        made = replace(made, venue="V1", seats=("V1-01",), draws={"venues": Draw({"count": 1}, "", "main")})
    if state.rank >= State.OPENED.rank:
        bid = Document("bids/A.pdf", "bid", BID_FILE, 9, "opening")
        bids = {one: Bid(one, f"演示投标人{one}", "9500000.00") for one in BIDS}
        made = replace(made, documents=(*made.documents, bid), bids=bids)
    if state.rank >= State.CHECK_IN.rank:
        made = replace(made, members={MEMBERS[0]: _member("m1", "V1"), MEMBERS[1]: _member("m2", "V2")})
    return made if state.rank < State.READY.rank else _in_the_room(made)


def opened(case: Case) -> Case:
    """The committee is open: names are known to the server."""
    named = {key: replace(one, name=NAME, categories=("A08",)) for key, one in case.members.items()}
    return replace(case, members=named, is_open=True)


def _in_the_room(case: Case) -> Case:
    made = opened(case)
    if case.state.rank >= State.PLEDGED.rank:
        made = replace(made, members={key: replace(one, pledged=True) for key, one in made.members.items()})
    if case.state.rank >= State.PREP.rank:
        made = replace(made, leader="m2")
    if case.state.rank >= State.DETAILED.rank:
        asked = Clarification("c1", BIDS[0], "3", "请说明", "", "", "", ANSWER, "", "at", confirmed=False)
        made = replace(made, clarifications={"c1": asked}, sheets={(MEMBERS[0], BIDS[0]): _signed()})
    if case.state.rank >= State.SUMMARY.rank:
        made = replace(made, rows=({"bid": "A", "total": SCORE},), candidates=("A",))
    if case.state.rank >= State.REPORT_SIGNING.rank:
        signatures = {MEMBERS[0]: Signed(5, "e", "at", {"outcome": "dissent", "opinion": "不同意"})}
        made = replace(made, report=Report(1, REPORT, "f" * 64, "at", signatures))
    return made


def _signed() -> Signed:
    return Signed(4, "e", "at", {"bid": "A", "scores": {"T1": SCORE}})


def info() -> Info:
    """A project whose rules are those of the demo."""
    digest = load_profile("demo").digest
    return Info(
        "P-1", "演示工程", "演示招标人", "演示代理", "重庆", "1", "10000000.00", "at", "demo", digest, True, "agent"
    )


def _member(name: str, venue: str) -> Member:
    alias = f"评委{name[1:]}"
    return Member(MemberId(name), alias, "expert", venue, f"{venue}-01", "12", credential="key")
