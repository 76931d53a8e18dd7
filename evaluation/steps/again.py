"""Steps of a re-evaluation: asked for, authorised, the committee of the sealed case recalled."""

from dataclasses import replace

from evaluation.case import BidId, Case, MemberId
from evaluation.reevaluation import Concern, Recalled, Reevaluation
from evaluation.steps.registry import Logged, on


@on("reevaluation.requested")
def _requested(case: Case, logged: Logged) -> Case:
    body = logged.body
    concerns = tuple(Concern(BidId(row["bid"]), row["item"]) for row in body["concerns"])
    asked = Reevaluation(body["occasion"], body["ground"], body["reason"], concerns, logged.at)
    return replace(case, reevaluation=asked)


@on("reevaluation.authorised", "committee.recalled")
def _authorised(case: Case, logged: Logged) -> Case:
    body, asked = logged.body, case.reevaluation
    if asked is None:
        return case
    if logged.kind == "reevaluation.authorised":
        return replace(case, reevaluation=replace(asked, paper=body["paper"], authorised_at=logged.at))
    rows = (
        Recalled(MemberId(one["member"]), one["alias"], one["kind"], tuple(one["categories"]))
        for one in body["members"]
    )
    return replace(case, reevaluation=replace(asked, committee={row.member: row for row in rows}))
