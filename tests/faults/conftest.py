"""One whole case on the real server, besieged while its members write, closed and sealed: for all who judge its bag."""

import asyncio
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo import story_room
from tests.faults.deployment import AFTER, BEFORE, deployed
from tests.faults.siege import Ledger, Siege

SEED = 20261123
WINDOWS_EACH = {"pledge": 2, "score-sheet": 4}
"""Kills each of the five members lives through: 30 in all."""


@dataclass(frozen=True)
class Besieged:
    """The sealed bag with its trust, and what the clients had been told on the way."""

    bag: Path
    trust: Path
    ledger: Ledger


async def besiege(folder: Path) -> Besieged:
    """A whole evaluation with 30 kills in it, to the sealed bag."""
    async with deployed(folder) as deployment:
        await deployment.play(BEFORE)
        deployment.dismiss_parties()
        siege = Siege(deployment, random.Random(SEED))
        await siege.pledges(WINDOWS_EACH["pledge"])
        await siege.elect()
        await deployment.play((story_room.review,))
        await siege.scoring(WINDOWS_EACH["score-sheet"])
        await siege.recording_again()
        await deployment.play(AFTER)
        await story_room.close(deployment.stage)
        bag = deployment.server.state / "bags" / deployment.stage.number
        shutil.copytree(bag, folder / bag.name)
        shutil.copytree(deployment.server.trust, folder / "trust")
        return Besieged(folder / bag.name, folder / "trust", siege.ledger)


@pytest.fixture(scope="session")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    """Played once for all tests."""
    folder = tmp_path_factory.mktemp("besieged")
    yield asyncio.run(besiege(folder))
    shutil.rmtree(folder)
