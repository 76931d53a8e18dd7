"""Step 5, secret votes: the papers published with a count are counted again. Voters and papers are never joined."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from archive.verifier.context import Context, Found, Line
from archive.verifier.findings import Finding
from signing.canonical import canonical

FORMAT: Final = "bid-ballot/1"


def check(context: Context) -> Found:
    """Each counted round and secret motion: papers in the order of their numbers, one a voter, giving the result."""
    for line in _secret_motions(context):
        if "papers" not in line.body:
            yield Finding(5, line.name, "papers-not-as-voters")
    for counted, vote, result in _counts(context):
        papers: Sequence[Mapping[str, Any]] = counted.body["papers"]
        numbers = [number(vote, paper) for paper in papers]
        if numbers != sorted(set(numbers)):
            yield Finding(5, counted.name, "papers-out-of-order")
        if len(papers) != _voters(context, counted):
            yield Finding(5, counted.name, "papers-not-as-voters")
        if Counter(str(paper["choice"]) for paper in papers) != Counter({c: n for c, n in result.items() if n}):
            yield Finding(5, counted.name, "not-as-counted")


def number(vote: str, paper: Mapping[str, Any]) -> bytes:
    """SHA-256 of a paper's canonical bytes (docs/records-evaluation.md)."""
    stated = {"choice": paper["choice"], "format": FORMAT, "salt": paper["salt"], "vote": vote}
    return hashlib.sha256(canonical(stated)).digest()


def _counts(context: Context) -> Iterator[tuple[Line, str, Mapping[str, int]]]:
    for line in context.log.of("ballot.counted"):
        yield line, f"{line.body['ballot']}/{line.body['round']}", line.body["counts"]
    for line in _secret_motions(context):
        if "papers" in line.body:
            yield line, line.body["motion"], line.body["votes"]


def _secret_motions(context: Context) -> Iterator[Line]:
    """The results of motions that were opened as secret."""
    secret = {line.body["motion"] for line in context.log.of("motion.opened") if line.body["secret"]}
    return (line for line in context.log.of("motion.decided") if line.body["motion"] in secret)


def _voters(context: Context, counted: Line) -> int:
    """How many voted since the vote was opened: a replacement in between makes the earlier ones void."""
    kinds = ("ballot.opened", "ballot.cast") if "ballot" in counted.body else ("motion.opened", "vote.cast")
    keys = ("ballot", "round") if "ballot" in counted.body else ("motion",)
    same = [
        line
        for line in context.log.of(*kinds)
        if line.index < counted.index and all(line.body[key] == counted.body[key] for key in keys)
    ]
    opened = max(line.index for line in same if line.stated.kind == kinds[0])
    return sum(line.stated.kind == kinds[1] and line.index > opened for line in same)
