"""The papers as files, judged by programs that are not ours."""

import asyncio
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdf
import pytest

from archive.report import font, render
from archive.report.reading import ReportRefused
from archive.report.render import RenderFailed, render_opinion, render_report, typesetting
from signing.canonical import canonical
from tests.archive.report_example import TECHNICAL, example_a, failed_a, opinion_a

TREE = Path(__file__).parents[2]
A4_WIDTH_POINTS = 595.28
RIGHT_MARGIN_POINTS = 56.69
HANGING_STOP_POINTS = 5.5
PARTS = (
    "一、基本情况和数据表",
    "二、评标委员会成员名单",
    "三、开标记录",
    "四、符合要求的投标一览表",
    "五、否决投标的情况说明",
    "六、评标标准、评标方法和评标因素一览表",
    "七、经评审的价格或者评分比较一览表",
    "八、经评审的投标人排序",
    "九、推荐的中标候选人名单与签订合同前要处理的事宜",
    "十、澄清、说明、补正事项纪要",
)


@pytest.fixture(scope="module")
def report() -> bytes:
    return asyncio.run(render_report(example_a()))


@pytest.fixture(scope="module")
def opinion() -> bytes:
    return asyncio.run(render_opinion(opinion_a()))


def _judge(tmp_path: Path, pdf: bytes, *command: str) -> str:
    (tmp_path / "paper.pdf").write_bytes(pdf)
    line = [each.replace("PDF", str(tmp_path / "paper.pdf")) for each in command]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout


def _titles(outline: Any) -> list[str]:  # noqa: ANN401 - pypdf nests lists of any depth
    return [each.title for each in outline if not isinstance(each, list)]


def test_the_ten_statutory_parts_stand_in_order_in_the_outline(report: bytes) -> None:
    titles = _titles(pypdf.PdfReader(io.BytesIO(report)).outline)
    assert tuple(titles[: len(PARTS)]) == PARTS
    assert all(title.startswith("附件") for title in titles[len(PARTS) :])


def test_the_attached_data_are_the_canonical_bytes_that_were_given(report: bytes, opinion: bytes) -> None:
    attached = pypdf.PdfReader(io.BytesIO(report)).attachments
    assert set(attached) == {"report.json", "signature-fields.json"}
    assert attached["report.json"] == [canonical(example_a())]
    assert pypdf.PdfReader(io.BytesIO(opinion)).attachments == {"opinion.json": [canonical(opinion_a())]}


def test_every_score_and_total_can_be_read_back_from_the_pages(report: bytes, tmp_path: Path) -> None:
    words = _judge(tmp_path, report, "pdftotext", "-layout", "PDF", "-")
    for totals in TECHNICAL.values():
        assert all(total in words for total in totals)
    for figure in ("9,213,323.00", "88.92", "87.34", "83.67", "79.58", "78.15", "-2.42", "S0KX-3PQ7"):
        assert figure in words
    assert "2026-11-20 16:10:00" in words  # 08:10 UTC of the re-check, in Beijing time


def test_all_fonts_are_embedded_and_none_is_another(report: bytes, tmp_path: Path) -> None:
    rows = _judge(tmp_path, report, "pdffonts", "PDF").splitlines()[2:]
    assert rows
    for row in rows:
        assert "NotoSansCJK" in row
        assert row.split()[-5:-2] == ["yes", "yes", "yes"]


def test_the_file_says_it_is_tagged_archival_and_dated_by_its_data(report: bytes, tmp_path: Path) -> None:
    facts = _judge(tmp_path, report, "pdfinfo", "-isodates", "PDF")
    assert "Tagged:          yes" in facts
    assert "A4" in facts
    assert "CreationDate:    2026-11-20T08:41:30Z" in facts
    xmp = _judge(tmp_path, report, "pdfinfo", "-meta", "PDF")
    assert "<pdfaid:part>3</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp


def test_a_demo_paper_says_on_every_page_that_it_has_no_legal_effect(report: bytes, opinion: bytes) -> None:
    for pdf in (report, opinion):
        for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
            assert page.extract_text().count("演示数据，无法律效力") >= 2


async def test_a_regular_paper_carries_no_demo_mark() -> None:
    value = example_a() | {"mark": "regular"}
    assert all(
        "演示数据" not in page.extract_text() for page in pypdf.PdfReader(io.BytesIO(await render_report(value))).pages
    )


def test_another_process_elsewhere_makes_the_same_bytes(report: bytes, tmp_path: Path) -> None:
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(TREE),
        "TZ": "Asia/Shanghai",
        "PYTHONHASHSEED": "7",
        "RAYON_NUM_THREADS": "1",
    }
    again = subprocess.run(
        [sys.executable, "-m", "archive.report.worker", "report"],
        input=render.report_inputs(example_a()),
        env=environment,
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert again.stdout == report


def test_the_base_ends_on_a_line_of_its_own(report: bytes) -> None:
    assert report.endswith(b"%%EOF\n")


def test_the_opinion_is_one_page_a_judge_can_read(opinion: bytes, tmp_path: Path) -> None:
    assert len(pypdf.PdfReader(io.BytesIO(opinion)).pages) == 1
    words = _judge(tmp_path, opinion, "pdftotext", "-layout", "PDF", "-")
    for sentence in ("核验通过", "内部证书，非第三方电子认证", "01234567 89abcdef", "1 分 30 秒", "没有提供国密根证书"):
        assert sentence in words


async def test_an_opinion_with_many_faults_and_gaps_still_fits_its_page() -> None:
    value = opinion_a()
    value["failures"] = [{"object": f"data/log/entries/{n:06d}.json", "reason": "校验码与清单不符"} for n in range(900)]
    value["gaps"] = value["gaps"] * 40
    value["verdict"] = "refused"
    pages = pypdf.PdfReader(io.BytesIO(await render_opinion(value))).pages
    assert len(pages) == 1
    assert "另有 896 个对象" in pages[0].extract_text().replace("\n", "")


async def test_markup_in_a_value_is_printed_as_it_stands(tmp_path: Path) -> None:
    value = example_a()
    nasty = '#read("/etc/passwd") *b* $x$ #panic() <a> `c` \\ "q"'
    value["members"][0]["unit"] = nasty
    value["conclusion"] = nasty
    words = _judge(tmp_path, await render_report(value), "pdftotext", "PDF", "-")
    assert nasty in words.replace("\n", " ").replace("“", '"').replace("”", '"')


async def test_rare_names_are_printed_and_read_back(tmp_path: Path) -> None:
    value = example_a()
    value["members"][0]["name"] = "龘𠮷镕堃喆"
    assert "龘𠮷镕堃喆" in _judge(tmp_path, await render_report(value), "pdftotext", "PDF", "-")


async def test_a_name_the_font_lacks_is_refused_before_rendering() -> None:
    value = example_a()
    value["members"][3]["name"] = "专家\U0001f600"
    with pytest.raises(ReportRefused) as refused:
        await render_report(value)
    assert (refused.value.code, refused.value.path) == ("report.character.uncovered", "$.members[3].name")
    assert "U+1F600" in refused.value.detail


async def test_a_failed_tender_has_a_report_of_its_own() -> None:
    paper = pypdf.PdfReader(io.BytesIO(await render_report(failed_a())))
    words = "".join(page.extract_text() for page in paper.pages)
    for sentence in ("本次招标失败", "评标委员会未推荐中标候选人。", "未进行报价评审。", "各席位的录音录像没有缺口。"):
        assert sentence in words


async def test_twelve_long_named_bidders_and_thirteen_members_stay_inside_the_margins(tmp_path: Path) -> None:
    value = example_a()
    refs = [f"投{n:02d}" for n in range(1, 13)]
    value["bidders"] = [
        {"ref": r, "name": f"演示投标人{r}建设工程集团有限责任公司", "code": "91000000DEMO"} for r in refs
    ]
    sheet = value["sheets"][0]
    sheet |= {"bidders": refs, "totals": ["10.00"] * 12, "comments": []}
    sheet["rows"] = [sheet["rows"][0] | {"scores": ["10.00"] * 12}]
    sheet["signatures"] = [sheet["signatures"][0] | {"bidder": ref} for ref in refs]
    members = [f"评委{n}" for n in range(1, 14)]
    value["members"] += [value["members"][1] | {"ref": ref} for ref in members[5:]]
    stage = value["preliminary"][0] | {"voters": members}
    stage["findings"] = [stage["findings"][0] | {"bidder": r, "votes": ["fail"] * 13} for r in refs]
    for name in ("compliant", "rejected", "candidates", "clarifications", "summaries"):
        value[name] = []
    value |= {"preliminary": [stage], "sheets": [sheet], "outcome": "failed", "mark": "regular"}
    value["opening"]["bids"] = [value["opening"]["bids"][0] | {"bidder": r} for r in refs]
    value["comparison"]["rows"] = []
    value["price"]["rows"] = [value["price"]["rows"][0] | {"bidder": r, "stated": "123456789012.00"} for r in refs]
    pdf = await render_report(value)
    boxes = _judge(tmp_path, pdf, "pdftotext", "-bbox", "PDF", "-")
    rightmost = max(float(edge) for edge in re.findall(r'xMax="([0-9.]+)"[^>]*>(?:\S)', boxes))
    assert rightmost < A4_WIDTH_POINTS - RIGHT_MARGIN_POINTS + HANGING_STOP_POINTS
    unbroken = _judge(tmp_path, pdf, "pdftotext", "-layout", "PDF", "-").count("不合格")
    assert unbroken >= len(refs) * len(members)


async def test_a_worker_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "LONGEST_RENDER_SECONDS", 0.01)
    with pytest.raises(RenderFailed) as failed:
        await render_report(example_a())
    assert failed.value.code == "report.render.timeout"


def test_another_font_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(font, "SHA256", "0" * 64)
    font.font_folder.cache_clear()
    try:
        with pytest.raises(font.FontRefused) as refused:
            font.font_folder()
    finally:
        font.font_folder.cache_clear()
    assert refused.value.code == "report.font.changed"


def test_what_decides_the_bytes_is_named() -> None:
    facts = typesetting()
    assert facts.typst == "0.15.2"
    assert facts.font_sha256 == font.SHA256
    assert len(facts.templates_sha256) == 64


async def test_a_worker_that_fails_gives_its_words_and_no_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "read_opinion", lambda _value: None)
    with pytest.raises(RenderFailed, match="dictionary does not contain key") as failed:
        await render_opinion({"v": "bag-opinion/1"})
    assert failed.value.code == "report.render.failed"
