"""What a trading system delivers: signed ZIP packages of the tender and of the opening, and broken ones to be refused.

The bytes are in docs/tender-package.md. Keys are made anew for each demo and are kept nowhere.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from demo import case_example_a as works
from demo.documents import bid, blind_bid, item_table, opening_record, priced_bill, tender_document
from demo.example import Example

OPENED = "2026-11-20T00:30:00Z"
MANIFEST = "package.json"
SIGNATURE = "package.json.p7s"
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class Party(NamedTuple):
    """A trading system or bidder of the demo: a self-signed P-256 certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate as the deployment is configured with it."""
        return self.certificate.public_bytes(Encoding.PEM)

    def sign(self, content: bytes) -> bytes:
        """A detached CMS signature over `content`, DER (RFC 5652; SHA-256, ECDSA on P-256)."""
        builder = (
            pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(self.certificate, self.key, hashes.SHA256())
        )
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
        return builder.sign(Encoding.DER, options)


class Packed(NamedTuple):
    """A file of a package: its path, its bytes, its role."""

    path: str
    content: bytes
    role: str


def make_party(name: str) -> Party:
    """A new key and a certificate for it, valid from yesterday for a year."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=365))
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return Party(builder.add_extension(usage, critical=True).sign(key, hashes.SHA256()), key)


def make_bidders(case: Example = works) -> dict[str, Party]:
    """One party a bidder; their certificates go into the opening package."""
    return {ref: make_party(name) for ref, name in case.BIDDERS.items()}


def bidders_of_lots(lots: Mapping[str, Example]) -> dict[str, Party]:
    """By bid: a bidder of several lots has one certificate."""
    parties = {name: make_party(name) for case in lots.values() for name in case.BIDDERS.values()}
    return {f"{lot}-{ref}": parties[name] for lot, case in lots.items() for ref, name in case.BIDDERS.items()}


def write_tender_package(folder: Path, trading: Party, number: str, not_before: str, case: Example = works) -> Path:
    """招标包 `tender.zip`: the tender document, the item table template, the criteria. `not_before`: UTC instant."""
    files = [
        Packed("tender-document.pdf", tender_document(case), "tender_document"),
        Packed("item-table.csv", item_table(case), "item_table"),
        Packed("criteria.json", _json(case.CRITERIA), "criteria"),
    ]
    return _write(
        folder / "tender.zip", trading, _manifest("tender", number, not_before, files, dict(case.PROJECT)), files
    )


def write_opening_package(
    folder: Path, trading: Party, bidders: dict[str, Party], number: str, not_before: str, case: Example = works
) -> Path:
    """开标包 `opening.zip`: the opening record, the bids, their certificates, prices and coefficient."""
    files = [
        Packed("opening-record.pdf", opening_record(case), "opening_record"),
        Packed("opening.json", _json(case.OPENING), "opening"),
    ]
    files += [Packed(f"bids/{ref}.pdf", bid(ref, case), "bid") for ref in case.BIDDERS]
    if any(group.get("blind") for group in case.CRITERIA["groups"]):
        files += [Packed(f"blind/{ref}.pdf", blind_bid(ref, case), "technical_blind") for ref in case.BIDDERS]
    files += [Packed(f"bills/{ref}.csv", priced_bill(ref, case), "bill") for ref in case.BIDDERS]
    files += [Packed(f"certificates/{ref}.pem", party.pem, "certificate") for ref, party in bidders.items()]
    data = {**case.OPENING, "opened": OPENED}
    return _write(folder / "opening.zip", trading, _manifest("opening", number, not_before, files, data), files)


def write_divided_tender(
    folder: Path, trading: Party, number: str, not_before: str, lots: Mapping[str, Example]
) -> Path:
    """招标包 of a tender in several lots (标段), each with item table and criteria under its id."""
    first, *_ = lots.values()
    files = [Packed("tender-document.pdf", tender_document(first), "tender_document")]
    for lot, case in lots.items():
        files.append(Packed(f"item_tables/{lot}.csv", item_table(case), "item_table"))
        files.append(Packed(f"criteria/{lot}.json", _json(case.CRITERIA), "criteria"))
    data: dict[str, Any] = {key: text for key, text in first.PROJECT.items() if key not in {"lot", "limit_price"}}
    data["lots"] = [
        {"id": lot, "name": f"第{lot}标段", "limit_price": case.PROJECT["limit_price"]} for lot, case in lots.items()
    ]
    return _write(folder / "tender.zip", trading, _manifest("tender", number, not_before, files, data), files)


def write_divided_opening(
    folder: Path, trading: Party, bidders: dict[str, Party], number: str, not_before: str, lots: Mapping[str, Example]
) -> Path:
    """开标包 of several lots: bidder A's bid in lot 1 is `1-A`; `bidders` are those of `bidders_of_lots`."""
    first, *_ = lots.values()
    files = [Packed("opening-record.pdf", opening_record(first), "opening_record")]
    rows = []
    for lot, case in lots.items():
        opened = {**case.OPENING, "bids": [row | {"id": f"{lot}-{row['id']}"} for row in case.OPENING["bids"]]}
        files.append(Packed(f"openings/{lot}.json", _json(opened), "opening"))
        rows.append({"id": lot} | {key: value for key, value in opened.items() if key != "format"})
        for ref in case.BIDDERS:
            files.append(Packed(f"bids/{lot}-{ref}.pdf", bid(ref, case), "bid"))
            files.append(Packed(f"bills/{lot}-{ref}.csv", priced_bill(ref, case), "bill"))
    files += [Packed(f"certificates/{ref}.pem", party.pem, "certificate") for ref, party in bidders.items()]
    data = {"format": first.OPENING["format"], "opened": OPENED, "lots": rows}
    return _write(folder / "opening.zip", trading, _manifest("opening", number, not_before, files, data), files)


def write_experts_package(
    folder: Path, province: Party, number: str, box: bytes, data: dict[str, Any], not_before: str
) -> Path:
    """省级平台抽取结果 `experts.zip`: rows sealed to a server, signed by the province (docs/provincial-draw.md)."""
    files = [Packed("experts.box", box, "experts")]
    return _write(folder / "experts.zip", province, _manifest("experts", number, not_before, files, data), files)


def without_file(package: Path, path: str) -> Path:
    """A copy of a package in which one listed file is missing."""
    return _changed(package, "without", {path: None})


def with_changed_file(package: Path, path: str) -> Path:
    """A copy of a package in which one file has other bytes than its digest says."""
    with ZipFile(package) as archive:
        content = archive.read(path)
    return _changed(package, "changed", {path: content[:-1] + bytes([content[-1] ^ 1])})


def with_changed_manifest(package: Path) -> Path:
    """A copy of a package whose list was changed after it was signed."""
    with ZipFile(package) as archive:
        content = archive.read(MANIFEST)
    return _changed(package, "relisted", {MANIFEST: content.replace(b'"size":', b'"size": ', 1)})


def signed_by(package: Path, stranger: Party) -> Path:
    """A copy of a package signed by somebody else."""
    with ZipFile(package) as archive:
        content = archive.read(MANIFEST)
    return _changed(package, "stranger", {SIGNATURE: stranger.sign(content)})


def _manifest(kind: str, number: str, not_before: str, files: list[Packed], data: dict[str, Any]) -> bytes:
    listed = [
        {"path": f.path, "sha256": sha256(f.content).hexdigest(), "size": len(f.content), "role": f.role} for f in files
    ]
    return _json(
        {"v": "bid-package/1", "type": kind, "case": number, "not_before": not_before, "files": listed, "data": data}
    )


def _write(path: Path, trading: Party, manifest: bytes, files: list[Packed]) -> Path:
    contents = {MANIFEST: manifest, SIGNATURE: trading.sign(manifest), **{f.path: f.content for f in files}}
    return _zip(path, contents)


def _changed(package: Path, suffix: str, changes: dict[str, bytes | None]) -> Path:
    with ZipFile(package) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()} | changes
    kept = {name: content for name, content in contents.items() if content is not None}
    return _zip(package.with_name(f"{package.stem}-{suffix}.zip"), kept)


def _zip(path: Path, contents: dict[str, bytes]) -> Path:
    with ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(ZipInfo(name, ZIP_EPOCH), content, ZIP_DEFLATED)
    return path


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
