"""Secret votes: that somebody voted and what was chosen are never joined; papers come out all at once, in order."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from conduct import deciding, electing
from demo import case_example_a as example
from evaluation.ballot import Paper
from tests.services.evaluation import CASE, Evaluation
from tests.services.profiles import judge_by


def bodies(evaluation: Evaluation, kind: str) -> Iterator[Any]:
    rows = evaluation.store.look(lambda tx: [data for _, data in tx.statements(CASE, kind)])
    return (json.loads(row)["body"] for row in rows)


async def vote(evaluation: Evaluation, alias: str, choice: str) -> Paper:
    act = partial(electing.vote, case=CASE, actor=evaluation.member(alias), choice=f"m{choice[-1]}")
    return await evaluation.store.act(act)


async def test_each_voter_finds_the_own_paper_among_those_published_and_nothing_says_whose_it_is(
    evaluation: Evaluation,
) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.pledge()
    kept: list[dict[str, Paper]] = []
    for votes in example.LEADER_BALLOTS:
        kept.append({alias: await vote(evaluation, alias, choice) for alias, choice in votes.items()})
    counted = list(bodies(evaluation, "ballot.counted"))
    for number, (papers, body) in enumerate(zip(kept, counted, strict=True), start=1):
        published = [Paper(f"leader/{number}", row["choice"], row["salt"]) for row in body["papers"]]
        assert set(published) == set(papers.values())
        assert [paper.number for paper in published] == sorted(paper.number for paper in published)
        assert Counter(paper.choice for paper in published) == {c: n for c, n in body["counts"].items() if n}
    for cast in bodies(evaluation, "ballot.cast"):
        assert set(cast) == {"ballot", "round", "member"}
    assert not evaluation.store.look(lambda tx: list(tx.shelf(CASE, electing.BOX).items()))


async def test_before_the_count_no_paper_is_in_the_log(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    await evaluation.pledge()
    first, *_ = example.LEADER_BALLOTS[0].items()
    paper = await vote(evaluation, *first)
    log = evaluation.store.look(lambda tx: b"".join(data for _, data in tx.statements(CASE)))
    assert paper.salt.encode() not in log
    assert paper.number.hex().encode() not in log


async def test_a_secret_motion_states_its_papers_and_one_by_name_has_none(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"ballot": {"motions_are_secret": True}})
    await evaluation.to_review()
    await evaluation.do(deciding.open_motion, evaluation.member("评委2"), "dispute", "工期是否从开工令起算")
    for alias in example.MEMBERS:
        await evaluation.vote(alias, "no" if alias == "评委2" else "yes")
    [decided] = bodies(evaluation, "motion.decided")
    assert sorted(row["choice"] for row in decided["papers"]) == ["no", "yes", "yes", "yes", "yes"]
    [motion] = evaluation.state.motions.values()
    assert {paper.vote for paper in motion.papers} == {motion.id}
