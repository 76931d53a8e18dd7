"""重新评审 on the pages: the agent asks, the supervisor agrees with a paper, the sealed case names what follows it."""

from base64 import b64encode
from http import HTTPStatus
from pathlib import Path

import pytest

from conduct.ports import Json
from evaluation.case import State
from identity.roles import Role
from tests.services.evaluation import CASE
from tests.services.test_reevaluating import AGAIN, PAPER, asked, closed
from tests.web.two_worlds import Begun, begun

FORM = {
    "occasion": "query",
    "ground": "abnormal_score",
    "reason": "投标人质疑",
    "start": asked().start,
    "bids": ["A"],
    "items": ["T1"],
}


async def post(made: Begun, role: Role, path: str, body: Json) -> tuple[int, Json]:
    who = next(one for one in made.people if one.role == role and one.venue in {"", "V1"})
    headers = {**who.headers, "Accept": "application/json"}
    answer = await made.world.client.post(path, headers=headers, json=body, allow_redirects=False)
    return answer.status, await answer.json()


async def page(made: Begun, role: Role, path: str) -> str:
    who = next(one for one in made.people if one.role == role and one.venue in {"", "V1"})
    answer = await made.world.client.get(path, headers={**who.headers, "Accept": "text/html"})
    assert answer.status == HTTPStatus.OK
    return await answer.text()


async def test_a_sealed_case_is_evaluated_again_when_the_supervisor_agrees_in_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await begun(tmp_path, monkeypatch)
    world, home = made.world, f"/cases/{AGAIN}/reevaluation"
    await closed(world.evaluation, made.keys, tmp_path / "first")
    assert "申请重新评审" in await page(made, Role.AGENT, f"/cases/{CASE}/reevaluation")
    status, told = await post(made, Role.AGENT, f"/cases/{CASE}/reevaluation", FORM | {"items": []})
    assert (status, told["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "reevaluation.concerns")
    status, told = await post(made, Role.AGENT, f"/cases/{CASE}/reevaluation", FORM)
    assert (status, told["case"]) == (HTTPStatus.OK, AGAIN)
    agree = {"paper": b64encode(PAPER).decode()}
    status, told = await post(made, Role.SUPERVISOR, f"{home}/authorise", agree)
    assert (status, told["code"]) == (HTTPStatus.CONFLICT, "reevaluation.not_asked")
    status, _ = await post(made, Role.MAIN_STAFF, f"/cases/{AGAIN}/seats", {"seats": ["V1-01", "V1-02"]})
    assert status == HTTPStatus.OK
    status, told = await post(made, Role.SUPERVISOR, f"{home}/authorise", {"paper": b64encode(b"no paper").decode()})
    assert (status, told["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "reevaluation.not_pdf")
    status, _ = await post(made, Role.AGENT, f"{home}/authorise", agree)
    assert status == HTTPStatus.FORBIDDEN
    status, _ = await post(made, Role.SUPERVISOR, f"{home}/authorise", agree)
    assert (status, world.store.case(AGAIN).state) == (HTTPStatus.OK, State.RESCREENED)
    for role, path in ((Role.SUPERVISOR, "retrievals"), (Role.AGENT, "reevaluation")):
        assert AGAIN in await page(made, role, f"/cases/{CASE}/{path}")
    assert "监督部门已同意" in await page(made, Role.AGENT, home)
    await world.client.close()
    world.store.close()
