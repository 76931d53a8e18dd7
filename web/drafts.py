"""What is typed and not yet signed: how often it may be saved, and the refusal of a save that came too late."""

from typing import Annotated

from msgspec import Meta

from conduct.ports import Json
from web.policy import Rate

# A fast typist saves a cell or two a second; what a cut of the network held back comes all at once.
DRAFTS = Rate("drafts", 60, 300)
# As long as the fields of the pages let one type.
Remark = Annotated[str, Meta(max_length=2000)]


class StaleDraft(Exception):
    """A newer value stands there, saved from another window of this seat; `detail` has it, nothing was overwritten."""

    code = "draft.stale"

    def __init__(self, standing: Json) -> None:
        super().__init__("a newer value was saved")
        self.detail = standing
