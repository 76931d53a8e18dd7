"""SM2 certificates read and judged: signer → SM2 issuing CA → SM2 root at one moment, by the rules of `path`.

`cryptography` takes them apart but knows no SM2 key; key and signatures are judged here. It never asks the network.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from cryptography import x509

from signing import der
from signing.ca import DOCUMENT_SIGNING
from signing.dialects import is_sm2
from signing.sm2 import NotSm2Key, Sm2PublicKey, parse_sm2_public

KEY_FIELD = 6
"""Of a version 3 TBSCertificate: version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo."""
UNDERSTOOD = {x509.BasicConstraints.oid, x509.KeyUsage.oid, x509.ExtendedKeyUsage.oid}


class Sm2PathRefused(Exception):
    """No valid path from the signer to a trusted SM2 root at the time in question."""

    code = "sm2-path"


def key_of(certificate: x509.Certificate) -> Sm2PublicKey:
    """The key of a certificate. Raises NotSm2Key."""
    fields = der.read(certificate.tbs_certificate_bytes).members(der.SEQUENCE)
    return parse_sm2_public(fields[KEY_FIELD].raw)


def check_sm2_path(
    signer: x509.Certificate, issuing: x509.Certificate, roots: Sequence[x509.Certificate], at: datetime
) -> None:
    """Refuse unless `signer`, issued by `issuing` under one of `roots`, may sign documents at `at` (Sm2PathRefused)."""
    root = next((one for one in roots if is_sm2(one) and one.subject == issuing.issuer), None)
    _demand(root is not None, "root")
    chain = [signer, issuing, *([root] if root else ())]
    try:
        for below, above in pairwise([*chain, chain[-1]]):
            _demand(_is_issued_by(below, above), "not issued by the CA that is named")
        for one in chain:
            _demand(one.not_valid_before_utc <= at <= one.not_valid_after_utc, "validity")
            _understand(one.extensions)
        _check_signer(signer.extensions)
        for depth, one in enumerate(chain[1:]):
            _check_authority(one.extensions, depth)
    except (ValueError, x509.DuplicateExtension, x509.ExtensionNotFound, NotSm2Key, der.NotDer) as error:
        raise Sm2PathRefused(str(error)) from error


def _is_issued_by(below: x509.Certificate, above: x509.Certificate) -> bool:
    is_named = is_sm2(below) and below.issuer.public_bytes() == above.subject.public_bytes()
    return is_named and key_of(above).verify(below.tbs_certificate_bytes, below.signature)


def _understand(extensions: Iterable[x509.Extension[x509.ExtensionType]]) -> None:
    _demand(all(not one.critical or one.oid in UNDERSTOOD for one in extensions), "critical extension")


def _check_signer(extensions: x509.Extensions) -> None:
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    _demand(constraints.critical and not constraints.value.ca, "basicConstraints")
    may_sign = usage.value.digital_signature and usage.value.content_commitment
    _demand(usage.critical and may_sign and not usage.value.key_cert_sign, "keyUsage")
    _demand(list(purposes.value) == [DOCUMENT_SIGNING], "extendedKeyUsage")


def _check_authority(extensions: x509.Extensions, authorities_below: int) -> None:
    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    reach = constraints.value.path_length if constraints.value.ca else None
    _demand(constraints.critical and reach is not None and reach >= authorities_below, "basicConstraints")
    _demand(usage.critical and usage.value.key_cert_sign, "keyUsage")


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise Sm2PathRefused(what)
