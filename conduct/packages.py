"""The packages of a trading system (招标包, 开标包) and of a province, held whole against their list.

A package is a ZIP of `package.json`, its detached CMS and the files it lists (docs/tender-package.md). Its signature
was judged before (`gateways.outside_seals`); everything that is wrong with the rest is found here in one reading.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from conduct import package_content
from conduct.package_problems import (
    FieldWrong,
    FileChanged,
    FileMissing,
    FileUnlisted,
    NotAPackage,
    PackageRefused,
    Problem,
    TooEarly,
    WrongPackage,
    refuse,
)
from evaluation.tally.gathering import gather, load_leniently
from evaluation.tally.reading import DocumentRefused, Reader, different

__all__ = [
    "File", "FileChanged", "FileMissing", "FileUnlisted", "NotAPackage", "Package", "PackageRefused", "Problem",
    "TooEarly", "WrongPackage", "manifest_and_signature", "read",
]  # fmt: skip

FORMAT = "bid-package/1"
TYPES = ("tender", "opening", "experts")
MANIFEST = "package.json"
SIGNATURE = "package.json.p7s"
MOST_FILES = 2000
MOST_BYTES = 2 * 1024**3
LONGEST_PATH = 200
# The archive names its copy of a file by its digest and this ending.
ENDING = re.compile(r"(\.[A-Za-z0-9]{1,8})?")
DIGEST = re.compile(r"[0-9a-f]{64}")
# The list and its signature are inflated before anything vouches for them.
MOST_STATED = 4 * 1024**2
# What `zipfile` raises for a file that is none: damaged, encrypted, cut off, in a method it does not know.
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, RuntimeError)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list: where a file lies in the package, what it is, its SHA-256 (hex) and its bytes' number."""

    path: str
    role: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """`package.json` as read; `not_before` as it was written."""

    type: str
    case: str
    not_before: str
    opens: datetime
    files: tuple[Listed, ...]
    data: object


@dataclass(frozen=True, slots=True)
class File:
    """One file of a package."""

    path: str
    role: str
    sha256: str
    size: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """A package whose files are those it lists; `data` is of its format."""

    type: str
    case: str
    not_before: str
    files: tuple[File, ...]
    data: Mapping[str, Any]
    sha256: str

    def of_role(self, role: str) -> File:
        """The one file of a role. Raises `FileMissing`."""
        for file in self.files:
            if file.role == role:
                return file
        raise FileMissing.at(role)

    def of_lot(self, role: str, lot: str) -> File:
        """The file of a role that belongs to a lot; "" where the tender is not divided. Raises `FileMissing`."""
        if not lot:
            return self.of_role(role)
        for file in self.files:
            if file.role == role and package_content.lot_of(file.path) == lot:
                return file
        raise FileMissing.at(f"{package_content.LOT_FOLDERS[role]}/{lot}")

    def listed(self) -> list[dict[str, Any]]:
        """The `files` of a `package.received` statement."""
        return [{"path": f.path, "role": f.role, "sha256": f.sha256, "size": f.size} for f in self.files]


def manifest_and_signature(data: bytes) -> tuple[bytes, bytes]:
    """The signed list and its detached CMS, to be judged before anything else is read. Raises `NotAPackage`."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if any(archive.getinfo(name).file_size > MOST_STATED for name in (MANIFEST, SIGNATURE)):
                raise NotAPackage.at(MANIFEST, "too_big")
            return archive.read(MANIFEST), archive.read(SIGNATURE)
    except BROKEN_ZIP as broken:
        raise NotAPackage.at("", "not_a_zip") from broken


def read(data: bytes, kind: str, now: datetime) -> Package:
    """Read a package of this type (`tender` / `opening` / `experts`).

    Raises a `PackageRefused` that names every problem: of the list; else of the files and of what they say.
    """
    stated, _ = manifest_and_signature(data)
    manifest = _manifest(stated, kind)
    problems = [*_for_another(manifest, kind, now)]
    with zipfile.ZipFile(BytesIO(data)) as archive:
        found = [_file(archive, row) for row in manifest.files]
        strangers = set(archive.namelist()) - {row.path for row in manifest.files} - {MANIFEST, SIGNATURE}
    files = tuple(one for one in found if isinstance(one, File))
    problems += [one for one in found if isinstance(one, Problem)]
    problems += [Problem(FileUnlisted.code, path) for path in sorted(strangers)]
    said, of_release = package_content.stated(kind, manifest.data, files)
    problems += of_release
    if manifest.type == kind and not of_release:
        problems += package_content.problems(kind, said, files, {row.path for row in manifest.files})
    if problems:
        refuse(problems)
    said = said if isinstance(said, dict) else {}  # each type's reader has demanded an object
    return Package(manifest.type, manifest.case, manifest.not_before, files, said, hashlib.sha256(data).hexdigest())


def read_manifest(reader: Reader) -> Manifest:
    """`package.json` by its format; `data` is looked at by its type. Raises `DocumentRefused`."""
    reader.choice("v", (FORMAT,))
    manifest = Manifest(
        type=reader.choice("type", TYPES),
        case=reader.text("case"),
        opens=reader.instant("not_before"),
        not_before=reader.text("not_before"),
        files=tuple(_listed(row) for row in reader.rows("files")),
        data=reader.raw("data"),
    )
    reader.end()
    different((row.path for row in manifest.files), f"{reader.path}.files")
    if len(manifest.files) > MOST_FILES or sum(row.size for row in manifest.files) > MOST_BYTES:
        reader.refuse("too_big", "files")
    return manifest


def _listed(reader: Reader) -> Listed:
    row = Listed(
        path=reader.text("path"),
        role=reader.text("role"),
        sha256=reader.spelled("sha256", DIGEST, "not_a_digest"),
        size=reader.whole("size", 0, MOST_BYTES),
    )
    reader.end()
    if row.path and not _is_path(row.path):
        reader.refuse("not_a_path", "path")
    return row


def _manifest(stated: bytes, kind: str) -> Manifest:
    try:
        document = load_leniently(stated)
        manifest, faults = gather(document, read_manifest)
    except DocumentRefused as fault:
        raise NotAPackage.at(MANIFEST, fault.fault) from fault
    if manifest is None:
        found = [Problem(FieldWrong.code, f"{MANIFEST} {fault.path}", fault.fault) for fault in faults]
        if isinstance(document, dict) and document.get("data"):
            found += package_content.data_problems(kind, document["data"])
        refuse(found)
    return manifest


def _for_another(manifest: Manifest, kind: str, now: datetime) -> Iterator[Problem]:
    """What says that this package is not the one asked for, or not yet."""
    if manifest.type != kind:
        yield Problem(WrongPackage.code, f"{MANIFEST} $.type", manifest.type)
    if now < manifest.opens:
        yield Problem(TooEarly.code, f"{MANIFEST} $.not_before", manifest.not_before)


def _is_path(path: str) -> bool:
    if not 0 < len(path) <= LONGEST_PATH or "\\" in path or {"", ".", ".."} & set(path.split("/")):
        return False
    return ENDING.fullmatch(PurePosixPath(path).suffix) is not None


def _file(archive: zipfile.ZipFile, row: Listed) -> File | Problem:
    try:
        entry = archive.getinfo(row.path)
    except KeyError:
        return Problem(FileMissing.code, row.path)
    if entry.file_size != row.size:
        return Problem(FileChanged.code, row.path, "size")
    try:
        content = archive.read(entry)
    except BROKEN_ZIP:
        return Problem(NotAPackage.code, row.path, "damaged")
    if hashlib.sha256(content).hexdigest() != row.sha256:
        return Problem(FileChanged.code, row.path, "digest")
    return File(row.path, row.role, row.sha256, row.size, content)
