"""A closed case becomes a bag: everything the log speaks of is gathered here and handed to `archive.bag` to write."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol, TypeVar

from archive.bag_source import (
    BagSource,
    CaseLog,
    Document,
    Draw,
    Information,
    Lot,
    Report,
    Signatures,
    Tally,
    Voided,
)
from archive.published import SM2_ISSUING, SM2_ROOT
from conduct.asking import round_name
from conduct.directory import DEPLOYMENT
from conduct.ports import Tx
from conduct.rulebook import frozen_bytes, profile_of
from conduct.signing_inside import SHELF
from conduct.stamping import NotStamped, released_with
from conduct.words import WORDS
from evaluation.case import Case, CaseId
from evaluation.drawn import is_of_ties
from evaluation.profile import Profile
from media.access import MEDIA_TYPES, Footage
from signing.canonical import canonical

T = TypeVar("T")


class SignatureRow(Protocol):
    """A stored signature."""

    index: int
    cms: bytes
    authorisation: str
    twin: bytes

    @property
    def files(self) -> tuple[bytes, ...]:
        """The P-256 and the SM2 file, those that there are."""
        ...


class Evidence(Protocol):
    """What the store can show of a case."""

    def look(self, look: Callable[[Tx], T]) -> T:
        """Run a function that only looks."""
        ...

    def signatures(self, log: str) -> list[Any]:
        """All signatures over a log's statements."""
        ...

    def authorisation(self, sha256: str) -> bytes:
        """An authorisation record."""
        ...

    def timestamp(self, sha256: str) -> bytes | None:
        """The time stamp over a signature of this digest."""
        ...

    def checkpoints(self, log: str) -> list[tuple[int, str]]:
        """All checkpoints of a log."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where the deployment keeps footage, what it publishes of itself, and its name."""

    footage: Footage
    trust: Mapping[str, bytes]
    organisation: str


# The proof of an entry of the deployment's log, in a checkpoint that the witnesses' quorum has cosigned.
Witnessed = Callable[[int], bytes | None]


class NotWitnessed(Exception):
    """The quorum of witnesses has not cosigned the checkpoint yet; sealing waits for it."""

    code = "witness.pending"


def gather(evidence: Evidence, witnessed: Witnessed, case: CaseId, place: Place) -> BagSource:
    """Everything of a closed case, ready to be written. Raises `NotWitnessed`, `NotStamped`."""
    return evidence.look(lambda tx: _gather(tx, evidence, witnessed, case, place))


def _gather(tx: Tx, evidence: Evidence, witnessed: Witnessed, case: CaseId, place: Place) -> BagSource:
    state = tx.case(case)
    signatures = evidence.signatures(case)
    files = [file for row in signatures for file in row.files]
    profile = profile_of(tx, case)
    demo = state.info is not None and state.info.demo
    return BagSource(
        case=case,
        information=Information(
            place.organisation, state.closed_at[:10], profile.id, profile.digest, WORDS["notice"] if demo else ""
        ),
        log=_log(tx, evidence, witnessed, case),
        lots={lot.lot: Lot(_tally(tx, lot), _report(tx, lot, begun)) for lot, begun in _lots(tx, state)},
        profile=frozen_bytes(tx, state),
        trust=_trust(place.trust, profile),
        signatures={row.index: Signatures(row.cms, row.twin) for row in signatures},
        authorisations=[evidence.authorisation(digest) for digest in sorted({row.authorisation for row in signatures})],
        documents=_documents(tx, case, state),
        answers=_answers(tx, case),
        draws={
            round_name(name, number): _draw(tx, case, name, number)
            for name, draw in state.draws.items()
            for number, drawn in enumerate(draw.rounds)
            if drawn.order
        },
        footage=_footage(place.footage.case(case)),
        timestamps=dict(_timestamps(evidence, (*files, *released_with(tx, case)))),
    )


def _trust(published: Mapping[str, bytes], profile: Profile) -> Mapping[str, bytes]:
    """What the centre publishes, but SM2 roots only where they are signed under."""
    if profile.rules.signature.algorithms != "p256":
        return published
    return {name: content for name, content in published.items() if name not in {SM2_ROOT, SM2_ISSUING}}


def _timestamps(evidence: Evidence, signatures: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    for cms in signatures:
        digest = sha256(cms).hexdigest()
        response = evidence.timestamp(digest)
        if response is None:
            raise NotStamped(digest)
        yield digest, response


def _log(tx: Tx, evidence: Evidence, witnessed: Witnessed, case: CaseId) -> CaseLog:
    statements = [data for _, data in tx.statements(case)]
    checkpoints = {size: note.encode() for size, note in evidence.checkpoints(case)}
    stated = [
        (index, data)
        for index, data in tx.statements(DEPLOYMENT, "case.checkpoint")
        if json.loads(data)["body"]["origin"].endswith(f"/{case}")
    ]
    index, last = stated[-1]
    proof = witnessed(index)
    if proof is None:
        raise NotWitnessed
    return CaseLog(statements, checkpoints, last, proof)


def _lots(tx: Tx, state: Case) -> Iterator[tuple[Case, int]]:
    """The case as each lot left it, and the index of the statement from which it was that lot's."""
    begun = [0, *(index for index, _ in tx.statements(state.id, "lot.opened"))]
    return zip(state.lots_so_far, begun, strict=True)


def _tally(tx: Tx, lot: Case) -> Tally:
    return Tally(
        tx.get_object(lot.tally_input) if lot.tally_input else b"",
        tx.get_object(lot.tally_result) if lot.tally_result else b"",
        tx.get_object(lot.criteria_sha256),
    )


def _report(tx: Tx, lot: Case, begun: int) -> Report:
    """A lot's last report with its signatures, those before it apart; a case that was ended may have none."""
    case = lot.id
    stated = [(index, json.loads(data)["body"]) for index, data in tx.statements(case, "report.rendered")]
    rendered = [body for index, body in stated if begun <= index < lot.size]
    if not rendered:
        return Report(b"", b"", {})
    last = rendered[-1]
    earlier = {data["report"] for data in rendered} - {last["report"]}
    signatures: dict[str, dict[str, Signatures]] = {digest: {} for digest in (last["report"], *sorted(earlier))}
    for key, row in tx.shelf(case, "extra").items():
        member, digest = key.split("/", 1)
        if digest in signatures:
            signatures[digest][member] = Signatures(b64decode(row["cms"]), b64decode(row.get("twin", "")))
    voided = {digest: Voided(tx.get_object(digest), signatures[digest]) for digest in sorted(earlier)}
    inside = tx.shelf(case, SHELF).get(last["report"]) or {}
    return Report(
        pdf=tx.get_object(last["report"]),
        data=tx.get_object(last["data"]),
        signatures=signatures[last["report"]],
        voided=voided,
        signed=tx.get_object(inside["file"]) if inside else b"",
        validation=tx.get_object(inside["validation"]) if inside else b"",
    )


def _documents(tx: Tx, case: CaseId, state: Case) -> list[Document]:
    found = [Document(d.path, d.role, tx.get_object(d.sha256)) for d in state.files]
    for lot in state.lots_so_far:
        found += _papers_of(tx, lot)
    for number, data in enumerate(_bodies(tx, case, "representative.authorised"), 1):
        found.append(Document(f"letters/r{number}.pdf", "authorisation_letter", tx.get_object(data["letter"])))
    for digest in dict.fromkeys(data["text"] for data in _bodies(tx, case, "pledge.signed")):
        found.append(Document("pledge.txt", "pledge", tx.get_object(digest)))
    found += _followed(tx, case)
    for number, data in enumerate(_bodies(tx, case, "rollback.decided"), 1):
        if "snapshot" in data:
            found.append(Document(f"snapshots/r{number}.json", "snapshot", tx.get_object(data["snapshot"])))
    tied = {name: draw.request["input"] for name, draw in state.draws.items() if is_of_ties(name)}
    return found + [Document(f"tally/{name}.json", "tied_tally", tx.get_object(one)) for name, one in tied.items()]


def _followed(tx: Tx, case: CaseId) -> list[Document]:
    """Of a re-evaluation: the supervisor's paper, and the sealed case's committee with its proof."""
    papers = [body["paper"] for body in _bodies(tx, case, "reevaluation.authorised")]
    found = [Document("reevaluation/paper.pdf", "reevaluation_paper", tx.get_object(paper)) for paper in papers]
    for body in _bodies(tx, case, "committee.recalled"):
        found.append(Document("reevaluation/committee.json", "followed_committee", tx.get_object(body["statement"])))
        found.append(Document("reevaluation/committee.txt", "followed_proof", tx.get_object(body["proof"])))
    return found


def _papers_of(tx: Tx, lot: Case) -> Iterator[Document]:
    """What the bidders of a lot answered, and what 清标 found in it."""
    for asked in lot.clarifications.values():
        if asked.answer:
            yield Document(f"clarifications/{asked.id}.pdf", "clarification_answer", tx.get_object(asked.answer))
    if lot.precheck:
        yield Document("precheck.json", "precheck", tx.get_object(lot.precheck))


def _answers(tx: Tx, case: CaseId) -> dict[str, bytes]:
    return {row["id"]: tx.get_object(row["signature"]) for row in _bodies(tx, case, "clarification.answered")}


def _draw(tx: Tx, case: CaseId, name: str, round_no: int) -> Draw:
    shelf, told = tx.shelf(case, "draw"), round_name(name, round_no)
    transcript, material, order = (
        shelf.get(key) for key in (f"{told}/transcript", f"{name}/material", f"{told}/order")
    )
    if transcript is None or material is None or order is None:
        return Draw(b"", b"", b"")
    standing = shelf.get(f"{told}/standing")
    return Draw(
        transcript["bytes"].encode(),
        material["pool"].encode(),
        canonical(order),
        canonical(standing) if standing else b"",
    )


def _footage(folder: Path) -> dict[str, Path]:
    files = sorted(path for path in folder.rglob("*") if path.suffix in {*MEDIA_TYPES, ".jsonl"})
    return {str(path.relative_to(folder)): path for path in files}


def _bodies(tx: Tx, case: CaseId, kind: str) -> list[dict[str, Any]]:
    return [json.loads(data)["body"] for _, data in tx.statements(case, kind)]
