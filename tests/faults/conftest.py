"""One whole case on the real server, besieged while its members write, closed and sealed: for all who judge its bag."""

import asyncio
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo import story_room
from demo.story_before import PASSWORDS
from tests.faults.deployment import AFTER, BEFORE, deployed
from tests.faults.siege import Ledger, Siege

SEED = 20261123
SHORT = {"pledge": 0, "score-sheet": 2}
LONG = {"pledge": 2, "score-sheet": 4}
"""Kills each of the five members lives through while it pledges, and while it scores: 10 in all, 30 in the long run."""


@dataclass(frozen=True)
class Besieged:
    """The sealed bag with its trust, and what the clients had been told on the way."""

    bag: Path
    trust: Path
    ledger: Ledger
    kills: int


async def besiege(folder: Path, windows: dict[str, int]) -> Besieged:
    """A whole evaluation with kills in it, to the sealed bag."""
    async with deployed(folder) as deployment:
        await deployment.play(BEFORE)
        deployment.dismiss_machines()
        siege = Siege(deployment, random.Random(SEED))
        await siege.pledges(windows["pledge"])
        await siege.elect()
        await deployment.play((story_room.review,))
        await siege.scoring(windows["score-sheet"])
        await siege.recording_again()
        await deployment.play(AFTER)
        await story_room.close(deployment.stage)
        bag = deployment.server.state / "bags" / deployment.stage.number
        shutil.copytree(bag, folder / bag.name)
        shutil.copytree(deployment.server.trust, folder / "trust")
        return Besieged(folder / bag.name, folder / "trust", siege.ledger, len(PASSWORDS) * sum(windows.values()))


@pytest.fixture(scope="session")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    """Played once for all tests."""
    yield from _played(tmp_path_factory.mktemp("besieged"), SHORT)


@pytest.fixture(scope="session")
def besieged_long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    """The long run."""
    yield from _played(tmp_path_factory.mktemp("besieged-long"), LONG)


def _played(folder: Path, windows: dict[str, int]) -> Iterator[Besieged]:
    yield asyncio.run(besiege(folder, windows))
    shutil.rmtree(folder)
