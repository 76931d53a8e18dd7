"""Who sat when and for whom, and what their draw was like in numbers: kept when a committee opens.

Read when the next pool is screened (老面孔) and for the page on fairness, which gets counts alone.
"""

from collections.abc import Iterable
from datetime import date

from conduct import drawing
from conduct.directory import DEPLOYMENT
from conduct.expert_form import EXPERTS
from conduct.ports import Json, Tx
from draw import transcript
from evaluation.case import CaseId
from expert_pool.expert import Expert, ExpertId, unit_key
from expert_pool.fairness import Drawn, drawn_of
from expert_pool.meetings import Sitting, with_meetings
from expert_pool.moment import BEIJING
from expert_pool.request import DrawRequest

SITTINGS = "sitting"
DISSOLVED = "dissolved"


def drawn_in(tx: Tx, case: CaseId, data: bytes) -> tuple[Drawn, ...]:
    """What the transcript of the experts' draw (its bytes) says of its fairness; reads the whole frozen pool."""
    material = drawing.load(tx, case, EXPERTS)
    regions = material.places.as_map() if material.places else {}
    selections = transcript.read(data).result.selections
    day = tx.now.astimezone(BEIJING)
    quarter = f"{day.year}Q{(day.month + 2) // 3}"
    return drawn_of(quarter, material.request, regions, material.pool.entries, selections)


def keep(tx: Tx, case: CaseId, experts: Iterable[str], drawn: Iterable[Drawn]) -> None:
    """Keep who sits in a case whose committee opens now, by the experts' ids, and what their draw was like."""
    info, standing = tx.case(case).info, tuple(experts)
    hosts = [info.tenderer, info.agent] if info else []
    before = tx.shelf(DEPLOYMENT, SITTINGS).get(case) or {}
    known = [*before.get("left", ()), *before.get("experts", ())]
    row: Json = {
        "day": tx.now.date().isoformat(),
        "hosts": [unit_key(host) for host in hosts],
        "experts": list(standing),
        "left": [one for one in dict.fromkeys(known) if one not in standing],
    }
    row |= {"drawn": [[one.quarter, one.category, list(one.fitted), list(one.taken)] for one in drawn]}
    tx.shelf(DEPLOYMENT, SITTINGS).put(case, row)


def dissolve(tx: Tx, case: CaseId, standing: Iterable[str]) -> None:
    """Keep who must not be drawn for the case that follows: whoever stands, and whoever sat or was replaced before."""
    row = tx.shelf(DEPLOYMENT, SITTINGS).get(case) or {}
    experts = dict.fromkeys([*standing, *row.get("experts", ()), *row.get("left", ())])
    info = tx.case(case).info
    if info is not None and info.followed_as == "reevaluated":
        recalled = tx.shelf(DEPLOYMENT, SITTINGS).get(info.follows) or {}
        experts |= dict.fromkeys([*recalled.get("experts", ()), *recalled.get("left", ())])
    tx.shelf(DEPLOYMENT, DISSOLVED).put(case, {"experts": list(experts)})


def earlier(tx: Tx, case: CaseId) -> frozenset[ExpertId]:
    """The experts of the committees that this case takes the place of, through all cases before it."""
    found: set[ExpertId] = set()
    info = tx.case(case).info
    while info is not None and info.follows:
        if info.followed_as == "reconstituted":
            row = tx.shelf(DEPLOYMENT, DISSOLVED).get(info.follows) or {"experts": []}
            found |= {ExpertId(one) for one in row["experts"]}
        info = tx.case(CaseId(info.follows)).info
    return frozenset(found)


def sittings(tx: Tx) -> list[Sitting]:
    """All that were kept."""
    rows = (row for _, row in tx.shelf(DEPLOYMENT, SITTINGS).items())
    return [Sitting(date.fromisoformat(row["day"]), tuple(row["hosts"]), tuple(row["experts"])) for row in rows]


def drawn(tx: Tx) -> list[Drawn]:
    """What was kept of all draws."""
    rows = (one for _, row in tx.shelf(DEPLOYMENT, SITTINGS).items() for one in row["drawn"])
    return [Drawn(quarter, category, tuple(fitted), tuple(taken)) for quarter, category, fitted, taken in rows]


def acquainted(tx: Tx, experts: Iterable[Expert], asked: DrawRequest) -> tuple[Expert, ...]:
    """The experts with the meetings that the request counts."""
    return with_meetings(experts, sittings(tx), asked.day, asked.meetings_days)
