"""What every test runs under: cheap folders first, sockets only to this machine's own addresses, known programs only.

It must never open a way out: a test that needs a stranger's host is refused by name.
"""

import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from tests.house.programs import is_provided

# A busy machine is no fault of a rule; what CI says of a commit must not depend on chance.
hypothesis.settings.register_profile("house", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("house")

FOLDERS_FIRST = ("rules", "house", "vectors", "services", "storage", "signing", "media", "web", "browser", "faults")
BESIEGED = ("test_kill.py", "test_tamper_bag.py")
"""Judge one case that is played once: minutes, much of them spent waiting for a server that comes back."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the run so that what is quick to fail fails early; inside a folder the order stays.

    Where several processes share the run one of them besieges from the start, or all would wait for it in the end.
    """
    is_shared = hasattr(config, "workerinput")
    items.sort(key=lambda item: (not (is_shared and item.path.name in BESIEGED), _place(item.path)))


def _place(path: Path) -> int:
    folder = path.relative_to(Path(__file__).parent).parts[0]
    return FOLDERS_FIRST.index(folder) if folder in FOLDERS_FIRST else len(FOLDERS_FIRST)


class _ByFile(LoadFileScheduling):  # type: ignore[misc]  # the library has no types
    """Where several processes share the run, a file's tests stay in one, in their order, for its fixtures' sake."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "besieged" if Path(file).name in BESIEGED else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:  # noqa: ANN401 - the library's own
    """How the tests are dealt out; `--dist loadgroup` would be shorter, and does nothing with pytest 9.2."""
    return _ByFile(config, log)


class StrangerAddressError(OSError):
    """A test reached for an address that is not this machine's own."""

    code = "stranger_address"


def is_own_address(host: str) -> bool:
    """Whether a socket of this machine could be bound to `host`; a name counts only if it is local by definition."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host in {"", "localhost", socket.gethostname()} or host.endswith(".localhost")
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


class _Watch:
    """Stands before the ways out of `socket` and remembers each refusal: asyncio swallows errors of datagrams."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        for name in ("connect", "connect_ex", "sendto"):
            setattr(socket.socket, name, self._before(getattr(socket.socket, name)))
        self._look_up = socket.getaddrinfo
        socket.getaddrinfo = self._getaddrinfo

    def admit(self, host: object) -> None:
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and not is_own_address(name):
            self.refused.append(name)
            raise StrangerAddressError(f"tests reach only this machine's own addresses, not {name}")

    def _before(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(sock: socket.socket, *args: object) -> object:
            address = args[-1]
            if sock.family in {socket.AF_INET, socket.AF_INET6} and isinstance(address, tuple):
                self.admit(address[0])
            return method(sock, *args)

        return guarded

    def _getaddrinfo(self, host: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # the signature of socket
        self.admit(host)
        return self._look_up(host, *args, **kwargs)


_watch = _Watch()


@pytest.fixture(autouse=True)
def refused_addresses() -> Iterator[list[str]]:
    """The addresses this test was refused; a test that leaves one in the list fails, even if it caught the error."""
    yield _watch.refused
    assert not (taken := _taken(_watch.refused)), f"reached for {', '.join(taken)}"


_unprovided: list[str] = []


def _note_program(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "subprocess.Popen":
        program = os.fsdecode(arguments[0])
        if not is_provided(program):
            _unprovided.append(program)


sys.addaudithook(_note_program)


@pytest.fixture(autouse=True)
def unprovided_programs() -> Iterator[list[str]]:
    """The programs this test started that `./run test` does not install: it would fail on the next machine."""
    yield _unprovided
    assert not (taken := _taken(_unprovided)), f"tests/house/programs.py does not know what brings {', '.join(taken)}"


def _taken(notes: list[str]) -> list[str]:
    """The notes, removed, so that they count against one test only."""
    taken = notes.copy()
    notes.clear()
    return taken
