"""Blind review (暗标) in a case: the salt and its commitment, and what a member may see until the codes are opened.

Until then the salt lies on an encrypted shelf and nowhere else, and nobody is told whose a code is.
"""

from collections.abc import Mapping, Sequence

from conduct.package_problems import FileMissing, FileUnfit, Problem, refuse
from conduct.packages import Package
from conduct.ports import Tx
from conduct.rulebook import criteria_of
from evaluation import blind
from evaluation.blinded import blinded, is_blind_to
from evaluation.case import BidId, Case, CaseId, Document, MemberId, State
from evaluation.criteria import Criteria
from evaluation.lot import owner_of

SHELF = "blind"
SALT = "salt"


def check_files(package: Package, criteria: Criteria, bids: Sequence[str]) -> None:
    """Each bid of a lot brings anonymised files where something is scored blind, and none any where nothing is.

    Raises `FileMissing`, `FileUnfit`, with every problem.
    """
    theirs = {owner_of(file.path): file.path for file in package.files if file.role == blind.ROLE}
    if criteria.blind_groups:
        problems = [Problem(FileMissing.code, f"blind/{bid}", "blind_missing") for bid in bids if bid not in theirs]
    else:
        problems = [Problem(FileUnfit.code, path, "blind_not_asked") for bid, path in theirs.items() if bid in bids]
    if problems:
        refuse(problems)


def commit(tx: Tx, case: CaseId) -> None:
    """Draw the salt of the codes as a lot's bids come to hand and state its commitment; nothing without a blind part.

    Each lot has a salt of its own: the one opened for a lot must not tell the codes of the next.
    """
    criteria = criteria_of(tx, case)
    if not criteria.blind_groups or tx.case(case).reevaluation is not None:
        return  # who evaluates again has known whose each code was since the first time
    salt = tx.random(blind.SALT_BYTES)
    tx.shelf(case, SHELF).put(tx.case(case).lot or SALT, {SALT: salt.hex()})
    stated = {"groups": list(criteria.blind_groups), "named": list(criteria.named_groups)}
    digest = blind.commitment(case, salt, list(tx.case(case).bids))
    tx.record(case, "blind.committed", {"commitment": digest, **stated})


def salt_of(tx: Tx, case: CaseId) -> bytes:
    """The salt that the commitment stands for. Raises `LookupError` for another: the log would be contradicted."""
    state = tx.case(case)
    row = tx.shelf(case, SHELF).get(state.lot or SALT)
    salt = bytes.fromhex(row[SALT]) if row else b""
    if state.blind is None or blind.commitment(case, salt, list(state.bids)) != state.blind.commitment:
        raise LookupError(SALT)
    return salt


def codes(tx: Tx, case: CaseId) -> Mapping[BidId, BidId]:
    """Code → bid, for the server's own use until the codes are opened."""
    state = tx.case(case)
    if state.blind is not None and state.blind.is_open:
        return state.blind.bids
    return blind.codes(case, state.lot, salt_of(tx, case), list(state.bids))


def listed(tx: Tx, case: CaseId) -> dict[str, list[str]]:
    """What the opening of scoring says of codes: those of the valid bids; no word of it where nothing is blind."""
    state = tx.case(case)
    if state.blind is None:
        return {}
    return {"codes": [code for code, bid in codes(tx, case).items() if bid in state.valid_bids]}


def seen(tx: Tx, case: CaseId, member: str) -> Case:
    """The case as this member may see it now: by code while it scores blind, else as it is."""
    state = tx.case(case)
    if not is_blind_to(state, MemberId(member)):
        return state
    whose = {bid: code for code, bid in codes(tx, case).items()}
    files: dict[BidId, list[Document]] = {}
    for one in state.documents:
        bid = BidId(owner_of(one.path))
        if one.role == blind.ROLE and bid in whose:
            files.setdefault(whose[bid], []).append(one)
    return blinded(state, files)


def criteria_seen(tx: Tx, case: CaseId, member: str) -> Criteria:
    """The part of the criteria that this member's open sheets have: by code, or by name."""
    state, criteria = tx.case(case), criteria_of(tx, case)
    if state.blind is None:
        return criteria
    is_blind = is_blind_to(state, MemberId(member))
    return criteria.only(state.blind.groups if is_blind else state.blind.named)


def is_told(state: Case, document: Document) -> bool:
    """Whether an anonymised file lies under a code, or everybody knows by now whose it is: in this lot or one before.

    Who evaluates a sealed case again knows it from there.
    """
    opened = [lot.blind.bids.values() for lot in state.lots_so_far if lot.blind is not None]
    is_by_code = document.path.startswith("bids/")
    is_known = state.state is State.CLOSED or state.reevaluation is not None
    return is_by_code or is_known or any(owner_of(document.path) in bids for bids in opened)
