"""A country of network namespaces: the centre, and venues that each hang on a cable of their own. Needs to be root.

A cable may lose packets both ways, or everything without either side being told; it carries a default route, without
which a Firefox gathers no address. What runs inside is started with `within`, and reached by `socket_factory`.
"""

import asyncio
import ctypes
import itertools
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

NAMESPACES = Path("/run/netns")
CENTRE = "10.99.0.1"
_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """One machine, as far as its network goes."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def within(self) -> tuple[str, ...]:
        """What a command line begins with to run inside."""
        return ("ip", "netns", "exec", self.name)

    def socket_factory(self, info: tuple[Any, ...]) -> socket.socket:
        """Make a socket inside, from the outside: it belongs to where its thread was when it was made."""
        with Path("/proc/thread-self/ns/net").open() as here, (NAMESPACES / self.name).open() as there:
            _enter(there.fileno())
            try:
                made = socket.socket(*info[:3])
            finally:
                _enter(here.fileno())
        made.setblocking(False)
        return made


class Venue(Namespace):
    """A machine whose one cable leads to the centre's interface `cable`."""

    def __init__(self, name: str, centre: Namespace, cable: str) -> None:
        super().__init__(name)
        self._ends = ((centre.name, cable), (name, "way"))

    @asynccontextmanager
    async def losing(self, percent: int) -> AsyncIterator[None]:
        """Of a hundred datagrams so many get lost, each way."""
        async with self._ruled(f"meta l4proto udp numgen random mod 100 < {percent} drop"):
            yield

    @asynccontextmanager
    async def cut(self) -> AsyncIterator[None]:
        """Nothing passes, and nobody is told: the link stays up."""
        async with self._ruled("drop"):
            yield

    @asynccontextmanager
    async def without_udp(self) -> AsyncIterator[None]:
        """A firewall lets no datagram out or in, and tells nobody."""
        async with self._ruled("meta l4proto udp drop"):
            yield

    @asynccontextmanager
    async def _ruled(self, rule: str) -> AsyncIterator[None]:
        # On arrival: a packet dropped on its way out would be told to its sender.
        for name, interface in self._ends:
            chain = f"chain in {{\ntype filter hook input priority 0;\niifname {interface} {rule}\n}}"
            await _run(("ip", "netns", "exec", name, "nft", "-f", "-"), f"table inet {self.name} {{\n{chain}\n}}\n")
        try:
            yield
        finally:
            for name, _ in self._ends:
                await _run(("ip", "netns", "exec", name, "nft", "delete", "table", "inet", self.name))


_countries = itertools.count(1)


@asynccontextmanager
async def a_country(venues: int) -> AsyncIterator[tuple[Namespace, list[Venue]]]:
    """The centre, whose address is `CENTRE`, and so many venues; gone afterwards with all that is in them."""
    prefix = f"bid{os.getpid()}n{next(_countries)}"
    centre = Namespace(f"{prefix}c")
    made = [Venue(f"{prefix}v{n}", centre, f"v{n}") for n in range(1, venues + 1)]
    try:
        await _ip(f"netns add {centre.name}", f"-n {centre.name} link set lo up")
        await _ip(f"-n {centre.name} addr add {CENTRE}/32 dev lo")
        for n, venue in enumerate(made, 1):
            await _ip(
                f"netns add {venue.name}",
                f"-n {centre.name} link add v{n} type veth peer name way netns {venue.name}",
                f"-n {centre.name} addr add 10.99.{n}.1/24 dev v{n}",
                f"-n {centre.name} link set v{n} up",
                f"-n {venue.name} link set lo up",
                f"-n {venue.name} addr add 10.99.{n}.2/24 dev way",
                f"-n {venue.name} link set way up",
                f"-n {venue.name} route add default via 10.99.{n}.1",
            )
        yield centre, made
    finally:
        for one in (centre, *made):
            if (NAMESPACES / one.name).exists():
                await _ip(f"netns del {one.name}")


async def _ip(*commands: str) -> None:
    for command in commands:
        await _run(("ip", *command.split()))


async def _run(command: tuple[str, ...], given: str = "") -> None:
    process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
    await process.communicate(given.encode())
    assert process.returncode == 0, command


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, 0):
        raise OSError(ctypes.get_errno(), "setns")
