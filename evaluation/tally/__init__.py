"""The offline tally: one JSON case in, the result and every step a person would check by hand out.

It uses the Python standard library alone, so that a stranger's check can run it; exact fractions inside, never a float.
"""

from evaluation.tally.document import load, parse_case
from evaluation.tally.model import Row, Step, TallyCase, TallyResult
from evaluation.tally.outcome import compute
from evaluation.tally.ranking import TallyRefused, TieUnresolved
from evaluation.tally.reading import DocumentRefused
from evaluation.tally.records import case_from_records, document_from_records

__all__ = [
    "DocumentRefused",
    "Row",
    "Step",
    "TallyCase",
    "TallyRefused",
    "TallyResult",
    "TieUnresolved",
    "case_from_records",
    "compute",
    "document_from_records",
    "load",
    "parse_case",
]
