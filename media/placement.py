"""Which worker carries which case: the one with the fewest, and that one for as long as it lives. Starts nothing."""

from typing import Generic, TypeVar

from media.engine import CaseId

L = TypeVar("L")


class Placement(Generic[L]):
    """Cases by the life of a worker that holds their footage; no case is ever in two hands."""

    def __init__(self) -> None:
        self._cases: dict[L, set[CaseId]] = {}

    @property
    def lives(self) -> tuple[L, ...]:
        """Who can be given a case, in the order in which they came."""
        return tuple(self._cases)

    def admit(self, life: L) -> None:
        """A worker has begun to live."""
        self._cases[life] = set()

    def bury(self, life: L) -> set[CaseId]:
        """A worker is dead, its files are closed: give the cases that nobody holds now."""
        return self._cases.pop(life, set())

    def home(self, case: CaseId) -> L | None:
        """Who holds a case."""
        return next((life for life, cases in self._cases.items() if case in cases), None)

    def place(self, case: CaseId) -> L | None:
        """Who holds a case from now on: as before, or who holds the fewest; None while nobody lives."""
        life = self.home(case)
        if life is None and self._cases:
            life = min(self._cases, key=lambda one: len(self._cases[one]))
            self._cases[life].add(case)
        return life

    def release(self, case: CaseId) -> None:
        """A case is done with."""
        for cases in self._cases.values():
            cases.discard(case)
