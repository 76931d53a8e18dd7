"""How many were not eligible, by reason, as it may be published: no count so small that it points at a person.

A reason with fewer than five people is counted under `other` with the others like it; while `other` itself stays under
five, the next smallest reason joins it. The merge comes before anything is hashed, so there is one form and no second.
"""

from collections.abc import Mapping

from draw.refusal import NotOneSpelling

LEAST = 5
OTHER = "other"

Counts = tuple[tuple[str, int], ...]


def publish(counts: Mapping[str, int]) -> Counts:
    """The counts that may be shown, ascending by code; those of nobody are left out.

    >>> publish({"leave": 9, "level": 6, "unit": 3})
    (('leave', 9), ('other', 9))
    """
    smallest_first = sorted((count, reason) for reason, count in counts.items() if count)
    merged, kept = 0, dict[str, int]()
    for count, reason in smallest_first:
        if count < LEAST or reason == OTHER or 0 < merged < LEAST:
            merged += count
        else:
            kept[reason] = count
    if merged:
        kept[OTHER] = merged
    return tuple(sorted(kept.items()))


def check(counts: Counts) -> None:
    """Refuse counts in any other form than `publish` gives."""
    if any(count < 1 for _, count in counts) or counts != publish(dict(counts)):
        raise NotOneSpelling("ineligible", "ascending, each once, none under five but all of them together")
