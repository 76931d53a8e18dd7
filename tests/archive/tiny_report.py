"""The smallest report with frames for signatures, signed by the house of tests: no typesetter, all synthetic."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

from archive.verifier import cms
from signing import pades, pdf
from signing.cms import Chain
from signing.keys import MemoryKey
from tests.archive.authority import NOW, Holder, House, stamp

PICTURE_SIZE = "200 40"
REASON = "同意并签署"


def _file(objects: Sequence[bytes], root: int) -> bytes:
    data, places = b"%PDF-1.7\n%\x80\x80\x80\x80\n", []
    for n, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (n, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[(a)(b)]>>\n" % (len(places) + 1, root, len(places))
    xref = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    return data + xref + table + end + b"startxref\n%d\n%%%%EOF\n" % len(data)


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content)


def tiny_base(members: Sequence[str]) -> bytes:
    """One page with a frame a member."""
    fields = [
        {
            "name": m,
            "title": f"{m} 的电子签名",
            "page": 1,
            "x": "50",
            "y": f"{50 + 60 * n}",
            "width": "200",
            "height": "40",
        }
        for n, m in enumerate(members)
    ]
    frames = json.dumps({"v": "bid-report-fields/1", "closing": "归档时间戳", "fields": fields}).encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 4 0 R"
        b"/Names<</EmbeddedFiles<</Names[(signature-fields.json)6 0 R]>>>>>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/MediaBox[0 0 595 842]/StructParents 0/Tabs/S/Resources<<>>/Parent 2 0 R>>",
        b"<</Type/StructTreeRoot/K[5 0 R]/ParentTree<</Nums[]>>/ParentTreeNextKey 1>>",
        b"<</Type/StructElem/S/Document/P 4 0 R/K[]>>",
        b"<</Type/Filespec/F(signature-fields.json)/EF<</F 7 0 R>>>>",
        _stream(frames),
        b"<<>>",
    )
    return _file(objects, 1)


def tiny_picture() -> bytes:
    """A rectangle."""
    page = b"<</Type/Page/MediaBox[0 0 %s]/Resources<<>>/Parent 2 0 R/Contents 4 0 R>>" % PICTURE_SIZE.encode()
    pages = b"<</Type/Pages/Count 1/Kids[3 0 R]>>"
    return _file((b"<</Type/Catalog/Pages 2 0 R>>", pages, page, _stream(b"5 5 190 30 re S"), b"<<>>"), 1)


def signed_inside(
    house: House, base: bytes, answered: Sequence[tuple[str, str, Holder, bytes]], reason: str = REASON, at: int = NOW
) -> bytes:
    """The report signed by (member, alias, holder, its detached signature) each, then closed."""
    data, said = base, datetime.fromtimestamp(at, UTC)
    for member, alias, holder, beside in answered:
        data = pdf.prepare(pdf.growth(base, data), pdf.Mark(member, alias, reason, said), tiny_picture())
        last = pdf.growth(base, data).revisions[-1]
        chain = Chain(holder.certificate, house.issuing.certificate)
        released = cms.read(beside).authorisation
        assert released
        signed = pades.attributes(last.digest(data), chain, released)
        value = pades.sign(MemoryKey(holder.key), signed)
        own = House(house.root, house.issuing, house.signer, house.stamper)
        data = pdf.finish(data, last, pades.container(chain, signed, value, stamp(own, value)))
    data = pdf.prepare_closing(pdf.growth(base, data), [house.root.der, house.issuing.der], [])
    last = pdf.growth(base, data).revisions[-1]
    covered = data[: last.hole[0]] + data[last.hole[1] : last.end]
    assert sha256(covered).digest() == last.digest(data)
    return pdf.finish(data, last, pades.token(stamp(house, covered)))
