"""OCDS: a tender that comes as a release in place of `data`; a closed case that leaves as one."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from conduct import ocds_in, ocds_out, packages
from conduct.package_problems import PackageRefused
from demo import case_example_a as example
from demo import packages as papers
from evaluation.case import Case, CaseId
from evaluation.tally.reading import DocumentRefused, Reader
from storage.transaction import Transaction
from tests.services.evaluation import CASE, Evaluation

RELEASE: dict[str, Any] = {
    "ocid": "ocds-213czf-DEMO-1", "id": "1", "date": "2026-11-01T00:00:00Z", "tag": ["tender"],
    "initiationType": "tender", "buyer": {"name": "演示招标人"},
    "tender": {
        "id": "DEMO-2026-0001", "title": example.PROJECT["name"], "mainProcurementCategory": "works",
        "procuringEntity": {"name": "演示招标代理机构"}, "value": {"amount": 10000000, "currency": "CNY"},
        "lots": [{"id": "1", "title": "一标段"}], "status": "active",
    },
}  # fmt: skip


def with_release(folder: Path, release: Any, data: Any = None) -> bytes:  # noqa: ANN401 - JSON
    """A tender package whose list says nothing of the tender: a release does."""
    whole = papers.write_tender_package(folder, papers.make_party("x"), CASE, "2026-01-01T00:00:00Z")
    with zipfile.ZipFile(whole) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    content = json.dumps(release).encode()
    manifest = json.loads(files["package.json"])
    manifest["data"] = data or {}
    row = {"path": "release.json", "role": "release", "sha256": sha256(content).hexdigest(), "size": len(content)}
    manifest["files"].append(row)
    files |= {"release.json": content, "package.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(folder / "with-release.zip", "w") as archive:
        for name, each in files.items():
            archive.writestr(name, each)
    return (folder / "with-release.zip").read_bytes()


def test_a_tender_that_comes_as_a_release_is_the_tender_that_data_would_have_said(tmp_path: Path) -> None:
    for release in (RELEASE, {"uri": "urn:x", "version": "1.1", "releases": [RELEASE]}):
        package = packages.read(with_release(tmp_path, release), "tender", datetime.now(UTC))
        assert package.data == {**example.PROJECT, "type": "works"}


def test_what_is_said_twice_or_not_at_all_is_refused_by_its_place(tmp_path: Path) -> None:
    broken = {**RELEASE, "tender": {key: value for key, value in RELEASE["tender"].items() if key != "title"}}
    for release, data, where, fault in (
        (RELEASE, dict(example.PROJECT), "package.json $.data", "said_twice"),
        (broken, None, "release.json $.tender.title", "missing"),
        ({"releases": [RELEASE, RELEASE]}, None, "release.json $.releases", "not_one_release"),
    ):
        with pytest.raises(PackageRefused) as refused:
            packages.read(with_release(tmp_path, release, data), "tender", datetime.now(UTC))
        assert (refused.value.problems[0].where, refused.value.problems[0].fault) == (where, fault)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"amount": 10000000.0, "currency": "CNY"}, ""),
        ({"amount": 9512300.5, "currency": "CNY"}, ""),
        ({"amount": 0.001, "currency": "CNY"}, "not_an_amount"),
        ({"amount": "10000000", "currency": "CNY"}, "not_an_amount"),
        ({"amount": True, "currency": "CNY"}, "not_an_amount"),
        ({"amount": 1e300, "currency": "CNY"}, "not_an_amount"),
        ({"amount": 10, "currency": "USD"}, "unknown_word"),
        ({"amount": -1, "currency": "CNY"}, "not_an_amount"),
    ],
)
def test_an_amount_is_yuan_with_two_decimals_or_none(value: dict[str, Any], fault: str) -> None:
    release = {**RELEASE, "tender": {**RELEASE["tender"], "value": value}}
    if not fault:
        assert ocds_in.read_release(Reader(release))["limit_price"] == f"{value['amount']:.2f}"
        return
    with pytest.raises(DocumentRefused) as refused:
        ocds_in.read_release(Reader(release))
    assert refused.value.fault == fault


@dataclass(frozen=True)
class Closed:
    """A transaction that sees the case as it is once closed: what comes between says nothing of a release."""

    tx: Transaction

    def case(self, case: CaseId) -> Case:
        return replace(self.tx.case(case), closed_at="2026-11-26T08:00:00.000Z")

    def get_object(self, digest: str) -> bytes:
        return self.tx.get_object(digest)


# The standard's own words (OCDS 1.1.5): what a release must have, and the closed lists it may choose from.
MUST = {"ocid", "id", "date", "tag", "initiationType"}
TAGS = {"planning", "tender", "award", "contract"}
TENDER_STATUS = {"planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"}
AWARD_STATUS = {"pending", "active", "cancelled", "unsuccessful"}
BID_STATUS = {"invited", "pending", "valid", "disqualified", "withdrawn"}


async def test_a_closed_case_leaves_as_a_release_by_the_standards_rules(evaluation: Evaluation) -> None:
    await evaluation.to_candidates()
    with pytest.raises(ocds_out.NotClosed):
        evaluation.store.look(lambda tx: ocds_out.release_package(tx, CASE, "演示交易中心"))
    told = evaluation.store.look(
        lambda tx: ocds_out.release_package(Closed(tx), CASE, "演示交易中心")  # type: ignore[arg-type]
    )
    assert set(told) == {"uri", "version", "publishedDate", "publisher", "extensions", "releases"}
    (release,) = told["releases"]
    assert set(release) >= MUST
    assert set(release["tag"]) <= TAGS
    assert release["tender"]["status"] in TENDER_STATUS
    assert {award["status"] for award in release["awards"]} <= AWARD_STATUS
    assert {bid["status"] for bid in release["bids"]["details"]} <= BID_STATUS
    parties = {party["id"]: party for party in release["parties"]}
    assert len(parties) == len(release["parties"])
    for reference in references(release):
        assert parties[reference["id"]]["name"] == reference["name"]
    assert [award["relatedBid"] for award in release["awards"]] == list(example.CANDIDATES)
    assert {one["measure"]: one["value"] for one in release["bids"]["statistics"]} == {"bids": 6, "validBids": 5}
    ranking = {row["relatedBid"]: row["total"] for row in release["evaluation"]["ranking"]}
    assert ranking == {bid: row["total"] for bid, row in example.EXPECTED.items()}
    assert release["bids"]["details"][0]["value"] == {"amount": 9512300.0, "currency": "CNY"}
    text = json.dumps(told, ensure_ascii=False)
    assert not re.search(r"评委|演示专家|\"m[1-9]\"", text)


def references(release: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every organisation that is referred to."""
    yield release["buyer"]
    yield release["tender"]["procuringEntity"]
    yield from release["tender"]["tenderers"]
    for part in (*release["bids"]["details"], *release["awards"]):
        yield from part.get("tenderers", part.get("suppliers", ()))
