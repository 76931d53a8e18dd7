"""The settings of a deployment: one frozen value from `bid.toml` and the environment. Only `server.py` reads it."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

OID = re.compile(r"([012](\.\d+)+)?")


class BadSetting(Exception):
    """A setting that is unknown or of the wrong kind; the message names it."""

    code = "settings.bad"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator decides; docs/operating.md explains each. In the environment: `BID_` and the name in capitals.

    `state`: folder of everything durable. `host`, `port`: where the server listens. `origin`: the address people type.
    `names`: host names and addresses of the development certificate. `organisation`: the centre's name.
    `log_name`: the log's origin, a name under the centre's own domain. `tls_certificate`, `tls_key`: PEM files, empty
    for the development CA's. `database`: SQLAlchemy URL, empty for SQLite under `state`. `media_host`, `media_port`:
    the UDP socket of the media worker; `media_public_host`: its address as browsers reach it. `segment_ms`: longest
    segment of a recording. `provider_url`, `provider_token`: who makes calls and sends
    links; without an address calls are made by hand. `notice_contact`: the telephone number that experts may ring.
    `trading_certificate`: PEM of the trading system whose packages are taken. `provincial_certificate`: PEM of the
    province's platform whose draws are taken. `bags`: where sealed bags are written,
    empty for `state`/bags. `witness_policy`: file naming the witnesses of the log, empty for none.
    `timestamp_url`: address of an outside time-stamp authority, empty for the centre's own; `timestamp_certificates`:
    PEM of the certificates it is believed under; `timestamp_policy`: OID that is asked of it, empty for any.
    """

    state: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8443
    origin: str = "https://localhost:8443"
    names: tuple[str, ...] = ("localhost", "127.0.0.1")
    organisation: str = "公共资源交易中心"
    log_name: str = "localhost/bid"
    tls_certificate: str = ""
    tls_key: str = ""
    database: str = ""
    media_host: str = "127.0.0.1"
    media_port: int = 0
    media_public_host: str = "127.0.0.1"
    segment_ms: int = 4000
    provider_url: str = ""
    provider_token: str = ""
    notice_contact: str = ""
    trading_certificate: str = ""
    provincial_certificate: str = ""
    bags: str = ""
    witness_policy: str = ""
    timestamp_url: str = ""
    timestamp_certificates: str = ""
    timestamp_policy: str = ""

    @property
    def database_url(self) -> str:
        """The database's URL."""
        return self.database or f"sqlite:///{self.state}/db/bid.sqlite"

    @property
    def footage(self) -> Path:
        """Where the masters of recordings lie."""
        return self.state / "footage"

    @property
    def trust(self) -> Path:
        """Where the files lie that the centre publishes about itself."""
        return self.state / "trust"

    @property
    def bags_folder(self) -> Path:
        """Where sealed bags are written."""
        return Path(self.bags) if self.bags else self.state / "bags"


def load(file: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in a TOML file (which may be absent), overridden by the environment. Raises `BadSetting`."""
    given: dict[str, object] = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    known = {field.name for field in fields(Settings)}
    for name in known:
        if f"BID_{name.upper()}" in environment:
            given[name] = environment[f"BID_{name.upper()}"]
    if unknown := given.keys() - known:
        raise BadSetting(f"unknown setting {', '.join(sorted(unknown))}")
    read = Settings(**{name: _as(name, value) for name, value in given.items()})  # type: ignore[arg-type]
    if bool(read.timestamp_url) != bool(read.timestamp_certificates):
        raise BadSetting("timestamp_url and timestamp_certificates go together")
    if not OID.fullmatch(read.timestamp_policy):
        raise BadSetting("setting timestamp_policy is no OID")
    return read


def _as(name: str, value: object) -> object:
    default = getattr(Settings(), name)
    try:
        if isinstance(default, Path):
            return Path(str(value))
        if isinstance(default, int):
            return int(str(value))
        if isinstance(default, tuple):
            return tuple(value.split(",")) if isinstance(value, str) else tuple(str(one) for one in value)  # type: ignore[attr-defined]
    except (ValueError, TypeError) as error:
        raise BadSetting(f"setting {name} cannot be read") from error
    return str(value)
