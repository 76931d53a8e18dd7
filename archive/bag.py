"""Writes the sealed bag of a case (docs/archive-format.md). It appears whole under its name or not at all, and once."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from archive import by_hand, pyz
from archive.bag_source import BagSource, Information, Seal, Signatures, Tally, folder_of
from archive.durable import settle, sync_folder
from signing.canonical import canonical
from signing.merkle import root_of_entries

BLOCK: Final = 1 << 20
BAGIT: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SAFE: Final = re.compile(r"[A-Za-z0-9@+_-][A-Za-z0-9.@+_-]*(/[A-Za-z0-9@+_-][A-Za-z0-9.@+_-]*)*")
"""Names that every manifest, tool and file system spells alike."""


class BagExists(Exception):
    """A bag of this name was written before; it is never written again."""

    code = "bag-exists"


class NameRefused(Exception):
    """A path that would not be spelled alike everywhere."""

    code = "bag-name"


class LogRefused(Exception):
    """A statement with a line feed: it would not be one line of the log."""

    code = "bag-log"


@dataclass(frozen=True, slots=True)
class BagSummary:
    """What was written: where, the payload's files and bytes, the log, the SHA-256 of the tag manifest (hex)."""

    path: Path
    files: int
    octets: int
    log_size: int
    log_root: str
    check_code: str


class _Folder:
    """A bag in the making: every byte that goes in is hashed on its way."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.digests: dict[str, str] = {}
        self.octets = 0

    def put(self, path: str, content: bytes | str) -> str:
        """Write a file; returns its digest."""
        data = content.encode() if isinstance(content, str) else content
        with self._place(path).open("xb") as file:
            file.write(data)
            settle(file)
        return self._note(path, sha256(data).hexdigest(), len(data))

    def take(self, path: str, source: Path) -> str:
        """A large file: a hard link where the file system allows one, else a copy; read once either way."""
        place = self._place(path)
        try:
            os.link(source, place)
            with source.open("rb") as file:
                digest = _digest(file, None)
        except OSError:
            with source.open("rb") as file, place.open("xb") as copy:
                digest = _digest(file, copy)
                settle(copy)
        place.chmod(0o444)
        return self._note(path, digest, place.stat().st_size)

    def manifest(self, name: str, paths: list[str]) -> bytes:
        """Write a list of files in the form that both sha256sum and bagit.py read: two spaces, ascending."""
        data = "".join(f"{self.digests[path]}  {path}\n" for path in sorted(paths)).encode()
        self.put(name, data)
        return data

    def sync(self) -> None:
        """Make every folder's entries durable."""
        for folder, _, _ in os.walk(self.root):
            sync_folder(Path(folder))

    def _place(self, path: str) -> Path:
        if not SAFE.fullmatch(path):
            raise NameRefused(path)
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _note(self, path: str, digest: str, size: int) -> str:
        self.digests[path] = digest
        if path.startswith("data/"):
            self.octets += size
        return digest


def _digest(file: BinaryIO, copy: BinaryIO | None) -> str:
    running = sha256()
    while block := file.read(BLOCK):
        running.update(block)
        if copy:
            copy.write(block)
    return running.hexdigest()


def write_bag(target: Path, source: BagSource, seal: Callable[[bytes], Seal]) -> BagSummary:
    """Write the bag at `target`; `seal` seals the tag manifest's bytes.

    Raises BagExists, NameRefused, LogRefused, and KeyError for a signature without a stamp; after any error nothing
    stands at `target`.
    """
    if target.exists():
        raise BagExists(target.name)
    making = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        making.chmod(0o755)
        folder = _Folder(making)
        _write_payload(folder, source)
        payload, octets = list(folder.digests), folder.octets
        folder.manifest("manifest-sha256.txt", payload)
        root = root_of_entries(sha256(raw).digest() for raw in source.log.statements).hex()
        folder.put("bagit.txt", BAGIT)
        folder.put("bag-info.txt", _information(source, f"{octets}.{len(payload)}", root))
        folder.put("verify.pyz", pyz.build())
        folder.put("VERIFY.txt", by_hand.text(source))
        for name, content in source.trust.items():
            folder.put(f"trust/{name}", content)
        tag_manifest = folder.manifest("tagmanifest-sha256.txt", sorted(folder.digests.keys() - set(payload)))
        sealed = seal(tag_manifest)
        folder.put("tagmanifest-sha256.txt.p7s", sealed.signature)
        folder.put("tagmanifest-sha256.txt.tsr", sealed.timestamp)
        folder.sync()
        _publish(making, target)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    check_code = sha256(tag_manifest).hexdigest()
    return BagSummary(target, len(payload), octets, len(source.log.statements), root, check_code)


def _publish(making: Path, target: Path) -> None:
    """Give the bag its name. A folder can replace an empty one only, so two writers cannot both succeed."""
    try:
        making.rename(target)
    except OSError as error:
        raise BagExists(target.name) from error
    sync_folder(target.parent)


def _information(source: BagSource, oxum: str, root: str) -> str:
    stated: Information = source.information
    lines = {
        "Source-Organization": stated.organisation,
        "External-Identifier": source.case,
        "Bagging-Date": stated.date,
        "Payload-Oxum": oxum,
        "Bid-Profile": f"{stated.profile} {stated.profile_digest}",
        "Bid-Log-Size": str(len(source.log.statements)),
        "Bid-Log-Root": root,
    }
    if stated.notice:
        lines["Bid-Notice"] = stated.notice
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in lines.items())


def _write_payload(folder: _Folder, source: BagSource) -> None:
    _write_log(folder, source)
    for record in source.authorisations:
        folder.put(f"data/authorisations/{sha256(record).hexdigest()}.json", record)
    _write_documents(folder, source)
    for name, signature in source.answers.items():
        folder.put(f"data/clarifications/{name}.p7s", signature)
    _write_draws(folder, source)
    folder.put("data/criteria/profile.json", source.profile)
    folder.put("data/revoked.crl", source.revoked)
    if source.revoked_sm2:
        folder.put("data/revoked.sm2.crl", source.revoked_sm2)
    for name, lot in source.lots.items():
        _write_tally(folder, lot.tally, name)
        if lot.report.pdf:
            _write_report(folder, source, name)
    for path, file in sorted(source.footage.items()):
        folder.take(f"data/footage/{path}", file)


def _write_draws(folder: _Folder, source: BagSource) -> None:
    for name, draw in source.draws.items():
        folder.put(f"data/draw/{name}.json", draw.transcript)
        folder.put(f"data/draw/{name}-pool.jsonl", draw.pool)
        folder.put(f"data/draw/{name}-order.json", draw.order)
        if draw.standing:
            folder.put(f"data/draw/{name}-standing.json", draw.standing)


def _write_tally(folder: _Folder, tally: Tally, lot: str) -> None:
    """A lot's criteria, and its computation unless the tender failed before there was one."""
    if tally.input:
        folder.put(f"{folder_of('data/tally', lot)}/tally.json", tally.input)
        folder.put(f"{folder_of('data/tally', lot)}/result.json", tally.result)
    folder.put(f"{folder_of('data/criteria', lot)}/criteria.json", tally.criteria)


def _write_report(folder: _Folder, source: BagSource, lot: str) -> None:
    """A lot's report with its signatures, and those that were made void before it."""
    report, place = source.lots[lot].report, folder_of("data/report", lot)
    folder.put(f"{place}/report.pdf", report.pdf)
    folder.put(f"{place}/data.json", report.data)
    if report.signed:
        folder.put(f"{place}/signed.pdf", report.signed)
        folder.put(f"{place}/validation.json", report.validation)
    for member, signatures in report.signatures.items():
        _write_signatures(folder, source, f"{place}/signatures/{member}", signatures)
    for digest, voided in report.voided.items():
        folder.put(f"{place}/voided/{digest}.pdf", voided.pdf)
        for member, signatures in voided.signatures.items():
            _write_signatures(folder, source, f"{place}/voided/{digest}/{member}", signatures)


def _write_signatures(folder: _Folder, source: BagSource, path: str, signatures: Signatures) -> None:
    """The signatures over one content, each with the time stamp over it."""
    for ending, signature in signatures.files.items():
        digest = folder.put(f"{path}{ending}", signature)
        folder.put(f"{path}{ending.rpartition('.')[0]}.tsr", source.timestamps[digest])


def _write_log(folder: _Folder, source: BagSource) -> None:
    log = source.log
    if any(b"\n" in raw for raw in log.statements):
        raise LogRefused(source.case)
    folder.put("data/log/log.jsonl", b"".join(raw + b"\n" for raw in log.statements))
    folder.put("data/log/entries.txt", "".join(f"{sha256(raw).hexdigest()}\n" for raw in log.statements))
    for size, checkpoint in log.checkpoints.items():
        folder.put(f"data/log/checkpoints/{size:09d}.note", checkpoint)
    folder.put("data/log/deployment/statement.json", log.deployment_statement)
    folder.put("data/log/deployment/proof.txt", log.deployment_proof)
    for index, signatures in source.signatures.items():
        folder.put(f"data/records/{index:06d}.json", log.statements[index])
        _write_signatures(folder, source, f"data/records/{index:06d}", signatures)


def _write_documents(folder: _Folder, source: BagSource) -> None:
    """Each document once under its digest, however many statements name it."""
    index: dict[str, dict[str, str | int]] = {}
    for document in source.documents:
        content = document.content
        if isinstance(content, Path):
            with content.open("rb") as file:
                digest, size = _digest(file, None), content.stat().st_size
        else:
            digest, size = sha256(content).hexdigest(), len(content)
        path = f"data/documents/{digest}{PurePosixPath(document.name).suffix}"
        if digest in index:
            continue
        if isinstance(content, Path):
            folder.take(path, content)
        else:
            folder.put(path, content)
        index[digest] = {"name": document.name, "role": document.role, "size": size}
    folder.put("data/documents/index.json", canonical(index))
