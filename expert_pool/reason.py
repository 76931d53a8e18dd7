"""Why somebody does not come: a kind, because people write names and telephone numbers into reasons."""

from enum import StrEnum


class Reason(StrEnum):
    """Why somebody does not come, or takes leave."""

    ILLNESS = "illness"
    TRAVEL = "travel"
    WORK = "work"
    RECUSAL = "recusal"
    OTHER = "other"
