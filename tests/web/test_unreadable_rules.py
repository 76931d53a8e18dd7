"""A case whose rules cannot be read: its page says what happened, what is safe and what to do; the others go on."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from conduct import applying, founding, rulebook
from evaluation.case import CaseId
from evaluation.profiles import load_profile
from identity.roles import Role
from signing.canonical import canonical
from tests.services.parties import PARTIES
from tests.web.committee import Committee, committee
from web.refusals import REFUSALS

OTHER = CaseId("E-TEST-0002")
Document = dict[str, Any]


def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been read yet, as after a restart with a version that ships other rules."""
    demo = load_profile("demo")
    monkeypatch.setattr(rulebook, "load_profile", lambda _name: replace(demo, digest="0" * 64))
    monkeypatch.setattr(rulebook, "_read", {})


def kept_at(house: Committee) -> Path:
    assert house.state.info is not None
    return house.evaluation.store.objects.path(house.state.info.profile_digest)


def iris(document: Document) -> None:
    document["values"]["password"]["iris"] = True
    document["rules"][0]["governs"].append("password.iris")


def without_a_minimum(document: Document) -> None:
    del document["values"]["committee"]["minimum"]
    for rule in document["rules"]:
        rule["governs"] = [name for name in rule["governs"] if name != "committee.minimum"]


async def created(house: Committee, monkeypatch: pytest.MonkeyPatch, change: Callable[[Document], None]) -> None:
    """A case as a version with other rules has made it."""
    document = copy.deepcopy(dict(load_profile("demo").document))
    change(document)
    with monkeypatch.context() as there:
        there.setattr(applying, "freeze", lambda tx, _: {"id": "demo", "digest": tx.put_object(canonical(document))})
        there.setattr("storage.transaction.frozen_profile", lambda *_: load_profile("demo"))
        there.setattr("conduct.applying.profile_of", lambda *_: load_profile("demo"))
        await house.evaluation.apply()


async def damaged(house: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    await created(house, monkeypatch, lambda document: document.update(title="另一套"))
    kept_at(house).write_bytes(b"{}")


async def newer(house: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    await created(house, monkeypatch, iris)


async def unfit(house: Committee, monkeypatch: pytest.MonkeyPatch) -> None:
    await created(house, monkeypatch, without_a_minimum)


@pytest.mark.parametrize("spoil", [damaged, newer, unfit])
async def test_the_page_of_a_case_that_stands_still_says_why_and_the_other_case_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Committee, pytest.MonkeyPatch], Any]
) -> None:
    async with committee(tmp_path) as house:
        evaluation = house.evaluation
        await evaluation.prepare_deployment()
        await spoil(house, monkeypatch)
        evaluation.case, evaluation.starts_in = OTHER, timedelta(days=30)
        await evaluation.apply()
        unread(monkeypatch)
        agent = replace(await house.account(Role.AGENT, "agent"), json=False)
        page = await agent.get(house.path)
        words, text = REFUSALS[f"profile.{spoil.__name__}"], await page.text()
        assert page.status == HTTPStatus.CONFLICT
        for said in (words.what, words.safe, words.do, f"<code>profile.{spoil.__name__}</code>"):
            assert said in text, said
        home = await (await agent.get("/")).text()
        assert words.what in home
        assert f'href="/cases/{OTHER}' in home
        assert (await agent.get(f"/cases/{OTHER}")).status == HTTPStatus.OK


async def test_a_party_sees_the_draws_of_its_other_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with committee(tmp_path) as house:
        evaluation, authority = house.evaluation, dict.fromkeys(("root", "seal", "sm2_root"), "0" * 64)
        await evaluation.store.act(lambda tx: founding.found(tx, "演示交易中心", authority, "test.example/log"))
        await evaluation.prepare_deployment()
        await evaluation.apply()
        file = kept_at(house)
        await evaluation.draw_venues()
        evaluation.case, evaluation.starts_in, evaluation.profile = OTHER, timedelta(days=30), "demo_keys"
        await evaluation.apply()
        await evaluation.draw_venues()
        file.write_bytes(b"{}")
        unread(monkeypatch)
        party = await house.account(Role.PARTY, PARTIES[0])
        seen = await party.get("/party")
        assert seen.status == HTTPStatus.OK
        assert {draw["case"] for draw in (await seen.json())["draws"]} == {OTHER}


async def test_a_case_whose_rules_are_damaged_takes_nothing_until_they_are_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with committee(tmp_path) as house:
        await house.evaluation.prepare_deployment()
        await house.evaluation.apply()
        agent = await house.account(Role.AGENT, "agent")
        assert house.state.info is not None
        file = kept_at(house)
        whole, size, words = file.read_bytes(), house.state.size, REFUSALS["profile.damaged"]
        file.write_bytes(whole + b" ")
        unread(monkeypatch)
        (row,) = (await (await agent.get("/")).json())["cases"]
        assert (row["say"], row["page"], row["title"]) == (words.what, "", house.state.info.title)
        refused = await agent.get(house.path)
        assert (refused.status, (await refused.json())["code"]) == (409, "profile.damaged")
        ended = await agent.post(f"{house.path}/ending", {"ground": "cancelled", "reason": "项目取消"})
        assert (ended.status, house.state.size) == (409, size)
        file.write_bytes(whole)
        assert (await agent.get(house.path)).status == 200
