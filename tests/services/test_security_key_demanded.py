"""Where a case's rules want a security key, no member's credential is made without one, whatever page asks."""

import os
from typing import Any

import pytest

from conduct import authorising, checking_in, enrolling
from conduct.ports import Actor
from conduct.security_keys import KeyNeeded
from demo import case_example_a as example
from signing.security_key import AssertionMissing
from storage.transaction import Transaction
from tests.services.evaluation import CASE, PASSWORD, Evaluation
from tests.services.profiles import judge_by

WITH_KEYS: dict[str, dict[str, Any]] = {"password": {"security_key": True}}


def kinds(evaluation: Evaluation) -> list[str]:
    def look(tx: Transaction) -> list[str]:
        wanted = ("seat.enrolled", "key.registered", "certificate.reissued")
        return [kind for kind in wanted for _ in tx.statements(CASE, kind)]

    return evaluation.store.look(look)


async def test_a_seat_is_not_taken_without_a_registered_key_and_signs_with_one(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, WITH_KEYS)
    take_seat = evaluation.take_seat

    async def tried(slip: checking_in.Slip) -> None:
        bare = await enrolling.make_key(evaluation.office, f"{CASE}/{slip.member}/0", PASSWORD, os.urandom(32))
        before = kinds(evaluation)
        with pytest.raises(KeyNeeded):
            await evaluation.do(enrolling.enrol, evaluation.office, slip.member, bare)
        assert kinds(evaluation) == before
        await take_seat(slip)

    monkeypatch.setattr(evaluation, "take_seat", tried)
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    assert kinds(evaluation).count("key.registered") == kinds(evaluation).count("seat.enrolled") > 0
    member = evaluation.member(next(iter(example.MEMBERS)))
    await evaluation.sign(member, "pledge")

    await signs_nothing_untouched(evaluation, evaluation.member("评委2"))
    await evaluation.do(enrolling.reissue, evaluation.member("评委2"), "colleague", member.who)
    again = await enrolling.make_key(evaluation.office, f"{CASE}/{member.who}/2", PASSWORD, os.urandom(32))
    with pytest.raises(KeyNeeded):
        await evaluation.do(enrolling.enrol_again, evaluation.office, member.who, again)


async def signs_nothing_untouched(evaluation: Evaluation, member: Actor) -> None:
    """Nothing is released to the password alone."""
    stated = [("pledge.signed", {"member": member.who})]
    batch = await evaluation.store.act(lambda tx: authorising.prepare(tx, CASE, member.who, "pledge", stated))
    await evaluation.do(authorising.ask_security_key, member.who, "pledge", batch.id)
    tried = await evaluation.do(authorising.begin, member.who, "pledge", batch.id)
    with pytest.raises(AssertionMissing):
        await authorising.sign(evaluation.office, tried, PASSWORD, evaluation.clock())
