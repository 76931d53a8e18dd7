"""A centre that lies with its own keys: all is signed, listed and sealed as it should be, and still it is found."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from archive.bag_source import BagSource, Draw, Signatures
from archive.verifier import outside
from archive.verifier.verify import verify
from draw.lot import Outcome, Turn, run
from draw.pool import Pool, Record
from draw.seed import Session
from evaluation.tally.model import TallyResult
from evaluation.tally.records import Records, document_from_records
from evaluation.tally.written import result_document
from tests.archive import bag_example
from tests.archive.authority import SIGNER, House, make


def findings(folder: Path) -> set[tuple[int, str, str]]:
    """What is found in a bag made under a patched example."""
    bag_example.write(folder)
    verdict = verify(folder / bag_example.CASE, folder / "trust", lambda *_: None)
    return {(one.step, one.object, one.what) for one in verdict.findings}


def test_a_result_that_is_not_computed_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def favouring(result: TallyResult) -> dict[str, Any]:
        document = result_document(result)
        return {**document, "candidates": document["candidates"][::-1]}

    monkeypatch.setattr(bag_example, "result_document", favouring)
    assert findings(tmp_path) == {(9, "data/tally/result.json", "not-as-tallied")}


def test_an_input_that_no_sheet_bears_out_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def favouring(records: Records) -> dict[str, Any]:
        document = document_from_records(records)
        if records.drawn:
            document["sheets"][1]["scores"]["T1"] = "40"
        return document

    monkeypatch.setattr(bag_example, "document_from_records", favouring)
    assert findings(tmp_path) == {(9, "data/tally/tally.json sheets[1]", "not-as-logged")}


def test_a_price_corrected_by_nobodys_statement_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def favouring(records: Records) -> dict[str, Any]:
        document = document_from_records(records)
        if records.drawn:
            document["bids"][1]["corrections"] = [{"kind": "capital_amount", "amount": "8900.00"}]
        return document

    monkeypatch.setattr(bag_example, "document_from_records", favouring)
    assert findings(tmp_path) == {(9, "data/tally/tally.json bids[1]", "not-as-logged")}


def test_an_order_that_was_not_drawn_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def steered(session: Session, turn: Turn, pool: Pool) -> Outcome:
        outcome = run(session, turn, pool)
        return replace(outcome, ordered=outcome.ordered[::-1])

    monkeypatch.setattr(bag_example, "run", steered)
    found = findings(tmp_path)
    assert {
        (8, f"data/draw/{name}.json result.order", "draw-differs")
        for name in ("venues", "experts", "experts-1", "ties")
    } == found


def test_a_lot_that_the_tally_turns_round_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The draw is honest, the tally's input is not: step 9 holds the one against the other."""

    def turned(records: Records) -> dict[str, Any]:
        drawn = [{**one, "order": one["order"][::-1]} for one in records.drawn]
        return document_from_records(replace(records, drawn=drawn))

    monkeypatch.setattr(bag_example, "document_from_records", turned)
    assert findings(tmp_path) == {(9, "data/tally/tally.json ties[1]", "not-as-logged")}


def test_a_lot_that_is_opened_otherwise_than_it_was_drawn_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statement and tally agree with each other, the parties' links give another order."""
    honest = bag_example.cast_lot

    def lying(
        room: bag_example.Room, given: dict[str, Any], groups: Sequence[Sequence[str]]
    ) -> tuple[Draw, dict[str, Any]]:
        stated = bag_example.Room.state

        def turned(room: bag_example.Room, kind: str, **body: Any) -> int:  # noqa: ANN401 - JSON
            return stated(room, kind, **body | ({"order": body["order"][::-1]} if kind == "draw.opened" else {}))

        with monkeypatch.context() as patched:
            patched.setattr(bag_example.Room, "state", turned)
            lot, drawn = honest(room, given, groups)
        return lot, {**drawn, "order": drawn["order"][::-1]}

    monkeypatch.setattr(bag_example, "cast_lot", lying)
    [(step, where, what)] = findings(tmp_path)
    assert (step, what) == (8, "order-differs")
    assert where.endswith("draw.opened ties")


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"bids": [["A", "B", "C"]]}, "draw.requested ties", "not-equal"),
        ({"case": "E-2026-0002"}, "draw.requested ties request.case", "not-as-logged"),
    ],
)
def test_a_lot_about_something_else_than_the_equal_bids_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], where: str, what: str
) -> None:
    honest = bag_example.draw

    def other(
        room: bag_example.Room, name: str, records: Sequence[Record], count: int, form: dict[str, Any] | None = None
    ) -> Draw:
        if form is None:
            return honest(room, name, records, count)
        asked = form | change
        records = [Record(bid) for group in asked["bids"] for bid in group]
        return honest(room, name, records, len(records), asked)

    monkeypatch.setattr(bag_example, "draw", other)
    [(step, found, why)] = findings(tmp_path)
    assert (step, why) == (8, what)
    assert found.endswith(where)


def test_a_lot_that_was_cast_until_it_pleased_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second lot over the same bids, drawn as honestly as the first."""
    honest = bag_example.Room.state

    def twice(room: bag_example.Room, kind: str, **body: Any) -> int:  # noqa: ANN401 - JSON
        if kind == "draw.requested" and body["draw"] == "ties":
            honest(room, kind, **{**body, "draw": "ties2"})
        return honest(room, kind, **body)

    monkeypatch.setattr(bag_example.Room, "state", twice)
    [(step, where, what)] = findings(tmp_path)
    assert (step, what) == (8, "drawn-twice")
    assert where.endswith("draw.requested ties")


def test_a_lot_whose_context_is_about_another_tally_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the parties committed to is not what the log says was asked."""
    honest = bag_example.Room.state

    def other(room: bag_example.Room, kind: str, **body: Any) -> int:  # noqa: ANN401 - JSON
        if kind == "draw.requested" and body["draw"] == "ties":
            body["request"] = {**body["request"], "bids": [["C", "B"]]}
        return honest(room, kind, **body)

    monkeypatch.setattr(bag_example.Room, "state", other)
    assert findings(tmp_path) == {(8, "data/draw/ties.json request.terms", "not-as-logged")}


def test_an_evening_that_reads_otherwise_than_it_was_fixed_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = bag_example.Room.state

    def rewritten(room: bag_example.Room, kind: str, **body: object) -> int:
        if kind == "tally.computed":
            honest(room, "night.sealed", size=9, root="00" * 32)
        return honest(room, kind, **body)

    monkeypatch.setattr(bag_example.Room, "state", rewritten)
    [(step, where, what)] = findings(tmp_path)
    assert (step, what) == (3, "root-differs")
    assert where.endswith("night.sealed")


@pytest.mark.parametrize(
    ("early", "late"),
    [("draw.context", "draw.revealed"), ("draw.committed", "draw.context"), ("draw.frozen", "draw.committed")],
)
def test_a_draw_in_another_order_of_acts_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, early: str, late: str
) -> None:
    honest, held = bag_example.Room.state, list[dict[str, object]]()

    def late_state(room: bag_example.Room, kind: str, **body: object) -> int:
        if kind == early:
            held.append(body)
            return -1
        index = honest(room, kind, **body)
        while kind == late and held:
            honest(room, early, **held.pop())
        return index

    monkeypatch.setattr(bag_example.Room, "state", late_state)
    assert "too-early" in {what for _, _, what in findings(tmp_path)}


def test_a_supplementary_draw_that_one_person_asked_for_and_confirmed_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bag_example, "CONFIRMING", bag_example.AGENT)
    assert {what for _, _, what in findings(tmp_path)} == {"one-person-alone"}


def test_a_supplementary_draw_made_before_it_was_confirmed_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, held = bag_example.Room.state, list[dict[str, object]]()

    def late_state(room: bag_example.Room, kind: str, **body: object) -> int:
        if kind == "replacement.confirmed":
            held.append(body)
            return -1
        index = honest(room, kind, **body)
        while kind == "draw.sealed" and body["round"] and held:
            honest(room, "replacement.confirmed", **held.pop())
        return index

    monkeypatch.setattr(bag_example.Room, "state", late_state)
    assert {what for _, _, what in findings(tmp_path)} == {"too-early"}


def test_a_host_that_reveals_after_the_others_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bag_example, "PARTIES", ("authority", "centre", "witness"))
    assert {what for _, _, what in findings(tmp_path)} == {"host-not-first"}


def test_a_salt_that_is_not_made_from_the_draw_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bag_example, "salt_of", lambda key, what: sha256(key + what).digest())
    assert {what for _, _, what in findings(tmp_path)} == {"salt-not-of-the-draw"}


def test_a_sheet_signed_by_another_member_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = bag_example.Room.sign_all

    def forging(
        room: bag_example.Room, who: str, kind: str, bodies: Sequence[Any], extra: tuple[bytes, ...] = ()
    ) -> list[Signatures]:
        return honest(room, "m1" if (who, kind) == ("m2", "sheet.signed") else who, kind, bodies, extra)

    monkeypatch.setattr(bag_example.Room, "sign_all", forging)
    found = findings(tmp_path)
    assert {what for _, _, what in found} == {"not-the-enrolled-certificate"}
    assert len(found) == len(bag_example.BIDS)


def test_a_report_that_a_member_never_saw_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bag_example, "MEMBERS", ("m1", "m2", "m3", "m4"))
    honest = bag_example.Room.sign_all

    def leaving_out(
        room: bag_example.Room, who: str, kind: str, bodies: Sequence[Any], extra: tuple[bytes, ...] = ()
    ) -> list[Signatures]:
        return [] if (who, kind) == ("m4", "report.signed") else honest(room, who, kind, bodies, extra)

    monkeypatch.setattr(bag_example.Room, "sign_all", leaving_out)
    assert (10, "data/report/signatures/m4.p7s", "no-answer-to-the-report") in findings(tmp_path)


def test_a_bidders_seal_is_over_its_answer_and_by_its_key() -> None:
    bidder, other = make("演示投标人甲", SIGNER), make("演示投标人乙", SIGNER)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(b"answer").add_signer(bidder.certificate, bidder.key, SHA256())
    file = builder.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    assert outside.verify(file, sha256(b"answer").digest(), bidder.read)
    assert not outside.verify(file, sha256(b"other").digest(), bidder.read)
    assert not outside.verify(file, sha256(b"answer").digest(), other.read)
    for broken in (file[:-1], b"", b"\x30\x00"):
        with pytest.raises(outside.NotJudged):
            outside.verify(broken, sha256(b"answer").digest(), bidder.read)


@pytest.mark.parametrize(
    ("revoked", "finding"),
    [
        (lambda room: bag_example.revocations(room, without="m2"), "not-revoked"),
        (lambda room: bag_example.revocations(room, at=bag_example.BEGIN), "signed-after-revocation"),
        (lambda room: bag_example.revocations(replace(room, house=House.found("别人"))), "signature"),
        (lambda room: bag_example.revocations(room)[:-1], "not-a-revocation-list"),
        (lambda room: b"", "not-a-revocation-list"),
    ],
)
def test_a_list_of_revoked_certificates_that_does_not_fit_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revoked: Callable[[bag_example.Room], bytes], finding: str
) -> None:
    monkeypatch.setattr(bag_example, "source", _with_revocations(bag_example.source, revoked))
    found = findings(tmp_path)
    assert {(step, what) for step, _, what in found} == {(13, finding)}


def _with_revocations(
    source: Callable[..., tuple[BagSource, bag_example.Room]], revoked: Callable[[bag_example.Room], bytes]
) -> Callable[..., tuple[BagSource, bag_example.Room]]:
    def changed(*arguments: Any) -> tuple[BagSource, bag_example.Room]:  # noqa: ANN401 - as the example takes them
        made, room = source(*arguments)
        return replace(made, revoked=revoked(room)), room

    return changed


def test_openssl_reads_the_list_and_finds_a_members_certificate_on_it(tmp_path: Path) -> None:
    _, room = bag_example.write(tmp_path)
    command = ["openssl", "crl", "-inform", "DER", "-in", "data/revoked.crl", "-noout", "-text"]
    command += ["-CAfile", "trust/issuing.pem"]
    shown = subprocess.run(command, cwd=tmp_path / bag_example.CASE, capture_output=True, check=True, timeout=30)
    assert b"verify OK" in shown.stderr
    serial = room.holders["m1"].certificate.serial_number
    assert f"{serial:X}".encode() in shown.stdout
