"""Renders one paper and ends: `python -m archive.report.worker NAME`, its inputs as JSON on stdin, PDF on stdout.

It must never evaluate a value: every input reaches a template as one string that is parsed as JSON.
"""

import json
import resource
import sys
from pathlib import Path

import typst

from archive.report.font import font_folder

TEMPLATES = Path(__file__).parent / "templates"
PAPERS = ("report", "opinion")
MOST_MEMORY = 4 << 30
MOST_CPU_SECONDS = 120


def load_fonts() -> typst.Fonts:
    """The one font, checked and open."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())])


def render(paper: str, inputs: bytes, fonts: typst.Fonts) -> bytes:
    """The PDF/A-3a and PDF/UA-1 file of a paper, ended by a line feed so that a later revision starts on a new line."""
    if paper not in PAPERS:
        raise SystemExit(f"no paper is called {paper}")
    pdf, warnings = typst.compile_with_warnings(
        str(TEMPLATES / f"{paper}.typ"),
        root=str(TEMPLATES),
        font_paths=fonts,
        sys_inputs=json.loads(inputs),
        format="pdf",
        pdf_standards=["a-3a", "ua-1"],
    )
    if warnings:
        raise SystemExit("\n".join(each.message for each in warnings))
    return pdf + b"\n"


def main() -> None:
    """Load, read, render, write, under this process's own limits of memory and time."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    fonts = load_fonts()  # first: whoever asks for a paper is still busy with its data
    sys.stdout.buffer.write(render(sys.argv[1], sys.stdin.buffer.read(), fonts))


if __name__ == "__main__":
    main()
