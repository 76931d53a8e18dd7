"""The relay for networks without UDP: what a seat shows it, what is written for coturn, what coturn then refuses."""

import asyncio
import shlex
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from demo.server_process import free_port
from media.relay import ALLOCATIONS_PER_SEAT, BadRelay, Relay, Ticket
from tests.browser.network import CENTRE, Namespace, a_country
from tests.browser.relay import SECRET, a_relay

URLS = ("turn:turn.example:3478?transport=tcp", "turns:turn.example:443?transport=tcp")
PORT = "3478"
# Where the centre ends the cable to a venue: coturn takes no address of a loopback interface by itself.
RELAY, RELAY_6 = "10.99.1.1", "fd77::1"
SPECIAL = (
    *("0.0.0.1", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.2.1", "192.168.0.1"),
    *("198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "10.99.0.2", RELAY, "10.99.1.2"),
)
SPECIAL_6 = ("::1", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1", "64:ff9b::a63:1", f"::ffff:{CENTRE}", RELAY_6)


def test_the_code_is_the_mac_that_openssl_makes() -> None:
    ticket = Relay(URLS, SECRET).ticket("E-1/A-01", 1_700_000_000)
    assert ticket.username == "1700000300:E-1/A-01"
    mac = subprocess.run(
        ["openssl", "dgst", "-sha1", "-hmac", SECRET, "-binary"],
        input=ticket.username.encode(),
        capture_output=True,
        check=True,
    )
    base64 = subprocess.run(["openssl", "base64"], input=mac.stdout, capture_output=True, check=True)
    assert base64.stdout.decode().strip() == ticket.credential


@pytest.mark.parametrize(
    ("urls", "secret", "peer"),
    [
        (("turn.example:443",), SECRET, CENTRE),
        (("turns:turn.example:443?transport=udp",), SECRET, CENTRE),
        (("turns:turn.example:0?transport=tcp",), SECRET, CENTRE),
        (("turns:turn.example\nno-auth:443?transport=tcp",), SECRET, CENTRE),
        ((URLS[1], "turns:turn.example:8443?transport=tcp"), SECRET, CENTRE),
        (URLS, "short", CENTRE),
        (URLS, f"{SECRET}\nno-auth", CENTRE),
        (URLS, SECRET, "media.example"),
        (URLS, SECRET, f"{CENTRE}\nallowed-peer-ip=10.0.0.1"),
    ],
)
def test_what_is_no_relay_is_refused_and_writes_no_line_of_its_own(
    urls: tuple[str, ...], secret: str, peer: str
) -> None:
    with pytest.raises(BadRelay):
        Relay(urls, secret).configuration(peer, "cert.pem", "key.pem")


@pytest.mark.parametrize(
    ("urls", "shut"),
    [
        (URLS[1:], {"no-udp", "no-tcp", "no-dtls"}),
        (URLS[:1], {"no-udp", "no-dtls", "no-tls"}),
        (URLS, {"no-udp", "no-dtls"}),
    ],
)
def test_only_the_ways_in_that_browsers_are_told_are_open(urls: tuple[str, ...], shut: set[str]) -> None:
    lines = Relay(urls, SECRET).configuration(CENTRE, "cert.pem", "key.pem").splitlines()
    assert {line for line in lines if line in {"no-udp", "no-tcp", "no-dtls", "no-tls"}} == shut


def of_the_unit(key: str) -> list[str]:
    """What the relay's unit says under a key."""
    lines = Path("deploy/bid-relay.service").read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(f"{key}=") for line in lines if line.startswith(f"{key}=")]


def credentials(folder: Path, port: int) -> None:
    """What systemd shows the relay's user, and nobody else."""
    folder.mkdir()
    made = ("-keyout", str(folder / "key.pem"), "-out", str(folder / "fullchain.pem"))
    named = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=turn.example")
    subprocess.run([*named, *made], check=True, capture_output=True)
    relay = Relay((f"turns:turn.example:{port}?transport=tcp",), SECRET)
    text = relay.configuration(CENTRE, "/srv/bid/tls/fullchain.pem", "/srv/bid/tls/key.pem", "127.0.0.1")
    (folder / "turnserver.conf").write_text(text, encoding="utf-8")
    for path in (*folder.iterdir(), folder):
        shutil.chown(path, "nobody")
        path.chmod(0o500)


def test_the_unit_gives_a_stranger_to_the_server_all_that_the_relay_needs() -> None:
    with tempfile.TemporaryDirectory(prefix="bid-") as place:
        shown, run, port = Path(place) / "shown", Path(place) / "run", free_port()
        Path(place).chmod(0o711)
        credentials(shown, port)
        assert {line.partition(":")[0] for line in of_the_unit("LoadCredential")} == {p.name for p in shown.iterdir()}
        (run / "bid-relay").mkdir(parents=True)
        shutil.chown(run / "bid-relay", "nobody")
        trust = ssl.create_default_context(cafile=str(shown / "fullchain.pem"))
        [command] = of_the_unit("ExecStart")
        words = shlex.split(command.replace("%d", str(shown)).replace("%t", str(run)))
        with subprocess.Popen(words, user="nobody", stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as relay:
            try:
                shake_hands(port, trust, relay)
            finally:
                relay.terminate()


def shake_hands(port: int, trust: ssl.SSLContext, relay: "subprocess.Popen[bytes]") -> None:
    """TLS with the relay, as soon as it listens, under the certificate that it was shown."""
    ends = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as plain:
                trust.wrap_socket(plain, server_hostname="turn.example").close()
                return
        except ConnectionRefusedError:
            assert relay.poll() is None and time.monotonic() < ends  # noqa: PT018


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def centre(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Namespace]:
    """A network with coturn on the configuration that the server writes."""
    file = tmp_path_factory.mktemp("relay") / "turnserver.conf"
    file.write_text(Relay(URLS[:1], SECRET).configuration(CENTRE, "", ""), encoding="utf-8")
    async with a_country(1) as (made, _):
        command = f"ip -n {made.name} address add {RELAY_6}/64 dev v1 nodad"
        assert await (await asyncio.create_subprocess_exec(*command.split())).wait() == 0
        async with a_relay(made, file, int(PORT)):
            yield made


def client(centre: Namespace, ticket: Ticket, peer: str, *more: str) -> list[str]:
    """A client that shows a ticket and wants to be relayed to a peer."""
    command = (*centre.within, "turnutils_uclient", "-t", "-c", "-n", "1", "-p", PORT, "-r", "40000", *more)
    return [*command, "-u", ticket.username, "-w", ticket.credential, "-e", peer, RELAY]


def shown(centre: Namespace, ticket: Ticket, peer: str, *more: str) -> str:
    """What coturn answers to it."""
    command = client(centre, ticket, peer, *more)
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout


def a_ticket(who: str, ago: int = 0) -> Ticket:
    return Relay(URLS, SECRET).ticket(who, int(time.time()) - ago)


def test_the_relay_reaches_the_media_workers_address(centre: Namespace) -> None:
    command = client(centre, a_ticket("E-1/A-01"), CENTRE, "-X", "-v")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout is not None
        said = [next(line for line in asking.stdout if "cb response received" in line), next(asking.stdout)]
        asking.terminate()
    assert "success" in "".join(said)


@pytest.mark.parametrize("peer", SPECIAL)
def test_no_other_address_is_reached(centre: Namespace, peer: str) -> None:
    assert "error 403 (Forbidden IP)" in shown(centre, a_ticket("E-1/A-01"), peer, "-X")


@pytest.mark.parametrize("peer", SPECIAL_6)
def test_no_other_address_is_reached_over_ipv6(centre: Namespace, peer: str) -> None:
    assert "error 403 (Forbidden IP)" in shown(centre, a_ticket("E-1/A-01"), peer, "-x")


def test_a_seat_has_no_more_allocations_than_it_needs(centre: Namespace) -> None:
    said = shown(centre, a_ticket("E-1/A-02"), CENTRE, "-X", "-m", str(ALLOCATIONS_PER_SEAT + 1))
    assert "error 486 (Allocation Quota Reached)" in said


@pytest.mark.parametrize(
    "ticket",
    [
        a_ticket("E-1/A-03", ago=301),
        Ticket((), a_ticket("E-1/A-03").username, a_ticket("E-1/A-04").credential, 300),
        Ticket((), f"{int(time.time()) + 3000}:E-1/A-03", a_ticket("E-1/A-03").credential, 300),
    ],
    ids=["expired", "of-another-seat", "made-longer"],
)
def test_a_ticket_that_is_not_this_servers_or_is_over_opens_nothing(centre: Namespace, ticket: Ticket) -> None:
    assert "Cannot complete Allocation" in shown(centre, ticket, CENTRE, "-X")
