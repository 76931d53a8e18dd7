"""What is read back before a signature: the very bytes that will be signed, parsed for the page. Changes nothing."""

import json
from collections.abc import Mapping
from typing import Any

from conduct import authorising, blinding, pending
from conduct.authorising import Batch
from conduct.ports import Actor, Json, Tx
from evaluation.case import BidId, Case, CaseId, MemberId
from signing.canonical import short_code

# Where a member goes back to change what it was about to sign.
BACK = {
    "pledge": "pledge",
    "prelim": "findings",
    "vote": "motions",
    "score-sheet": "scores",
    "report": "report",
    "consent": "report",
    "note": "motions",
}


def read_back(tx: Tx, case: CaseId, actor: Actor, purpose: str) -> Json:
    """The prepared batch of a purpose: id, code, statements and their very bytes (`spelled`); an empty `batch` when
    nothing is prepared."""
    row = tx.shelf(case, pending.SHELF).get(f"{actor.who}/{purpose}")
    told: Json = {"purpose": purpose, "back": BACK.get(purpose, "me"), "batch": "", "code": "", "statements": []}
    told["spelled"] = []
    if row is None:
        return told
    batch: Batch = authorising.prepared(tx, case, actor.who, purpose, row["id"])
    stated = [json.loads(data) for data in batch.statements]
    known = blinding.seen(tx, case, actor.who).bids
    if purpose == "score-sheet" and any(one["body"]["bid"] not in known for one in stated):
        # Prepared by code and scoring goes by name now, or the other way round: it is to be prepared anew.
        return told
    shown = [_shown(tx, case, actor, one) for one in stated]
    spelled = [data.decode() for data in batch.statements]
    return told | {"batch": batch.id, "code": short_code(batch.display), "statements": shown, "spelled": spelled}


def _shown(tx: Tx, case: CaseId, actor: Actor, statement: Mapping[str, Any]) -> Json:
    """A statement with what its page adds: the pledge's text, the sheet signed before, the report's code."""
    body = statement["body"]
    shown: Json = {"kind": statement["kind"], "body": body}
    match statement["kind"]:
        case "pledge.signed":
            shown["text"] = tx.get_object(body["text"]).decode().split("\n")
        case "sheet.signed":
            shown["before"] = _before(tx.case(case), actor.who, body["bid"])
        case "vote.signed":
            shown["question"] = tx.case(case).motions[body["motion"]].text
        case "report.signed":
            shown["report_code"] = short_code(bytes.fromhex(body["report"]))
    return shown


def _before(state: Case, member: str, bid: str) -> Mapping[str, str]:
    """The scores this member signed for the bid before, empty at the first time."""
    signed = state.sheets.get((MemberId(member), BidId(bid)))
    scores: Mapping[str, str] = signed.body["scores"] if signed else {}
    return scores


def prepared_sheets(tx: Tx, case: CaseId, member: str) -> dict[str, Json]:
    """The bodies of the score sheets that wait for this member's password, by bid."""
    row = tx.shelf(case, pending.SHELF).get(f"{member}/score-sheet")
    bodies = [json.loads(text)["body"] for text in row["statements"]] if row else []
    return {body["bid"]: body for body in bodies}
