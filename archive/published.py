"""What a centre publishes about itself once, and puts into its bags: the files of `trust/`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from archive.verifier.trust import FORMER, TIMESTAMP, UNTIL, former_in, raw_certificates_in
from archive.verifier.x509 import pem
from signing.canonical import canonical
from signing.note import VerifierKey

__all__ = ("FORMER", "POLICY", "SM2_ISSUING", "SM2_ROOT", "TIMESTAMP", "former_stamping", "sm2_files", "trust_files")

POLICY = "witnesses.policy"
"""The witnesses of the log and their quorum, published beside them: a bag has no say in it."""
MOST_AHEAD = timedelta(minutes=5)
"""So far may an authority's clock be ahead of the server's, which took its stamps (docs/timestamps.md)."""
NO_WITNESSES = "quorum none\n"
SM2_ROOT, SM2_ISSUING = "sm2-root.pem", "sm2-issuing.pem"


def trust_files(
    name: str, root: bytes, issuing: bytes, seal: bytes, log: VerifierKey, stamping: bytes = b""
) -> dict[str, bytes]:
    """`root.pem`, `issuing.pem`, `timestamp.pem`, `log.vkey`, `deployment.json`; certificates in DER.

    `stamping` is the PEM file of an outside time-stamp authority's certificates, empty for the centre's own.

    The same files make a `--trust` directory when they are obtained from the centre and not from a bag.
    """
    root_digest, seal_digest = (sha256(certificate).hexdigest() for certificate in (root, seal))
    stated = {"log": str(log), "name": name, "root": root_digest, "seal": seal_digest}
    return {
        "root.pem": pem(root),
        "issuing.pem": pem(issuing),
        "timestamp.pem": stamping or pem(root),
        "log.vkey": f"{log}\n".encode(),
        "deployment.json": canonical(stated),
    }


def former_stamping(before: Mapping[str, bytes], stamping: bytes, at: datetime) -> bytes:
    """`timestamp-former.pem` when `stamping` (PEM) is published from `at` on, `before` being the files until now.

    Whoever stamped once stays published: bags under the former authority are judged for fifteen years and more. Its
    stamps are believed up to the change alone, or whoever still holds its key could make a later case anew.
    Raises `TrustRefused` where the former file is none of this form.
    """
    until = dict.fromkeys(raw_certificates_in(before.get(TIMESTAMP, b"")), int((at + MOST_AHEAD).timestamp()))
    now = raw_certificates_in(stamping)
    former = {one: end for one, end in (former_in(before.get(FORMER, b"")) | until).items() if one and one not in now}
    return b"".join(f"{datetime.fromtimestamp(end, UTC):{UNTIL}}\n".encode() + pem(one) for one, end in former.items())


def sm2_files(root: bytes, issuing: bytes) -> dict[str, bytes]:
    """`sm2-root.pem`, `sm2-issuing.pem`; certificates in DER. A bag has them where its profile wants SM2 signatures."""
    return {SM2_ROOT: pem(root), SM2_ISSUING: pem(issuing)}


def licensed_file(root: bytes) -> dict[str, bytes]:
    """`licensed.pem` beside them: the root (DER) of a licensed CA that certifies members (docs/licensed-ca.md)."""
    return {"licensed.pem": pem(root)}
