"""The clerk's form of an experts' draw as it is kept: places and their regions lie sealed, the log has their digest."""

from datetime import date
from typing import Any

from conduct.drawing import NoSuchDraw
from conduct.ports import Tx
from draw.request import Quota
from draw.transcript import read_places
from evaluation.case import CaseId
from expert_pool.request import DrawRequest

EXPERTS = "experts"
_KEY = f"{EXPERTS}/form"


def keep_form(tx: Tx, case: CaseId, asked: DrawRequest) -> None:
    """Keep the form until the draw."""
    tx.shelf(case, "draw").put(_KEY, _to_row(asked))


def form_of(tx: Tx, case: CaseId) -> DrawRequest:
    """The form as the clerk entered it. Raises `NoSuchDraw`."""
    row = tx.shelf(case, "draw").get(_KEY)
    if row is None:
        raise NoSuchDraw
    return DrawRequest(
        project=row["project"],
        day=date.fromisoformat(row["day"]),
        members=row["members"],
        representatives=row["representatives"],
        quotas=tuple(
            Quota(one["n"], one.get("cat", ""), one.get("alternates", 0), one.get("place", "")) for one in row["quotas"]
        ),
        avoid=tuple(row["avoid"]),
        places=read_places(row["places"]) if row["places"] else None,
        region_reason=row["region_reason"],
        unit_cap=row["unit_cap"],
        hosts=tuple(row["hosts"]),
        meetings_days=row["meetings_days"],
        most_with_host=row["most_with_host"],
        most_with_member=row["most_with_member"],
    )


def _to_row(asked: DrawRequest) -> dict[str, Any]:
    return {
        "project": asked.project,
        "day": asked.day.isoformat(),
        "members": asked.members,
        "representatives": asked.representatives,
        "quotas": [quota.to_json() for quota in asked.quotas],
        "avoid": list(asked.avoid),
        "places": asked.places.to_json() if asked.places else None,
        "region_reason": asked.region_reason,
        "unit_cap": asked.unit_cap,
        "hosts": list(asked.hosts),
        "meetings_days": asked.meetings_days,
        "most_with_host": asked.most_with_host,
        "most_with_member": asked.most_with_member,
    }
