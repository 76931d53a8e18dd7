"""The stored vectors: made the same way today, and judged alike by the house and by the archive's own verifier."""

import json
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import load_der_x509_certificate

from archive.verifier import cms as stranger
from archive.verifier import x509 as stranger_x509
from signing import cms
from signing.authorisation import parse_authorisation
from signing.ca import sha256_of
from signing.canonical import NotCanonical, canonical, parse
from signing.log_key import is_signed
from signing.merkle import Tree, leaf_hash, verify_consistency
from signing.note import open_checkpoint, parse_key, parse_proof, verify_proof
from signing.statement import parse_statement
from tests.signing.vectors import FOLDER, made


def _stored(pattern: str) -> list[Path]:
    found = sorted(FOLDER.glob(pattern))
    assert found
    return found


def _code(path: Path) -> str:
    return path.name.split(".")[0].removeprefix("signing-")


def _arguments(path: Path) -> tuple[bytes, bytes, bytes, int]:
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    digest = sha256(value["content"].encode()).digest()
    return b64decode(value["p7s"]), digest, b64decode(value["root"]), value["at"]


def _verify(path: Path) -> cms.Signature:
    file, digest, root, at = _arguments(path)
    return cms.verify_detached(file, digest, [load_der_x509_certificate(root)], datetime.fromtimestamp(at, UTC))


def _verify_as_stranger(path: Path) -> stranger.Signature:
    file, digest, root, at = _arguments(path)
    return stranger.verify(file, digest, stranger_x509.read(root), at)


def test_the_stored_vectors_are_those_that_are_made_today() -> None:
    subjects = ("signing-", "canonical-", "log-")
    stored = {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for path in _stored("*/*")
        if path.name.startswith(subjects)
    }
    assert stored == made()


@pytest.mark.parametrize("path", _stored("accept/signing-*.json"), ids=lambda path: path.name)
def test_an_accepted_signature_says_the_same_to_both_judges(path: Path) -> None:
    ours, theirs = _verify(path), _verify_as_stranger(path)
    assert ours.signed_at.timestamp() == theirs.signed_at
    assert ours.authorisation_sha256 == theirs.authorisation
    assert sha256_of(ours.chain.signer) == sha256(theirs.signer.raw).digest()


@pytest.mark.parametrize("path", _stored("reject/signing-*.json"), ids=lambda path: path.name)
def test_a_rejected_signature_is_refused_by_both_judges_for_the_reason_in_its_name(path: Path) -> None:
    with pytest.raises(cms.CmsRefused) as ours:
        _verify(path)
    with pytest.raises(stranger.CmsRefused) as theirs:
        _verify_as_stranger(path)
    assert (ours.value.code, theirs.value.code) == (_code(path), _code(path))


@pytest.mark.parametrize("path", _stored("accept/canonical-*.txt"), ids=lambda path: path.name)
def test_accepted_bytes_are_canonical(path: Path) -> None:
    assert canonical(parse(path.read_bytes())) == path.read_bytes()


@pytest.mark.parametrize("path", _stored("reject/canonical-*.txt"), ids=lambda path: path.name)
def test_rejected_bytes_are_refused_for_the_reason_in_their_name(path: Path) -> None:
    with pytest.raises(NotCanonical) as refusal:
        parse(path.read_bytes())
    assert refusal.value.code == _code(path)


def test_the_stored_statement_and_records_belong_together() -> None:
    statement = (FOLDER / "accept/signing-statement.txt").read_bytes()
    signature = _verify(FOLDER / "accept/signing-member.json")
    record = parse_authorisation((FOLDER / "accept/signing-authorisation-of-five.txt").read_bytes())
    assert parse_statement(statement).entry == signature.content_digest
    assert record.sha256 == signature.authorisation_sha256
    signer = sha256_of(signature.chain.signer)
    case = parse_statement(statement).case
    record.check_covers(signature.content_digest, signer, case, signature.signed_at)
    parse_authorisation((FOLDER / "accept/signing-authorisation-of-one.txt").read_bytes())


def test_the_stored_log_proves_each_entry_and_each_step_of_its_growth() -> None:
    log: dict[str, Any] = json.loads((FOLDER / "accept/log-nine-sheets.json").read_text(encoding="utf-8"))
    key = parse_key(log["vkey"])
    leaves = [leaf_hash(bytes.fromhex(entry)) for entry in log["entries"]]
    roots = [bytes.fromhex(root) for root in log["roots"]]
    assert open_checkpoint(log["checkpoint"].encode(), key, is_signed).root == roots[9] == Tree(leaves).root()
    for leaf, proof in zip(leaves, log["proofs"], strict=True):
        verify_proof(parse_proof(proof.encode()), leaf, key, is_signed)
    for old, proof in enumerate(log["consistency"], start=1):
        verify_consistency(old, 9, [bytes.fromhex(part) for part in proof], roots[old], roots[9])
