"""A figure that the committee found abnormal (畸高畸低), and how far it is with it (R-19). A value only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Questioned:
    """`motion` found it abnormal; then the member's reason, whether that was found insufficient, and the note."""

    motion: str
    reason: str = ""
    is_insufficient: bool = False
    is_replaced: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing is awaited: the mean of the others stands, or a reason was given and not found wanting."""
        return self.is_replaced or (bool(self.reason) and not self.is_insufficient)
