"""The box of a secret vote: papers lie in it by their numbers until the last is in, then all come out at once.

Who dropped a paper is not known here; that somebody voted is another statement's business.
"""

from conduct.ports import Json, Tx
from evaluation.ballot import Paper, in_order
from evaluation.case import CaseId


def drop(tx: Tx, case: CaseId, box: str, vote: str, choice: str) -> Paper:
    """Put a paper in and return it, for the voter's eyes alone."""
    paper = Paper(vote, choice, tx.random(16).hex())
    tx.shelf(case, box).put(paper.number.hex(), {"vote": paper.vote, "choice": paper.choice, "salt": paper.salt})
    return paper


def empty(tx: Tx, case: CaseId, box: str) -> tuple[Paper, ...]:
    """Take all papers out, in the order of their numbers."""
    papers = in_order(Paper(row["vote"], row["choice"], row["salt"]) for _, row in tx.shelf(case, box).items())
    tx.forget_shelves(case, (box,))
    return papers


def published(papers: tuple[Paper, ...]) -> list[Json]:
    """The papers as the count states them."""
    return [{"choice": paper.choice, "salt": paper.salt} for paper in papers]
