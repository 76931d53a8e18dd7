"""Server or activation process killed between a provider's calls: one statement in the end, and no half signature."""

import asyncio
import json
import os
import signal
import sqlite3
from asyncio.subprocess import create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import electing, enrolling, reviewing
from conduct.ports import Actor
from demo import case_example_a as example
from demo import server_process
from demo.client import Person, Refused
from demo.server_process import ServerProcess
from evaluation.case import MemberId
from identity.roles import Role
from identity.sessions import Holder
from signing import cms
from storage.transaction import Transaction
from tests.browser.site import BEFORE_THE_PLEDGE, Site, at_work, pair, prepared, session
from tests.faults.deployment import child_of
from tests.faults.siege import LOST, moment
from tests.gateways.csc_provider import TOKEN, CscProvider, Json, csc_provider
from tests.services.evaluation import CASE, Evaluation
from web.cookies import SEAT, SESSION

MEMBER, ACCOUNT, PIN = MemberId("m1"), "account-1", "pin 90 31 27"
WAIT_S, AGAIN_S = 120.0, 1.0
ACTIVATION = "conduct.activation"
PATH = f"/cases/{CASE}"


@dataclass
class Seat:
    """The server, the provider that it asks, and a member's browser."""

    site: Site
    server: ServerProcess
    served: CscProvider
    member: Person

    async def prepare(self, purpose: str) -> str:
        return str((await self.member.post(f"{PATH}/prepare/{purpose}"))["batch"])

    async def sign(self, purpose: str, batch: str) -> list[Json]:
        receipts: list[Json] = (await self.member.post(f"{PATH}/sign/{purpose}", batch=batch, password=PIN))["receipts"]
        return receipts

    async def lost(self, purpose: str, batch: str) -> None:
        """Sign, and never hear of it."""
        with pytest.raises(LOST):
            await self.sign(purpose, batch)

    async def judge_killed_when_answered(self, method: str, batch: str) -> list[Json]:
        """Sign; when the provider has done this call, kill the process that judges, then let it answer.

        What is not signed then is refused, and the same POST, sent until it is answered, gives the receipts.
        """
        done, killed = asyncio.Event(), asyncio.Event()

        async def late(_: Json, answer: Json) -> Json:
            done.set()
            await killed.wait()
            return answer

        self.served.misbehave = {method: late}
        async with asyncio.TaskGroup() as tasks, asyncio.timeout(WAIT_S):
            signing = tasks.create_task(self.signed_in_the_end("pledge", batch))
            await done.wait()
            os.kill(child_of(self.server.pid, ACTIVATION), signal.SIGKILL)
            killed.set()
        self.served.misbehave = {}
        return signing.result()

    async def signed_in_the_end(self, purpose: str, batch: str) -> list[Json]:
        """The same POST until the process that judges is there again."""
        while True:
            try:
                return await self.sign(purpose, batch)
            except Refused as refused:
                if refused.code not in {"signing.away", "request.too_many"}:
                    raise
            await moment(AGAIN_S)

    async def killed_when_answered(self, method: str, batch: str) -> None:
        """Sign, and kill the server when the provider has done this call and not yet answered."""
        done, forever = asyncio.Event(), asyncio.Event()

        async def late(_: Json, answer: Json) -> Json:
            done.set()
            await forever.wait()
            return answer

        self.served.misbehave = {method: late}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.lost("pledge", batch))
            async with asyncio.timeout(WAIT_S):
                await done.wait()
            await self.server.kill()
        forever.set()
        self.served.misbehave = {}
        await self.server.start()


@asynccontextmanager
async def seat(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Seat]:
    """A member without a key, at its seat, where members' keys live at a provider."""
    monkeypatch.setattr(server_process, "START_S", WAIT_S)
    site = await prepared(folder, BEFORE_THE_PLEDGE, ())
    async with csc_provider() as served:
        root = folder / "provider.pem"
        root.write_bytes(served.ca.root.certificate.public_bytes(Encoding.PEM))
        settings = {"URL": served.url, "TOKEN": TOKEN, "ROOT": str(root)}
        async with at_work(site) as evaluation:
            await evaluation.do(enrolling.reissue, Actor("checkin", "desk", "V1"), "second", MEMBER)
            name = (evaluation.state.members[MEMBER].alias, evaluation.office.organisation, CASE)
            served.give(ACCOUNT, name, PIN)
            cookies, csrf = await evaluation.store.act(entered)
        further = {f"BID_CSC_PROVIDER_{name}": value for name, value in settings.items()}
        server = ServerProcess(site.settings.state, further, site.port)
        await server.start()
        member = Person(server.site, MEMBER).take_over(cookies, csrf)
        try:
            yield Seat(site, server, served, member)
        finally:
            await member.close()
            await server.stop()


def entered(tx: Transaction) -> tuple[dict[str, str], str]:
    """The member's browser at its seat: cookies and CSRF token."""
    member, browser = tx.case(CASE).members[MEMBER], "a-paired-browser"
    paired = pair(tx, browser, member.venue, member.seat)
    cookie, csrf = session(tx, Holder(Role.MEMBER, MEMBER, member.venue, CASE, paired, member.seat))
    return {SEAT: browser, SESSION: cookie}, csrf


def stated(site: Site, kind: str) -> list[bytes]:
    """What the case's log says, read beside the server."""
    with sqlite3.connect(f"file:{site.settings.state}/db/bid.sqlite?mode=ro", uri=True) as database:
        rows = database.execute("SELECT bytes FROM statement WHERE log = ? AND kind = ?", (CASE, kind)).fetchall()
    database.close()
    return [data for (data,) in rows]


async def to_the_sheet(evaluation: Evaluation) -> None:
    """The others pledge, the leader is elected, the member's preliminary findings are written and not signed."""
    for alias in example.MEMBERS[1:]:
        await evaluation.sign(evaluation.member(alias), "pledge")
    for votes in evaluation.example.LEADER_BALLOTS:
        for alias, choice in votes.items():
            await evaluation.do(electing.vote, evaluation.member(alias), f"m{choice[-1]}")
    await evaluation.do(reviewing.begin, evaluation.leader)
    await evaluation.fill_in(example.MEMBERS[0], {})


async def judged_by_openssl(evaluation: Evaluation, folder: Path, kind: str) -> int:
    """How many of the member's statements of a kind openssl accepts under the published root; none may fail."""
    statements = {sha256(data).digest(): data for data in stated_in(evaluation, kind)}
    accepted = 0
    for signed in evaluation.store.signatures(CASE):
        content = statements.get(cms.read(signed.cms).content_digest)
        if content is None:
            continue
        (folder / "s.p7s").write_bytes(signed.cms)
        (folder / "s.json").write_bytes(content)
        command = "openssl cms -verify -cades -binary -inform DER -in s.p7s -content s.json -purpose any -out o -CAfile"
        judge = await create_subprocess_exec(*command.split(), "var/trust/licensed.pem", cwd=folder)
        assert await judge.wait() == 0
        accepted += 1
    return accepted


def stated_in(evaluation: Evaluation, kind: str) -> list[bytes]:
    """The member's own statements of a kind."""
    found = evaluation.store.look(lambda tx: [data for _, data in tx.statements(CASE, kind)])
    return [data for data in found if json.loads(data)["body"]["member"] == MEMBER]


@pytest.mark.full
async def test_enrolled_pledged_through_kills_and_a_sheet_signed_with_a_key_at_a_provider(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with seat(tmp_path, monkeypatch) as at:
        await at.member.post(f"{PATH}/enrol", account=ACCOUNT)
        (enrolled,) = [json.loads(data)["body"] for data in stated(at.site, "certificate.reissued")]
        assert enrolled["provider"] == at.served.url
        batch = await at.prepare("pledge")
        for method in ("credentials/authorize", "signatures/signHash"):
            await at.killed_when_answered(method, batch)
            assert not stated(at.site, "pledge.signed")
        (receipt,) = await at.judge_killed_when_answered("signatures/signHash", batch)
        (again,) = await at.sign("pledge", batch)
        log = await asyncio.to_thread((at.server.state / "server.log").read_bytes)
        assert b"activation process ended" in log
        assert (receipt["index"], receipt["entry"]) == (again["index"], again["entry"])
        assert len(stated(at.site, "pledge.signed")) == 1
        assert 3 <= len(at.served.calls("credentials/authorize")) <= 4, "the third try or the one after it"
        assert not stated(at.site, "password.failed")

        await at.server.stop()
        async with at_work(at.site) as evaluation:
            await to_the_sheet(evaluation)
        await at.server.start()
        assert len(await at.sign("prelim", await at.prepare("prelim"))) == 1
        await at.server.stop()
        async with at_work(at.site) as evaluation:
            for kind in ("pledge.signed", "prelim.signed"):
                assert await judged_by_openssl(evaluation, tmp_path, kind) == 1
        files = [one for one in await asyncio.to_thread(list, at.site.settings.state.rglob("*")) if one.is_file()]
        assert not [one for one in files if PIN.encode() in await asyncio.to_thread(one.read_bytes)]
