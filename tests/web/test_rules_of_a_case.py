"""The page of a case's rules tells those that the case keeps, whatever this version ships."""

from pathlib import Path

import pytest

from conduct import rulebook
from evaluation.profiles import load_profile
from identity.roles import Role
from tests.web.committee import committee
from tests.web.test_unreadable_rules import Document, created
from web.profile_words import VALUES


def in_seven_minutes(document: Document) -> None:
    document["values"]["clarification"]["window_s"] = 420


async def test_the_rules_of_a_case_are_those_that_it_keeps_with_their_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with committee(tmp_path) as house:
        await house.evaluation.prepare_deployment()
        await created(house, monkeypatch, in_seven_minutes)
        monkeypatch.setattr(rulebook, "_read", {})
        agent = await house.account(Role.AGENT, "agent")
        assert house.state.info is not None
        digest = house.state.info.profile_digest
        assert digest != load_profile("demo").digest
        told = (await (await agent.get(f"{house.path}/rules")).json())["profile"]
        said = {one["label"]: one["value"] for rule in told["own"] for one in rule["values"]}
        assert (said[VALUES["clarification.window_s"]], told["digest"], told["shared"]) == ("7 分钟", digest, [])
        agent.json = False
        page = await (await agent.get(f"{house.path}/rules")).text()
        assert digest[:16] in page
        assert "7 分钟" in page
        home = await (await agent.get(house.path)).text()
        assert f'href="{house.path}/rules"' in home
        assert "/profiles#" not in home


async def test_somebody_without_a_part_in_the_case_is_told_nothing_of_its_rules(tmp_path: Path) -> None:
    async with committee(tmp_path) as house:
        await house.evaluation.prepare_deployment()
        await house.evaluation.apply()
        other = await house.account(Role.AGENT, "another")
        assert (await other.get(f"{house.path}/rules")).status == 404
