"""The relay (TURN) for venues that let only TCP 443 out: its addresses, what a seat shows it, its configuration.

Owns no socket and no clock. The relay is coturn on its own address; it carries packets to this deployment's media
workers and to nobody else, for whoever shows a name and code that this server made within the last five minutes.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass, field

VALID_S = 300
# Two connections of a seat, each on a few interfaces, and once more while it comes back.
ALLOCATIONS_PER_SEAT = 12
ALLOCATIONS = 1200
# Eight pictures of 600 kbit/s and their sound on one allocation, twice over.
BYTES_PER_SECOND = 1_500_000
SECRET_CHARACTERS = 32

_URL = re.compile(r"(turns?):([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})\?transport=(udp|tcp)")


class BadRelay(ValueError):
    """The relay's addresses, secret or peer are not what they must be; the message says which."""

    code = "relay.bad"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a browser shows the relay: `RTCIceServer` and how many seconds it is good for."""

    urls: tuple[str, ...]
    username: str
    credential: str
    ttl: int


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay that shares `secret` with this server; `urls` are written as RFC 7065 does, port and transport named.

    Raises `BadRelay`.
    """

    urls: tuple[str, ...]
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if wrong := [url for url in self.urls if not _is_url(url)]:
            raise BadRelay(f"{wrong[0]!r} is not written like turns:turn.example:443?transport=tcp")
        if not re.fullmatch(rf"[!-~]{{{SECRET_CHARACTERS},}}", self.secret):
            raise BadRelay(f"the secret needs {SECRET_CHARACTERS} printable characters or more, and no blank")

    def ticket(self, who: str, now: int) -> Ticket:
        """What `who` may show until five minutes after `now` (seconds since 1970).

        The name is `expiry:who` and the code the base64 of its HMAC-SHA1 under the secret, as coturn's
        `use-auth-secret` and draft-uberti-behave-turn-rest-00 have it. Allocations are counted by `who`.
        """
        name = f"{now + VALID_S}:{who}"
        code = hmac.digest(self.secret.encode(), name.encode(), hashlib.sha1)
        return Ticket(self.urls, name, base64.b64encode(code).decode(), VALID_S)

    def configuration(self, peer: str, certificate: str, key: str, listening: str = "") -> str:
        """coturn's configuration: it relays to the address `peer` alone; `certificate`, `key`: PEM files for `turns:`.

        `listening` is the relay's own address, empty for all of the machine's. Raises `BadRelay`.
        """
        ways = sorted({_way(url) for url in self.urls})
        return _CONFIGURATION.format(
            secret=self.secret,
            addresses=f"listening-ip={_address(listening)}\nrelay-ip={_address(listening)}\n" if listening else "",
            doors="".join(f"{line}\n" for line in _doors(ways)),
            tls=f"cert={certificate}\npkey={key}\n" if any(scheme == "turns" for scheme, _, _ in ways) else "",
            peer=_address(peer),
            per_seat=ALLOCATIONS_PER_SEAT,
            in_all=ALLOCATIONS,
            rate=BYTES_PER_SECOND,
        )


def _is_url(url: str) -> bool:
    found = _URL.fullmatch(url)
    # turns: over UDP would be DTLS, which browsers do not speak to a relay.
    return found is not None and 0 < int(found[3]) < 1 << 16 and (found[1], found[4]) != ("turns", "udp")


def _way(url: str) -> tuple[str, int, str]:
    """Scheme, port and transport of an address that was checked."""
    scheme, _, port, transport = _URL.fullmatch(url).groups()  # type: ignore[union-attr]
    return scheme, int(port), transport


def _doors(ways: list[tuple[str, int, str]]) -> list[str]:
    """Which ways in are open; every other is shut."""
    ports = {scheme: {port for one, port, _ in ways if one == scheme} for scheme in ("turn", "turns")}
    if any(len(several) > 1 for several in ports.values()):
        raise BadRelay("all turn_urls of one scheme need the same port")
    plain = {transport for scheme, _, transport in ways if scheme == "turn"}
    lines = [f"no-{transport}" for transport in ("udp", "tcp") if transport not in plain]
    lines += ["no-dtls"] if ports["turns"] else ["no-dtls", "no-tls"]
    lines += [f"listening-port={port}" for port in ports["turn"]]
    return lines + [f"tls-listening-port={port}" for port in ports["turns"]]


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise BadRelay(f"{text!r} is no IP address: the relay knows no names") from None


_CONFIGURATION = """\
# Written by the server at each start from its settings: change those instead. It holds a secret.
use-auth-secret
static-auth-secret={secret}
realm=bid
fingerprint
stale-nonce=600
{addresses}{doors}{tls}no-tlsv1
no-tlsv1_1
# The media workers and nobody else.
allowed-peer-ip={peer}
denied-peer-ip=0.0.0.0-255.255.255.255
denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
no-tcp-relay
no-multicast-peers
user-quota={per_seat}
total-quota={in_all}
max-bps={rate}
no-cli
no-software-attribute
no-rfc5780
no-stun-backward-compatibility
simple-log
log-file=stdout
"""
