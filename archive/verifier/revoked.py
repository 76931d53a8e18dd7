"""Step 13: each issuing CA's list of certificates that sign no longer (RFC 5280 §5), against log and signatures."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from archive.verifier import cms, der, software, x509
from archive.verifier.context import Context, Found, suites_of
from archive.verifier.findings import Finding
from archive.verifier.signed import ENROLMENTS, certificate_in, everything
from archive.verifier.suites import BOTH, P256, Suite

STEP: Final = 13
CRL_NUMBER, REASON = der.oid("2.5.29.20"), der.oid("2.5.29.21")
AUTHORITY_KEY: Final = der.oid("2.5.29.35")
VERSION_2: Final = der.integer(1)


@dataclass(frozen=True, slots=True)
class Revocations:
    """The list: who issued it (Name, DER), when, and since when (Unix seconds) each serial number stands on it."""

    issuer: bytes
    at: int
    since: dict[bytes, int]
    tbs: bytes
    signature: tuple[int, int]


def read(raw: bytes, suite: Suite = P256) -> Revocations:
    """The list in `raw`: version 2, ascending serial numbers, no extension that it would be wrong to pass over.

    Raises NotDer.
    """
    tbs, algorithm, signature = der.read(raw).fields(der.SEQUENCE, 3)
    version, inner, issuer, at, _, *listed, extensions = tbs.of(der.SEQUENCE).children
    if version.raw != VERSION_2 or {algorithm.raw, inner.raw} != {suite.certificate} or len(listed) > 1:
        raise der.NotDer("not a revocation list of this house")
    (inside,) = extensions.fields(0xA0, 1)
    _only(inside, AUTHORITY_KEY, CRL_NUMBER)
    since: dict[bytes, int] = {}
    for entry in listed[0].of(der.SEQUENCE).children if listed else ():
        serial, moment, reason = entry.fields(der.SEQUENCE, 3)
        _only(reason, REASON)
        since[serial.raw] = x509.time_of(moment)
    numbers = [der.integer_of(der.read(serial)) for serial in since]
    if numbers != sorted(numbers) or (listed and len(since) != len(listed[0].children)):
        raise der.NotDer("serial numbers out of order")
    value = x509.signature_of(der.octets_of(signature))
    return Revocations(issuer.of(der.SEQUENCE).raw, x509.time_of(at), since, tbs.raw, value)


def _only(extensions: der.Element, *known: bytes) -> None:
    for extension in extensions.of(der.SEQUENCE).children:
        name, *_ = extension.of(der.SEQUENCE).children
        if name.raw not in known:
            raise der.NotDer("an extension that is not understood")


def check(context: Context) -> Found:
    """Both lists, where there are two: each is its issuing CA's, holds every certificate enrolled, and came after."""
    wanted = suites_of(context)
    for suite in {P256: None, **dict.fromkeys(wanted)}:
        yield from _check(context, suite)
    for path in {one.revoked for one in BOTH} - {one.revoked for one in (P256, *wanted)}:
        if path in context.bag.sizes:
            yield Finding(STEP, path, "nobody-names-it")


def _check(context: Context, suite: Suite) -> Found:
    path, issuer, root = suite.revoked, f"{suite.trust}issuing.pem", context.trust.root_of(suite)
    try:
        issuing = x509.read_pem(context.bag.read(issuer))
        found = read(context.bag.read(path), suite)
    except (der.NotDer, x509.NotACertificate) as error:
        yield Finding(STEP, path, "not-a-revocation-list", str(error))
        return
    if root is None or not x509.is_signed_by(issuing, root):
        yield Finding(STEP, issuer, "signature", "cms-path")
    if found.issuer != issuing.subject or not suite.verify(issuing.point, found.tbs, *found.signature):
        yield Finding(STEP, path, "signature")
        return
    beside = (software.ENROLLED,) if suite is P256 else ()
    for line in context.log.of(*ENROLMENTS, *beside):
        with suppress(ValueError):  # what cannot be read as a certificate is named by step 5 or 6
            if certificate_in(line, suite).serial not in found.since:
                yield Finding(STEP, path, "not-revoked", line.name)
    yield from _check_signatures(context, suite, found)
    if suite is P256:
        yield from _check_for_software(context, found)


def _check_signatures(context: Context, suite: Suite, found: Revocations) -> Found:
    for one in everything(context):
        if one.suite is not suite:
            continue
        try:
            signature = cms.read(context.bag.read(one.path))
        except cms.CmsRefused:
            continue  # named by step 5 or 10
        if signature.signed_at > found.since.get(signature.signer.serial, signature.signed_at):
            yield Finding(STEP, one.name, "signed-after-revocation")


def _check_for_software(context: Context, found: Revocations) -> Found:
    """What other software had signed carries no time of its own: that of its statement counts."""
    for line, enrolled in software.signed(context):
        at = int(line.stated.at.timestamp())
        if enrolled is not None and at > found.since.get(software.certificate_of(enrolled).serial, at):
            yield Finding(STEP, line.name, "signed-after-revocation")
