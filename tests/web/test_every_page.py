"""Every page of a case opens for everybody whom it is for, after each part of the procedure: none breaks on what is
not there yet.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest

from identity.roles import Role
from tests.web.every_call import POLICIES, Call, calls
from tests.web.two_worlds import CASE, Someone, World, begun

PARTS = (
    "apply",
    "draw_venues",
    "ask_for_experts",
    "answer_calls",
    "open_bids",
    "check_in",
    "pledge_and_elect",
    "review",
    "score",
    "sum_up",
)
NOT_PAGES = frozenset({"/static/{build}/{path:.+}", "/cases/{case}/ws", "/logout"})

# A one-time link opens these, a key service, a report that is not yet set or an archive that is not yet sealed; other
# software signs nowhere unless the operator says so.
NEVER_OPEN = frozenset(
    {
        "/b/{token}",
        "/n/{token}",
        "/setup/{token}",
        "/party",
        "/cases/{case}/software",
        "/cases/{case}/report/answers",
        "/cases/{case}/report/signed",
        "/cases/{case}/report/read",
        "/cases/{case}/release",
        "/cases/{case}/archive",
        "/cases/{case}/bag",
        "/cases/{case}/retrievals/{id}/seats/{seat}",
        "/cases/{case}/retrievals/{id}/segments",
        "/cases/{case}/retrievals/{id}/exports",
        "/cases/{case}/retrievals/{id}/exports/{number:[0-9]+}/{kind}",
        "/cases/{case}/retrievals/{id}/footage/{seat}/{track}/{take:[0-9]+}",
        "/cases/{case}/footage/{seat}/{track}/{take:[0-9]+}",
    }
)


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[World, tuple[Someone, ...]]]:
    made = await begun(tmp_path, monkeypatch)
    yield made.world, tuple(who for who in made.people if who.role != Role.BIDDER)  # a link's holder has no session
    await made.world.client.close()
    made.world.store.close()


async def test_every_page_opens_after_every_part_of_the_procedure(place: tuple[World, tuple[Someone, ...]]) -> None:
    world, people = place
    broken: list[str] = []
    opened: set[str] = set()
    for part in PARTS:
        await getattr(world.evaluation, part)()
        told, again = await _opened(world, people, part)
        broken += told
        opened |= again
    assert not broken, "\n".join(broken)
    never = {policy.path for policy in POLICIES if not policy.is_unsafe} - NOT_PAGES - opened
    assert never == NEVER_OPEN


async def _opened(world: World, people: tuple[Someone, ...], part: str) -> tuple[list[str], set[str]]:
    """What broke after this part, and which addresses opened for somebody."""
    broken, opened = [], set()
    papers = tuple(one.sha256 for one in world.evaluation.state.documents[:2])
    objects = {"case": (CASE,), "draw": ("venues", "experts"), "index": ("0",), "purpose": ("pledge", "score-sheet")}
    for call in calls(objects | {"sha256": papers}, {}):
        if call.policy.is_unsafe or call.policy.path in NOT_PAGES:
            continue
        for who in people:
            if not (call.policy.who.anybody or who.role in call.policy.who.roles) or who.venue not in {"", "V1"}:
                continue
            status = await _get(world, call, who)
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                broken.append(f"after {part}: {call.name} for {who.name}: {status}")
            elif status == HTTPStatus.OK:
                opened.add(call.policy.path)
    return broken, opened


async def _get(world: World, call: Call, who: Someone) -> int:
    headers = {**who.headers, "Accept": "text/html"}
    answer = await world.client.get(call.path, headers=headers, allow_redirects=False)
    await answer.read()
    return answer.status
