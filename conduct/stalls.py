"""The named points between two steps of a draw, or of a signature, where a test stops the clock and kills.

Nothing happens at them here. The test's own server and its own activation process put something in their place.
"""

DRAW = ("committed", "link-taken", "drawn", "sealed", "calling")
"""After a commitment is logged; after a link is opened, before it is logged; after a draw, before it is logged; after
it is logged, before the first call; after a round of calls is planned, before it is kept."""
SIGNATURE = ("counted", "taken", "opened", "signed", "answered", "finished")
"""The steps of docs/activation.md; `taken`, `opened` and `signed` are in the activation process."""

SOFTWARE = ("sad-made", "sad-kept", "sad-taken", "hashes-signed", "hashes-stated")
"""The steps of docs/csc.md: activation data is made, kept; taken out of use; its digests are signed, logged."""
_ALL = DRAW + SIGNATURE + SOFTWARE


async def reached(point: str) -> None:
    """A flow of the server is at one of these points."""
    assert point in _ALL, point  # noqa: S101 - a misspelt point would never stall


def passed(point: str) -> None:
    """The activation process is at one of these points."""
    assert point in SIGNATURE, point  # noqa: S101 - a misspelt point would never stall
