"""Notices over the wire: the provider's callbacks, the expert's link, the operator's page; none tells of the case."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from conduct import answering, calling, tickets
from demo import case_example_a as example
from expert_pool.committee import Answer
from identity import service, sessions
from identity.roles import Role
from identity.sessions import Holder
from storage.deployment_keys import open_keys
from storage.logs import LogKeys
from storage.store import Store
from tests.services.activation import office_of
from tests.services.evaluation import CASE, Evaluation
from tests.web.committee import services_on
from tests.web.conftest import Caller
from web.app import make_app
from web.visit import fresh_token

TOKEN = "provider-token"
CONTACT = "0000-000000"
SECRET = (CASE, *(str(value) for value in example.PROJECT.values()), *example.BIDDERS.values())


@dataclass
class Notices:
    """The application with a case whose experts are being called: planned, none placed."""

    evaluation: Evaluation
    client: "TestClient[Any, Any]"

    def waiting(self) -> list[dict[str, Any]]:
        return [one.payload for one in self.evaluation.store.look(lambda tx: tx.waiting("notice"))]

    async def provider(self, path: str, **body: object) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        answer = await self.client.post(path, json=body, headers=headers)
        return answer.status, await answer.json()

    async def operator(self) -> Caller:
        cookie, csrf = fresh_token(), fresh_token()
        session = sessions.opened(Holder(Role.POOL_OWNER, "province"), cookie, csrf, datetime.now(UTC))
        await self.evaluation.store.act(lambda tx: service.keep_session(tx.shelf("deployment", "sessions"), session))
        return Caller(self.client, json=True, cookies={"__Host-session": cookie}, csrf=csrf)


@pytest.fixture
def evaluation(tmp_path: Path) -> Iterator[Evaluation]:
    keys = open_keys(tmp_path / "keys", "演示交易中心", ["localhost"], datetime.now(UTC))
    log_keys = LogKeys("test.example/log", keys.log_seed)
    store = Store(f"sqlite:///{tmp_path}/bid.sqlite", tmp_path / "objects", keys.storage, log_keys)
    yield Evaluation(store, office_of(keys), tmp_path)
    store.close()


@pytest.fixture
async def calls(evaluation: Evaluation) -> AsyncIterator[Notices]:
    evaluation.starts_in = timedelta(hours=1)
    await evaluation.prepare_deployment()
    await evaluation.apply()
    await evaluation.draw_venues()
    await evaluation.ask_for_experts()
    await calling.call(evaluation.store, evaluation.process, CASE)
    services = replace(services_on(evaluation), provider_token=TOKEN, contact=CONTACT)
    async with TestClient(TestServer(make_app(services))) as client:
        yield Notices(evaluation, client)


async def test_a_callback_may_come_twice_late_or_for_nobody(calls: Notices) -> None:
    ticket, other, *_ = (one["ticket"] for one in calls.waiting())
    for _ in range(2):
        told = await calls.provider(f"/notices/{ticket}", answer="attend")
        assert told == (HTTPStatus.OK, {"ticket": ticket, "answer": "attend"})
    assert (await calls.provider(f"/notices/{other}", answer="decline", reason="travel"))[0] == HTTPStatus.OK
    status, refused = await calls.provider(f"/notices/{other}", answer="attend")
    assert (status, refused["code"]) == (HTTPStatus.CONFLICT, "notice.already_answered")
    status, refused = await calls.provider("/notices/000000", answer="attend")
    assert (status, refused["code"]) == (HTTPStatus.NOT_FOUND, "notice.unknown_ticket")
    assert (await calls.provider(f"/notices/{ticket}", answer="perhaps"))[0] == HTTPStatus.BAD_REQUEST
    stranger = await calls.client.post(f"/notices/{ticket}", json={"answer": "decline"})
    assert stranger.status == HTTPStatus.UNAUTHORIZED


async def test_a_short_message_is_answered_and_counts_for_its_own_telephone_alone(calls: Notices) -> None:
    ticket, other, *_ = (one["ticket"] for one in calls.waiting())
    _, told = await calls.provider("/notices/texts", text=f"１ 参加 {ticket}", tickets=[ticket])
    assert (told["taken"], ticket in told["reply"]["zh"]) == (True, True)
    _, told = await calls.provider("/notices/texts", text=f"不参加 {other}", tickets=[ticket])
    assert (told["taken"], other in calls.evaluation.state.notices) == (False, False)


async def test_the_link_says_when_where_how_long_and_nothing_of_the_case(calls: Notices) -> None:
    notice = calls.waiting()[0]
    address = f"/n/{notice['link']}"
    text = await (await calls.client.get(address)).text()
    for part in (notice["ticket"], notice["venue"], CONTACT, "预计1天"):
        assert part in text
    assert not [word for word in SECRET if word in text]
    answered = await calls.client.post(address, data={"answer": "decline", "reason": "illness"}, allow_redirects=False)
    assert (answered.status, answered.headers["Location"]) == (HTTPStatus.SEE_OTHER, address)
    again = await (await calls.client.get(address)).text()
    assert "您的答复已登记" in again
    refused = await calls.client.post(address, data={"answer": "attend"})
    assert refused.status == HTTPStatus.CONFLICT
    assert "先前的答复有效" in await refused.text()


async def test_a_link_that_is_unknown_says_so(calls: Notices) -> None:
    gone = await calls.client.get("/n/" + "0" * 32)
    assert gone.status == HTTPStatus.GONE
    assert "已经失效" in await gone.text()


async def test_the_operator_sees_one_number_at_a_time(calls: Notices) -> None:
    operator, waiting = await calls.operator(), calls.waiting()
    before = await (await operator.get("/calls")).json()
    assert (len(before["lines"]), before["open"]) == (len(waiting), None)
    assert not [one["phone"] for one in waiting if one["phone"] in repr(before)]
    line = before["lines"][0]["id"]
    await operator.post("/calls/open", {"line": line})
    opened = await (await operator.get("/calls")).json()
    assert [one["phone"] for one in waiting if one["phone"] in repr(opened)] == [waiting[0]["phone"]]
    assert not [word for word in SECRET if word in repr(opened)]
    await operator.post("/calls/made", {"line": line, "answer": "attend", "reason": None})
    assert calls.evaluation.state.notices[waiting[0]["ticket"]] == "attend"
    told = await operator.post("/calls/answer", {"ticket": waiting[0]["ticket"], "answer": "leave", "reason": "work"})
    assert (await told.json())["answer"] == "leave"


async def test_the_page_of_the_draws_says_how_many_are_short(calls: Notices) -> None:
    evaluation = calls.evaluation
    while called := await evaluation.place_calls():
        for ticket in called:
            await evaluation.store.act(lambda tx, ticket=ticket: answering.answer(tx, ticket, Answer.DECLINE))  # type: ignore[misc]
    cookie, csrf = fresh_token(), fresh_token()
    session = sessions.opened(Holder(Role.AGENT, "agent"), cookie, csrf, datetime.now(UTC))
    await evaluation.store.act(lambda tx: service.keep_session(tx.shelf("deployment", "sessions"), session))
    page = await Caller(calls.client, cookies={"__Host-session": cookie}).get(f"/cases/{CASE}/draws")
    assert "还差正选 1 人、候补 1 人" in await page.text()


def test_a_ticket_has_six_digits(evaluation: Evaluation) -> None:
    numbers = {evaluation.store.look(tickets._fresh) for _ in range(50)}
    assert all(len(number) == 6 and number.isdigit() for number in numbers)
