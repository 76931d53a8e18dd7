"""No page or element breaks a rule of WCAG 2.2 A or AA that axe can see, in any size of letters."""

import json
import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.axe import violations
from tests.browser.seat import CASE_PATH, Seats
from tests.services.evaluation import CASE

ALARM = json.dumps({"t": "alarm", "code": "disk-slow", "seat": "V9-09", "track": "camera"})


@pytest.mark.parametrize("path", ["/room", "/device"])
async def test_pages_of_the_room(seats: Seats, path: str) -> None:
    page = await seats.open(seats.labels[0], path)
    await page.wait_for_selector("seat-video, device-check li")
    for size in ("normal", "largest"):
        await page.evaluate("size => (document.documentElement.dataset.size = size)", size)
        assert not await violations(page)


async def test_a_document_and_a_replay(seats: Seats) -> None:
    source = f"{CASE_PATH}/documents/{seats.site.tender}"
    document = await seats.mount(seats.labels[0], "pdf-page", src=source)
    await document.wait_for_function("() => told.page")
    assert not await violations(document)
    replayed = await seats.mount("witness", "replay-seat", case=CASE)
    await replayed.wait_for_selector("replay-seat > *")
    assert not await violations(replayed)


async def test_an_alarm_of_the_recorder(seats: Seats) -> None:
    context = await seats.context("witness")

    def join(line: WebSocketRoute) -> None:
        def told(said: str | bytes) -> None:
            line.send(said)
            if json.loads(said)["t"] == "state":
                line.send(ALARM)

        line.connect_to_server().on_message(told)

    await context.route_web_socket(re.compile(r"/ws$"), join)
    page = await seats.opened(context, "witness", "/watch")
    await expect(page.locator("case-alarms li", has_text="V9-09")).to_be_visible()  # others may stand there
    assert not await violations(page)
