"""The two packages of a trading system (招标包, 开标包): checked whole before anything of them counts.

A package is a ZIP of `package.json`, its detached CMS and the files it lists (docs/package-format.md). Its signature
was judged before (`gateways.outside_seals`); here the list is held against the files.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

MANIFEST = "package.json"
SIGNATURE = "package.json.p7s"
MOST_FILES = 2000
MOST_BYTES = 2 * 1024**3
LONGEST_PATH = 200
# The archive names its copy of a file by its digest and this ending.
ENDING = re.compile(r"(\.[A-Za-z0-9]{1,8})?")
# The list and its signature are inflated before anything vouches for them.
MOST_STATED = 4 * 1024**2
# What `zipfile` raises for a file that is none: damaged, encrypted, cut off, in a method it does not know.
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, KeyError, OSError, EOFError, RuntimeError)


class PackageRefused(Exception):
    """A package that cannot be taken over; `detail` names the file or field. Nothing of it was kept."""

    code = "package.refused"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class NotAPackage(PackageRefused):
    """No ZIP with a readable `package.json` and its signature."""

    code = "package.not_one"


class FileMissing(PackageRefused):
    """A listed file is not in the package."""

    code = "package.file_missing"


class FileUnlisted(PackageRefused):
    """The package holds a file that its list does not name."""

    code = "package.file_unlisted"


class FileChanged(PackageRefused):
    """A file's digest or size is not the listed one."""

    code = "package.file_changed"


class TooEarly(PackageRefused):
    """The package may not be opened before its time."""

    code = "package.too_early"


class WrongPackage(PackageRefused):
    """A package of the other type, or for another case."""

    code = "package.wrong_one"


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
    """A package whose files are those it lists."""

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
        raise FileMissing(role)

    def listed(self) -> list[dict[str, Any]]:
        """The `files` of a `package.received` statement."""
        return [{"path": f.path, "role": f.role, "sha256": f.sha256, "size": f.size} for f in self.files]


def manifest_and_signature(data: bytes) -> tuple[bytes, bytes]:
    """The signed list and its detached CMS, to be judged before anything else is read. Raises `NotAPackage`."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            if any(archive.getinfo(name).file_size > MOST_STATED for name in (MANIFEST, SIGNATURE)):
                raise NotAPackage("size")
            return archive.read(MANIFEST), archive.read(SIGNATURE)
    except BROKEN_ZIP as broken:
        raise NotAPackage(str(broken)) from broken


def read(data: bytes, kind: str, now: datetime) -> Package:
    """Read a package of this type (`tender` / `opening`). Raises the refusals above."""
    manifest, _ = manifest_and_signature(data)
    try:
        stated = json.loads(manifest)
        package_type, case, not_before = stated["type"], stated["case"], stated["not_before"]
        opens = datetime.fromisoformat(not_before)
        rows = [(row["path"], row["role"], row["sha256"], row["size"]) for row in stated["files"]]
        content = dict(stated["data"])
    except (ValueError, KeyError, TypeError) as broken:
        raise NotAPackage(MANIFEST) from broken
    if package_type != kind:
        raise WrongPackage(package_type)
    if now < opens:
        raise TooEarly(not_before)
    if len(rows) > MOST_FILES or sum(size for *_, size in rows) > MOST_BYTES:
        raise NotAPackage("size")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        files = tuple(_file(archive, *row) for row in rows)
        strangers = set(archive.namelist()) - {file.path for file in files} - {MANIFEST, SIGNATURE}
    if strangers:
        raise FileUnlisted(min(strangers))
    return Package(package_type, case, not_before, files, content, hashlib.sha256(data).hexdigest())


def _is_path(path: str) -> bool:
    if not 0 < len(path) <= LONGEST_PATH or "\\" in path or {"", ".", ".."} & set(path.split("/")):
        return False
    return ENDING.fullmatch(PurePosixPath(path).suffix) is not None


def _file(archive: zipfile.ZipFile, path: str, role: str, sha256: str, size: int) -> File:
    if not _is_path(path):
        raise NotAPackage(path)
    try:
        entry = archive.getinfo(path)
    except KeyError:
        raise FileMissing(path) from None
    if entry.file_size != size:
        raise FileChanged(path)
    try:
        content = archive.read(entry)
    except BROKEN_ZIP as broken:
        raise NotAPackage(path) from broken
    if hashlib.sha256(content).hexdigest() != sha256:
        raise FileChanged(path)
    return File(path, role, sha256, size, content)
