"""The verifier's table of statements says what docs/records.md says."""

import re
from pathlib import Path

import pytest

from archive.verifier.kinds import CASE_KINDS, DEPLOYMENT_KINDS, Kind

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"\| (`[a-z_.]+`(?: / `[a-z_.]+`)*) \| (.*) \| (.*?) ?\|")
EVALUATION = {"prelim.signed": "member alias findings", "sheet.signed": "member alias bid scores subtotals comments"}
"""The two bodies that stand as examples in docs/records-evaluation.md."""


def documented() -> dict[str, Kind]:
    """Every row of the tables, its keys read out of its second column."""
    found = {}
    for line in (DOCS / "records.md").read_text(encoding="utf-8").splitlines():
        if row := ROW.fullmatch(line):
            names, body, signer = row.groups()
            text = re.sub(r"`\[[^`]*`|\([^()]*\)", "", body)
            keys = re.findall(r"`([a-z0-9_]+)`(\??)", text)
            for name in re.findall(r"`([a-z_.]+)`", names):
                needed = frozenset(EVALUATION.get(name, " ".join(key for key, mark in keys if not mark)).split())
                where = {"member": "member", "witness": "by", "leader": "by", "": ""}[signer]
                found[name] = Kind(needed, frozenset(key for key, mark in keys if mark), where)
    return found


def test_the_table_of_kinds_is_that_of_the_document() -> None:
    assert documented() == {**DEPLOYMENT_KINDS, **CASE_KINDS}


@pytest.mark.parametrize(("kind", "keys"), EVALUATION.items())
def test_the_signed_sheets_have_the_keys_of_their_examples(kind: str, keys: str) -> None:
    text = (DOCS / "records-evaluation.md").read_text(encoding="utf-8")
    example = text.partition(f"## `{kind}`")[2].partition("```json\n")[2].partition("```")[0]
    assert all(f'"{key}":' in example for key in keys.split())
