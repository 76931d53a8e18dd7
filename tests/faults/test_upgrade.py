"""The software is replaced while a case is open: real servers of two versions, one after the other, on one state.

The second is a copy of this tree with another number in a shipped profile and a value that this one does not know.
"""

import hashlib
import shutil
import signal
import sqlite3
import sys
from asyncio import create_subprocess_exec, timeout
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.verifier.findings import Status
from archive.verifier.verify import verify
from demo.client import Person
from demo.server_process import ServerProcess
from evaluation.profiles import load_profile
from identity.roles import Role
from identity.sessions import Holder
from tests.browser.site import Site, at_work, prepared
from tests.faults.siege import moment
from tests.house.tree import ROOT
from tests.services.evaluation import CASE

AGENT = Holder(Role.AGENT, "agent")
PATH = f"/cases/{CASE}"
LEFT_OUT = ("node_modules", ".*", "tests", "docs", "bench", "__pycache__", "var")
SEALED_WITHIN_S, LOOK_EVERY_S = 120.0, 0.2


def next_version(folder: Path) -> Path:
    """A copy of the tree that proposes three alternates, and knows `draw.lanterns`, which cases of before lack."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    for name, old, new in (
        ("profiles/works.json", '"alternates": 2,', '"alternates": 3,\n      "lanterns": true,'),
        ("profiles/works.json", '"draw.alternates",', '"draw.alternates", "draw.lanterns",'),
        ("profile.py", "    alternates: int\n", "    alternates: int\n    lanterns: bool\n"),
        ("absent.py", '        "scoring":', '        "draw": {"lanterns": False},\n        "scoring":'),
    ):
        file = folder / "evaluation" / name
        text = file.read_text("utf-8")
        assert text.count(old) == 1, (name, old)
        file.write_text(text.replace(old, new), "utf-8")
    return folder


def a_server(site: Site, tree: Path) -> ServerProcess:
    """The server of a tree on the site's state."""
    server = ServerProcess(site.settings.state, {"PYTHONPATH": str(tree), "PYTHONSAFEPATH": "1"}, site.port)
    server.PROGRAM = str(tree / "server.py")
    return server


async def with_server(site: Site, tree: Path, do: Callable[[Person], Any]) -> None:
    """What the agent does while the server of this tree runs."""
    server = a_server(site, tree)
    await server.start()
    agent = Person(server.site, "agent").take_over(site.cookies["agent"], site.csrf["agent"])
    try:
        await do(agent)
    finally:
        await agent.close()
        await server.stop()


@pytest.mark.full
async def test_an_open_case_goes_on_under_its_own_rules_through_an_upgrade_and_its_bag_verifies(tmp_path: Path) -> None:
    shipped = load_profile("demo")
    site = await prepared(tmp_path, ("prepare_deployment", "apply"), (AGENT,))
    newer = next_version(tmp_path / "newer")

    async def looks(agent: Person) -> None:
        assert (await agent.get(f"{PATH}/draws"))["alternates"] == shipped.rules.draw.alternates == 2

    async def ends(agent: Person) -> None:
        await looks(agent)
        await agent.post(f"{PATH}/ending", ground="cancelled", reason="项目取消")
        async with timeout(SEALED_WITHIN_S):
            while not verdict(site):
                await moment(LOOK_EVERY_S)

    bag = site.settings.state / "bags" / CASE
    await with_server(site, ROOT, looks)
    await with_server(site, newer, ends)
    kept = (bag / "data/criteria/profile.json").read_bytes()
    assert hashlib.sha256(kept).hexdigest() == shipped.digest
    found = verify(bag, site.settings.state / "trust", lambda *_: None)
    assert found.status is Status.RIGHT, found.findings


def verdict(site: Site) -> bool:
    """Whether the sealed bag has been judged."""
    with sqlite3.connect(f"file:{site.settings.state}/db/bid.sqlite?mode=ro", uri=True) as database:
        rows = database.execute("SELECT 1 FROM private_value WHERE shelf = 'bag' AND key = 'verdict'").fetchall()
    database.close()
    return bool(rows)


@pytest.mark.parametrize("moment_of_death", ["before", "after"])
async def test_a_kill_around_the_statement_that_names_the_rules_leaves_no_case_without_them(
    tmp_path: Path, moment_of_death: str
) -> None:
    arguments = ("-m", "tests.faults.dying_opening", str(tmp_path), moment_of_death)
    process = await create_subprocess_exec(sys.executable, *arguments, cwd=ROOT)
    async with timeout(SEALED_WITHIN_S):
        assert await process.wait() == -signal.SIGKILL
    async with at_work(Site(tmp_path, 0, 0)) as evaluation:
        kept = evaluation.store.objects
        assert load_profile("demo").digest in kept, "they are kept first"
        assert evaluation.store.look(lambda tx: tx.cases()) == []
        await evaluation.apply()
        info = evaluation.state.info
        assert info is not None
        assert hashlib.sha256(kept.get(info.profile_digest)).hexdigest() == info.profile_digest
