"""The one table from a refusal's code to its HTTP status and words, in parts by who meets them."""

from collections.abc import Mapping

from web.refusals.closing import CLOSING
from web.refusals.deciding import DECIDING
from web.refusals.draws import DRAWS
from web.refusals.ending import ENDING
from web.refusals.entry import ENTRY
from web.refusals.exporting import EXPORTING
from web.refusals.office import OFFICE
from web.refusals.provider import PROVIDER
from web.refusals.room import ROOM
from web.refusals.signing import SIGNING
from web.refusals.words import Words

REFUSALS: Mapping[str, Words] = {
    **ENTRY,
    **ROOM,
    **SIGNING,
    **PROVIDER,
    **DECIDING,
    **CLOSING,
    **ENDING,
    **DRAWS,
    **OFFICE,
    **EXPORTING,
}

__all__ = ["REFUSALS", "Words"]
