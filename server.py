"""The composition root: it opens the store, starts the children, wires flows to pages, and stops everything in order.

`python server.py` runs until SIGTERM: transactions are finished, segments closed, checkpoints signed.
"""

import asyncio
import logging
import secrets
import signal
import socket
import ssl
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archive import published
from conduct import posting, reporting, sealing
from conduct.authorising import Office
from conduct.bagging import Sealer
from conduct.founding import found
from conduct.rooms import Rooms
from conduct.scheduler import Scheduler
from gateways.messages import Messenger, NotSent
from gateways.outside_seals import check as check_seal
from media.supervisor import MediaWorker
from media.wire import WorkerSettings
from settings import BadSetting, Settings, load
from signing.ca import sha256_of
from signing.keystore import Cost, EnvelopeKeyStore
from storage.deployment_keys import DeploymentKeys, open_keys
from storage.logs import DEPLOYMENT, LogKeys
from storage.store import NewerSchema, Store
from web.app import make_app
from web.services import Services
from web.sockets import SOCKETS

log = logging.getLogger("bid")


@dataclass(frozen=True, slots=True)
class House:
    """What is open while the server runs."""

    settings: Settings
    keys: DeploymentKeys
    store: Store
    office: Office

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of the certificates that outsiders compare."""
        return {name: sha256_of(getattr(self.keys, name).certificate).hex() for name in ("root", "seal")}

    @property
    def trust(self) -> dict[str, bytes]:
        """The files that the centre publishes about itself."""
        root, issuing, seal = (
            authority.certificate.public_bytes(Encoding.DER)
            for authority in (self.keys.root, self.keys.issuing, self.keys.seal)
        )
        vkey = LogKeys(self.settings.log_name, self.keys.log_seed).of(DEPLOYMENT).verifier_key
        return published.trust_files(self.settings.organisation, root, issuing, seal, vkey)


def open_house(settings: Settings) -> House:
    """Open keys and store, lay out what outsiders are given as trust; the first start states the keys in the log."""
    for name in ("db", "objects", "footage", "run", "bags", "trust"):
        (settings.state / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.bags_folder.mkdir(parents=True, exist_ok=True)
    keys = open_keys(settings.state / "keys", settings.organisation, settings.names, datetime.now(UTC))
    store = Store(
        settings.database_url, settings.state / "objects", keys.storage, LogKeys(settings.log_name, keys.log_seed)
    )
    keystore = EnvelopeKeyStore(keys.share, Cost())
    house = House(settings, keys, store, Office(keys.issuing, keys.root.certificate, keystore, settings.organisation))
    for name, content in house.trust.items():
        (settings.trust / name).write_bytes(content)
    vkey = house.trust["log.vkey"].decode().strip()
    store.writer.submit(lambda tx: found(tx, settings.organisation, house.digests, vkey)).result()
    return house


class Server:
    """Everything that runs at once, from the first socket to the last flush."""

    def __init__(self, house: House, listening: socket.socket) -> None:
        self.house = house
        self.listening = listening
        self.stopping = asyncio.Event()
        self.setup_token = secrets.token_urlsafe(24)

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._serve(tasks)
        finally:
            self.house.store.close()

    async def _serve(self, tasks: asyncio.TaskGroup) -> None:
        settings, store = self.house.settings, self.house.store
        engine = await MediaWorker.start(self._worker_settings(), tasks)
        messenger = Messenger(settings.provider_url, settings.provider_token)
        rooms = Rooms(engine, store.act, store.case)
        app = make_app(self._services(engine, rooms))
        rooms.listeners = app[SOCKETS]
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, self.listening, ssl_context=self._tls()).start()
        self._announce()
        background = [
            tasks.create_task(rooms.follow()),
            tasks.create_task(Scheduler(store, rooms, partial(reporting.render, store), self._sealer().run).run()),
            tasks.create_task(posting.run(store, messenger.send, NotSent)),
        ]
        await self.stopping.wait()
        await app[SOCKETS].close()
        await runner.cleanup()
        await engine.close()
        for task in background:
            task.cancel()
        await messenger.close()
        for case in store.grown():
            await store.checkpoint(case)

    def _worker_settings(self) -> WorkerSettings:
        settings = self.house.settings
        return WorkerSettings(
            socket=str((settings.state / "run" / "media.sock").absolute()),
            footage=str(settings.footage.absolute()),
            host=settings.media_host,
            port=settings.media_port,
            public_host=settings.media_public_host,
            segment_ms=settings.segment_ms,
        )

    def _services(self, engine: MediaWorker, rooms: Rooms) -> Services:
        settings = self.house.settings
        trading = Path(settings.trading_certificate)
        certificate = x509.load_pem_x509_certificate(trading.read_bytes()) if settings.trading_certificate else None
        return Services(
            store=self.house.store,
            office=self.house.office,
            rooms=rooms,
            media=engine,
            origin=settings.origin,
            check_seal=check_seal,
            trading=certificate,
            footage=settings.footage,
            bags=settings.bags_folder,
            provider_token=settings.provider_token,
            setup_token=self.setup_token,
        )

    def _tls(self) -> ssl.SSLContext:
        settings, keys = self.house.settings, self.house.keys
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.tls_certificate or keys.tls_certificate, settings.tls_key or keys.tls_key)
        return context

    def _announce(self) -> None:
        settings = self.house.settings
        print(f"serving {settings.origin}", flush=True)
        for name, digest in self.house.digests.items():
            print(f"{name} {digest}", flush=True)
        print(f"setup {settings.origin}/setup/{self.setup_token}", flush=True)

    def _sealer(self) -> Sealer:
        house, settings = self.house, self.house.settings
        place = sealing.Place(settings.footage, house.trust, settings.organisation)
        return Sealer(house.store, place, house.keys.seal, house.keys.issuing, settings.bags_folder, settings.trust)


def main() -> int:
    """Run the server on `bid.toml` and the environment; 1 and a plain sentence where it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        settings = load(Path("bid.toml"))
        # The port first: a second start must not touch the state that the first one works on.
        listening = socket.create_server((settings.host, settings.port))
        house = open_house(settings)
    except (BadSetting, NewerSchema, OSError) as refused:
        print(f"cannot start: {refused}", file=sys.stderr)
        return 1
    asyncio.run(Server(house, listening).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
