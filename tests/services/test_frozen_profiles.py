"""A case goes on under the bytes that were kept when it was opened, whatever the software that runs comes with."""

import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conduct import applying, drawing, linking, party_work, reevaluating, reporting, rulebook, venue_draw
from conduct.ending import Stated
from conduct.ports import UnknownCase, stamp
from conduct.rulebook import ProfileChanged, ProfileDamaged, ProfileNewer, ProfileUnfit, frozen_bytes, profile_of
from evaluation.case import CaseId
from evaluation.profile import Profile
from evaluation.profile_reading import parse_frozen
from evaluation.profiles import load_profile
from signing.canonical import canonical
from storage.deployment_keys import DeploymentKeys
from storage.transaction import Transaction
from tests.services.evaluation import AGENT, CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.parties import PARTIES
from tests.services.test_ending import end
from tests.services.test_reevaluating import AGAIN, asked, closed
from tests.services.test_reporting import answer, seal

FIRST = (Path(__file__).parent.parent / "vectors" / "accept" / "profile-first.json").read_bytes()
PARTS = ("draw_venues", "draw_experts", "open_bids", "check_in", "pledge_and_elect", "review", "score", "sum_up")
TALK: Mapping[str, Any] = {"by": MAIN.as_by(), "talk": "held", "silenced": []}


@pytest.fixture(autouse=True)
def started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been read yet, as after a restart."""
    monkeypatch.setattr(rulebook, "_read", {})


def ships(monkeypatch: pytest.MonkeyPatch, profile: Profile) -> None:
    """The version that runs from here on comes with this profile."""
    for module in (applying, rulebook):
        monkeypatch.setattr(module, "load_profile", lambda _name: profile)
    monkeypatch.setattr(rulebook, "_read", {})


def changed(section: str, name: str, value: object) -> Profile:
    """The demo's profile with another number."""
    document = copy.deepcopy(dict(load_profile("demo").document))
    document["values"][section][name] = value
    return parse_frozen(document)


def kept_at(evaluation: Evaluation) -> Path:
    """The file of the case's rules."""
    assert evaluation.state.info is not None
    return evaluation.store.objects.path(evaluation.state.info.profile_digest)


def rules_of(evaluation: Evaluation) -> Profile:
    return evaluation.store.look(lambda tx: profile_of(tx, CASE))


async def opened(evaluation: Evaluation) -> Evaluation:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    return evaluation


async def states(evaluation: Evaluation) -> None:
    """Anybody's act that itself asks no rule."""
    await evaluation.store.act(lambda tx: tx.record(CASE, "floor.given", TALK))


async def test_another_number_in_the_shipped_file_is_for_cases_that_are_opened_later(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(evaluation)
    before = rules_of(evaluation)
    ships(monkeypatch, changed("clarification", "window_s", 61))
    assert rules_of(evaluation) == before == load_profile("demo")
    assert before.rules.clarification.window_s == 60


async def test_a_case_under_the_first_versions_rules_is_played_to_the_end_and_its_bag_verifies(
    evaluation: Evaluation, keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes of a version before six values of today; from the opening on the software ships today's."""
    ships(monkeypatch, parse_frozen(json.loads(FIRST)))
    await opened(evaluation)
    ships(monkeypatch, load_profile("demo"))
    for part in PARTS:
        await getattr(evaluation, part)()
    await reporting.render(evaluation.store, CASE)
    for number in range(1, 6):
        await answer(evaluation, f"评委{number}", "signed")
    verdict = await seal(evaluation, keys, tmp_path / "sealed")
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    assert (tmp_path / "sealed" / CASE / "data/criteria/profile.json").read_bytes() == FIRST
    digest = hashlib.sha256(FIRST).hexdigest()
    assert f"Bid-Profile: demo {digest}" in (tmp_path / "sealed" / CASE / "bag-info.txt").read_text("utf-8")


async def test_damaged_rules_stop_the_case_by_name_until_the_file_is_put_back(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept_at(await opened(evaluation))
    whole, size = file.read_bytes(), evaluation.state.size
    file.write_bytes(whole.replace(b'"minimum":5', b'"minimum":3'))
    ships(monkeypatch, changed("committee", "minimum", 7))
    with pytest.raises(ProfileDamaged):
        rules_of(evaluation)
    with pytest.raises(ProfileDamaged):
        await states(evaluation)
    assert evaluation.state.size == size
    file.write_bytes(whole)
    assert rules_of(evaluation) == load_profile("demo")
    await evaluation.draw_venues()
    assert evaluation.state.size > size


async def test_damaged_rules_are_made_whole_by_the_shipped_file_where_it_is_the_very_same(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = kept_at(await opened(evaluation))
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"minimum":5', b'"minimum":3'))
    ships(monkeypatch, load_profile("demo"))
    assert rules_of(evaluation) == load_profile("demo")
    assert file.read_bytes() == whole
    assert [record.getMessage() for record in caplog.records] == [
        f"{file.name} was damaged, and is kept anew: rules of {CASE}"
    ]


async def test_a_case_that_is_opened_on_damaged_bytes_keeps_the_right_ones(evaluation: Evaluation) -> None:
    file = evaluation.store.objects.path(load_profile("demo").digest)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"{}")
    await opened(evaluation)
    assert file == kept_at(evaluation)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name


async def test_rules_that_lack_a_value_are_not_called_newer(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = copy.deepcopy(dict(load_profile("demo").document))
    del older["values"]["committee"]["minimum"]
    older["rules"] = [
        rule | {"governs": [one for one in rule["governs"] if one != "committee.minimum"]} for rule in older["rules"]
    ]
    data = canonical(older)
    monkeypatch.setattr(applying, "freeze", lambda tx, _: {"id": "demo", "digest": tx.put_object(data)})
    await evaluation.prepare_deployment()
    with pytest.raises(ProfileUnfit, match=r"missing at \$\.values\.committee\.minimum"):
        await evaluation.apply()


async def test_rules_damaged_while_the_case_goes_on_come_into_no_bag(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept_at(await opened(evaluation))
    assert rules_of(evaluation) == load_profile("demo")
    ships(monkeypatch, changed("committee", "minimum", 7))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ProfileDamaged):
        evaluation.store.look(lambda tx: frozen_bytes(tx, tx.case(CASE)))


async def test_a_case_of_a_newer_version_takes_no_statement_from_an_older_one(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = copy.deepcopy(dict(load_profile("demo").document))
    newer["values"]["password"]["iris"] = True
    newer["rules"][0]["governs"].append("password.iris")
    data = canonical(newer)
    with monkeypatch.context() as there:
        # The opening as the newer version makes it.
        there.setattr(applying, "freeze", lambda tx, _: {"id": "demo", "digest": tx.put_object(data)})
        there.setattr("storage.transaction.frozen_profile", lambda *_: None)
        await evaluation.prepare_deployment()
        with pytest.raises(ProfileNewer):
            await evaluation.apply()
    size = evaluation.state.size
    assert size == len(("case.created", "package.received"))
    with pytest.raises(ProfileNewer, match=r"unknown_key at \$\.values\.password\.iris"):
        await states(evaluation)
    assert evaluation.state.size == size
    assert kept_at(evaluation).read_bytes() == data


async def test_rules_that_were_lost_are_kept_again_only_if_they_are_the_very_same(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept_at(await opened(evaluation))
    whole, size = file.read_bytes(), evaluation.state.size
    file.unlink()
    ships(monkeypatch, changed("committee", "minimum", 7))
    with pytest.raises(ProfileChanged):
        await states(evaluation)
    assert evaluation.state.size == size
    assert not file.exists()
    ships(monkeypatch, load_profile("demo"))
    assert rules_of(evaluation) == load_profile("demo")
    assert file.read_bytes() == whole


async def test_rules_lie_on_disk_before_a_statement_names_them(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where making the case fails, there are bytes nobody names, and no case."""
    record = Transaction.record

    def dies(tx: Transaction, log: str, kind: str, body: Mapping[str, Any]) -> object:
        if kind == "case.created":
            assert evaluation.store.objects.path(body["profile"]["digest"]).is_file()
            raise InterruptedError
        return record(tx, log, kind, body)

    await evaluation.prepare_deployment()
    with monkeypatch.context() as there:
        there.setattr(Transaction, "record", dies)
        with pytest.raises(InterruptedError):
            await evaluation.apply()
    with pytest.raises(UnknownCase):
        evaluation.store.case(CASE)
    await evaluation.apply()
    assert kept_at(evaluation).is_file()


async def test_a_committee_evaluates_again_under_the_rules_that_it_evaluated_under(
    evaluation: Evaluation, keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five sat; a version that ships seven and other rules for abnormal scores neither bars nor judges them anew."""
    await closed(evaluation, keys, tmp_path / "first")
    before = evaluation.state.info
    document = copy.deepcopy(dict(changed("committee", "minimum", 7).document))
    document["values"]["scoring"]["abnormal_scores"] = "replaced_by_vote"
    ships(monkeypatch, parse_frozen(document))
    assert await evaluation.do(reevaluating.ask, AGENT, asked()) == AGAIN
    again = evaluation.store.case(AGAIN).info
    assert before is not None
    assert again is not None
    assert (again.profile, again.profile_digest) == (before.profile, before.profile_digest)
    assert evaluation.store.look(lambda tx: profile_of(tx, AGAIN)) == load_profile("demo")


async def exhausted(evaluation: Evaluation) -> Evaluation:
    """Nobody who was drawn could come: the case has ended, and another may take it up."""
    await opened(evaluation)
    await evaluation.draw_venues()
    await evaluation.ask_for_experts()
    await evaluation.answer_calls(declines=10_000)
    await end(evaluation, AGENT, Stated("exhausted", "抽中的专家都不能参加"))
    return evaluation


async def test_a_case_that_takes_another_up_has_its_rules_though_they_are_shipped_no_more(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await exhausted(evaluation)
    monkeypatch.setattr("evaluation.profiles.NAMES", ())
    load_profile.cache_clear()
    monkeypatch.setattr(rulebook, "_read", {})
    later = await evaluation.do(linking.follow, AGENT)
    assert evaluation.store.look(lambda tx: profile_of(tx, later)) == rules_of(evaluation)


async def test_and_where_they_are_damaged_nothing_takes_it_up_until_they_are_put_back(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kept_at(await exhausted(evaluation))
    ships(monkeypatch, changed("committee", "minimum", 7))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(ProfileDamaged):
        await evaluation.do(linking.follow, AGENT)
    with pytest.raises(UnknownCase):
        evaluation.store.case(AGAIN)
    file.write_bytes(whole)
    assert await evaluation.do(linking.follow, AGENT) == AGAIN


async def test_a_party_has_its_other_cases_work_while_one_cases_rules_are_damaged(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(evaluation)
    await evaluation.draw_venues()
    await evaluation.ask_for_experts()
    file = kept_at(evaluation)
    evaluation.case, evaluation.profile = CaseId("E-TEST-0002"), "demo_keys"
    evaluation.starts_in = timedelta(days=30)
    await evaluation.apply()
    asked_for = venue_draw.VenueRequest(2, 2)
    await evaluation.store.act(lambda tx: venue_draw.request(tx, evaluation.case, MAIN, asked_for, stamp(tx.now)))
    await evaluation.do(drawing.confirm, SUPERVISOR, "venues", venue_draw.prepare)
    begun_anew = party_work.Keeping("00" * 32)

    def work() -> set[tuple[str, str]]:
        rows = evaluation.store.look(lambda tx: party_work.work_of(tx, PARTIES[0], begun_anew))
        return {(row["case"], row["needs"]) for row in rows}

    both = work()
    file.write_bytes(file.read_bytes()[:-1])
    ships(monkeypatch, changed("committee", "minimum", 7))
    assert work() == {("E-TEST-0002", "commit")} < both
    assert {case for case, _ in both} == {CASE, "E-TEST-0002"}
