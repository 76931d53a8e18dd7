"""Whether a certificate is a signer's of this house: signer → issuing CA → root, at one moment (docs/cms.md, RFC 5280).

It never asks the network: what is trusted comes in as roots.
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from signing.ca import DOCUMENT_SIGNING
from signing.dialects import is_sm2
from signing.sm2_path import Sm2PathRefused, check_sm2_path


class PathRefused(Exception):
    """No valid path from the signer to a trusted root at the time in question."""

    code = "cms-path"


def check_path(
    signer: x509.Certificate, issuing: x509.Certificate, roots: Sequence[x509.Certificate], at: datetime
) -> None:
    """Refuse unless `signer`, issued by `issuing` under one of `roots`, may sign documents at `at` (PathRefused).

    All three are of one kind: P-256, or SM2 under an SM2 root.
    """
    if is_sm2(signer):
        try:
            check_sm2_path(signer, issuing, roots, at)
        except Sm2PathRefused as error:
            raise PathRefused(str(error)) from error
        return
    try:
        verifier = (
            PolicyBuilder()
            .store(Store(list(roots)))
            .time(at)
            .extension_policies(ca_policy=_CA, ee_policy=_SIGNER)
            .build_client_verifier()
        )
        chain = verifier.verify(signer, [issuing]).chain
    except (VerificationError, ValueError, x509.DuplicateExtension) as error:
        raise PathRefused(str(error)) from error
    # The library also takes shorter ways, as from the signer to the root at once; ours is always of three.
    if chain[:-1] != [signer, issuing]:
        raise PathRefused("not issued by the CA that is named")


def _no_ca(_: Policy, __: x509.Certificate, found: x509.BasicConstraints) -> None:
    _demand(not found.ca, "basicConstraints")


def _ca(_: Policy, __: x509.Certificate, found: x509.BasicConstraints) -> None:
    _demand(found.ca and found.path_length is not None, "basicConstraints")


def _signs(_: Policy, __: x509.Certificate, found: x509.KeyUsage) -> None:
    _demand(found.digital_signature and found.content_commitment and not found.key_cert_sign, "keyUsage")


def _issues(_: Policy, __: x509.Certificate, found: x509.KeyUsage) -> None:
    _demand(found.key_cert_sign, "keyUsage")


def _documents(_: Policy, __: x509.Certificate, found: x509.ExtendedKeyUsage) -> None:
    _demand(list(found) == [DOCUMENT_SIGNING], "extendedKeyUsage")


def _demand(holds: bool, extension: str) -> None:
    if not holds:
        raise ValueError(extension)


_SIGNER = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.CRITICAL, _no_ca)
    .require_present(x509.KeyUsage, Criticality.CRITICAL, _signs)
    .require_present(x509.ExtendedKeyUsage, Criticality.NON_CRITICAL, _documents)
)
_CA = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.CRITICAL, _ca)
    .require_present(x509.KeyUsage, Criticality.CRITICAL, _issues)
)
