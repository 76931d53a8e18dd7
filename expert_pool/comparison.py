"""What a file would change in its owner's pool: new, changed, gone and unchanged rows; of personal values only which.

Nothing here says what a name, a number or a telephone was or is.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from expert_pool.expert import Enrolment
from expert_pool.profiles import pool_csv as column


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that would change: the owner's code and the columns, in the file's order."""

    code: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The codes of rows by what becomes of them; `changed` tells the columns."""

    new: tuple[str, ...]
    changed: tuple[Changed, ...]
    gone: tuple[str, ...]
    unchanged: int

    def counts(self) -> dict[str, int]:
        """`{"new", "changed", "gone", "unchanged"}`: what the log says of an import."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "gone": len(self.gone),
            "unchanged": self.unchanged,
        }

    def changes_by_column(self) -> tuple[tuple[str, int], ...]:
        """How many rows change in each column, in the file's order."""
        found = Counter(name for one in self.changed for name in one.columns)
        return tuple((name, found[name]) for name in column.COLUMNS if found[name])

    @property
    def is_empty(self) -> bool:
        """Whether the file says what the pool holds already."""
        return not (self.new or self.changed or self.gone)


def compare(
    standing: Mapping[str, bytes],
    handed_in: Sequence[tuple[Enrolment, bytes]],
    kept: Callable[[str], Enrolment | None],
) -> Comparison:
    """Hold a file's rows with their fingerprints against those that stand; `kept` opens a standing row by its code."""
    new, changed, unchanged = [], [], 0
    for enrolment, fingerprint in handed_in:
        code = str(enrolment.expert.id)
        before = standing.get(code)
        if before is None:
            new.append(code)
        elif before == fingerprint:
            unchanged += 1
        else:
            opened = kept(code)
            changed.append(Changed(code, tuple(_differing(opened, enrolment)) if opened else ()))
    codes = {str(enrolment.expert.id) for enrolment, _ in handed_in}
    return Comparison(tuple(new), tuple(changed), tuple(sorted(standing.keys() - codes)), unchanged)


def _differing(before: Enrolment, after: Enrolment) -> Iterator[str]:
    for name, value in _VALUES.items():
        if value(before) != value(after):
            yield name


_VALUES: dict[str, Callable[[Enrolment], object]] = {
    column.NAME: lambda row: row.person.name,
    column.ID_NUMBER: lambda row: row.person.id_number,
    column.PHONE: lambda row: row.person.phone,
    column.CATEGORIES: lambda row: row.expert.categories,
    column.TITLE: lambda row: row.expert.title,
    column.YEARS: lambda row: row.expert.years,
    column.REGION: lambda row: row.expert.region,
    column.UNIT: lambda row: row.expert.unit,
    column.HISTORY: lambda row: row.expert.history,
    column.RELATIONS: lambda row: row.expert.relations,
    column.STATE: lambda row: row.expert.availability,
    column.STATE_UNTIL: lambda row: row.expert.unavailable_until,
    column.RECENT_DRAWS: lambda row: row.expert.recent_draws,
}
