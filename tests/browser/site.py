"""A server on this machine's loopback with a case whose committee is seated: real store, media worker, TLS."""

import asyncio
import base64
import hashlib
import os
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from conduct.authorising import Office
from conduct.rooms import Rooms
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateways.outside_seals import check as check_seal
from identity import sessions
from identity.roles import Role
from identity.seats import PairedSeat
from identity.service import keep_session
from identity.sessions import Holder
from media.supervisor import MediaWorker
from media.wire import WorkerSettings
from signing.keystore import Cost, EnvelopeKeyStore
from storage.deployment_keys import open_keys
from storage.logs import LogKeys
from storage.store import Store
from storage.transaction import Transaction
from tests.services.evaluation import CASE, Evaluation
from web.admission import DEPLOYMENT, SEATS, SESSIONS
from web.app import VIEWS, make_app
from web.cookies import SEAT, SESSION
from web.reports import REPORTS
from web.services import Services
from web.sockets import SOCKETS
from web.views import room


@dataclass
class Site:
    """What a test needs to know of the server."""

    origin: str
    key_digest: str
    store: Store
    rooms: Rooms
    app: web.Application
    media_port: int
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def reports(self) -> list[Any]:
        """What browsers reported against the content policy."""
        return list(self.app[REPORTS].kept)

    @property
    def port(self) -> int:
        return int(self.origin.rpartition(":")[2])


@asynccontextmanager
async def a_site(folder: Path) -> AsyncIterator[Site]:
    keys = open_keys(folder / "keys", "演示交易中心", ["localhost"], datetime.now(UTC))
    log_keys = LogKeys("test.example/log", keys.log_seed)
    store = Store(f"sqlite:///{folder}/bid.sqlite", folder / "objects", keys.storage, log_keys)
    office = Office(
        keys.issuing, keys.root.certificate, EnvelopeKeyStore(os.urandom(32), Cost(memory_kib=8, passes=1)), "演示交易中心"
    )
    evaluation = Evaluation(store, office, folder)
    for part in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids", "check_in"):
        await getattr(evaluation, part)()
    async with asyncio.TaskGroup() as tasks:
        worker = await MediaWorker.start(
            WorkerSettings(f"/tmp/bid-{secrets.token_hex(4)}.sock", str(folder / "footage"), segment_ms=2000), tasks
        )
        rooms = Rooms(worker, store.act, store.case)
        made = socket_on_loopback()
        origin = f"https://localhost:{made.getsockname()[1]}"
        services = Services(
            store=store, office=office, rooms=rooms, media=worker, origin=origin, check_seal=check_seal, trading=None,
            footage=folder / "footage", bags=folder / "bags", provider_token="", setup_token="",
        )
        app = make_app(services, (*VIEWS, room))
        rooms.listeners = app[SOCKETS]
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(keys.tls_certificate, keys.tls_key)
        await web.SockSite(runner, made, ssl_context=context).start()
        await rooms.keep(CASE)
        following = tasks.create_task(rooms.follow())
        assert worker.ready
        site = Site(origin, key_digest(keys.tls_certificate), store, rooms, app, worker.ready.port)
        await store.act(lambda tx: sign_in_everybody(tx, site))
        yield site
        await app[SOCKETS].close()
        await runner.cleanup()
        await worker.close()
        following.cancel()
    store.close()


def socket_on_loopback() -> Any:
    import socket

    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made


def key_digest(certificate: Path) -> str:
    """What Chromium's switch for one trusted key wants."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def sign_in_everybody(tx: Transaction, site: Site) -> None:
    """Every member at its seat, as after the seat code; the witness at a desk."""
    for member in tx.case(CASE).members.values():
        seat, session = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        paired = PairedSeat(sessions.digest(seat), member.venue, member.seat)
        tx.shelf(DEPLOYMENT, SEATS).put(paired.digest, {"digest": paired.digest, "venue": member.venue, "name": member.seat})
        holder = Holder(Role.MEMBER, member.id, member.venue, CASE, paired.digest, member.seat)
        keep_session(tx.shelf(DEPLOYMENT, SESSIONS), sessions.opened(holder, session, secrets.token_urlsafe(32), tx.now))
        site.cookies[member.seat] = {SEAT: seat, SESSION: session}
