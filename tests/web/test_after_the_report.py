"""After the report, over the wire: fee, payment sheet, appraisals, the report as a page and the answers to it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest

from conduct import closing, reporting
from demo import case_example_a as example
from identity.roles import Role
from tests.services.evaluation import CASE, MAIN
from tests.services.test_reporting import answer
from tests.web.committee import Committee, committee
from tests.web.conftest import Caller
from tests.web.test_member import refused

ACCOUNT, NUMBER = {"bank": "演示银行", "number": "6222 0000 0000 0000", "objection": ""}, "6222000000000000"


def bare(text: str) -> str:
    """Without white space, as the number is kept: four of its digits alone may stand in any digest by chance."""
    return "".join(text.split())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Committee]:
    async with committee(tmp_path) as made:
        yield made


async def test_fee_appraisal_and_report_go_their_ways_and_no_member_sees_anothers(house: Committee) -> None:
    evaluation = house.evaluation
    await evaluation.to_candidates()
    await reporting.render(evaluation.store, CASE)
    seats = {member: await house.seat(member) for member in ("m1", "m2", "m5")}
    agent = await house.account(Role.AGENT, "agent")
    assert (await house.me(seats["m1"]))["now"]["page"].endswith("/report")
    assert await refused(seats["m1"].post(f"{house.path}/fee", ACCOUNT)) == (409, "fee.too_early")
    assert await refused(seats["m1"].get(f"{house.path}/report/answers")) == (409, "report.not_ready")
    assert await refused(seats["m1"].get(f"{house.path}/report/signed")) == (409, "report.not_ready")
    for alias in example.MEMBERS:
        await answer(evaluation, alias, "signed")
    assert (await house.me(seats["m1"]))["now"]["page"].endswith("/fee")
    assert "确认劳务费" not in (await house.me(seats["m5"]))["now"]["button"]
    assert await refused(seats["m5"].post(f"{house.path}/fee", ACCOUNT)) == (403, "fee.not_paid")
    wrong = ACCOUNT | {"bank": ""}
    assert await refused(seats["m1"].post(f"{house.path}/fee", wrong)) == (422, "fee.account_misspelt")
    assert (await seats["m1"].post(f"{house.path}/fee", ACCOUNT)).status == HTTPStatus.OK
    assert NUMBER not in bare(await (await seats["m2"].get(f"{house.path}/fee")).text())
    assert NUMBER not in bare(await (await agent.get(f"{house.path}/fees")).text())
    await _reads_the_report(house, "m2")
    await _appraises(house)
    await evaluation.do(closing.close, MAIN)
    sheet = await (await agent.get(f"{house.path}/fees")).json()
    assert [row["number"] for row in sheet["dues"]] == [NUMBER, "", "", ""]
    assert (sheet["total"], sheet["total_words"]) == (1600, "壹仟陆佰元整")
    assert (await agent.post(f"{house.path}/fees/accounts/destroy")).status == HTTPStatus.OK
    assert await refused(agent.post(f"{house.path}/fees/accounts/destroy")) == (409, "fee.accounts_gone")
    assert NUMBER not in bare(await (await agent.get(f"{house.path}/fees")).text())
    await _shows_what_others_owe(house, agent)
    archivist = await house.account(Role.ARCHIVIST, "archivist")
    told = await (await archivist.get(f"{house.path}/appraisals")).json()
    assert [bool(row["filed"]) for row in told["rows"]] == [True, False, False, False]
    assert await refused(archivist.post(f"{house.path}/appraisals", {"member": "m2"})) == (403, "request.not_allowed")


async def _shows_what_others_owe(house: Committee, agent: Caller) -> None:
    """R-26: the page of a closed case says by when the candidates are published and until when at least."""
    told = await (await agent.get(house.path)).json()
    assert [one["act"] for one in told["deadlines"]] == ["publish", "publicity_ends"]
    words = await (await replace(agent, json=False).get(house.path)).text()
    assert "公示中标候选人，不晚于" in words
    assert told["deadlines"][0]["day"] in words


async def _reads_the_report(house: Committee, member: str) -> None:
    seat = await house.seat(member, json=False)
    page = await (await seat.get(f"{house.path}/report/read")).text()
    for words in ("一、基本情况和数据表", "玖佰贰拾捌万陆仟伍佰元整", "88.92", "评标专家承诺书"):
        assert words in page
    pdf = await seat.get(f"{house.path}/report/answers")
    assert (pdf.status, (await pdf.read())[:5]) == (HTTPStatus.OK, b"%PDF-")
    signed = await (await seat.get(f"{house.path}/report/signed")).read()
    assert signed.startswith(b"%PDF-")
    assert signed.count(b"<</Type/Sig/") == len(example.MEMBERS)
    witness = await house.account(Role.WITNESS, "witness")
    assert (await witness.get(f"{house.path}/report/read")).status == HTTPStatus.NOT_FOUND


async def _appraises(house: Committee) -> None:
    agent = await house.account(Role.AGENT, "agent")
    form = await (await agent.get(f"{house.path}/appraisals")).json()
    answers = [{"item": item["id"], "answer": "yes"} for item in form["form"]["items"]]
    body = {"member": "m1", "answers": answers, "remark": ""}
    missing = body | {"answers": answers[1:]}
    assert await refused(agent.post(f"{house.path}/appraisals", missing)) == (422, "appraisal.incomplete")
    assert (await agent.post(f"{house.path}/appraisals", body)).status == HTTPStatus.OK
    seat = await house.seat("m1")
    assert (await seat.get(f"{house.path}/appraisals")).status == HTTPStatus.FORBIDDEN
