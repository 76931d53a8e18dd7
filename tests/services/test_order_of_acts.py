"""Acts that come too late, too early, twice or by somebody else: each refused by name, nothing of it kept."""

from datetime import UTC, datetime

import pytest

from conduct import (
    applying,
    checking_in,
    clarifying,
    directory,
    drawing,
    expert_draw,
    pledging,
    pooling,
    reviewing,
    summing,
    venue_draw,
)
from conduct.ports import SERVER, Actor, stamp
from demo import case_example_a as example
from demo import documents
from demo import pool as demo_pool
from evaluation.case import State
from evaluation.clarification import NotAsked
from evaluation.committee import TooManyRepresentatives
from evaluation.life import OutOfOrder
from storage.transaction import Transaction
from tests.services.evaluation import AGENT, CASE, MAIN, PARTIES, REPRESENTATIVE_ID, SUPERVISOR, Evaluation
from tests.services.parties import DrawParty

LATE = "late-comer"


async def test_nobody_commits_once_the_context_of_a_draw_is_logged(evaluation: Evaluation) -> None:
    await asked_for_venues(evaluation)
    for party in PARTIES:
        await evaluation.commit(party, "venues")
    digest = evaluation.state.draws["venues"].digest
    await evaluation.store.act(lambda tx: directory.add_party(tx, directory.Party(LATE, LATE, "")))
    evaluation.parties[LATE] = DrawParty(LATE)
    with pytest.raises(drawing.NoSuchDraw):
        await evaluation.commit(LATE, "venues")
    with pytest.raises(drawing.NotAParty):
        await evaluation.reveal(LATE, "venues")
    assert evaluation.state.draws["venues"].digest == digest


async def test_a_confirmed_draw_is_not_asked_for_again(evaluation: Evaluation) -> None:
    await asked_for_venues(evaluation)
    with pytest.raises(OutOfOrder):
        await ask_for_venues(evaluation)
    await evaluation.commit_and_reveal("venues")
    await venue_draw.run(evaluation.store, evaluation.process, CASE)
    places = evaluation.store.look(lambda tx: venue_draw.places(tx, CASE))
    with pytest.raises(OutOfOrder):
        await ask_for_venues(evaluation)
    with pytest.raises(drawing.NoSuchDraw):
        await venue_draw.run(evaluation.store, evaluation.process, CASE)
    assert evaluation.store.look(lambda tx: venue_draw.places(tx, CASE)) == places


async def test_experts_are_not_drawn_before_the_sub_venues(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    form = {"region_reason": "", "quotas": [{"category": "A08", "count": 4, "alternates": 0, "place": ""}]}
    with pytest.raises(OutOfOrder):
        await evaluation.store.act(lambda tx: expert_draw.request(tx, CASE, AGENT, form, stamp(tx.now)))


async def test_no_more_representatives_are_named_than_were_applied_for(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    letter = documents.authorisation_pdf()
    with pytest.raises(TooManyRepresentatives):
        await evaluation.do(applying.authorise_representative, AGENT, "演示代表二", "000000198001010028", letter)


async def test_a_wrong_seat_tells_nothing_about_an_identity(evaluation: Evaluation) -> None:
    await to_the_desk(evaluation)
    desk = Actor("checkin", "desk", "V1")
    for number in (REPRESENTATIVE_ID, "000000190001010011"):
        arrival = checking_in.Arrival(number, "V1-05", "12", "colleague")
        with pytest.raises(checking_in.SeatTaken):
            await checking_in.match(evaluation.store, evaluation.process, CASE, desk, arrival)


async def test_a_new_pool_leaves_a_drawn_committee_as_it_was(evaluation: Evaluation) -> None:
    await to_the_desk(evaluation)
    before = evaluation.expected()

    [stranger, *_] = demo_pool.rows(datetime.now(UTC).date(), "another seed")
    another = pooling.check(demo_pool.to_csv((stranger,)))

    def replace_everybody(tx: Transaction) -> None:
        for _ in range(2):
            edition = pooling.hand_in_at_once(tx, "province", another)
            pooling.take_over(tx, Actor("pool_owner", "province"), "province", edition)

    await evaluation.store.act(replace_everybody)
    assert len(evaluation.store.look(directory.experts)) == 1
    assert evaluation.expected() == before


async def test_a_question_without_an_answer_is_not_taken_to_the_file(evaluation: Evaluation) -> None:
    await to_pledges(evaluation)
    await evaluation.pledge_and_elect()
    await evaluation.do(reviewing.begin, evaluation.leader)
    told = example.CLARIFICATION
    sent = await evaluation.store.act(
        lambda tx: clarifying.ask(tx, CASE, evaluation.leader, told["bid"], told["scope"], told["question"])
    )
    with pytest.raises(clarifying.ClarificationOpen):
        await evaluation.do(clarifying.confirm, evaluation.leader, sent.id)
    with pytest.raises(NotAsked):
        await evaluation.do(clarifying.confirm, evaluation.leader, "c9")
    assert not evaluation.state.clarifications[sent.id].confirmed


async def test_who_declared_a_reason_to_stand_aside_acts_no_more(evaluation: Evaluation) -> None:
    await to_pledges(evaluation)
    member = evaluation.member("评委2")
    await evaluation.do(pledging.recuse, member, "近亲属在投标单位任职")
    for act in (evaluation.sign(member, "pledge"), evaluation.do(pledging.recuse, member, "又一次")):
        with pytest.raises(pledging.Recused):
            await act
    assert evaluation.state.state is State.READY


async def test_who_declared_it_later_neither_votes_nor_reviews(evaluation: Evaluation) -> None:
    await to_pledges(evaluation)
    await evaluation.pledge_and_elect()
    await evaluation.do(reviewing.begin, evaluation.leader)
    member = evaluation.member("评委2")
    await evaluation.do(pledging.recuse, member, "近亲属在投标单位任职")
    with pytest.raises(pledging.Recused):
        await evaluation.do(reviewing.save, member, ("A", example.CLAUSES[0][0]), {"pass": True}, 0)


async def test_a_flag_is_answered_while_other_sheets_are_being_signed_anew(evaluation: Evaluation) -> None:
    await to_pledges(evaluation)
    await evaluation.pledge_and_elect()
    await evaluation.review()
    await evaluation.score()
    await evaluation.do(summing.close_scoring, evaluation.leader)
    (flag,) = evaluation.state.flags
    others = [member for member in evaluation.state.members if member != flag.member]

    def sign_anew(tx: Transaction) -> None:
        """Two others have their sheets back; the first has signed what this member gave, so its flag would not rise."""
        for member in others:
            back = {"by": SERVER.as_by(), "member": member, "bid": flag.bid, "reason": "abnormal_score"}
            tx.record(CASE, "sheet.returned", back)
        given = evaluation.state.sheets[flag.member, flag.bid].body
        for member in others[1:]:
            alias = evaluation.state.members[member].alias
            tx.record(CASE, "sheet.signed", {**given, "member": member, "alias": alias})

    await evaluation.store.act(sign_anew)
    await evaluation.do(summing.decide, Actor("member", flag.member), flag.bid, "kept", "有充分依据")
    assert evaluation.state.flags[0].decision == "kept"


async def ask_for_venues(evaluation: Evaluation) -> None:
    asked = venue_draw.VenueRequest(2, 2)
    await evaluation.store.act(lambda tx: venue_draw.request(tx, CASE, MAIN, asked, stamp(tx.now)))


async def asked_for_venues(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await ask_for_venues(evaluation)
    await evaluation.do(drawing.confirm, SUPERVISOR, "venues", venue_draw.prepare)


async def to_the_opening(evaluation: Evaluation) -> None:
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.draw_experts()
    await evaluation.open_bids()


async def to_the_desk(evaluation: Evaluation) -> None:
    await to_the_opening(evaluation)
    await checking_in.open_desk(evaluation.store, evaluation.process, CASE, MAIN)


async def to_pledges(evaluation: Evaluation) -> None:
    await to_the_opening(evaluation)
    await evaluation.check_in()
