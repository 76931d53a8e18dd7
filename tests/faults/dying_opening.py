"""Opens a case and dies by SIGKILL around the statement that names its rules: before it is made, or before it is kept.

`python -m tests.faults.dying_opening FOLDER before|after`
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conduct.ports import Recorded
from storage.transaction import Transaction
from tests.browser.site import Site, at_work


def dies(moment: str) -> None:
    """Have the process die at this moment of `case.created`."""
    record = Transaction.record

    def dying(tx: Transaction, log: str, kind: str, body: Mapping[str, Any]) -> Recorded:
        if kind == "case.created" and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        made = record(tx, log, kind, body)
        if kind == "case.created":
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    Transaction.record = dying  # type: ignore[assignment, method-assign]


async def run(folder: Path, moment: str) -> None:
    """Everything up to there as in any deployment."""
    async with at_work(Site(folder, 0, 0)) as evaluation:
        await evaluation.prepare_deployment()
        dies(moment)
        await evaluation.apply()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sys.argv[2]))
