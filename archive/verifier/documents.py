"""Step 7: every document that a statement names by its digest is there, and no other; criteria, answers too."""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from archive.verifier import outside
from archive.verifier.context import PROFILE, Context, Found, Line
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.lots import Lot, lots_of
from signing.canonical import NotCanonical, parse

FOLDER, INDEX = "data/documents", "data/documents/index.json"
ANSWERS = "data/clarifications"
NAMING = (
    ("clarification.answered", "file"),
    ("pledge.signed", "text"),
    ("representative.authorised", "letter"),
    ("rollback.decided", "snapshot"),
    ("reevaluation.authorised", "paper"),
    ("committee.recalled", "statement"),
    ("committee.recalled", "proof"),
    ("precheck.stated", "findings"),
)
CRITERIA = ("data/criteria", "criteria.json")


def check(context: Context) -> Found:
    """Documents against statements, in both directions."""
    named = dict(_named(context))
    lying = {PurePosixPath(path).stem: path for path in context.bag.under(FOLDER) if path != INDEX}
    for digest in sorted(named.keys() - lying.keys()):
        yield Finding(7, f"{FOLDER}/{digest}", "missing", named[digest].name)
    for digest, path in sorted(lying.items()):
        if context.hashes.of(path) != digest:
            yield Finding(7, path, "name-is-not-the-digest")
        if digest not in named:
            yield Finding(7, path, "nobody-names-it")
    yield from _check_index(context, lying)
    yield from _check_frozen(context)
    yield from _check_answers(context)


def _named(context: Context) -> Iterator[tuple[str, Line]]:
    for line in context.log.of("package.received"):
        for file in line.body["files"]:
            yield str(file["sha256"]), line
    for kind, key in NAMING:
        for line in context.log.of(kind):
            if key in line.body:
                yield str(line.body[key]), line
    for line in context.log.of("draw.requested"):
        if "input" in line.body["request"]:
            yield str(line.body["request"]["input"]), line


def _check_index(context: Context, lying: dict[str, str]) -> Found:
    try:
        index: Any = parse(context.bag.read(INDEX))
    except NotCanonical as error:
        yield Finding(7, INDEX, "not-its-one-form", str(error))
        return
    for digest in sorted(index.keys() | lying.keys()):
        entry, path = index.get(digest), lying.get(digest)
        if path is None or entry is None or not _describes(entry, path, context.bag.sizes[path]):
            yield Finding(7, f"{INDEX} {digest}", "index-differs")
    packed: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for line in context.log.of("package.received"):
        for file in line.body["files"]:
            packed[file["sha256"]].append((file["path"], file["role"], file["size"]))
    for digest, files in sorted(packed.items()):
        entry = index.get(digest)
        if entry is not None and (entry["name"], entry["role"], entry["size"]) not in files:
            yield Finding(7, f"{INDEX} {digest}", "not-as-logged")


def _describes(entry: dict[str, Any], path: str, size: int) -> bool:
    if entry.keys() != {"name", "role", "size"}:
        return False
    return entry["size"] == size and PurePosixPath(str(entry["name"])).suffix == PurePosixPath(path).suffix


def _check_frozen(context: Context) -> Found:
    """The criteria of each lot and the rule profile are those that the log froze."""
    created = context.log.of("case.created")[:1]
    frozen = [(PROFILE, line, line.body["profile"]["digest"]) for line in created]
    frozen += [one for lot in lots_of(context) for one in _criteria(lot)]
    known = {path for path, _, _ in frozen}
    for path in sorted({*context.bag.under("data/criteria"), PROFILE} - known):
        yield Finding(7, path, "nobody-names-it")
    for path, line, digest in frozen:
        if context.hashes.of(path) != digest:
            yield Finding(7, path, "digest-differs", line.name)


def _criteria(lot: Lot) -> Iterator[tuple[str, Line, str]]:
    """Where a lot's criteria lie, the statement of the tender package, the digest in it."""
    for line in lot.context.log.of("package.received"):
        rows = [row for row in line.body.get("lots", ()) if row["id"] == lot.id] if lot.id else [line.body]
        for row in rows:
            if "criteria" in row:
                yield lot.at(*CRITERIA), line, str(row["criteria"])


def _check_answers(context: Context) -> Found:
    """Each answer to a clarification under the bidder's seal, by the certificate that the opening package brought."""
    wanted = set()
    asked = {str(line.body["id"]): str(line.body["bid"]) for line in context.log.of("clarification.asked")}
    for line in context.log.of("clarification.answered"):
        path = f"{ANSWERS}/{line.body['id']}.p7s"
        wanted.add(path)
        if context.hashes.of(path) != line.body["signature"]:
            yield Finding(7, path, "digest-differs", line.name)
        raw = _bidders_certificate(context, asked.get(str(line.body["id"]), ""))
        if sha256(raw).hexdigest() != line.body["seal"]:
            yield Finding(7, path, "not-the-sealing-certificate", line.name)
            continue
        try:
            is_right = outside.verify(
                context.bag.read(path), bytes.fromhex(str(line.body["file"])), outside.certificate(raw)
            )
        except outside.NotJudged as error:
            yield Unchecked(7, f"{path} {error}", "outside-signature")
            continue
        if not is_right:
            yield Finding(7, path, "signature", line.name)
    for path in context.bag.under(ANSWERS):
        if path not in wanted:
            yield Finding(7, path, "nobody-names-it")


def _bidders_certificate(context: Context, bid: str) -> bytes:
    for line in context.log.of("package.received"):
        for file in line.body["files"]:
            if (file["role"], file["path"]) == ("certificate", f"certificates/{bid}.pem"):
                return outside.certificate_in(context.bag.read(f"{FOLDER}/{file['sha256']}.pem"))
    return b""
