"""A member's own signatures on the record: what, when, where in the log, and the code people compare."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from conduct.ports import Actor, Json, Tx
from evaluation.case import BidId, Case, CaseId
from signing.canonical import short_code
from web.i18n import Language, _, say
from web.words import SIGNED

ALGORITHMS = {".p7s": _("通行算法"), ".sm2.cms": _("国密算法（SM2）")}
"""By which algorithm a signature is, by the ending of its name in a bag (docs/sm2.md)."""
Files = Mapping[int, tuple[str, ...]]


def signer_of(body: Json) -> str:
    """Who signed: `by` where a statement has one, for it may be about another member."""
    return str(body["by"]["who"] if "by" in body else body["member"])


def _bid(state: Case, bid: str) -> str:
    """A bid by its bidder's name; one that was scored by code by that code alone."""
    known = state.bids.get(BidId(bid))
    return known.name if known else bid


def signed_by_both(files: Files, language: Language) -> dict[int, list[tuple[str, str]]]:
    """Of a case that is signed by SM2: the signatures by the index of what they are over, each (algorithm, file)."""
    if not any(".sm2.cms" in endings for endings in files.values()):
        return {}
    return {
        index: [(say(language, ALGORITHMS[ending]), f"{index:06}{ending}") for ending in endings]
        for index, endings in files.items()
    }


def own_receipts(tx: Tx, case: CaseId, actor: Actor, language: Language) -> list[Json]:
    """All statements this member has signed, oldest first; one that was signed anew is marked `replaced`."""
    state = tx.case(case)
    standing = {signed.index for signed in (*state.prelims.values(), *state.sheets.values())}
    rows = []
    for kind, word in SIGNED.items():
        for index, data in tx.statements(case, kind):
            statement = json.loads(data)
            if signer_of(statement["body"]) == actor.who:
                entry = hashlib.sha256(data).digest()
                rows.append(
                    {
                        "index": index,
                        "entry": entry.hex(),
                        "code": short_code(entry),
                        "at": datetime.fromisoformat(statement["at"]),
                        "what": say(language, word),
                        "bid": _bid(state, statement["body"].get("bid", "")),
                        "replaced": kind in {"prelim.signed", "sheet.signed"} and index not in standing,
                    }
                )
    return sorted(rows, key=lambda row: int(row["index"]))
