"""`python3 verify.pyz [BAG] [--trust DIR] [--renewals DIR] [--json]`: the verdict, Chinese and English; exit 0 to 3."""

import argparse
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from archive.verifier.findings import Status, Unusable, Verdict
from archive.verifier.verify import verify

Words = dict[str, dict[str, list[str]]]


def main(arguments: list[str]) -> int:
    """Run with the command line's arguments; returns the exit status."""
    words: Words = json.loads(pkgutil.get_data("archive.verifier", "words.json") or b"{}")
    parser = argparse.ArgumentParser(prog="verify.pyz", description=words["about"]["program"][1])
    parser.add_argument("bag", nargs="?", type=Path, default=Path(), help="the bag's directory (default: this one)")
    parser.add_argument("--trust", type=Path, metavar="DIR", help="root.pem, log.vkey, deployment.json as published")
    parser.add_argument("--renewals", type=Path, metavar="DIR", help="the bag's renewals (default: BAG.renewals)")
    parser.add_argument("--json", action="store_true", help="the verdict as JSON")
    options = parser.parse_args(arguments)
    try:
        verdict = verify(options.bag, options.trust, _show_progress, options.renewals)
    except Unusable as error:
        sys.stderr.write(f"{' / '.join(words['unusable'][error.what])}: {error.object}\n")
        return Status.UNUSABLE_CALL
    text = json.dumps(_as_json(verdict), ensure_ascii=False, indent=1) if options.json else _as_text(verdict, words)
    sys.stdout.write(f"{text}\n")
    return verdict.status


def _show_progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what} {done * 100 // max(total, 1)} %   ")


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "status": int(verdict.status)}


def _as_text(verdict: Verdict, words: Words) -> str:
    """Findings first, each with its step, object and meaning; the verdict last, where it stays on the screen."""
    lines = []
    for finding in verdict.findings:
        what = " / ".join([*words["what"][finding.what], *filter(None, [finding.detail])])
        lines.append(f"✗ {_step(finding.step, words)}: {finding.object}: {what}")
    for one in verdict.unchecked:
        lines.append(f"? {_step(one.step, words)}: {one.object}: {' / '.join(words['unchecked'][one.why])}")
    facts = {"case": verdict.case, "check-code": verdict.check_code, "sealed-by": verdict.sealed_by}
    lines += [f"{' / '.join(words['verdict'][name])}: {value}" for name, value in facts.items()]
    return "\n".join([*lines, *words["verdict"][str(int(verdict.status))]])


def _step(number: int, words: Words) -> str:
    return f"{number} {' / '.join(words['steps'][str(number)])}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
