"""What is believed: root certificate, log key, sealing certificate. From the bag it is a claim, from outside trust.

The files are the same in both places (`trust/` of the bag, `--trust DIR`); nothing else is read for trust.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from archive.verifier import authorities, ed25519, outside, x509
from archive.verifier.authorities import Authority, NotKnown
from archive.verifier.bag import Bag
from archive.verifier.findings import Finding, Unusable
from signing import canonical, cosign_policy, note

FILES: Final = ("root.pem", "log.vkey", "deployment.json")
POLICY: Final = "witnesses.policy"
TIMESTAMP: Final = "timestamp.pem"
CERTIFICATE_END: Final = b"-----END CERTIFICATE-----"
KEYS: Final = {"log", "name", "root", "seal"}


class TrustRefused(ValueError):
    """A trust file that cannot be used; the message is its name."""

    code = "trust"


@dataclass(frozen=True, slots=True)
class Trust:
    """`name` of the deployment, its root, the key its log signs with, the SHA-256 of its sealing certificate in hex.

    `policy` says whose cosignatures the deployment's log needs; it comes from outside only. `stamping` are the
    certificates (PEM) under which time stamps are believed.
    """

    name: str
    root: x509.Certificate
    log: note.VerifierKey
    seal: str
    policy: cosign_policy.Policy
    stamping: bytes

    @property
    def stampers(self) -> tuple[Authority, ...]:
        """Those of `stamping` that this program can judge by."""
        return certificates_in(self.stamping)

    def case_log(self, case: str) -> note.VerifierKey:
        """The same key under the origin of a case's log, `<log name>/<case>`."""
        return note.VerifierKey(f"{self.log.name}/{case}", self.log.type, self.log.key)


def verify_note(key: note.VerifierKey, message: bytes, signature: bytes) -> bool:
    """The judge for signing.note: Ed25519 keys of a log, nothing else."""
    return key.type == note.ED25519 and ed25519.verify(key.key, message, signature)


def verify_cosignature(key: note.VerifierKey, message: bytes, signature: bytes) -> bool:
    """The judge for signing.cosignature: Ed25519 keys of witnesses."""
    return ed25519.verify(key.key, message, signature)


def read(files: Mapping[str, bytes]) -> Trust:
    """The trust in these files by name. Raises TrustRefused naming the file."""
    try:
        root = x509.read_pem(files["root.pem"])
    except x509.NotACertificate as error:
        raise TrustRefused("root.pem") from error
    try:
        log = note.parse_key(files["log.vkey"].decode("utf-8").removesuffix("\n"))
    except (note.NoteRefused, UnicodeDecodeError) as error:
        raise TrustRefused("log.vkey") from error
    stated = _deployment(files["deployment.json"])
    if f"{log}\n".encode() != files["log.vkey"]:
        raise TrustRefused("log.vkey")
    if (stated["log"], stated["root"]) != (str(log), root.sha256):
        raise TrustRefused("deployment.json")
    # Before there were time stamps a centre published three files; its own root is what an embedded authority is under.
    stamping = files.get(TIMESTAMP) or files["root.pem"]
    return Trust(stated["name"], root, log, stated["seal"], _policy(files.get(POLICY)), stamping)


def certificates_in(pem: bytes) -> tuple[Authority, ...]:
    """Those certificates of a PEM file that this program can judge by."""
    found = []
    for one in pem.split(CERTIFICATE_END)[:-1]:
        with suppress(NotKnown):
            found.append(authorities.read(outside.certificate_in(one + CERTIFICATE_END)))
    return tuple(found)


def _policy(data: bytes | None) -> cosign_policy.Policy:
    try:
        return cosign_policy.parse_policy(data.decode()) if data is not None else cosign_policy.Policy()
    except (cosign_policy.PolicyRefused, UnicodeDecodeError) as error:
        raise TrustRefused(POLICY) from error


def _deployment(data: bytes) -> dict[str, str]:
    try:
        value = canonical.parse(data)
    except canonical.NotCanonical as error:
        raise TrustRefused("deployment.json") from error
    if not isinstance(value, dict) or value.keys() != KEYS:
        raise TrustRefused("deployment.json")
    return {key: str(text) for key, text in value.items()}


def of_bag(bag: Bag) -> Trust:
    """What the bag itself claims. Raises TrustRefused."""
    return read({name: bag.read(f"trust/{name}") for name in (*FILES, TIMESTAMP)})


def of_directory(directory: Path) -> Trust:
    """What the centre published. Raises Unusable."""
    try:
        more = [name for name in (POLICY, TIMESTAMP) if (directory / name).is_file()]
        return read({name: (directory / name).read_bytes() for name in (*FILES, *more)})
    except OSError as error:
        raise Unusable(str(error.filename), "no-trust") from error
    except TrustRefused as error:
        raise Unusable(str(directory / str(error)), "no-trust") from error


def compare(bag: Bag, published: Trust) -> Iterator[Finding]:
    """Step 2: the bag's claims against what was published; the published ones are used from here on."""
    expected = {
        "root.pem": x509.pem(published.root.raw),
        "log.vkey": f"{published.log}\n".encode(),
        TIMESTAMP: published.stamping,
        "deployment.json": canonical.canonical(
            {"log": str(published.log), "name": published.name, "root": published.root.sha256, "seal": published.seal}
        ),
    }
    for name, content in expected.items():
        found = bag.read(f"trust/{name}")
        if found != content:
            yield Finding(2, f"trust/{name}", "not-the-published", sha256(found).hexdigest())
