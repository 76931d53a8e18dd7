"""What a case is judged by: its frozen profile, the criteria, the opening record. Read, never changed."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from conduct.ports import Tx
from evaluation.case import Case, CaseId
from evaluation.criteria import Criteria, parse_criteria
from evaluation.profile import Profile
from evaluation.profiles import load_profile


class ProfileChanged(Exception):
    """The profile of this name is not the one the case was created under; the case cannot go on with it."""

    code = "profile.changed"


class NoOpening(Exception):
    """The opening package has not been received."""

    code = "opening.missing"


def profile_of(tx: Tx, case: CaseId) -> Profile:
    """The profile frozen when the case was created. Raises `ProfileChanged`."""
    return frozen_profile(tx.case(case))


def frozen_profile(case: Case) -> Profile:
    """The profile of a case whose state is at hand. Raises `ProfileChanged`."""
    info = case.info
    profile = load_profile(info.profile if info else "")
    if info is None or profile.digest != info.profile_digest:
        raise ProfileChanged
    return profile


def criteria_document(tx: Tx, case: CaseId) -> Mapping[str, Any]:
    """The criteria as the tender package brought them."""
    document: Mapping[str, Any] = json.loads(tx.get_object(tx.case(case).criteria_sha256))
    return document


def criteria_of(tx: Tx, case: CaseId) -> Criteria:
    """The criteria as values."""
    return _parsed(tx.get_object(tx.case(case).criteria_sha256))


@lru_cache(maxsize=128)
def _parsed(document: bytes) -> Criteria:
    """Each tender's criteria are read once: every saved cell asks for them."""
    return parse_criteria(json.loads(document))


def opening_document(tx: Tx, case: CaseId) -> Mapping[str, Any]:
    """The opening record as the opening package brought it, that of the lot in hand. Raises `NoOpening`."""
    state = tx.case(case)
    of_lot = state.lots[state.lot].opening if state.lots else ""
    for document in state.documents.values():
        if document.role == "opening" and of_lot in {"", document.sha256}:
            found: Mapping[str, Any] = json.loads(tx.get_object(document.sha256))
            return found
    raise NoOpening
