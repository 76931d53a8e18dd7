"""What other software had signed holds by its record, its own certificate and its signatures, each spoilt once."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from signing.canonical import canonical, parse
from tests.archive import bag_example
from tests.archive.authority import SIGNER, Holder
from tests.archive.bag_example import CASE, Room, digest
from tests.archive.test_verifier_bag import check

Json = dict[str, Any]
Spoil = Callable[[Json], None]
LEAVES = [sha256(b"first").digest(), sha256(b"second").digest()]


def signed(room: Room, holder: Holder, spoil: Spoil) -> Json:
    """The body of a `software.signed` by this key, its record changed before it is signed."""
    shown = digest("\n".join(leaf.hex() for leaf in LEAVES).encode())
    room.holders["software"] = holder
    record: Any = parse(room.authorise("software", LEAVES, shown))
    room.authorisations.pop()
    record["act"] |= {"purpose": "software", "iat": int(bag_example.BEGIN.timestamp()) - 10}
    record["act"]["exp"] = record["act"]["iat"] + 120
    spoil(record)
    values = [holder.key.sign(leaf, ec.ECDSA(Prehashed(SHA256()))) for leaf in LEAVES]
    texts = [b64encode(value).decode() for value in values]
    return {"member": "m1", "authorisation": canonical(record).decode(), "signatures": texts}


def found(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Spoil = lambda _: None,
    **other: Any,  # noqa: ANN401 - JSON
) -> set[tuple[int, str]]:
    """(step, what) over a bag in which m1's second key signed two digests; `other`: spoilt fields of the statements."""
    state = Room.state

    def beside(room: Room, kind: str, **body: Any) -> int:  # noqa: ANN401 - bodies are JSON
        index = state(room, kind, **body)
        if kind == "seat.enrolled" and body["member"] == "m1":
            holder = room.house.issuing.issue("评委 m1", SIGNER)
            about = {"credential": "c-software", "certificate": b64encode(holder.der).decode()}
            enrolled = {"member": "m1", **about, "certificate_sha256": digest(holder.der)}
            state(room, "software.enrolled", **enrolled | other.get("enrolled", {}))
            if "ended" in other:
                again = {"credential": "c-again", **{name: enrolled[name] for name in enrolled if "cert" in name}}
                reissued = other["ended"] == "certificate.reissued"
                by = {"by": {"role": "checkin", "who": "desk"}, "member": "m1"}
                state(room, other["ended"], **by, **({"second": "b", **again} if reissued else {"reason": "absent"}))
            key = room.holders["m1"] if other.get("own") else holder
            stated = signed(room, key, spoil)
            changed = {name: change(stated[name]) for name, change in other.get("signed", {}).items()}
            state(room, "software.signed", **stated | changed)
        return index

    monkeypatch.setattr(Room, "state", beside)
    bag_example.write(folder)
    return {(one.step, one.what) for one in check(folder / CASE, folder / "trust").findings}


def acts(**changed: Any) -> Spoil:  # noqa: ANN401 - any value
    return lambda record: record["act"].update(changed)


def test_signatures_for_other_software_hold_in_a_bag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch) == set()


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (acts(purpose="score-sheet"), "software-record"),
        (acts(meeting="E-0"), "software-record"),
        (acts(display="0" * 64), "software-record"),
        (acts(numSignatures=1), "software-record"),
        (acts(hashes=["0" * 64]), "software-record"),
        (acts(iat=0, exp=120), "software-record"),
        (lambda record: record["leaves"].reverse(), "software-record"),
        (acts(credentialID="c-m1"), "software-not-enrolled"),
        (acts(certSha256="0" * 64), "software-not-enrolled"),
    ],
)
def test_a_record_that_says_something_else_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Spoil, what: str
) -> None:
    assert found(tmp_path, monkeypatch, spoil) == {(6, what)}


@pytest.mark.parametrize(
    "change",
    [
        lambda signatures: signatures[:1],
        lambda signatures: signatures[::-1],
        lambda signatures: [signatures[0], "AA=="],
        lambda signatures: [signatures[0], b64encode(b64decode(signatures[1])[:-1] + b"\0").decode()],
    ],
)
def test_signatures_that_are_not_the_keys_over_each_digest_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[list[str]], list[str]]
) -> None:
    assert found(tmp_path, monkeypatch, signed={"signatures": change}) == {(6, "software-signature")}


def test_the_key_that_signs_sheets_signs_nothing_for_other_software(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (6, "software-not-enrolled") in found(tmp_path, monkeypatch, acts(credentialID="c-m1"), own=True)


def test_a_member_that_nothing_was_enrolled_for_has_signed_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(tmp_path, monkeypatch, enrolled={"member": "m2"}) == {(6, "software-not-enrolled")}


@pytest.mark.parametrize("ending", ["member.replaced", "certificate.reissued"])
def test_the_key_of_a_member_replaced_or_certified_anew_signs_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    assert (6, "software-not-enrolled") in found(tmp_path, monkeypatch, ended=ending)


def test_what_a_key_signed_once_it_stood_on_the_revocation_list_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bag_example.revocations
    monkeypatch.setattr(bag_example, "revocations", lambda room: made(room, bag_example.BEGIN - timedelta(seconds=5)))
    found(tmp_path, monkeypatch)
    named = {one.object for one in check(tmp_path / CASE, tmp_path / "trust").findings if one.step == 13}
    assert any("software.signed" in name for name in named)
