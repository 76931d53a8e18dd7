"""Experts whom the province drew: taken over whole or not at all, then the same desk, alternates and names as ever."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conduct import calling, checking_in, importing, opening, provincial, provincial_result, replacing, reporting
from conduct.package_problems import FieldWrong
from conduct.ports import Actor, Json
from demo import case_example_a as example
from evaluation.case import State
from evaluation.life import OutOfOrder
from expert_pool.replacement import ReplacementReason
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.services.evaluation import AGENT, CASE, MAIN, REPRESENTATIVE_ID, SUPERVISOR, Evaluation
from tests.services.province import ROWS, DrawnElsewhere, Province, number_of, row
from tests.services.test_reporting import answer, printed, seal

SEATS = {"1": "main", "2": "sub-1", "3": "sub-1", "4": "sub-2"}


def logged(evaluation: Evaluation, kind: str) -> list[Json]:
    return [json.loads(data)["body"] for _, data in evaluation.store.look(lambda tx: list(tx.statements(CASE, kind)))]


async def to_the_result(evaluation: Evaluation) -> Province:
    for step in ("prepare_deployment", "apply", "draw_venues"):
        await getattr(evaluation, step)()
    return Province(evaluation.folder)


async def to_the_desk(evaluation: Evaluation) -> None:
    province = await to_the_result(evaluation)
    await evaluation.do(importing.take, AGENT, province.result())
    await evaluation.take_opening()
    await checking_in.open_desk(evaluation.store, evaluation.process, CASE, MAIN)


def venues(evaluation: Evaluation) -> dict[str, Any]:
    return evaluation.store.look(lambda tx: dict(tx.shelf(CASE, "place").get("all") or {}))


async def arrives(evaluation: Evaluation, number: str, place: str, seat: int) -> bool:
    """Somebody shows a number at a place's desk; True when 相符, and then sits and enrols."""
    venue = venues(evaluation)[place]
    arrival = checking_in.Arrival(number, venue["seats"][seat], "12", "colleague")
    desk = Actor("checkin", "desk", venue["venue"])
    slip = await checking_in.match(evaluation.store, evaluation.process, CASE, desk, arrival)
    if slip is not None:
        await evaluation.take_seat(slip)
    return slip is not None


async def test_a_provincial_result_leads_to_a_committee_as_an_own_draw_does(evaluation: Evaluation) -> None:
    await to_the_desk(evaluation)
    assert evaluation.state.state is State.CHECK_IN
    assert logged(evaluation, "screening.elsewhere") == [{"source": "provincial"}]
    assert not logged(evaluation, "draw.rescreened")
    assert not await arrives(evaluation, number_of("4"), "sub-1", 0), "expected at another place"
    assert not await arrives(evaluation, number_of("6"), "sub-2", 0), "an alternate, and nobody is gone"
    for person, place in SEATS.items():
        assert await arrives(evaluation, number_of(person).lower(), place, int(person == "3"))
    assert not await arrives(evaluation, number_of("4"), "sub-2", 1), "is in already"
    assert await arrives(evaluation, REPRESENTATIVE_ID, "main", 1)
    assert await opening.open_committee(evaluation.store, evaluation.process, CASE)
    names = {member.name: member.categories for member in evaluation.state.members.values() if member.is_expert}
    assert names == {f"演示省级专家{person}": (category,) for person, category, *_ in ROWS[:4]}
    (opened,) = logged(evaluation, "committee.opened")
    assert set(opened["transcripts"]) == {"venues"}


async def test_the_log_names_file_signer_and_counts_and_nobody(evaluation: Evaluation) -> None:
    province = await to_the_result(evaluation)
    result = province.result()
    await evaluation.do(importing.take, AGENT, result)
    assert evaluation.state.state is State.DRAWN_SEALED
    (stated,) = logged(evaluation, "draw.imported")
    assert (stated["file"], stated["signer"]) == (result.file, result.signer)
    assert (stated["members"], stated["alternates"], stated["request"]) == (4, 2, "P-1")
    told = json.dumps(stated, ensure_ascii=False)
    assert not [one for one in result.experts if one.name in told or one.id_hash.hex() in told]


async def test_the_provinces_order_alone_says_which_alternate_follows(evaluation: Evaluation) -> None:
    await to_the_desk(evaluation)
    evaluation.store.writer._clock = lambda: datetime.now(UTC) + timedelta(minutes=10)
    asked = replacing.Asked("", "sub-2", ReplacementReason.HEALTH)
    for absent, follows, not_yet in (("4", "6", "5"), ("6", "5", "4")):
        await evaluation.do(replacing.request, MAIN, asked)
        await replacing.confirm(evaluation.store, evaluation.process, CASE, SUPERVISOR)
        assert not await arrives(evaluation, number_of(absent), "sub-2", 0)
        assert not await arrives(evaluation, number_of(not_yet), "sub-2", 0)
        if follows == "5":
            assert await arrives(evaluation, number_of(follows), "sub-2", 0)
    assert not logged(evaluation, "notice.sent")
    await evaluation.do(replacing.request, MAIN, replacing.Asked("m1", "", ReplacementReason.HEALTH))
    with pytest.raises(provincial.NobodyLeft):
        await replacing.confirm(evaluation.store, evaluation.process, CASE, SUPERVISOR)
    assert len(logged(evaluation, "replacement.confirmed")) == 2


async def test_where_no_alternate_is_left_the_province_draws_more_and_they_stand_behind_all_others(
    evaluation: Evaluation,
) -> None:
    await to_the_desk(evaluation)
    province = Province(evaluation.folder)
    evaluation.store.writer._clock = lambda: datetime.now(UTC) + timedelta(minutes=10)
    await evaluation.do(replacing.request, MAIN, replacing.Asked("", "main", ReplacementReason.HEALTH))
    with pytest.raises(provincial.NobodyLeft):
        await replacing.confirm(evaluation.store, evaluation.process, CASE, SUPERVISOR)
    more = [row("8", "A08", "main", "alternate", 1), row("7", "A08", "main", "alternate", 2)]
    for wrong, refusal in (
        ([row("1", "A08", "main", "alternate", 1)], importing.RepeatedPerson),
        ([row("7", "A09", "main", "alternate", 1)], importing.OtherList),
        ([*more, row("9", "A08", "main", "member", 3)], importing.DrawKnown),
        ([], importing.OtherList),
    ):
        with pytest.raises(refusal):
            await evaluation.do(importing.take, AGENT, province.result(experts=wrong))
    assert not logged(evaluation, "draw.supplemented")
    await evaluation.do(importing.take, AGENT, province.result(experts=more, request="P-2"))
    (stated,) = logged(evaluation, "draw.supplemented")
    assert (stated["request"], stated["alternates"], "members" in stated) == ("P-2", 2, False)
    await replacing.confirm(evaluation.store, evaluation.process, CASE, SUPERVISOR)
    assert not await arrives(evaluation, number_of("1"), "main", 0)
    assert not await arrives(evaluation, number_of("7"), "main", 0)
    assert await arrives(evaluation, number_of("8"), "main", 0)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"case": "E-OTHER", "sealed_for": "E-OTHER"}, importing.OtherProject),
        ({"project": "P-OTHER"}, importing.OtherProject),
        ({"experts": [row(*one) for one in ROWS[1:]]}, importing.WrongNumber),
        ({"experts": [row(*one) for one in ROWS] + [row("7", "A08", "main", "member", 9)]}, importing.WrongNumber),
        ({"experts": [row(*one) for one in (*ROWS, ("1", "A02", "main", "alternate", 9))]}, importing.RepeatedPerson),
        ({"experts": [row(*one) for one in (*ROWS, ("7", "A08", "sub-3", "alternate", 9))]}, importing.NoSuchPlace),
        ({"experts": [row(str(n), "A08", "main", "member", n) for n in range(4)]}, importing.NoSuchPlace),
        ({"sealed_for": "E-OTHER"}, provincial_result.ResultUnreadable),
        ({"experts": [{**row(*ROWS[0]), "role": "leader"}]}, provincial_result.ResultUnreadable),
        ({"experts": [{**row(*ROWS[0]), "id_hash": "00"}]}, provincial_result.ResultUnreadable),
        ({"experts": 4}, provincial_result.ResultUnreadable),
        ({"drawn_at": 4}, FieldWrong),
    ],
)
async def test_a_result_that_does_not_fit_is_refused_whole(
    evaluation: Evaluation, changed: dict[str, Any], refusal: type[Exception]
) -> None:
    province = await to_the_result(evaluation)
    with pytest.raises(refusal):
        await evaluation.do(importing.take, AGENT, province.result(**changed))
    assert evaluation.state.state is State.VENUE_DRAWN
    await evaluation.do(importing.take, AGENT, province.result())


async def test_a_case_has_one_source_of_its_experts(evaluation: Evaluation) -> None:
    province = await to_the_result(evaluation)
    await evaluation.do(importing.take, AGENT, province.result())
    with pytest.raises(importing.DrawKnown):
        await evaluation.do(importing.take, AGENT, province.result())
    with pytest.raises(OutOfOrder):
        await evaluation.ask_for_experts()
    assert not calling.is_calling(evaluation.state)


async def test_no_result_is_taken_after_an_own_draw_was_asked_for(evaluation: Evaluation) -> None:
    province = await to_the_result(evaluation)
    await evaluation.ask_for_experts()
    with pytest.raises(importing.DrawKnown):
        await evaluation.do(importing.take, AGENT, province.result())


async def test_report_and_verifier_say_that_the_province_drew_and_nobody_here_can_check_it(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    case = DrawnElsewhere(store, evaluation.office, tmp_path)
    await case.to_candidates()
    assert case.state.candidates == example.CANDIDATES
    await reporting.render(store, CASE)
    assert case.state.report is not None
    value = json.loads(store.objects.get(case.state.report.data_sha256))
    assert [one["subject"] for one in value["draws"]] == ["venues"]
    (stated,) = logged(case, "draw.imported")
    (told,) = value["drawn_elsewhere"]
    assert (told["number"], told["members"], told["alternates"]) == ("P-1", 4, 2)
    assert (told["file"], told["signer"]) == (stated["file"], stated["signer"])
    assert {one["origin"] for one in value["members"]} == {"省级平台抽取", "招标人委派"}
    words = printed(store.objects.get(case.state.report.sha256))
    assert "由省级平台抽取和复筛，本系统不核验" in words
    assert not [number_of(one[0]) for one in ROWS if number_of(one[0]) in words]
    for alias in example.MEMBERS:
        await answer(case, alias, "signed")

    verdict = await seal(case, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings) == (3, ())
    assert [one["why"] for one in verdict.unchecked] == ["drawn-elsewhere"]
    opinion = printed(verdict.opinion.read_bytes())
    assert "专家由省级平台抽取和复筛，本系统不核验" in opinion
