"""What may be wrong with a package, by code and place; the sentences stand in `web.package_words`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn, Self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a refusal's code, the file or field it is about, and the fault in a word."""

    code: str
    where: str
    fault: str = ""


class PackageRefused(Exception):
    """A package that cannot be taken over; `problems` is everything found wrong with it. Nothing of it was kept."""

    code = "package.refused"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{one.code} {one.where} {one.fault}".strip() for one in problems))
        self.problems = problems

    @classmethod
    def at(cls, where: str, fault: str = "") -> Self:
        """This refusal about one file or field."""
        return cls(Problem(cls.code, where, fault))


class NotAPackage(PackageRefused):
    """No ZIP with a readable `package.json` and its signature."""

    code = "package.not_one"


class FieldWrong(PackageRefused):
    """A field of `package.json`, of the criteria or of the opening record is missing, unknown or misspelled."""

    code = "package.field_wrong"


class FileMissing(PackageRefused):
    """A listed file, or a file that this type of package must bring, is not there."""

    code = "package.file_missing"


class FileUnlisted(PackageRefused):
    """The package holds a file that its list does not name."""

    code = "package.file_unlisted"


class FileChanged(PackageRefused):
    """A file's digest or size is not the listed one."""

    code = "package.file_changed"


class FileUnfit(PackageRefused):
    """A file is not what its role demands: no PDF, no certificate, an unknown role, one too many, of no bidder."""

    code = "package.file_unfit"


class TooEarly(PackageRefused):
    """The package may not be opened before its time."""

    code = "package.too_early"


class WrongPackage(PackageRefused):
    """A package of the other type, or for another case."""

    code = "package.wrong_one"


KINDS = {
    kind.code: kind
    for kind in (NotAPackage, FieldWrong, FileMissing, FileUnlisted, FileChanged, FileUnfit, TooEarly, WrongPackage)
}


def refuse(problems: Sequence[Problem]) -> NoReturn:
    """Refuse by the first problem's name, and tell them all."""
    raise KINDS[problems[0].code](*problems)
