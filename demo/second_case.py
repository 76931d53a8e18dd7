"""A second case in the middle of scoring: four members have signed, the visitor sits down as 评委3, who leads.

The others' people go on by themselves: 评委5 answers its flag, everybody signs the report once it stands.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from demo import case_example_a as example
from demo import story_before, story_room
from demo.client import Refused
from demo.progress import table
from demo.story_before import PASSWORDS, Stage, until

VISITOR = 3
OTHERS = tuple(number for number in PASSWORDS if number != VISITOR)
WATCH_S = 1.0


async def prepare(first: Stage, number: str) -> Stage:
    """Play a new case up to the visitor's scores."""
    stage = replace(first, number=number, members={}, seats={}, cameras=None, calls_before=len(first.provider.calls))
    for act in (
        story_before.apply, story_before.draw_venues, story_before.draw_experts, story_before.open_bids,
        story_before.check_in, story_room.pledge_and_elect, story_room.review,
    ):  # fmt: skip
        await act(stage)
    await asyncio.gather(*(story_room.fill_and_sign(stage, other) for other in OTHERS))
    return stage


async def hand_over(stage: Stage) -> str:
    """Give the visitor 评委3's seat: a pairing code for the browser, a 席位码, the 签名密码, and the scores to type."""
    seat = stage.seats[f"m{VISITOR}"]
    venue = seat.split("-")[0]
    pairing = await stage.cast["system"].post(f"/admin/venues/{venue}/pairings", seat=seat)
    slip = await stage.cast.desk(venue).post(f"{stage.case}/desk/reprint", member=f"m{VISITOR}")
    origin = stage.cast.site.origin
    steps = (
        ("1 配对座位 pair this browser", f"{origin}/seat/pair", pairing["code"]),
        ("2 席位码 seat code", f"{origin}/seat", slip["code"]),
        ("3 签名密码 signing password", "", PASSWORDS[VISITOR]),
    )
    items = [item["id"] for group in example.CRITERIA["groups"] for item in group["items"]]
    bids = [bid for bid in example.BIDDERS if bid in example.EXPECTED]
    scores = {bid: example.scores_of(f"评委{VISITOR}", bid) for bid in bids}
    card = [(item, *(scores[bid][item] for bid in bids)) for item in items]
    return f"{table(('评委3', 'address', 'code'), steps)}\n\n{table(('item', *bids), card)}"


async def play_along(stage: Stage) -> None:
    """What the other people do while the visitor leads; returns when the report is signed by all."""
    five = stage.member(5)
    signed: set[int] = set()
    while len(signed) < len(OTHERS):
        state = (await stage.cast["agent"].get(stage.case))["state"]
        if state == "recheck":
            for flag in (await five.get(f"{stage.case}/me"))["flags"]:
                if not flag["decision"]:
                    body = {"bid": flag["bid"], "choice": "kept", "reason": example.DEVIATION["reason"]}
                    await five.post(f"{stage.case}/selfcheck", **body)
        if state == "report_signing":
            for other in OTHERS:
                if other not in signed:
                    await story_room.sign(stage, other, "report", outcome="signed", opinion="")
                    signed.add(other)
        await asyncio.sleep(WATCH_S)
    await until(stage.cast["agent"], stage.case, "state", {"report_signing", "closed"})


async def close_when_done(stage: Stage) -> None:
    """The main venue closes once the visitor has signed too."""
    while True:
        try:
            await stage.cast["main"].post(f"{stage.case}/close")
        except Refused as refused:
            if refused.code not in {"report.unsigned", "case.out_of_order", "case.paused"}:
                raise
            await asyncio.sleep(WATCH_S)
        else:
            return


def number_of_today() -> str:
    """A number for the second case."""
    return f"DEMO-{datetime.now(UTC):%Y}-0002"
