"""`./run package FILE [--type TYPE]`: what this server would say of a package's contents, before it is sent.

For the developer of a trading system (docs/tender-package.md): nothing is kept. Exit status 0 sound, 1 refused, 2 no
such file. The seal is checked by `openssl`, as that page shows; what only the case can say, by the rehearsal.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from conduct import packages
from conduct.packages import TYPES, PackageRefused
from web.i18n import LANGUAGES
from web.package_words import words_for


def main() -> int:
    """Check one file and print every problem, one a line."""
    parser = argparse.ArgumentParser(prog="./run package")
    parser.add_argument("file", type=Path)
    parser.add_argument("--type", choices=TYPES, help="the type it should be; without it the one it says")
    parser.add_argument("--lang", choices=sorted(LANGUAGES), default="zh")
    asked = parser.parse_args()
    language = LANGUAGES[asked.lang]
    try:
        data = asked.file.read_bytes()
    except OSError as fault:
        print(fault, file=sys.stderr)
        return 2
    try:
        manifest, _ = packages.manifest_and_signature(data)
        package = packages.read(data, asked.type or _stated(manifest), datetime.now(UTC))
    except PackageRefused as refused:
        for problem in refused.problems:
            said = words_for(problem, language)
            print(f"{problem.code}\t{problem.where}\t{said['where']}\t{said['what']}")
        return 1
    told = {"type": package.type, "case": package.case, "package": package.sha256, "files": len(package.files)}
    print(json.dumps(told))
    return 0


def _stated(manifest: bytes) -> str:
    try:
        kind = json.loads(manifest)["type"]
    except (ValueError, KeyError, TypeError):
        return TYPES[0]
    return kind if kind in TYPES else TYPES[0]


if __name__ == "__main__":
    sys.exit(main())
