"""What is typed and not yet signed: how often it may be saved, and the refusal of a save that came too late."""

from typing import Annotated

from msgspec import Meta

from conduct.ports import Json
from web.limits import Rate

# A fast typist saves a cell or two a second; what a cut of the network held back comes all at once.
DRAFTS = Rate("drafts", 60, 300)
# As long as the fields of the pages let one type.
Remark = Annotated[str, Meta(max_length=2000)]


class Unsaved(Exception):
    """Something typed has not arrived, or was changed in another window: what would be signed is not what is seen."""

    code = "draft.unsaved"


def demand_saved(unsaved: int, seen: int | None, saves: int) -> None:
    """Refuse a page that has cells under way, or that saw another number of savings than there were.

    A script that shows nothing says neither and is judged by what is read back alone. Raises `Unsaved`.
    """
    if unsaved or seen not in {None, saves}:
        raise Unsaved


class StaleDraft(Exception):
    """A newer value stands there, saved from another window of this seat; `detail` has it, nothing was overwritten."""

    code = "draft.stale"

    def __init__(self, standing: Json) -> None:
        super().__init__("a newer value was saved")
        self.detail = standing
