"""Acceptance scenarios through the services, each with what must be seen; the house test counts all twenty.

Those that other parts show better stand beside what they are about, named in the same way.
"""

import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pypdf
import pytest

from conduct import clarifying, closing, report, reporting, retrieving, reviewing, scoring
from conduct.ports import Actor
from demo import case_example_a as example
from demo import case_example_b, documents
from draw import pool_file
from draw.pool import Entry
from draw.pool import seal as seal_row
from evaluation.case import BidId, State
from evaluation.clarification import AlreadyAnswered, AnswerLate, Upload
from evaluation.committee import CommitteeEven, CommitteeTooSmall, TooFewExperts
from signing.ca import sha256_of
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.archive.test_report_as_pdf import PARTS
from tests.house.tree import ROOT
from tests.services.evaluation import CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.profiles import judge_by, values_of
from tests.services.test_reporting import answer, consent_to, interrupt, printed, seal

ONE_PLUS_TWO = (
    {"category": "A08", "count": 3, "alternates": 0, "place": "main"},
    {"category": "A02", "count": 1, "alternates": 0, "place": "sub-1"},
    {"category": "B01", "count": 1, "alternates": 1, "place": "sub-2"},
)


async def test_scenario_01_three_cities_report_in_ten_parts_sign_five_times_and_verify_offline(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    evaluation.experts, evaluation.representatives, evaluation.quotas = 5, 0, ONE_PLUS_TWO
    await evaluation.to_candidates()
    members = evaluation.state.members.values()
    assert sorted(Counter(one.venue for one in members).values()) == [1, 1, 3]
    await reporting.render(store, CASE)
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")
    pdf = store.objects.get(_report(evaluation).sha256)
    titles = [part.title for part in pypdf.PdfReader(io.BytesIO(pdf)).outline if not isinstance(part, list)]
    assert tuple(titles[: len(PARTS)]) == PARTS
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    signatures = (tmp_path / "sealed" / CASE / "data/report/signatures").iterdir()
    assert sorted(path.name for path in signatures) == [f"m{n}.{kind}" for n in range(1, 6) for kind in ("p7s", "tsr")]


@pytest.mark.parametrize(
    ("experts", "representatives", "refusal"),
    [(3, 1, CommitteeTooSmall), (4, 2, CommitteeEven), (6, 0, CommitteeEven), (3, 2, TooFewExperts)],
)
async def test_scenario_03_a_committee_of_four_of_six_or_of_too_few_experts_is_refused(
    evaluation: Evaluation, experts: int, representatives: int, refusal: type[Exception]
) -> None:
    evaluation.experts, evaluation.representatives = experts, representatives
    with pytest.raises(refusal):
        await evaluation.apply()


async def test_scenario_03_seven_with_five_experts_are_accepted(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    evaluation.experts, evaluation.representatives = 5, 2
    await evaluation.apply()
    application = evaluation.state.application
    assert application is not None
    assert (application.experts, application.size) == (5, 7)


async def test_scenario_05_a_third_partys_program_draws_the_same_and_one_changed_row_of_the_pool_fails(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    await evaluation.prepare_deployment()
    await evaluation.to_pledges()
    kept: dict[str, Any] = evaluation.store.look(lambda tx: dict(tx.shelf(CASE, "draw").items()))
    (tmp_path / "transcript.json").write_text(kept["experts/transcript"]["bytes"], encoding="utf-8")
    rows = pool_file.read(kept["experts/material"]["pool"].encode())
    heavier = seal_row(replace(rows[0].record, weight=rows[0].record.weight % 8 + 1), rows[0].salt)
    assert _drawn_again(tmp_path, rows) == (0, "")
    status, words = _drawn_again(tmp_path, [heavier, *rows[1:]])
    assert status == 1
    assert "候选池与抽取前公布的校验码相符" in words  # crossed out


def _drawn_again(folder: Path, rows: Sequence[Entry]) -> tuple[int, str]:
    """`./run replay`, alone: its exit status, and what it says against the draw."""
    (folder / "pool.jsonl").write_bytes(pool_file.write(rows))
    command = [sys.executable, "-m", "draw.replay", str(folder / "transcript.json"), str(folder / "pool.jsonl")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, "\n".join(line for line in done.stdout.splitlines() if "✗" in line)


async def test_scenario_10_a_bid_rejected_by_three_to_two_leaves_the_benchmark_and_its_defenders_are_named(
    evaluation: Evaluation,
) -> None:
    await evaluation.to_candidates()
    value = evaluation.store.look(lambda tx: report.build(tx, CASE))
    (rejected,) = value["rejected"]
    assert (rejected["bidder"], rejected["ground_code"], rejected["page"]) == ("F", "51-6", "第 87 页")
    assert (rejected["votes_reject"], rejected["votes_keep"]) == (3, 2)
    assert [one["member"] for one in rejected["dissent"]] == ["评委2", "评委4"]
    assert {row["bidder"]: row["use"] for row in value["price"]["rows"]}["F"] == "not_counted"
    assert value["price"]["steps"][-1]["value"] == "9,213,323.00"
    assert value["price"]["steps"][-1]["value"] != "9,146,842.25"  # what it would be with F counted


async def test_scenario_12_an_answer_ten_seconds_before_the_end_is_taken_and_a_later_one_is_not(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, values_of("works", "clarification"))
    await evaluation.to_review()
    await evaluation.do(reviewing.begin, evaluation.leader)
    first, second = await _asked(evaluation, "B"), await _asked(evaluation, "C")
    due = datetime.fromisoformat(evaluation.state.clarifications["c1"].due)
    asked_at = datetime.fromisoformat(evaluation.state.clarifications["c1"].asked_at)
    assert due - asked_at == timedelta(minutes=30)
    await _answers(evaluation, first, "B", asked_at + timedelta(minutes=29, seconds=50))
    with pytest.raises(AlreadyAnswered):
        await _answers(evaluation, first, "B", asked_at + timedelta(minutes=29, seconds=55))
    with pytest.raises(AnswerLate):
        await _answers(evaluation, second, "C", due + timedelta(minutes=1))
    asked = evaluation.state.clarifications
    assert (bool(asked["c1"].answer), bool(asked["c2"].answer)) == (True, False)
    shown = clarifying.shown_to_bidder(evaluation.state, asked["c1"])
    for member in evaluation.state.members.values():
        assert member.name not in repr(shown)
        assert member.alias not in repr(shown)


async def _asked(evaluation: Evaluation, bid: str) -> clarifying.Sent:
    told = example.CLARIFICATION
    return await evaluation.store.act(
        lambda tx: clarifying.ask(tx, CASE, evaluation.leader, bid, told["scope"], told["question"])
    )


async def _answers(evaluation: Evaluation, sent: clarifying.Sent, bid: str, at: datetime) -> None:
    content = documents.demo_answer_pdf()
    digest, sealed = evaluation.store.objects.put(content), evaluation.bidders[bid].sign(content)
    upload = Upload(content[:8], len(content), digest, sha256_of(evaluation.bidders[bid].certificate).hex(), at)
    signature = evaluation.store.objects.put(sealed)
    await evaluation.store.act(lambda tx: clarifying.answer(tx, sent.token, upload, signature))


async def test_scenario_13_example_b_ties_at_89_02_and_the_lower_price_wins(
    store: Store, evaluation: Evaluation, tmp_path: Path
) -> None:
    procurement = Evaluation(store, evaluation.office, tmp_path, case_example_b)
    await procurement.to_review()
    await procurement.review_failing("")
    await procurement.score()
    await procurement.sum_up()
    rows = {row["bid"]: row for row in procurement.state.rows}
    for bid, wanted in case_example_b.EXPECTED.items():
        found = {"price": rows[bid]["price_score"], "total": rows[bid]["total"], "rank": rows[bid]["rank"]}
        found |= {"evaluated": rows[bid]["evaluated"]} | rows[bid]["groups"]
        assert found == wanted
    assert procurement.state.candidates == case_example_b.CANDIDATES
    await reporting.render(store, CASE)
    words = printed(store.objects.get(_report(procurement).sha256))
    for figure in ("89.02", "85.00", "28.74", "29.78", "1,782,000.00", "44.28", "43.24"):
        assert figure in words, figure


async def test_scenario_15_what_was_typed_before_an_outage_counts_once_and_its_gaps_are_in_the_report(
    evaluation: Evaluation,
) -> None:
    await evaluation.to_review()
    await evaluation.review()
    actor, cell = evaluation.member("评委1"), scoring.Cell(BidId("A"), "T1", "score")
    typed = partial(scoring.save, case=CASE, actor=actor, cell=cell, typed="8.5", revision=0)
    saved = await evaluation.store.act(typed)
    await interrupt(evaluation)
    assert await evaluation.store.act(typed) == saved  # the seat sends again what it got no answer for
    assert evaluation.store.look(lambda tx: scoring.drafts(tx, CASE, actor.who)) == {cell: ("8.5", saved)}
    await evaluation.score()
    await evaluation.sum_up()
    value = evaluation.store.look(lambda tx: report.build(tx, CASE))
    assert [(one["seat"], one["track"], one["duration_ms"]) for one in value["gaps"]] == [
        ("主场 V1-01", "摄像头", 90_400)
    ]
    absences = [one for one in value["interruptions"] if one["kind"] == "incident"]
    assert [bool(one["ended"]) for one in absences] == [True]
    assert {row["bid"]: row["total"] for row in evaluation.state.rows} == {
        bid: row["total"] for bid, row in example.EXPECTED.items()
    }


async def test_scenario_18_a_dissent_is_signed_and_a_refusal_without_reason_is_stated_as_consent(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await evaluation.to_candidates()
    await reporting.render(store, CASE)
    for alias in ("评委1", "评委3", "评委5"):
        await answer(evaluation, alias, "signed")
    await answer(evaluation, "评委2", "dissent", example.DISSENT["text"])
    await answer(evaluation, "评委4", "refused")
    with pytest.raises(closing.ReportUnsigned) as open_still:
        await evaluation.do(closing.close, Actor("main_staff", "main"))
    assert open_still.value.members == ("评委4",)
    await consent_to(evaluation, "m4")
    (stated,) = evaluation.store.look(
        lambda tx: [json.loads(data)["body"] for _, data in tx.statements(CASE, "consent.stated")]
    )
    assert "评委4 拒绝在评标报告上签字" in stated["text"]
    assert "视为同意" in stated["text"]
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert evaluation.state.state is State.CLOSED
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())


def _report(evaluation: Evaluation) -> Any:  # noqa: ANN401 - the report of a case that has one
    return evaluation.state.report


async def test_scenario_20_a_complaint_fourteen_months_later_is_shown_one_seat_for_a_day_and_every_look_is_logged(
    evaluation: Evaluation, store: Store
) -> None:
    await evaluation.to_candidates()
    wish = retrieving.Wish("投诉人称评委3的打分与评审记录不符", ("V1-01",), 24)
    with pytest.raises(retrieving.CaseNotClosed):
        await evaluation.do(retrieving.request, SUPERVISOR, wish)
    await reporting.render(store, CASE)
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")
    await evaluation.do(closing.close, MAIN)
    now = [datetime.now(UTC) + timedelta(days=425)]
    store.writer._clock = lambda: now[0]
    for wrong, refusal in (
        (replace(wish, reason="投诉"), retrieving.ReasonMissing),
        (replace(wish, seats=("V9-01",)), retrieving.SeatsUnknown),
        (replace(wish, hours=169), retrieving.TooLong),
    ):
        with pytest.raises(refusal):
            await evaluation.do(retrieving.request, SUPERVISOR, wrong)
    name = await evaluation.do(retrieving.request, SUPERVISOR, wish)
    archivist, look = Actor("archivist", "archivist"), (SUPERVISOR, name, "V1-01")
    with pytest.raises(retrieving.OwnRequest):
        await evaluation.do(retrieving.decide, SUPERVISOR, name, approved=True)
    await evaluation.do(retrieving.decide, archivist, name, approved=True)
    with pytest.raises(retrieving.AlreadyDecided):
        await evaluation.do(retrieving.decide, archivist, name, approved=True)
    with pytest.raises(retrieving.NotGranted):
        await evaluation.do(retrieving.look, *look)
    await evaluation.do(retrieving.decide, MAIN, name, approved=True)
    with pytest.raises(retrieving.NotGranted):
        await evaluation.do(retrieving.check_looked, *look)
    await evaluation.do(retrieving.look, *look)
    await evaluation.do(retrieving.check_looked, *look)
    for actor, seat in ((SUPERVISOR, "V1-02"), (archivist, "V1-01")):
        with pytest.raises(retrieving.NotGranted):
            await evaluation.do(retrieving.look, actor, name, seat)
    now[0] += timedelta(hours=24)
    with pytest.raises(retrieving.GrantOver):
        await evaluation.do(retrieving.look, *look)
    said = store.look(lambda tx: [json.loads(data) for _, data in tx.statements("deployment")])
    told = [(one["kind"], one["body"]["by"]["who"]) for one in said if one["kind"].startswith("retrieval.")]
    assert told == [
        ("retrieval.requested", SUPERVISOR.who),
        ("retrieval.decided", "archivist"),
        ("retrieval.decided", MAIN.who),
        ("retrieval.looked", SUPERVISOR.who),
    ]
    assert "投诉" not in json.dumps(said, ensure_ascii=False)
