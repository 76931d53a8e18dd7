"""Texts of bids held against each other: which passages two bids share that stand in no paper of the tender.

A transparent measure: a *shingle* is `SHINGLE` letters in a row, blanks, digits and punctuation left out. What the
tender's papers hold is taken out, and so is what all of three or more bids hold (common clauses). The share of a pair
is what is left and both hold, of all shingles of the shorter one. So that the memory is bounded, each of n bids is
compared in its first `MOST_LETTERS` / n letters; `is_cut` says for which that left something out.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, islice
from typing import Any, Final

from evaluation.tally.figures import half_up

SHINGLE: Final = 24
LEAST_PASSAGE: Final = 60
MOST_PASSAGES: Final = 20
MOST_SHOWN: Final = 400
MOST_LETTERS: Final = 3_000_000
_PLACES: Final = 4
_COMMON_FROM: Final = 3

Place = tuple[str, int]
"""A file's name and its page, from 1."""


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one bid or paper, page by page: `pages` maps file and page to what stands there."""

    pages: Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that two bids share: as the first writes it, where each begins it, its length in counted characters."""

    text: str
    places: tuple[Place, Place]
    length: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two bids, the shingles they share, the share of the shorter one (4 decimals), the longest passages."""

    bids: tuple[str, str]
    shared: int
    share: Decimal
    passages: tuple[Passage, ...]

    def as_json(self) -> dict[str, Any]:
        """For the findings."""
        passages = [
            {
                "text": one.text,
                "length": one.length,
                "places": [
                    {"bid": bid, "file": file, "page": page}
                    for bid, (file, page) in zip(self.bids, one.places, strict=True)
                ],
            }
            for one in self.passages
        ]
        return {"bids": list(self.bids), "shared": self.shared, "share": str(self.share), "passages": passages}


@dataclass(frozen=True, slots=True)
class _Counted:
    """A text as one string of counted characters; for each, its place and its offset in the page's own text."""

    letters: str
    places: Sequence[tuple[Place, int]]
    pages: Mapping[Place, str]

    def shingles(self) -> dict[int, int]:
        """Hash of each shingle → where it begins first."""
        found: dict[int, int] = {}
        for begin in range(len(self.letters) - SHINGLE + 1):
            found.setdefault(hash(self.letters[begin : begin + SHINGLE]), begin)
        return found


def compare(bids: Mapping[str, Text], tender: Iterable[Text]) -> tuple[Pair, ...]:
    """The pairs that share a passage of at least `LEAST_PASSAGE` characters, the most alike first."""
    most = MOST_LETTERS // max(1, len(bids))
    counted = {bid: _counted(text, most) for bid, text in bids.items()}
    shingles = {bid: one.shingles() for bid, one in counted.items()}
    known: set[int] = set()
    for text in tender:
        known |= _counted(text, MOST_LETTERS).shingles().keys()
    if len(shingles) >= _COMMON_FROM:
        known |= set.intersection(*(set(one) for one in shingles.values()))
    own = {bid: one.keys() - known for bid, one in shingles.items()}
    pairs = []
    for first, second in combinations(bids, 2):
        both = own[first] & own[second]
        passages = sorted(
            _passages(counted[first], counted[second], shingles[second], both), key=lambda one: -one.length
        )
        if passages:
            share = half_up(Fraction(len(both), min(len(shingles[first]), len(shingles[second]))), _PLACES)
            pairs.append(Pair((first, second), len(both), share, tuple(passages[:MOST_PASSAGES])))
    return tuple(sorted(pairs, key=lambda pair: -pair.share))


def is_cut(text: Text, bids: int) -> bool:
    """Whether a text is longer than what of each of so many bids is compared."""
    most = MOST_LETTERS // max(1, bids)
    return next(islice(_letters(text), most, None), None) is not None


def _letters(text: Text) -> Iterator[tuple[str, Place, int]]:
    for place, page in text.pages.items():
        for offset, character in enumerate(page):
            if unicodedata.category(character)[0] == "L":
                yield character, place, offset


def _counted(text: Text, most: int) -> _Counted:
    found = list(islice(_letters(text), most))
    letters = "".join(character for character, _, _ in found)
    return _Counted(letters, [(place, offset) for _, place, offset in found], text.pages)


def _passages(first: _Counted, second: _Counted, at: Mapping[int, int], both: set[int]) -> Iterator[Passage]:
    """Runs of shared shingles in the first text; where the second has the beginning of each."""
    begin: int | None = None
    last = len(first.letters) - SHINGLE + 1
    for index in range(last + 1):
        shared = index < last and hash(first.letters[index : index + SHINGLE]) in both
        if shared and begin is None:
            begin = index
        elif not shared and begin is not None:
            length = index - begin + SHINGLE - 1
            if length >= LEAST_PASSAGE:
                there = at[hash(first.letters[begin : begin + SHINGLE])]
                yield Passage(_shown(first, begin, length), (first.places[begin][0], second.places[there][0]), length)
            begin = None


def _shown(text: _Counted, begin: int, length: int) -> str:
    """The passage as the page writes it, blanks made one; no longer than `MOST_SHOWN`, never past its page."""
    place, start = text.places[begin]
    end = begin + length - 1
    while text.places[end][0] != place:
        end -= 1
    return " ".join(text.pages[place][start : text.places[end][1] + 1].split())[:MOST_SHOWN]
