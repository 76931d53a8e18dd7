"""What the pools' rows must offer, as `storage.pool` keeps them: editions of each owner's pool, added to, never edited.

A row is live in the editions from the one that brought it to the one that ended it. An edition that nobody has taken
over yet is as invisible as one that was never handed in, so a pool is never half imported.
"""

from collections.abc import Iterable, Iterator, Set
from typing import Protocol

from expert_pool.expert import Enrolment, Expert, Person, PersonKey


class PoolRows(Protocol):
    """The rows of every owner's pool. Facts and persons are sealed apart, so that screening opens no name."""

    def key(self, id_number: str) -> PersonKey:
        """The person's key: a keyed digest of the identity number."""
        ...

    def fingerprint(self, owner: str, enrolment: Enrolment) -> bytes:
        """A keyed digest of a whole line, equal if and only if nothing in it changed."""
        ...

    def fingerprints(self, owner: str, edition: int) -> dict[str, bytes]:
        """Code → fingerprint of every row of an edition."""
        ...

    def experts(self, owner: str, edition: int) -> Iterator[Expert]:
        """The experts of an edition by ascending code, without the persons."""
        ...

    def enrolment(self, owner: str, edition: int, code: str) -> Enrolment | None:
        """One row of an edition with its person, or None."""
        ...

    def persons(self, owner: str, edition: int, codes: Set[str]) -> Iterator[tuple[str, Person]]:
        """Code and person of those rows of an edition that have one of these codes."""
        ...

    def code_of(self, owner: str, edition: int, person: PersonKey) -> str | None:
        """The code under which an owner's edition holds a person, or None."""
        ...

    def shared(self, owner: str, edition: int, other: str, other_edition: int) -> int:
        """How many persons stand in both editions."""
        ...

    def add(self, owner: str, edition: int, printed: Iterable[tuple[Enrolment, bytes]]) -> None:
        """Bring rows, each with its fingerprint, with an edition."""
        ...

    def end(self, owner: str, edition: int, codes: Iterable[str]) -> None:
        """End rows with an edition: they are live in it no longer."""
        ...

    def discard(self, owner: str, edition: int) -> None:
        """Undo whatever an edition brought and ended; only for one that was never taken over."""
        ...

    def repeat(self, owner: str, edition: int, current: int, again: int) -> None:
        """Make `edition`, the successor of `current`, hold what `again` held."""
        ...

    def forget(self, owner: str, needed: int) -> None:
        """Delete the rows that ended before the oldest edition that is still needed."""
        ...
