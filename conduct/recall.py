"""How the committee of a sealed case is recognised when it comes again: kept at the close, asked at the desk.

What is kept is a digest of each identity number under its own salt, sealed in the deployment's shelf: it answers
whether somebody is that member, and gives nobody's number or telephone back.
"""

from conduct.directory import DEPLOYMENT
from conduct.ports import Json, Tx
from evaluation.case import CaseId, MemberId
from expert_pool.blind_match import blinded, matched

SHELF = "recall"


def sealed_number(tx: Tx, id_number: str) -> Json:
    """An identity number as it is kept: a salt and the digest under it."""
    salt = tx.random(32)
    return {"salt": salt.hex(), "blinded": blinded(id_number, salt).hex()}


def is_number(row: Json, id_number: str) -> bool:
    """Whether this number is the one kept in a row; a row that keeps none is nobody's."""
    if "blinded" not in row:
        return False
    return matched(id_number, bytes.fromhex(row["salt"]), [bytes.fromhex(row["blinded"])]) is not None


def keep(tx: Tx, case: CaseId) -> None:
    """Keep who sits in a case that closes with a report; the shelf of its check-in is forgotten with it."""
    seated = dict(tx.shelf(case, "seated").items())
    rows = {member: seated[member] for member in tx.case(case).members if "blinded" in seated.get(member, {})}
    kept: Json = {member: {"salt": row["salt"], "blinded": row["blinded"]} for member, row in rows.items()}
    tx.shelf(DEPLOYMENT, SHELF).put(case, kept)


def is_kept(tx: Tx, case: CaseId) -> bool:
    """Whether every member of this closed case can be recognised."""
    kept = tx.shelf(DEPLOYMENT, SHELF).get(case) or {}
    return bool(kept) and set(tx.case(case).members) == set(kept)


def find(tx: Tx, case: CaseId, id_number: str) -> MemberId | None:
    """Which member of the sealed committee that this re-evaluation recalls the number is; None: of nobody, or of one
    who sits already."""
    state = tx.case(case)
    before = state.info.follows if state.info else ""
    kept = tx.shelf(DEPLOYMENT, SHELF).get(before) or {}
    awaited = (MemberId(member) for member in kept if member not in state.members)
    return next((member for member in awaited if is_number(kept[member], id_number)), None)
