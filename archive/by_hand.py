"""VERIFY.txt: how to check this very bag with common tools, each command ready to run. Says nothing that is not so."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any, Final

from archive import by_hand_sm2
from archive.bag_source import BagSource, Signatures, folder_of
from archive.verifier import cms, timestamp, x509
from archive.verifier.kinds import CASE_KINDS
from signing.statement import Statement, parse_statement

TEMPLATE, TWIN = "VERIFY.txt", "VERIFY-sm2.txt"
TS: Final = "openssl ts -verify -CAfile trust/timestamp.pem"
CMS: Final = "openssl cms -verify -binary -inform DER -CAfile trust/root.pem -purpose any -out /dev/null"
LICENSED: Final = "licensed.pem"
INDENT: Final = "\n    "
NOTHING: Final = ":"
"""What there is to do where a case ended before anybody signed, or nothing was recorded."""


def text(source: BagSource) -> str:
    """The file's text for this bag, with one signed statement and one segment as examples, where there is one."""
    return _template(
        TEMPLATE,
        case=source.case,
        seal=f"{CMS} -in tagmanifest-sha256.txt.p7s -content tagmanifest-sha256.txt",
        seal_stamp=f"{TS} -in tagmanifest-sha256.txt.tsr -data tagmanifest-sha256.txt.p7s",
        **_record(source),
        segment=_segment(source),
        report=INDENT.join(_reports(source)) or NOTHING,
        inside=INDENT.join(_inside(source)) or NOTHING,
    )


def _template(name: str, **values: str) -> str:
    return Template(Path(__file__).with_name("templates").joinpath(name).read_text("utf-8")).substitute(values)


def _reports(source: BagSource) -> Iterator[str]:
    """A command a signature over the report, of one lot after another."""
    for name, lot in source.lots.items():
        place = folder_of("data/report", name)
        for member, signatures in sorted(lot.report.signatures.items()):
            if signatures.cms:
                yield _command(source, f"{place}/signatures/{member}.p7s", f"{place}/report.pdf", signatures.cms)


def _inside(source: BagSource) -> Iterator[str]:
    """A command a signed report: the report stands in front of it."""
    for name, lot in source.lots.items():
        place = folder_of("data/report", name)
        if lot.report.signed:
            yield f"head -c {len(lot.report.pdf)} {place}/signed.pdf | cmp - {place}/report.pdf"


def _record(source: BagSource) -> dict[str, str]:
    """The first signed statement: its line in the log, its entry, its signature."""
    if not source.signatures:
        return {"line": "1", **dict.fromkeys(("same_line", "same_entry", "record", "stamp"), NOTHING), "twin": ""}
    index = min(source.signatures)
    line, record = index + 1, f"data/records/{index:06d}"
    signatures = source.signatures[index]
    twin = by_hand_sm2.commands(f"{record}.sm2.cms", f"{record}.json", signatures.twin) if signatures.twin else ()
    return {
        "line": str(line),
        "same_line": f"sed -n {line}p data/log/log.jsonl | head -c -1 | cmp - {record}.json",
        "same_entry": f"sed -n {line}p data/log/entries.txt | sed 's|$|  {record}.json|' | sha256sum --check --quiet",
        "record": _command(source, f"{record}.p7s", f"{record}.json", signatures.cms) if signatures.cms else NOTHING,
        "stamp": INDENT.join(_stamps(source, record, signatures)),
        "twin": _template(TWIN, commands=INDENT.join(twin)) if twin else "",
    }


def _stamps(source: BagSource, record: str, signatures: Signatures) -> Iterator[str]:
    """An authority's certificate may have ended since: openssl is told to judge it at the time in the stamp."""
    for ending, file in signatures.files.items():
        at = timestamp.read(source.timestamps[sha256(file).hexdigest()]).at
        path = f"{record}{ending}"
        yield f"{TS} -attime {at} -in {path.rpartition('.')[0]}.tsr -data {path}"


def _command(source: BagSource, signature: str, content: str, file: bytes) -> str:
    """A member's certificate lives as long as its case: openssl is told to judge it at the time of signing."""
    found, licensed = cms.read(file), source.trust.get(LICENSED)
    is_licensed = licensed is not None and found.issuing.issuer == x509.read_pem(licensed).subject
    command = CMS.replace("root.pem", LICENSED) if is_licensed else CMS
    return f"{command} -attime {found.signed_at} -in {signature} -content {content}"


def _segment(source: BagSource) -> str:
    """The longest segment recorded."""
    files: dict[Any, Any] = {}
    found: list[tuple[int, str]] = []
    for stated in _footage(source):
        body = stated.body
        take = (body["seat"], body["track"], body["take"])
        if stated.kind == "take.started":
            files[take] = body["file"]
        elif take in files:
            place, length = f"data/footage/{files[take]}", int(str(body["len"]))
            cut = f"tail -c +{int(str(body['off'])) + 1} {place} | head -c {length}"
            found.append((length, f"{cut} | sha256sum | grep {body['sha256']}"))
    return max(found, default=(0, NOTHING))[1]


def _footage(source: BagSource) -> Iterator[Statement]:
    for raw in source.log.statements:
        if b'"kind":"take.started"' in raw or b'"kind":"segment.recorded"' in raw:
            stated = parse_statement(raw)
            if stated.kind in CASE_KINDS:
                yield stated
