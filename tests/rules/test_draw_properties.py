"""What must hold of every lot: nobody is moved by another, no input order counts, no row can be changed unseen."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from draw import chain, pool_file
from draw.lot import Turn, plain_request, run, tickets
from draw.order import order
from draw.pool import Entry, Record, freeze, seal
from draw.refusal import (
    ChainExhausted,
    DrawRefused,
    NotOneSpelling,
    PartiesDiffer,
    PoolRefused,
    QuotaShort,
    RevealDoesNotMatch,
)
from draw.request import Places, Quota, Request, scarcest_first
from draw.seed import Beacon, Session, check_reveals, key
from draw.selection import Role, Roll, Want, first_wants, select

KEY = sha256(b"a key").digest()

records = st.builds(
    Record,
    id=st.text("0123456789", min_size=1, max_size=6),
    weight=st.integers(1, 8),
    categories=st.sets(st.sampled_from(["A02", "A08", "B01"]), min_size=1).map(lambda found: tuple(sorted(found))),
    region=st.sampled_from(["110100", "330100"]),
    unit=st.sampled_from(["", "U1", "U2", "U3"]),
)
pools = st.lists(records, min_size=1, max_size=20, unique_by=lambda record: record.id)


def _entries(people: list[Record]) -> list[Entry]:
    return [seal(person, sha256(person.id.encode()).digest()) for person in people]


def _people(count: int) -> list[Entry]:
    return _entries([Record(f"P{number:02}", categories=("A08",)) for number in range(count)])


@settings(max_examples=30)
@given(pools, st.data())
def test_whoever_joins_or_leaves_the_pool_moves_nobody_else(people: list[Record], data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(people), unique=True, max_size=len(people)))
    everybody = order(KEY, _entries(people))
    gone = {entry.label for entry in everybody} - {entry.label for entry in _entries(some)}
    assert [entry for entry in everybody if entry.label not in gone] == list(order(KEY, _entries(some)))


@settings(max_examples=30)
@given(pools, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_changes_nothing(people: list[Record], random: object) -> None:
    entries = _entries(people)
    shuffled = entries[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert freeze(entries) == freeze(shuffled)
    assert order(KEY, entries) == order(KEY, shuffled)


@settings(max_examples=30)
@given(pools, st.data())
def test_a_changed_row_changes_the_root(people: list[Record], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(people) - 1))
    changed = [*people]
    old = people[index]
    changed[index] = Record(old.id, old.weight % 8 + 1, old.categories, old.region, old.unit)
    assert freeze(_entries(people)).root != freeze(_entries(changed)).root


@settings(max_examples=30)
@given(pools, st.integers(0, 3), st.integers(0, 2))
def test_every_seat_taken_fits_its_quota_its_unit_cap_and_nobody_sits_twice(
    people: list[Record], count: int, alternates: int
) -> None:
    request = Request("P", (Quota(count, "A08", alternates + 1), Quota(0, "B01", 1)), exclude=("U3",), unit_cap=1)
    ordered = order(KEY, _entries(people))
    wants = [Want(want.quota, Role.ALTERNATE, want.count) for want in first_wants(request)]
    selections = select(ordered, request, {}, wants)
    of = {entry.label: entry.record for entry in ordered}
    taken = [(of[label], selection.want.quota) for selection in selections for label in selection.taken]
    assert all(request.quotas[quota].category in record.categories for record, quota in taken)
    assert len({record.id for record, _ in taken}) == len(taken)
    units = [record.unit for record, _ in taken if record.unit]
    assert len(set(units)) == len(units)
    assert "U3" not in units


@settings(max_examples=30)
@given(pools)
def test_everybody_before_the_last_one_taken_is_either_taken_or_has_a_reason(people: list[Record]) -> None:
    ordered = order(KEY, _entries(people))
    request = Request("P", (Quota(0, "A08", 2),))
    [selection] = select(ordered, request, {}, first_wants(request))
    walked = len(selection.taken) + len(selection.skipped)
    assert {*selection.taken, *(label for label, _ in selection.skipped)} == {e.label for e in ordered[:walked]}
    assert walked == len(ordered) or len(selection.taken) == 2


def test_more_tickets_come_first_in_proportion() -> None:
    heavy, light = _entries([Record("heavy", 8), Record("light", 1)])
    first = sum(order(sha256(bytes([a, b])).digest(), (heavy, light))[0] == heavy for a in range(64) for b in range(64))
    # 8/9 of 4,096 is 3,641; four standard deviations are 80.
    assert abs(first - 3641) < 80


def test_each_reason_for_passing_somebody_over_has_its_code() -> None:
    wrong_category = Record("1", categories=("B01",), region="110100")
    wrong_region = Record("2", categories=("A08",), region="330100")
    avoided = Record("3", categories=("A08",), region="110100", unit="U3")
    standing = Record("4", categories=("A08",), region="110100", unit="U1")
    colleague = Record("5", categories=("A08",), region="110100", unit="U1")
    absent = Record("6", categories=("A08",), region="110100")
    entries = {
        record.id: entry
        for record in (wrong_category, wrong_region, avoided, standing, colleague, absent)
        for entry in _entries([record])
    }
    request = Request("P", (Quota(0, "A08", 9, "sub-1"),), exclude=("U3",), unit_cap=1)
    roll = Roll((entries["4"].label,), ((entries["6"].label, "absent"),))
    [found] = select(list(entries.values()), request, {"sub-1": ("110100",)}, first_wants(request), roll)
    assert [reason for _, reason in found.skipped] == [
        "category",
        "region",
        "excluded",
        "already",
        "unit-cap",
        "absent",
    ]


def test_a_quota_that_cannot_be_filled_is_named_with_the_number_missing() -> None:
    request = Request("P", (Quota(1, "A08"), Quota(4, "A08")))
    with pytest.raises(QuotaShort) as refused:
        select(_people(3), request, {}, first_wants(request))
    assert (refused.value.where, refused.value.missing) == ("quotas[1]", 2)


def test_a_label_on_the_roll_that_is_not_in_the_pool_is_refused() -> None:
    request = Request("P", (Quota(1),))
    with pytest.raises(NotOneSpelling):
        select(_people(3), request, {}, first_wants(request), Roll((bytes(32),)))


def test_the_scarcest_quota_is_served_first_and_ties_go_by_code() -> None:
    people = [Record(str(n), categories=("A08", "B01") if n < 2 else ("A08",)) for n in range(8)]
    quotas = (Quota(2, "A08"), Quota(1, "B01"), Quota(1, "A99"), Quota(4, "A08"))
    found = scarcest_first(quotas, people, {})
    assert [(quota.category, quota.count) for quota in found] == [("A99", 1), ("A08", 4), ("B01", 1), ("A08", 2)]


SECRETS = {party: sha256(party.encode()).digest() for party in ("centre", "supervisor")}


def _session(request: Request, pool_of: list[Entry], beacon: Beacon | None = None) -> Session:
    pool = freeze(pool_of)
    commits = tuple((party, chain.commitment(secret, 2)) for party, secret in sorted(SECRETS.items()))
    return Session(request, pool.root, len(pool.entries), commits, beacon=beacon)


def _shown(round_no: int) -> dict[str, bytes]:
    return {party: chain.reveal(secret, 2, round_no) for party, secret in SECRETS.items()}


def test_a_reveal_that_was_not_committed_to_is_refused_by_the_party_s_name() -> None:
    session = _session(plain_request("P"), _people(3))
    with pytest.raises(RevealDoesNotMatch) as refused:
        check_reveals(session, {**_shown(0), "supervisor": bytes(32)}, 0)
    assert refused.value.where == "supervisor"


@pytest.mark.parametrize("wrong", [{"centre": _shown(0)["centre"]}, {**_shown(0), "stranger": bytes(32)}])
def test_a_missing_or_uninvited_reveal_is_refused(wrong: dict[str, bytes]) -> None:
    with pytest.raises(PartiesDiffer):
        check_reveals(_session(plain_request("P"), _people(3)), wrong, 0)


def test_the_first_round_s_links_do_not_serve_the_second() -> None:
    session = _session(plain_request("P"), _people(3))
    with pytest.raises(RevealDoesNotMatch):
        check_reveals(session, _shown(0), 1)
    check_reveals(session, _shown(1), 1)


def test_a_chain_of_two_links_serves_two_rounds() -> None:
    with pytest.raises(ChainExhausted):
        chain.reveal(bytes(32), 2, 2)


def test_an_announced_beacon_enters_the_key_and_an_unannounced_one_is_refused() -> None:
    people = _people(3)
    announced = _session(plain_request("P"), people, Beacon("welfare-lottery", "2026135"))
    assert key(announced, _shown(0), b"03 11 17") != key(announced, _shown(0), b"03 11 18")
    with pytest.raises(NotOneSpelling):
        key(announced, _shown(0))
    with pytest.raises(NotOneSpelling):
        key(_session(plain_request("P"), people), _shown(0), b"03 11 17")


def test_a_pool_or_places_other_than_those_committed_to_are_not_drawn_from() -> None:
    people, places = _people(4), Places(bytes(32), (("sub-1", ("330100",)),))
    request = Request("P", (Quota(0, "A08", 1, "sub-1"),), places=places.digest())
    session = _session(request, people)
    turn = Turn(0, tuple(_shown(0).items()), first_wants(request), places=places)
    assert run(session, turn, freeze(people)).key
    with pytest.raises(NotOneSpelling):
        run(session, turn, freeze(people[:3]))
    other = Places(bytes(32), (("sub-1", ("110100",)),))
    with pytest.raises(NotOneSpelling):
        run(session, Turn(0, turn.reveals, turn.wants, places=other), freeze(people))


def test_the_order_in_which_reveals_arrive_changes_nothing() -> None:
    session = _session(plain_request("P"), _people(3))
    assert key(session, _shown(0)) == key(session, dict(reversed(_shown(0).items())))


def test_coefficients_are_drawn_with_one_equal_ticket_each() -> None:
    values = ["1.0", "1.5", "2.0", "2.5", "3.0"]
    pool = freeze(seal(ticket, sha256(ticket.id.encode()).digest()) for ticket in tickets(values))
    request = plain_request("K")
    session = _session(request, list(pool.entries))
    outcome = run(session, Turn(0, tuple(_shown(0).items()), first_wants(request)), pool)
    [drawn] = [entry.record for entry in pool.entries if entry.label == outcome.selections[0].taken[0]]
    assert drawn.id in values
    assert drawn.to_json() == {"id": drawn.id, "w": 1}


@pytest.mark.parametrize("salts", [{"a": bytes(31)}, {}], ids=["a short salt", "nobody"])
def test_a_pool_that_cannot_be_frozen_is_refused(salts: dict[str, bytes]) -> None:
    with pytest.raises(PoolRefused):
        freeze(seal(Record(name), salt) for name, salt in salts.items())


def test_nobody_stands_in_a_pool_twice() -> None:
    with pytest.raises(PoolRefused):
        freeze([seal(Record("a"), bytes(32)), seal(Record("a", 2), bytes(32))])


@pytest.mark.parametrize(
    "fields", [{"id": ""}, {"id": "a", "weight": 0}, {"id": "a", "weight": 9}, {"id": "a", "categories": ("B", "A")}]
)
def test_a_record_out_of_range_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(NotOneSpelling):
        Record(**fields)  # type: ignore[arg-type]


@settings(max_examples=30)
@given(pools)
def test_a_pool_file_reads_back_as_it_was_written(people: list[Record]) -> None:
    entries = tuple(_entries(people))
    assert pool_file.read(pool_file.write(entries)) == entries


@pytest.mark.parametrize(
    "line",
    [
        b"{}",
        b"not json",
        b'{"record":{"id":"a","w":1},"salt":"00"}',
        b'{"record":{"id":"a","w":1.0},"salt":"' + b"00" * 32 + b'"}',
        b'{"record":{"id":"a","unit":"","w":1},"salt":"' + b"00" * 32 + b'"}',
        b'{"record":{"id":"a","name":"x","w":1},"salt":"' + b"00" * 32 + b'"}',
        b'{"record": {"id":"a","w":1},"salt":"' + b"00" * 32 + b'"}',
    ],
)
def test_a_line_with_another_spelling_is_refused_by_its_number(line: bytes) -> None:
    good = b'{"record":{"id":"b","w":1},"salt":"' + b"00" * 32 + b'"}\n'
    with pytest.raises(DrawRefused, match=r"line 2|: a "):
        pool_file.read(good + line)


def test_neither_a_link_nor_who_was_drawn_shows_in_a_repr() -> None:
    people, request = _people(3), plain_request("P")
    session = _session(request, people)
    turn = Turn(0, tuple(_shown(0).items()), first_wants(request))
    shown = repr((turn, run(session, turn, freeze(people)), freeze(people)))
    assert not any(entry.record.id in shown or repr(entry.salt) in shown for entry in people)
    assert not any(repr(link) in shown for link in _shown(0).values())
