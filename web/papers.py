"""The papers of a member's pages: which documents may be read now, under which name, and which of them is open."""

from pathlib import PurePosixPath

from conduct.ports import Json, Tx
from conduct.rulebook import profile_of
from evaluation.case import BidId, Case, CaseId, Document
from evaluation.lot import owner_of
from web.rooms import reader_of, state_for
from web.visibility import documents_for
from web.visit import Visit
from web.words import ROLES_OF_DOCUMENTS, in_language

MOST_PAGES = 99_999


def papers(tx: Tx, case: CaseId, visit: Visit) -> Json:
    """`documents` as {sha256, name, bid}, bids by their bidder's name, and what of them the address asks for.

    An address may name a document (`file`), a page of it (`page`) and words to be found in it (`find`).
    """
    state = state_for(tx, case, visit.signed_in)
    words, asked = in_language(ROLES_OF_DOCUMENTS, visit.language), visit.request.query
    found = [
        {"sha256": one.sha256, "bid": _bid(one), "name": _name(state, one, words.get(one.role, one.path))}
        for one in documents_for(state, reader_of(tx, case, visit.signed_in))
        if one.path.endswith(".pdf")
    ]
    known = [one["sha256"] for one in found]
    shown = asked.get("file", "") if asked.get("file", "") in known else next(iter(known), "")
    page = asked.get("page", "")
    number = min(int(page), MOST_PAGES) if page.isascii() and page.isdecimal() else 1
    told = {"documents": found, "shown": shown, "shown_page": number, "sought": asked.get("find", "")[:200]}
    return told | {"may_copy": profile_of(tx, case).rules.reading.may_copy}


def digest_of(state: Case, path: str) -> str:
    """The digest of a package's file, or of the first under a folder of its name; empty when there is neither."""
    folder = path.removesuffix(".pdf") + "/"
    found = sorted(one.path for one in state.documents if one.path == path or one.path.startswith(folder))
    return next((one.sha256 for one in state.documents if found and one.path == found[0]), "")


def _bid(one: Document) -> str:
    return owner_of(one.path) if one.path.startswith("bids/") else ""


def _name(state: Case, one: Document, word: str) -> str:
    """A bid by its bidder; the parts of one that came in several files by their own names too."""
    bid = state.bids.get(BidId(_bid(one)))
    if bid is None:
        return word
    is_whole = one.path == f"bids/{bid.id}.pdf"
    return bid.name if is_whole else f"{bid.name} {PurePosixPath(one.path).name}"
