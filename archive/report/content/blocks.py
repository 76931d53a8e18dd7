"""The pieces a report is made of. Values only: how a piece looks is the business of who renders it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Align = Literal["l", "c", "r"]
WIDE: Final = 8  # more columns of bidders or members than this are continued in a further table
SHORT: Final = 9  # a table of more rows may break across pages
LONG: Final = 2400  # so may one of more bytes of text than this
TALL: Final = 18  # tables of more rows than this need not stay with their title
DASH: Final = "—"


@dataclass(frozen=True, slots=True)
class Cell:
    """Text in a table; it spans so many columns."""

    text: str
    style: Literal["plain", "strong", "quiet", "small"] = "plain"
    span: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, its share of the width that is left (0: as wide as its words) in tenths, and its side."""

    title: str
    share: int = 0
    align: Align = "l"


@dataclass(frozen=True, slots=True)
class Heading:
    """A title: level 1 a part or annex, 2 and 3 below it."""

    level: int
    text: str
    new_page: bool = False
    kind: str = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or more: text, a note in small print (`lead`: above what it is about), or that there is nothing."""

    text: str
    style: Literal["plain", "note", "lead", "nothing"] = "plain"
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Listing:
    """Sentences one below the other, numbered or not."""

    items: tuple[str, ...]
    numbered: bool = False
    kind: str = "list"


@dataclass(frozen=True, slots=True)
class Facts:
    """Names to the left, values to the right."""

    rows: tuple[tuple[str, Cell], ...]
    breakable: bool = False
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table with a repeated head; `foot` rows close it; `noted` keeps it with what follows."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    foot: tuple[tuple[Cell, ...], ...] = ()
    small: bool = False
    breakable: bool = False
    noted: bool = False
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Dot:
    """A score of the plot, at so many thousandths of its width."""

    at: int
    counted: bool


@dataclass(frozen=True, slots=True)
class PlotRow:
    """A bidder's scores and where their result stands."""

    label: str
    result: int
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A figure below the plot."""

    at: int
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Each member's total as a dot, the result as a bar, one line a bidder; `spoken` says the same in words."""

    spoken: str
    rows: tuple[PlotRow, ...]
    ticks: tuple[Tick, ...]
    kind: str = "plot"


@dataclass(frozen=True, slots=True)
class Box:
    """An empty frame that a signature is drawn into later: the field's name, what a reader hears it called."""

    name: str
    label: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """Frames for signatures, two in a row; where they came to lie is attached to the paper as `attachment`.

    `closing` is what a reader hears the closing time stamp called, which has no frame.
    """

    boxes: tuple[Box, ...]
    closing: str
    attachment: str
    attached: str
    kind: str = "boxes"


@dataclass(frozen=True, slots=True)
class Group:
    """Pieces that stay together on a page where they can."""

    blocks: "tuple[Block, ...]"
    kind: str = "group"


Block = Heading | Paragraph | Listing | Facts | Table | Plot | Boxes | Group


@dataclass(frozen=True, slots=True)
class Cover:
    """The first page: words above the title, the title, words below it, facts, and a note at the foot."""

    above: str
    title: str
    below: tuple[str, ...]
    facts: Facts
    note: str
    letter_title: str
    letter: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole paper. `mark` stands on every page, empty for a regular one; `pages` words the foot, n of how many.

    `attachment` is the name of the data inside, `attached` says what they are; no cover, no table of contents.
    """

    title: str
    number: str
    running: str
    mark: str
    issued: str
    keywords: tuple[str, ...]
    attachment: str
    attached: str
    cover: Cover | None
    contents: str
    pages: str
    blocks: tuple[Block, ...]


Row = Sequence[str | Cell]


def facts(*pairs: tuple[str, str | Cell]) -> Facts:
    """Facts of these names and values; long ones may break across pages."""
    rows = tuple((name, value if isinstance(value, Cell) else Cell(value)) for name, value in pairs)
    written = sum(len(cell.text.encode()) for _, cell in rows)
    return Facts(rows, breakable=len(rows) > 2 * SHORT or written > LONG)


def table(columns: Sequence[Column], rows: Sequence[Row], *, small: bool = False, **more: object) -> Table:
    """A table of these rows; a long one may break across pages."""
    cells = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    return Table(tuple(columns), cells, small=small, breakable=len(cells) > SHORT, **more)  # type: ignore[arg-type]


def filled(columns: Sequence[Column], rows: Sequence[Row], *, noted: bool = False) -> Table:
    """The same without the columns in which nothing stands."""
    kept = [n for n in range(len(columns)) if n == 0 or any(_said(row[n]) != DASH for row in rows)]
    return table([columns[n] for n in kept], [[row[n] for n in kept] for row in rows], noted=noted)


def together(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """These pieces on one page, unless their tables are too long for that."""
    rows = sum(len(one.rows) for one in blocks if isinstance(one, Table))
    return tuple(blocks) if rows > TALL else (Group(tuple(blocks)),)


def chunks(count: int) -> list[range]:
    """So many columns, in pieces that fit a page."""
    return [range(start, min(start + WIDE, count)) for start in range(0, count, WIDE)]


def _said(cell: str | Cell) -> str:
    return cell.text if isinstance(cell, Cell) else cell
