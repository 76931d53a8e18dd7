"""The real server, which stops at a named point of a draw (`conduct.sealed_draw.stalls`) while a file there says so.

A file `arm-POINT` in the folder `STALLS` becomes `at-POINT` when the point is reached; the flow waits while it stands.
"""

import os
import sys
from pathlib import Path

import server
from conduct.sealed_draw import stalls
from tests.faults.siege import moment

FOLDER = Path(os.environ["STALLS"])
LOOK_EVERY_S = 0.02


async def reached(point: str) -> None:
    """Wait here if the test has armed this point; whoever comes first waits."""
    armed, here = FOLDER / f"arm-{point}", FOLDER / f"at-{point}"
    if armed.exists():
        armed.rename(here)
        while here.exists():
            await moment(LOOK_EVERY_S)


if __name__ == "__main__":
    stalls.reached = reached
    sys.exit(server.main())
