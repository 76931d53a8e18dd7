"""四不知, role by role: what each may see of a case at each moment, and what it must not."""

from dataclasses import replace

import pytest

from evaluation.blind import Blind
from evaluation.case import BidId, Case, Document, MemberId, Signed, State
from evaluation.ending import Ending
from evaluation.profiles import load_profile
from identity.roles import Role
from tests.web.cases import ANSWER, BID_FILE, NAME, REPORT, SCORE, TENDER, case_in, opened, reader
from web.admission import NotYourCase
from web.member_state import opened_codes
from web.papers import digest_of
from web.visibility import Reader, case_view, documents_for, is_party_to

BEFORE = [state for state in State if State.DRAFT.rank <= state.rank < State.CHECK_IN.rank]
SEATED = [state for state in State if State.CHECK_IN.rank <= state.rank < State.CLOSED.rank]
RULES = load_profile("demo")
SCORING = [state for state in State if State.DETAILED.rank <= state.rank < State.SUMMARY.rank]
OFFICE = (
    reader(Role.AGENT),
    reader(Role.MAIN_STAFF, venue="V1", seats=("V1-01",)),
    reader(Role.SUPERVISOR),
    reader(Role.WITNESS),
)
HOSTS = (reader(Role.SUB_STAFF, venue="V2", seats=("V2-01",)), reader(Role.CHECKIN, venue="V2", seats=("V2-01",)))
MEMBER, LEADER = reader(Role.MEMBER), reader(Role.MEMBER, "m2")
ADMINISTRATORS = [reader(role) for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.POOL_OWNER, Role.BIDDER)]


def digests_for(case: Case, who: Reader) -> set[str]:
    """The bytes that somebody may open."""
    return {one.sha256 for one in documents_for(case, who)}


@pytest.mark.parametrize("state", BEFORE)
@pytest.mark.parametrize("host", HOSTS, ids=lambda one: one.role)
def test_a_venue_does_not_know_what_it_hosts_before_check_in(state: State, host: Reader) -> None:
    with pytest.raises(NotYourCase):
        case_view(case_in(state), host, RULES)


@pytest.mark.parametrize("host", HOSTS, ids=lambda one: one.role)
def test_a_venue_that_hosts_sees_the_project_and_its_own_seats_from_check_in_on(host: Reader) -> None:
    view = case_view(case_in(State.CHECK_IN), host, RULES)
    assert view["project"]["title"] == "演示工程"
    assert [member["seat"] for member in view["members"]] == ["V2-01"]
    assert "bids" not in view


@pytest.mark.parametrize("state", SEATED)
def test_a_venue_that_does_not_host_knows_nothing(state: State) -> None:
    for role in (Role.SUB_STAFF, Role.CHECKIN):
        assert not is_party_to(case_in(state), reader(role, venue="V3"))


@pytest.mark.parametrize("state", BEFORE)
@pytest.mark.parametrize("who", OFFICE, ids=lambda one: one.role)
def test_nobody_sees_a_sub_venue_before_check_in(state: State, who: Reader) -> None:
    assert "V2" not in repr(case_view(case_in(state), who, RULES))


@pytest.mark.parametrize("who", [*OFFICE, *HOSTS, MEMBER], ids=lambda one: one.role)
def test_nobody_sees_a_name_before_the_committee_opens(who: Reader) -> None:
    assert NAME not in repr(case_view(case_in(State.CHECK_IN), who, RULES))


@pytest.mark.parametrize("who", [*OFFICE, *HOSTS], ids=lambda one: one.role)
def test_names_open_to_staff_with_the_committee(who: Reader) -> None:
    assert NAME in repr(case_view(opened(case_in(State.CHECK_IN)), who, RULES))


def test_in_the_room_a_member_sees_the_own_name_and_the_others_aliases() -> None:
    members = case_view(case_in(State.PRELIM), MEMBER, RULES)["members"]
    assert [member.get("name", "") for member in members] == [NAME, ""]
    assert [member["alias"] for member in members] == ["评委1", "评委2"]


@pytest.mark.parametrize("state", SCORING)
@pytest.mark.parametrize("who", [*OFFICE, *HOSTS, MEMBER, LEADER], ids=lambda one: one.session.who)
def test_r_39_nobody_sees_a_score_before_all_have_submitted(state: State, who: Reader) -> None:
    assert SCORE not in repr(case_view(case_in(state), who, RULES))


def test_when_all_have_submitted_committee_and_supervisor_see_the_totals_and_staff_do_not() -> None:
    case = case_in(State.RECHECK)
    for who in (MEMBER, LEADER, reader(Role.SUPERVISOR)):
        assert SCORE in repr(case_view(case, who, RULES))
    for who in (reader(Role.AGENT), reader(Role.MAIN_STAFF, venue="V1"), reader(Role.WITNESS), *HOSTS):
        assert SCORE not in repr(case_view(case, who, RULES))


@pytest.mark.parametrize("state", SEATED)
def test_staff_see_the_step_and_no_counts(state: State) -> None:
    for who in (reader(Role.AGENT), reader(Role.MAIN_STAFF, venue="V1"), reader(Role.WITNESS), *HOSTS):
        view = case_view(case_in(state), who, RULES)
        assert "progress" not in view
        assert [step["status"] for step in view["steps"]].count("now") == 1


def test_the_leader_and_the_supervisor_see_how_many_are_done() -> None:
    case = case_in(State.DETAILED)
    for who in (LEADER, reader(Role.SUPERVISOR)):
        assert case_view(case, who, RULES)["progress"]["sheets"] == {"m1": 1, "m2": 0}
    assert "progress" not in case_view(case, MEMBER, RULES)


def test_the_committee_sees_no_totals_before_the_candidates_stand() -> None:
    case = replace(case_in(State.RECHECK), candidates=())
    assert case.rows
    for who in (MEMBER, LEADER):
        assert "result" not in case_view(case, who, RULES)
        assert "result" in case_view(replace(case, candidates=("A",)), who, RULES)
    assert "result" in case_view(case, reader(Role.SUPERVISOR), RULES)


def test_the_archivist_sees_nothing_before_the_end_and_all_of_it_after() -> None:
    archivist = reader(Role.ARCHIVIST)
    assert not is_party_to(case_in(State.REPORT_SIGNING), archivist)
    view = case_view(case_in(State.CLOSED), archivist, RULES)
    assert view["result"]["candidates"] == ["A"]
    assert digests_for(case_in(State.CLOSED), archivist) == {TENDER, BID_FILE, REPORT}


@pytest.mark.parametrize("state", [*BEFORE, *SEATED, State.CLOSED])
def test_administrators_and_the_pools_owner_have_no_part_in_a_case(state: State) -> None:
    assert not [one for one in ADMINISTRATORS if is_party_to(case_in(state), one)]


def test_the_auditor_sees_that_there_is_a_case_and_nothing_of_it() -> None:
    view = case_view(case_in(State.DETAILED), reader(Role.AUDIT_ADMIN), RULES)
    assert view == {"case": "E-1", "state": "detailed", "closed_at": "", "entries": 9}


def test_another_agent_has_no_part_in_the_case() -> None:
    assert not is_party_to(case_in(State.DRAFT), reader(Role.AGENT, "rival"))


def test_any_main_venue_may_take_an_application_and_only_that_one_keeps_it() -> None:
    other = reader(Role.MAIN_STAFF, venue="V4")
    assert is_party_to(case_in(State.APPLIED), other)
    assert not is_party_to(case_in(State.SEATS_HELD), other)


def test_a_member_of_another_case_has_no_part_in_this_one() -> None:
    stranger = Reader(replace(MEMBER.session, case="E-2"))
    assert not is_party_to(case_in(State.PRELIM), stranger)


def test_a_member_reads_the_tender_when_the_committee_is_open_and_the_bids_after_the_pledge() -> None:
    assert not documents_for(case_in(State.CHECK_IN), MEMBER)
    assert digests_for(case_in(State.READY), MEMBER) == {TENDER}
    assert digests_for(case_in(State.PLEDGED), MEMBER) == {TENDER, BID_FILE}


def test_an_answer_of_a_bidder_is_the_leaders_until_it_is_confirmed() -> None:
    case = case_in(State.DETAILED)
    assert ANSWER in digests_for(case, LEADER)
    assert ANSWER not in digests_for(case, MEMBER)


def test_the_report_is_the_committees_and_goes_to_the_offices_when_the_case_is_closed() -> None:
    signing, closed = case_in(State.REPORT_SIGNING), case_in(State.CLOSED)
    assert REPORT in digests_for(signing, MEMBER)
    for who in (reader(Role.AGENT), reader(Role.MAIN_STAFF, venue="V1")):
        assert REPORT not in digests_for(signing, who)
        assert "report" not in case_view(signing, who, RULES)
        assert REPORT in digests_for(closed, who)


def test_of_a_case_that_was_sealed_half_way_no_office_sees_what_it_came_to() -> None:
    ended = replace(
        case_in(State.CLOSED), ending=Ending("incident", "停电", "agent", "2026-11-23T09:00:00.000Z", "recheck")
    )
    for who in (reader(Role.AGENT), reader(Role.MAIN_STAFF, venue="V1"), reader(Role.ARCHIVIST)):
        assert SCORE not in repr(case_view(ended, who, RULES))
        assert REPORT not in digests_for(ended, who)


def test_the_witness_and_the_venues_open_no_document() -> None:
    for state in (State.CHECK_IN, State.DETAILED, State.REPORT_SIGNING, State.CLOSED):
        for who in (reader(Role.WITNESS), *HOSTS):
            assert not documents_for(case_in(state), who)


def test_locker_numbers_stay_at_their_own_venue() -> None:
    view = case_view(case_in(State.CHECK_IN), reader(Role.MAIN_STAFF, venue="V1"), RULES)
    assert [member.get("locker", "") for member in view["members"]] == ["12", ""]


def test_two_bidders_who_hand_in_the_same_bytes_have_a_paper_each() -> None:
    case = case_in(State.PLEDGED)
    case = replace(case, documents=(*case.documents, Document("bids/B.pdf", "bid", BID_FILE, 9, "opening")))
    assert [one.path for one in documents_for(case, MEMBER)] == ["tender.pdf", "bids/A.pdf", "bids/B.pdf"]
    assert digest_of(case, "bids/B.pdf") == digest_of(case, "bids/A.pdf") == BID_FILE
    shown = [one["path"] for one in case_view(case, reader(Role.AGENT), RULES)["documents"]]
    assert shown == ["tender.pdf", "bids/A.pdf", "bids/B.pdf"]


@pytest.mark.parametrize("owes", [True, False])
def test_who_has_still_to_score_by_code_is_shown_no_anonymised_file_under_its_bidder(owes: bool) -> None:
    digest, code = "e" * 64, BidId("暗01")
    signed = {} if owes else {(MemberId("m1"), code): Signed(4, "e", "at", {})}
    case = case_in(State.DETAILED)
    paper = Document("blind/A.pdf", "technical_blind", digest, 9, "opening")
    blind = Blind("", ("technical",), ("commercial",), (code,), {code: BidId("A")}, "at")
    case = replace(case, blind=blind, documents=(*case.documents, paper), sheets=signed)
    assert (digest in digests_for(case, MEMBER)) is not owes
    assert digest in digests_for(case, reader(Role.AGENT))
    assert [one["code"] for one in opened_codes(case, MemberId("m1"))] == ([] if owes else [code])
