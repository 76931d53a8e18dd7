"""The report of Example A: its figures from the log, its answers by the members, the bag it ends in, its judgement."""

import json
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import pypdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archive import published
from archive.report.characters import check_value
from archive.report.consistency import read_report
from archive.report.font import coverage
from archive.report.reading import value_of
from archive.report.render import render_answers
from conduct import (
    authorising,
    closing,
    consenting,
    directory,
    enrolling,
    pausing,
    report,
    reporting,
    scoring,
    sealing,
    stepping_out,
    summing,
    watching,
)
from conduct.attesting import Verdict, VerifierFailed, attest
from conduct.bagging import Sealer
from conduct.closing_reports import Closer
from conduct.cosigning import Cosigning
from conduct.ports import Actor, Tx
from conduct.report.answers import build_answers
from conduct.stamping import Embedded, Stamping
from demo import case_example_a as example
from evaluation.case import BidId, State
from expert_pool.expert import Person
from gateways.witnesses import Witnesses
from house import trust_of
from media.access import Footage
from signing.canonical import canonical, short_code
from signing.cms import Chain
from signing.cosign_policy import Policy
from signing.timestamp import Stamper
from storage.deployment_keys import DeploymentKeys
from storage.logs import DEPLOYMENT, LogKeys
from storage.store import Store
from storage.transaction import Transaction
from tests.archive import bag_example
from tests.services.evaluation import CASE, MAIN, PASSWORD, Evaluation

T = TypeVar("T")
WITNESS = Actor("witness", "witness")
GAP = {"seat": "V1-01", "track": "camera", "take": 1, "since": "2026-11-23T06:12:30.000Z"}
GAP |= {"until": "2026-11-23T06:14:00.400Z", "reason": "network"}


def printed(pdf: bytes) -> str:
    """The words of a PDF as poppler reads them, without white space."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


async def interrupt(evaluation: Evaluation) -> None:
    """A suspension by the main venue, a seat left and locked, a seat lost and back, a hole in a recording."""
    store = evaluation.store
    await store.act(lambda tx: pausing.suspend(tx, CASE, MAIN, "副场网络中断", "V1"))
    await resume(evaluation)
    await evaluation.do(stepping_out.leave, evaluation.member("评委2"))
    await evaluation.sign(evaluation.member("评委2"), stepping_out.PURPOSE)
    for online in (False, True):
        await evaluation.do(watching.presence, "V1-01", online)
    await store.act(lambda tx: watching.gap(tx, CASE, GAP))


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def resume(evaluation: Evaluation) -> None:
    """Everybody is back, the main venue goes on."""
    for actor in map(evaluation.member, example.MEMBERS):
        await evaluation.do(pausing.confirm_presence, actor)
    await evaluation.store.act(lambda tx: pausing.resume(tx, CASE, MAIN))


async def to_summary(evaluation: Evaluation) -> None:
    """From an empty deployment to signed sheets, with an interruption on the way."""
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.draw_experts()
    await evaluation.open_bids()
    await evaluation.check_in()
    await evaluation.pledge_and_elect()
    await evaluation.review()
    await interrupt(evaluation)
    await evaluation.score()


async def answer(evaluation: Evaluation, alias: str, outcome: str, opinion: str = "") -> None:
    """A member answers the report with the signing password."""
    store, batch = evaluation.store, await read_back(evaluation, alias, outcome, opinion)
    who = evaluation.member(alias).who
    tried = await store.act(lambda tx: authorising.begin(tx, evaluation.case, who, "report", batch.id))
    signed = await authorising.sign(evaluation.office, tried, PASSWORD, evaluation.clock())
    await store.act(lambda tx: authorising.finish(tx, signed))


async def read_back(evaluation: Evaluation, alias: str, outcome: str, opinion: str = "") -> authorising.Batch:
    """A member's answer, prepared and not yet signed."""
    actor = evaluation.member(alias)

    def prepare(tx: Tx) -> authorising.Batch:
        body = reporting.signature_body(tx, evaluation.case, actor, outcome, opinion)
        stated = [("report.signed", body)]
        return authorising.prepare(tx, evaluation.case, actor.who, "report", stated, reporting.released_with(body))

    return await evaluation.store.act(prepare)


async def consent_to(evaluation: Evaluation, member: str) -> None:
    """The leader states that a member counts as consenting; the witness, who gets a key for it, countersigns."""
    key = await enrolling.make_key(evaluation.office, f"{CASE}/witness/1", PASSWORD, bytes(32))
    await evaluation.do(enrolling.enrol_person, evaluation.office, WITNESS, key)
    stated = partial(consenting.body, case=CASE, actor=evaluation.leader, member=member)
    await evaluation.sign_body(evaluation.leader, "consent", lambda tx: [("consent.stated", stated(tx))])
    countersigned = partial(consenting.witness_body, case=CASE, actor=WITNESS, member=member)
    await evaluation.sign_body(WITNESS, "consent", lambda tx: [("consent.witnessed", countersigned(tx))])


async def seal(
    evaluation: Evaluation, keys: DeploymentKeys, folder: Path, licensed: x509.Certificate | None = None
) -> Verdict:
    """Close the case, write its bag and have it judged."""
    await evaluation.store.act(lambda tx: closing.close(tx, evaluation.case, MAIN))
    return await seal_only(evaluation, keys, folder, licensed)


async def seal_only(
    evaluation: Evaluation, keys: DeploymentKeys, folder: Path, licensed: x509.Certificate | None = None
) -> Verdict:
    """Write the bag of a case that is closed and have it judged; `licensed`: the root of others' certificates."""
    store = evaluation.store
    vkey = LogKeys("test.example/log", keys.log_seed).of(DEPLOYMENT).verifier_key
    trust = trust_of(keys, "演示交易中心", vkey)
    trust |= published.licensed_file(licensed.public_bytes(Encoding.DER)) if licensed else {}
    (folder / "trust").mkdir(parents=True)
    for name, content in trust.items():
        (folder / "trust" / name).write_bytes(content)
    place = sealing.Place(Footage(folder / "footage"), trust, "演示交易中心")
    alarms: list[str] = []
    stamper = Stamper(Chain(keys.stamp.certificate, keys.issuing.certificate), keys.stamp.key)
    stamping = Stamping(store, Embedded(stamper), alarms.append)
    cosigning = Cosigning(store, Policy(), Witnesses().ask)
    closer = Closer(keys.root, keys.issuing, keys.stamp.certificate, stamping, b"", licensed)
    authorities = (keys.seal, keys.issuing, keys.sm2_issuing)
    sealer = Sealer(store, place, *authorities, folder, folder / "trust", cosigning, stamping, closer)
    await sealer.run(evaluation.case)
    return await attest(folder / evaluation.case, folder / "trust", folder)


def figures(value: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """Bid → summands, total, rank of the comparison."""
    return {row["bidder"]: (*row["parts"], row["total"], row["rank"]) for row in value["comparison"]["rows"]}


async def test_example_a_is_reported_answered_sealed_and_judged(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    await to_summary(evaluation)
    await evaluation.sum_up()
    await reporting.render(store, CASE)
    state = evaluation.state
    assert state.state is State.REPORT_SIGNING
    assert state.report is not None
    data = store.objects.get(state.report.data_sha256)
    value = json.loads(data)
    assert canonical(value) == data
    assert value_of(read_report(value)) == value
    _tells_the_figures(value)
    _tells_the_course(value)
    _tells_the_signatures(evaluation, value)
    words = printed(store.objects.get(state.report.sha256))
    assert "内部证书，非第三方电子认证" in words
    assert "88.92" in words
    _names_only_those_seated(evaluation, words)

    with pytest.raises(report.ReportNotReady):
        store.look(lambda tx: build_answers(tx, tx.case(CASE)))
    for alias in ("评委1", "评委3"):
        await answer(evaluation, alias, "signed")
    await answer(evaluation, "评委2", "dissent", example.DISSENT["text"])
    await answer(evaluation, "评委4", "refused")
    await answer(evaluation, "评委5", "refused", "对否决投标人F的程序有异议")
    with pytest.raises(reporting.AlreadyAnswered):
        await answer(evaluation, "评委1", "signed")
    signed = {row["member"]: row["outcome"] for row in _bodies(store, "report.signed")}
    assert list(signed.values()) == ["signed", "signed", "dissent", "refused", "refused"]
    await consent_to(evaluation, "m4")

    sheet = store.look(lambda tx: build_answers(tx, tx.case(CASE)))
    assert [(one["member"], one["outcome"], one["text"]) for one in sheet["answers"]] == [
        ("评委1", "signed", ""),
        ("评委2", "dissent", example.DISSENT["text"]),
        ("评委3", "signed", ""),
        ("评委4", "refused", ""),
        ("评委5", "refused", "对否决投标人F的程序有异议"),
    ]
    assert "签署并保留不同意见" in printed(await render_answers(sheet))

    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    assert names(tmp_path / "sealed" / CASE / "data/report/signatures") == [
        f"m{n}.{kind}" for n in (1, 2, 3) for kind in ("p7s", "tsr")
    ]
    words = printed(verdict.opinion.read_bytes())
    assert verdict.short_code in words
    assert "核验通过" in words
    (attached,) = pypdf.PdfReader(verdict.opinion).attachments["opinion.json"]
    assert "签名 2 人，签名并保留不同意见 1 人，拒绝签名 2 人；其中未说明理由、视为同意 1 人" in attached.decode()


def _names_only_those_seated(evaluation: Evaluation, words: str) -> None:
    def persons(tx: Transaction) -> list[Person]:
        ids = {str(expert.id) for expert in directory.experts(tx)}
        return [one.person for one in directory.enrolled(tx, DEPLOYMENT, ids)]

    pool = evaluation.store.look(persons)
    seated = {member.name for member in evaluation.state.members.values()}
    assert not [person.phone for person in pool if person.phone in words or person.id_number in words]
    assert {person.name for person in pool if person.name in words} == seated - {"演示代表"}


def _bodies(store: Store, kind: str) -> list[dict[str, Any]]:
    return store.look(lambda tx: [json.loads(data)["body"] for _, data in tx.statements(CASE, kind)])


def _tells_the_figures(value: dict[str, Any]) -> None:
    assert figures(value) == {
        bid: (row["price"], row["technical"], row["commercial"], row["total"], row["rank"])
        for bid, row in example.EXPECTED.items()
    }
    assert [(one["rank"], one["bidder"], one["price"]) for one in value["candidates"]] == [
        (rank, bid, example.PRICES[bid]) for rank, bid in enumerate(example.CANDIDATES, 1)
    ]
    assert value["price"]["steps"][-1]["value"] == "9,213,323.00"
    assert {row["bidder"]: row["use"] for row in value["price"]["rows"]} == {
        "A": "counted",
        "B": "counted",
        "C": "dropped_high",
        "D": "dropped_low",
        "E": "counted",
        "F": "not_counted",
    }
    technical = value["summaries"][0]["rows"]
    dropped = {row["bidder"]: row["use"] for row in technical}
    assert dropped["A"] == ["counted", "counted", "dropped_low", "counted", "dropped_high"]
    assert next(row["result"] for row in technical if row["bidder"] == "A") == "42.17"
    assert value["opening"]["at"] == "2026-11-20T00:30:00Z"


def _tells_the_course(value: dict[str, Any]) -> None:
    (rejected,) = value["rejected"]
    assert (rejected["bidder"], rejected["ground_code"], rejected["page"]) == ("F", "51-6", "第 87 页")
    assert (rejected["votes_reject"], rejected["votes_keep"]) == (3, 2)
    assert [one["member"] for one in rejected["dissent"]] == ["评委2", "评委4"]
    (recheck,) = value["rechecks"]
    assert (recheck["before"], recheck["after"]) == ("48.5", "48.5")
    assert "技术部分评分 48.5，其他成员平均 41.75，偏差 +16.17 %" in recheck["finding"]
    assert example.DEVIATION["reason"] in recheck["decision"]
    assert [[one["votes"] for one in row["counts"]] for row in value["elections"]] == [[2, 1, 2, 0, 0], [2, 3]]
    assert sorted(one["kind"] for one in value["interruptions"]) == ["incident", "seat_left", "suspension"]
    assert all(one["ended"] for one in value["interruptions"])
    assert [(gap["track"], gap["duration_ms"]) for gap in value["gaps"]] == [("摄像头", 90_400)]
    (asked,) = value["clarifications"]
    assert (asked["bidder"], bool(asked["file"])) == ("E", True)
    venues, experts = value["draws"]
    assert (venues["subject"], experts["subject"]) == ("venues", "experts")
    assert experts["parties"] == "agent-org、centre、supervision"
    assert {one["name"]: one["times"] for one in experts["replies"]}["不参加"] == 1
    assert len(value["sign_ins"]) == len(example.MEMBERS)


def _tells_the_signatures(evaluation: Evaluation, value: dict[str, Any]) -> None:
    state = evaluation.state
    codes = {short_code(bytes.fromhex(signed.entry)) for signed in state.sheets.values()}
    assert {one["code"] for sheet in value["sheets"] for one in sheet["signatures"]} == codes
    assert codes < {one["code"] for one in value["signed_acts"]}
    assert len(value["signed_acts"]) == 5 + 5 + 25 + 1
    assert [one["certificate"] for one in value["signatures"]] == [
        member.certificate_sha256 for member in state.members.values()
    ]


async def test_a_sheet_given_back_stays_in_the_report_as_voided(evaluation: Evaluation, store: Store) -> None:
    await to_summary(evaluation)
    await store.act(lambda tx: summing.close_scoring(tx, CASE, evaluation.leader))
    actor = Actor("member", "m5")
    await store.act(lambda tx: summing.decide(tx, CASE, actor, "A", "change", "看错一页 😀"))
    for item, typed in (("T1", "7"), ("T2", "7.5")):

        def save(tx: Tx, item: str = item, typed: str = typed) -> int:
            cell = scoring.Cell(BidId("A"), item, "score")
            return scoring.save(tx, CASE, actor, cell, typed, scoring.drafts(tx, CASE, "m5")[cell][1])

        await store.act(save)
    await evaluation.sign(actor, "score-sheet")
    await store.act(lambda tx: summing.recommend(tx, CASE, evaluation.leader))
    value = store.look(lambda tx: report.build(tx, CASE))
    voided = [sheet for sheet in value["sheets"] if sheet["state"] == "voided"]
    assert [(sheet["member"], sheet["bidders"], sheet["totals"]) for sheet in voided] == [("评委5", ["A"], ["66.50"])]
    (recheck,) = value["rechecks"]
    assert (recheck["before"], recheck["after"]) == ("48.5", "44")
    assert "看错一页 〔U+1F600〕" in recheck["decision"]
    read_report(value)
    check_value(value, coverage())
    assert len(value["signed_acts"]) == 5 + 5 + 26 + 1


class MovesOn:
    """A store whose case is suspended between the reading of the report and its statement."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def read(self, look: Callable[[Tx], T], /) -> T:
        return await self.store.read(look)

    async def act(self, act: Callable[[Tx], T], /) -> T:
        await self.store.act(lambda tx: pausing.suspend(tx, CASE, MAIN, "停电"))
        return await self.store.act(act)


async def test_a_report_is_stated_only_for_the_case_it_was_made_of(
    evaluation: Evaluation, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await evaluation.to_candidates()
    before = evaluation.state.size
    with monkeypatch.context() as patch:
        patch.setattr("archive.report.render.LONGEST_RENDER_SECONDS", 0.0)
        patch.setattr(reporting, "RETRY_S", 0.0)
        await reporting.render(store, CASE)
    assert "report.render.timeout" in caplog.text
    assert (evaluation.state.report, evaluation.state.size) == (None, before)
    await reporting.render(MovesOn(store), CASE)
    assert (evaluation.state.report, evaluation.state.size) == (None, before + 1)
    await reporting.render(store, CASE)
    assert not _has_report(evaluation)
    await resume(evaluation)
    await reporting.render(store, CASE)
    assert _has_report(evaluation)
    await _refuses_unfit_answers(store)


def _has_report(evaluation: Evaluation) -> bool:
    return evaluation.state.report is not None


async def _refuses_unfit_answers(store: Store) -> None:
    actor = Actor("member", "m1")
    for outcome, opinion, refusal in (
        ("dissent", "  ", reporting.OpinionMissing),
        ("signed", "另有意见", reporting.OpinionUnexpected),
        ("agreed", "", reporting.UnknownOutcome),
    ):
        with pytest.raises(refusal):
            store.look(partial(reporting.signature_body, case=CASE, actor=actor, outcome=outcome, opinion=opinion))
    body = store.look(lambda tx: reporting.signature_body(tx, CASE, actor, "refused", ""))
    assert (body["outcome"], body["opinion"], reporting.released_with(body)) == ("refused", "", "")


async def test_a_report_is_answered_only_once_it_is_there(evaluation: Evaluation, store: Store) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    with pytest.raises(reporting.ReportNotRendered):
        store.look(lambda tx: reporting.signature_body(tx, CASE, Actor("member", "m1"), "signed", ""))
    with pytest.raises(report.ReportNotReady):
        store.look(lambda tx: report.build(tx, CASE))


async def test_a_bag_is_judged_from_outside_and_never_written_into(tmp_path: Path) -> None:
    summary, _ = bag_example.write(tmp_path)
    bag, out = summary.path, tmp_path / "out"
    out.mkdir()
    before = {path: path.read_bytes() for path in bag.rglob("*") if path.is_file()}
    verdict = await attest(bag, tmp_path / "trust", out)
    assert (verdict.status, verdict.check_code, verdict.is_trusted) == (0, summary.check_code, True)
    assert {path: path.read_bytes() for path in bag.rglob("*") if path.is_file()} == before
    assert names(out) == [verdict.opinion.name]
    assert verdict.as_json()["opinion_sha256"] == sha256(verdict.opinion.read_bytes()).hexdigest()
    words = printed(verdict.opinion.read_bytes())
    wanted = ("核验通过", verdict.short_code, "内部证书，非第三方电子认证", "演示数据，无法律效力", "没有第三方时间戳")
    assert [one for one in wanted if one not in words] == []


async def test_a_forged_bag_gets_an_opinion_that_names_the_object(tmp_path: Path) -> None:
    bag_example.write(tmp_path)
    bag = tmp_path / bag_example.CASE
    sheet = next(path for path in sorted((bag / "data/records").glob("*.json")) if b"sheet.signed" in path.read_bytes())
    sheet.write_bytes(sheet.read_bytes().replace(b'"T1":"', b'"T1":"1', 1))
    (bag / "data" / "strange 😀.txt").write_bytes(b"")
    (bag / "tagmanifest-sha256.txt.p7s").write_bytes(b"no seal")
    verdict = await attest(bag, tmp_path / "trust", tmp_path)
    assert verdict.status == 1
    assert f"data/records/{sheet.name}" in {one["object"] for one in verdict.findings}
    words = printed(verdict.opinion.read_bytes())
    assert "核验不通过" in words
    assert "tagmanifest-sha256.txt.p7s" in words


async def test_no_verdict_is_not_taken_for_one(tmp_path: Path) -> None:
    bag_example.write(tmp_path)
    shutil.rmtree(tmp_path / "trust")
    with pytest.raises(VerifierFailed):
        await attest(tmp_path / bag_example.CASE, tmp_path / "trust", tmp_path)
    assert names(tmp_path) == [bag_example.CASE, "footage"]
