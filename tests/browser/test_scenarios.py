"""Acceptance scenarios in real Chromium, one browser for those whose pages matter; the others act through services."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from conduct import calling, hand_calls, opening, reporting
from evaluation.case import MemberId, State
from identity.roles import Role
from identity.sessions import Holder
from tests.browser.launch import launched
from tests.browser.people.inspection import Inspection
from tests.browser.people.member import Member
from tests.browser.people.offices import Host, Witness
from tests.browser.people.person import PATIENCE_MS
from tests.browser.seat import CASE_PATH, Seats
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, Site, at_work, prepared, serving, sign_in
from tests.services.evaluation import CASE, PASSWORD, Evaluation
from tests.services.test_replacing import attempt_of, member_of, newcomer, quota_with
from tests.services.test_replacing import confirm as confirm_replacement
from tests.services.test_reporting import answer

pytestmark = pytest.mark.pages

MAIN, AGENT = Holder(Role.MAIN_STAFF, "main", "V1"), Holder(Role.AGENT, "agent")
SUPERVISOR = Holder(Role.SUPERVISOR, "supervisor")
SUB_STAFF = tuple(Holder(Role.SUB_STAFF, f"staff-V{number}", f"V{number}") for number in range(2, 6))
WITNESS_PASSWORD = "715934"
A_REFUSAL = "the server responded with a status of 4"


@asynccontextmanager
async def visited(site: Site, folder: Path) -> AsyncIterator[Seats]:
    """The server runs, and people come to it by browser; what a page complains of fails the test, but refusals."""
    async with serving(site), async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest)
        people = Seats(site, browser, folder)
        try:
            yield people
        finally:
            await people.close()
            await browser.close()
    assert not [one for one in people.complaints if A_REFUSAL not in one]
    assert not site.complaints(), site.log.read_text(encoding="utf-8")[-6000:]


async def test_scenario_02_06_before_the_start_pages_tell_nobody_and_a_called_expert_takes_no_late_leave(
    tmp_path: Path,
) -> None:
    everybody = (MAIN, AGENT, SUPERVISOR, *SUB_STAFF)
    parts = ("prepare_deployment", "apply", "draw_venues", "ask_for_experts")
    site = await prepared(tmp_path, parts, everybody, starts_in=timedelta(seconds=50))
    async with at_work(site) as evaluation:
        await calling.call(evaluation.store, evaluation.process, CASE)
        links = _links(evaluation)
        tickets = await evaluation.place_calls()
    async with visited(site, tmp_path) as people:
        page = await people.visit(links[tickets[0]])
        await expect(page.get_by_text("演示市")).to_have_count(0)
        await page.get_by_role("button", name="参加", exact=True).click()
        await page.get_by_role("button", name="请假").click()
        await expect(page.locator(".faults")).to_contain_text("请假", timeout=PATIENCE_MS)
        page = await people.visit(links[tickets[1]])
        await page.get_by_role("button", name="不参加").click()
        await expect(page.get_by_role("button", name="不参加")).to_have_count(0, timeout=PATIENCE_MS)
        for who in everybody:
            await _sees_nobody(people, who, site.evaluation)
    assert "denied" in site.log.read_text(encoding="utf-8")
    async with at_work(site) as evaluation:
        assert [evaluation.state.notices[ticket] for ticket in tickets[:2]] == ["attend", "decline"]
        assert set(await evaluation.place_calls()) - set(tickets)  # the next in the sealed order is called
        log = evaluation.store.look(lambda tx: b"".join(data for _, data in tx.statements(CASE))).decode()
        known = attempt_of(evaluation).experts.values()
        assert not [one for one in known if one.person.phone in log or one.person.name in log]


def _links(evaluation: Evaluation) -> dict[str, str]:
    waiting = evaluation.store.look(lambda tx: [one.payload for one in hand_calls.lines(tx, "province")])
    return {str(one["ticket"]): f"/n/{one['link']}" for one in waiting}


async def _sees_nobody(people: Seats, who: Holder, evaluation: Evaluation | None) -> None:
    """Neither an expert nor a drawn venue stands on a page; a sub venue does not know the project."""
    assert evaluation is not None
    experts = [one.person for one in attempt_of(evaluation).experts.values()]
    page = await people.page(who.who, "/")
    words = await page.content()
    for path in (CASE_PATH, f"{CASE_PATH}/draws", f"{CASE_PATH}/progress"):
        await page.goto(path)
        words += await page.content()
    assert not [one for one in experts if one.name in words or one.phone in words or one.id_number in words]
    if who.role is Role.SUB_STAFF:
        assert "污水处理厂" not in words


async def test_scenario_08_who_must_avoid_a_bidder_says_so_at_the_seat_and_a_newcomer_sits_down_with_nothing(
    tmp_path: Path,
) -> None:
    site = await prepared(tmp_path, BEFORE_THE_PLEDGE, (MAIN, SUPERVISOR))
    evaluation = site.evaluation
    assert evaluation is not None
    async with at_work(site):
        leaving = member_of(evaluation, quota_with(evaluation, 1))
        seat = evaluation.state.members[MemberId(leaving)].seat
    async with visited(site, tmp_path) as people:
        page = await people.open(seat, "/pledge")
        await expect(page.get_by_text("演示投标人A")).to_be_visible(timeout=PATIENCE_MS)
        await page.get_by_label("我应当回避，理由是").fill("近亲属在投标人A任职")
        await page.get_by_role("button", name="我要回避").click()
        await expect(page.get_by_text("您已声明回避").first).to_be_visible(timeout=PATIENCE_MS)
        host = await people.open("main", "/draws")
        await host.get_by_label("已入席的专家").select_option(leaving)
        await host.get_by_label("更换原因").select_option("recusal")
        await host.get_by_role("button", name="申请更换专家").click()
        await expect(host.locator("h1")).to_contain_text("演示市", timeout=PATIENCE_MS)
        await host.goto(f"{CASE_PATH}/draws")
        await expect(host.get_by_text("等待监督人员确认")).to_be_visible(timeout=PATIENCE_MS)
    async with at_work(site):
        assert evaluation.state.recused == {leaving}
        await confirm_replacement(evaluation)
        await evaluation.answer_calls()
        await evaluation.take_seat(await newcomer(evaluation))
        await opening.open_committee(evaluation.store, evaluation.process, CASE)
        new = next(member for member in evaluation.state.members.values() if member.id == "m6")
        await evaluation.store.act(lambda tx: sign_in(tx, site, ()))
    async with visited(site, tmp_path) as people:
        page = await people.open(new.seat, "/pledge")
        await expect(page.get_by_role("button", name="同意并遵守")).to_be_visible(timeout=PATIENCE_MS)
        await page.goto(f"{CASE_PATH}/me")
        await expect(page.get_by_text("评委6").first).to_be_visible(timeout=PATIENCE_MS)


async def test_scenario_18_a_dissent_and_a_bare_refusal_end_in_a_closed_case(tmp_path: Path) -> None:
    parts = (*BEFORE_THE_PLEDGE, "pledge_and_elect", "review", "score", "sum_up")
    site = await prepared(tmp_path, parts, (WITNESS, MAIN))
    evaluation = site.evaluation
    assert evaluation is not None
    async with at_work(site):
        await reporting.render(evaluation.store, CASE)
        for alias in ("评委1", "评委3", "评委5"):
            await answer(evaluation, alias, "signed")
        seats = {str(member.id): member.seat for member in evaluation.state.members.values()}
    inspection = Inspection()
    async with visited(site, tmp_path) as people:
        for member, outcome, opinion in (("m2", "dissent", "F 的工期含试运行，不应否决。"), ("m4", "refused", "")):
            at_seat = Member(await people.open(seats[member], "/me"), inspection, CASE_PATH)
            await at_seat.give_opinion(outcome, opinion)
            await at_seat.sign(PASSWORD)
        host = Host(await people.open("main", "/host"), inspection, CASE_PATH)
        await expect(host.page.get_by_role("button", name="结束评标并封存")).to_have_count(0)
        leader = Member(await people.open(seats["m3"], "/report"), inspection, CASE_PATH)
        await leader.press("说明其视为同意", "核对与签名")
        await leader.sees("评委4 拒绝在评标报告上签字")
        await leader.sign(PASSWORD)
        witness = Witness(await people.open("witness", "/watch"), inspection, CASE_PATH)
        await witness.countersign(WITNESS_PASSWORD)
        await host.close()
    async with at_work(site):
        assert evaluation.state.state is State.CLOSED
    assert not inspection.faults
