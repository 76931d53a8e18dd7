"""Valid statements of every kind of docs/records.md, one field wrong at a time: refused by name, or another entry."""

import unicodedata
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from archive.verifier.kinds import CASE_KINDS, DEPLOYMENT_KINDS, Kind
from archive.verifier.log import fault_of
from signing.canonical import NotCanonical, canonical, parse
from signing.merkle import ProofRefused, Tree, leaf_hash, verify_inclusion
from signing.statement import Statement, StatementRefused, entry, parse_statement
from tests.archive.test_verifier_kinds import documented

KINDS: dict[str, Kind] = {**DEPLOYMENT_KINDS, **CASE_KINDS}
EXAMPLES = 2
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
WORDS = st.text(st.characters(codec="utf-8"), max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | WORDS | DIGESTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=4,
)
Envelope = dict[str, Any]


@st.composite
def statements(draw: st.DrawFn, name: str) -> Statement:
    """A valid one: every key its body must have, any of those it may have, any value that canonical JSON knows."""
    kind = KINDS[name]
    keys = sorted(kind.keys) + sorted(one for one in kind.optional if draw(st.booleans()))
    at = BEGIN + timedelta(milliseconds=draw(st.integers(0, 10**9)))
    case = draw(st.sampled_from(("deployment", "E-2026-0001", "A.b_9")))
    return Statement(name, case, at, draw(st.binary(min_size=16, max_size=16)), {key: draw(VALUES) for key in keys})


def envelope_of(stated: Statement) -> Envelope:
    value = parse(stated.to_bytes())
    assert isinstance(value, dict)
    return value


def wrong_envelopes(right: Envelope) -> Iterator[tuple[str, bytes]]:
    """Each field of the envelope left out, of another kind, out of its form, and one that nobody knows."""
    salt = right["salt"]
    forms = {
        "at": right["at"].replace("T", " "),
        "body": list(right["body"]),
        "case": f"{right['case']}/",
        "kind": right["kind"].upper(),
        "salt": urlsafe_b64encode(bytes(15)).decode(),
        "v": "bid/2",
    }
    assert forms.keys() == right.keys()
    for name, other in forms.items():
        yield f"{name} left out", canonical({key: value for key, value in right.items() if key != name})
        yield f"{name} of another kind", canonical(right | {name: 7})
        yield f"{name} out of its form", canonical(right | {name: other})
    yield "one more", canonical(right | {"prev": "00"})
    yield "padding", canonical(right | {"salt": salt + "=="})
    yield "a space", canonical(right).replace(b'":', b'": ', 1)
    yield "a line feed behind", canonical(right) + b"\n"


def wrong_bodies(stated: Statement) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each key that must be there left out, each key misspelt, and one that nobody knows."""
    body = dict(stated.body)
    for key in sorted(KINDS[stated.kind].keys):
        yield f"{key} left out", {name: value for name, value in body.items() if name != key}
    for key in sorted(body):
        yield f"{key} misspelt", {f"{name}_" if name == key else name: value for name, value in body.items()}
    yield "one more", body | {"nobody_knows": ""}


def other_values(stated: Statement) -> Iterator[tuple[str, Statement]]:
    """The same with one value changed, of the body and of the envelope; each is a statement by itself."""
    for key, value in stated.body.items():
        other = "" if value != "" else "x"
        yield key, Statement(stated.kind, stated.case, stated.at, stated.salt, {**stated.body, key: other})
    salt = bytes([stated.salt[0] ^ 1]) + stated.salt[1:]
    later = stated.at + timedelta(milliseconds=1)
    yield "salt", Statement(stated.kind, stated.case, stated.at, salt, stated.body)
    yield "at", Statement(stated.kind, stated.case, later, stated.salt, stated.body)
    yield "case", Statement(stated.kind, f"{stated.case}1", stated.at, stated.salt, stated.body)
    yield "kind", Statement(f"{stated.kind}x", stated.case, stated.at, stated.salt, stated.body)


def is_refused(data: bytes) -> bool:
    try:
        parse_statement(data)
    except (StatementRefused, NotCanonical):
        return True
    return False


def test_no_kind_of_the_document_is_left_out() -> None:
    assert KINDS.keys() == documented().keys()
    assert {"software.enrolled", "software.admitted", "software.signed", "screen.paired", "key.registered"} <= set(
        KINDS
    )


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_valid_statement_is_read_as_it_was_written_and_with_one_field_wrong_it_is_none(name: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, phases=(Phase.generate,))
    @given(statements(name))
    def judged(stated: Statement) -> None:
        right = stated.to_bytes()
        assert parse_statement(right) == stated
        assert fault_of(stated, KINDS) == ""
        for what, data in wrong_envelopes(envelope_of(stated)):
            assert is_refused(data), what
        for what, body in wrong_bodies(stated):
            other = Statement(stated.kind, stated.case, stated.at, stated.salt, body)
            assert fault_of(other, KINDS) == "body-keys", what
        assert (
            fault_of(Statement(f"{name}x", stated.case, stated.at, stated.salt, stated.body), KINDS) == "unknown-kind"
        )

    judged()


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_statement_with_any_value_changed_is_another_entry_that_no_proof_bears_out(name: str) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, phases=(Phase.generate,))
    @given(statements(name))
    def judged(stated: Statement) -> None:
        tree = Tree(leaf_hash(sha256(bytes([number])).digest()) for number in range(3))
        place = tree.append(stated.entry)
        tree.append(bytes(32))
        proof, root = tree.inclusion(place), tree.root()

        def is_borne_out(one: Statement) -> bool:
            try:
                verify_inclusion(leaf_hash(entry(one.to_bytes())), place, tree.size, proof, root)
            except ProofRefused:
                return False
            return True

        assert is_borne_out(stated)
        for what, other in other_values(stated):
            assert not is_borne_out(other), what

    judged()
