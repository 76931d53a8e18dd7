"""The signatures inside the report: each layer that is wrong is named by the stranger's program."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archive.verifier import der, log, papers, trust
from archive.verifier.bag import open_bag
from archive.verifier.context import Context
from archive.verifier.findings import Finding
from archive.verifier.hashing import hashing
from archive.verifier.suites import P256
from conduct.words import WORDS
from signing import pades, pdf
from tests.archive import bag_example, tiny_report
from tests.archive.authority import NOW, SIGNER, Holder, House
from tests.archive.remembered import remembered

SIGNED = "data/report/signed.pdf"
DISSENT = "签署并保留不同意见"
Answered = list[tuple[str, str, Holder, bytes]]


@dataclass(frozen=True)
class Made:
    """A bag, what its house and the room's answers were."""

    folder: Path
    house: House
    answered: Answered
    room: bag_example.Room

    @property
    def bag(self) -> Path:
        return self.folder / bag_example.CASE

    @property
    def base(self) -> bytes:
        return (self.bag / "data/report/report.pdf").read_bytes()

    def signed(self, answered: Answered, reason: str = tiny_report.REASON) -> bytes:
        return tiny_report.signed_inside(self.house, self.base, answered, reason)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder, house = tmp_path_factory.mktemp("made"), House.found()
    with remembered():
        room = bag_example.write(folder, house=house)[1]
        beside = folder / bag_example.CASE / "data/report/signatures"
        answered = [(m, f"评委{m[1]}", room.holders[m], (beside / f"{m}.p7s").read_bytes()) for m in ("m1", "m2")]
        yield Made(folder, house, answered, room)


def found(made: Made, data: bytes | None, folder: Path, crl: bytes = b"") -> set[tuple[str, str, str]]:
    """(object, what, detail) of what is found with these bytes as the signed report."""
    bag = folder / "bag"
    shutil.copytree(made.bag, bag, copy_function=shutil.copy)
    (bag / SIGNED).unlink()
    if data is not None:
        (bag / SIGNED).write_bytes(data)
    if crl:
        (bag / P256.revoked).unlink()
        (bag / P256.revoked).write_bytes(crl)
    opened, believed = open_bag(bag), trust.of_directory(made.folder / "trust")
    read, _ = log.read(opened, believed, bag_example.CASE)
    with hashing(opened) as hashes:
        context = Context(opened, hashes, read, believed, NOW + 1000)
        return {(one.object, one.what, one.detail) for one in papers.check(context) if isinstance(one, Finding)}


def test_the_signed_report_of_a_right_bag_is_right(made: Made, tmp_path: Path) -> None:
    assert found(made, (made.bag / SIGNED).read_bytes(), tmp_path) == set()


def test_a_signed_report_that_is_not_there_is_missed(made: Made, tmp_path: Path) -> None:
    assert found(made, None, tmp_path) == {(SIGNED, "missing", "")}


def test_a_member_that_signed_but_not_inside_is_missed(made: Made, tmp_path: Path) -> None:
    (one,) = found(made, made.signed(made.answered[:1]), tmp_path)
    assert one[:2] == (f"{SIGNED} m2", "not-signed-inside")


def test_a_signature_that_no_statement_bears_out_is_named(made: Made, tmp_path: Path) -> None:
    _, _, holder, beside = made.answered[0]
    refused = ("m3", "评委3", holder, beside)
    assert found(made, made.signed([*made.answered, refused]), tmp_path) == {(f"{SIGNED} m3", "nobody-signed-this", "")}


def test_a_sense_that_is_not_the_members_is_named(made: Made, tmp_path: Path) -> None:
    named = {one[:2] for one in found(made, made.signed(made.answered, DISSENT), tmp_path)}
    assert named == {(f"{SIGNED} m1", "says-something-else"), (f"{SIGNED} m2", "says-something-else")}


def test_a_signature_by_another_certificate_is_named(made: Made, tmp_path: Path) -> None:
    member, alias, _, beside = made.answered[0]
    other = made.house.issuing.issue("评委 m1", SIGNER)
    data = made.signed([(member, alias, other, beside), made.answered[1]])
    assert {one[:2] for one in found(made, data, tmp_path)} == {(f"{SIGNED} m1", "not-the-enrolled-certificate")}


def test_a_signature_under_another_authorisation_is_named(made: Made, tmp_path: Path) -> None:
    member, alias, holder, _ = made.answered[0]
    data = made.signed([(member, alias, holder, made.answered[1][3]), made.answered[1]])
    assert {one[:2] for one in found(made, data, tmp_path)} == {(f"{SIGNED} m1", "another-authorisation")}


def test_a_signature_outside_the_two_minutes_of_its_record_is_named(made: Made, tmp_path: Path) -> None:
    data = tiny_report.signed_inside(made.house, made.base, made.answered, at=NOW + 200)
    named = {(f"{SIGNED} {member}", "authorisation-time") for member in ("m1", "m2")}
    assert {one[:2] for one in found(made, data, tmp_path)} == named


def test_a_signature_later_than_its_certificates_revocation_is_named(made: Made, tmp_path: Path) -> None:
    crl = bag_example.revocations(made.room, datetime.fromtimestamp(NOW - 1, UTC))
    named = {(f"{SIGNED} {member}", "signed-after-revocation", "") for member in ("m1", "m2")}
    assert found(made, (made.bag / SIGNED).read_bytes(), tmp_path, crl) == named


def test_a_signed_report_of_another_house_is_named(made: Made, tmp_path: Path) -> None:
    stranger = House.found("别人")
    answered = [(m, alias, stranger.issuing.issue(alias, SIGNER), beside) for m, alias, _, beside in made.answered]
    data = tiny_report.signed_inside(stranger, made.base, answered)
    assert found(made, data, tmp_path) == {
        (f"{SIGNED} m1", "signature", "cms-path"),
        (f"{SIGNED} m2", "signature", "cms-path"),
        (f"{SIGNED} lta", "stamp", "stamp-path"),
    }


def _in(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _value(data: bytes, base: bytes, which: int) -> bytes:
    """A digit in the middle of a hole's content."""
    one = pdf.growth(base, data).revisions[which]
    return _in(data, one.hole[0] + 1 + len(one.content))


def _picture(data: bytes, base: bytes) -> bytes:
    return _in(data, data.index(b"5 5 190 30", len(base)))


def _outside(data: bytes, base: bytes) -> bytes:
    return _in(data, 40)


def _appended(data: bytes, base: bytes) -> bytes:
    return data + b"%\n"


def _unclosed(data: bytes, base: bytes) -> bytes:
    return data[: pdf.growth(base, data).revisions[-2].end]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_outside, {(SIGNED, "not-the-report-signed")}),
        (_appended, {(SIGNED, "not-the-report-signed")}),
        (_unclosed, {(SIGNED, "not-closed")}),
        # The picture is under its own signature and under everything that follows.
        (_picture, {(f"{SIGNED} m1", "signature"), (SIGNED, "not-the-report-signed")}),
        (lambda data, base: _value(data, base, 0), {(f"{SIGNED} m1", "signature"), (SIGNED, "not-the-report-signed")}),
        (lambda data, base: _value(data, base, 1), {(f"{SIGNED} m2", "signature"), (SIGNED, "not-the-report-signed")}),
        # A digit of the stamp's own layout makes it no stamp at all.
        (lambda data, base: _value(data, base, 2), {(f"{SIGNED} lta", "stamp"), (SIGNED, "not-the-report-signed")}),
    ],
)
def test_each_layer_that_is_changed_is_named(
    made: Made, tmp_path: Path, spoil: Callable[[bytes, bytes], bytes], named: set[tuple[str, str]]
) -> None:
    data = spoil((made.bag / SIGNED).read_bytes(), made.base)
    told = {one[:2] for one in found(made, data, tmp_path)}
    assert told
    assert told <= named | {(f"{SIGNED} m2", "signature"), (f"{SIGNED} lta", "stamp")}
    assert told & named


def test_the_base_lies_in_front_for_whoever_has_sha256sum(made: Made) -> None:
    command = f"N=$(grep -a '^%bid-report ' {SIGNED} | head -1 | cut -d' ' -f2); head -c $N {SIGNED} | sha256sum"
    told = subprocess.run(["sh", "-c", command], cwd=made.bag, check=True, capture_output=True, text=True).stdout
    assert told.split()[0] == bag_example.digest(made.base)


def test_both_say_the_same_words_of_an_outcome() -> None:
    assert {name: words[0] for name, words in papers._reasons().items()} == WORDS["stamp"]["reasons"]


OIDS = {
    name: der.oid(dotted)[2:]
    for name, dotted in {
        "id-data": "1.2.840.113549.1.7.1",
        "signed data": "1.2.840.113549.1.7.2",
        "time stamp": "1.2.840.113549.1.9.16.1.4",
        "content type": "1.2.840.113549.1.9.3",
        "message digest": "1.2.840.113549.1.9.4",
        "signing certificate": "1.2.840.113549.1.9.16.2.47",
        "stamp inside": "1.2.840.113549.1.9.16.2.14",
        "SHA-256": "2.16.840.1.101.3.4.2.1",
        "ECDSA with SHA-256": "1.2.840.10045.4.3.2",
        "EC key": "1.2.840.10045.2.1",
        "P-256": "1.2.840.10045.3.1.7",
        "for time stamping": "1.3.6.1.5.5.7.3.8",
        "key usage": "2.5.29.15",
    }.items()
}
"""The content of each identifier that a signature, a stamp or a certificate of the house bears."""


def with_unknown_identifiers(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The same with each identifier in turn, wherever it stands, exchanged for one that nobody has given out."""
    for name, oid in OIDS.items():
        place = content.find(oid)
        while place >= 0:
            last = place + len(oid) - 1
            yield f"{name} at {place}", content[:last] + b"\x7f" + content[last + 1 :]
            place = content.find(oid, last)


def test_an_unknown_identifier_anywhere_in_a_members_signature_is_a_finding_about_it(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows in the file is made over the forged bytes, so that nothing else is wrong with it."""
    filled: list[bytes] = []
    container = pades.container

    def forging(*given: Any) -> bytes:  # noqa: ANN401 - whatever the container is made of
        right = container(*given)
        changes = list(with_unknown_identifiers(right))
        filled.append(right)
        return changes[number][1] if len(filled) == 1 else right

    monkeypatch.setattr(pades, "container", forging)
    (content,) = (one.content for one in pdf.growth(made.base, (made.bag / SIGNED).read_bytes()).revisions[:1])
    places = [what for what, _ in with_unknown_identifiers(content)]
    assert len(places) > len(OIDS)
    for number, what in enumerate(places):  # `forging` reads the number
        filled.clear()
        named = {one[0] for one in found(made, made.signed(made.answered), tmp_path / str(number))}
        assert named == {f"{SIGNED} m1"}, what


def test_an_unknown_identifier_anywhere_in_the_closing_stamp_is_a_finding_about_it(made: Made, tmp_path: Path) -> None:
    """The centre's own authority stamps in one way only: another algorithm is no matter of what this program knows."""
    data = (made.bag / SIGNED).read_bytes()
    closing = pdf.growth(made.base, data).revisions[-1]
    start, changes = closing.hole[0] + 1, list(with_unknown_identifiers(closing.content))
    assert len(changes) >= len(OIDS)
    for number, (what, changed) in enumerate(changes):
        forged = data[:start] + changed.hex().encode() + data[start + 2 * len(changed) :]
        assert {one[0] for one in found(made, forged, tmp_path / str(number))} == {f"{SIGNED} lta"}, what
