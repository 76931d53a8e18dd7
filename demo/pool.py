"""The demo's expert pool: 3,000 visibly synthetic experts as a province would export them (docs/pool-csv.md).

Everything follows from a seed and the day of the evaluation. Nobody can be mistaken for a person: names are 专家0001 …,
identity numbers begin with the division 000000 and telephone numbers with 100, neither of which is ever issued.

The draw is truly random, so the demo cannot choose who is drawn; the second screening must still find somebody.
Category `NARROW` is therefore populated, in every region, by `FORMER` people who left 演示投标人D within three years
and were not drawn lately (8 tickets each), and `OTHERS` people with no tie to a bidder who were drawn seven times
(1 ticket each, and a unit of their own, so that the unit cap never bars them). Of people drawn there from one region,
none is a former employee of D in 1 draw of 65 for one seat, of 5,000 for two, of 490,000 for three
(`chance_that_all_are_others`; alternates are screened too and count). Afterwards the others still fill two seats and
an alternate. So the demo should ask for one member and one alternate there, or two members; it shows what happened,
and does not fail in the one run of thousands in which nobody had to be removed.
"""

import csv
import io
from dataclasses import astuple, dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Final

COLUMNS: Final = (
    "序号", "专家编号", "姓名", "身份证号", "手机号", "专业代码", "职称", "从业年限", "所在地区", "工作单位",
    "任职经历", "利害关系单位", "状态", "状态截止", "近90天抽取次数",
)  # fmt: skip

SIZE: Final = 3000
CATEGORIES: Final = ("A02", "A08", "B01", "B03", "C02", "C05", "D01", "D04")
REGIONS: Final = tuple(f"990{number}00" for number in range(1, 10))
NARROW: Final = "B01"
FORMER: Final = 48
OTHERS: Final = 6
BIDDER_D: Final = "演示投标人D"
TENDERER: Final = "演示招标人"
RARE: Final = "䶮𠮷镕堃喆"
"""Characters that break careless encodings; one name in five hundred ends in one."""

TICKETS: Final = 8
OFTEN_DRAWN: Final = 7


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the export, cell by cell in the order of `COLUMNS`."""

    number: str
    expert: str
    name: str
    id_number: str
    phone: str
    categories: str
    title: str
    years: str
    region: str
    unit: str
    history: str = ""
    relations: str = ""
    state: str = "正常"
    state_until: str = ""
    recent_draws: str = "0"


@cache
def rows(day: date, seed: str = "demo") -> tuple[Row, ...]:
    """The pool on the day of the evaluation."""
    narrow = len(REGIONS) * (FORMER + OTHERS)
    return tuple(_narrow(n, day, seed) if n <= narrow else _common(n, day, seed) for n in range(1, SIZE + 1))


@cache
def to_csv(lines: tuple[Row, ...]) -> bytes:
    """The export's bytes: UTF-8 with a byte order mark and CRLF, as a spreadsheet writes it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(astuple(line) for line in lines)
    return text.getvalue().encode("utf-8-sig")


def broken(lines: tuple[Row, ...]) -> tuple[tuple[Row, ...], tuple[tuple[int, str], ...]]:
    """The same pool with seven rows spoilt, and (line of the file, column) of every fault an import must report."""
    spoilt = list(lines)
    spoilt[9] = replace(spoilt[9], years="7")
    spoilt[19] = replace(spoilt[19], title="中级")
    spoilt[29] = replace(spoilt[29], id_number=spoilt[29].id_number[:17] + "?")
    spoilt[39] = replace(spoilt[39], phone="12345")
    spoilt[49] = replace(spoilt[49], history="演示单位|2020-02-30|")
    spoilt[59] = replace(spoilt[59], expert=spoilt[58].expert)
    spoilt[69] = replace(spoilt[69], recent_draws="-1")
    faults = (
        (11, "从业年限"), (21, "职称"), (31, "身份证号"), (41, "手机号"), (51, "任职经历"), (61, "专家编号"),
        (71, "近90天抽取次数"),
    )  # fmt: skip
    return tuple(spoilt), faults


def chance_that_all_are_others(seats: int) -> Fraction:
    """How likely the first `seats` people drawn of the narrow category in one region all have no tie to D."""
    chance = Fraction(1)
    for taken in range(seats):
        left = OTHERS - taken
        chance *= Fraction(left, left + FORMER * TICKETS)
    return chance


def _narrow(n: int, day: date, seed: str) -> Row:
    region, place = divmod(n - 1, FORMER + OTHERS)
    plain = _plain(n, NARROW, REGIONS[region], seed)
    if place < FORMER:
        left = day - timedelta(days=30 + _chosen(n, "left", seed, 900))
        joined = left - timedelta(days=700 + _chosen(n, "joined", seed, 2000))
        return replace(plain, history=_posts((BIDDER_D, joined, left), (plain.unit, left + timedelta(days=1), None)))
    return replace(plain, unit=f"演示设计院{REGIONS[region]}-{place - FORMER + 1}", recent_draws=str(OFTEN_DRAWN))


def _common(n: int, day: date, seed: str) -> Row:
    wide = [category for category in CATEGORIES if category != NARROW]
    first = _chosen(n, "category", seed, len(wide))
    second = (first + 1 + _chosen(n, "second", seed, len(wide) - 1)) % len(wide)
    held = sorted({wide[first], wide[second]} if _chosen(n, "two", seed, 4) == 0 else {wide[first]})
    plain = _plain(n, ";".join(held), REGIONS[_chosen(n, "region", seed, len(REGIONS))], seed)
    plain = replace(plain, recent_draws=str(_chosen(n, "draws", seed, 6)))
    fate = _chosen(n, "fate", seed, 100)
    return next((replace(plain, **changes) for below, changes in _fates(day) if fate < below), plain)


def _fates(day: date) -> tuple[tuple[int, dict[str, str]], ...]:
    """What sets some apart, each with the percentage of the pool reached by then."""
    soon, over = (day + timedelta(days=5)).isoformat(), (day - timedelta(days=5)).isoformat()
    return (
        (2, {"state": "暂停"}),
        (4, {"state": "暂停", "state_until": soon}),
        (8, {"state": "请假", "state_until": soon}),
        (10, {"state": "请假", "state_until": over}),
        (13, {"recent_draws": "9"}),
        # Long gone from D: no reason to remove them.
        (16, {"history": _posts((BIDDER_D, date(2009, 3, 1), date(2016, 8, 31)))}),
        (18, {"relations": TENDERER}),
    )


def _plain(n: int, categories: str, region: str, seed: str) -> Row:
    return Row(
        number=str(n),
        expert=f"ZJ{n:05}",
        name=f"专家{n:04}" + (RARE[n // 500 % len(RARE)] if n % 500 == 42 else ""),  # noqa: PLR2004
        id_number=_id_number(n, seed),
        phone=f"1000000{n:04}",
        categories=categories,
        title=("正高级", "副高级", "副高级", "同等专业水平")[_chosen(n, "title", seed, 4)],
        years=str(8 + _chosen(n, "years", seed, 28)),
        region=region,
        unit=f"演示单位{region}-{_chosen(n, 'unit', seed, 40) + 1:02}",
    )


def _posts(*posts: tuple[str, date, date | None]) -> str:
    return ";".join(f"{unit}|{begins}|{ends or ''}" for unit, begins, ends in posts)


def _id_number(n: int, seed: str) -> str:
    """Well formed, with its check character, for a division that does not exist."""
    born = date(1960 + n // 1000, 1, 1) + timedelta(days=_chosen(n, "born", seed, 365))
    digits = f"000000{born:%Y%m%d}{n % 1000:03}"
    weighed = sum((2 ** (17 - place)) % 11 * int(digit) for place, digit in enumerate(digits))
    return digits + "10X98765432"[weighed % 11]


def _chosen(n: int, field: str, seed: str, among: int) -> int:
    """A number below `among` that depends on row, field and seed alone, on every machine the same."""
    return int.from_bytes(sha256(f"{seed}/{n}/{field}".encode()).digest()[:8]) % among
