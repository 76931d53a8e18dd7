"""Who sits at a seat of a bench's committee: a browser of its own, and what it may type into."""

from dataclasses import dataclass, field

from demo.client import Person


@dataclass
class Seat:
    """Somebody at a seat: the browser, the case's path, and how often each own cell was saved."""

    person: Person
    case: str
    member: str
    bids: list[str]
    items: list[str]
    papers: list[str]
    cookies: dict[str, str]
    revisions: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def leads(self) -> bool:
        """Whether this member leads its committee."""
        return self.member == "m1"
