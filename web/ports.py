"""What the pages stand on: transactions, the enrolment of a seat's member, the media plane."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from conduct.ports import Json, Tx
from identity.sessions import Session

T = TypeVar("T")


class Store(Protocol):
    """Where everything is kept; `storage.store.Store` is one."""

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a function as one transaction; return once it is on disk. What it raises is raised here."""
        ...

    async def read(self, look: Callable[[Tx], T], /) -> T:
        """Run a function that only looks, on the last committed state."""
        ...


class Enrolment(Protocol):
    """Makes a member's key and certificate, live for this case only (domain page 1.3a)."""

    async def enrol(self, case: str, member: str, password: str, /) -> None:
        """Enrol a seated member under a signing password that was checked. Raises refusals of the signing package."""
        ...


class Rooms(Protocol):
    """What somebody may see and hear of a case, as of now."""

    async def state(self, session: Session, case: str, /) -> Json:
        """The whole state a page of this session shows, sent again at every connection."""
        ...

    async def tracks(self, session: Session, case: str, /) -> tuple[str, ...]:
        """The tracks (`seat/kind`) this session may receive."""
        ...
