"""A package that waits to be taken over: read, found sound, shown to whoever handed it in, not yet part of a case.

One way for all packages: handed in, rehearsed, looked at, then taken over or discarded. A rehearsal is the real
transaction, run to its end and undone, so it refuses what taking over would refuse.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from conduct.directory import DEPLOYMENT
from conduct.packages import File, Package
from conduct.ports import Actor, Json, Store, Tx, stamp
from evaluation.criteria import parse_criteria
from evaluation.tally.reading import Reader, load_json
from evaluation.tender import read_tender

RECEIVED = "received"
# Files small enough to be kept with the row: what they hold is sealed to this server, and lies in no object store.
SEALED_ROLES = frozenset({"experts"})


class NotWaiting(Exception):
    """No package waits here, or another one than the one that was looked at."""

    code = "package.not_waiting"


class _Undone(Exception):
    """Everything that the rehearsed transaction did is taken back."""

    code = "package.rehearsed"


async def rehearse(store: Store, do: Callable[[Tx], object]) -> None:
    """Run a transaction to its end and undo it. Raises what it refuses."""

    def run(tx: Tx) -> None:
        do(tx)
        raise _Undone

    try:
        await store.act(run)
    except _Undone:
        return


def place_of(kind: str, actor: Actor, case: str = "") -> tuple[str, str]:
    """Shelf and key under which a package waits: one a case and type; before there is a case, one an account."""
    return (case, kind) if case else (DEPLOYMENT, actor.who)


def keep(tx: Tx, place: tuple[str, str], package: Package, beside: Mapping[str, str]) -> None:
    """Let a package wait; one that waited there before is forgotten. `beside`: what was chosen with it."""
    files = [asdict(replace(file, content=b"")) | {"content": _kept(file)} for file in package.files]
    row: Json = {"type": package.type, "case": package.case, "not_before": package.not_before, "sha256": package.sha256}
    row |= {"data": dict(package.data), "files": files, "beside": {**beside, "at": stamp(tx.now)}}
    tx.shelf(place[0], RECEIVED).put(place[1], row)


def waiting(tx: Tx, place: tuple[str, str]) -> tuple[Package, Json] | None:
    """The package that waits, and what was chosen with it; its files lie in the object store."""
    row = tx.shelf(place[0], RECEIVED).get(place[1])
    if row is None:
        return None
    files = tuple(File(**{**file, "content": bytes.fromhex(file["content"])}) for file in row["files"])
    package = Package(row["type"], row["case"], row["not_before"], files, row["data"], row["sha256"])
    return package, row["beside"]


def take(tx: Tx, place: tuple[str, str], sha256: str) -> tuple[Package, Json]:
    """The package that was looked at, which waits no longer. Raises `NotWaiting`."""
    found = waiting(tx, place)
    if found is None or found[0].sha256 != sha256:
        raise NotWaiting
    discard(tx, place)
    return found


def discard(tx: Tx, place: tuple[str, str]) -> None:
    """Forget what waits; when nothing does nothing happens."""
    tx.shelf(place[0], RECEIVED).delete(place[1])


def preview(tx: Tx, package: Package) -> Json:
    """What taking a package over would bring: its fields as stated, its files, what the criteria say."""
    files = [{name: value for name, value in asdict(file).items() if name != "content"} for file in package.files]
    told: Json = {"type": package.type, "case": package.case, "package": package.sha256, "files": files}
    told |= {"not_before": package.not_before, "data": dict(package.data)}
    if package.type == "tender":
        told["lots"] = [
            {
                "id": lot.id,
                "name": lot.name,
                "limit_price": str(lot.limit or ""),
                "criteria": _criteria(tx, package, lot.id),
            }
            for lot in read_tender(Reader(package.data)).lots
        ]
    elif package.type == "opening":
        told["lots"] = package.data.get("lots") or [{"id": "", **package.data}]
    return told


def _kept(file: File) -> str:
    return file.content.hex() if file.role in SEALED_ROLES else ""


def _criteria(tx: Tx, package: Package, lot: str) -> Json:
    """A lot's criteria as a person checks them: method, price rule, parts with their items, clauses by type."""
    document: Any = load_json(tx.get_object(package.of_lot("criteria", lot).sha256))
    read = parse_criteria(document)
    groups = [
        {
            "name": one.name,
            "max": str(one.group.maximum),
            "items": [[item.name, str(item.item.maximum)] for item in one.items],
        }
        for one in read.groups
    ]
    clauses = [{"type": one.type, "text": one.text, "clause": one.clause} for one in read.clauses]
    told: Json = {"title": read.title, "method": read.method, "limit": str(read.limit or ""), "groups": groups}
    told |= {"clauses": clauses, "formula": document["price"]["formula"], "weight": document["price"].get("weight", "")}
    return told | {"choices": list(read.choices.get("reduction_percent", ())), "candidates": read.candidates}
