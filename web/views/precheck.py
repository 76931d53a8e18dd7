"""清标提示: what a computer points at in the bids, on a page for the committee; hints, never a conclusion."""

from decimal import Decimal

from aiohttp import web

from conduct import correcting, prechecking
from conduct.ports import Actor, Json, Tx
from evaluation.case import CaseId
from evaluation.precheck.similarity import LEAST_PASSAGE, SHINGLE
from web.acting import AT_THEIR_SEAT
from web.office_words import in_words
from web.policy import route
from web.precheck_words import SLIPS, TRACES, UNREAD
from web.rooms import reader_of, state_for
from web.seat_pages import seat_page
from web.visibility import documents_for
from web.visit import Visit


@route("GET", "/cases/{case}/precheck", AT_THEIR_SEAT)
async def precheck_page(visit: Visit) -> web.Response:
    """What was found in the bids by arithmetic, by comparing texts and files; to whoever may read the bids."""

    def see(tx: Tx, case: CaseId, _who: Actor) -> Json:
        state = state_for(tx, case, visit.signed_in)
        readable = documents_for(state, reader_of(tx, case, visit.signed_in))
        may_see = any(one.role == "bid" for one in readable)
        found = prechecking.findings(tx, case) if may_see else None
        return {
            "may_see": may_see,
            "found": found,
            "due": prechecking.is_due(state),
            "corrected": correcting.standing(tx, case) if may_see else [],
            "progress": prechecking.progress(tx, case),
            "names": {bid.id: bid.name for bid in state.bids.values()},
            "digests": {one.path: one.sha256 for one in readable},
            "percents": [str((Decimal(pair["share"]) * 100).normalize()) for pair in found["texts"]] if found else [],
            "shingle": SHINGLE,
            "least_passage": LEAST_PASSAGE,
            "slips": in_words(SLIPS, visit.language),
            "traces": in_words(TRACES, visit.language),
            "unread": in_words(UNREAD, visit.language),
        }

    return await seat_page(visit, "precheck.html", see)
