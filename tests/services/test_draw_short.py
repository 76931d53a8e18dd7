"""A lot that finds too few at its minute has no result: that is stated, never drawn again, and a wider form follows."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from conduct import drawing, expert_draw, importing, party_work, pooling
from conduct.ports import Actor, Json, stamp
from demo import pool
from evaluation.case import State
from storage.transaction import Transaction
from tests.services.evaluation import AGENT, CASE, PARTIES, SUPERVISOR, Evaluation
from tests.services.province import Province
from web.steps import draw_stage

# One person holds both: each quota alone could be filled.
RARE = ("C02", "C05")


def a_narrow_pool() -> bytes:
    """The demo's pool, in which one person alone holds the rare categories, and nobody is kept out."""
    lines = []
    for row in pool.rows(datetime.now(UTC).date()):
        held = [one for one in row.categories.split(";") if one not in RARE] or ["A08"]
        lines.append(replace(row, categories=";".join(held), history="", relations="", state="正常", state_until=""))
    lines[-1] = replace(lines[-1], categories=";".join(RARE), region=pool.REGIONS[1])
    return pool.to_csv(tuple(lines))


async def to_a_short_draw(evaluation: Evaluation) -> None:
    for step in ("prepare_deployment", "apply", "draw_venues"):
        await getattr(evaluation, step)()

    def narrow(tx: Transaction) -> None:
        edition = pooling.hand_in_at_once(tx, "province", pooling.check(a_narrow_pool()))
        pooling.take_over(tx, Actor("pool_owner", "province"), "province", edition)

    await evaluation.store.act(narrow)
    await ask(evaluation, *RARE)


async def ask(evaluation: Evaluation, *at_main: str) -> None:
    """Ask for one of each category at the main venue and for A08 elsewhere, confirm, and draw."""
    places = [*((name, "main") for name in at_main), ("A08", "sub-1"), ("A08", "sub-2")]
    quotas = [{"category": name, "count": 1, "alternates": 0, "place": place} for name, place in places]
    form = {"region_reason": "席位所在地区", "quotas": quotas}
    await evaluation.store.act(lambda tx: expert_draw.request(tx, CASE, AGENT, form, stamp(tx.now)))
    await evaluation.do(drawing.confirm, SUPERVISOR, "experts", expert_draw.prepare)
    await evaluation.commit_and_reveal("experts")
    await expert_draw.run(evaluation.store, evaluation.process, CASE)


def logged(evaluation: Evaluation, kind: str) -> list[Json]:
    return [json.loads(data)["body"] for _, data in evaluation.store.look(lambda tx: list(tx.statements(CASE, kind)))]


async def test_too_few_at_the_minute_is_a_statement_with_what_is_lacking(evaluation: Evaluation) -> None:
    await to_a_short_draw(evaluation)
    (said,) = logged(evaluation, "draw.short")
    assert said["attempt"] == 1
    assert [(one["place"], one["members"]) for one in said["short"]] == [("main", 1)]
    assert said["short"][0]["category"] in RARE
    assert {one["draw"] for one in logged(evaluation, "draw.sealed")} == {"venues"}
    draw = evaluation.state.draws["experts"]
    assert (evaluation.state.state, draw_stage(draw)) == (State.VENUE_DRAWN, "lacking")
    assert not drawing.is_due(draw, datetime.now(UTC)), "nobody draws it again"
    keeping = party_work.Keeping(evaluation.process.key)
    rows = evaluation.store.look(lambda tx: [row for one in PARTIES for row in party_work.work_of(tx, one, keeping)])
    assert not [row for row in rows if row["draw"] == "experts"], "no party is asked for anything"


async def test_a_wider_form_is_the_next_attempt_with_new_commitments(evaluation: Evaluation) -> None:
    await to_a_short_draw(evaluation)
    await ask(evaluation, "A02", "A08")
    draw = evaluation.state.draws["experts"]
    assert (draw.attempt, bool(draw.order), draw.short) == (2, True, ())
    committed = [one["commit"] for one in logged(evaluation, "draw.committed") if one["draw"] == "experts"]
    assert len(set(committed)) == 2 * len(PARTIES)


async def test_after_it_the_provinces_result_may_be_taken(evaluation: Evaluation) -> None:
    await to_a_short_draw(evaluation)
    await evaluation.do(importing.take, AGENT, Province(evaluation.folder).result())
    assert evaluation.state.draws["experts"].source == "provincial"
