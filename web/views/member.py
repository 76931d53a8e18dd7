"""A member in its case: what to do now, equipment, pledge, recusal, the leader's ballot, presence, interference."""

from aiohttp import web
from msgspec import Struct

from conduct import checking_in, electing, pausing, pledging, watching
from web import member_state
from web.acting import AT_THEIR_SEAT, act, act_even_paused, case_of, look
from web.pages import page
from web.policy import route
from web.visit import Visit


class DeviceResult(Struct, forbid_unknown_fields=True):
    """What the equipment check found: word by word, such as `camera`: `good`."""

    result: dict[str, str]


class Reason(Struct, forbid_unknown_fields=True):
    """A reason in writing."""

    reason: str


class Choice(Struct, forbid_unknown_fields=True):
    """The member voted for."""

    choice: str


class Text(Struct, forbid_unknown_fields=True):
    """A text in writing."""

    text: str


@route("GET", "/cases/{case}/me", AT_THEIR_SEAT)
async def me(visit: Visit) -> web.Response:
    """What this member is asked to do now; a script gets everything the member may see."""
    told = await look(visit, lambda tx, case, who: member_state.me(tx, case, who, visit.language))
    return page(visit, "now.html", told)


@route("POST", "/cases/{case}/device", AT_THEIR_SEAT, body=DeviceResult)
async def check_device(visit: Visit, told: DeviceResult) -> web.Response:
    """Keep the result of the seat's equipment check."""
    await act(visit, lambda tx, case, who: checking_in.device_checked(tx, case, who, told.result))
    return visit.done(_home(visit))


@route("POST", "/cases/{case}/recusal", AT_THEIR_SEAT, body=Reason)
async def recuse(visit: Visit, told: Reason) -> web.Response:
    """Declare a reason to stand aside (12号令 Art. 12)."""
    await act(visit, lambda tx, case, who: pledging.recuse(tx, case, who, told.reason))
    return visit.done(_home(visit))


@route("POST", "/cases/{case}/ballot", AT_THEIR_SEAT, body=Choice)
async def vote(visit: Visit, told: Choice) -> web.Response:
    """Cast the one secret vote of this round."""
    await act(visit, lambda tx, case, who: electing.vote(tx, case, who, told.choice))
    return visit.done(_home(visit))


@route("POST", "/cases/{case}/presence", AT_THEIR_SEAT)
async def confirm_presence(visit: Visit) -> web.Response:
    """Say that one is back at the seat, alone."""
    await act_even_paused(visit, pausing.confirm_presence)
    return visit.done(_home(visit))


@route("POST", "/cases/{case}/interference", AT_THEIR_SEAT, body=Text)
async def report_interference(visit: Visit, told: Text) -> web.Response:
    """Report an interference (干预登记): the supervisor alone gets to read it."""
    await act_even_paused(visit, lambda tx, case, who: watching.interference(tx, case, who, told.text))
    return visit.done(_home(visit))


def _home(visit: Visit) -> str:
    return f"/cases/{case_of(visit)}/me"
