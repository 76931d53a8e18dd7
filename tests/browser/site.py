"""The real server in a process of its own, on this machine's loopback, with a case whose committee is seated."""

import asyncio
import base64
import hashlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from demo import case_example_a as works
from demo.example import Example
from house import House, open_house
from identity import sessions
from identity.roles import Role
from identity.seats import PairedSeat
from identity.service import keep_session
from identity.sessions import Holder
from settings import Settings
from storage.transaction import Transaction
from tests.house.tree import ROOT
from tests.services.activation import office_of
from tests.services.evaluation import CASE, Evaluation
from web.admission import DEPLOYMENT, SEATS, SESSIONS
from web.cookies import SEAT, SESSION

HERE = "127.0.0.1"
START_SECONDS = 60
SOON = timedelta(minutes=2)
STOP_SECONDS = 30
WITNESS = Holder(Role.WITNESS, "witness")
BEFORE_THE_PLEDGE = ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids", "check_in")


@dataclass
class Site:
    """What a test needs to know of the server; `cookies` are of each member by its seat, of the others by their names.

    `csrf` is what the others send with a call that changes something. In another network than this process's it runs
    `within` that, at an `address` of its own. `further`: more settings, by their names.
    """

    folder: Path
    port: int
    media_port: int
    key_digest: str = ""
    tender: str = ""
    pid: int = 0
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    csrf: dict[str, str] = field(default_factory=dict)
    evaluation: Evaluation | None = None
    example: Example = works
    address: str = HERE
    within: tuple[str, ...] = ()
    further: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """What the server is started with."""
        return Settings(
            state=self.folder / "var",
            host=self.address,
            port=self.port,
            origin=f"https://{'localhost' if self.address == HERE else self.address}:{self.port}",
            names=("localhost", self.address),
            media_host=self.address,
            media_port=self.media_port,
            media_public_host=self.address,
            media_workers=1,
            segment_ms=2000,
        )

    @property
    def origin(self) -> str:
        """The address that browsers open."""
        return self.settings.origin

    @property
    def log(self) -> Path:
        """What the server says of itself: browsers' reports against the content policy, faults."""
        return self.folder / "server.log"

    def kill_media_worker(self) -> None:
        """What a fault of the plane looks like: the server starts another."""
        self._kill(b"media.worker")

    def kill_draw_process(self) -> None:
        """All links it held are gone: the server starts another, parties are asked again."""
        self._kill(b"sealed_draw.process")

    def _kill(self, module: bytes) -> None:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        child = next(int(pid) for pid in children if module in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(child, signal.SIGKILL)

    def complaints(self) -> list[str]:
        """Lines of the log that a good run has none of."""
        wrong = ("content policy", "no words for", "Traceback")
        return [
            line for line in self.log.read_text(encoding="utf-8").splitlines() if any(word in line for word in wrong)
        ]


@asynccontextmanager
async def a_site(
    folder: Path, parts: tuple[str, ...] = BEFORE_THE_PLEDGE, others: tuple[Holder, ...] = (WITNESS,)
) -> AsyncIterator[Site]:
    """A server with a case in which these parts are done."""
    site = await prepared(folder, parts, others)
    async with serving(site):
        yield site


async def prepared(
    folder: Path,
    parts: tuple[str, ...],
    others: tuple[Holder, ...],
    example: Example = works,
    starts_in: timedelta = SOON,
) -> Site:
    """A deployment in which a case has come as far as it should, and everybody is signed in; nothing runs yet."""
    site = Site(folder, _free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM), example=example)
    return await bring_up(site, parts, others, starts_in)


async def bring_up(site: Site, parts: tuple[str, ...], others: tuple[Holder, ...], starts_in: timedelta) -> Site:
    """The same for a site whose place is chosen already."""
    async with at_work(site) as evaluation:
        evaluation.starts_in = starts_in
        for part in parts:
            await getattr(evaluation, part)()
        await evaluation.store.act(lambda tx: sign_in(tx, site, others))
        documents = evaluation.state.documents
        site.tender = next(one.sha256 for one in documents if one.path.endswith("tender-document.pdf"))
    return site


@asynccontextmanager
async def at_work(site: Site) -> AsyncIterator[Evaluation]:
    """The people of the case, acting without the server, which must not run."""
    house = open_house(site.settings)
    try:
        site.key_digest = _key_digest(house)
        office = office_of(house.keys, organisation=house.settings.organisation, share=house.keys.share.read_bytes())
        evaluation = site.evaluation = site.evaluation or Evaluation(house.store, office, site.folder, site.example)
        evaluation.store, evaluation.office = house.store, office
        yield evaluation
    finally:
        house.store.close()


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[None]:
    """The server; stopped as an operator stops it."""
    ours = ("state", "host", "port", "origin", "media_host", "media_port", "media_public_host", "media_workers")
    chosen = {f"BID_{name.upper()}": str(getattr(site.settings, name)) for name in (*ours, "segment_ms")}
    chosen["BID_NAMES"] = ",".join(site.settings.names)
    chosen |= {f"BID_{name.upper()}": value for name, value in site.further.items()}
    environment = {**os.environ, **chosen, "PYTHONPATH": str(ROOT)}
    with site.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *site.within,
            sys.executable,
            str(ROOT / "server.py"),
            cwd=site.folder,
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        try:
            await _announced(process)
            site.pid = process.pid
            yield
        finally:
            process.terminate()
            async with asyncio.timeout(STOP_SECONDS):
                await process.communicate()


async def _announced(process: asyncio.subprocess.Process) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        line = await process.stdout.readline()
    assert line.startswith(b"serving "), "the server did not start"


def sign_in(tx: Transaction, site: Site, others: tuple[Holder, ...]) -> None:
    """Seats paired and sessions opened for every member that sits now, and for these others."""
    for member in tx.case(CASE).members.values():
        seat = secrets.token_urlsafe(32)
        holder = Holder(
            Role.MEMBER, member.id, member.venue, CASE, pair(tx, seat, member.venue, member.seat), member.seat
        )
        site.cookies[member.seat] = {SEAT: seat, SESSION: session(tx, holder)[0]}
    for other in others:
        cookie, site.csrf[other.who] = session(tx, other)
        site.cookies[other.who] = {SESSION: cookie}


def pair(tx: Transaction, cookie: str, venue: str, name: str) -> str:
    """Make the browser with this cookie a seat; the digest that names it."""
    paired = PairedSeat(sessions.digest(cookie), venue, name)
    row = {"digest": paired.digest, "venue": paired.venue, "name": paired.name}
    tx.shelf(DEPLOYMENT, SEATS).put(paired.digest, row)
    return paired.digest


def session(tx: Transaction, holder: Holder) -> tuple[str, str]:
    """Sign somebody in; cookie and CSRF token."""
    cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    keep_session(tx.shelf(DEPLOYMENT, SESSIONS), sessions.opened(holder, cookie, csrf, tx.now))
    return cookie, csrf


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


def _key_digest(house: House) -> str:
    """What Chromium's switch for one trusted key wants: the digest of the public key, base64."""
    key = x509.load_pem_x509_certificate(house.keys.tls_certificate.read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()
