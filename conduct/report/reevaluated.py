"""What the report of a re-evaluation says beside every report's content: why, with whose paper, and what changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archive.report.data import Fact
from conduct.ports import Tx
from conduct.report.material import REPORT_WORDS, Material
from evaluation.case import Case, CaseId

WORDS: Mapping[str, Any] = REPORT_WORDS["reevaluation"]


def facts(tx: Tx, material: Material) -> tuple[Fact, ...]:
    """The lines of the data sheet, none for a first evaluation."""
    again = material.state.reevaluation
    if again is None:
        return ()
    told = WORDS["value"].format(
        case=material.info.follows,
        occasion=WORDS["occasions"][again.occasion],
        ground=WORDS["grounds"][again.ground],
        reason=again.reason,
    )
    names = {scored.item.id: scored.name for scored in material.criteria.items}
    scope = [WORDS["scope_item"].format(bid=material.bidder(one.bid), item=names[one.item]) for one in again.concerns]
    before = tx.case(CaseId(material.info.follows))
    lines = list(_rows(material, before.rows))
    return (
        Fact(WORDS["title"], told),
        Fact(WORDS["paper"], WORDS["paper_value"].format(paper=again.paper)),
        Fact(WORDS["scope"], "\n".join([*(scope or [WORDS["scope_none"]]), WORDS["unchanged"]])),
        *((Fact(WORDS["rows"], "\n".join(lines)),) if lines else ()),
        Fact(WORDS["consequence"], WORDS[_outcome(before, material.state)]),
    )


def _outcome(before: Case, now: Case) -> str:
    """`changed` where the order of bids, the candidates or a failed tender differ; `figures` where totals alone do."""
    ranks = [{row["bid"]: row["rank"] for row in case.rows} for case in (before, now)]
    if ranks[0] != ranks[1] or before.candidates != now.candidates or before.failed != now.failed:
        return "changed"
    return "kept" if before.rows == now.rows else "figures"


def _rows(material: Material, old: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each bid that was ranked before: its total and rank then and now."""
    now = {row["bid"]: row for row in material.state.rows}
    for row in old:
        bid, after = material.bidder(row["bid"]), now.get(row["bid"])
        told = {"bid": bid, "before": _figure(row), "was": row["rank"]}
        if after is None:
            yield WORDS["failed"].format(**told)
        else:
            kind = "same" if (_figure(after), after["rank"]) == (_figure(row), row["rank"]) else "row"
            yield WORDS[kind].format(**told, after=_figure(after), now=after["rank"])


def _figure(row: Mapping[str, Any]) -> str:
    """What ranks a bid: its total, or the evaluated price where nobody scores."""
    return str(row["total"] if row["total"] is not None else row["evaluated"])
