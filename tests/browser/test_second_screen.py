"""A second screen beside a seat, in a browser session of its own: paired by its code, it shows what is to be signed."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, async_playwright, expect

from conduct import authorising, pledging, scoring
from conduct.ports import Actor, Json, Tx
from demo import case_example_a as example
from evaluation.case import BidId, CaseId
from identity.roles import Role
from identity.sessions import Holder
from signing.canonical import canonical, short_code
from tests.browser.axe import violations
from tests.browser.conftest import LOOP
from tests.browser.launch import launched
from tests.browser.seat import CASE_PATH, Seats
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, at_work, prepared, serving
from tests.services.evaluation import CASE, PASSWORD, Evaluation

pytestmark = [pytest.mark.asyncio(loop_scope=LOOP), pytest.mark.pages]
# Two pages ask every second, and a dialog is open while they do: on a machine that is busy a change takes its time.
PATIENT = 30_000
TO_SCORING = (*BEFORE_THE_PLEDGE, "pledge_and_elect", "review")
DESKS = tuple(Holder(Role.CHECKIN, f"desk-{venue}", venue) for venue in ("V1", "V2", "V3", "V4", "V5"))
REPORT = "0f" * 32
DRAWN = {
    "pledge": ["承诺书正文", "第二段", "投标人"],
    "prelim": ["不合格", "没有对招标文件", "工期超出招标文件要求", "第 87 页"],
    "report": ["签署，并写明不同意见", "第三项理由不充分。", short_code(bytes.fromhex(REPORT))],
    "note": ["评分代替说明正文"],
}
FIGURE: Json = {"by": {"role": "member", "who": "m1"}, "member": "m4", "text": "说明正文"}
OF_WHOM = "评委4 m4"
WITH_IDS: Mapping[str, tuple[Json, list[str]]] = {
    "vote.signed": (
        {"member": "m1", "alias": "评委1", "motion": "motion-7", "choice": "yes", "reason": "说明正文"},
        ["理由是否充分 motion-7", "赞成（yes）", "说明正文"],
    ),
    "consent.stated": (FIGURE | {"report": REPORT}, [OF_WHOM, short_code(bytes.fromhex(REPORT)), "说明正文"]),
    "score.replaced": (
        FIGURE | {"bid": "A", "group": "T", "motion": "motion-7"},
        [OF_WHOM, "投标人甲 A", "技术部分 T", "理由是否充分 motion-7", "说明正文"],
    ),
}
FINDING = {"pass": False, "ground": "not_responsive", "reason": "工期超出招标文件要求", "page": 87}


@pytest_asyncio.fixture(scope="module", loop_scope=LOOP)
async def seats(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Seats]:
    """A committee that has scored; every member's sheets wait for the signing password."""
    folder: Path = tmp_path_factory.mktemp("screens")
    site = await prepared(folder, TO_SCORING, (WITNESS, *DESKS))
    async with at_work(site) as evaluation:
        for alias in example.MEMBERS:
            await ready(evaluation, alias)
    async with serving(site), async_playwright() as playwright:
        browser = await launched(playwright.chromium, site.key_digest)
        made = Seats(site, browser, folder)
        expect.set_options(timeout=PATIENT)
        yield made
        expect.set_options(timeout=None)
        await made.close()
        await browser.close()
        assert not site.complaints()


async def ready(evaluation: Evaluation, alias: str) -> None:
    """The member's sheets are filled in and prepared; so is one statement of every other kind that members sign."""
    actor = evaluation.member(alias)

    def fill(tx: Tx) -> None:
        state = tx.case(CASE)
        for bid in state.valid_bids:
            for item, typed in example.scores_of(alias, bid).items():
                scoring.save(tx, CASE, actor, scoring.Cell(BidId(bid), item, "score"), typed, 0)
        sheets = [("sheet.signed", body) for body in scoring.bodies(tx, CASE, actor)]
        authorising.prepare(tx, CASE, actor.who, "score-sheet", sheets)
        for purpose, kind, body in others(tx, actor):
            authorising.prepare(tx, CASE, actor.who, purpose, [(kind, body)])

    await evaluation.store.act(fill)


def others(tx: Tx, actor: Actor) -> list[tuple[str, str, Json]]:
    of = {"member": actor.who, "alias": "评委1"}
    clauses = [row["id"] for row in example.CRITERIA["clauses"]]
    findings = {bid: {clause: {"pass": True} for clause in clauses} for bid in tx.case(CaseId(CASE)).bids}
    findings["A"] = {**findings["A"], clauses[0]: FINDING}  # type: ignore[dict-item,index]
    return [
        ("pledge", "pledge.signed", pledging.body(tx, CASE, actor, "承诺书正文\n\n第二段")),
        ("prelim", "prelim.signed", {**of, "findings": findings}),
        ("report", "report.signed", {**of, "outcome": "dissent", "report": REPORT, "opinion": "第三项理由不充分。"}),
        (
            "note",
            "score.replaced",
            FIGURE | {"bid": "A", "group": "T", "motion": "motion-7", "text": "评分代替说明正文"},
        ),
    ]


async def paired(seats: Seats, seat: str) -> tuple[Page, Page]:
    """The seat's page and its second screen, just paired; whoever tampers with their answers fetches them first."""
    screen, page = await within_reach(seats, {}), await within_reach(seats, seats.site.cookies[seat])
    await screen.goto("/screen")
    await expect(screen.get_by_role("heading", name="第二屏配对码")).to_be_visible()
    desk = await at_the_desk(seats, seat)
    await pair(desk, seat, await screen.locator(".check-code").inner_text())
    await expect(screen.get_by_role("heading", name=f"席位 {seat} 的第二屏")).to_be_visible()
    assert await violations(desk) == []
    await desk.context.close()
    return page, screen


async def at_the_desk(seats: Seats, seat: str) -> Page:
    """The desk of the venue where this seat is."""
    page = await within_reach(seats, seats.site.cookies[f"desk-{seat.partition('-')[0]}"])
    await page.goto(f"{CASE_PATH}/desk")
    return page


async def within_reach(seats: Seats, cookies: Mapping[str, str]) -> Page:
    """A page in a session of its own; answers that a test changes on their way are fetched outside of the browser."""
    address = seats.site.origin
    made = await seats.browser.new_context(base_url=address, ignore_https_errors=True)
    for name, value in cookies.items():
        await made.add_cookies([{"name": name, "value": value, "url": address, "secure": True, "httpOnly": True}])
    return await made.new_page()


async def pair(desk: Page, seat: str, code: str) -> None:
    await desk.get_by_label("第二屏配对码").fill(code)
    await desk.locator("#screen-seat").select_option(seat)
    await desk.get_by_role("button", name="与第二屏配对").click()


async def read_back(page: Page, purpose: str = "score-sheet") -> None:
    """The seat reads back what it has prepared."""
    await page.goto(f"{CASE_PATH}/sign/{purpose}")
    await expect(page.locator("own-code[computed]")).to_be_visible()


async def code_on(page: Page) -> str:
    return (await page.locator(".check-code").inner_text()).strip()


async def test_a_paired_screen_shows_what_its_seat_signs_with_the_same_code_and_rests_afterwards(seats: Seats) -> None:
    page, screen = await paired(seats, seats.labels[0])
    assert await violations(screen) == []
    await screen.reload()
    await expect(screen.get_by_role("heading", name="的第二屏")).to_be_visible()  # paired for good
    await read_back(page)
    await expect(screen.get_by_role("heading", name="将要签名的内容")).to_be_visible()
    await expect(page.locator("own-code[screen=shown]")).to_be_visible()
    assert await code_on(page) == await code_on(screen)
    assert await figures(screen) == await figures(page)
    assert await violations(screen) == []
    await page.get_by_label("签名密码").fill(PASSWORD)
    await page.get_by_role("button", name="核对无误，签名").click()
    await page.wait_for_url("**/receipts")
    await expect(screen.get_by_role("heading", name="的第二屏")).to_be_visible()


async def figures(page: Page) -> list[str]:
    """The scores of a table of sheets, item by item, bids across; the seat's page has the item's limits besides."""
    rows = page.locator("main tbody tr:not(.sum)")
    texts: list[list[str]] = [await row.locator("td").all_inner_texts() for row in await rows.all()]
    return [text for cells in texts for text in cells if "–" not in text]


async def test_whatever_a_member_signs_is_drawn(seats: Seats) -> None:
    page, screen = await paired(seats, seats.labels[1])
    for purpose, words in DRAWN.items():
        await read_back(page, purpose)
        for word in words:
            await expect(screen.locator("main")).to_contain_text(word)
        await expect(page.locator("own-code[screen=shown]")).to_be_visible()
        assert await code_on(page) == await code_on(screen)
        assert await violations(screen) == []


async def test_content_that_took_the_place_of_other_content_is_marked_on_the_screen(seats: Seats) -> None:
    page, screen = await paired(seats, seats.labels[0])
    await read_back(page, "note")
    await expect(page.locator("own-code[screen=shown]")).to_be_visible()
    await expect(screen.locator(".changed")).to_have_count(0)
    await read_back(page, "report")
    await expect(page.locator("own-code[screen=shown]")).to_be_visible()
    await expect(screen.get_by_role("alert").filter(has_text="内容已更换")).to_be_visible()
    assert await violations(screen) == []


async def test_a_screen_that_is_given_another_text_shows_another_code_and_the_seat_says_so(seats: Seats) -> None:
    page, screen = await paired(seats, seats.labels[2])

    async def tamper(route: Route) -> None:
        answer = await route.fetch()
        told = await answer.json()
        told["statements"] = [text.replace("评委", "评审") for text in told.get("statements", [])]
        await route.fulfill(response=answer, body=json.dumps(told))

    await screen.route("**/screen/now", tamper)
    await read_back(page)
    await expect(page.locator("own-code[screen=differs]")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text("请不要签名")
    assert await code_on(page) != await code_on(screen)
    await screen.unroute("**/screen/now")
    await expect(page.locator("own-code[screen=shown]")).to_be_visible()
    assert await code_on(page) == await code_on(screen)
    await expect(page.locator("#alert")).to_be_empty()


async def test_a_seat_that_is_given_another_text_shows_another_code_and_says_so(seats: Seats) -> None:
    page, screen = await paired(seats, seats.labels[3])

    async def tamper(route: Route) -> None:
        answer = await route.fetch()
        before, mark, after = (await answer.text()).partition('id="statements">')
        await route.fulfill(response=answer, body=before + mark + after.replace("sheet.signed", "sheet.changed", 1))

    await page.route("**/sign/score-sheet", tamper)
    await read_back(page)
    await expect(page.get_by_role("alert")).to_contain_text("本页自己算出的校验码与系统给出的不同")
    await expect(screen.get_by_role("heading", name="将要签名的内容")).to_be_visible()
    assert await code_on(page) != await code_on(screen)


async def test_a_wrong_code_is_refused_in_words_and_a_parted_screen_shows_its_code_again(seats: Seats) -> None:
    seat = seats.labels[4]
    _page, screen = await paired(seats, seat)
    desk = await at_the_desk(seats, seat)
    await pair(desk, seat, "000-000")
    await expect(desk.get_by_text("没有第二屏显示这个配对码").first).to_be_visible()
    await desk.get_by_role("button", name=f"解除 {seat} 的第二屏").click()
    await expect(screen.get_by_role("heading", name="第二屏配对码")).to_be_visible()


async def test_each_id_that_is_signed_stands_on_the_screen_with_its_name(seats: Seats) -> None:
    screen = await within_reach(seats, {})
    told: dict[str, Any] = {"state": "sheet", "seat": "V1-01", "seconds": None, "batch": ""}
    told["words"] = {"grounds": {}, "outcomes": {}, "choices": {"yes": "赞成"}}
    told["beside"] = {
        "bids": {"A": "投标人甲"},
        "texts": {},
        "motions": {"motion-7": "理由是否充分"},
        "members": {"m4": "评委4"},
        "criteria": {"groups": [{"id": "T", "name": "技术部分", "items": []}]},
    }

    async def tell(route: Route) -> None:
        await route.fulfill(json=told)

    await screen.route("**/screen/now", tell)
    await screen.goto("/screen")
    for kind, (body, words) in WITH_IDS.items():
        told["batch"], told["statements"] = kind, [canonical({"kind": kind, "body": body}).decode()]
        papers = screen.locator(".paper")
        await expect(screen.locator("pre")).to_contain_text(kind)
        for word in words:
            await expect(papers).to_contain_text(word)


async def test_a_screen_at_whose_browser_somebody_signs_in_says_why_it_shows_nothing(seats: Seats) -> None:
    seat = seats.labels[4]
    _page, screen = await paired(seats, seat)
    address = seats.site.origin
    for name, value in seats.site.cookies["witness"].items():
        await screen.context.add_cookies([{"name": name, "value": value, "url": address, "secure": True}])
    await expect(screen.locator("main")).to_contain_text("不能兼作第二屏。 请在席位旁的另一台电脑上打开")


async def test_a_screen_that_loses_the_server_hides_what_it_showed(seats: Seats) -> None:
    page, screen = await paired(seats, seats.labels[4])
    await read_back(page)
    await expect(screen.locator("table")).to_be_visible()
    await screen.context.set_offline(True)
    await expect(screen.locator("table")).to_have_count(0)
    await expect(screen.locator("main")).to_contain_text("这时请不要签名")
    await expect(page.locator("own-code[screen=away]")).to_be_visible()
    await screen.context.set_offline(False)
    await expect(page.locator("own-code[screen=shown]")).to_be_visible()
