"""The draw process without its pipe: what it takes, what it tells, and that it draws the same again after a death."""

import os
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct.sealed_draw import result
from conduct.sealed_draw.keeper import Keeper
from conduct.sealed_draw.questions import (
    Acquaint,
    Called,
    CountStanding,
    Drawn,
    DrawNow,
    Held,
    Match,
    Material,
    Open,
    Party,
    PastRound,
    Plan,
    Ref,
    Roll,
    TakeLink,
    Taken,
    TakeShare,
)
from conduct.sealed_draw.refusals import Differs, KeyGone, LinksMissing, NotAcquainted, ShareRefused, Unreadable
from draw.pool import freeze, seal
from draw.request import Quota
from expert_pool.expert import Enrolment, Expert, ExpertId, Person
from expert_pool.notices import Calling
from expert_pool.request import DrawRequest
from signing import hpke
from tests.services.parties import DrawParty

REF = Ref("E-1", "experts", 1)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CALLING = Calling(wait=timedelta(minutes=3))
PERSONS = {"agency": "甲", "centre": "乙", "owner": "乙", "supervision": "丙"}


def enrolment(number: int) -> Enrolment:
    person = Person(f"演示专家{number}", f"ID{number:04}", f"138{number:08}")
    return Enrolment(Expert(ExpertId(f"X{number:03}"), ("A08",), "", 9, "990200", f"演示单位{number}"), person)


def material() -> Material:
    enrolled = tuple(enrolment(number) for number in range(12))
    experts = [one.expert for one in enrolled]
    form = DrawRequest("P-1", date(2026, 11, 24), 4, 1, (Quota(3, "A08", 1),))
    pool = freeze(seal(one.record(), bytes([number]) * 32) for number, one in enumerate(experts))
    return Material(form.to_lot(experts), pool, form=form, experts=enrolled)


@dataclass
class Hall:
    """Four parties of three legal persons, and the process as it is now."""

    keeper: Keeper
    parties: dict[str, DrawParty]
    known: Acquaint

    @property
    def context(self) -> str:
        return self.keeper.attempt(REF).session.digest().hex()

    def start_again(self, *drawn: Drawn, roll: Roll | None = None) -> None:
        """A new process that is told what the log holds."""
        rolls = [Roll(), roll or Roll()]
        past = tuple(PastRound(one.logged, rolls[number]) for number, one in enumerate(drawn))
        self.keeper = Keeper(X25519PrivateKey.generate(), os.urandom)
        self.keeper.answer(replace(self.known, past=past))

    def show(self, party: str, round_no: int = 0, link: bytes | None = None) -> Taken:
        box = self.parties[party].box(REF.draw, self.context, self.keeper.key, round_no, link)
        taken: Taken = self.keeper.answer(TakeLink(REF, round_no, party, box.key, box.sealed))
        return taken

    def show_all(self, round_no: int = 0) -> None:
        assert all(self.show(party, round_no).is_true for party in self.parties)

    def draw(self, round_no: int = 0, roll: Roll | None = None) -> Drawn:
        drawn: Drawn = self.keeper.answer(DrawNow(REF, round_no, roll or Roll()))
        return drawn

    def hand_in(self, party: str, sealed: bytes) -> bool:
        share = result.share_of(sealed, party)
        box = self.parties[party].share_box(self.context, self.keeper.key, share)
        opened: bool = self.keeper.answer(TakeShare(REF, 0, party, box.key, box.sealed, sealed))
        return opened


@pytest.fixture
def hall() -> Hall:
    parties = {name: DrawParty(name) for name in PERSONS}
    committed = {name: party.committed(REF.draw) for name, party in parties.items()}
    stated = tuple(
        Party(name, PERSONS[name], bytes.fromhex(commit), bytes.fromhex(key))
        for name, (commit, key) in committed.items()
    )
    made = Hall(Keeper(X25519PrivateKey.generate(), os.urandom), parties, Acquaint(REF, material(), stated))
    made.keeper.answer(made.known)
    return made


def everybody(hall: Hall, answer: str = "attend") -> Roll:
    """Called as planned until nobody is called any more, all with the same answer."""
    roll = Roll()
    while calls := hall.keeper.answer(Plan(REF, roll, CALLING, NOW)).call:
        roll = replace(roll, called=(*roll.called, *(Called(one.handle, one.quota, answer, (NOW,)) for one in calls)))
    return roll


def test_nothing_is_told_of_a_draw_that_is_not_known_or_whose_links_are_missing(hall: Hall) -> None:
    with pytest.raises(NotAcquainted):
        hall.keeper.answer(DrawNow(replace(REF, attempt=2)))
    for party in list(hall.parties)[:-1]:
        hall.show(party)
    for question in (DrawNow(REF), Plan(REF, Roll(), CALLING, NOW), Open(REF), Match(REF, Roll(), "ID0001", ("",))):
        with pytest.raises(LinksMissing):
            hall.keeper.answer(question)


def test_a_link_is_taken_when_it_is_the_committed_one(hall: Hall) -> None:
    assert hall.show("centre").is_true
    assert not hall.show("agency", link=os.urandom(32)).is_true
    assert {one.party for one in hall.keeper.answer(Held())} == {"centre"}


def test_a_box_for_another_process_party_round_or_context_opens_nothing(hall: Hall) -> None:
    party, key = hall.parties["centre"], hall.keeper.key
    good = party.box(REF.draw, hall.context, key)
    other = hpke.raw_public(X25519PrivateKey.generate()).hex()
    with pytest.raises(KeyGone):
        hall.keeper.answer(TakeLink(REF, 0, "centre", other, party.box(REF.draw, hall.context, other).sealed))
    for name, round_no, sealed in (
        ("agency", 0, good.sealed),
        ("centre", 1, good.sealed),
        ("centre", 0, good.sealed[:-1] + b"\x00"),
        ("centre", 0, party.box(REF.draw, "00" * 32, key).sealed),
        ("centre", 0, party.box(REF.draw, hall.context, key, link=b"short").sealed),
    ):
        with pytest.raises(Unreadable):
            hall.keeper.answer(TakeLink(REF, round_no, name, key, sealed))


def test_a_process_started_anew_draws_the_same_and_holds_it_against_the_log(hall: Hall) -> None:
    hall.show_all()
    drawn = hall.draw()
    assert hall.draw().logged.order == drawn.logged.order
    handles = {one.handle for one in everybody(hall).called}
    hall.start_again(drawn)
    with pytest.raises(LinksMissing):
        everybody(hall)
    hall.show_all()
    assert {one.handle for one in everybody(hall).called} == handles
    again = hall.draw()
    assert (again.logged.order, again.logged.transcript) == (drawn.logged.order, drawn.logged.transcript)


@pytest.mark.parametrize("field", ["order", "transcript"])
def test_another_result_than_the_logged_one_is_told_to_nobody(hall: Hall, field: str) -> None:
    hall.show_all()
    drawn = hall.draw()
    hall.start_again(replace(drawn, logged=replace(drawn.logged, **{field: "00" * 32})))
    hall.show_all()
    with pytest.raises(Differs):
        everybody(hall)


def test_two_legal_persons_open_the_sealed_result_and_two_keys_of_one_do_not(hall: Hall) -> None:
    hall.show_all()
    drawn = hall.draw()
    before = everybody(hall)
    hall.start_again(drawn)
    assert not hall.hand_in("centre", drawn.sealed)
    assert not hall.hand_in("owner", drawn.sealed)
    assert hall.hand_in("supervision", drawn.sealed)
    assert everybody(hall) == before


def test_a_wrong_share_opens_nothing_and_both_are_asked_for_again(hall: Hall) -> None:
    hall.show_all()
    drawn = hall.draw()
    hall.start_again(drawn)
    key = hall.keeper.key
    purpose = hpke.info(h=hall.context, key=key, party="agency", round=0, v="bid-share-back/1")
    wrong = hpke.seal(bytes([1]) + os.urandom(32), bytes.fromhex(key), purpose)
    assert not hall.keeper.answer(TakeShare(REF, 0, "agency", key, wrong, drawn.sealed))
    with pytest.raises(ShareRefused):
        hall.hand_in("supervision", drawn.sealed)
    assert not hall.hand_in("agency", drawn.sealed)
    assert hall.hand_in("supervision", drawn.sealed)


def test_a_result_that_is_not_the_logged_one_is_refused(hall: Hall) -> None:
    hall.show_all()
    drawn, later = hall.draw(), hall.draw()
    hall.start_again(drawn)
    with pytest.raises(ShareRefused):
        hall.hand_in("agency", later.sealed)


def test_calls_are_planned_under_handles_and_alternates_stand_by(hall: Hall) -> None:
    hall.show_all()
    hall.draw()
    plan = hall.keeper.answer(Plan(REF, Roll(), CALLING, NOW))
    assert len(plan.call) == 4
    assert not plan.is_complete
    stands = hall.keeper.answer(Plan(REF, everybody(hall), CALLING, NOW))
    assert (stands.members, stands.alternates, stands.is_complete) == (3, 1, True)
    declined = hall.keeper.answer(Plan(REF, Roll((Called(plan.call[0].handle, 0, "decline", (NOW,)),)), CALLING, NOW))
    assert plan.call[0].handle not in {one.handle for one in declined.call}


def test_silence_is_an_answer_when_the_last_wait_is_over(hall: Hall) -> None:
    hall.show_all()
    hall.draw()
    first = hall.keeper.answer(Plan(REF, Roll(), CALLING, NOW)).call[0]
    roll = Roll((Called(first.handle, first.quota, "", (NOW, NOW + CALLING.wait)),))
    assert hall.keeper.answer(Plan(REF, roll, CALLING, NOW + CALLING.wait)).settled == ()
    assert hall.keeper.answer(Plan(REF, roll, CALLING, NOW + 2 * CALLING.wait)).settled == (first.handle,)


def test_a_bidders_people_are_out_and_the_digest_of_those_who_stand_changes(hall: Hall) -> None:
    hall.show_all()
    hall.draw()
    roll = everybody(hall)
    before = hall.keeper.answer(CountStanding(REF, roll))
    everyone = tuple(f"演示单位{number}" for number in range(12))
    after = hall.keeper.answer(CountStanding(REF, replace(roll, bidders=everyone)))
    assert (before.missing_members, after.missing_members) == (0, 3)
    assert before.digest != after.digest


def test_the_desk_hears_match_with_a_masked_name_only_for_members(hall: Hall) -> None:
    hall.show_all()
    hall.draw()
    roll = everybody(hall)
    found = [hall.keeper.answer(Match(REF, roll, f"ID{number:04}", ("",))) for number in range(12)]
    matched = [one for one in found if one is not None]
    assert len(matched) == 3
    assert {one.masked_name.strip("＊") for one in matched} == {"演"}
    assert not hall.keeper.answer(Match(REF, roll, "ID0001", ("elsewhere",)))
    opened = hall.keeper.answer(Open(REF, roll, tuple(one.handle for one in matched)))
    assert {one.handle for one in opened.people} == {one.handle for one in matched}
    assert all(one.name.startswith("演示专家") for one in opened.people)


def test_a_supplementary_draw_takes_a_fresh_order_from_the_next_links(hall: Hall) -> None:
    hall.show_all()
    drawn = hall.draw()
    roll = everybody(hall)
    gone = tuple((one.handle, "health") for one in roll.called[:2])
    roll = replace(roll, gone=gone)
    with pytest.raises(LinksMissing):
        hall.draw(1, roll)
    hall.show_all(1)
    second = hall.draw(1, roll)
    assert second.logged.order != drawn.logged.order
    called = hall.keeper.answer(Plan(REF, roll, CALLING, NOW)).call
    assert len(called) == 1
    assert called[0].handle not in {one.handle for one in roll.called}
    hall.start_again(drawn, second, roll=roll)
    hall.show_all()
    hall.show_all(1)
    assert hall.keeper.answer(Plan(REF, roll, CALLING, NOW)).call == called
