"""The heaviest first load among the pages: HTML, style and our own scripts, as sent; code of others and icons apart."""

import re
import sys
from pathlib import Path

from bench.figures import say
from bench.stage import at_the_desk
from demo.client import Person
from demo.story_before import Stage

LOADED = re.compile(r"""<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)\"""")
IMPORTED = re.compile(r"""(?:from|import\(?)\s*["'](\.{1,2}/[^"']+)["']""")
OTHERS = "/vendor/"
KB = 1000


async def measure(folder: Path) -> None:
    """Open each page as the person it is for; the sizes of all go to standard error, the largest is the figure."""
    async with at_the_desk(folder) as stage:
        stage.cast.people["anybody"] = Person(stage.cast.site, "anybody")
        sizes = {f"{who.name} {path}": await first_load(who, path) for who, path in pages(stage)}
    for page, size in sorted(sizes.items(), key=lambda row: row[1]):
        print(f"{size:6.1f} kB  {page}", file=sys.stderr)
    say("demo.page_kb_max", max(sizes.values()), "kB")


def pages(stage: Stage) -> list[tuple[Person, str]]:
    """Who opens what."""
    cast, case = stage.cast, stage.case
    seat = next(iter(cast.seats.values()))
    return [
        (cast["anybody"], "/login"),
        (cast["anybody"], "/verify"),
        (seat, "/seat"),
        *((cast[name], path) for name in ("agent", "main", "supervisor", "witness") for path in ("/", case)),
        (cast["main"], f"{case}/host"),
        (cast["witness"], f"{case}/watch"),
        (cast["security"], "/admin/accounts"),
        (cast["system"], "/admin/venues"),
        (cast["province"], "/pool"),
    ]


async def first_load(person: Person, path: str) -> float:
    """Kilobytes over the line when nothing of the page is known yet."""
    html, sent = await person.weigh(path, {"Accept": "text/html"})
    wanted, seen = LOADED.findall(html.decode()), set[str]()
    while wanted:
        address = wanted.pop()
        if address in seen or OTHERS in address:
            continue
        seen.add(address)
        content, weight = await person.weigh(address)
        sent += weight
        if address.endswith(".js"):
            wanted += [joined(address, name) for name in IMPORTED.findall(content.decode())]
    return sent / KB


def joined(address: str, name: str) -> str:
    """The address of an import, seen from the script that names it."""
    parts = address.split("/")[:-1]
    for part in name.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
