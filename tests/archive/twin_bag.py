"""The bag of `bag_example` under the policy `both`: an SM2 twin beside each signature, its stamp beside that.

`python -m tests.archive.twin_bag` writes the golden bag anew, with keys that nobody has afterwards: only where the
format of a bag changes for good, for bags of yesterday must be judged right for ever.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archive.bag_source import Signatures
from archive.published import sm2_files
from signing.ca import Subject, Term
from signing.cms import Chain, sign_detached
from signing.crl import Revoked
from signing.dialects import SM2
from signing.sm2 import Sm2Key, new_sm2_key
from signing.sm2_ca import Sm2Authority, make_sm2_crl, make_sm2_issuing, make_sm2_root, make_sm2_signer
from tests.archive import bag_example
from tests.archive.authority import BEGIN, NOW
from tests.archive.bag_example import Room

GOLDEN = Path(__file__).parent.parent / "vectors" / "accept" / "bag-sm2-twins.zip"
CENTRE = "演示交易中心"
SIGNED = datetime.fromtimestamp(NOW, UTC)
ENDED = bag_example.BEGIN + timedelta(days=1)


def _found() -> tuple[Sm2Authority, Sm2Authority]:
    root = make_sm2_root(Subject("演示根", CENTRE), new_sm2_key(), 1, BEGIN)
    return root, make_sm2_issuing(root, Subject("演示签发", CENTRE), new_sm2_key(), 2, BEGIN)


@dataclass
class TwinRoom(Room):
    """A room whose people have two keys each, and sign with both."""

    authorities: tuple[Sm2Authority, Sm2Authority] = field(default_factory=_found)
    twins: dict[str, tuple[Sm2Key, x509.Certificate]] = field(default_factory=dict)

    def certify(self, holder_of: str) -> dict[str, str]:
        """See `Room`."""
        stated, key = super().certify(holder_of), new_sm2_key()
        beside = self.holders[holder_of].certificate
        term = Term(beside.serial_number, beside.not_valid_before_utc, beside.not_valid_after_utc)
        made = make_sm2_signer(self.authorities[1], Subject(f"评委 {holder_of}", CENTRE), key.public_key, term)
        self.twins[holder_of] = key, made
        der = made.public_bytes(Encoding.DER)
        named = {"sm2_certificate": b64encode(der).decode(), "sm2_certificate_sha256": bag_example.digest(der)}
        return stated | named

    def sign(self, who: str, content: bytes, released: bytes) -> Signatures:
        """See `Room`."""
        key, certificate = self.twins[who]
        chain = Chain(certificate, self.authorities[1].certificate)
        twin = sign_detached(SM2.digest(content), key, chain, SIGNED, released)
        return Signatures(super().sign(who, content, released).cms, twin)

    def trust(self) -> dict[str, bytes]:
        """See `Room`."""
        return sm2_files(*(one.certificate.public_bytes(Encoding.DER) for one in self.authorities))

    def revoked_sm2(self) -> bytes:
        """See `Room`."""
        ended = (Revoked(certificate.serial_number, ENDED, "ended") for _, certificate in self.twins.values())
        return make_sm2_crl(self.authorities[1], ended, ENDED)


def tell(monkeypatch: pytest.MonkeyPatch, room: Callable[..., Room] = TwinRoom) -> None:
    """Make the example one of a case that is signed by both algorithms."""
    monkeypatch.setattr(bag_example, "Room", room)
    monkeypatch.setitem(bag_example.VALUES, "signature", {"algorithms": "both"})


def write_golden() -> None:
    """Such a bag and what its centre published, in one ZIP."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        tell(patch)
        bag_example.write(Path(folder))
        kept = [Path(folder, name) for name in (bag_example.CASE, "trust")]
        with ZipFile(GOLDEN, "w", ZIP_DEFLATED, compresslevel=9) as archive:
            for file in sorted(file for one in kept for file in one.rglob("*") if file.is_file()):
                info = ZipInfo(file.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
                archive.writestr(info, file.read_bytes(), ZIP_DEFLATED)


if __name__ == "__main__":
    write_golden()
