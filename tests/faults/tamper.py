"""Forging a bag: change one byte of one object, make the lists anew, seal it with another key. For tests only."""

import random
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from signing.canonical import canonical, parse
from tests.archive.authority import NOW, House, sign, stamp

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SEAL, SEAL_STAMP = "tagmanifest-sha256.txt.p7s", "tagmanifest-sha256.txt.tsr"
KINDS: dict[str, Callable[[str], bool]] = {
    "timestamp": lambda path: path.endswith(".tsr"),
    "statement": lambda path: path == "data/log/log.jsonl",
    "entry": lambda path: path == "data/log/entries.txt",
    "checkpoint": lambda path: path.startswith("data/log/checkpoints/"),
    "deployment": lambda path: path.startswith("data/log/deployment/"),
    "record": lambda path: path.startswith("data/records/") and path.endswith(".json"),
    "signature": lambda path: path.startswith("data/records/") and path.endswith(".p7s"),
    "twin": lambda path: path.startswith("data/records/") and path.endswith(".sm2.cms"),
    "authorisation": lambda path: path.startswith("data/authorisations/"),
    "revocations": lambda path: path in {"data/revoked.crl", "data/revoked.sm2.crl"},
    "index": lambda path: path == "data/documents/index.json",
    "document": lambda path: path.startswith("data/documents/"),
    "answer": lambda path: path.startswith("data/clarifications/"),
    "draw": lambda path: path.startswith("data/draw/"),
    "tally": lambda path: path.startswith("data/tally/"),
    "criteria": lambda path: path.startswith("data/criteria/"),
    "report-signature": lambda path: path.startswith("data/report/signatures/"),
    "validation": lambda path: path.startswith("data/report/") and path.endswith("validation.json"),
    "report": lambda path: path.startswith("data/report/"),
    "sidecar": lambda path: path.startswith("data/footage/") and path.endswith(".jsonl"),
    "footage": lambda path: path.startswith("data/footage/"),
    "trust": lambda path: path.startswith("trust/"),
    "root": lambda path: "/" not in path,
}
"""The first that fits gives a file's kind. What a kind's objects are protected by is said in docs/archive-format.md."""

SEALED_ONLY = {"trust", "root", "index", "validation"}
"""Kinds of which the seal alone protects every byte: whoever can seal anew can change some unseen by the rest."""


def kinds(bag: Path) -> dict[str, list[str]]:
    """Every file of the bag by its kind, paths relative and ascending."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(file for file in bag.rglob("*") if file.is_file()):
        path = file.relative_to(bag).as_posix()
        found[next(kind for kind, fits in KINDS.items() if fits(path))].append(path)
    return dict(found)


def copy(bag: Path, to: Path) -> Path:
    """A forger's own copy, writable; never a link to the original."""
    shutil.copytree(bag, to)
    for file in to.rglob("*"):
        if file.is_file():
            file.chmod(0o644)
    return to


def mutate(bag: Path, path: str, offset: int) -> None:
    """Flip the lowest bit of one byte; a negative offset counts from the end."""
    content = bytearray((bag / path).read_bytes())
    content[offset] ^= 1
    (bag / path).write_bytes(content)


def relist(bag: Path) -> None:
    """Write both manifests and the payload's figures anew, so that they fit whatever lies there now."""
    files = sorted(file.relative_to(bag).as_posix() for file in bag.rglob("*") if file.is_file())
    payload = [path for path in files if path.startswith("data/")]
    oxum = f"Payload-Oxum: {sum((bag / path).stat().st_size for path in payload)}.{len(payload)}"
    information = (bag / "bag-info.txt").read_bytes().split(b"\n")
    lines = [oxum.encode() if line.startswith(b"Payload-Oxum: ") else line for line in information]
    (bag / "bag-info.txt").write_bytes(b"\n".join(lines))
    _write_list(bag, MANIFEST, payload)
    _write_list(bag, TAG_MANIFEST, [path for path in files if path not in {*payload, TAG_MANIFEST, SEAL, SEAL_STAMP}])


def _write_list(bag: Path, name: str, paths: list[str]) -> None:
    lines = [f"{sha256((bag / path).read_bytes()).hexdigest()}  {path}\n" for path in paths]
    (bag / name).write_text("".join(lines), encoding="utf-8")


def reseal(bag: Path, other: House, at: int = NOW) -> None:
    """Make the lists anew and seal them with another house's key. The bag still names its own root."""
    relist(bag)
    seal = sign(other.signer, other.issuing, (bag / TAG_MANIFEST).read_bytes(), at=at)
    (bag / SEAL).write_bytes(seal)
    (bag / SEAL_STAMP).write_bytes(stamp(other, seal, at))


def replace_root(bag: Path, other: House) -> None:
    """Let the bag name the other house's root and sealing certificate; to be followed by `reseal`."""
    pems = {"root.pem": other.root, "issuing.pem": other.issuing, "timestamp.pem": other.root}
    for name, holder in pems.items():
        (bag / "trust" / name).write_bytes(holder.pem)
    stated = parse((bag / "trust" / "deployment.json").read_bytes())
    assert isinstance(stated, dict)
    root, seal = (sha256(holder.der).hexdigest() for holder in (other.root, other.signer))
    (bag / "trust" / "deployment.json").write_bytes(canonical({**stated, "root": root, "seal": seal}))


@dataclass(frozen=True, slots=True)
class Change:
    """One flipped bit: which kind of object, which file, which byte."""

    kind: str
    path: str
    offset: int


def changes(bag: Path, count: int) -> list[Change]:
    """So many changes, the same each time: the kinds in turn, a file and a byte of it by a seeded lot."""
    lot, found = random.Random(count), kinds(bag)
    names = sorted(found)
    chosen = []
    for number in range(count):
        kind = names[number % len(names)]
        path = lot.choice(found[kind])
        chosen.append(Change(kind, path, lot.randrange((bag / path).stat().st_size)))
    return chosen


def trace_of(bag: Path, change: Change) -> str:
    """How a finding of the inner layers begins that names the change: the line of a list, or the file.

    The deployment's statement and its proof are judged together: the finding may name either of the two.
    """
    if change.kind == "deployment":
        return "data/log/deployment/"
    if change.kind in {"statement", "entry", "sidecar"}:
        return f"{change.path} line {(bag / change.path).read_bytes()[: change.offset].count(10) + 1}"
    return change.path.removesuffix(".p7s")
