"""The signed report (docs/report-signatures.md): one spelling of every revision, and nothing else behind the base."""

import asyncio
import random
from collections.abc import Callable
from hashlib import sha256

import pytest

from archive.report.render import render_report
from signing import pdf
from signing.pdf_fields import base_of, fields_of, reserve, revision
from signing.pdf_file import PdfRefused, Ref, Value, read, write
from signing.pdf_stamp import copied
from tests.archive.report_example import example_a
from tests.signing.signed_report import add, member, picture, signed_report

MEMBERS = tuple(map(member, range(1, 6)))
TRIES = 60


@pytest.fixture(scope="module")
def base() -> bytes:
    return asyncio.run(render_report(example_a()))


@pytest.fixture(scope="module")
def whole(base: bytes) -> bytes:
    return signed_report(base, MEMBERS)


def test_the_report_says_where_its_frames_are(base: bytes) -> None:
    *fields, closing = fields_of(read(base))
    assert [one.name for one in fields] == ["m1", "m2", "m3", "m4", "m5"]
    assert (closing.name, f"{closing.width:f}") == ("lta", "0")
    corners = {(one.page, one.x, one.y) for one in fields}
    assert len(corners) == len(fields)
    assert all(one.x + one.width < 596 and one.y + one.height < 842 for one in fields)


def test_the_report_stands_in_front_and_what_follows_says_who_signed(base: bytes, whole: bytes) -> None:
    found = pdf.growth(base, whole)
    assert whole[: found.base] == base == base_of(whole, sha256(base).digest())
    assert [(one.field, one.name) for one in found.marks] == [(one.field, one.name) for one in MEMBERS]
    assert found.is_closed
    assert found.revisions[-1].end == len(whole)


def test_the_same_report_is_reserved_in_the_same_bytes(base: bytes) -> None:
    reserve.cache_clear()
    once = reserve(base).data
    reserve.cache_clear()
    assert reserve(base).data == once


def test_a_report_that_is_another_is_not_in_front(whole: bytes) -> None:
    with pytest.raises(PdfRefused):
        base_of(whole, b"\0" * 32)


def test_any_byte_changed_behind_the_report_is_refused_or_no_longer_signed(base: bytes, whole: bytes) -> None:
    """Values (a time, a name, a picture's outlines) may be others: then their signature is over other bytes."""
    found = pdf.growth(base, whole)
    digests = [one.digest(whole) for one in found.revisions]
    holes = [range(one.hole[0] + 1, one.hole[1] - 1) for one in found.revisions]
    places = [n for n in range(len(base), len(whole)) if not any(n in hole for hole in holes)]
    chance, refused = random.Random(20261126), 0
    for place in chance.sample(places, TRIES):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            again = pdf.growth(base, bytes(changed))
        except PdfRefused:
            refused += 1
            continue
        whose = next(n for n, one in enumerate(found.revisions) if place < one.end)
        assert again.revisions[whose].digest(bytes(changed)) != digests[whose]
    assert refused


def test_something_behind_the_signature_in_its_hole_is_refused(base: bytes, whole: bytes) -> None:
    end = pdf.growth(base, whole).revisions[2].hole[1]
    with pytest.raises(PdfRefused, match="behind a signature"):
        pdf.growth(base, whole[: end - 3] + b"01" + whole[end - 1 :])


def _with_a_page_changed(base: bytes, data: bytes) -> bytes:
    file = read(data)
    page = file.array(file.dictionary(file.dictionary(file.trailer["Root"])["Pages"])["Kids"])[0]
    assert isinstance(page, Ref)
    return data + revision(file, {page.number: write({**file.dictionary(page), "Rotate": b"180"})})


def _with_a_script(base: bytes, data: bytes) -> bytes:
    file = read(data)
    root = file.trailer["Root"]
    assert isinstance(root, Ref)
    acting: Value = {"S": b"/JavaScript", "JS": b"(app.alert(1))"}
    return data + revision(file, {root.number: write({**file.dictionary(root), "OpenAction": acting})})


def _without_the_reservation(base: bytes, data: bytes) -> bytes:
    return base + data[len(reserve(base).data) :]


def _signed_twice(base: bytes, data: bytes) -> bytes:
    return add(base, data, MEMBERS[0])


def _with_nothing_signed(base: bytes, data: bytes) -> bytes:
    found = pdf.growth(base, data)
    mark = pdf.Mark("m2", "评委2", "同意并签署", found.marks[0].at)
    unsigned = pdf.prepare(found, mark, picture(base, MEMBERS[1], "同意并签署"))
    return _with_a_page_changed(base, unsigned)


@pytest.mark.parametrize(
    "spoil",
    [_with_a_page_changed, _with_a_script, _without_the_reservation, _signed_twice, _with_nothing_signed],
)
def test_anything_else_behind_the_report_is_refused(base: bytes, spoil: Callable[[bytes, bytes], bytes]) -> None:
    signed = add(base, base, MEMBERS[0])
    pdf.growth(base, signed)
    with pytest.raises(PdfRefused):
        pdf.growth(base, spoil(base, signed))


def test_nothing_follows_the_closing_stamp(base: bytes, whole: bytes) -> None:
    with pytest.raises(PdfRefused):
        pdf.growth(base, _with_a_page_changed(base, whole))
    with pytest.raises(PdfRefused):
        add(base, whole, MEMBERS[0])


def test_a_picture_that_could_act_or_replaces_something_is_refused(base: bytes) -> None:
    found = pdf.growth(base, base)
    page = picture(base, MEMBERS[0], "同意并签署")
    mark = pdf.Mark("m1", "评委1", "同意并签署", pdf.growth(base, add(base, base, MEMBERS[0])).marks[0].at)
    good = pdf.prepare(found, mark, page)
    start = good.index(b"/ItalicAngle 0", len(base))
    acting = good[:start] + b"/AA<</O 1>>   " + good[start + 14 :]
    with pytest.raises(PdfRefused, match="a picture with AA"):
        pdf.growth(base, acting)
    shifted = copied(page, 5)
    spoiled = pdf._signed(found, mark, shifted, b"")
    with pytest.raises(PdfRefused, match="replaces something"):
        pdf.growth(base, spoiled)


def test_what_does_not_fit_the_hole_is_refused(base: bytes) -> None:
    found = pdf.growth(base, base)
    mark = pdf.growth(base, add(base, base, MEMBERS[0])).marks[0]
    data = pdf.prepare(found, mark, picture(base, MEMBERS[0], "同意并签署"))
    last = pdf.growth(base, data).revisions[-1]
    with pytest.raises(PdfRefused):
        pdf.finish(data, last, b"0" * (pdf.ROOM + 1))
