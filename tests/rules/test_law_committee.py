"""The law on the committee at work, rule by rule: what a replacement voids, what may change when, what each signs."""

from dataclasses import replace
from datetime import date

import pytest

from archive.verifier.kinds import CASE_KINDS
from evaluation import life
from evaluation.case import Case, CaseId, Member, MemberId, State
from evaluation.deadlines import after_closing
from evaluation.fold import apply
from evaluation.profiles import load_profile
from evaluation.steps import Logged

MEMBERS = {
    MemberId(f"m{n}"): Member(MemberId(f"m{n}"), f"评委{n}", "expert", "V1", f"V1-0{n}", "") for n in range(1, 6)
}
SCORING = Case(
    CaseId("E-1"),
    State.DETAILED,
    members=MEMBERS,
    leader="m1",
    stages={"prep": ("t", "t"), "prelim": ("t", "t"), "detailed": ("t", "")},
    candidates=("A",),
    tally_result="digest",
)


def after(case: Case, kind: str, **body: object) -> Case:
    return apply(case, Logged(case.size, "", kind, "2026-11-26T03:00:00.000Z", body))


def test_r_11_what_a_member_concluded_is_void_and_what_rests_on_it_is_opened_again() -> None:
    voted = after(SCORING, "motion.opened", motion="v1", subject="dispute", text="?", secret=False)
    for member in MEMBERS:
        voted = after(voted, "vote.signed", motion="v1", member=member, choice="yes")
        voted = after(voted, "sheet.signed", member=member, bid="A")
    voted = after(voted, "motion.decided", motion="v1", votes={"yes": 5, "no": 0}, carried=True)
    left = after(voted, "member.replaced", member="m1", reason="health")
    assert {member for member, _ in left.sheets} == {"m2", "m3", "m4", "m5"}  # others' own sheets are kept
    assert left.motions["v1"].is_void
    assert (left.leader, left.candidates, left.tally_result) == ("", (), "")
    assert left.stage_is_open("prelim")
    assert left.stage_is_open("detailed")
    assert left.state is State.DETAILED
    kept = after(voted, "member.replaced", member="m5", reason="health")
    assert kept.leader == "m1"


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_r_21_before_the_close_the_committee_corrects_itself_and_a_report_falls(state: State) -> None:
    """Sheets change in scoring and recheck only; later the same committee goes back, and its report is made anew."""
    case = replace(SCORING, state=state)
    for kind in ("sheet.signed", "sheet.returned"):
        if state in {State.DETAILED, State.RECHECK}:
            life.check(case, kind)
        else:
            with pytest.raises(life.OutOfOrder):
                life.check(case, kind)
    asked = after(replace(case, state=State.REPORT_SIGNING), "rollback.requested", stage="detailed", reason="r")
    back = after(asked, "rollback.decided", approved=True, stage="detailed", snapshot="digest")
    assert (back.state, back.report, back.candidates, back.tally_result) == (State.DETAILED, None, (), "")


def test_r_21_a_closed_case_takes_no_correction() -> None:
    for kind in ("sheet.signed", "sheet.returned", "rollback.requested", "score.replaced"):
        with pytest.raises(life.Sealed):
            life.check(replace(SCORING, state=State.CLOSED), kind)


@pytest.mark.parametrize("profile", ["works", "chongqing"])
def test_r_26_candidates_are_published_within_three_days_and_for_three(profile: str) -> None:
    owed = after_closing(date(2026, 11, 26), load_profile(profile).rules.after)
    assert [(one.act, one.day.isoformat()) for one in owed] == [
        ("publish", "2026-11-29"),
        ("publicity_ends", "2026-12-02"),
    ]


@pytest.mark.parametrize("profile", ["procurement", "procurement_services"])
def test_r_27_in_procurement_two_five_and_two_working_days_follow(profile: str) -> None:
    """26 November 2026 is a Thursday."""
    owed = after_closing(date(2026, 11, 26), load_profile(profile).rules.after)
    assert [(one.act, one.day.isoformat()) for one in owed] == [
        ("report_to_purchaser", "2026-11-30"),
        ("purchaser_decides", "2026-12-07"),
        ("award_notice", "2026-12-09"),
    ]


def test_r_29_the_report_is_data_and_paper_by_digest_and_each_member_answers_under_a_signature() -> None:
    assert {"version", "report", "data"} <= CASE_KINDS["report.rendered"].keys
    assert CASE_KINDS["report.signed"].signer == "member"


def test_r_39_what_a_member_answers_for_is_signed_by_that_member_alone() -> None:
    personal = ("pledge.signed", "prelim.signed", "sheet.signed", "vote.signed", "report.signed")
    assert {kind: CASE_KINDS[kind].signer for kind in personal} == dict.fromkeys(personal, "member")
    secret = CASE_KINDS["vote.cast"]
    assert not secret.signer
    assert "choice" not in secret.keys | secret.optional


def test_r_35_no_case_is_ready_but_with_a_recorder_and_nothing_is_pledged_before() -> None:
    assert "recorder" in CASE_KINDS["case.ready"].keys
    checked_in = replace(SCORING, state=State.CHECK_IN)
    with pytest.raises(life.OutOfOrder):
        life.check(checked_in, "pledge.signed")
    life.check(after(checked_in, "case.ready", recorder="green", seated=5), "pledge.signed")


def test_r_33_no_statement_holds_a_face_or_any_other_measure_of_a_body() -> None:
    """The desk states how an identity was checked, in a word; what a gate or a reader measured never comes in."""
    fields = {name for kind in CASE_KINDS.values() for name in kind.keys | kind.optional}
    assert not {name for name in fields if any(word in name for word in ("face", "finger", "biometric", "template"))}
    assert "method" in CASE_KINDS["checkin.matched"].keys
