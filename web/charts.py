"""Bars of a chart as the templates draw them in SVG: lengths in whole units, the longest `LONGEST`; no drawing here."""

from collections.abc import Sequence

from conduct.ports import Json

LONGEST = 300


def bars(counts: Sequence[tuple[int, int]]) -> list[Json]:
    """`[{label, count, length}]` of (label, count); a bar of something is never shorter than one unit."""
    most = max((count for _, count in counts), default=0)
    return [{"label": label, "count": count, "length": max(1, count * LONGEST // most)} for label, count in counts]
