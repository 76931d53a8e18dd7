"""Texts of bids held against each other: which passages two bids share that stand in no paper of the tender.

A transparent measure: a *shingle* is `SHINGLE` letters in a row, blanks, digits and punctuation left out. What the
tender's papers hold is taken out, and so is what all of three or more bids hold (common clauses). The share of a pair
is the letters of its passages, of all letters of the shorter one. So that the memory is bounded, each of n bids is
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
LEAST_PASSAGE: Final = 40
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
    """Two bids, the letters of all passages they share, the part of the shorter one (4 decimals), the longest ones."""

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
    """The pairs that share a passage of at least `LEAST_PASSAGE` letters, the most alike first."""
    most = MOST_LETTERS // max(1, len(bids))
    counted = {bid: _counted(text, most) for bid, text in bids.items()}
    shingles = {bid: one.shingles() for bid, one in counted.items()}
    known: set[int] = set()
    for text in tender:
        known |= _counted(text, MOST_LETTERS).shingles().keys()
    if len(shingles) >= _COMMON_FROM:
        known |= set.intersection(*(set(one) for one in shingles.values()))
    pairs = []
    for first, second in combinations(bids, 2):
        found = _passages(counted[first], counted[second], shingles[second], known)
        passages = sorted(found, key=lambda one: -one.length)
        if passages:
            shared = sum(one.length for one in passages)
            share = half_up(Fraction(shared, min(len(counted[one].letters) for one in (first, second))), _PLACES)
            pairs.append(Pair((first, second), shared, share, tuple(passages[:MOST_PASSAGES])))
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


def _passages(first: _Counted, second: _Counted, at: Mapping[int, int], known: set[int]) -> Iterator[Passage]:
    """Runs of shingles that the second text has too and that are not known; where the second has each."""
    at_begin: int | None = None
    last = len(first.letters) - SHINGLE + 1
    for index in range(last + 1):
        shingle = hash(first.letters[index : index + SHINGLE]) if index < last else 0
        if index < last and shingle in at and shingle not in known:
            at_begin = index if at_begin is None else at_begin
        elif at_begin is not None:
            # Where the run meets a known text, that text's letters are no part of it.
            begin = at_begin + (SHINGLE - 1) * _is_known(first, at_begin - 1, known)
            end = index + (SHINGLE - 1) * (index == last or shingle not in known)
            if end - begin >= LEAST_PASSAGE:
                there = at[hash(first.letters[at_begin : at_begin + SHINGLE])] + begin - at_begin
                yield Passage(_shown(first, begin, end), (first.places[begin][0], second.places[there][0]), end - begin)
            at_begin = None


def _is_known(text: _Counted, begin: int, known: set[int]) -> bool:
    return begin >= 0 and hash(text.letters[begin : begin + SHINGLE]) in known


def _shown(text: _Counted, begin: int, end: int) -> str:
    """The passage as the page writes it, blanks made one; no longer than `MOST_SHOWN`, never past its page."""
    place, start = text.places[begin]
    last = end - 1
    while text.places[last][0] != place:
        last -= 1
    return " ".join(text.pages[place][start : text.places[last][1] + 1].split())[:MOST_SHOWN]
