"""清标 of a case: real PDFs read in real children, broken and encrypted ones among them; stated once."""

import asyncio
import importlib.resources
import json
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
import typst

from conduct import prechecking
from conduct.ports import Json
from demo import packages as papers
from demo.example import Example
from evaluation.case import State
from signing.canonical import NotCanonical, canonical
from tests.services.evaluation import CASE, Evaluation

FOLDER = Path(str(importlib.resources.files("manimgx_fonts_cjk")))
FONTS = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER])
SHARED = (
    "切换前夜由值班长与运行班组逐阀核对旁通管路先开后闭一人操作一人监护"
    "切换当班在配水井前加设可拆卸叠梁闸门就位后以染色法检查渗漏量"
)
OWN = {"A": "甲家自己的话" * 9, "B": "乙家另写一段" * 9}


def small(ref: str, _case: Example) -> bytes:
    """A short bid: A and B share a passage, C is encrypted, D is broken, E holds a picture only, F is no matter."""
    text = {"A": OWN["A"] + SHARED, "B": OWN["B"] + SHARED, "E": "#rect()"}.get(ref, "各家不同" + ref)
    author = "演示编制人" if ref in "AB" else ref
    page = f'#set text(font: "Noto Sans CJK SC")\n#set document(author: "{author}")\n首页\n#pagebreak()\n' * (
        ref != "E"
    )
    pdf: bytes = typst.compile((page + text).encode(), font_paths=FONTS, format="pdf", pdf_tags=False)
    if ref == "C":
        writer, sealed = pypdf.PdfWriter(clone_from=BytesIO(pdf)), BytesIO()
        writer.encrypt("nobody knows", algorithm="AES-256")
        writer.write(sealed)
        return sealed.getvalue()
    return pdf[: len(pdf) // 3] if ref == "D" else pdf


@pytest.fixture
async def opened(evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    monkeypatch.setattr(papers, "bid", small)
    for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, step)()
    return evaluation


def found(evaluation: Evaluation) -> Json:
    told = evaluation.store.look(lambda tx: prechecking.findings(tx, CASE))
    assert told is not None
    return told


async def test_a_case_is_checked_once_and_what_cannot_be_read_is_named(opened: Evaluation) -> None:
    assert prechecking.is_due(opened.state)
    assert opened.store.look(lambda tx: prechecking.findings(tx, CASE)) is None
    await prechecking.run(opened.store, CASE, asyncio.Semaphore())
    told = found(opened)
    (pair,) = told["texts"]
    assert pair["bids"] == ["A", "B"]
    assert SHARED in pair["passages"][0]["text"].replace(" ", "")
    assert [one["page"] for one in pair["passages"][0]["places"]] == [2, 2]
    assert ("author", ["A", "B"]) in [(one["what"], one["bids"]) for one in told["traces"]]
    assert {(one["file"], one["reason"]) for one in told["unread"]} == {
        ("bids/C.pdf", "encrypted"),
        ("bids/D.pdf", "broken"),
        ("bids/E.pdf", "no_text"),
    }
    assert told["arithmetic"] == []
    assert not prechecking.is_due(opened.state)
    await prechecking.run(opened.store, CASE, asyncio.Semaphore())
    bodies = opened.store.look(
        lambda tx: [json.loads(one)["body"] for _, one in tx.statements(CASE, "precheck.stated")]
    )
    (body,) = bodies
    assert (body["texts"], body["unread"], body["arithmetic"]) == (1, 3, 0)
    assert opened.state.state is State.RESCREENED


async def test_a_file_that_eats_all_memory_or_never_ends_is_named_and_the_others_are_read(
    opened: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = prechecking.COMMAND
    monkeypatch.setattr(prechecking, "LIMIT_S", 2.0)
    spin = "import sys\nif b'/Author' in sys.stdin.buffer.read(): bytearray(1 << 60)\nwhile True: pass"
    monkeypatch.setattr(prechecking, "COMMAND", (whole[0], "-c", spin))
    await prechecking.run(opened.store, CASE, asyncio.Semaphore())
    assert {one["reason"] for one in found(opened)["unread"]} == {"broken", "too_slow"}


def test_what_strangers_write_into_a_file_never_keeps_the_findings_from_being_stated() -> None:
    odd = {"traces": [{"what": "author", "value": "e\u0301\ud800\x00", "bids": ["A", "B"]}], "share": 3, "unread": []}
    with pytest.raises(NotCanonical):
        canonical(odd)
    (kept,) = json.loads(canonical(prechecking.plain(odd)))["traces"]
    assert kept["value"] == "\u00e9?\x00"


async def test_however_many_cases_wait_one_child_reads_at_a_time(
    opened: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once: list[str] = []

    async def child(command: str, _content: bytes) -> Json:
        at_once.append(command)
        await asyncio.to_thread(str)
        assert [at_once.pop()] == [command]
        assert not at_once
        return {"pages": [], "traces": {}, "pairs": [], "cut": [], "fault": "broken"}

    monkeypatch.setattr(prechecking, "_answered", child)
    turn = asyncio.Semaphore(prechecking.CHILDREN)
    await asyncio.gather(*(prechecking.run(opened.store, CASE, turn) for _ in range(3)))


async def test_progress_is_told_while_it_reads(opened: Evaluation) -> None:
    assert opened.store.look(lambda tx: prechecking.progress(tx, CASE)) == {"done": 0, "of": 0}
    await opened.store.act(lambda tx: tx.shelf(CASE, prechecking.SHELF).put("progress", {"done": 2, "of": 7}))
    assert opened.store.look(lambda tx: prechecking.progress(tx, CASE)) == {"done": 2, "of": 7}
