"""What a check came to: findings that name the exact object, what could not be checked, the verdict."""

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """Exit statuses of the program."""

    RIGHT = 0
    WRONG = 1
    UNUSABLE_CALL = 2
    PARTLY_CHECKED = 3


class Unusable(Exception):
    """The call names no bag, or a trust directory that cannot be used; `what` is a code of words.json."""

    code = "unusable"

    def __init__(self, object_: str, what: str) -> None:
        super().__init__(f"{what}: {object_}")
        self.object = object_
        self.what = what


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong.

    `step` is the number in docs/archive-format.md, `object` the path in the bag and what it is about inside it
    (`data/log/log.jsonl line 125 sheet.signed m3`), `what` a code of words.json, `detail` figures or a refusal's code.
    """

    step: int
    object: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Unchecked:
    """One thing that this run could not check: the step it belongs to, the object, why."""

    step: int
    object: str
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome. `check_code` is the SHA-256 of the tag manifest, `sealed_by` the fingerprint of the bag's root."""

    case: str
    check_code: str
    sealed_by: str
    is_trusted: bool
    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]

    @property
    def status(self) -> Status:
        """Wrong before partly checked before right."""
        if self.findings:
            return Status.WRONG
        return Status.PARTLY_CHECKED if self.unchecked else Status.RIGHT
