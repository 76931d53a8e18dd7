"""The import of a pool of 100,000 experts in processor seconds, as CSV and as workbook, beside a floor.

Processor time, because it is what an import takes from the evaluations that run beside it (`launch/pool_import.py`).
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from bench.figures import say

LAUNCH = Path(__file__).parent / "launch" / "pool_import.py"
ROWS = 100_000


async def measure(folder: Path) -> None:
    """One process, one import after the other."""
    here = {**os.environ, "PYTHONPATH": str(LAUNCH.parents[2])}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(LAUNCH), str(folder), str(ROWS), stdout=asyncio.subprocess.PIPE, env=here
    )
    told, _ = await process.communicate()
    figures = json.loads(told)
    say("draw.import_100k_s", figures["import"], "s")
    say("draw.import_again_100k_s", figures["again"], "s")
    say("draw.import_100k_over_floor", figures["import"] / figures["floor"], "ratio")
    say("pool.csv_100k_s", figures["csv_read"], "s")
    say("pool.xlsx_100k_s", figures["workbook_read"], "s")
    say("pool.screen_100k_s", figures["screen"], "s")
    say("pool.screened_eligible", figures["eligible"], "experts")
