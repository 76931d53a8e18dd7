"""How the parties of a draw stand, as their page and the offices' are told: one code each, and voids by name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conduct import directory, drawing, venue_draw
from conduct.ports import Json, stamp
from tests.services.evaluation import CASE, MAIN, SUPERVISOR, Evaluation
from tests.services.parties import HOST, PARTIES
from tests.web.committee import committee
from web.draw_parties import standings

AGENT, OTHER = (party for party in PARTIES if party != HOST)


def standing(evaluation: Evaluation) -> Json:
    return evaluation.store.look(lambda tx: standings(tx, tx.case(CASE)))["venues"]


def states(evaluation: Evaluation) -> dict[str, str]:
    return {party["id"]: party["state"] for party in standing(evaluation)["parties"]}


async def asked(evaluation: Evaluation, ahead: timedelta) -> None:
    """The draw of sub venues, its pool frozen, its minute so far ahead."""
    await evaluation.prepare_deployment()
    await evaluation.apply()
    at = stamp(datetime.now(UTC) + ahead)
    asks = venue_draw.VenueRequest(2, 2)
    await evaluation.store.act(lambda tx: venue_draw.request(tx, CASE, MAIN, asks, at))
    assert not evaluation.store.look(lambda tx: standings(tx, tx.case(CASE)))
    await evaluation.do(drawing.confirm, SUPERVISOR, "venues", venue_draw.prepare)


async def test_each_party_has_one_state_at_every_point(tmp_path: Path) -> None:
    async with committee(tmp_path) as made:
        evaluation = made.evaluation
        await asked(evaluation, timedelta(hours=1))
        assert states(evaluation) == dict.fromkeys(PARTIES, "uncommitted")
        await evaluation.commit(HOST, "venues")
        assert states(evaluation) == {**dict.fromkeys(PARTIES, "uncommitted"), HOST: "committed"}
        await evaluation.commit(AGENT, "venues")
        await evaluation.commit(OTHER, "venues")
        assert states(evaluation) == {HOST: "turn", AGENT: "waiting_host", OTHER: "waiting_host"}
        await evaluation.reveal(HOST, "venues")
        assert states(evaluation) == {HOST: "revealed", AGENT: "turn", OTHER: "turn"}
        told = standing(evaluation)
        assert (told["stage"], told["drawn_at"], told["transcript"], told["short"]) == ("revealing", "", "", False)


async def test_who_is_asked_past_the_minute_is_late_and_a_void_attempt_bears_its_name(tmp_path: Path) -> None:
    async with committee(tmp_path) as made:
        evaluation = made.evaluation
        await asked(evaluation, timedelta(minutes=-10))
        for party in (HOST, AGENT):
            await evaluation.commit(party, "venues")
        assert states(evaluation) == {HOST: "committed", AGENT: "committed", OTHER: "late"}
        told = standing(evaluation)
        assert datetime.fromisoformat(told["silent_at"]) - datetime.fromisoformat(told["at"]) == timedelta(seconds=20)
        old = datetime.now(UTC) - timedelta(hours=1)
        await evaluation.do(drawing.void_silent, "venues", frozenset(), old)
        told = standing(evaluation)
        assert [(one["attempt"], one["party"], one["reason"]) for one in told["voids"]] == [(1, OTHER, "silent")]
        assert (told["attempt"], states(evaluation)[OTHER]) == (2, "left_out")
        for party in (HOST, AGENT):
            await evaluation.commit(party, "venues")
        assert states(evaluation) == {HOST: "late", AGENT: "waiting_host", OTHER: "left_out"}


async def test_a_sealed_draw_tells_its_moment_and_digests_and_nothing_of_the_result(tmp_path: Path) -> None:
    async with committee(tmp_path) as made:
        evaluation = made.evaluation
        for part in ("prepare_deployment", "apply", "draw_venues"):
            await getattr(evaluation, part)()
        told, draw = standing(evaluation), evaluation.state.draws["venues"]
        assert states(evaluation) == dict.fromkeys(PARTIES, "drawn")
        assert (told["stage"], told["transcript"]) == ("sealed", draw.now.transcript)
        assert told["drawn_at"].startswith("20")
        drawn = evaluation.store.look(lambda tx: [row["venue"] for row in venue_draw.places(tx, CASE).values()])
        assert not [venue for venue in drawn if venue != MAIN.venue and f'"{venue}"' in str(told)]


@pytest.mark.parametrize("admitted", [False, True])
async def test_who_is_registered_after_the_context_is_no_party_of_it(tmp_path: Path, admitted: bool) -> None:
    async with committee(tmp_path) as made:
        evaluation = made.evaluation
        await asked(evaluation, timedelta(hours=1))
        late = directory.Party("late", "late", "")
        if admitted:
            await evaluation.store.act(lambda tx: directory.add_party(tx, late))
        else:
            for party in PARTIES:
                await evaluation.commit(party, "venues")
            await evaluation.store.act(lambda tx: directory.add_party(tx, late))
        assert ("late" in states(evaluation)) is admitted
