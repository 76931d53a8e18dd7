"""Signing from a page when something comes between: a lost answer, a process that is away, an undecided try."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conduct import authorising, tries
from conduct.activation.questions import Question, Told
from conduct.activation.refusals import ActivationAway, ActivationBusy
from conduct.ports import Json
from tests.services.activation import Direct
from tests.services.evaluation import CASE, PASSWORD
from tests.web.committee import Committee, committee, seated
from tests.web.conftest import Caller
from tests.web.test_member import refused

MEMBER = "m1"


class Moody:
    """An activation process that refuses as often as it was told to, then answers."""

    def __init__(self, inner: Direct) -> None:
        self.inner = inner
        self.refusals: list[Exception] = []

    async def ask(self, question: Question[Any], told: Told | None = None) -> Any:  # noqa: ANN401 - as asked
        if self.refusals:
            raise self.refusals.pop()
        return await self.inner.ask(question, told)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


@pytest.fixture
def moody(house: Committee) -> Moody:
    office = house.evaluation.office
    assert isinstance(office.activation, Direct)
    found = Moody(office.activation)
    object.__setattr__(office, "activation", found)  # the application was built with this office
    return found


def row(house: Committee) -> Json:
    found = house.evaluation.store.look(lambda tx: tx.shelf(CASE, "credential").get(MEMBER))
    assert found is not None
    return found


async def prepared(house: Committee) -> tuple[Caller, Json]:
    await seated(house)
    seat = await house.seat(MEMBER)
    batch = (await (await seat.post(f"{house.path}/prepare/pledge", {})).json())["batch"]
    return seat, {"batch": batch, "password": PASSWORD}


async def test_the_same_post_again_gives_the_same_receipt_and_adds_nothing(house: Committee) -> None:
    seat, body = await prepared(house)
    path = f"{house.path}/sign/pledge"
    first = (await (await seat.post(path, body)).json())["receipts"]
    size = house.evaluation.store.newest_checkpoint(CASE)[0]
    again = (await (await seat.post(path, {**body, "password": "500291"})).json())["receipts"]
    assert [(one["index"], one["entry"]) for one in again] == [(one["index"], one["entry"]) for one in first]
    assert house.evaluation.store.newest_checkpoint(CASE)[0] == size
    assert (row(house)["tries"], row(house)["open"]) == (0, 0)


async def test_a_try_that_no_process_decided_is_taken_back_and_a_wrong_one_is_not(
    house: Committee, moody: Moody
) -> None:
    seat, body = await prepared(house)
    path = f"{house.path}/sign/pledge"
    for refusal, code in ((ActivationAway(), "signing.away"), (ActivationBusy(), "signing.busy")):
        moody.refusals.append(refusal)
        assert await refused(seat.post(path, body)) == (503, code)
        assert (row(house)["tries"], row(house)["open"]) == (0, 0)
    assert await refused(seat.post(path, {**body, "password": "500291"})) == (403, "signing.password_wrong")
    assert (row(house)["tries"], row(house)["open"]) == (1, 0)
    assert len((await (await seat.post(path, body)).json())["receipts"]) == 1
    assert (row(house)["tries"], row(house)["open"]) == (0, 0)


async def test_what_was_open_when_the_server_died_does_not_count_after_its_start(house: Committee) -> None:
    _, body = await prepared(house)
    store = house.evaluation.store
    wrong = await store.act(lambda tx: authorising.begin(tx, CASE, MEMBER, "pledge", body["batch"]))
    await store.act(lambda tx: tries.failed(tx, wrong))
    for _ in range(2):
        await store.act(lambda tx: authorising.begin(tx, CASE, MEMBER, "pledge", body["batch"]))
    assert (row(house)["tries"], row(house)["open"]) == (3, 2)
    await store.act(lambda tx: tries.take_back_all(tx, tx.cases()))
    assert (row(house)["tries"], row(house)["open"]) == (1, 0)


async def test_of_two_that_sign_the_same_the_second_finds_what_the_first_stated(house: Committee) -> None:
    _, body = await prepared(house)
    store, office = house.evaluation.store, house.evaluation.office
    begun = [await store.act(lambda tx: authorising.begin(tx, CASE, MEMBER, "pledge", body["batch"])) for _ in range(2)]
    now = house.evaluation.store.writer.now()
    first, second = [await authorising.sign(office, tried, PASSWORD, now) for tried in begun]
    stated = await store.act(lambda tx: authorising.finish(tx, first))
    assert await store.act(lambda tx: authorising.finish(tx, second)) == stated
    assert (row(house)["tries"], row(house)["open"]) == (0, 0)
    other = replace(first, tried=replace(first.tried, batch=replace(first.tried.batch, id="00")))
    with pytest.raises(authorising.NothingPrepared):
        await store.act(lambda tx: authorising.finish(tx, other))


async def test_while_a_signature_waits_its_members_page_learns_how_many_come_first(
    house: Committee, moody: Moody
) -> None:
    seat, body = await prepared(house)
    other, shown = await house.seat("m2"), []

    async def shown_now(_question: Question[Any], told: Told | None = None) -> Any:  # noqa: ANN401 - as asked
        assert told is not None
        await told(3)
        shown.extend([(await (await who.get(f"{house.path}/now")).json())["ahead"] for who in (seat, other)])
        return await moody.inner.ask(_question)

    setattr(moody, "ask", shown_now)  # noqa: B010 - for this test alone
    assert (await seat.post(f"{house.path}/sign/pledge", body)).status == 200
    assert shown == [3, 0]
    assert (await (await seat.get(f"{house.path}/now")).json())["ahead"] == 0
