"""The value of a verification opinion, `bag-opinion/1`: a verifier's words on a bag, step by step.

It judges nothing: results come from the verifier, counts and gaps from the bag's own files, which may be forged; what
cannot be read is said to be so.
"""

import json
import platform
from base64 import b64decode
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

import archive.verifier
from archive.report.characters import printable
from archive.report.font import coverage
from archive.report.opinion import Bag, Check, Failure, OpinionData, Program, RecordingGap
from archive.report.reading import value_of
from archive.verifier import cms, timestamp, x509
from archive.verifier.bag import Bag as Files
from archive.verifier.bag import open_bag
from archive.verifier.manifests import LICENSED, SEAL, SEAL_STAMP
from conduct.words import WORDS
from signing.canonical import short_code

OWN: Final[Mapping[str, Any]] = WORDS["opinion"]
REPORT: Final[Mapping[str, Any]] = WORDS["report"]
VERIFIER: Final[Mapping[str, Any]] = json.loads(
    Path(archive.verifier.__file__).with_name("words.json").read_text(encoding="utf-8")
)
LINE: Final = 300
NAMED: Final = 2
ISSUING: Final = "trust/issuing.pem"
MEMBERS_ENROLLED: Final = ("seat.enrolled", "certificate.reissued")
UNUSABLE_TRUST: Final = "unusable-trust"
FIRST_STEPS: Final = (1, 2)
REPORT_STEP: Final = 10


@dataclass(frozen=True, slots=True)
class Judge:
    """The program that checked: its name, version and the SHA-256 of its file."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Tested:
    """A bag, the verifier's JSON on it, the program, the time of the check."""

    bag: Path
    stated: Mapping[str, Any]
    judge: Judge
    at: datetime


def file_name(bag: str) -> str:
    """The name of a bag's opinion."""
    name: str = OWN["file"].format(bag=bag)
    return name


def build(tested: Tested) -> dict[str, Any]:
    """The opinion as a `bag-opinion/1` value (docs/report.md)."""
    files = open_bag(tested.bag)
    log = list(_statements(files))
    created: dict[str, Any] = next((row["body"] for row in log if row.get("kind") == "case.created"), {})
    failures = tuple(_failure(one) for one in tested.stated["findings"])
    return dict(
        value_of(
            OpinionData(
                v="bag-opinion/1",
                mark="demo" if created.get("demo") or b"\nBid-Notice: " in files.read("bag-info.txt") else "regular",
                certificates=_whose_certificates(files, log),
                issued=_instant(tested.at),
                case=_line(tested.stated["case"]),
                project=_line(str(created.get("title", ""))),
                bag=_bag(tested, files),
                program=Program(
                    tested.judge.name,
                    tested.judge.version,
                    tested.judge.sha256,
                    f"Python {platform.python_version()}",
                ),
                trust="given" if tested.stated["is_trusted"] else "not_given",
                verdict=_verdict(tested, bool(failures)),
                checks=tuple(_checks(tested, files, log)),
                failures=failures,
                gaps=tuple(_gaps(log)),
                not_checked=(*_unchecked(tested.stated["unchecked"]), *_whose_time(files), *OWN["always"]),
            )
        )
    )


def _whose_certificates(files: Files, log: list[dict[str, Any]]) -> Literal["internal", "licensed"]:
    """A licensed CA's only where every member's certificate is; whether they hold is the verdict's."""
    try:
        own = x509.read_pem(files.read(ISSUING))
        x509.read_pem(files.read(LICENSED))
        enrolled = [row["body"]["certificate"] for row in log if row.get("kind") in MEMBERS_ENROLLED]
        found = [x509.read(b64decode(one)) for one in enrolled]
    except (KeyError, TypeError, ValueError):
        return "internal"
    return "licensed" if found and all(one.issuer != own.subject for one in found) else "internal"


def _verdict(tested: Tested, failed: bool) -> Literal["intact_trusted", "intact_untrusted", "refused"]:
    if failed:
        return "refused"
    return "intact_trusted" if tested.stated["is_trusted"] else "intact_untrusted"


def _bag(tested: Tested, files: Files) -> Bag:
    try:
        seal = cms.read(files.read(SEAL))
        sealed, certificate = _instant(datetime.fromtimestamp(seal.signed_at, UTC)), seal.signer.sha256
    except cms.CmsRefused:
        sealed, certificate = "", ""
    return Bag(
        name=_line(tested.bag.name),
        tag_manifest=tested.stated["check_code"],
        code=short_code(bytes.fromhex(tested.stated["check_code"])),
        files=len(files.sizes),
        bytes=sum(files.sizes.values()),
        sealed=sealed,
        seal_certificate=certificate,
        stamped=_stamped(files),
    )


def _stamped(files: Files) -> str:
    try:
        return _instant(datetime.fromtimestamp(timestamp.read(files.read(SEAL_STAMP)).at, UTC))
    except timestamp.StampRefused:
        return ""


def _checks(tested: Tested, files: Files, log: list[dict[str, Any]]) -> Iterator[Check]:
    """One row a step of docs/archive-format.md, with the number of objects that it covers."""
    findings, unchecked = tested.stated["findings"], tested.stated["unchecked"]
    has_stopped = any(one["what"] == UNUSABLE_TRUST for one in findings)
    for step, objects in _objects(files, log).items():
        subject, note = OWN["steps"][str(step)]
        left_out = sum(1 for one in unchecked if one["step"] == step)
        if any(one["step"] == step for one in findings):
            yield Check(subject, objects, "failed", OWN["failed"])
        elif has_stopped and step not in FIRST_STEPS:
            yield Check(subject, objects, "not_checked", OWN["not_run"])
        elif not objects:
            yield Check(subject, 0, "not_checked", OWN["nothing"])
        elif left_out >= objects:
            yield Check(subject, objects, "not_checked", OWN["partly"].format(count=left_out))
        elif step == REPORT_STEP:
            yield Check(subject, objects, "passed", _answers(log))
        else:
            partly = OWN["partly"].format(count=left_out)
            yield Check(subject, objects, "passed", f"{note}；{partly}" if left_out else note)


def _answers(log: list[dict[str, Any]]) -> str:
    """How the members answered the report, in counts."""
    given = Counter(str(row["body"].get("outcome")) for row in log if row.get("kind") == "report.signed")
    text: str = OWN["answers"].format(signed=given["signed"], dissent=given["dissent"], refused=given["refused"])
    stated = {row["body"].get("member") for row in log if row.get("kind") == "consent.witnessed"}
    bare = len(stated & {row["body"].get("member") for row in log if row.get("kind") == "report.signed"})
    silent = len(stated) - bare
    text += OWN["answers_bare"].format(bare=bare) if bare else ""
    return text + OWN["answers_silent"].format(silent=silent) if silent else text


def _objects(files: Files, log: list[dict[str, Any]]) -> dict[int, int]:
    """Step → how many objects the bag has for it."""
    signatures = sum(1 for path in files.under("data/records") if path.endswith((".p7s", ".sm2.cms")))
    return {
        1: len(files.sizes),
        2: 1,
        3: len(log),
        4: 1,
        5: signatures,
        6: len(files.under("data/authorisations")),
        7: len(files.under("data/documents")) - 1 + len(files.under("data/clarifications")),
        8: sum(1 for path in files.under("data/draw") if path.endswith("-pool.jsonl")),
        9: 1,
        10: 1 + len(files.under("data/report/signatures")),
        11: sum(1 for row in log if row.get("kind") == "segment.recorded"),
        12: sum(1 for path in files.sizes if path.endswith(".tsr")),
    }


def _whose_time(files: Files) -> Iterator[str]:
    """What a time stamp by the centre's own authority is not."""
    if files.read("trust/timestamp.pem") == files.read("trust/root.pem"):
        yield OWN["own_time"]


def _failure(finding: Mapping[str, Any]) -> Failure:
    what = VERIFIER["what"].get(finding["what"], [finding["what"]])[0]
    reason = OWN["failure"].format(what=what, detail=finding["detail"]) if finding["detail"] else what
    return Failure(_line(finding["object"]), _line(reason))


def _unchecked(unchecked: list[Mapping[str, Any]]) -> Iterator[str]:
    """What was left out, told once a reason with the first objects' names."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for one in unchecked:
        by_reason[one["why"]].append(one["object"])
    for why, objects in by_reason.items():
        kind = "unchecked" if len(objects) <= NAMED else "unchecked_more"
        named = OWN["separator"].join(objects[:NAMED])
        told = VERIFIER["unchecked"].get(why, [why])[0]
        yield _line(OWN[kind].format(why=told, objects=named, count=len(objects)))


def _gaps(log: list[dict[str, Any]]) -> Iterator[RecordingGap]:
    for row in log:
        if row.get("kind") == "gap.named":
            gap = row["body"]
            begin, end = (datetime.fromisoformat(gap[name]) for name in ("from", "to"))
            yield RecordingGap(
                seat=_line(gap["seat"]),
                track=_line(REPORT["tracks"].get(gap["track"], gap["track"])),
                began=_instant(begin),
                duration_ms=int((end - begin).total_seconds() * 1000),
                reason=_line(REPORT["gap_reasons"].get(gap["reason"], gap["reason"])),
            )


def _statements(files: Files) -> Iterator[dict[str, Any]]:
    """The lines of the bag's log that are objects; the others are findings of the verifier's."""
    for line in files.read("data/log/log.jsonl").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("body"), dict):
            yield row


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(text: str) -> str:
    """A text from a bag as one printable line, or the word for what cannot be read."""
    shown = printable(" ".join(text.split()), coverage())
    return shown[: LINE - 1] + "…" if len(shown) > LINE else shown or str(OWN["unknown"])
