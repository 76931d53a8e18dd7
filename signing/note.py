"""Signed notes, log checkpoints and log proofs as text (C2SP signed-note, tlog-checkpoint, tlog-proof).

Each value has one spelling: parsing is strict, and what was parsed is formatted again and compared. Signing and
verifying come in as functions: this module never holds a key. Standard library only.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from signing.merkle import HASH_BYTES, verify_inclusion

ED25519 = 1
"""Signature type 0x01: Ed25519 over the text (signed-note §Signature types)."""
KEY_ID_BYTES = 4
BYTE_LIMIT = 255
MOST_SIGNATURES = 64
SIZE_LIMIT = 2**63
PROOF_HEAD = "c2sp.org/tlog-proof@v1"
DECIMAL = re.compile(r"0|[1-9]\d{0,18}", re.ASCII)
DASH = "— "

Verify = Callable[["VerifierKey", bytes, bytes], bool]
"""Whether the signature (third) of the key is right over the message (second)."""


class NoteRefused(Exception):
    """Text that is not a note, checkpoint, proof or key of the one spelling; `part` is what is wrong with it."""

    code = "note-malformed"

    def __init__(self, part: str) -> None:
        super().__init__(f"{self.code}: {part}")
        self.part = part


class NoteNotSigned(NoteRefused):
    """No signature by any of the known keys."""

    code = "note-not-signed"


class NoteSignatureWrong(NoteRefused):
    """A signature that claims a known key and is not that key's over this text; `part` is the key's name."""

    code = "note-signature"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, as in `example.com/log+a1b2c3d4+AVf…` (name, key id in hex, base64 of type ‖ key)."""

    name: str
    type: int
    key: bytes

    def __post_init__(self) -> None:
        _demand(_is_name(self.name), "key name")
        _demand(0 < self.type <= BYTE_LIMIT and bool(self.key), "key")

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key)."""
        return sha256(b"%b\n%c%b" % (self.name.encode(), self.type, self.key)).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.type]) + self.key)}"


def parse_key(text: str) -> VerifierKey:
    """The key that is written `text`. Raises NoteRefused."""
    name, _, rest = text.partition("+")
    _, _, encoded = rest.partition("+")
    content = _bytes(encoded, "key")
    _demand(bool(content), "key")
    key = VerifierKey(name, content[0], content[1:])
    _demand(str(key) == text, "key")
    return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, `— <name> <base64(key id ‖ value)>`."""

    name: str
    key_id: bytes
    value: bytes

    def __post_init__(self) -> None:
        _demand(_is_name(self.name), "signature name")
        _demand(len(self.key_id) == KEY_ID_BYTES and bool(self.value), "signature")

    def __str__(self) -> str:
        return f"{DASH}{self.name} {_base64(self.key_id + self.value)}\n"

    def is_by(self, key: VerifierKey) -> bool:
        """Whether this line claims to be by `key`; it is not yet verified."""
        return self.name == key.name and self.key_id == key.id


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it.

    example.com/log\\n23\\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\\n\\n— example.com/log Az3grlgtzPIC…\\n
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        _demand(self.text.endswith("\n") and _is_plain(self.text), "text")
        _demand(0 < len(self.signatures) <= MOST_SIGNATURES, "signatures")

    def to_bytes(self) -> bytes:
        """The note as it is stored and sent, UTF-8."""
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()


def parse_note(data: bytes) -> Note:
    """The note that is written `data`, its signatures unverified. Raises NoteRefused."""
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteRefused("text") from None
    text, gap, lines = whole.rpartition("\n\n")
    _demand(bool(gap) and lines.endswith("\n"), "signatures")
    note = Note(text + "\n", tuple(_signature(line) for line in lines.removesuffix("\n").split("\n")))
    _demand(note.to_bytes() == data, "spelling")
    return note


def sign(text: str, key: VerifierKey, sign_bytes: Callable[[bytes], bytes]) -> Signature:
    """The line of `key` under `text`; `sign_bytes` signs a message with the private half."""
    return Signature(key.name, key.id, sign_bytes(text.encode()))


def open_note(data: bytes, keys: Iterable[VerifierKey], verify: Verify) -> Note:
    """The note `data`, reduced to the signatures by `keys`, each verified; lines by strangers are left out.

    Raises NoteRefused; NoteSignatureWrong if a line claims one of `keys` and is not its; NoteNotSigned if none does.
    """
    note = parse_note(data)
    known = list(keys)
    right = []
    for line in note.signatures:
        key = next((key for key in known if line.is_by(key)), None)
        if key is None:
            continue
        if not verify(key, note.text.encode(), line.value):
            raise NoteSignatureWrong(line.name)
        right.append(line)
    if not right:
        raise NoteNotSigned("signatures")
    return Note(note.text, tuple(right))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's tree head as the text of a note, `<origin>\\n<size>\\n<base64 root>\\n`; extension lines are refused."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        _demand(_is_name(self.origin), "origin")
        _demand(0 <= self.size < SIZE_LIMIT, "size")
        _demand(len(self.root) == HASH_BYTES, "root")

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that is the note text `text`. Raises NoteRefused."""
    origin, size, root = (*text.split("\n"), "", "")[:3]
    checkpoint = Checkpoint(origin, _decimal(size, "size"), _bytes(root, "root"))
    _demand(str(checkpoint) == text, "checkpoint")
    return checkpoint


def open_checkpoint(data: bytes, key: VerifierKey, verify: Verify) -> Checkpoint:
    """The checkpoint in the note `data`, signed by the log's `key`, whose name is the origin. Raises NoteRefused."""
    checkpoint = parse_checkpoint(open_note(data, [key], verify).text)
    _demand(checkpoint.origin == key.name, "origin")
    return checkpoint


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry stands at `index` of a log: the inclusion path and, verbatim, the signed checkpoint it leads to.

    c2sp.org/tlog-proof@v1\\nindex 5\\n<base64 hash>\\n…\\n\\n<checkpoint note>
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note

    def __post_init__(self) -> None:
        _demand(0 <= self.index < SIZE_LIMIT, "index")
        _demand(all(len(item) == HASH_BYTES for item in self.path), "path")

    def to_bytes(self) -> bytes:
        """The proof as it is stored (`.tlog-proof`), without the optional line of extra data."""
        path = "".join(f"{_base64(item)}\n" for item in self.path)
        return f"{PROOF_HEAD}\nindex {self.index}\n{path}\n".encode() + self.checkpoint.to_bytes()


def parse_proof(data: bytes) -> Proof:
    """The proof that is written `data`; neither path nor signature is verified. Raises NoteRefused."""
    head, gap, note = data.partition(b"\n\n")
    _demand(bool(gap) and head.isascii(), "proof")
    first, *rest = head.decode().split("\n")
    _demand(first == PROOF_HEAD and bool(rest) and rest[0].startswith("index "), "proof")
    index = _decimal(rest[0].removeprefix("index "), "index")
    proof = Proof(index, tuple(_bytes(line, "path") for line in rest[1:]), parse_note(note))
    _demand(proof.to_bytes() == data, "spelling")
    return proof


def verify_proof(proof: Proof, leaf: bytes, key: VerifierKey, verify: Verify) -> Checkpoint:
    """The checkpoint signed by the log's `key` in whose tree the leaf hash is shown to stand.

    Raises NoteRefused (NoteSignatureWrong, NoteNotSigned) or InclusionRefused.
    """
    checkpoint = open_checkpoint(proof.checkpoint.to_bytes(), key, verify)
    verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint


def _signature(line: str) -> Signature:
    _demand(line.startswith(DASH), "signature")
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    content = _bytes(encoded, "signature")
    return Signature(name, content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])


def _is_name(text: str) -> bool:
    return bool(text) and "+" not in text and not any(map(str.isspace, text)) and _is_plain(text)


def _is_plain(text: str) -> bool:
    """Whether `text` has UTF-8 and no control character but newlines."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return all(letter >= " " or letter == "\n" for letter in text)


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


def _bytes(text: str, part: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise NoteRefused(part) from None


def _decimal(text: str, part: str) -> int:
    _demand(bool(DECIMAL.fullmatch(text)), part)
    return int(text)


def _demand(holds: bool, part: str) -> None:
    if not holds:
        raise NoteRefused(part)
