"""The published vectors of RFC 8785 and of the RFC 6962 tree, whole, as their authors give them."""

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signing.canonical import FloatRefused, NotCanonical, NotNfc, canonical
from signing.merkle import ConsistencyRefused, InclusionRefused, verify_consistency, verify_inclusion

FOLDER = Path(__file__).parent.parent / "vectors" / "published"
# The house is narrower than RFC 8785: what these hold has no place in it, and is refused by name.
REFUSED: dict[str, type[NotCanonical]] = {
    "structures": FloatRefused,
    "values": FloatRefused,
    "unicode": NotNfc,
    "weird": NotNfc,
}
# Its two roots are the words "don't care 2": no hashes, so they are no roots here.
NO_HASHES = {"additional/sizes-are-equal-one-and-proof-is-empty"}


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


JCS = _read("rfc8785.json")["cases"]
PROOFS = _read("merkle-proofs.json")


@pytest.mark.parametrize("name", sorted(JCS.keys() - REFUSED.keys()))
def test_a_published_value_becomes_the_published_bytes(name: str) -> None:
    assert canonical(json.loads(JCS[name]["input"])) == JCS[name]["output"].encode()


@pytest.mark.parametrize(("name", "refusal"), sorted(REFUSED.items()))
def test_a_published_value_outside_the_houses_rules_is_refused_by_name(name: str, refusal: type[NotCanonical]) -> None:
    with pytest.raises(refusal):
        canonical(json.loads(JCS[name]["input"]))


def _hash(text: str | None) -> bytes:
    return b64decode(text or "")


def _inclusion(case: dict[str, Any]) -> None:
    proof = [_hash(one) for one in case["proof"] or ()]
    verify_inclusion(_hash(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, _hash(case["root"]))


def _consistency(case: dict[str, Any]) -> None:
    proof = [_hash(one) for one in case["proof"] or ()]
    verify_consistency(case["size1"], case["size2"], proof, _hash(case["root1"]), _hash(case["root2"]))


def _judged(check: Callable[[dict[str, Any]], None], case: dict[str, Any]) -> bool:
    try:
        check(case)
    except (InclusionRefused, ConsistencyRefused):
        return False
    return True


@pytest.mark.parametrize(("kind", "check"), [("inclusion", _inclusion), ("consistency", _consistency)])
def test_every_published_proof_is_judged_as_its_authors_judge_it(
    kind: str, check: Callable[[dict[str, Any]], None]
) -> None:
    cases = PROOFS[kind]
    assert len(cases) == 98
    judged_otherwise = {case["name"] for case in cases if _judged(check, case) == case["wantErr"]}
    assert judged_otherwise <= NO_HASHES
