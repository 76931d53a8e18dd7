"""Certificates for keys made here: issued by the centre's own CA for a case, kept on a shelf, named in a statement."""

import hashlib
from base64 import b64encode
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from conduct.ports import Json, Tx
from evaluation.case import CaseId
from signing.ca import INTERNAL, Authority, Subject, Term, make_signer
from signing.keys import load_public
from signing.sm2 import parse_sm2_public
from signing.sm2_ca import Sm2Authority, make_sm2_signer

CERTIFICATE_LIFE = timedelta(days=30)


def certify(tx: Tx, case: CaseId, issuing: Authority, name: tuple[str, str], public_key: bytes) -> bytes:
    """A case-long certificate (DER) on a name (common name, organisation) for a public key (DER)."""
    begins = tx.now.replace(microsecond=0) - timedelta(seconds=1)
    serial = int.from_bytes(tx.random(16), "big") >> 1 or 1
    term = Term(serial, begins, begins + CERTIFICATE_LIFE)
    return make_signer(issuing, Subject(*name, case), load_public(public_key), term).public_bytes(Encoding.DER)


def certify_twin(issuing: Sm2Authority, certificate: bytes, name: tuple[str, str], case: CaseId, spki: bytes) -> bytes:
    """An SM2 certificate (DER) beside another: the same name, term and serial number, for an SM2 key (DER)."""
    beside = x509.load_der_x509_certificate(certificate)
    term = Term(beside.serial_number, beside.not_valid_before_utc, beside.not_valid_after_utc)
    signer = make_sm2_signer(issuing, Subject(*name, case), parse_sm2_public(spki), term)
    return signer.public_bytes(Encoding.DER)


def issuer_of(certificate: bytes) -> str:
    """The licensed CA that issued a member's certificate (DER), by its name; empty for the centre's own."""
    found = x509.load_der_x509_certificate(certificate)
    if INTERNAL in [one.value for one in found.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]:
        return ""
    names = found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else found.issuer.rfc4514_string()


def stored(credential: str, sealed: bytes, certificate: bytes) -> Json:
    """What a shelf keeps of a key."""
    return {
        "credential": credential,
        "sealed": b64encode(sealed).decode(),
        "certificate": b64encode(certificate).decode(),
    }


def stated(credential: str, certificate: bytes) -> Json:
    """How a statement names a key."""
    return {
        "credential": credential,
        "certificate": b64encode(certificate).decode(),
        "certificate_sha256": hashlib.sha256(certificate).hexdigest(),
    }
