"""Corrections of prices at the leader's seat: stated on a confirmed answer of the bidder, or taken back."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import correcting
from web.acting import AT_THEIR_SEAT, act, case_of
from web.policy import route
from web.views.review import leader_page
from web.visit import Visit

Figure = Annotated[str, Meta(max_length=30)]
Word = Annotated[str, Meta(min_length=1, max_length=60)]
_FIGURES = {"capital_amount": ("amount",), "unit_price": ("quantity", "unit_price", "written")}


class Correction(Struct, forbid_unknown_fields=True):
    """The answer it rests on and the figures of its kind; those of the other kind are left empty."""

    clarification: Word
    kind: Literal["capital_amount", "unit_price"]
    amount: Figure = ""
    quantity: Figure = ""
    unit_price: Figure = ""
    written: Figure = ""

    @property
    def figures(self) -> dict[str, str]:
        """The correction as `docs/tally.md` spells it."""
        return {"kind": self.kind, **{name: getattr(self, name).strip() for name in _FIGURES[self.kind]}}


class Corrected(Struct, forbid_unknown_fields=True):
    """A bid whose price was corrected."""

    bid: Word


@route("POST", "/cases/{case}/corrections", AT_THEIR_SEAT, body=Correction, form=leader_page)
async def correct(visit: Visit, told: Correction) -> web.Response:
    """The leader states a correction of a price on an answer that was confirmed."""
    await act(visit, lambda tx, case, who: correcting.add(tx, case, who, told.clarification, told.figures))
    return visit.done(f"/cases/{case_of(visit)}/leader")


@route("POST", "/cases/{case}/corrections/withdraw", AT_THEIR_SEAT, body=Corrected, form=leader_page)
async def take_back(visit: Visit, told: Corrected) -> web.Response:
    """The leader takes all corrections of a bid back."""
    await act(visit, lambda tx, case, who: correcting.withdraw(tx, case, who, told.bid))
    return visit.done(f"/cases/{case_of(visit)}/leader")
