"""What is believed: root certificate, log key, sealing certificate. From the bag it is a claim, from outside trust.

The files are the same in both places (`trust/` of the bag, `--trust DIR`); nothing else is read for trust.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from archive.verifier import authorities, ed25519, ml_dsa, outside, suites, x509
from archive.verifier.authorities import Authority, NotKnown
from archive.verifier.bag import Bag
from archive.verifier.findings import Finding, Unusable
from archive.verifier.suites import Suite
from signing import canonical, cosign_policy, note
from signing.cosignature import ML_DSA_44

FILES: Final = ("root.pem", "log.vkey", "deployment.json")
POLICY: Final = "witnesses.policy"
TIMESTAMP: Final = "timestamp.pem"
LICENSED: Final = "licensed.pem"
FORMER: Final = "timestamp-former.pem"
UNTIL: Final = "until %Y-%m-%dT%H:%M:%SZ"
SM2_ROOT: Final = "sm2-root.pem"
SM2_FILE: Final = f"trust/{SM2_ROOT}"
CERTIFICATE_END: Final = b"-----END CERTIFICATE-----"
KEYS: Final = {"log", "name", "root", "seal"}


class TrustRefused(ValueError):
    """A trust file that cannot be used; the message is its name."""

    code = "trust"


@dataclass(frozen=True, slots=True)
class Trust:
    """`name` of the deployment, its root, the key its log signs with, the SHA-256 of its sealing certificate in hex.

    `sm2_root` is there where the centre has one. `policy` says whose cosignatures the deployment's log needs; it comes
    from outside only. `stamping` are the certificates (PEM) under which time stamps are believed, `former` those (DER)
    of authorities that stamped before, each with the last Unix second at which it did.
    `is_published`: it came from the centre, and not from the bag. `licensed` is the root of a licensed CA, whose
    certificates members may have.
    """

    name: str
    root: x509.Certificate
    sm2_root: x509.Certificate | None
    log: note.VerifierKey
    seal: str
    policy: cosign_policy.Policy
    stamping: bytes
    former: Mapping[bytes, int] = field(default_factory=dict)
    is_published: bool = False
    licensed: x509.Certificate | None = None

    def signers_root(self, issuing: x509.Certificate) -> x509.Certificate:
        """The root that a signer's issuing CA must stand under: the licensed CA's if it bears its name."""
        if self.licensed is not None and issuing.issuer == self.licensed.subject:
            return self.licensed
        return self.root

    def root_of(self, suite: Suite) -> x509.Certificate | None:
        """The root of one kind of keys."""
        return self.root if suite is suites.P256 else self.sm2_root

    @property
    def stampers(self) -> tuple[Authority, ...]:
        """Those of `stamping` and `former` that this program can judge by."""
        return (*certificates_in(self.stamping), *_believed_until(self.former))

    def case_log(self, case: str) -> note.VerifierKey:
        """The same key under the origin of a case's log, `<log name>/<case>`."""
        return note.VerifierKey(f"{self.log.name}/{case}", self.log.type, self.log.key)


def verify_note(key: note.VerifierKey, message: bytes, signature: bytes) -> bool:
    """The judge for signing.note: Ed25519 keys of a log, nothing else."""
    return key.type == note.ED25519 and ed25519.verify(key.key, message, signature)


def verify_cosignature(key: note.VerifierKey, message: bytes, signature: bytes) -> bool:
    """The judge for signing.cosignature: Ed25519 and ML-DSA-44 keys of witnesses."""
    judge = ml_dsa.verify if key.type == ML_DSA_44 else ed25519.verify
    return judge(key.key, message, signature)


def read(files: Mapping[str, bytes]) -> Trust:
    """The trust in these files by name. Raises TrustRefused naming the file."""
    root = _root(files, "root.pem", suites.P256)
    sm2_root = _root(files, SM2_ROOT, suites.SM2) if files.get(SM2_ROOT) else None
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
    policy, licensed = _policy(files.get(POLICY)), _licensed(files.get(LICENSED))
    former = former_in(files.get(FORMER, b""))
    return Trust(stated["name"], root, sm2_root, log, stated["seal"], policy, stamping, former, licensed=licensed)


def _root(files: Mapping[str, bytes], name: str, suite: Suite) -> x509.Certificate:
    try:
        root = x509.read_pem(files[name])
    except x509.NotACertificate as error:
        raise TrustRefused(name) from error
    if root.suite is not suite:
        raise TrustRefused(name)
    return root


def certificates_in(pem: bytes) -> tuple[Authority, ...]:
    """Those certificates of a PEM file that this program can judge by."""
    found = []
    for one in raw_certificates_in(pem):
        with suppress(NotKnown):
            found.append(authorities.read(one))
    return tuple(found)


def _believed_until(former: Mapping[bytes, int]) -> Iterator[Authority]:
    """Those of former authorities that this program can judge by."""
    for raw, until in former.items():
        with suppress(NotKnown):
            yield replace(authorities.read(raw), until=until)


def raw_certificates_in(pem: bytes) -> tuple[bytes, ...]:
    """The certificates of a PEM file, DER."""
    return tuple(outside.certificate_in(one + CERTIFICATE_END) for one in pem.split(CERTIFICATE_END)[:-1])


def former_in(pem: bytes) -> dict[bytes, int]:
    """Of `timestamp-former.pem` each certificate (DER), and the last Unix second of stamps believed under it.

        until 2026-11-26T17:05:00Z
        -----BEGIN CERTIFICATE----- …

    Raises TrustRefused.
    """
    former = {}
    for one in pem.split(CERTIFICATE_END)[:-1]:
        (raw,), line = raw_certificates_in(one + CERTIFICATE_END), one.partition(b"-----BEGIN")[0].strip()
        try:
            until = datetime.strptime(line.decode("ascii"), UNTIL).replace(tzinfo=UTC)
        except ValueError as error:
            raise TrustRefused(FORMER) from error
        if not raw:
            raise TrustRefused(FORMER)
        former[raw] = int(until.timestamp())
    return former


def _licensed(data: bytes | None) -> x509.Certificate | None:
    try:
        return x509.read_pem(data) if data else None
    except x509.NotACertificate as error:
        raise TrustRefused(LICENSED) from error


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
    return read({name: bag.read(f"trust/{name}") for name in (*FILES, TIMESTAMP, SM2_ROOT, LICENSED)})


def of_directory(directory: Path) -> Trust:
    """What the centre published. Raises Unusable."""
    try:
        more = [name for name in (POLICY, TIMESTAMP, FORMER, SM2_ROOT, LICENSED) if (directory / name).is_file()]
        published = read({name: (directory / name).read_bytes() for name in (*FILES, *more)})
        return replace(published, is_published=True)
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
    if SM2_FILE in bag.sizes:  # only where a case is signed with SM2
        expected[SM2_ROOT] = x509.pem(published.sm2_root.raw) if published.sm2_root else b""
    if f"trust/{LICENSED}" in bag.sizes:  # a bag of another time may need none
        expected[LICENSED] = x509.pem(published.licensed.raw) if published.licensed else b""
    for name, content in expected.items():
        found = bag.read(f"trust/{name}")
        if found != content and not (name == TIMESTAMP and published.former and _was_published(found, published)):
            yield Finding(2, f"trust/{name}", "not-the-published", sha256(found).hexdigest())


def _was_published(stamping: bytes, published: Trust) -> bool:
    """Whether all these certificates are the centre's present or former time-stamp authorities'."""
    found = raw_certificates_in(stamping)
    return bool(found) and {*raw_certificates_in(published.stamping), *published.former}.issuperset(found)
