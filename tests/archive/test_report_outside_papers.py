"""The demo's papers and packages, judged by poppler and openssl: they must hold what the worked example says."""

import io
import json
import subprocess
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pypdf
import pytest

from demo import case_example_a as case
from demo import case_example_b
from demo.documents import (
    PAPERS,
    authorisation_pdf,
    bid,
    bill,
    capital,
    demo_answer_pdf,
    opening_record,
    tender_document,
)
from demo.example import Example
from demo.packages import (
    OPENED,
    Party,
    make_bidders,
    make_party,
    signed_by,
    with_changed_file,
    with_changed_manifest,
    without_file,
    write_opening_package,
    write_tender_package,
)


@pytest.fixture(scope="module")
def trading() -> Party:
    return make_party("demo trading system")


@pytest.fixture(scope="module")
def opening(trading: Party, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_opening_package(tmp_path_factory.mktemp("opening"), trading, make_bidders(), "E-1", OPENED)


def _page(pdf: bytes, number: int) -> str:
    return pypdf.PdfReader(io.BytesIO(pdf)).pages[number - 1].extract_text().replace("\n", "")


def _fault(package: Path, trading: Party, tmp_path: Path) -> str:
    """What a reader by docs/tender-package.md finds first: signature, list, digest, or nothing."""
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "trading.pem").write_bytes(trading.pem)
    with ZipFile(package) as archive:
        archive.extractall(tmp_path / "in")
        names = set(archive.namelist())
    content = tmp_path / "in" / "package.json"
    command = [
        "openssl",
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        f"{content}.p7s",
        "-content",
        str(content),
    ]
    trust = ["-CAfile", str(tmp_path / "trading.pem"), "-purpose", "any", "-out", "/dev/null"]
    if subprocess.run(command + trust, check=False, capture_output=True).returncode:
        return "signature"
    listed = json.loads(content.read_bytes())["files"]
    if names != {file["path"] for file in listed} | {"package.json", "package.json.p7s"}:
        return "list"
    for file in listed:
        found = (tmp_path / "in" / file["path"]).read_bytes()
        if (len(found), sha256(found).hexdigest()) != (file["size"], file["sha256"]):
            return "digest"
    return ""


def test_a_bid_adds_up_to_the_price_it_opens_with() -> None:
    for ref, price in case.PRICES.items():
        rows = bill(ref)
        assert sum(Decimal(row["amount"]) for row in rows) == Decimal(price)
        words = _page(bid(ref), 5)
        assert f"{Decimal(price):,}" in words
        assert all(f"{Decimal(row['amount']):,}" in words for row in rows)
        assert capital(price) in words


def test_the_pages_the_committee_cites_say_what_it_found() -> None:
    late, slip, plain = bid("F"), bid("E"), bid("A")
    assert all("255" in _page(late, page) for page in (3, 87, 88))
    assert "255" not in _page(plain, 87)
    assert "L/(m²·h)" in _page(slip, 45)
    assert "L/(m²·d)" in _page(slip, 112)
    assert "L/(m²·d)" not in _page(plain, 112)
    assert "第 112 页" in _page(slip, 112)


def test_every_bid_has_the_same_pages_and_is_the_same_each_time() -> None:
    assert {len(pypdf.PdfReader(io.BytesIO(bid(ref))).pages) for ref in case.BIDDERS} == {120}
    assert bid("A") == bid("A")
    assert bid("A") != bid("B")


def test_amounts_are_written_in_capital_figures() -> None:
    assert capital("9512300.00") == "玖佰伍拾壹万贰仟叁佰元整"
    assert capital("8990400.00") == "捌佰玖拾玖万零肆佰元整"
    assert capital("10000000.00") == "壹仟万元整"
    assert capital("100200030.05") == "壹亿零贰拾万零叁拾元零伍分"
    assert capital("1005.10") == "壹仟零伍元壹角"


def test_tender_document_and_letters_carry_the_case_and_the_demo_mark() -> None:
    tender = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(tender_document())).pages)
    for words in ("★ 3.7.4", "240 日历天", "10,000,000.00", "一级 A 标准", "评标基准价"):
        assert words in tender
    for pdf, words in (
        (opening_record(), "9,512,300.00"),
        (demo_answer_pdf(), "打字错误"),
        (authorisation_pdf(), "招标人代表"),
    ):
        assert words in _page(pdf, 1)
        assert "演示数据，无法律效力" in _page(pdf, 1)


def test_packages_are_signed_complete_and_true_to_their_list(trading: Party, opening: Path, tmp_path: Path) -> None:
    tender = write_tender_package(tmp_path, trading, "E-1", "2026-11-01T00:00:00Z")
    assert _fault(tender, trading, tmp_path / "a") == ""
    assert _fault(opening, trading, tmp_path / "b") == ""
    listed = json.loads((tmp_path / "b" / "in" / "package.json").read_bytes())
    assert (listed["v"], listed["type"], listed["case"], listed["not_before"]) == (
        "bid-package/1",
        "opening",
        "E-1",
        OPENED,
    )
    assert listed["data"]["coefficients"] == {"reduction_percent": "2.0"}
    roles = [file["role"] for file in listed["files"]]
    assert {role: roles.count(role) for role in roles} == {
        "opening_record": 1,
        "opening": 1,
        "bid": 6,
        "bill": 6,
        "certificate": 6,
    }


def test_each_broken_package_is_broken_in_its_own_way(trading: Party, opening: Path, tmp_path: Path) -> None:
    for n, (package, fault) in enumerate(
        (
            (without_file(opening, "bids/C.pdf"), "list"),
            (with_changed_file(opening, "bids/C.pdf"), "digest"),
            (with_changed_manifest(opening), "signature"),
            (signed_by(opening, make_party("stranger")), "signature"),
        )
    ):
        folder = tmp_path / str(n)
        folder.mkdir()
        assert _fault(package, trading, folder) == fault


def test_an_answer_is_signed_with_the_certificate_the_opening_package_names(tmp_path: Path) -> None:
    bidder, other = make_party("E"), make_party("A")
    answer = demo_answer_pdf()
    (tmp_path / "answer.pdf").write_bytes(answer)
    (tmp_path / "answer.pdf.p7s").write_bytes(bidder.sign(answer))
    for party, code in ((bidder, 0), (other, 4)):
        (tmp_path / "bidder.pem").write_bytes(party.pem)
        line = "openssl cms -verify -binary -inform DER -in answer.pdf.p7s -content answer.pdf -purpose any"
        judged = subprocess.run(
            [*line.split(), "-CAfile", "bidder.pem", "-out", "/dev/null"],
            check=False,
            cwd=tmp_path,
            capture_output=True,
        )
        assert judged.returncode == code


@pytest.mark.parametrize("example", [case, case_example_b])
def test_a_bid_is_priced_by_its_item_table_and_its_pages_are_where_its_contents_say(example: Example) -> None:
    for ref, price in example.PRICES.items():
        assert sum(Decimal(row["amount"]) for row in bill(ref, example)) == Decimal(price)
    ref = min(example.BIDDERS)
    pdf = bid(ref, example)
    for chapter, page in json.loads((PAPERS / f"{example.PAPERS}-bid.json").read_text("utf-8"))["contents"]:
        assert chapter.replace("　", "") in _page(pdf, page).replace("　", "").replace(" ", "")


def test_the_second_case_is_a_procurement_with_a_declared_small_enterprise() -> None:
    assert "综合评分法" in _page(tender_document(case_example_b), 5)
    assert "小型企业" in _page(bid("R", case_example_b), 6)
    record = _page(opening_record(case_example_b), 1)
    assert "1,980,000.00" in record
    assert "下浮系数" not in record
