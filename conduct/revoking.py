"""Which members' certificates sign no longer: superseded at the desk, or ended with their case.

The lists are the deployment's, for they are the issuing CAs'; they hold serial numbers, no case and no name.
"""

import json
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime, timedelta

from cryptography import x509

from conduct.directory import DEPLOYMENT
from conduct.ports import Json, Tx
from evaluation.case import CaseId
from signing.crl import Reason, Revoked

SHELF = "revoked"
KEPT_AFTER_EXPIRY = timedelta(days=30)
ENROLLING = ("seat.enrolled", "certificate.reissued", "person.enrolled")
FOR_SOFTWARE = "software.enrolled"
ENDING = ("member.replaced", "case.closed")


def revoke(tx: Tx, credential: Json, reason: Reason) -> None:
    """Put the certificates of a credential's row on the lists, from now on: an SM2 twin has the same serial number.

    What stands there keeps its time and reason: signatures were judged by them.
    """
    _put(tx, _read(credential), tx.now, reason)


def spent(tx: Tx, case: CaseId) -> frozenset[int]:
    """The serial numbers that no certificate enrolled from now on may have: on the list, or enrolled by the case."""
    listed = {int(serial, 16) for serial, _ in tx.shelf(DEPLOYMENT, SHELF).items()}
    stated = [json.loads(data)["body"] for kind in (*ENROLLING, FOR_SOFTWARE) for _, data in tx.statements(case, kind)]
    return frozenset(listed | {_read(body).serial_number for body in stated})


def complete(tx: Tx, case: CaseId) -> None:
    """Put those on the list that a closed case's log enrols and that are not on it, as of what ended each of them.

    A case may be older than the list, or than what the list keeps; its bag is judged by all its certificates.
    """
    for certificate, at, reason in _ended(tx, case):
        _put(tx, certificate, at, reason)


def standing(tx: Tx, case: CaseId) -> list[Revoked]:
    """Everything on the list but what expired a month ago; of this closed case everything."""
    own = {_serial(certificate) for certificate, _, _ in _ended(tx, case)}
    return [
        Revoked(int(serial, 16), datetime.fromisoformat(row["at"]), row["reason"])
        for serial, row in tx.shelf(DEPLOYMENT, SHELF).items()
        if serial in own or datetime.fromisoformat(row["until"]) >= tx.now
    ]


def _ended(tx: Tx, case: CaseId) -> Iterator[tuple[x509.Certificate, datetime, Reason]]:
    """Each certificate that the case's log enrols, when it ended and why: another one, its owner's leaving, the end."""
    stated = sorted(one for kind in (*ENROLLING, FOR_SOFTWARE, *ENDING) for one in tx.statements(case, kind))
    # A member may hold two at once: the own one, and that for other software, which ends with it.
    current: dict[tuple[str, bool], x509.Certificate] = {}
    for _, data in stated:
        said = json.loads(data)
        kind, body, at = said["kind"], said["body"], datetime.fromisoformat(said["at"])
        who, reason = str(body.get("member", body.get("who"))), _reason(kind)
        for owner in list(current):
            is_over = kind == "case.closed" or (owner[0] == who and (owner[1] or kind != FOR_SOFTWARE))
            if is_over:
                yield current.pop(owner), at, reason
        if kind not in ENDING:
            current[who, kind == FOR_SOFTWARE] = _read(body)


def _reason(kind: str) -> Reason:
    return "ended" if kind in ENDING else "superseded"


def _read(named: Json) -> x509.Certificate:
    """The certificate of a credential's row, or of a statement's body."""
    return x509.load_der_x509_certificate(b64decode(named["certificate"]))


def _serial(certificate: x509.Certificate) -> str:
    return f"{certificate.serial_number:x}"


def _put(tx: Tx, certificate: x509.Certificate, at: datetime, reason: Reason) -> None:
    shelf, serial = tx.shelf(DEPLOYMENT, SHELF), _serial(certificate)
    until = certificate.not_valid_after_utc + KEPT_AFTER_EXPIRY
    if shelf.get(serial) is None:
        shelf.put(serial, {"at": at.replace(microsecond=0).isoformat(), "reason": reason, "until": until.isoformat()})
