"""What is kept of a security key: how far it has counted, and the last questions that it was asked."""

import json
from typing import cast

import pytest

from conduct import closing, key_questions, security_keys
from conduct.ports import Tx
from evaluation.case import Case, CaseId
from signing.security_key import (
    AnswerUsed,
    Assertion,
    AssertionMissing,
    CounterWentBack,
    OtherBytes,
    SecurityKey,
    encoded,
)
from tests.services.memory import Memory

POINT = bytes.fromhex("04" + "11" * 64)


def said(counter: int) -> Assertion:
    return Assertion(bytes(33) + counter.to_bytes(4), b"{}", b"")


def test_of_two_answers_in_flight_the_one_that_comes_second_with_a_lower_count_is_refused() -> None:
    row = security_keys.to_row(SecurityKey(b"key", POINT, "https://bid.example", 6))
    row = security_keys.counted(row, said(8))
    for counter in (7, 8, 0):
        with pytest.raises(CounterWentBack):
            security_keys.counted(row, said(counter))
    assert security_keys.counted(row, said(9))["key"]["counter"] == 9


def test_a_key_that_does_not_count_stays_at_nought() -> None:
    row = security_keys.to_row(SecurityKey(b"key", POINT, "https://bid.example"))
    assert security_keys.counted(row, said(0)) == row


CASE, WHO = CaseId("E-2026-0001"), "m3"


@pytest.fixture
def tx() -> Tx:
    return cast(Tx, Memory(Case(CASE)))


def question(number: int) -> bytes:
    return bytes([number]) * 32


def about(number: int) -> Assertion:
    """An answer to that question."""
    return Assertion(bytes(37), json.dumps({"challenge": encoded(question(number))}).encode(), b"")


def test_an_answer_about_other_bytes_and_a_used_one_are_told_apart(tx: Tx) -> None:
    for number, batch in enumerate(("first", "second", "second")):
        key_questions.remember(tx, CASE, WHO, batch, question(number))
    with pytest.raises(OtherBytes):
        key_questions.refuse_another(tx, CASE, WHO, "second", about(0))
    for left_to_the_judge in (about(1), about(2), about(9), None):
        key_questions.refuse_another(tx, CASE, WHO, "second", left_to_the_judge)
    key_questions.use(tx, CASE, WHO, about(2))
    key_questions.remember(tx, CASE, WHO, "third", question(3))
    with pytest.raises(AnswerUsed):
        key_questions.refuse_another(tx, CASE, WHO, "third", about(2))
    with pytest.raises(OtherBytes):
        key_questions.refuse_another(tx, CASE, WHO, "third", about(1))


def test_the_last_eight_questions_are_remembered_and_another_persons_are_not_ones_own(tx: Tx) -> None:
    for number in range(9):
        key_questions.remember(tx, CASE, WHO, f"batch {number}", question(number))
    key_questions.refuse_another(tx, CASE, WHO, "batch 8", about(0))
    with pytest.raises(OtherBytes):
        key_questions.refuse_another(tx, CASE, WHO, "batch 8", about(1))
    key_questions.refuse_another(tx, CASE, "m4", "batch 8", about(1))


def test_no_question_is_remembered_when_the_case_is_over(tx: Tx) -> None:
    key_questions.remember(tx, CASE, WHO, "first", question(0))
    tx.forget_shelves(CASE, closing.FORGOTTEN)
    assert not list(tx.shelf(CASE, key_questions.QUESTIONS).items())


def test_what_cannot_be_read_answers_no_question(tx: Tx) -> None:
    key_questions.remember(tx, CASE, WHO, "first", question(0))
    with pytest.raises(AssertionMissing):
        key_questions.refuse_another(tx, CASE, WHO, "first", Assertion(bytes(37), b"[]", b""))
