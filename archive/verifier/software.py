"""Step 6, too: what other software had members sign (docs/csc.md), by keys that sign nothing else."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from archive.verifier import authorisation, der, p256, x509
from archive.verifier.context import Context, Found, Line
from archive.verifier.findings import Finding

STEP: Final = 6
ENROLLED, SIGNED = "software.enrolled", "software.signed"
ENDINGS: Final = ("member.replaced", "certificate.reissued")
ISSUING: Final = "trust/issuing.pem"
PURPOSE: Final = "software"


def check(context: Context) -> Found:
    """Each `software.signed` under a record for its digests, by the certificate last enrolled for other software."""
    for line in context.log.of(ENROLLED):
        if not _is_whole(line):
            yield Finding(STEP, line.name, "certificate")
    for line, enrolled in signed(context):
        yield from _check_signed(context, line, enrolled)


def signed(context: Context) -> Iterator[tuple[Line, Line | None]]:
    """Each `software.signed`, with what enrolled its member's key; None where none was, or it had ended by then."""
    enrolled: dict[str, Line] = {}
    for line in context.log.of(ENROLLED, SIGNED, *ENDINGS):
        member = str(line.body["member"])
        if line.stated.kind == SIGNED:
            yield line, enrolled.get(member)
        elif line.stated.kind in ENDINGS or not _is_whole(line):
            enrolled.pop(member, None)
        else:
            enrolled[member] = line


def certificate_of(line: Line) -> x509.Certificate:
    """The certificate that a `software.enrolled` names. Raises ValueError."""
    return x509.read(b64decode(str(line.body["certificate"]), validate=True))


def _is_whole(line: Line) -> bool:
    return certificate_of(line).sha256 == str(line.body["certificate_sha256"])


def _check_signed(context: Context, line: Line, enrolled: Line | None) -> Found:
    record = str(line.body["authorisation"]).encode()
    act = authorisation.act_of(record)
    if act is None or not _says_what_it_must(act, record, context.log.case, int(line.stated.at.timestamp())):
        yield Finding(STEP, line.name, "software-record")
        return
    if enrolled is None or (act["credentialID"], act["certSha256"]) != _named(enrolled.body):
        yield Finding(STEP, line.name, "software-not-enrolled")
        return
    certificate, issuing = certificate_of(enrolled), x509.read_pem(context.bag.read(ISSUING))
    try:
        x509.check_path(certificate, issuing, context.trust.root, act["iat"])
    except x509.NoPath as error:
        yield Finding(STEP, line.name, "software-not-enrolled", str(error))
    if not _are_signed(certificate, authorisation.leaves(record), line.body["signatures"]):
        yield Finding(STEP, line.name, "software-signature")


def _says_what_it_must(act: Mapping[str, Any], record: bytes, case: str, at: int) -> bool:
    """Points 1, 4 and 5 of docs/cms.md, this case and purpose, the time of the statement, what stands for a text."""
    leaves = authorisation.leaves(record)
    display = sha256("\n".join(leaves).encode()).hexdigest()
    fits = (act["meeting"], act["purpose"], act["display"]) == (case, PURPOSE, display)
    in_time = act["exp"] == act["iat"] + authorisation.LIFE_S and act["iat"] <= at <= act["exp"]
    return fits and in_time and not list(authorisation.list_faults(act, leaves))


def _are_signed(certificate: x509.Certificate, leaves: list[str], signatures: list[str]) -> bool:
    if len(signatures) != len(leaves):
        return False
    try:
        values = [x509.signature_of(b64decode(text, validate=True)) for text in signatures]
    except (ValueError, der.NotDer):
        return False
    digests = map(bytes.fromhex, leaves)
    return all(p256.verify_digest(certificate.point, leaf, *value) for leaf, value in zip(digests, values, strict=True))


def _named(body: Mapping[str, Any]) -> tuple[str, str]:
    return str(body["credential"]), str(body["certificate_sha256"])
