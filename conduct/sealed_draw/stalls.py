"""The named points between an answer of the draw process and the log, where a test stops the clock and kills."""

POINTS = ("committed", "link-taken", "drawn", "sealed", "calling")
"""After a commitment is logged; after a link is opened, before it is logged; after a draw, before it is logged; after
it is logged, before the first call; after a round of calls is planned, before it is kept."""


async def reached(point: str) -> None:
    """A flow is at one of `POINTS`. Nothing happens here."""
    assert point in POINTS, point  # noqa: S101 - a misspelt point would never stall
