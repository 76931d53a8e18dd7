"""The child that reads strangers' PDFs and holds texts against each other: it is given no key, bounded memory and time.

`python -m conduct.precheck_worker text` reads one PDF from standard input, `compare` reads the texts of a case; either
writes one JSON object. Whatever a file does to this process, its parent names it and goes on.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from evaluation.precheck.similarity import Text, compare, is_cut

MOST_MEMORY = 1536 * 1024**2
MOST_CPU_S = 300
MOST_PAGES = 5000
MOST_LETTERS = 4_000_000
NICER = 19

Json = dict[str, Any]


def text_of(data: bytes) -> Json:
    """A PDF's text by page and the traces of its making; `fault` in a word where it could not be read to its end.

    `encrypted`, `broken`, `too_long` (what was read so far is told), `no_text` (pictures of pages).
    """
    from pypdf import PdfReader  # noqa: PLC0415 - read only here, behind the limits

    told: Json = {"pages": [], "traces": {}, "fault": ""}
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return told | {"fault": "encrypted"}
        told["traces"] = _traces(reader)
        letters = 0
        for number, page in enumerate(reader.pages):
            if number >= MOST_PAGES or letters > MOST_LETTERS:
                return told | {"fault": "too_long"}
            told["pages"].append(page.extract_text())
            letters += len(told["pages"][-1])
    except Exception:  # the outermost loop of this process: a hostile file raises whatever it can
        return told | {"fault": "broken"}
    return told if letters else told | {"fault": "no_text"}


def _traces(reader: Any) -> dict[str, str]:  # noqa: ANN401 - a PdfReader
    said = reader.metadata or {}
    identity = reader.trailer.get("/ID")
    found = {
        "author": said.get("/Author", ""),
        "created": said.get("/CreationDate", ""),
        "document_id": identity[0].hex() if identity and isinstance(identity[0], bytes) else "",
    }
    return {name: str(value) for name, value in found.items() if value}


def compared(asked: Mapping[str, Any]) -> Json:
    """The pairs of bids with a passage in common, and the bids of which only the beginning was compared."""
    bids = {bid: _text(rows) for bid, rows in asked["bids"].items()}
    pairs = compare(bids, [_text(asked["tender"])])
    cut = [bid for bid, text in bids.items() if is_cut(text, len(bids))]
    return {"pairs": [pair.as_json() for pair in pairs], "cut": cut}


def _text(rows: list[list[Any]]) -> Text:
    return Text({(file, page): words for file, page, words in rows})


COMMANDS: Mapping[str, Callable[[bytes], Json]] = {
    "text": text_of,
    "compare": lambda data: compared(json.loads(data)),
}


def main() -> int:
    """Do one thing within the limits."""
    os.nice(NICER)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    told = COMMANDS[sys.argv[1]](sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
