"""Whoever holds the log's key changes one field of one statement and makes the log anew: the other layers name it.

The few fields for which the log alone speaks are listed here; a field that joins or leaves them is noticed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from archive.verifier.verify import verify
from signing.canonical import canonical
from signing.merkle import Tree, leaf_hash
from signing.statement import entry
from tests.archive import bag_example, twin_bag
from tests.archive.bag_example import CASE, DEPLOYMENT, Room
from tests.archive.remembered import remembered
from tests.faults import tamper

LOG_ALONE = {
    "case.created": "agent by demo limit lot planned_start project region tenderer title",
    "case.closed": "by stages",
    "clarification.asked": "due link pages text",
    "clarification.answered": "size",
    "clarification.confirmed": "by id",
    "draw.requested": "at by draw request",
    "draw.confirmed": "by draw",
    "draw.committed": "by host share_key",
    "draw.extended": "attempt draw round",
    "draw.sealed": "sealed",
    "package.received": "by package type",
    "person.enrolled": "role",
    "precheck.stated": "arithmetic texts traces unread",
    "replacement.requested": "by member place reason",
    "replacement.confirmed": "by",
    "report.rendered": "version",
    "seat.enrolled": "seat",
}
"""Fields that nothing but the log speaks for. Whoever holds its key and seals anew can change them, as far as no
witness has cosigned a checkpoint over them: docs/threats.md, the row of the server's operator.
"""


@dataclass(frozen=True)
class Operator:
    """The sealed bag, a copy that can be written, and the room whose log key is the operator's."""

    bag: Path
    trust: Path
    room: Room

    def changed(self, index: int, key: str) -> bytes:
        """A statement with another value of the same kind in one field of its body."""
        stated = json.loads(self.room.statements[index])
        stated["body"][key] = other(stated["body"][key])
        return canonical(stated)

    def found(self, index: int, key: str) -> set[str]:
        """What is named behind the seal's layer."""
        kept = {path: (self.bag / path).read_bytes() for path in self._paths(index)}
        statements = list(self.room.statements)
        statements[index] = self.changed(index, key)
        self._write(index, replace(self.room, statements=statements, checkpoints={}))
        verdict = verify(self.bag, self.trust, lambda *_: None)
        for path, content in kept.items():
            (self.bag / path).write_bytes(content)
        return {one.what for one in verdict.findings if one.step > 2}

    def _paths(self, index: int) -> list[str]:
        own = f"data/records/{index:06}.json"
        sizes = [f"data/log/checkpoints/{size:09}.note" for size in self.room.checkpoints]
        return [
            "data/log/log.jsonl",
            "data/log/entries.txt",
            *sizes,
            "data/log/deployment/statement.json",
            "data/log/deployment/proof.txt",
            *([own] if (self.bag / own).is_file() else []),
        ]

    def _write(self, index: int, room: Room) -> None:
        entries = [entry(raw) for raw in room.statements]
        (self.bag / "data/log/log.jsonl").write_bytes(b"".join(raw + b"\n" for raw in room.statements))
        (self.bag / "data/log/entries.txt").write_text("".join(f"{one.hex()}\n" for one in entries))
        for size in self.room.checkpoints:
            tree = Tree(leaf_hash(one) for one in entries[:size])
            note = room.head(f"{DEPLOYMENT}/{CASE}", tree)
            (self.bag / f"data/log/checkpoints/{size:09}.note").write_bytes(note)
        statement, proof = bag_example.witness_of_the_deployment(room)
        (self.bag / "data/log/deployment/statement.json").write_bytes(statement)
        (self.bag / "data/log/deployment/proof.txt").write_bytes(proof)
        own = self.bag / f"data/records/{index:06}.json"
        if own.is_file():
            own.write_bytes(room.statements[index])


def other(value: object) -> object:
    """Another value of the same shape."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{'1' if value[:1] == '0' else '0'}{value[1:]}" if value else "x"
    if isinstance(value, list):
        return [other(value[0]), *value[1:]] if value else ["x"]
    if isinstance(value, dict):
        return {key: other(one) for key, one in value.items()} or {"x": 1}
    return "x"


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    folder = tmp_path_factory.mktemp("operator")
    with pytest.MonkeyPatch.context() as patch, remembered():
        twin_bag.tell(patch)
        _, room = bag_example.write(folder)
        yield Operator(tamper.copy(folder / CASE, folder / "own"), folder / "trust", room)


def fields(operator: Operator) -> Iterator[tuple[str, int, str]]:
    """Each field of the first statement of each kind."""
    seen = set()
    for index, raw in enumerate(operator.room.statements):
        stated = json.loads(raw)
        if stated["kind"] not in seen:
            seen.add(stated["kind"])
            yield from ((stated["kind"], index, key) for key in stated["body"])


@pytest.mark.full
def test_a_field_changed_by_the_holder_of_the_logs_key_is_named_unless_the_log_alone_speaks_for_it(
    operator: Operator,
) -> None:
    alone = {(kind, key) for kind, keys in LOG_ALONE.items() for key in keys.split()}
    found = {(kind, key): operator.found(index, key) for kind, index, key in fields(operator)}
    assert {where for where, named in found.items() if not named} == alone
    assert not {where for where, named in found.items() if "step-cannot-run" in named}
    twins = {"sm2_certificate", "sm2_certificate_sha256"}
    assert {key for kind, key in found if kind == "seat.enrolled"} >= twins
