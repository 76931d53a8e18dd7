"""What the application was built with; the composition root fills it, views read it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct.authorising import Office
from conduct.exporting import Exports
from conduct.sealed_draw.questions import DrawProcess
from media.access import Footage
from media.engine import MediaEngine
from media.relay import Relay
from signing.timestamp import Stamper
from web.ports import CheckSeal, Rooms, Store
from web.screens import Screens


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Intake:
    """The certificate of the platform whose draws are taken, and the key that their rows are sealed to."""

    certificate: x509.Certificate
    key: X25519PrivateKey


@dataclass(frozen=True, slots=True)
class Services:
    """The parts the views stand on.

    `origin`: the address people type, as `https://host[:port]`; an unsafe call from any other is refused.
    `process`: keeps links and orders of draws. `office`: who issues the members' certificates. `check_seal`: judges a
    signature made elsewhere. `trading`: the certificate of the trading system whose packages are taken, None where none
    is. `footage`, `bags`: the folders of recordings and of sealed bags (`<bags>/<case>`); `exports`: access copies.
    `provider_token`: what the provider of calls must show. `contact`: the telephone number that experts are told;
    `by_hand`: there is no provider.
    `setup_token`: opens the page that makes the first security administrator; empty when there is one.
    `provincial`: how another platform's draws are taken, None where none is. `relay`: for venues that let no UDP out,
    None where there is none. `stamper`: the centre's own time-stamp authority where it is served, else None. `ahead`:
    whose signature waits (case, who), and how many come before it. `screens`: what stands on those beside the seats.
    """

    store: Store
    rooms: Rooms
    media: MediaEngine
    process: DrawProcess
    origin: str
    office: Office
    check_seal: CheckSeal
    trading: x509.Certificate | None
    footage: Footage
    bags: Path
    exports: Exports
    provider_token: str = field(repr=False)
    contact: str
    by_hand: bool
    setup_token: str = field(repr=False)
    provincial: Intake | None = None
    relay: Relay | None = None
    stamper: Stamper | None = None
    clock: Callable[[], datetime] = field(default=_utc_now)
    ahead: dict[tuple[str, str], int] = field(default_factory=dict)
    screens: Screens = field(default_factory=Screens)


SERVICES = web.AppKey("services", Services)
