"""The draw between log, process and parties: the order of acts, voids under a name, deaths, what lies on shelves."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from conduct import checking_in, directory, drawing, party_work, revealing, venue_draw
from conduct.ports import Actor, Json
from conduct.sealed_draw.attempt import Attempt
from conduct.sealed_draw.questions import Held
from conduct.sealed_draw.refusals import KeyGone, LinksMissing
from tests.services.evaluation import CASE, SUPERVISOR, Evaluation
from tests.services.parties import HOST, PARTIES, DrawParty

OTHERS = tuple(party for party in PARTIES if party != HOST)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SHELVES = ("draw", "ticket", "seated", "place", "representative", "code")


async def asked(evaluation: Evaluation) -> None:
    """The sub venues' draw is asked for and confirmed, its minute long gone."""
    await evaluation.prepare_deployment()
    await evaluation.apply()
    long_ago = "2026-01-01T00:00:00.000Z"
    wanted = venue_draw.VenueRequest(2, 2)
    await evaluation.store.act(
        lambda tx: venue_draw.request(tx, CASE, Actor("main_staff", "main", "V1"), wanted, long_ago)
    )
    await evaluation.do(drawing.confirm, SUPERVISOR, "venues", venue_draw.prepare)


async def needs(evaluation: Evaluation, party: str, draw: str = "venues") -> list[tuple[str, bool]]:
    held = await evaluation.process.ask(Held())
    keeping = party_work.Keeping(evaluation.process.key, frozenset(held))
    rows = evaluation.store.look(lambda tx: party_work.work_of(tx, party, keeping))
    return [(row["needs"], row["again"]) for row in rows if row["draw"] == draw]


async def name_the_silent(evaluation: Evaluation, started: datetime = LONG_AGO) -> tuple[str, ...]:
    held = await evaluation.process.ask(Held())
    return await evaluation.do(drawing.void_silent, "venues", frozenset(held), started)


def shelf(evaluation: Evaluation, name: str) -> dict[str, Json]:
    return dict(evaluation.store.look(lambda tx: list(tx.shelf(CASE, name).items())))


def logged(evaluation: Evaluation, kind: str) -> list[Json]:
    return [json.loads(data)["body"] for _, data in evaluation.store.look(lambda tx: list(tx.statements(CASE, kind)))]


async def test_the_hosts_link_is_logged_before_another_is_asked_for(evaluation: Evaluation) -> None:
    await asked(evaluation)
    for party in PARTIES:
        assert await needs(evaluation, party) == [("commit", False)]
        await evaluation.commit(party, "venues")
    assert [await needs(evaluation, party) for party in (HOST, *OTHERS)] == [[("reveal", False)]] + [
        [("wait", False)]
    ] * 2
    with pytest.raises(revealing.HostFirst):
        await evaluation.reveal(OTHERS[0], "venues")
    assert await evaluation.reveal(HOST, "venues")
    assert [await needs(evaluation, party) for party in (HOST, *OTHERS)] == [[("wait", False)]] + [
        [("reveal", False)]
    ] * 2


async def test_a_false_link_voids_the_attempt_under_its_partys_name_and_the_rest_begin_anew(
    evaluation: Evaluation,
) -> None:
    await asked(evaluation)
    for party in PARTIES:
        await evaluation.commit(party, "venues")
    await evaluation.reveal(HOST, "venues")
    liar = evaluation.parties[OTHERS[0]]
    box = liar.box("venues", evaluation.state.draws["venues"].digest, evaluation.process.key, link=os.urandom(32))
    actor = Actor("party", liar.party)
    assert not await revealing.reveal(evaluation.store, evaluation.process, (CASE, "venues"), actor, box)
    (voided,) = logged(evaluation, "draw.voided")
    assert (voided["party"], voided["reason"], voided["attempt"]) == (liar.party, "draw.reveal_does_not_match", 1)
    assert await needs(evaluation, liar.party) == []
    with pytest.raises(drawing.NotAParty):
        await evaluation.commit(liar.party, "venues")
    rest = [party for party in PARTIES if party != liar.party]
    for party in rest:
        await evaluation.commit(party, "venues")
    for party in sorted(rest, key=lambda one: one != HOST):
        await evaluation.reveal(party, "venues")
    await venue_draw.run(evaluation.store, evaluation.process, CASE)
    (sealed,) = logged(evaluation, "draw.sealed")
    assert sealed["attempt"] == 2


async def test_silence_is_named_and_with_one_legal_person_left_the_draw_waits(evaluation: Evaluation) -> None:
    await asked(evaluation)
    assert await name_the_silent(evaluation, datetime.now(UTC)) == (), "a process just started has just asked"
    await evaluation.commit(HOST, "venues")
    assert await name_the_silent(evaluation) == OTHERS
    draw = evaluation.state.draws["venues"]
    assert (draw.attempt, draw.left_out, draw.parties) == (2, OTHERS, {})
    later(evaluation, hours=1)
    await evaluation.commit(HOST, "venues")
    assert await name_the_silent(evaluation) == (), "nobody is named while the draw waits for another organisation"
    assert evaluation.store.look(lambda tx: drawing.is_short(tx, evaluation.state.draws["venues"]))
    await admit(evaluation, "sister", HOST)
    await evaluation.commit("sister", "venues")
    assert not evaluation.state.draws["venues"].digest, "keys under one legal person count as one"
    await admit(evaluation, "newcomer", "newcomer")
    await evaluation.commit("newcomer", "venues")
    assert evaluation.state.draws["venues"].digest


async def admit(evaluation: Evaluation, party: str, legal_person: str) -> None:
    evaluation.parties[party] = DrawParty(party)
    await evaluation.store.act(lambda tx: directory.add_party(tx, directory.Party(party, legal_person, "")))


def later(evaluation: Evaluation, **passed: int) -> None:
    """The server's clock is that much further."""
    evaluation.store.writer._clock = lambda: datetime.now(UTC) + timedelta(**passed)


async def test_a_process_that_dies_before_the_draw_asks_the_same_parties_for_the_same_links(
    evaluation: Evaluation,
) -> None:
    await asked(evaluation)
    await evaluation.commit_and_reveal("venues")
    key = evaluation.process.key
    evaluation.process.start_again()
    assert [await needs(evaluation, party) for party in PARTIES] == [[("reveal", True)]] * 3
    with pytest.raises(LinksMissing):
        await venue_draw.run(evaluation.store, evaluation.process, CASE)
    box = evaluation.parties[HOST].box("venues", evaluation.state.draws["venues"].digest, key)
    with pytest.raises(KeyGone):
        await revealing.reveal(evaluation.store, evaluation.process, (CASE, "venues"), Actor("party", HOST), box)
    for party in OTHERS:
        assert await evaluation.reveal(party, "venues")
    assert await name_the_silent(evaluation) == (HOST,), "not showing a lost link again is silence, until it is drawn"
    assert len(logged(evaluation, "draw.revealed")) == 3


async def test_nothing_sealed_lies_on_a_shelf_before_names_open_and_a_restart_changes_nothing(
    evaluation: Evaluation,
) -> None:
    for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, step)()
    attempt = evaluation.process.keeper.attempt(evaluation.store.look(lambda tx: drawing.ref_of(tx, CASE, "experts")))
    secrets = set(secrets_of(attempt))
    assert len(secrets) > 100
    assert not [secret for secret in secrets if secret in kept(evaluation)]
    digest, expected = evaluation.state.draws["experts"].order, evaluation.expected()
    evaluation.process.start_again()
    with pytest.raises(LinksMissing):
        await checking_in.open_desk(evaluation.store, evaluation.process, CASE, Actor("main_staff", "main", "V1"))
    for draw in ("venues", "experts"):
        for party in PARTIES:
            assert await evaluation.reveal(party, draw)
    assert evaluation.expected() == expected
    false = evaluation.parties[HOST].box("experts", context(evaluation), evaluation.process.key, link=os.urandom(32))
    with pytest.raises(revealing.LinkFalse):
        await revealing.reveal(evaluation.store, evaluation.process, (CASE, "experts"), Actor("party", HOST), false)
    await evaluation.check_in()
    assert evaluation.state.is_open
    assert evaluation.state.draws["experts"].order == digest
    assert len(logged(evaluation, "draw.sealed")) == 2
    assert any(secret in kept(evaluation) for secret in secrets), "what is open now may be kept: the check can fail"


async def test_shares_of_two_legal_persons_go_on_where_the_links_cannot_be_had(evaluation: Evaluation) -> None:
    for step in ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids"):
        await getattr(evaluation, step)()
    evaluation.process.start_again()
    assert await needs(evaluation, HOST, "experts") == [("reveal", True), ("share", False)]
    for draw in ("venues", "experts"):
        for party in PARTIES[:2]:
            await hand_in_share(evaluation, party, draw)
    await evaluation.check_in()
    assert evaluation.state.is_open


async def hand_in_share(evaluation: Evaluation, party: str, draw: str) -> None:
    keeping = party_work.Keeping(evaluation.process.key)
    rows = evaluation.store.look(lambda tx: party_work.work_of(tx, party, keeping))
    (share,) = (row["share"] for row in rows if (row["draw"], row["needs"]) == (draw, "share"))
    box = evaluation.parties[party].share_box(evaluation.state.draws[draw].digest, evaluation.process.key, share)
    await revealing.share(evaluation.store, evaluation.process, (CASE, draw), Actor("party", party), box)


def context(evaluation: Evaluation) -> str:
    return evaluation.state.draws["experts"].digest


def secrets_of(attempt: Attempt) -> Iterator[str]:
    """What tells who was drawn: labels, links, the seed; names and numbers of everybody in the pool."""
    drawn = attempt.round(0)
    yield from (entry.label.hex() for entry in drawn.outcome.ordered)
    yield from (link.hex() for _, link in drawn.turn.reveals)
    yield drawn.outcome.key.hex()
    for one in attempt.experts.values():
        yield from (one.person.name, one.person.id_number, one.person.phone, str(one.expert.id))


def kept(evaluation: Evaluation) -> str:
    """Everything on the case's shelves, but the pool and the frozen candidates, who are everybody."""
    rows = {name: shelf(evaluation, name) for name in SHELVES}
    rows["draw"] = {key: value for key, value in rows["draw"].items() if not key.endswith("/material")}
    return json.dumps(rows, ensure_ascii=False)
