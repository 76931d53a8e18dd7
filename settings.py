"""The settings of a deployment: one frozen value from `bid.toml` and the environment. Only `server.py` reads it."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

VIDEO_CODECS = ("vp8", "h264")
OID = re.compile(r"([012](\.\d+)+)?")


TOGETHER = (
    ("timestamp_url", "timestamp_certificates"),
    ("turn_urls", "turn_secret"),
    ("pkcs11_module", "pkcs11_token", "pkcs11_pin"),
    ("licensed_ca_url", "licensed_ca_token", "licensed_ca_root"),
    ("csc_provider_url", "csc_provider_token", "csc_provider_root"),
)
"""Settings of which all are given or none."""
SHOWN_A_SECRET = ("licensed_ca_url", "csc_provider_url")
"""Addresses of services that a token is shown to: nobody may read along."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


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
    the UDP socket of the first media worker, each further one takes the next port; `media_public_host`: their address
    as browsers reach it; `media_workers`: how many there are, 0 for one less than there are processors. `turn_urls`:
    addresses of the relay (coturn) for venues that let no UDP out, empty for none; `turn_secret`: file of the secret
    shared with it; `turn_host`: the address it listens on, empty for all of its machine's.
    `segment_ms`: longest segment of a recording. `video_codec`: `vp8` or `h264`, taken of seats that offer both.
    `footage_copy`: folder on another disk that follows the recordings,
    empty for none; `low_space_mb`: how little free space for recordings is an alarm.
    `provider_url`, `provider_token`: who makes calls and sends links; without an address calls are made by hand.
    `notice_contact`: the telephone number that experts may ring.
    `trading_certificate`: PEM of the trading system whose packages are taken. `provincial_certificate`: PEM of the
    province's platform whose draws are taken. `bags`: where sealed bags are written,
    empty for `state`/bags. `witness_policy`: file naming the witnesses of the log, empty for none.
    `timestamp_url`: address of an outside time-stamp authority, empty for the centre's own; `timestamp_certificates`:
    PEM of the certificates it is believed under; `timestamp_policy`: OID that is asked of it, empty for any.
    `timestamp_served`: whether the centre's own authority answers others, too (docs/timestamps.md).
    `pkcs11_module`, `pkcs11_token`, `pkcs11_pin`: library, label and PIN file of the token that keeps members' keys,
    empty for none. `csc_name`: the name under which other software may have members sign, empty where it may not.
    `licensed_ca_url`, `licensed_ca_token`, `licensed_ca_root`: adapter of the licensed CA that certifies members, what
    it is shown, PEM of its root; empty for the centre's own CA. `csc_provider_url`, `csc_provider_token`,
    `csc_provider_root`: the outside cloud signature provider that keeps members' keys, what it is shown, PEM of its
    root; empty for keys made here.
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
    media_workers: int = 0
    turn_urls: tuple[str, ...] = ()
    turn_secret: str = ""
    turn_host: str = ""
    segment_ms: int = 4000
    footage_copy: str = ""
    low_space_mb: int = 5000
    video_codec: str = "vp8"
    provider_url: str = ""
    provider_token: str = field(default="", repr=False)
    notice_contact: str = ""
    trading_certificate: str = ""
    provincial_certificate: str = ""
    bags: str = ""
    witness_policy: str = ""
    timestamp_url: str = ""
    timestamp_certificates: str = ""
    timestamp_policy: str = ""
    timestamp_served: bool = False
    pkcs11_module: str = ""
    pkcs11_token: str = ""
    pkcs11_pin: str = ""
    csc_name: str = ""
    licensed_ca_url: str = ""
    licensed_ca_token: str = field(default="", repr=False)
    licensed_ca_root: str = ""
    csc_provider_url: str = ""
    csc_provider_token: str = field(default="", repr=False)
    csc_provider_root: str = ""

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
    _demand_fitting(read)
    return read


def _demand_fitting(read: Settings) -> None:
    """Refuse settings that are right each by itself and do not go together, or are none of what they may be."""
    for together in TOGETHER:
        if len({bool(getattr(read, name)) for name in together}) > 1:
            raise BadSetting(f"{', '.join(together[:-1])} and {together[-1]} go together")
    if read.licensed_ca_url and read.csc_provider_url:
        raise BadSetting("licensed_ca_url and csc_provider_url do not go together: one root certifies the members")
    for name in SHOWN_A_SECRET:
        _demand_private(name, getattr(read, name))
    if read.video_codec not in VIDEO_CODECS:
        raise BadSetting(f"setting video_codec is none of {', '.join(VIDEO_CODECS)}")
    if not OID.fullmatch(read.timestamp_policy):
        raise BadSetting("setting timestamp_policy is no OID")


def _demand_private(name: str, address: str) -> None:
    """Refuse an address that is neither `https://` nor on this machine, or bears more than host, port and path."""
    try:
        found = urlsplit(address)
        port = found.port
    except ValueError as error:
        raise BadSetting(f"setting {name} is no address") from error
    is_private = found.scheme == "https" or (found.scheme == "http" and found.hostname in LOOPBACK)
    is_plain = found.hostname and "@" not in found.netloc and not (found.query or found.fragment) and port != 0
    if address and not (is_private and is_plain):
        raise BadSetting(f"setting {name} is no https:// address (http:// on this machine alone)")


def _as(name: str, value: object) -> object:
    default = getattr(Settings(), name)
    try:
        if isinstance(default, Path):
            return Path(str(value))
        if isinstance(default, bool):
            return {"true": True, "false": False}[str(value).lower()]
        if isinstance(default, int):
            return int(str(value))
        if isinstance(default, tuple):
            return tuple(value.split(",")) if isinstance(value, str) else tuple(str(one) for one in value)  # type: ignore[attr-defined]
    except (KeyError, ValueError, TypeError) as error:
        raise BadSetting(f"setting {name} cannot be read") from error
    return str(value)
