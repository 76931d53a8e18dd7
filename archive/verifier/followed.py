"""Step 8, a re-evaluation: the committee is that of the case it names, as far as this bag can show it.

The old case's last `committee.opened` lies here with its proof in a checkpoint of that case's log, by the same key.
"""

from typing import Any

from archive.verifier.context import Context, Found, Line
from archive.verifier.documents import FOLDER
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.trust import verify_note
from signing.merkle import ProofRefused, leaf_hash
from signing.note import NoteRefused, parse_proof, verify_proof
from signing.statement import StatementRefused, parse_statement

KEYS = ("member", "alias", "kind", "categories")
OPENED = "committee.opened"


def check(context: Context) -> Found:
    """Whether everybody who sat was in the committee recalled, and that committee in the followed case's log.

    That nobody was replaced there afterwards, and what was signed there, only the followed case's own bag shows.
    """
    created = context.log.of("case.created")[:1]
    claimed = [str(line.body["follows"]["case"]) for line in created if _is_again(line)]
    recalled = context.log.of("committee.recalled")
    if not claimed and not recalled:
        return
    sat = context.log.of(OPENED)
    if not claimed or (sat and len(recalled) != 1):
        yield Finding(8, (recalled or sat or created)[0].name, "no-statement", "committee.recalled")
        return
    for line in recalled:
        yield from _check(context, line, claimed[0], sat)


def _is_again(created: Line) -> bool:
    follows: Any = created.body.get("follows", {})
    return bool(follows.get("reason") == "reevaluated")


def _check(context: Context, line: Line, case: str, sat: list[Line]) -> Found:
    path = f"{FOLDER}/{line.body['statement']}.json"
    raw = context.bag.read(path)
    try:
        stated = parse_statement(raw)
        proof = parse_proof(context.bag.read(f"{FOLDER}/{line.body['proof']}.txt"))
        verify_proof(proof, leaf_hash(stated.entry), context.trust.case_log(case), verify_note)
    except (StatementRefused, NoteRefused, ProofRefused, ValueError) as refused:
        yield Finding(8, path, "proof", str(refused))
        return
    if (stated.case, stated.kind, line.body["case"]) != (case, OPENED, case):
        yield Finding(8, path, "other-case", stated.kind)
        return
    said: Any = stated.body["members"]
    rows: list[Any] = list(said)
    old = {row["member"]: row for row in rows}
    if [{key: row[key] for key in KEYS} for row in rows] != list(line.body["members"]):
        yield Finding(8, line.name, "not-as-logged", "members")
    for opened in sat:
        for row in opened.body["members"]:
            was = old.get(row["member"])
            if was is None or any(row[key] != was[key] for key in (*KEYS, "name")):
                yield Finding(8, f"{opened.name} {row['member']}", "not-as-logged", path)
    yield Unchecked(8, f"{case} {line.name}", "followed-case")
