"""What calls itself a package and is none: refused by name before it fills the memory, with everything wrong at once.

The wrong fields are not listed here: a reader that notes what it is asked for finds them, so none can be forgotten.
"""

import copy
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from conduct import package_content, packages
from conduct.package_problems import KINDS, PackageRefused, Problem
from demo import case_example_a as example
from demo import packages as papers
from demo.example import Example
from evaluation.criteria import read_criteria
from evaluation.tally.reading import DocumentRefused, Reader
from evaluation.tender import read_opening, read_openings, read_tender
from tests.services.province import Province
from web.package_words import FAULTS, FIELDS, ROLES, words_for

# Later than anything made here, however long the run that comes before.
NOW = datetime.now(UTC) + timedelta(hours=3)
EARLY = "2026-01-01T00:00:00Z"
Files = dict[str, bytes]
SOUND = ("tender", "opening", "experts", "tender in lots", "opening in lots")
PART = re.compile(r"[^.\[\]$]+|\[\d+\]")


def packed(files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def unpacked(path: Path) -> Files:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_json(files: Files, name: str, document: Any) -> Files:  # noqa: ANN401 - JSON
    """The same package with another document in it."""
    return with_file(files, name, json.dumps(document).encode())


def with_file(files: Files, name: str, content: bytes) -> Files:
    """The same package with other bytes in a file; the list says their digest, the seal is of no matter here."""
    files = {**files, name: content}
    manifest = json.loads(files["package.json"])
    for row in manifest["files"] if isinstance(manifest.get("files"), list) else ():
        if isinstance(row, dict) and row.get("path") == name:
            row |= {"sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}
    if name != "package.json":
        files["package.json"] = json.dumps(manifest).encode()
    return files


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """One sound package of each type, with every optional field and file in it."""
    folder = tmp_path_factory.mktemp("packages")
    trading, bidders = papers.make_party("演示交易系统"), papers.make_bidders()
    tender = unpacked(papers.write_tender_package(folder, trading, "E-2026-0001", EARLY))
    manifest = json.loads(tender["package.json"])
    manifest["data"]["region"] = "510000"
    tender["package.json"] = json.dumps(manifest).encode()
    opening = unpacked(papers.write_opening_package(folder, trading, bidders, "E-2026-0001", EARLY))
    manifest = json.loads(opening["package.json"])
    manifest["data"]["bids"][0] |= {
        "price_in_words": "玖佰伍拾壹万贰仟叁佰元整",
        "deduction_percent": "10",
        "machine": {"mac": "02-00-00-00-00-01"},
        "facts": {"F1": "1"},
    }
    opening["package.json"] = json.dumps(manifest).encode()
    opening, tender = without_pages(opening), without_pages(tender)
    said = {key: value for key, value in manifest["data"].items() if key != "opened"}
    (folder / "province").mkdir()
    made = Province(folder / "province").package()
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        experts = {name: archive.read(name) for name in archive.namelist()}
    return {
        "tender": tender,
        "opening": with_json(opening, "opening.json", said),
        "experts": experts,
        **divided(folder, trading),
    }


def divided(folder: Path, trading: papers.Party) -> dict[str, Files]:
    """A sound package of each type of a tender in two lots, one bidder in both."""
    lots = dict.fromkeys("12", cast(Example, OneBidder()))
    place = (folder, trading)
    tender = unpacked(papers.write_divided_tender(*place, "E-2026-0001", EARLY, lots))
    bidders = papers.bidders_of_lots(lots)
    opening = unpacked(papers.write_divided_opening(*place, bidders, "E-2026-0001", EARLY, lots))
    return {"tender in lots": without_pages(tender), "opening in lots": without_pages(opening)}


class OneBidder:
    """The example with its first bidder alone."""

    BIDDERS: ClassVar = {"A": example.BIDDERS["A"]}
    OPENING: ClassVar = {**example.OPENING, "bids": example.OPENING["bids"][:1]}

    def __getattr__(self, name: str) -> object:
        return getattr(example, name)


def without_pages(files: Files) -> Files:
    """The same package with PDFs that hold nothing."""
    for name in [one for one in files if one.endswith(".pdf")]:
        files = with_file(files, name, b"%PDF-1.7 of no pages")
    return files


def type_of(kind: str) -> str:
    return kind.partition(" ")[0]


def problems_of(files: Files, kind: str) -> tuple[Problem, ...]:
    with pytest.raises(PackageRefused) as refused:
        packages.read(packed(files), type_of(kind), NOW)
    return refused.value.problems


class Noting(Reader):
    """Notes the path of everything it is asked for."""

    def __init__(self, value: object, path: str, asked: list[str]) -> None:
        super().__init__(value, path)
        self.asked = asked

    def raw(self, key: str) -> object:
        self.asked.append(f"{self.path}.{key}")
        return super().raw(key)

    def over(self, value: object, path: str) -> Reader:
        return Noting(value, path, self.asked)


def asked_by(read: Callable[[Reader], object], document: object, path: str) -> list[str]:
    """The paths a reader asks for; a coefficient that is only drawn later stands in none of them."""
    asked: list[str] = []
    read(Noting(document, path, asked))
    return [one for one in dict.fromkeys(asked) if not one.endswith(".price.reduction_percent")]


def fields_of(whole: dict[str, Files], kind: str) -> Iterator[tuple[str, str]]:
    """Every field that the readers of a type ask for: the document and the JSON path in it."""
    manifest = json.loads(whole[kind]["package.json"])
    for path in asked_by(packages.read_manifest, manifest, "$"):
        yield "package.json", path
    readers: dict[str, Callable[[Reader], object]] = {
        "tender": read_tender, "opening": read_openings, "experts": package_content.read_drawn,
    }  # fmt: skip
    for path in asked_by(readers[kind.partition(" ")[0]], manifest["data"], "$.data"):
        yield "package.json", path
    beside: dict[str, tuple[str, Callable[[Reader], object]]] = {
        "tender": ("criteria.json", read_criteria),
        "opening": ("opening.json", read_opening),
        "opening in lots": ("openings/2.json", read_opening),
    }
    if kind in beside:
        name, read = beside[kind]
        for path in asked_by(read, json.loads(whole[kind][name]), "$"):
            yield name, path


def placed(document: Any, path: str) -> tuple[Any, str | int]:  # noqa: ANN401 - JSON
    """The object or list that holds the last part of a path, and that part."""
    *way, last = [int(part[1:-1]) if part.startswith("[") else part for part in PART.findall(path)]
    for part in way:
        document = document[part]
    return document, last


WRONG = (None, 7.5, {"of another": "kind"})


@pytest.mark.parametrize("kind", SOUND)
def test_every_field_of_a_package_wrong_in_turn_is_named_in_a_sentence_of_its_own(
    whole: dict[str, Files], kind: str
) -> None:
    packages.read(packed(whole[kind]), type_of(kind), NOW)
    fields = list(fields_of(whole, kind))
    assert len(fields) > 10
    for name, path in fields:
        original = json.loads(whole[kind][name])
        gone = copy.deepcopy(original)
        holder, last = placed(gone, path)
        del holder[last]
        spoilt = [gone]
        for value in WRONG:
            changed = copy.deepcopy(original)
            holder, last = placed(changed, path)
            holder[last] = value
            spoilt.append(changed)
        named = [is_named(with_json(whole[kind], name, one), kind, f"{name} {path}") for one in spoilt]
        # Some of these values are right for some fields (a text, an empty list); not one field takes most of them.
        assert sum(named) >= 2, (name, path, named)


def is_named(files: Files, kind: str, where: str) -> bool:
    """Whether the package is refused at this place, and in words for a person."""
    try:
        packages.read(packed(files), type_of(kind), NOW)
    except PackageRefused as refused:
        for problem in refused.problems:
            said = words_for(problem, "zh")
            assert said["what"], problem
            assert said["where"], problem
            assert problem.fault in FAULTS or problem.code in KINDS
        return any(problem.where.startswith(where) for problem in refused.problems)
    return False


@pytest.mark.parametrize("kind", SOUND)
def test_every_field_has_a_name_in_words(whole: dict[str, Files], kind: str) -> None:
    names = {part for _, path in fields_of(whole, kind) for part in re.findall(r"[^.\[\]$\d][^.\[\]$]*", path)}
    free = {"F1", *example.PRICES}  # names that a document chooses
    assert names - free <= set(FIELDS)


@pytest.mark.parametrize("kind", ["tender", "opening"])
def test_a_field_that_the_format_does_not_know_is_named(whole: dict[str, Files], kind: str) -> None:
    manifest = json.loads(whole[kind]["package.json"])
    manifest["data"]["price_limt"] = "1"
    (problem,) = problems_of(with_json(whole[kind], "package.json", manifest), kind)[:1]
    assert (problem.where, problem.fault) == ("package.json $.data.price_limt", "unknown_key")


def test_everything_that_is_wrong_is_told_at_once(whole: dict[str, Files]) -> None:
    manifest = json.loads(whole["opening"]["package.json"])
    manifest["data"]["bids"][1]["price"] = 9286500
    manifest["data"]["bids"][2]["name"] = ""
    listless = {**manifest, "not_before": "2026/11/20"}
    found = {one.where for one in problems_of(with_json(whole["opening"], "package.json", listless), "opening")}
    assert found == {f"package.json $.{path}" for path in ("not_before", "data.bids[1].price", "data.bids[2].name")}
    files = with_json(whole["opening"], "package.json", manifest)
    del files["bids/D.pdf"]
    files["stranger.txt"] = b"1"
    named = {(one.code, one.where) for one in problems_of(files, "opening")}
    assert named >= {
        ("package.field_wrong", "package.json $.data.bids[1].price"),
        ("package.field_wrong", "package.json $.data.bids[2].name"),
        ("package.file_missing", "bids/D.pdf"),
        ("package.file_unlisted", "stranger.txt"),
    }


@pytest.mark.parametrize("kind", SOUND)
def test_every_file_left_out_of_list_and_package_is_missed_where_its_role_is_demanded(
    whole: dict[str, Files], kind: str
) -> None:
    for row in json.loads(whole[kind]["package.json"])["files"]:
        files = {name: content for name, content in whole[kind].items() if name != row["path"]}
        manifest = json.loads(files["package.json"])
        manifest["files"] = [one for one in manifest["files"] if one["path"] != row["path"]]
        files["package.json"] = json.dumps(manifest).encode()
        if package_content.ROLES[type_of(kind)][row["role"]][0] == 0:
            packages.read(packed(files), type_of(kind), NOW)
        else:
            assert "package.file_missing" in {one.code for one in problems_of(files, kind)}, row["path"]


@pytest.mark.parametrize("kind", ["tender", "opening"])
def test_every_file_that_is_not_what_its_role_demands_is_named(whole: dict[str, Files], kind: str) -> None:
    for row in json.loads(whole[kind]["package.json"])["files"]:
        files = with_file(whole[kind], row["path"], b"\xff\xfe neither")
        assert any(one.where.startswith(row["path"]) for one in problems_of(files, kind)), row["path"]


LOTS = "package.json $.data.lots"


@pytest.mark.parametrize(
    ("kind", "change", "found"),
    [
        ("tender", lambda data: data.update(lots=[]), (LOTS, "no_lot")),
        ("tender", lambda data: data.update(lot="一标段"), ("package.json $.data.lot", "unknown_key")),
        ("tender", lambda data: data["lots"][1].update(id="1"), (f"{LOTS}[1]", "repeated")),
        ("tender", lambda data: data["lots"][1].update(id="3"), ("criteria/2.json", "of_no_lot")),
        ("tender", lambda data: data["lots"][1].update(id="3"), ("criteria/3", "role_missing")),
        ("tender", lambda data: data["lots"].pop(), ("item_tables/2.csv", "of_no_lot")),
        ("tender", lambda data: data["lots"][1].update(id="../2"), (f"{LOTS}[1].id", "misspelled")),
        ("tender", lambda data: data["lots"][1].update(limit_price=None), (f"{LOTS}[1].limit_price", "limits_differ")),
        ("opening", lambda data: data["lots"][1].update(id="3"), ("openings/3", "role_missing")),
        ("opening", lambda data: data["lots"][1]["bids"][0].update(id="1-A"), (f"{LOTS}.bids[1]", "repeated")),
        ("opening", lambda data: data["lots"][1].update(bids=[]), (f"{LOTS}[1].bids", "no_bid")),
        (
            "opening",
            lambda data: data["lots"][1]["bids"][0].update(price="1.00"),
            ("openings/2.json $", "differs_from_data"),
        ),
    ],
)
def test_lots_that_do_not_fit_their_files_or_each_other_are_named(
    whole: dict[str, Files], kind: str, change: Callable[[Any], object], found: tuple[str, str]
) -> None:
    files = whole[f"{kind} in lots"]
    manifest = json.loads(files["package.json"])
    change(manifest["data"])
    said = {(one.where, one.fault) for one in problems_of(with_json(files, "package.json", manifest), kind)}
    assert found in said


def test_a_lot_that_was_not_opened_may_be_absent_from_the_opening_package(whole: dict[str, Files]) -> None:
    files = {name: data for name, data in whole["opening in lots"].items() if "/2-" not in name and "/2." not in name}
    manifest = json.loads(files["package.json"])
    manifest["data"]["lots"].pop()
    manifest["files"] = [row for row in manifest["files"] if row["path"] in files]
    read = packages.read(packed(with_json(files, "package.json", manifest)), "opening", NOW)
    assert [row["id"] for row in read.data["lots"]] == ["1"]


def test_every_role_of_a_package_has_a_name_in_words() -> None:
    assert {role for roles in package_content.ROLES.values() for role in roles} == set(ROLES)


def test_every_fault_that_a_reader_finds_has_its_sentence() -> None:
    sources = [Path("evaluation") / name for name in ("criteria.py", "tender.py", "bill.py")]
    sources += [*Path("evaluation/tally").glob("*.py"), *Path("conduct").glob("package*.py")]
    pattern = (
        r'(?:refuse|DocumentRefused|BillRefused)\(\s*"([a-z_]+)"|Problem\([^"()]*(?:"[^"]*"[^"()]*)?, "([a-z_]+)"\)'
    )
    found = {a or b for path in sources for a, b in re.findall(pattern, path.read_text("utf-8"))}
    of_a_tally = {
        "deviation_undefined", "nothing_left_to_replace_by",
        "items_differ", "no_valid_bid", "objective_mismatch", "price_above_limit",
        "sheet_missing", "sheet_of_nobody", "subtotal_wrong", "tie_unresolved", "unknown_bid", "score_out_of_range",
        "score_off_step",
    }  # fmt: skip
    assert found - of_a_tally <= set(FAULTS)


def test_a_reader_that_goes_on_says_the_same_as_the_strict_one(whole: dict[str, Files]) -> None:
    document = json.loads(whole["tender"]["criteria.json"])
    for path in asked_by(read_criteria, document, "$"):
        changed = copy.deepcopy(document)
        holder, last = placed(changed, path)
        holder[last] = 7.5
        with pytest.raises(DocumentRefused) as strict:
            read_criteria(Reader(changed))
        found = [one.where for one in problems_of(with_json(whole["tender"], "criteria.json", changed), "tender")]
        assert f"criteria.json {strict.value.path}" in found


def test_a_list_that_swells_beyond_any_list_is_not_read() -> None:
    with pytest.raises(packages.NotAPackage, match="too_big"):
        packages.manifest_and_signature(packed({"package.json": bytes(8 * 1024**2), "package.json.p7s": b"1"}))


def test_a_damaged_file_is_refused_by_name(whole: dict[str, Files]) -> None:
    data = bytearray(packed(whole["tender"]))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        entry = archive.getinfo("criteria.json")
    start = entry.header_offset + 30 + len("criteria.json")
    data[start : start + entry.compress_size] = b"\xff" * entry.compress_size
    with pytest.raises(packages.NotAPackage, match=r"criteria\.json damaged"):
        packages.read(bytes(data), "tender", NOW)


@pytest.mark.parametrize("path", ["../a.pdf", "/a.pdf", "a//b.pdf", "a\\b.pdf", "", "a.招标", "a" * 201])
def test_a_path_that_no_archive_could_hold_is_refused_when_it_arrives(whole: dict[str, Files], path: str) -> None:
    files = dict(whole["tender"])
    manifest = json.loads(files["package.json"])
    manifest["files"][0]["path"] = path
    found = problems_of(with_json(files, "package.json", manifest), "tender")
    assert any(one.where == "package.json $.files[0].path" for one in found)


def test_a_developer_hears_of_every_fault_before_the_package_is_sent(whole: dict[str, Files], tmp_path: Path) -> None:
    (tmp_path / "sound.zip").write_bytes(packed(whole["tender"]))
    (tmp_path / "broken.zip").write_bytes(packed(with_file(whole["tender"], "criteria.json", b"{}")))
    check = [sys.executable, "-m", "web.package_check"]
    sound = subprocess.run([*check, tmp_path / "sound.zip"], capture_output=True, text=True, check=False)
    assert (sound.returncode, json.loads(sound.stdout)["case"]) == (0, "E-2026-0001")
    broken = subprocess.run(
        [*check, tmp_path / "broken.zip", "--lang", "en"], capture_output=True, text=True, check=False
    )
    assert broken.returncode == 1
    assert "package.field_wrong\tcriteria.json $.title\tTitle\tThis field is missing; add it." in broken.stdout
    assert subprocess.run([*check, tmp_path / "none.zip"], capture_output=True, check=False).returncode == 2


def test_the_page_for_developers_names_every_role_and_how_often() -> None:
    page = Path("docs/tender-package.md").read_text("utf-8")
    often = {"1": (1, 1), "0–1": (0, 1), "0–99": (0, 99)}
    a_bidder = {"1 or more a bidder": (1, package_content.MANY), "1 a bidder": (1, package_content.MANY)}
    often |= {"1 a lot": (1, 99), "0–1 a lot": (0, 99)}
    often |= a_bidder | dict.fromkeys(("0–1 a bidder", "0 or more a bidder"), (0, package_content.MANY))
    for kind, heading in (("tender", "## Tender package"), ("opening", "## Opening package")):
        section = page.partition(heading)[2].partition("\n## ")[0].partition("| `data`")[0]
        rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE)
        assert {role: often[count] for role, count in rows} == package_content.ROLES[kind]


def test_the_page_for_developers_names_every_field_and_its_example_is_read(whole: dict[str, Files]) -> None:
    page = Path("docs/tender-package.md").read_text("utf-8")
    said = set(re.findall(r"`(\w+)`", page))
    for kind, read in (
        ("tender", read_tender), ("opening", read_openings),
        ("tender in lots", read_tender), ("opening in lots", read_openings),
    ):  # fmt: skip
        manifest = json.loads(whole[kind]["package.json"])
        fields = {path.rpartition(".")[2] for path in asked_by(read, manifest["data"], "$")}
        assert fields - {"F1"} <= said, kind
    example_data = page.partition("Two bids of a purchase")[2].partition("```json\n")[2].partition("```")[0]
    assert [bid.id for bid in read_opening(Reader(json.loads(example_data))).bids] == ["P", "R"]


def test_every_refusal_of_a_package_stands_on_the_page_for_developers() -> None:
    page = Path("docs/tender-package.md").read_text("utf-8")
    assert all(f"`{code}`" in page for code in KINDS)
