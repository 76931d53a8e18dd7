"""Going back to an earlier stage (回退): asked by the leader, decided by whom the profile names, nothing lost by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

Target = Literal["prelim", "detailed"]
TARGETS: Final[tuple[Target, ...]] = get_args(Target)


class RollbackOpen(Exception):
    """A request is open already: one at a time."""

    code = "rollback.open"


class NoRollback(Exception):
    """No request is open."""

    code = "rollback.none"


class NotBehind(Exception):
    """The stage asked for was never closed: there is nothing to go back to."""

    code = "rollback.not_behind"


class RollbackReasonMissing(Exception):
    """A request without a reason."""

    code = "rollback.reason_missing"


@dataclass(frozen=True, slots=True)
class Rollback:
    """One request: the stage to go back to, who has endorsed it, how it was decided, the digest of what stood."""

    stage: str
    reason: str
    asked_at: str
    endorsed: Mapping[str, str] = field(default_factory=dict)
    decided_at: str = ""
    is_approved: bool = False
    snapshot: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it yet."""
        return not self.decided_at
