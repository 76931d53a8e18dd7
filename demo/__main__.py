"""`./run demo`: a whole remote evaluation on the real server, played from outside by the people it is made for.

`--once` ends after the verdict; `--out DIR` keeps the sealed bag, the centre's trust files and the 核验意见书.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from demo import second_case, story_before, story_room, verdict
from demo.client import Refused
from demo.deployment import deployed
from demo.progress import Progress, fail, table
from demo.story_before import Stage

STAGES: tuple[tuple[str, Callable[[Stage], Awaitable[None]]], ...] = (
    ("申请与席位  application, seats held", story_before.apply),
    ("副场抽取  two sub venues drawn, hidden", story_before.draw_venues),
    ("专家抽取与通知  experts drawn by three organisations, called", story_before.draw_experts),
    ("开标与复筛  bids opened, drawn members screened again", story_before.open_bids),
    ("签到、入席、设备检测  check-in, seats, equipment", story_before.check_in),
    ("承诺、推选主任  pledges, leader elected in two rounds", story_room.pledge_and_elect),
    ("初步评审、澄清  preliminary review, one clarification, F rejected", story_room.review),
    ("详细评审  scoring; a cable out, a power cut, a meal", story_room.score),
    ("汇总复核  price scores, totals, self-check, candidates, report", story_room.sum_up),
    ("报告签署、见证  report signed, one dissent, witness's statement", story_room.sign_report),
)


async def play(stage: Stage) -> dict[str, object]:
    """The whole story; returns what the server says of the bag."""
    for words, act in STAGES:
        await act(stage)
        stage.progress.stage(words)
    bag = await story_room.close(stage)
    stage.progress.stage("封存与核验  closed, sealed, verified by a second process")
    return bag


async def run(out: Path | None, state: Path, *, once: bool) -> int:
    """Play, judge, and (without `once`) keep the server up. Returns the exit status."""
    progress = Progress(len(STAGES) + 2)
    async with deployed(state, "DEMO-2026-0001", progress) as made:
        progress.stage("服务启动，账号、场所、席位就绪  server up, accounts, venues, paired seats")
        bag = await play(made.stage)
        held = await verdict.judge(made.server, made.stage, bag, out)
        if not once:
            await keep_up(made.stage)
    return 0 if held else 1


async def keep_up(stage: Stage) -> None:
    """Leave the server up with the closed case and a second one in the middle of scoring, until Ctrl-C."""
    second = await second_case.prepare(stage, second_case.number_of_today())
    rows = [(name, f"{stage.cast.site.origin}/login", code) for name, code in stage.cast.passwords.items()]
    print(table(("role", "address", "code"), rows))
    print(f"\n{second.number}: {await second_case.hand_over(second)}\n", flush=True)
    print(f"开发根证书 development CA: {stage.root}    Ctrl-C 结束 ends the demo", flush=True)
    await second_case.play_along(second)
    await second_case.close_when_done(second)
    await asyncio.Event().wait()


def last_words(state: Path) -> str:
    """The end of the server's log, for whoever has to find out why."""
    log = state / "server" / "server.log"
    return "the server's last words:\n" + log.read_text("utf-8")[-3000:] if log.is_file() else "no server log"


def main() -> int:
    """Parse the command line and play."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the verdict")
    parser.add_argument("--out", type=Path, help="keep the bag and the trust files in this folder")
    arguments = parser.parse_args()
    state = Path(tempfile.mkdtemp(prefix="bid-demo-"))
    try:
        return asyncio.run(run(arguments.out, state, once=arguments.once))
    except KeyboardInterrupt:
        return 0
    except (ExceptionGroup, Refused, story_room.StoryBroken, TimeoutError, RuntimeError) as broken:
        fail(str(broken))
        for inner in getattr(broken, "exceptions", ()):
            fail(f"{type(inner).__name__}: {inner}")
        fail(last_words(state))
        return 1
    finally:
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
