"""What a case is judged by: its frozen profile, the criteria, the opening record. Read, never changed.

A case is judged by the bytes that were kept when it was opened (docs/profiles.md), never by the file that comes with
the version that runs: that one is read for new cases alone.
"""

import json
import logging
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Protocol

from conduct.ports import Tx
from evaluation.case import Case, CaseId, Info
from evaluation.criteria import Criteria, parse_criteria
from evaluation.profile import Profile
from evaluation.profile_reading import parse_frozen
from evaluation.profiles import load_profile
from evaluation.tally.reading import DocumentRefused, load_json
from signing.canonical import canonical

log = logging.getLogger("bid.rules")


class Kept(Protocol):
    """What was put under its digest: a transaction, or the store itself where there is none."""

    def get_object(self, sha256: str, /) -> bytes:
        """The bytes of an object. Raises `FileNotFoundError`."""
        ...

    def put_object(self, data: bytes, /) -> str:
        """Keep bytes durably under their digest."""
        ...


class ProfileChanged(Exception):
    """The case's profile was not kept with it, and the one that comes with this version is another."""

    code = "profile.changed"


class ProfileDamaged(Exception):
    """The bytes that were kept are not those that the case names."""

    code = "profile.damaged"


class ProfileUnfit(Exception):
    """The bytes are right but do not state, or state otherwise, what this version asks for."""

    code = "profile.unfit"


class ProfileNewer(Exception):
    """The bytes are right but state what this version does not know: a newer one has opened the case."""

    code = "profile.newer"


UNREADABLE = (ProfileChanged, ProfileDamaged, ProfileUnfit, ProfileNewer)
"""The rules that a case was opened under cannot be read: it stands still, whole, until they can be."""


_OF_LATER: Final = frozenset({"unknown_key", "unknown_word"})
"""What a document is refused for that says more than this version knows; anything else is no matter of age."""


class NoOpening(Exception):
    """The opening package has not been received."""

    code = "opening.missing"


_read: dict[str, Profile] = {}
"""Profiles by the digest that their bytes were found to have: each is read once, every saved cell asks for its own."""


def profile_of(tx: Tx, case: CaseId) -> Profile:
    """The profile that the case was opened under. Raises one of `UNREADABLE`."""
    return frozen_profile(tx, tx.case(case))


def frozen_profile(kept: Kept, case: Case) -> Profile:
    """The profile of a case whose state is at hand. Raises one of `UNREADABLE`."""
    digest = case.info.profile_digest if case.info else ""
    if digest not in _read:
        data = frozen_bytes(kept, case)
        try:
            _read[digest] = parse_frozen(load_json(data))
        except DocumentRefused as refused:
            raise (ProfileNewer if refused.fault in _OF_LATER else ProfileUnfit)(str(refused)) from refused
    return _read[digest]


def frozen_bytes(kept: Kept, case: Case) -> bytes:
    """The bytes that the case names, verified; they are what its bag holds. Raises one of `UNREADABLE`.

    Where none were kept, or others lie there, those that come with this version are from now on, if they are the very
    same.
    """
    if case.info is None:
        raise ProfileChanged
    digest = case.info.profile_digest
    try:
        data = kept.get_object(digest)
    except FileNotFoundError:
        return _kept_anew(kept, case.info, ProfileChanged)
    if sha256(data).hexdigest() == digest:
        return data
    data = _kept_anew(kept, case.info, ProfileDamaged)
    log.warning("%s was damaged, and is kept anew: rules of %s", digest, case.id)
    return data


def freeze(kept: Kept, profile: Profile) -> dict[str, str]:
    """Keep a profile's bytes, durably before a statement names them; returns how `case.created` names them."""
    return {"id": profile.id, "digest": kept.put_object(_bytes(profile))}


def _kept_anew(kept: Kept, info: Info, otherwise: type[ProfileChanged | ProfileDamaged]) -> bytes:
    try:
        shipped = load_profile(info.profile)
    except KeyError as unknown:
        raise otherwise(info.profile_digest) from unknown
    if shipped.digest != info.profile_digest:
        raise otherwise(info.profile_digest)
    kept.put_object(_bytes(shipped))
    return _bytes(shipped)


def _bytes(profile: Profile) -> bytes:
    return canonical(dict(profile.document))


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
    for document in state.documents:
        if document.role == "opening" and of_lot in {"", document.sha256}:
            found: Mapping[str, Any] = json.loads(tx.get_object(document.sha256))
            return found
    raise NoOpening
