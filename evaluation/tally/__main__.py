"""`python -m evaluation.tally FILE`: the tally of a JSON case, step by step, for a person with paper and pencil.

Exit status: 0 a result, 1 refused (fault and JSON path on standard error), 2 wrong usage or no such file.
"""

import argparse
import fileinput
import json
import sys

from evaluation.tally.document import load
from evaluation.tally.outcome import compute
from evaluation.tally.reading import DocumentRefused
from evaluation.tally.written import LANGUAGES, lines, result_document


def main(arguments: list[str] | None = None) -> int:
    """Print the tally of a file ("-" for standard input)."""
    parser = argparse.ArgumentParser(prog="tally", description=__doc__)
    parser.add_argument("file", help="a bid-tally/1 document, - for standard input")
    parser.add_argument("--lang", choices=LANGUAGES, default=LANGUAGES[0])
    parser.add_argument("--json", action="store_true", help="the result as JSON instead of sentences")
    chosen = parser.parse_args(arguments)
    try:
        case = load(_read(chosen.file))
        result = compute(case)
    except DocumentRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.json:
        print(json.dumps(result_document(result), ensure_ascii=False, indent=1))
    else:
        print("\n".join(lines(case, result, chosen.lang)))
    return 0


def _read(name: str) -> bytes:
    with fileinput.FileInput(files=[name], mode="rb") as stream:
        return b"".join(stream)


if __name__ == "__main__":
    sys.exit(main())
