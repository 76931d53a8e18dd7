"""The composition root: it opens the store, starts the children, wires flows to pages, and stops everything in order.

`python server.py` runs until SIGTERM: transactions are finished, segments closed, checkpoints signed.
"""

import asyncio
import logging
import secrets
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509

from conduct import answering, nights, reporting, sealing
from conduct.activation.office import ActivationOffice
from conduct.authorising import Office
from conduct.bagging import Sealer
from conduct.closing_reports import Closer
from conduct.cosigning import Cosigning
from conduct.exporting import Exports
from conduct.founding import state_draw_process
from conduct.posting import Posting
from conduct.rooms import PROVIDER_AWAY, TIMESTAMP_AWAY, Rooms
from conduct.rulebook import frozen_profile
from conduct.scheduler import CaseJob, Scheduler
from conduct.sealed_draw.office import DrawOffice
from conduct.shut_in import leave_no_core
from conduct.stamping import Embedded, Stamping
from evaluation.case import CaseId
from gateways.messages import ByHand, HttpProvider
from gateways.outside_seals import check as check_seal
from gateways.timestamps import HttpAuthority
from gateways.witnesses import Witnesses
from house import House, open_house
from media.workers import MediaWorkers
from settings import BadSetting, load
from signing import hpke
from signing.cosign_policy import PolicyRefused
from storage.store import NewerSchema
from web.app import make_app
from web.services import Intake, Services
from web.sockets import SOCKETS

log = logging.getLogger("bid")


class Server:
    """Everything that runs at once, from the first socket to the last flush."""

    def __init__(self, house: House, listening: socket.socket) -> None:
        self.house = house
        self.listening = listening
        self.stopping = asyncio.Event()
        self.setup_token = secrets.token_urlsafe(24)
        self.exports = Exports(house.store, house.footage, house.settings.state / "exports")

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
        store = self.house.store
        engine, process, activation = await asyncio.gather(
            MediaWorkers.start(self.house.media, tasks),
            DrawOffice.start(self._state_draw_process, tasks),
            ActivationOffice.start(self.house.activation, tasks),
        )
        carrier, witnesses, authority = self._carrier(), Witnesses(), self._time_authority()
        cosigning = Cosigning(store, self.house.policy, witnesses.ask)
        rooms = Rooms(engine, store.act, store.case, partial(frozen_profile, store))
        stamping = Stamping(store, authority, partial(rooms.say, TIMESTAMP_AWAY))
        app = make_app(self._services(engine, rooms, process, self.house.office(activation)))
        rooms.listeners = app[SOCKETS]
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, self.listening, ssl_context=self.house.tls).start()
        self._announce()
        told = {"notice": self._placed}
        background = [
            tasks.create_task(rooms.follow()),
            tasks.create_task(cosigning.run()),
            tasks.create_task(Scheduler(store, rooms, process, self._jobs(cosigning, stamping)).run()),
            tasks.create_task(Posting(store, carrier, told, partial(rooms.say, PROVIDER_AWAY)).run()),
            tasks.create_task(stamping.run()),
            tasks.create_task(self.exports.run()),
        ]
        await self.stopping.wait()
        await app[SOCKETS].close()
        await runner.cleanup()
        for child in (process, activation, engine):
            await child.close()
        for task in background:
            task.cancel()
        for outside in (carrier, witnesses, authority, *self.house.asked):
            await outside.close()
        for case in store.grown():
            await store.checkpoint(case)

    async def _state_draw_process(self, key: str) -> None:
        await self.house.store.act(lambda tx: state_draw_process(tx, key))

    def _carrier(self) -> ByHand | HttpProvider:
        settings = self.house.settings
        if not settings.provider_url:
            return ByHand()
        return HttpProvider(settings.provider_url, settings.provider_token, settings.origin, settings.notice_contact)

    def _time_authority(self) -> Embedded | HttpAuthority:
        house, settings = self.house, self.house.settings
        if not settings.timestamp_url:
            return house.time_authority
        return HttpAuthority(settings.timestamp_url, settings.timestamp_policy, house.stamping)

    async def _placed(self, told: dict[str, Any]) -> None:
        """A provider has taken a call: the time to answer begins."""
        case = CaseId(told["case"])
        await self.house.store.act(lambda tx: answering.placed(tx, case, told["ticket"], "voice"))

    def _services(self, engine: MediaWorkers, rooms: Rooms, process: DrawOffice, office: Office) -> Services:
        settings = self.house.settings
        province = _certificate(settings.provincial_certificate)
        return Services(
            store=self.house.store,
            office=office,
            rooms=rooms,
            media=engine,
            process=process,
            origin=settings.origin,
            check_seal=check_seal,
            trading=_certificate(settings.trading_certificate),
            footage=self.house.footage,
            bags=settings.bags_folder,
            exports=self.exports,
            provider_token=settings.provider_token,
            contact=settings.notice_contact,
            by_hand=not settings.provider_url,
            setup_token=self.setup_token,
            provincial=Intake(province, self.house.keys.intake) if province else None,
            relay=self.house.relay,
            stamper=self.house.stamper if settings.timestamp_served else None,
        )

    def _announce(self) -> None:
        settings = self.house.settings
        print(f"serving {settings.origin}", flush=True)
        for name, digest in self.house.digests.items():
            print(f"{name} {digest}", flush=True)
        print(f"intake {hpke.raw_public(self.house.keys.intake).hex()}", flush=True)
        print(f"setup {settings.origin}/setup/{self.setup_token}", flush=True)

    def _jobs(self, cosigning: Cosigning, stamping: Stamping) -> dict[str, CaseJob]:
        """What takes its time beside the clock of the cases."""
        house, settings = self.house, self.house.settings
        place = sealing.Place(house.footage, house.trust, settings.organisation)
        keys = (house.keys.seal, house.keys.issuing, house.keys.sm2_issuing)
        folders = (settings.bags_folder, settings.trust)
        own = (house.keys.root, house.keys.issuing, house.keys.stamp.certificate)
        closer = Closer(*own, stamping, house.stamping, house.members_root)
        return {
            "report": partial(reporting.render, house.store),
            "seal": Sealer(house.store, place, *keys, *folders, cosigning, stamping, closer).run,
            "night": partial(nights.seal, house.store, cosigning.until_witnessed),
        }


def _certificate(path: str) -> x509.Certificate | None:
    return x509.load_pem_x509_certificate(Path(path).read_bytes()) if path else None


def main() -> int:
    """Run the server on `bid.toml` and the environment; 1 and a plain sentence where it cannot start."""
    leave_no_core()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        settings = load(Path("bid.toml"))
        # The port first: a second start must not touch the state that the first one works on.
        listening = socket.create_server((settings.host, settings.port))
        house = open_house(settings)
    except (BadSetting, NewerSchema, PolicyRefused, OSError) as refused:
        print(f"cannot start: {refused}", file=sys.stderr)
        return 1
    asyncio.run(Server(house, listening).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
