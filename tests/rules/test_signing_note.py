"""Signed notes, checkpoints and proofs: the published examples, one spelling, and who is believed."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.merkle import InclusionRefused, Tree
from signing.note import (
    Checkpoint,
    Note,
    NoteNotSigned,
    NoteRefused,
    NoteSignatureWrong,
    Proof,
    Signature,
    VerifierKey,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_key,
    parse_note,
    parse_proof,
    sign,
    verify_proof,
)

# The example of the Go package sumdb/note, which C2SP signed-note is taken from.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
# The example of C2SP tlog-checkpoint.
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()

KEY = VerifierKey("example.com/log", 1, bytes(range(32)))
STRANGER = VerifierKey("example.com/other", 1, bytes(32))


def _mark(key: VerifierKey) -> Callable[[bytes], bytes]:
    """Stands for a signature: a digest that names the key. These tests are about text; log_key's are about Ed25519."""
    return lambda message: sha256(key.key + message).digest()


def _is_marked(key: VerifierKey, message: bytes, value: bytes) -> bool:
    return value == sha256(key.key + message).digest()


def _signed(text: str, *keys: VerifierKey) -> bytes:
    return Note(text, tuple(sign(text, key, _mark(key)) for key in keys)).to_bytes()


def test_the_published_key_and_note_are_read_and_written_back() -> None:
    key = parse_key(GO_KEY)
    assert (key.name, key.type, key.id.hex(), str(key)) == ("PeterNeumann", 1, "c74f20a3", GO_KEY)
    note = parse_note(GO_NOTE)
    assert note.to_bytes() == GO_NOTE
    assert note.text.endswith("problem is.\n")
    assert note.signatures[0].is_by(key)


def test_the_published_checkpoint_is_read_and_written_back() -> None:
    note = parse_note(C2SP_CHECKPOINT)
    checkpoint = parse_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(checkpoint) == note.text


def test_only_signatures_by_known_keys_are_kept() -> None:
    text = "first\n\nlast\n"
    data = _signed(text, STRANGER, KEY)
    note = open_note(data, [KEY], _is_marked)
    assert note.text == text
    assert [line.name for line in note.signatures] == ["example.com/log"]
    assert len(open_note(data, [KEY, STRANGER], _is_marked).signatures) == 2


def test_a_note_by_strangers_only_is_refused() -> None:
    with pytest.raises(NoteNotSigned):
        open_note(_signed("text\n", STRANGER), [KEY], _is_marked)


def test_a_line_with_a_known_name_and_another_key_is_a_strangers() -> None:
    same_name = VerifierKey(KEY.name, 1, bytes(32))
    with pytest.raises(NoteNotSigned):
        open_note(_signed("text\n", same_name), [KEY], _is_marked)


def test_one_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    text = "text\n"
    wrong = Signature(KEY.name, KEY.id, bytes(32))
    with pytest.raises(NoteSignatureWrong) as refusal:
        open_note(Note(text, (sign(text, STRANGER, _mark(STRANGER)), wrong)).to_bytes(), [KEY, STRANGER], _is_marked)
    assert (refusal.value.code, refusal.value.part) == ("note-signature", KEY.name)


LINE = f"— a.example {b64encode(bytes(36)).decode()}\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        f"text\n{LINE}".encode(),
        f"text\n\n{LINE}".removesuffix("\n").encode(),
        f"\n\n{LINE}".encode()[1:],
        f"te\rxt\n\n{LINE}".encode(),
        f"te\txt\n\n{LINE}".encode(),
        b"te\xffxt\n\n" + LINE.encode(),
        f"text\n\n{LINE}x\n".encode(),
        f"text\n\n-{LINE[1:]}".encode(),
        "text\n\n— a.example AAAA\n".encode(),
        "text\n\n— a.example AAAAAA==\n".encode(),
        "text\n\n— a.example AAAAAAB=\n".encode(),
        "text\n\n— a.example AAAAAAA\n".encode(),
        "text\n\n— a.example AAAAA-A=\n".encode(),
        "text\n\n— a+b AAAAAAA=\n".encode(),
        "text\n\n— a\u3000b AAAAAAA=\n".encode(),
        "text\n\n—  AAAAAAA=\n".encode(),
        "text\n\n— a.example  AAAAAAA=\n".encode(),
        ("text\n\n" + "— a.example AAAAAAA=\n" * 65).encode(),
    ],
)
def test_text_of_another_spelling_is_no_note(data: bytes) -> None:
    with pytest.raises(NoteRefused):
        parse_note(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
        GO_KEY.replace("PeterNeumann", ""),
        GO_KEY + "\n",
        GO_KEY[:-4],
        "a+" + sha256(b"a\n\x01").hexdigest()[:8] + "+AQ==",
    ],
)
def test_text_of_another_spelling_is_no_key(text: str) -> None:
    with pytest.raises(NoteRefused):
        parse_key(text)


ROOT = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"log\n5\n{ROOT}",
        f"log\n5\n{ROOT}\nextension\n",
        f"log\n5\n{ROOT}\n\n",
        f"\n5\n{ROOT}\n",
        f"log\n05\n{ROOT}\n",
        f"log\n+5\n{ROOT}\n",
        f"log\n-5\n{ROOT}\n",
        f"log\n５\n{ROOT}\n",
        f"log\n{2**63}\n{ROOT}\n",
        f"log\n\n{ROOT}\n",
        "log\n5\nAAAA\n",
        f"log\n5\n{ROOT[:-2]}B=\n",
        f"lo g\n5\n{ROOT}\n",
    ],
)
def test_text_of_another_spelling_is_no_checkpoint(text: str) -> None:
    with pytest.raises(NoteRefused):
        parse_checkpoint(text)


def test_a_checkpoint_is_believed_only_under_the_key_of_its_origin() -> None:
    checkpoint = Checkpoint(KEY.name, 3, bytes(32))
    assert open_checkpoint(_signed(str(checkpoint), KEY), KEY, _is_marked) == checkpoint
    with pytest.raises(NoteRefused) as refusal:
        open_checkpoint(_signed(str(Checkpoint("example.com/another", 3, bytes(32))), KEY), KEY, _is_marked)
    assert refusal.value.part == "origin"


def _proof(index: int) -> tuple[Proof, bytes]:
    tree = Tree()
    for number in range(11):
        tree.append(bytes([number]) * 32)
    checkpoint = Checkpoint(KEY.name, tree.size, tree.root())
    note = parse_note(_signed(str(checkpoint), STRANGER, KEY))
    return Proof(index, tuple(tree.inclusion(index)), note), tree.leaf(index)


@given(st.integers(0, 10))
def test_a_proof_is_read_written_back_and_leads_to_its_checkpoint(index: int) -> None:
    proof, leaf = _proof(index)
    data = proof.to_bytes()
    assert data.startswith(b"c2sp.org/tlog-proof@v1\nindex %d\n" % index)
    assert parse_proof(data) == proof
    assert verify_proof(parse_proof(data), leaf, KEY, _is_marked).size == 11


def test_a_proof_for_another_leaf_or_index_is_refused() -> None:
    proof, leaf = _proof(4)
    with pytest.raises(InclusionRefused):
        verify_proof(proof, bytes(32), KEY, _is_marked)
    with pytest.raises(InclusionRefused):
        verify_proof(Proof(5, proof.path, proof.checkpoint), leaf, KEY, _is_marked)


def test_a_proof_under_a_strangers_checkpoint_is_refused() -> None:
    proof, leaf = _proof(4)
    with pytest.raises(NoteNotSigned):
        verify_proof(proof, leaf, VerifierKey(KEY.name, 1, bytes(32)), _is_marked)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"proof@v1", b"proof@v2"),
        (b"index 4\n", b"index 04\n"),
        (b"index 4\n", b"extra AAAA\nindex 4\n"),
        (b"index 4\n", b""),
        (b"index 4\n", b"index 4\nAAAA\n"),
        (b"\n\n", b"\n"),
        (b"index 4\n", b"index \xef\xbc\x94\n"),
        # The last letter of 32 bytes in base64 carries four bits; its two others must be zero.
        (b"=\n", b"=\n" + b64encode(bytes(32))[:-2] + b"B=\n"),
    ],
)
def test_text_of_another_spelling_is_no_proof(old: bytes, new: bytes) -> None:
    data = _proof(4)[0].to_bytes()
    altered = data.replace(old, new, 1)
    assert altered != data
    with pytest.raises(NoteRefused):
        parse_proof(altered)
