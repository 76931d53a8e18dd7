"""离席: the seat is locked by the member's wish or a long absence, and opened by the member's signature alone."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conduct import stepping_out, watching
from evaluation.case import MemberId
from signing.keystore import PasswordWrong
from tests.services.evaluation import CASE, Evaluation

LIMIT_S = 180


def logged(evaluation: Evaluation, kind: str) -> list[dict[str, Any]]:
    return [json.loads(data)["body"] for _, data in evaluation.store.look(lambda tx: list(tx.statements(CASE, kind)))]


async def seated(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()


async def test_a_seat_left_is_opened_by_its_members_signature_and_by_nothing_else(evaluation: Evaluation) -> None:
    await seated(evaluation)
    me = evaluation.member("评委1")
    with pytest.raises(stepping_out.NotLeft):
        await evaluation.sign(me, stepping_out.PURPOSE)
    for _ in range(2):
        await evaluation.do(stepping_out.leave, me)
    assert [(one["member"], one["reason"]) for one in logged(evaluation, "seat.left")] == [("m1", "asked")]
    with pytest.raises(stepping_out.SeatLeft):
        stepping_out.demand_seated(evaluation.state, "m1")
    stepping_out.demand_seated(evaluation.state, "m2")
    with pytest.raises(PasswordWrong):
        await evaluation.sign(me, stepping_out.PURPOSE, "908172")
    assert evaluation.state.members[MemberId("m1")].left_at
    await evaluation.sign(me, stepping_out.PURPOSE)
    stepping_out.demand_seated(evaluation.state, "m1")
    (back,) = logged(evaluation, "seat.back")
    assert (
        back["left"]
        == json.loads(
            next(data for _, data in evaluation.store.look(lambda tx: list(tx.statements(CASE, "seat.left"))))
        )["at"]
    )


@pytest.mark.parametrize(("away_s", "locks"), [(LIMIT_S - 60, False), (LIMIT_S + 60, True)])
async def test_a_seat_whose_line_was_gone_for_long_is_locked_when_it_is_back(
    evaluation: Evaluation, away_s: int, locks: bool
) -> None:
    await seated(evaluation)
    seat = evaluation.state.members[MemberId("m1")].seat
    await evaluation.do(watching.presence, seat, False)
    evaluation.store.writer._clock = lambda: datetime.now(UTC) + timedelta(seconds=away_s)
    await evaluation.do(watching.presence, seat, True)
    assert [one["reason"] for one in logged(evaluation, "seat.left")] == ["absent"] * locks
    assert bool(evaluation.state.members[MemberId("m1")].left_at) is locks
