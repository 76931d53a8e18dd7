"""What experts are told (R-09: nothing of the project) and what they say back, however they write it."""

import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo import case_example_a as example
from expert_pool.committee import Answer
from expert_pool.profiles import notice_words
from expert_pool.reason import Reason
from expert_pool.replies import Reply, read
from expert_pool.wording import Invitation, call_text, message_text, said_back

TOLD = Invitation(datetime(2026, 11, 26, 1, tzinfo=UTC), "演示中心3", 2, True, "482913", 24, "0000-000000", "L")
TEXTS = (*notice_words.CALL.values(), *notice_words.MESSAGE.values())
SECRETS = ("项目", "标段", "招标人", "投标人", "代理", "project", "tender", "bidder", "lot ")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1", Reply(Answer.ATTEND)),
        ("１ ４８２９１３", Reply(Answer.ATTEND, None, "482913")),
        ("482913 参加", Reply(Answer.ATTEND, None, "482913")),
        ("参 加，48 29 13", Reply(Answer.ATTEND, None, "482913")),
        ("可以，准时到", Reply(Answer.ATTEND)),
        ("Yes, 482-913", Reply(Answer.ATTEND, None, "482913")),
        ("2。", Reply(Answer.PENDING)),
        ("待定", Reply(Answer.PENDING)),
        ("3 出差", Reply(Answer.DECLINE, Reason.TRAVEL)),
        ("不参加，本人住院", Reply(Answer.DECLINE, Reason.ILLNESS)),
        ("不能参加 482913 有利害关系", Reply(Answer.DECLINE, Reason.RECUSAL, "482913")),
        ("No", Reply(Answer.DECLINE, Reason.OTHER)),
        ("4请假 482913", Reply(Answer.LEAVE, Reason.OTHER, "482913")),
    ],
)
def test_a_reply_is_understood_as_people_write_it(text: str, meant: Reply) -> None:
    assert read(text) == meant


@pytest.mark.parametrize("text", ["", "？", "1 3", "参加 不参加", "您好", "7", "13800000000", "参加还是请假"])
def test_what_is_unclear_is_no_answer(text: str) -> None:
    assert read(text) is None


def test_a_message_without_a_number_is_about_the_only_call_of_its_telephone() -> None:
    assert read("参加", ["482913"]) == Reply(Answer.ATTEND, None, "482913")
    assert read("参加", ["482913", "170001"]) == Reply(Answer.ATTEND)
    assert read("参加 170001", ["482913", "170001"]) == Reply(Answer.ATTEND, None, "170001")
    assert read("参加 999999", ["482913"]) == Reply(Answer.ATTEND)


@given(st.text(max_size=700))
def test_no_message_whatever_is_a_fault(text: str) -> None:
    found = read(text, ["482913"])
    assert found is None or found.answer in Answer


def test_a_text_has_no_field_for_anything_but_time_place_length_contact_number_and_link() -> None:
    for text in TEXTS:
        fields = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert fields <= notice_words.FIELDS
        assert fields >= {"start", "venue", "length", "contact", "ticket"}


def test_r_09_no_text_holds_a_word_of_the_case() -> None:
    said = [*call_text(TOLD).values(), *message_text(TOLD).values()]
    said += [text for code in notice_words.ANSWERED for text in said_back(code, "482913", 24).values()]
    case = [str(value) for value in example.PROJECT.values()] + [*example.BIDDERS.values(), *SECRETS]
    assert not [(word, text) for text in said for word in case if word and word.lower() in text.lower()]


def test_the_texts_say_when_where_how_long_whom_to_ring_and_the_number() -> None:
    for text in (call_text(TOLD)["zh"], message_text(TOLD)["zh"]):
        assert all(part in text for part in ("2026-11-26 09:00", "演示中心3", "2天", "过夜", "0000-000000", "482913"))
    assert "24 hours" in message_text(TOLD)["en"]


def test_every_text_is_there_in_both_languages() -> None:
    for texts in (notice_words.CALL, notice_words.MESSAGE, *notice_words.ANSWERED.values()):
        assert texts.keys() == {"zh", "en"}
