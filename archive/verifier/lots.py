"""A case in several lots, split at `lot.opened`: each is checked as a case of one lot is, in folders of its own.

Steps 7, 9 and 10 look at one `Lot` after another; where the tender is not divided there is one, and nothing differs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from archive.verifier.context import Context, Log
from archive.verifier.findings import Finding

COMMITTEES: Final = frozenset(
    ("case.created", "package.received", "committee.opened", "recusal.declared", "member.replaced", "case.aborted")
)
"""What was stated before a lot was opened and is true of it too; every other earlier statement was another lot's."""


@dataclass(frozen=True, slots=True)
class Lot:
    """One lot: its id ("" where the tender is not divided), and the case as it stood at the lot's end."""

    id: str
    context: Context

    def at(self, folder: str, name: str = "") -> str:
        """The path of this lot's file or folder: `data/report/1/report.pdf`, `data/report/report.pdf`."""
        return "/".join(part for part in (folder, self.id, name) if part)


def lots_of(context: Context) -> list[Lot]:
    """The lots that were begun, in their order."""
    ids, openings = _opened(context), context.log.of("lot.opened")
    names = [ids[0] if ids else "", *(str(line.body["lot"]) for line in openings)]
    starts = [0, *(line.index for line in openings)]
    ends = [*starts[1:], context.log.size]
    return [Lot(name, _between(context, *span)) for name, *span in zip(names, starts, ends, strict=True)]


def check(context: Context) -> Iterator[Finding]:
    """Every lot that was opened to bidders was evaluated, in their order, unless the case was ended before."""
    ids = _opened(context)
    begun = ids[:1] + [str(line.body["lot"]) for line in context.log.of("lot.opened")]
    is_ended = bool(context.log.of("case.aborted"))
    if begun != (ids[: len(begun)] if is_ended else ids):
        yield Finding(9, "data/tally", "lots-not-in-order", " ".join(begun))


def _opened(context: Context) -> list[str]:
    """The ids of the lots that the opening package names; none where the tender is not divided."""
    for line in context.log.of("package.received"):
        if line.body["type"] == "opening":
            return [str(row["id"]) for row in line.body.get("lots", ())]
    created = context.log.of("case.created")[:1]
    return [str(row["id"]) for line in created for row in line.body.get("lots", ())]


def _between(context: Context, start: int, end: int) -> Context:
    """The same case with the log as it stood at `end`, without what earlier lots left before `start`."""
    return replace(context, log=_cut(context.log, start, end)) if (start, end) != (0, context.log.size) else context


def _cut(log: Log, start: int, end: int) -> Log:
    by_kind = {
        kind: [line for line in lines if line.index < end and (line.index >= start or kind in COMMITTEES)]
        for kind, lines in log.by_kind.items()
    }
    return replace(log, by_kind=by_kind)
