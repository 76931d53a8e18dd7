"""A second case, government procurement, in the middle of scoring: the visitor sits down as 评委3, who leads.

Four members have signed. The others' people go on by themselves: they answer what the self-check asks them, and sign
the report once it stands.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from demo import case_example_b as example
from demo import packages, story_before, story_room
from demo.client import Refused
from demo.progress import table
from demo.story_before import PASSWORDS, Stage

VISITOR = 3
OTHERS = tuple(number for number in PASSWORDS if number != VISITOR)
WATCH_S = 1.0
KEPT = "经复核，评分依据充分，维持原评分。"


async def prepare(first: Stage, number: str) -> Stage:
    """Play a new case up to the visitor's scores."""
    stage = replace(
        first, number=number, members={}, seats={}, cameras=None, calls_before=len(first.provider.calls),
        example=example, bidders=packages.make_bidders(example),
    )  # fmt: skip
    for act in (
        story_before.apply, story_before.draw_venues, story_before.draw_experts, story_before.open_bids,
        story_before.check_in, story_room.pledge_and_elect, review,
    ):  # fmt: skip
        await act(stage)
    await asyncio.gather(*(story_room.fill_and_sign(stage, other) for other in OTHERS))
    return stage


async def review(stage: Stage) -> None:
    """符合性审查: every bid conforms."""
    await story_room.find(stage)
    await story_room.leader(stage).post(f"{stage.case}/prelim/close")


async def hand_over(stage: Stage) -> str:
    """Give the visitor 评委3's seat: addresses, codes, the scores to type, and what to press until the report."""
    seat = stage.seats[f"m{VISITOR}"]
    venue = seat.split("-")[0]
    pairing = await stage.cast["system"].post(f"/admin/venues/{venue}/pairings", seat=seat)
    slip = await stage.cast.desk(venue).post(f"{stage.case}/desk/reprint", member=f"m{VISITOR}")
    origin = stage.cast.site.origin
    codes = (
        ("1 配对座位 pair this browser", f"{origin}/seat/pair", pairing["code"]),
        ("2 席位码 seat code", f"{origin}/seat", slip["code"]),
        ("3 签名密码 signing password", "", PASSWORDS[VISITOR]),
    )
    steps = (
        ("4 打分 score", "键入下表，提交并核对，签名", "type the table, submit, read back, sign"),
        ("5 组长操作 lead", "结束详细评审；推荐中标候选人", "close the scoring; name the candidates"),
        ("6 报告签署 report", "阅读评标报告，核对并签署", "read the report, sign it"),
    )
    return "\n\n".join(
        (table(("评委3", "address", "code"), codes), table(("then", "请按", "press"), steps), _card(), _result())
    )


def _card() -> str:
    scores = {bid: example.scores_of(f"评委{VISITOR}", bid) for bid in example.BIDDERS}
    items = [item for group in example.CRITERIA["groups"] for item in group["items"]]
    rows = [(item["id"], item["name"], *(scores[bid][item["id"]] for bid in scores)) for item in items]
    return table(("item", "评审因素", *scores), rows)


def _result() -> str:
    rows = [(str(row["rank"]), bid, str(row["total"])) for bid, row in example.EXPECTED.items()]
    return table(("rank", "bid", "report will say"), rows)


async def play_along(stage: Stage) -> None:
    """What the other people do while the visitor leads; returns when they have signed the report."""
    signed: set[int] = set()
    while len(signed) < len(OTHERS):
        state = (await stage.cast["agent"].get(stage.case))["state"]
        if state == "recheck":
            for other in OTHERS:
                await _answer(stage, other)
        if state == "report_signing":
            for other in sorted(set(OTHERS) - signed):
                await story_room.sign(stage, other, "report", outcome="signed", opinion="")
                signed.add(other)
        await asyncio.sleep(WATCH_S)


async def _answer(stage: Stage, number: int) -> None:
    """Keep whatever the self-check shows this member: the visitor may have typed something else."""
    member = stage.member(number)
    shown: list[dict[str, Any]] = (await member.get(f"{stage.case}/me"))["flags"]
    for flag in shown:
        if not flag["decision"]:
            await member.post(f"{stage.case}/selfcheck", bid=flag["bid"], choice="kept", reason=KEPT)


async def close_when_done(stage: Stage) -> None:
    """The main venue closes once the visitor has signed too; the seats go home."""
    while True:
        try:
            await stage.cast["main"].post(f"{stage.case}/close")
        except Refused as refused:
            if refused.code not in {"report.unsigned", "case.out_of_order", "case.paused"}:
                raise
            await asyncio.sleep(WATCH_S)
        else:
            break
    if stage.cameras is not None:
        await stage.cameras.close()


def number_of_today() -> str:
    """A number for the second case."""
    return f"DEMO-{datetime.now(UTC):%Y}-0002"
