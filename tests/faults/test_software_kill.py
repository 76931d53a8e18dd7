"""Server or activation process killed between every two steps of a signature for other software (docs/csc.md).

The same digest is asked for until it is answered, as a program does that lost its answer: with the activation data it
has, and with new data where that is refused.
"""

import asyncio
import os
import signal
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from conduct import other_software, stalls
from conduct.ports import Actor, Json
from demo import server_process
from demo.client import Person, Refused
from evaluation.case import CaseId, MemberId
from identity.sessions import digest
from tests.browser.site import BEFORE_THE_PLEDGE, Site, at_work, prepared
from tests.faults.deployment import child_of
from tests.faults.siege import LOST, moment
from tests.faults.test_signing_kill import ACTIVATION, AGAIN_S, LOOK_EVERY_S, WAIT_S, StallingServer, told
from tests.services.csc import give_software_key
from tests.services.evaluation import CASE, PASSWORD
from web.cookies import SESSION
from web.views.csc import ECDSA_WITH_SHA256

MEMBER = MemberId("m1")
AUTHORISING, SIGNING = "authorising", "signing"
KILLS = (
    ("activation", "taken", AUTHORISING),
    ("activation", "taken", SIGNING),
    ("activation", "opened", SIGNING),
    ("activation", "signed", SIGNING),
    ("server", "taken", AUTHORISING),
    ("server", "sad-made", AUTHORISING),
    ("server", "sad-kept", AUTHORISING),
    ("server", "sad-taken", SIGNING),
    ("server", "taken", SIGNING),
    ("server", "opened", SIGNING),
    ("server", "signed", SIGNING),
    ("server", "hashes-signed", SIGNING),
    ("server", "hashes-stated", SIGNING),
)
"""Who is killed, at which point, and in which of the two calls a point is reached that both pass."""


@dataclass
class Program:
    """Other software: asks until it is answered."""

    server: StallingServer
    person: Person
    credential: str
    stalls: Path
    armed: tuple[str, str] = ("", "")

    async def signature_of(self, leaf: bytes) -> bytes:
        """The signature over one digest, whatever dies meanwhile."""
        sad = ""
        async with asyncio.timeout(WAIT_S):
            while True:
                try:
                    sad = sad or await self.sad(leaf)
                    return await self.sign(sad, leaf)
                except Refused as refused:
                    if refused.status == HTTPStatus.BAD_REQUEST:
                        sad = ""
                    elif refused.status not in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
                        raise
                except LOST:
                    pass
                await moment(AGAIN_S)
        raise AssertionError

    async def sad(self, leaf: bytes) -> str:
        self.arm(AUTHORISING)
        asked = {"hash": [b64encode(leaf).decode()], "numSignatures": 1, "PIN": PASSWORD}
        told = await self.call("credentials/authorize", asked)
        return str(told["SAD"])

    async def sign(self, sad: str, leaf: bytes) -> bytes:
        self.arm(SIGNING)
        asked = {"hash": [b64encode(leaf).decode()], "SAD": sad, "signAlgo": ECDSA_WITH_SHA256}
        (signature,) = (await self.call("signatures/signHash", asked))["signatures"]
        return b64decode(signature)

    async def call(self, method: str, asked: Json) -> Json:
        return await self.person.post(f"/csc/v1/{method}", credentialID=self.credential, **asked)

    def arm(self, call: str) -> None:
        """Whoever comes to the point chosen, in this call, waits there; once."""
        point, wanted = self.armed
        if call == wanted:
            (self.stalls / f"arm-{point}").touch()
            self.armed = ("", "")

    async def killed_at(self, victim: str, point: str, call: str, leaf: bytes) -> bytes:
        self.armed = (point, call)
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(self.signature_of(leaf))
            here = self.stalls / f"at-{point}"
            async with asyncio.timeout(WAIT_S):
                while not here.exists():
                    await moment(LOOK_EVERY_S)
            if victim == "server":
                await self.server.kill()
                here.unlink()
                await self.server.start()
            else:
                os.kill(child_of(self.server.pid, ACTIVATION), signal.SIGKILL)
                here.unlink()
            return await asked


@asynccontextmanager
async def program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Program, Site]]:
    """A program that a member has let in."""
    (folder / "stalls").mkdir()
    monkeypatch.setenv("STALLS", str(folder / "stalls"))
    monkeypatch.setattr(server_process, "START_S", WAIT_S)
    site = await prepared(folder, BEFORE_THE_PLEDGE, ())
    async with at_work(site) as evaluation:
        await give_software_key(evaluation, MEMBER)
        session = digest(site.cookies[evaluation.state.members[MEMBER].seat][SESSION])
        actor = Actor("member", MEMBER)
        token = await evaluation.store.act(
            lambda tx: other_software.admit(tx, CaseId(CASE), actor, session, "a-secret-of-a-test")
        )
    (enrolled,) = told(site, "software.enrolled")
    server = StallingServer(site.settings.state, {"BID_CSC_NAME": "演示云签名"}, site.port)
    await server.start()
    person = Person(server.site, "software", token)
    try:
        yield Program(server, person, enrolled["credential"], folder / "stalls"), site
    finally:
        await person.close()
        await server.stop()


@pytest.mark.full
async def test_a_kill_between_any_two_steps_leaves_at_most_one_statement_and_every_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {point for _, point, _ in KILLS} >= set(stalls.SOFTWARE)
    async with program(tmp_path, monkeypatch) as (asking, site):
        signatures = {}
        for number, (victim, point, call) in enumerate(KILLS):
            leaf = sha256(f"{victim} {point} {call}".encode()).digest()
            signatures[leaf] = await asking.killed_at(victim, point, call, leaf)
            assert len(told(site, "software.signed")) == number + 1, (victim, point, call)
        stated = {b64decode(one) for body in told(site, "software.signed") for one in body["signatures"]}
        assert stated == set(signatures.values())
        (enrolled,) = told(site, "software.enrolled")
        key = x509.load_der_x509_certificate(b64decode(enrolled["certificate"])).public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        for leaf, signature in signatures.items():
            key.verify(signature, leaf, ec.ECDSA(Prehashed(SHA256())))
        assert not told(site, "password.failed")
    async with at_work(site) as evaluation:
        row = evaluation.store.look(lambda tx: tx.shelf(CASE, "credential").get(MEMBER))
    assert row is not None
    assert (row["tries"], row["open"]) == (0, 0)
