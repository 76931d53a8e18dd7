"""A signing key sealed with what its security key computes: anew at each signature, and whole whatever happens."""

from base64 import b64decode
from typing import Any

import pytest

from conduct import authorising, stepping_out
from conduct.authorising import Batch, Signed, Try
from conduct.ports import Actor
from conduct.security_keys import Asked
from signing.keystore import PasswordWrong, Prf, PrfMissing, is_under_prf, salt_of
from storage.transaction import Transaction
from tests.services.evaluation import CASE, PASSWORD, Evaluation
from tests.services.profiles import judge_by

WITH_KEYS: dict[str, dict[str, Any]] = {"password": {"security_key": True}}


class Seat:
    """One member's seat, its security key in its member's hand."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self.me: Actor = evaluation.member("评委1")
        self.touch = evaluation.security_keys[self.me.who]

    @property
    def sealed(self) -> bytes:
        row = self.evaluation.store.look(lambda tx: tx.shelf(CASE, "credential").get(self.me.who))
        assert row is not None
        return b64decode(row["sealed"])

    async def leave(self) -> Batch:
        """Leave the seat; the statement of coming back, prepared."""
        await self.evaluation.do(stepping_out.leave, self.me)

        def prepare(tx: Transaction) -> Batch:
            stated = [("seat.back", stepping_out.body(tx, CASE, self.me))]
            return authorising.prepare(tx, CASE, self.me.who, stepping_out.PURPOSE, stated)

        return await self.evaluation.store.act(prepare)

    async def pledge(self) -> Batch:
        """Another batch of the same member."""
        body = {"member": self.me.who, "alias": "评委1", "text": "", "bidders": [], "recusal": ""}
        stated = [("pledge.signed", body)]
        return await self.evaluation.store.act(lambda tx: authorising.prepare(tx, CASE, self.me.who, "pledge", stated))

    async def asked(self, batch: Batch) -> Asked:
        asked: Asked = await self.evaluation.do(authorising.ask_security_key, self.me.who, batch.purpose, batch.id)
        return asked

    async def begun(self, batch: Batch, asked: Asked) -> Try:
        answer = self.touch.answer(asked.challenge)
        tried: Try = await self.evaluation.do(authorising.begin, self.me.who, batch.purpose, batch.id, answer)
        return tried

    async def signed(self, tried: Try, prf: Prf | None) -> Signed:
        return await authorising.sign(self.evaluation.office, tried, PASSWORD, self.evaluation.clock(), prf=prf)

    async def finished(self, signed: Signed) -> None:
        assert await self.evaluation.store.act(lambda tx: authorising.finish(tx, signed))


@pytest.fixture
async def seat(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> Seat:
    judge_by(monkeypatch, WITH_KEYS)
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    return Seat(evaluation)


async def test_a_captured_output_opens_nothing_after_one_more_signature(seat: Seat) -> None:
    before = seat.sealed
    assert is_under_prf(before)
    batch = await seat.leave()
    asked = await seat.asked(batch)
    captured = seat.touch.prf(*asked.salts)
    await seat.finished(await seat.signed(await seat.begun(batch, asked), captured))
    assert salt_of(seat.sealed) == asked.salts[1] != salt_of(before)

    await seat.evaluation.do(stepping_out.leave, seat.me)
    await seat.evaluation.sign(seat.me, stepping_out.PURPOSE)
    batch = await seat.leave()
    tried = await seat.begun(batch, await seat.asked(batch))
    for stale in (captured, Prf(captured.then, captured.now, captured.salt)):
        with pytest.raises(PasswordWrong):
            await seat.signed(tried, stale)


async def test_what_dies_before_it_is_stated_leaves_the_old_salt_with_the_old_bytes(seat: Seat) -> None:
    before = seat.sealed
    batch = await seat.leave()
    for _ in range(2):
        asked = await seat.asked(batch)
        assert asked.salts[0] == salt_of(before)
        signed = await seat.signed(await seat.begun(batch, asked), seat.touch.prf(*asked.salts))
        assert seat.sealed == before != signed.resealed
    await seat.finished(signed)
    assert seat.sealed == signed.resealed
    # Stated a second time, as by whoever asks again, nothing is put in its place.
    await seat.finished(signed)
    assert seat.sealed == signed.resealed


async def test_of_two_signatures_at_once_both_stand_and_the_key_still_opens(seat: Seat) -> None:
    tried, computed = [], []
    for batch in (await seat.pledge(), await seat.leave()):
        asked = await seat.asked(batch)
        computed.append(seat.touch.prf(*asked.salts))
        tried.append(await seat.begun(batch, asked))
    assert tried[0].sealed == tried[1].sealed
    first, second = [await seat.signed(*one) for one in zip(tried, computed, strict=True)]
    await seat.finished(first)
    await seat.finished(second)
    assert seat.sealed == first.resealed != second.resealed
    await seat.evaluation.do(stepping_out.leave, seat.me)
    await seat.evaluation.sign(seat.me, stepping_out.PURPOSE)
    assert seat.sealed != first.resealed


async def test_nothing_less_opens_it_and_no_try_is_spent_on_a_salt_of_before(seat: Seat) -> None:
    back = await seat.leave()
    asked = await seat.asked(back)
    tried = await seat.begun(back, asked)
    with pytest.raises(PrfMissing):
        await seat.signed(tried, None)
    pledge = await seat.pledge()
    of_before = await seat.asked(pledge)
    await seat.finished(await seat.signed(tried, seat.touch.prf(*asked.salts)))
    with pytest.raises(PrfMissing):
        await seat.begun(pledge, of_before)
    await seat.begun(pledge, await seat.asked(pledge))
