"""A lot over equal bids as the room is told of it: how far it is, whom it waits for; which bids, to who may see ranks.

While somebody may still have a sheet back, no member learns from here who is level with whom (docs/adr/0207).
"""

from collections.abc import Iterator

from conduct.ports import Json, Tx
from evaluation.case import Case
from evaluation.drawn import Draw, is_of_ties
from web import office_words as words
from web.draw_parties import standing_of
from web.i18n import Language, say
from web.visibility import Reader, sees_equals

_OWING = frozenset({"uncommitted", "turn", "late"})


def ties_of(tx: Tx, state: Case, reader: Reader, language: Language) -> list[Json]:
    """The lots over bids in hand, oldest first; `bids` and `order` only for a reader who may be told."""
    lots = {name: draw for name, draw in state.draws.items() if is_of_ties(name)}
    return [
        _told(tx, state, (name, draw), reader, language)
        for name, draw in lots.items()
        if {bid for group in draw.request["bids"] for bid in group} <= set(state.bids)
    ]


def _told(tx: Tx, state: Case, lot: tuple[str, Draw], reader: Reader, language: Language) -> Json:
    name, draw = lot
    stand = standing_of(tx, state, name, draw)
    shown = {"groups": [_names(state, group) for group in draw.request["bids"]], "order": _names(state, draw.opened)}
    return {
        "draw": name,
        "size": draw.size,
        "is_over": bool(draw.opened),
        "stage": say(language, words.DRAW_STAGES[stand["stage"]]),
        "waits_for": list(dict.fromkeys(_owing(stand))),
        **{key: stand[key] for key in ("attempt", "silent_at", "short", "drawn_at", "transcript", "voids")},
        **(shown if sees_equals(state, reader) else {"groups": [], "order": []}),
    }


def _owing(stand: Json) -> Iterator[str]:
    """The legal persons whose turn it is."""
    return (party["legal_person"] for party in stand["parties"] if party["state"] in _OWING)


def _names(state: Case, bids: tuple[str, ...]) -> list[str]:
    known = {str(bid): one.name for bid, one in state.bids.items()}
    return [f"{bid} {known[bid]}" for bid in bids]
