"""A case as it looks to a member who scores blind: codes for bids, anonymised files for theirs, and no word of names.

Pages and flows are handed this case in place of the real one, so that what they do not know they cannot show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluation.blind import BlindUnderWay, CodesOpen
from evaluation.case import Bid, BidId, Case, Document, MemberId


def is_blind_to(case: Case, member: MemberId) -> bool:
    """Whether this member scores by code now.

    Everybody does from the beginning of scoring until the codes are opened, a newcomer until the own sheets by code
    are signed. While the preliminary review is open everything goes by name, and no anonymised file is shown.
    """
    return awaits_codes(case, member) and case.stage_is_open("detailed") and not case.stage_is_open("prelim")


def awaits_codes(case: Case, member: MemberId) -> bool:
    """Whether codes come before names for this member: they are closed, or an own sheet by code is still to be signed.

    So no sheet by name is signed meanwhile, also while the preliminary review is open again for a newcomer.
    """
    blind = case.blind
    return blind is not None and (not blind.is_open or blind.owes(member, case.sheets))


def blinded(case: Case, files: Mapping[BidId, Sequence[Document]]) -> Case:
    """The case by codes; `files` are each code's anonymised files, which lie under its name here."""
    codes = case.blind.codes if case.blind else ()
    tender = tuple(one for one in case.documents if one.package == "tender")
    shown = tuple(one for code in codes for one in _renamed(code, files.get(code, ())))
    return replace(
        case,
        blind=None,
        bids={code: Bid(code, str(code), "") for code in codes},
        documents=tender + shown,
        precheck="",
        k="",
        rejections={},
        rejecting={},
        first_findings={},
        disputed=(),
        proposals={},
        clarifications={},
        corrections={},
    )


def _renamed(code: BidId, files: Sequence[Document]) -> list[Document]:
    """Named by the code and counted: a name that a bidder gave, or the order of a list, could tell who it is."""
    ordered = sorted(files, key=lambda one: one.path)
    if len(ordered) == 1:
        return [replace(ordered[0], path=f"bids/{code}.pdf")]
    return [replace(one, path=f"bids/{code}/{place}.pdf") for place, one in enumerate(ordered, 1)]


def demand_by_name(case: Case, member: MemberId) -> None:
    """Refuse what speaks of a bid by name while this member scores by code. Raises `BlindUnderWay`."""
    if is_blind_to(case, member):
        raise BlindUnderWay


def demand_open_sheet(case: Case, key: BidId) -> None:
    """Refuse to give back a sheet under a code that is opened: it would be changed with the name before the eyes.

    Raises `CodesOpen`.
    """
    if case.blind is not None and case.blind.is_open and key in case.blind.codes:
        raise CodesOpen
