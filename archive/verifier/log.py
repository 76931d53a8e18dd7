"""Steps 3 and 4: each line of the log a statement, each checkpoint its root, and the deployment's word for the last.

`entries.txt` repeats the entry (SHA-256) of each line. It proves nothing by itself: it is believed only if its Merkle
root is the signed checkpoint's, and then it tells exactly which line was changed.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from archive.verifier.bag import Bag
from archive.verifier.context import LOG, Context, Found, Line, Log
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.kinds import CASE_KINDS, DEPLOYMENT_KINDS, Kind
from archive.verifier.trust import Trust, verify_cosignature, verify_note
from signing.canonical import NotCanonical
from signing.cosign_policy import Policy
from signing.cosignature import open_cosignature
from signing.merkle import ProofRefused, Tree, leaf_hash
from signing.note import (
    Checkpoint,
    Note,
    NoteRefused,
    VerifierKey,
    open_checkpoint,
    parse_checkpoint,
    parse_proof,
    verify_proof,
)
from signing.statement import Statement, StatementRefused, parse_statement

ENTRIES = "data/log/entries.txt"
CHECKPOINTS = "data/log/checkpoints"
STATEMENT, PROOF = "data/log/deployment/statement.json", "data/log/deployment/proof.txt"
DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True)
class Opened:
    """A checkpoint file with a right signature."""

    path: str
    head: Checkpoint


def read(bag: Bag, trust: Trust, case: str) -> tuple[Log, list[Finding]]:
    """The log and all that step 3 finds in it."""
    findings: list[Finding] = []
    raw_lines = _raw_lines(bag.read(LOG), findings)
    lines = tuple(_sound(raw_lines, case, findings))
    opened = list(_checkpoints(bag, trust, case, findings))
    entries, tree = _tree(raw_lines, bag.read(ENTRIES), opened, findings)
    findings += _roots(opened, tree, entries)
    findings += _evenings(lines, tree)
    whole = next((one.head for one in opened if one.head.size == len(raw_lines)), None)
    if whole is None:
        findings.append(Finding(3, CHECKPOINTS, "log-not-covered", f"{len(raw_lines)} lines"))
    if not lines or lines[-1].stated.kind != "case.closed" or lines[-1].index != len(raw_lines) - 1:
        findings.append(Finding(3, LOG, "log-not-closed"))
    by_kind: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_kind[line.stated.kind].append(line)
    return Log(case, lines, dict(by_kind), len(raw_lines), tree.root(), whole), findings


def _raw_lines(data: bytes, findings: list[Finding]) -> list[bytes]:
    *lines, rest = data.split(b"\n")
    if rest or not lines:
        findings.append(Finding(3, LOG, "line-cut"))
    return lines


def _sound(raw_lines: Sequence[bytes], case: str, findings: list[Finding]) -> Iterator[Line]:
    for index, raw in enumerate(raw_lines):
        where = f"{LOG} line {index + 1}"
        try:
            stated = parse_statement(raw)
        except (NotCanonical, StatementRefused) as error:
            findings.append(Finding(3, where, "not-a-statement", str(error)))
            continue
        fault = fault_of(stated, CASE_KINDS)
        if stated.case != case:
            fault = "other-case"
        if fault:
            findings.append(Finding(3, f"{where} {stated.kind}", fault))
        else:
            yield Line(index, raw, stated)


def fault_of(stated: Statement, kinds: dict[str, Kind]) -> str:
    """`unknown-kind`, `body-keys`, or nothing."""
    kind = kinds.get(stated.kind)
    if kind is None:
        return "unknown-kind"
    return "" if kind.keys <= stated.body.keys() <= kind.keys | kind.optional else "body-keys"


def _checkpoints(bag: Bag, trust: Trust, case: str, findings: list[Finding]) -> Iterator[Opened]:
    key = trust.case_log(case)
    for path in bag.under(CHECKPOINTS):
        try:
            head = open_checkpoint(bag.read(path), key, verify_note)
        except NoteRefused as refused:
            findings.append(Finding(3, path, "checkpoint", str(refused)))
            continue
        if path == f"{CHECKPOINTS}/{head.size:09d}.note":
            yield Opened(path, head)
        else:
            findings.append(Finding(3, path, "checkpoint", "name"))


def _tree(
    raw_lines: Sequence[bytes], listed: bytes, opened: Sequence[Opened], findings: list[Finding]
) -> tuple[list[bytes], Tree]:
    """The entries to believe and their tree: the lines' own, or those of entries.txt if a checkpoint bears them out."""
    of_lines = [sha256(raw).digest() for raw in raw_lines]
    said = listed.split(b"\n")
    wanted = [*(entry.hex().encode() for entry in of_lines), b""]
    if said == wanted:
        return of_lines, _grown(of_lines)
    repeated = _entries(said)
    at_fault = ENTRIES if _is_borne_out(of_lines, opened) else LOG
    for index in range(min(len(wanted), len(said)) - 1):
        if said[index] != wanted[index]:
            findings.append(Finding(3, f"{at_fault} line {index + 1}", "entry-differs"))
    if len(said) != len(wanted) or said[-1]:
        findings.append(Finding(3, at_fault, "entry-count", f"{len(of_lines)} lines, {len(said) - 1} entries"))
    believed = repeated if at_fault == LOG and _is_borne_out(repeated, opened) else of_lines
    return believed, _grown(believed)


def _entries(said: Sequence[bytes]) -> list[bytes]:
    try:
        return [bytes.fromhex(entry.decode()) for entry in said if entry]
    except ValueError:
        return []


def _grown(entries: Sequence[bytes]) -> Tree:
    return Tree(leaf_hash(entry) for entry in entries)


def _is_borne_out(entries: Sequence[bytes], opened: Sequence[Opened]) -> bool:
    """Whether the greatest signed checkpoint is the root of exactly these entries."""
    greatest = max(opened, key=lambda one: one.head.size, default=None)
    return greatest is not None and greatest.head.size == len(entries) and greatest.head.root == _grown(entries).root()


def _roots(opened: Sequence[Opened], tree: Tree, entries: Sequence[bytes]) -> Iterator[Finding]:
    """Each checkpoint against the tree; the last that agrees and the first that differs enclose what was changed."""
    agreed = 0
    for one in opened:
        if one.head.size > len(entries):
            yield Finding(3, one.path, "checkpoint-beyond-log", f"{len(entries)} lines")
        elif tree.root(one.head.size) == one.head.root:
            agreed = one.head.size
        else:
            yield Finding(3, one.path, "root-differs", f"{LOG} lines {agreed + 1}-{one.head.size}")


def _evenings(lines: Sequence[Line], tree: Tree) -> Iterator[Finding]:
    """What was fixed before a night is what stands in the log up to there: the root that `night.sealed` states."""
    for line in lines:
        if line.stated.kind == "night.sealed":
            size = line.body["size"]
            if type(size) is not int or not 0 < size <= line.index or tree.root(size).hex() != line.body["root"]:
                yield Finding(3, line.name, "root-differs")


def check_deployment(context: Context) -> Found:
    """Step 4: the deployment's statement about the last checkpoint, and its place in a signed deployment checkpoint."""
    raw = context.bag.read(STATEMENT)
    try:
        stated = parse_statement(raw)
    except (NotCanonical, StatementRefused) as error:
        yield Finding(4, STATEMENT, "not-a-statement", str(error))
        return
    last = context.log.last
    origin = context.trust.case_log(context.log.case).name
    about = {"origin": origin, "size": context.log.size, "root": last.root.hex() if last else ""}
    if stated.kind != "case.checkpoint" or stated.case != DEPLOYMENT or fault_of(stated, DEPLOYMENT_KINDS):
        yield Finding(4, STATEMENT, "unknown-kind", stated.kind)
    elif dict(stated.body) != about:
        yield Finding(4, STATEMENT, "not-the-last-checkpoint")
    try:
        proof = parse_proof(context.bag.read(PROOF))
        verify_proof(proof, leaf_hash(stated.entry), context.trust.log, verify_note)
    except (NoteRefused, ProofRefused) as refused:
        yield Finding(4, PROOF, "proof", str(refused))
        return
    yield from check_witnesses(context.trust.policy, context.trust.log, proof.checkpoint)


def check_witnesses(policy: Policy, log: VerifierKey, note: Note) -> Found:
    """The cosignatures of the witnesses that the centre's policy names, and whether they are its quorum.

    A line by a key that the policy does not name is not checked.
    """
    head = parse_checkpoint(note.text)
    right = set()
    for line in note.signatures:
        witness = next((one for one in policy.witnesses if line.is_by(one.key)), None)
        if line.is_by(log):
            continue
        if witness is None:
            yield Unchecked(4, f"{PROOF} {line.name}", "cosignature")
            continue
        try:
            open_cosignature(line, witness.key, head, verify_cosignature)
            right.add(witness.name)
        except NoteRefused as refused:
            yield Finding(4, f"{PROOF} {line.name}", "proof", str(refused))
    if not policy.is_met(right):
        yield Finding(4, PROOF, "quorum-missing", policy.quorum)
