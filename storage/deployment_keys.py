"""The deployment's own keys, made once at the first start in a folder that only its user may read.

`root` and `issuing` CA, both again for SM2, `seal` (bags), `stamp` (the embedded time-stamp authority), `tls`, the
log's seed and the key of private values. The key store's share lies here too; only the activation process reads it.
"""

import hmac
import os
import secrets
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signing.ca import Authority, Subject, Term, make_issuing, make_root, make_server, make_signer, make_stamper
from signing.keys import MemoryKey, load_key, new_key
from signing.sm2 import load_sm2_key, new_sm2_key
from signing.sm2_ca import Sm2Authority, make_sm2_issuing, make_sm2_root

TLS_LIFE = timedelta(days=397)
INTAKE = b"bid-intake/1"
LOG_SEED, SHARE, STORAGE = "log.seed", "share.key", "storage.key"


@dataclass(frozen=True, slots=True)
class DeploymentKeys:
    """Everything in the folder, in memory, but the key store's share."""

    folder: Path
    root: Authority
    issuing: Authority
    sm2_root: Sm2Authority
    sm2_issuing: Sm2Authority
    seal: Authority
    stamp: Authority
    log_seed: bytes = field(repr=False)
    storage: bytes = field(repr=False)

    @property
    def intake(self) -> X25519PrivateKey:
        """What another platform's result is sealed to; made from `storage`, so every folder has it."""
        return X25519PrivateKey.from_private_bytes(hmac.digest(self.storage, INTAKE, "sha256"))

    @property
    def share(self) -> Path:
        """The file of the key store's share."""
        return self.folder / SHARE

    @property
    def root_certificate(self) -> Path:
        """The root certificate, PEM."""
        return self.folder / "root.pem"

    @property
    def root_certificates(self) -> tuple[Path, Path]:
        """Both root certificates, PEM: P-256 and SM2."""
        return self.root_certificate, self.folder / "sm2-root.pem"

    @property
    def tls_certificate(self) -> Path:
        """The TLS certificate with its chain, PEM."""
        return self.folder / "tls.pem"

    @property
    def tls_key(self) -> Path:
        """The TLS key, PEM."""
        return self.folder / "tls.key"


@dataclass(frozen=True, slots=True)
class StampKeys:
    """What time stamps are made with outside the server: no other key of the folder is opened for it."""

    root: x509.Certificate
    issuing: x509.Certificate
    stamp: Authority


def open_stamp_keys(folder: Path) -> StampKeys:
    """The time-stamp authority in `folder`; nothing is made there. Raises FileNotFoundError where a file is missing."""
    root, issuing = (_load_certificate(folder, name) for name in ("root", "issuing"))
    return StampKeys(root, issuing, _load(folder, "stamp"))


def open_keys(folder: Path, organisation: str, hosts: Sequence[str], now: datetime) -> DeploymentKeys:
    """The keys in `folder`; made whole or not at all when it does not exist. Raises OSError where one is missing."""
    if not folder.exists():
        _make(folder, organisation, hosts, now.astimezone(UTC).replace(microsecond=0))
    if not (folder / "stamp.pem").exists():
        _add_stamper(folder, organisation, now.astimezone(UTC).replace(microsecond=0))
    if not (folder / "sm2-issuing.pem").exists():
        _add_sm2(folder, organisation, now.astimezone(UTC).replace(microsecond=0))
    root, issuing, seal, stamp = (_load(folder, name) for name in ("root", "issuing", "seal", "stamp"))
    sm2_root, sm2_issuing = (_load_sm2(folder, name) for name in ("sm2-root", "sm2-issuing"))
    log_seed, storage = ((folder / name).read_bytes() for name in (LOG_SEED, STORAGE))
    (folder / SHARE).stat()  # read by another process; without it this one must not start either
    return DeploymentKeys(folder, root, issuing, sm2_root, sm2_issuing, seal, stamp, log_seed, storage)


def _make(folder: Path, organisation: str, hosts: Sequence[str], now: datetime) -> None:
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    since = now - timedelta(minutes=5)
    root = make_root(Subject("根证书", organisation), new_key(), _serial(), since)
    issuing = make_issuing(root, Subject("签发证书", organisation), new_key(), _serial(), since)
    until = issuing.certificate.not_valid_after_utc
    seal_key, tls_key = new_key(), new_key()
    term = Term(_serial(), since, until)
    seal = make_signer(issuing, Subject("档案封装", organisation), seal_key.public_key, term)
    tls_term = Term(_serial(), since, since + TLS_LIFE)
    tls = make_server(issuing, Subject(hosts[0], organisation), tls_key.public_key, tls_term, list(hosts))
    for name, authority in (("root", root), ("issuing", issuing), ("seal", Authority(seal, seal_key))):
        _write(fresh / f"{name}.pem", _pem(authority.certificate))
        _write(fresh / f"{name}.p8", authority.key.private_bytes())
    _write(fresh / "tls.pem", _pem(tls) + _pem(issuing.certificate))
    _write(fresh / "tls.key", _pem_key(tls_key))
    for name in (LOG_SEED, SHARE, STORAGE):
        _write(fresh / name, os.urandom(32))
    fresh.rename(folder)


def _add_stamper(folder: Path, organisation: str, now: datetime) -> None:
    """Make the time-stamp authority's key, also in a folder from before there was one; its certificate comes last."""
    issuing, key = _load(folder, "issuing"), new_key()
    term = Term(_serial(), now - timedelta(minutes=5), issuing.certificate.not_valid_after_utc)
    term = replace(term, not_before=max(term.not_before, issuing.certificate.not_valid_before_utc))
    certificate = make_stamper(issuing, Subject("时间戳", organisation), key.public_key, term)
    _add(folder, {"stamp.p8": key.private_bytes(), "stamp.pem": _pem(certificate)})


def _add_sm2(folder: Path, organisation: str, now: datetime) -> None:
    """Make the SM2 authorities, also in a folder from before there were any; the issuing certificate comes last."""
    since = now - timedelta(minutes=5)
    root = make_sm2_root(Subject("国密根证书", organisation), new_sm2_key(), _serial(), since)
    issuing = make_sm2_issuing(root, Subject("国密签发证书", organisation), new_sm2_key(), _serial(), since)
    files = {}
    for name, authority in (("sm2-root", root), ("sm2-issuing", issuing)):
        files[f"{name}.p8"] = authority.key.private_bytes()
        files[f"{name}.pem"] = _pem(authority.certificate)
    _add(folder, files)


def _add(folder: Path, files: Mapping[str, bytes]) -> None:
    """Add files to a folder that is in use, in their order, each whole or not at all."""
    for name, data in files.items():
        making = folder / f".{name}.new"
        making.unlink(missing_ok=True)
        _write(making, data)
        making.rename(folder / name)


def _load_sm2(folder: Path, name: str) -> Sm2Authority:
    return Sm2Authority(_load_certificate(folder, name), load_sm2_key((folder / f"{name}.p8").read_bytes()))


def _load(folder: Path, name: str) -> Authority:
    return Authority(_load_certificate(folder, name), load_key((folder / f"{name}.p8").read_bytes()))


def _load_certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def _serial() -> int:
    return secrets.randbits(158) | 1


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def _pem_key(key: MemoryKey) -> bytes:
    return key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
