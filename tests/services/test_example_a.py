"""Example A from the application to the candidates, on the real store with real keys."""

from demo import case_example_a as example
from evaluation.case import State
from tests.services.evaluation import Evaluation


async def test_example_a_comes_out_to_the_last_digit(evaluation: Evaluation) -> None:
    await evaluation.to_candidates()
    state = evaluation.state
    assert state.state is State.RECHECK
    assert {row["bid"]: row["total"] for row in state.rows} == {
        bid: row["total"] for bid, row in example.EXPECTED.items()
    }
    assert state.candidates == example.CANDIDATES
    assert [(flag.member, flag.bid, flag.deviation) for flag in state.flags] == [("m5", "A", "+16.17 %")]
    assert state.leader == "m3"
    assert [sorted(counts.values(), reverse=True) for counts in state.ballots["leader"].history] == [
        [2, 2, 1, 0, 0],
        [3, 2],
    ]
