"""Which experts sat when and for whom: kept when a committee opens, read when the next pool is screened (老面孔)."""

from collections.abc import Iterable
from datetime import date

from conduct.directory import DEPLOYMENT
from conduct.ports import Tx
from evaluation.case import CaseId
from expert_pool.expert import Expert, unit_key
from expert_pool.meetings import Sitting, with_meetings
from expert_pool.request import DrawRequest

SITTINGS = "sitting"


def keep(tx: Tx, case: CaseId, experts: Iterable[str]) -> None:
    """Keep who sits in a case whose committee opens now, by the experts' ids."""
    info = tx.case(case).info
    hosts = [info.tenderer, info.agent] if info else []
    row = {"day": tx.now.date().isoformat(), "hosts": [unit_key(host) for host in hosts], "experts": list(experts)}
    tx.shelf(DEPLOYMENT, SITTINGS).put(case, row)


def sittings(tx: Tx) -> list[Sitting]:
    """All that were kept."""
    rows = (row for _, row in tx.shelf(DEPLOYMENT, SITTINGS).items())
    return [Sitting(date.fromisoformat(row["day"]), tuple(row["hosts"]), tuple(row["experts"])) for row in rows]


def acquainted(tx: Tx, experts: Iterable[Expert], asked: DrawRequest) -> tuple[Expert, ...]:
    """The experts with the meetings that the request counts."""
    return with_meetings(experts, sittings(tx), asked.day, asked.meetings_days)
