"""Steps 5, 6 and 10: who signed what, with the certificate enrolled in the log, under which authorisation.

A content has one signature of each kind that the rule profile wants: P-256, SM2, or both (docs/sm2.md).
"""

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from archive.verifier import authorisation, cms, x509
from archive.verifier.context import Context, Found, Line, suites_of
from archive.verifier.findings import Finding
from archive.verifier.lots import Lot, lots_of
from archive.verifier.second_screen import Screens
from archive.verifier.security_key import Registered
from archive.verifier.suites import BOTH, P256, Suite

RECORDS, AUTHORISATIONS = "data/records", "data/authorisations"
REPORT, PDF, DATA = "data/report", "report.pdf", "data.json"
INSIDE = ("signed.pdf", "validation.json")
"""The report with its members' signatures inside, and what an outside judge said of it when the bag was made."""
ISSUING = "trust/issuing.pem"
ENROLMENTS = ("seat.enrolled", "certificate.reissued", "person.enrolled")


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that ought to be there: its file (`stem` and the suite's ending), whose it is, for which statement.

    `digest` is its suite's of the content, `leaf` the content's SHA-256, which was authorised.
    """

    stem: str
    suite: Suite
    who: str
    digest: bytes
    leaf: bytes
    line: Line

    @property
    def path(self) -> str:
        """Its file."""
        return self.stem + self.suite.ending

    @property
    def stamp(self) -> str:
        """The file of its time stamp: `….tsr`, of a twin `….sm2.tsr`."""
        return f"{self.path.rpartition('.')[0]}.tsr"

    @property
    def name(self) -> str:
        """How a finding names it."""
        return f"{self.path} {self.line.stated.kind} {self.who}"


def check(context: Context) -> Found:
    """Step 5: each signed statement again under records/, its signature valid, its certificate the enrolled one."""
    enrolled = enrolments(context)
    yield from _check_enrolments(context)
    wanted: set[str] = set()
    for one in statements(context):
        copy = f"{one.stem}.json"
        if copy not in wanted and copy not in context.bag.sizes:
            yield Finding(5, copy, "missing", one.line.name)
        elif copy not in wanted and context.bag.read(copy) != one.line.raw:
            yield Finding(5, copy, "not-the-logs-line", one.line.name)
        wanted |= {one.path, one.stamp, copy}
        yield from _check_signature(context, one, enrolled, 5)
    for path in context.bag.under(RECORDS):
        if path not in wanted:
            yield Finding(5, path, "nothing-signed-here")


def _check_enrolments(context: Context) -> Found:
    lines = context.log.of(*ENROLMENTS)
    issuing = _issuing(context) if any(line.body.get("provider") for line in lines) else []
    for line in lines:
        if not all(_is_whole(line, suite) for suite in {P256, *suites_of(context)}):
            yield Finding(5, line.name, "certificate")
        elif line.body.get("provider") and not _is_of_a_provider(context, line, issuing):
            yield Finding(5, line.name, "provider-certificate", str(line.body["provider"]))


def statements(context: Context) -> Iterator[Signed]:
    """The signatures that the log's statements call for."""
    suites = suites_of(context)
    for line in context.log.lines:
        if line.signer:
            leaf, stem = P256.digest(line.raw), f"{RECORDS}/{line.index:06d}"
            yield from (Signed(stem, suite, line.signer, suite.digest(line.raw), leaf, line) for suite in suites)


def everything(context: Context) -> Iterator[Signed]:
    """The signatures that the log calls for: over its statements, and over the report of each lot."""
    yield from statements(context)
    for lot in lots_of(context):
        yield from reports(lot)


def reports(lot: Lot) -> Iterator[Signed]:
    """The signatures over a lot's report that its members' statements call for: all but the recorded refusals.

    Those over a report that was made void since lie apart, under its digest.
    """
    last, bag = lot.context.hashes.of(lot.at(REPORT, PDF)), lot.context.bag
    for line in lot.context.log.of("report.signed"):
        own = str(line.body["report"])
        stem = f"{lot.at(REPORT, 'signatures' if own == last else f'voided/{own}')}/{line.signer}"
        paper = lot.at(REPORT, PDF if own == last else f"voided/{own}.pdf")
        for suite in suites_of(lot.context) if line.body["outcome"] != "refused" else ():
            digest = bytes.fromhex(own) if suite is P256 else suite.digest(bag.read(paper))
            yield Signed(stem, suite, line.signer, digest, bytes.fromhex(own), line)


def answers(lot: Lot) -> dict[str, Line]:
    """Who signed the lot's last report, by member; their signatures stand inside the PDF, too."""
    report = [line.body["report"] for line in lot.context.log.of("report.rendered")][-1:]
    signed = lot.context.log.of("report.signed")
    return {
        line.signer: line for line in signed if [line.body["report"]] == report and line.body["outcome"] != "refused"
    }


Enrolled = Mapping[Suite, list[tuple[int, str, str]]]
"""(index, who, fingerprint) of every certificate the log enrols, by its kind."""


def enrolments(context: Context) -> Enrolled:
    """See `Enrolled`; a fingerprint is "" where a person has no certificate of that kind."""
    lines = context.log.of(*ENROLMENTS)
    return {
        suite: [
            (line.index, str(line.body.get("member", line.body.get("who"))), _fingerprint(line, suite))
            for line in lines
        ]
        for suite in BOTH
    }


def _fingerprint(line: Line, suite: Suite) -> str:
    return str(line.body.get(f"{suite.prefix}certificate_sha256", ""))


def certificate_in(line: Line, suite: Suite) -> x509.Certificate:
    """The certificate of one kind that a statement enrols. Raises ValueError."""
    return x509.read(b64decode(str(line.body.get(f"{suite.prefix}certificate", "")), validate=True))


def current(enrolled: Enrolled, line: Line, suite: Suite = P256) -> str:
    """The certificate last enrolled for a statement's signer before it; "" where there was none."""
    found = [mark for index, who, mark in enrolled[suite] if who == line.signer and index < line.index]
    return found[-1] if found else ""


def _is_whole(line: Line, suite: Suite) -> bool:
    try:
        certificate = certificate_in(line, suite)
    except ValueError:
        return False
    return certificate.suite is suite and certificate.sha256 == _fingerprint(line, suite)


def _issuing(context: Context) -> list[x509.Certificate]:
    """The issuing CAs' certificates in all signatures, each once."""
    signatures = (_signature(context, one) for one in everything(context) if one.path in context.bag.sizes)
    return list({one.issuing.raw: one.issuing for one in signatures if one is not None}.values())


def _is_of_a_provider(context: Context, line: Line, issuing: list[x509.Certificate]) -> bool:
    """Whether a key said to be held elsewhere has a certificate under the root that is published for those.

    Its issuing CA lies in the signatures; of one that no signature here shows, all there is to see is that it is not
    the centre's.
    """
    certificate, root = certificate_in(line, P256), context.trust.licensed
    shown = [one for one in issuing if x509.is_signed_by(certificate, one)]
    if root is None:
        return False
    if shown:
        return all(x509.is_signed_by(one, root) for one in shown)
    try:
        return certificate.issuer != x509.read_pem(context.bag.read(ISSUING)).subject
    except x509.NotACertificate:
        return False


def _check_signature(context: Context, one: Signed, enrolled: Enrolled, step: int) -> Found:
    if one.path not in context.bag.sizes:
        yield Finding(step, one.path, "missing", one.line.name)
        return
    root = context.trust.root_of(one.suite)
    try:
        if root is None:
            raise cms.CmsRefused("cms-path", "no SM2 root is trusted")
        data = context.bag.read(one.path)
        if root is context.trust.root:
            root = context.trust.signers_root(cms.read(data).issuing)
        found = cms.verify(data, one.digest, root, context.now)
    except cms.CmsRefused as refused:
        yield Finding(step, one.name, "signature", refused.code)
        return
    if current(enrolled, one.line, one.suite) != found.signer.sha256:
        yield Finding(step, one.name, "not-the-enrolled-certificate", found.signer.sha256)


def check_authorisations(context: Context) -> Found:
    """Step 6: each signature under a record that covers it, each leaf of each record used once, twins of one act."""
    used: Counter[tuple[str, str]] = Counter()
    credentials, keys, counters = _credentials(context), _registered(context), dict[str, int]()
    screens = Screens(context)
    beside: dict[str, cms.Signature] = {}
    yield from _registered_twice(context)
    for one in everything(context):
        signature = _signature(context, one)
        if signature is None:
            continue  # Named by step 5 or 10.
        other = beside.setdefault(one.stem, signature)
        if (other.signed_at, other.authorisation) != (signature.signed_at, signature.authorisation):
            yield Finding(6, one.name, "twin-differs")
        path = f"{AUTHORISATIONS}/{signature.authorisation.hex() if signature.authorisation else 'none'}.json"
        if path not in context.bag.sizes:
            yield Finding(6, one.name, "no-authorisation", path)
            continue
        record, (credential, certificate) = context.bag.read(path), credentials.get(signature.signer.sha256, ("", ""))
        leaf = one.leaf if signature.digest == one.digest else signature.digest
        is_new = not any(used[path, leaf] for leaf in authorisation.leaves(record))
        used[path, leaf.hex()] += other is signature
        signed = (leaf, signature.signed_at, signature.authorisation)
        release = authorisation.Release(*signed, certificate, credential, keys.get(credential))
        faults = authorisation.faults(record, release, context.log.case)
        for fault in filter(None, (*faults, screens.fault(one.line, authorisation.display(record)))):
            yield Finding(6, path, fault, one.name)
        if is_new and credential in keys:
            yield from _count(context, path, credential, counters)
    yield from _check_records(context, used)


def _signature(context: Context, one: Signed) -> cms.Signature | None:
    try:
        return cms.read(context.bag.read(one.path))
    except cms.CmsRefused:
        return None


def _credentials(context: Context) -> dict[str, tuple[str, str]]:
    """The credential that the log enrols with each certificate of either kind, and the P-256 one, by fingerprint."""
    lines = list(reversed(context.log.of(*ENROLMENTS)))  # The first one stands.
    return {
        _fingerprint(line, suite): (str(line.body["credential"]), _fingerprint(line, P256))
        for suite in BOTH
        for line in lines
    }


def _registered(context: Context) -> dict[str, Registered]:
    """The security key of each credential that has one."""
    return {
        str(line.body["credential"]): Registered(bytes.fromhex(str(line.body["point"])), str(line.body["origin"]))
        for line in reversed(list(context.log.of("key.registered")))  # The first one stands.
    }


def _registered_twice(context: Context) -> Found:
    """A credential keeps the security key that was registered with it."""
    seen: set[str] = set()
    for line in context.log.of("key.registered"):
        credential = str(line.body["credential"])
        if credential in seen:
            yield Finding(6, line.name, "security-key-twice", credential)
        seen.add(credential)


def _count(context: Context, path: str, credential: str, counters: dict[str, int]) -> Found:
    """A security key's counter goes up from answer to answer, or stands at 0: two that do not are of two keys."""
    counter = authorisation.counter(context.bag.read(path))
    if counter is None:
        return  # Named already.
    if counter <= counters.get(credential, 0) and (counter or counters.get(credential)):
        yield Finding(6, path, "security-key-counter")
    counters[credential] = counter


def _check_records(context: Context, used: Counter[tuple[str, str]]) -> Found:
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
    enrolled, wanted = enrolments(context), set[str]()
    for lot in lots_of(context):
        rendered = lot.context.log.of("report.rendered")
        if rendered:
            wanted |= {lot.at(REPORT, PDF), lot.at(REPORT, DATA)}
            wanted |= {lot.at(REPORT, f"voided/{line.body['report']}.pdf") for line in rendered[:-1]}
            wanted |= {lot.at(REPORT, name) for name in INSIDE if answers(lot)}
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
    given = Counter(line.signer for line in answered)
    silent = _silent(context, report)
    opened = context.log.of("committee.opened")[-1:]
    for member in (str(one["member"]) for line in opened for one in line.body["members"]):
        if given[member] != 1 and not (member in silent and not given[member]):
            path = lot.at(REPORT, f"signatures/{member}.p7s")
            yield Finding(10, path, "no-answer-to-the-report", str(given[member]))
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
