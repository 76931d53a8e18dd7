"""Steps 5, 6 and 10: who signed what, with the certificate enrolled in the log, under which authorisation."""

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from archive.verifier import authorisation, cms, x509
from archive.verifier.context import Context, Found, Line
from archive.verifier.findings import Finding
from archive.verifier.lots import Lot, lots_of

RECORDS, AUTHORISATIONS = "data/records", "data/authorisations"
REPORT, PDF, DATA = "data/report", "report.pdf", "data.json"
ENROLMENTS = ("seat.enrolled", "certificate.reissued", "person.enrolled")


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that ought to be there: its file, whose it is, over which digest, for which statement."""

    path: str
    who: str
    digest: bytes
    line: Line

    @property
    def stamp(self) -> str:
        """The file of its time stamp."""
        return self.path.removesuffix(".p7s") + ".tsr"

    @property
    def name(self) -> str:
        """How a finding names it."""
        return f"{self.path} {self.line.stated.kind} {self.who}"


def check(context: Context) -> Found:
    """Step 5: each signed statement again under records/, its signature valid, its certificate the enrolled one."""
    enrolled = list(_enrolments(context))
    for line in context.log.of(*ENROLMENTS):
        if not _is_whole(line):
            yield Finding(5, line.name, "certificate")
    wanted: set[str] = set()
    for one in statements(context):
        copy = one.path.removesuffix(".p7s") + ".json"
        wanted |= {one.path, one.stamp, copy}
        if copy not in context.bag.sizes:
            yield Finding(5, copy, "missing", one.line.name)
        elif context.bag.read(copy) != one.line.raw:
            yield Finding(5, copy, "not-the-logs-line", one.line.name)
        yield from _check_signature(context, one, enrolled, 5)
    for path in context.bag.under(RECORDS):
        if path not in wanted:
            yield Finding(5, path, "nothing-signed-here")


def statements(context: Context) -> Iterator[Signed]:
    """The signatures that the log's statements call for."""
    for line in context.log.lines:
        if line.signer:
            yield Signed(f"{RECORDS}/{line.index:06d}.p7s", line.signer, sha256(line.raw).digest(), line)


def everything(context: Context) -> Iterator[Signed]:
    """The signatures that the log calls for: over its statements, and over the report of each lot."""
    yield from statements(context)
    for lot in lots_of(context):
        yield from reports(lot)


def reports(lot: Lot) -> Iterator[Signed]:
    """The signatures over a lot's report that its members' statements call for: all but the recorded refusals.

    Those over a report that was made void since lie apart, under its digest.
    """
    digest = bytes.fromhex(lot.context.hashes.of(lot.at(REPORT, PDF)))
    for line in lot.context.log.of("report.signed"):
        own = bytes.fromhex(str(line.body["report"]))
        folder = lot.at(REPORT, "signatures" if own == digest else f"voided/{own.hex()}")
        if line.body["outcome"] != "refused":
            yield Signed(f"{folder}/{line.signer}.p7s", line.signer, own, line)


def _enrolments(context: Context) -> Iterator[tuple[int, str, str]]:
    """(index, who, fingerprint) of every certificate the log enrols."""
    for line in context.log.of(*ENROLMENTS):
        yield line.index, str(line.body.get("member", line.body.get("who"))), str(line.body["certificate_sha256"])


def _is_whole(line: Line) -> bool:
    try:
        certificate = x509.read(b64decode(str(line.body["certificate"]), validate=True))
    except ValueError:
        return False
    return certificate.sha256 == str(line.body["certificate_sha256"])


def _check_signature(context: Context, one: Signed, enrolled: list[tuple[int, str, str]], step: int) -> Found:
    if one.path not in context.bag.sizes:
        yield Finding(step, one.path, "missing", one.line.name)
        return
    try:
        found = cms.verify(context.bag.read(one.path), one.digest, context.trust.root, context.now)
    except cms.CmsRefused as refused:
        yield Finding(step, one.name, "signature", refused.code)
        return
    current = [mark for index, who, mark in enrolled if who == one.who and index < one.line.index]
    if current[-1:] != [found.signer.sha256]:
        yield Finding(step, one.name, "not-the-enrolled-certificate", found.signer.sha256)


def check_authorisations(context: Context) -> Found:
    """Step 6: each signature under a record that covers it, each leaf of each record used once."""
    used: Counter[tuple[str, str]] = Counter()
    for one in everything(context):
        try:
            signature = cms.read(context.bag.read(one.path))
        except cms.CmsRefused:
            continue  # Named by step 5 or 10.
        path = f"{AUTHORISATIONS}/{signature.authorisation.hex() if signature.authorisation else 'none'}.json"
        if path not in context.bag.sizes:
            yield Finding(6, one.name, "no-authorisation", path)
            continue
        used[path, signature.digest.hex()] += 1
        for fault in authorisation.faults(context.bag.read(path), signature, context.log.case):
            yield Finding(6, path, fault, one.name)
    contents = {sha256(line.raw).hexdigest(): line.raw for line in context.log.lines}
    for path in context.bag.under(AUTHORISATIONS):
        yield from _check_record(context, path, used)
        if not authorisation.shows(context.bag.read(path), contents):
            yield Finding(6, path, "authorisation-display")


def _check_record(context: Context, path: str, used: Counter[tuple[str, str]]) -> Found:
    record = context.bag.read(path)
    if path != f"{AUTHORISATIONS}/{sha256(record).hexdigest()}.json":
        yield Finding(6, path, "name-is-not-the-digest")
    leaves = authorisation.leaves(record)
    if not leaves:
        yield Finding(6, path, "authorisation-malformed")
    for leaf in leaves:
        if used[path, leaf] != 1:
            yield Finding(6, path, "leaf-unused" if not used[path, leaf] else "leaf-used-twice", leaf)


def check_report(context: Context) -> Found:
    """Step 10: each lot's report is the one logged; every member has signed it, refused, or is silent on record.

    A case that was ended has no report, or one that nobody had to answer any more.
    """
    enrolled, wanted = list(_enrolments(context)), set[str]()
    for lot in lots_of(context):
        rendered = lot.context.log.of("report.rendered")
        if rendered:
            wanted |= {lot.at(REPORT, PDF), lot.at(REPORT, DATA)}
            wanted |= {lot.at(REPORT, f"voided/{line.body['report']}.pdf") for line in rendered[:-1]}
            yield from _check_lot(lot, rendered)
        elif not lot.context.log.of("case.aborted"):
            yield Finding(10, lot.at(REPORT, PDF), "no-statement", "report.rendered")
        for one in reports(lot) if rendered else ():
            wanted |= {one.path, one.stamp}
            yield from _check_signature(context, one, enrolled, 10)
    for path in context.bag.under(REPORT):
        if path not in wanted:
            yield Finding(10, path, "nobody-names-it" if path.endswith((".pdf", ".json")) else "nothing-signed-here")


def _check_lot(lot: Lot, rendered: list[Line]) -> Found:
    """The PDF and its data, those made void before it, and whether everybody has answered."""
    *earlier, last = rendered
    for name, key in ((PDF, "report"), (DATA, "data")):
        if lot.context.hashes.of(lot.at(REPORT, name)) != last.body[key]:
            yield Finding(10, lot.at(REPORT, name), "digest-differs", last.name)
    for line in earlier:
        path = lot.at(REPORT, f"voided/{line.body['report']}.pdf")
        if lot.context.hashes.of(path) != line.body["report"]:
            yield Finding(10, path, "digest-differs", line.name)
    if not lot.context.log.of("case.aborted"):
        yield from _check_signers(lot, last)


def _check_signers(lot: Lot, rendered: Line) -> Found:
    context, report = lot.context, str(rendered.body["report"])
    answered = [line for line in context.log.of("report.signed") if line.index > rendered.index]
    answers = Counter(line.signer for line in answered)
    silent = _silent(context, report)
    opened = context.log.of("committee.opened")[-1:]
    for member in (str(one["member"]) for line in opened for one in line.body["members"]):
        if answers[member] != 1 and not (member in silent and not answers[member]):
            path = lot.at(REPORT, f"signatures/{member}.p7s")
            yield Finding(10, path, "no-answer-to-the-report", str(answers[member]))
    for line in answered:
        if line.body["report"] != report:
            yield Finding(10, line.name, "digest-differs", lot.at(REPORT, PDF))


def _silent(context: Context, report: str) -> set[str]:
    """Members whose silence on this report was stated for the committee and countersigned by the witness."""
    stated = {
        line.stated.entry.hex(): str(line.body["member"])
        for line in context.log.of("consent.stated")
        if line.body["report"] == report and line.signer != line.body["member"]
    }
    return {
        stated[line.body["statement"]]
        for line in context.log.of("consent.witnessed")
        if line.body["by"]["role"] == "witness" and stated.get(line.body["statement"]) == line.body["member"]
    }
