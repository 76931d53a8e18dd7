"""What a centre publishes about itself once, and puts into every bag: the files of `trust/`."""

from hashlib import sha256

from archive.verifier.x509 import pem
from signing.canonical import canonical
from signing.note import VerifierKey

POLICY = "witnesses.policy"
"""The witnesses of the log and their quorum, published beside them: a bag has no say in it."""
NO_WITNESSES = "quorum none\n"


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
