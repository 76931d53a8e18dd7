"""What a package of each type must bring, and what is wrong with what it brought: roles, fields, kinds of files.

One table of roles and one reader a format; docs/tender-package.md says the same in words, and a test holds them equal.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Protocol

from cryptography import x509

from conduct.ocds_in import load_release, read_release
from conduct.package_problems import FieldWrong, FileMissing, FileUnfit, Problem
from evaluation import bill
from evaluation.criteria import Criteria, read_criteria
from evaluation.lot import owner_of
from evaluation.tally.gathering import gather, load_leniently
from evaluation.tally.reading import DocumentRefused, Reader
from evaluation.tender import Openings, Tender, check_limit, read_opening, read_openings, read_tender

MANY = 10_000
# By type of package: each role, how often it occurs at least and at most.
ROLES: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "tender": {
        "tender_document": (1, 1), "criteria": (1, 99), "item_table": (0, 99), "clarification": (0, 99),
        "release": (0, 1),
    },
    "opening": {
        "opening_record": (1, 1), "opening": (1, 99), "bid": (1, MANY), "certificate": (1, MANY),
        "technical_blind": (0, MANY), "bill": (0, MANY), "clarification": (0, 99),
    },
    "experts": {"experts": (1, 1)},
}  # fmt: skip
PDF_ROLES = frozenset({"tender_document", "clarification", "opening_record", "bid", "technical_blind"})
# Roles of which each bidder has files, and where they lie.
FOLDERS = {"bid": "bids", "technical_blind": "blind", "certificate": "certificates", "bill": "bills"}
# Roles of which each lot has one file, and where it lies under the lot's id where there are lots.
LOT_FOLDERS = {"criteria": "criteria", "opening": "openings", "item_table": "item_tables"}
PDF = b"%PDF-"


class File(Protocol):
    """What is looked at of a file."""

    @property
    def path(self) -> str:
        """Where it lies in the package."""
        ...

    @property
    def role(self) -> str:
        """What it is."""
        ...

    @property
    def content(self) -> bytes:
        """Its bytes."""
        ...


def stated(kind: str, data: object, files: Sequence[File]) -> tuple[object, list[Problem]]:
    """A package's `data`; a tender package that states none says it by an OCDS release, whose faults come beside."""
    for file in files:
        if kind == "tender" and file.role == "release":
            if data != {}:
                return data, [Problem(FieldWrong.code, "package.json $.data", "said_twice")]
            try:
                told, faults = gather(load_release(file.content), read_release)
            except DocumentRefused as fault:
                told, faults = None, (fault,)
            return told, [Problem(FieldWrong.code, f"{file.path} {one.path}", one.fault) for one in faults]
    return data, []


def problems(kind: str, data: object, files: Sequence[File], listed: Collection[str]) -> list[Problem]:
    """Everything wrong with a package's contents; `listed` names the files it should have, `files` those that came."""
    found = [*_roles(kind, files, {*listed} - {file.path for file in files})]
    for file in files:
        found += _unfit(file)
    match kind:
        case "tender":
            found += _tender(data, files)
        case "opening":
            found += _opening(data, files)
        case _:
            found += _fields(data, read_drawn, "package.json", "$.data")[1]
    return found


def data_problems(kind: str, data: object) -> list[Problem]:
    """What is wrong with `data` alone, where the list beside it is too wrong to go on."""
    readers: Mapping[str, Callable[[Reader], object]] = {"tender": read_tender, "opening": read_openings}
    return _fields(data, readers.get(kind, read_drawn), "package.json", "$.data")[1]


def lot_of(path: str) -> str:
    """The lot that a file is of: `criteria/1.json` and `openings/1.json` are of lot 1, `criteria.json` of none ("")."""
    return owner_of(path) if path.partition("/")[0] in LOT_FOLDERS.values() else ""


def read_drawn(reader: Reader) -> tuple[str, str]:
    """`data` of a province's result: number of the draw, project, and when it was drawn."""
    told = reader.text("request"), reader.text("project")
    reader.instant("drawn_at")
    reader.end()
    return told


def _roles(kind: str, files: Sequence[File], absent: Collection[str]) -> Iterator[Problem]:
    counts = Counter(file.role for file in files)
    for role, (least, most) in ROLES[kind].items():
        if counts[role] < least and not absent:
            yield Problem(FileMissing.code, role, "role_missing")
        if counts[role] > most:
            yield Problem(FileUnfit.code, role, "role_repeated")
    yield from (Problem(FileUnfit.code, file.path, "unknown_role") for file in files if file.role not in ROLES[kind])


def _unfit(file: File) -> Iterator[Problem]:
    if file.role in PDF_ROLES and not file.content.startswith(PDF):
        yield Problem(FileUnfit.code, file.path, "not_pdf")
    if file.role in FOLDERS and PurePosixPath(file.path).parts[0] != FOLDERS[file.role]:
        yield Problem(FileUnfit.code, file.path, "wrong_folder")
    if file.role == "certificate":
        try:
            x509.load_pem_x509_certificate(file.content)
        except ValueError:
            yield Problem(FileUnfit.code, file.path, "not_a_certificate")
    if file.role in {"bill", "item_table"}:
        try:
            bill.read(file.content)
        except bill.BillRefused as fault:
            yield Problem(FileUnfit.code, f"{file.path} {fault.line or ''}".strip(), fault.fault)


def _tender(data: object, files: Sequence[File]) -> Iterator[Problem]:
    tender, faults = _fields(data, read_tender, "package.json", "$.data")
    yield from faults
    criteria: dict[str, Criteria] = {}
    for file in files:
        if file.role == "criteria":
            read, faults = _json(file, read_criteria)
            yield from faults
            criteria |= {lot_of(file.path): read} if isinstance(read, Criteria) else {}
    if not isinstance(tender, Tender):
        return
    ids = [lot.id for lot in tender.lots]
    yield from _of_lots(ids, files)
    for number, lot in enumerate(tender.lots):
        place = f"$.data.lots[{number}]" if lot.id else "$.data"
        try:
            check_limit(lot, criteria[lot.id] if lot.id else next(iter(criteria.values())))
        except (LookupError, StopIteration):
            continue  # named already: there are none, or none that can be read
        except DocumentRefused as fault:
            yield Problem(FieldWrong.code, f"package.json {_placed(fault.path, place)}", fault.fault)


def _of_lots(ids: Sequence[str], files: Sequence[File]) -> Iterator[Problem]:
    """Of the roles that belong to a lot each lot has one file at most, and of no other; one alone lies anywhere."""
    for role, folder in LOT_FOLDERS.items():
        mine = [file for file in files if file.role == role]
        if not any(ids):
            yield from (Problem(FileUnfit.code, role, "role_repeated") for _ in mine[1:2])
            continue
        counts = Counter(lot_of(file.path) for file in mine)
        least = 0 if role == "item_table" or not mine else 1
        for lot in ids:
            if counts[lot] < least:
                yield Problem(FileMissing.code, f"{folder}/{lot}", "role_missing")
        for file in mine:
            if lot_of(file.path) not in ids:
                yield Problem(FileUnfit.code, file.path, "of_no_lot")
            elif counts[lot_of(file.path)] > 1:
                yield Problem(FileUnfit.code, file.path, "role_repeated")


def _opening(data: object, files: Sequence[File]) -> Iterator[Problem]:
    openings, faults = _fields(data, read_openings, "package.json", "$.data")
    yield from faults
    if not isinstance(openings, Openings):
        return
    if openings.opened is None:
        yield Problem(FieldWrong.code, "package.json $.data.opened", "missing")
    yield from _of_lots(list(openings.lots), files)
    for file in files:
        if file.role == "opening":
            _, faults = _json(file, read_opening)
            yield from faults
            lot = lot_of(file.path) if any(openings.lots) else ""
            if not faults and lot in openings.lots and load_leniently(file.content) != _said_of(data, lot):
                yield Problem(FieldWrong.code, f"{file.path} $", "differs_from_data")
    yield from _of_bidders({bid.id for one in openings.lots.values() for bid in one.bids}, files)


def _of_bidders(ids: Collection[str], files: Sequence[File]) -> Iterator[Problem]:
    """Each bidder has a bid and a certificate, and no file is of anybody else."""
    for role in ("bid", "certificate"):
        theirs = {owner_of(file.path) for file in files if file.role == role}
        yield from (
            Problem(FileMissing.code, f"{FOLDERS[role]}/{bid}", "role_missing") for bid in sorted({*ids} - theirs)
        )
    for file in files:
        if file.role in FOLDERS and owner_of(file.path) not in ids:
            yield Problem(FileUnfit.code, file.path, "of_no_bidder")


def _said_of(data: object, lot: str) -> dict[str, Any]:
    """What `data` says of one lot, as the lot's own file must say it; no time."""
    told: dict[str, Any] = data if isinstance(data, dict) else {}
    row = next((row for row in told.get("lots", ()) if row["id"] == lot), told)
    return {"format": told["format"]} | {key: value for key, value in row.items() if key not in {"id", "opened"}}


def _json(file: File, read: Callable[[Reader], Any]) -> tuple[Any, list[Problem]]:
    try:
        document = load_leniently(file.content)
    except DocumentRefused as fault:
        return None, [Problem(FieldWrong.code, f"{file.path} {fault.path}", fault.fault)]
    return _fields(document, read, file.path, "$")


def _fields(document: object, read: Callable[[Reader], Any], name: str, path: str) -> tuple[Any, list[Problem]]:
    """What a document says by its reader, and every fault of it by file and JSON path."""
    made, faults = gather(document, read, path)
    return made, [Problem(FieldWrong.code, f"{name} {_placed(fault.path, path)}", fault.fault) for fault in faults]


def _placed(path: str, start: str) -> str:
    """Rules about a whole document speak of `$`, wherever it begins."""
    return path if path.startswith(start) else start + path.removeprefix("$")
