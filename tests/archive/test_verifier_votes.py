"""Secret votes are counted again from what was published, without knowing whose paper is whose."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from archive.verifier import votes
from archive.verifier.context import Context, Line, Log
from evaluation.ballot import Paper, in_order

CHOICES = ("m2", "m2", "m1")
Body = dict[str, Any]
Row = tuple[str, Body]


def papers_of(vote: str, choices: tuple[str, ...]) -> list[dict[str, str]]:
    opened = in_order(Paper(vote, choice, f"{at:032x}") for at, choice in enumerate(choices))
    return [{"choice": paper.choice, "salt": paper.salt} for paper in opened]


def election() -> list[Row]:
    """A round that a replacement voided, and the one that counts."""
    this = {"ballot": "leader", "round": 1}
    cast = [("ballot.cast", {**this, "member": member}) for member in ("m1", "m2", "m3")]
    counted = {**this, "counts": {"m1": 1, "m2": 2, "m3": 0}, "papers": papers_of("leader/1", CHOICES)}
    opened: Row = ("ballot.opened", dict(this))
    return [opened, cast[0], opened, *cast, ("ballot.counted", counted)]


def motion() -> list[Row]:
    cast = [("vote.cast", {"motion": "v1", "member": member}) for member in ("m1", "m2")]
    decided = {"motion": "v1", "votes": {"yes": 1, "no": 1}, "papers": papers_of("v1", ("yes", "no"))}
    return [("motion.opened", {"motion": "v1", "secret": True}), *cast, ("motion.decided", decided)]


def found(rows: list[Row]) -> set[str]:
    lines = [
        Line(at, b"", cast(Any, SimpleNamespace(kind=kind, body=body, at="", case="E-1")))
        for at, (kind, body) in enumerate(rows)
    ]
    by_kind: Mapping[str, list[Line]] = {
        kind: [line for line in lines if line.stated.kind == kind] for kind in {kind for kind, _ in rows}
    }
    log = Log("E-1", tuple(lines), by_kind, len(lines), b"", None)
    context = cast(Context, SimpleNamespace(log=log))
    return {one.what for one in votes.check(context) if hasattr(one, "what")}


@pytest.mark.parametrize("rows", [election, motion])
def test_votes_that_were_counted_right_are_right(rows: Callable[[], list[Row]]) -> None:
    assert found(rows()) == set()


def stuffed(body: Body) -> None:
    """One paper more than there are voters, and counted."""
    opened = [Paper("leader/1", row["choice"], row["salt"]) for row in body["papers"]]
    more = in_order([*opened, Paper("leader/1", "m1", "f" * 32)])
    body["papers"] = [{"choice": paper.choice, "salt": paper.salt} for paper in more]
    body["counts"]["m1"] += 1


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda body: body["counts"].update(m1=2, m2=1), "not-as-counted"),
        (lambda body: body["papers"].reverse(), "papers-out-of-order"),
        (lambda body: body["papers"].append(dict(body["papers"][-1])), "papers-out-of-order"),
        (stuffed, "papers-not-as-voters"),
    ],
)
def test_a_count_that_the_papers_do_not_give_is_found(change: Callable[[Body], object], what: str) -> None:
    rows = election()
    change(rows[-1][1])
    assert what in found(rows)


def test_a_secret_motion_without_its_papers_is_found() -> None:
    rows = motion()
    del rows[-1][1]["papers"]
    assert found(rows) == {"papers-not-as-voters"}


def test_a_secret_motion_that_the_papers_do_not_carry_is_found() -> None:
    rows = motion()
    rows[-1][1]["votes"] = {"yes": 2, "no": 0}
    assert found(rows) == {"not-as-counted"}
