"""Clarification: who asks, what may be asked, when and how an answer counts, what the bidder never learns."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from demo import case_example_a as example
from evaluation import clarification
from evaluation.clarification import Answered, Asked, Floor, Question, Upload
from evaluation.profiles import load_profile

RULES = load_profile("works").rules.clarification
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FLOOR = Floor(members=("m1", "m3"), bids=("A", "E"), names=("评委1", "评委3", "专家0042"))
QUESTION = Question("m3", "E", "112", example.CLARIFICATION["question"])
UPLOAD = Upload(b"%PDF-1.7\n", 4096, "ab" * 32, "cd" * 32, NOW + timedelta(minutes=29, seconds=50))


def asked(question: Question = QUESTION) -> Asked:
    return clarification.ask("c1", question, FLOOR, RULES, NOW)


def answered(upload: Upload, earlier: Answered | None = None) -> Answered:
    return clarification.answer(asked(), earlier, upload, "cd" * 32)


def test_r_15_a_sealed_answer_ten_seconds_before_its_time_counts() -> None:
    assert answered(UPLOAD).sha256 == "ab" * 32
    assert answered(dataclasses.replace(UPLOAD, at=NOW + timedelta(minutes=30))).id == "c1"


def test_r_15_a_late_answer_is_refused() -> None:
    with pytest.raises(clarification.AnswerLate):
        answered(dataclasses.replace(UPLOAD, at=NOW + timedelta(minutes=30, milliseconds=1)))


def test_r_15_there_is_one_answer() -> None:
    with pytest.raises(clarification.AlreadyAnswered):
        answered(UPLOAD, earlier=answered(UPLOAD))


def test_r_15_what_nobody_asked_for_is_not_taken() -> None:
    with pytest.raises(clarification.NotAsked):
        clarification.answer(None, None, UPLOAD, "cd" * 32)


@pytest.mark.parametrize("seal", [None, "ef" * 32])
def test_an_answer_without_the_bidders_own_seal_is_refused(seal: str | None) -> None:
    with pytest.raises(clarification.SealUnknown):
        answered(dataclasses.replace(UPLOAD, seal_sha256=seal))


def test_a_bidder_without_a_known_certificate_cannot_pass_by_having_none() -> None:
    with pytest.raises(clarification.SealUnknown):
        clarification.answer(asked(), None, dataclasses.replace(UPLOAD, seal_sha256=None), None)


def test_an_answer_is_a_pdf_of_some_size() -> None:
    for change in ({"head": b"MZ"}, {"size": 0}, {"size": clarification.MOST_BYTES + 1}):
        with pytest.raises(clarification.AnswerNotPdf):
            answered(dataclasses.replace(UPLOAD, **change))


def test_r_15_only_an_active_member_asks_and_only_about_a_valid_bid() -> None:
    with pytest.raises(clarification.NotOfTheCommittee):
        asked(dataclasses.replace(QUESTION, member="agent"))
    with pytest.raises(clarification.QuestionOutsideBid):
        asked(dataclasses.replace(QUESTION, bid="F"))


def test_r_15_a_question_says_what_and_which_page() -> None:
    for change in ({"text": "  "}, {"pages": ""}):
        with pytest.raises(clarification.QuestionEmpty):
            asked(dataclasses.replace(QUESTION, **change))


def test_a_question_that_names_a_member_is_refused() -> None:
    with pytest.raises(clarification.QuestionNamesMember):
        asked(dataclasses.replace(QUESTION, text="评委3 请贵公司说明单位。"))


def test_r_15_leading_words_are_warned_of_but_not_refused() -> None:
    assert asked().warnings == ()
    leading = asked(dataclasses.replace(QUESTION, text="贵公司是否愿意在此基础上给予优惠？"))
    assert set(leading.warnings) == {"是否愿意", "优惠"}


def test_the_bidder_never_learns_who_asks() -> None:
    view = clarification.bidder_view(asked(), "演示项目", None)
    assert {field.name for field in dataclasses.fields(view)} == {"project", "pages", "text", "due", "is_answered"}
    assert "m3" not in repr(view)
    assert view.due == NOW + timedelta(minutes=30)
