"""Checkpoints under an Ed25519 key: the published signature holds, and so do ours, by openssl's judgement too."""

import subprocess
from pathlib import Path

import pytest

from signing.log_key import LogKey, is_signed, new_log_key
from signing.merkle import Tree
from signing.note import (
    NoteNotSigned,
    NoteRefused,
    NoteSignatureWrong,
    Proof,
    VerifierKey,
    open_checkpoint,
    open_note,
    parse_key,
    parse_proof,
    verify_proof,
)
from tests.rules.test_signing_note import C2SP_CHECKPOINT, GO_KEY, GO_NOTE

KEY = LogKey("bid.example/E-2026-0001", bytes(range(32)))
# RFC 8410 §4: the 12 bytes before a bare Ed25519 public key in SubjectPublicKeyInfo.
SPKI = bytes.fromhex("302a300506032b6570032100")


def test_the_published_signature_holds_and_a_changed_text_does_not() -> None:
    key = parse_key(GO_KEY)
    assert open_note(GO_NOTE, [key], is_signed).text.startswith("If you think")
    with pytest.raises(NoteSignatureWrong):
        open_note(GO_NOTE.replace(b"problem,", b"problem;"), [key], is_signed)


def test_a_published_checkpoint_of_another_log_is_a_strangers() -> None:
    with pytest.raises(NoteNotSigned):
        open_checkpoint(C2SP_CHECKPOINT, KEY.verifier_key, is_signed)


def test_openssl_accepts_the_signature_under_a_checkpoint(tmp_path: Path) -> None:
    note = KEY.sign_checkpoint(5, bytes(32))
    (tmp_path / "key.der").write_bytes(SPKI + KEY.verifier_key.key)
    (tmp_path / "text").write_text(note.text, encoding="utf-8")
    (tmp_path / "signature").write_bytes(note.signatures[0].value)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature"
    judged = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=False, timeout=30)
    assert judged.returncode == 0, judged.stderr


def test_a_proof_leads_to_a_signed_checkpoint() -> None:
    tree = Tree(bytes([number]) * 32 for number in range(9))
    note = KEY.sign_checkpoint(tree.size, tree.root())
    data = Proof(6, tuple(tree.inclusion(6)), note).to_bytes()
    assert verify_proof(parse_proof(data), tree.leaf(6), KEY.verifier_key, is_signed).root == tree.root()


def test_a_key_reads_back_from_its_seed_and_new_ones_differ() -> None:
    again = LogKey("bid.example/E-2026-0001", KEY.private_bytes())
    assert again.verifier_key == KEY.verifier_key
    assert again.sign_checkpoint(1, bytes(32)) == KEY.sign_checkpoint(1, bytes(32))
    assert new_log_key("a").verifier_key.key != new_log_key("a").verifier_key.key


def test_no_other_kind_of_key_counts_as_signed() -> None:
    note = KEY.sign_checkpoint(5, bytes(32))
    message, value = note.text.encode(), note.signatures[0].value
    assert is_signed(KEY.verifier_key, message, value)
    for key in (VerifierKey("a", 4, KEY.verifier_key.key), VerifierKey("a", 1, bytes(31))):
        assert not is_signed(key, message, value)


def test_a_name_that_no_note_can_carry_makes_no_key() -> None:
    with pytest.raises(NoteRefused):
        LogKey("two words", bytes(32))
