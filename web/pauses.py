"""A pause as everybody of the case is told of it: the night's end and seal, the incident's clock. Decides nothing."""

from conduct.ports import Json
from evaluation.case import Case
from evaluation.incident import has_started
from signing.canonical import short_code


def evening(state: Case) -> Json:
    """Of a night, for everybody of the case: when work goes on, and the code of the witnessed checkpoint, if it is."""
    pause = state.pause
    if pause is None:
        return {}
    return {"resumes": pause.resumes, "sealed": short_code(bytes.fromhex(pause.sealed)) if pause.sealed else ""}


def incident_clock(state: Case) -> Json:
    """The clock of the incident that holds, the same for everybody of the case; `until` is empty where none runs."""
    pause = state.pause
    if pause is None:
        return {}
    told = {"until": pause.until, "over": pause.is_over, "continued": pause.is_continued}
    return told | {"started": has_started(state)}
