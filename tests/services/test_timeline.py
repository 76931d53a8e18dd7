"""The list beside a seat's recording: its own events and the room's, also those of somebody who sat there before."""

from conduct import pledging, replacing
from conduct.replacing import Asked
from evaluation.case import MemberId
from expert_pool.replacement import ReplacementReason
from tests.services.evaluation import AGENT, Evaluation
from tests.services.test_replacing import confirm
from web import timeline


async def test_the_list_of_a_seat_tells_that_who_sat_there_was_replaced(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.do(pledging.recuse, evaluation.member("评委3"), "近亲属任职于投标人A")
    await evaluation.do(replacing.request, AGENT, Asked("m3", "", ReplacementReason.RECUSAL))
    await confirm(evaluation)
    state = evaluation.state
    left, other = state.replaced[MemberId("m3")].member.seat, state.members[MemberId("m1")].seat
    kinds = {
        seat: {
            event["kind"]
            for event in evaluation.store.look(lambda tx, seat=seat: timeline.of_seat(tx, state, seat, "zh"))  # type: ignore[misc]
        }
        for seat in (left, other)
    }
    assert "member.replaced" in kinds[left]
    assert "member.replaced" not in kinds[other]
