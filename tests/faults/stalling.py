"""How a test stops a program at a named point (`conduct.stalls`): by files in the folder `STALLS`.

A file `arm-POINT` becomes `at-POINT` when the point is reached; whoever is there waits while it stands.
"""

import os
from pathlib import Path

FOLDER = Path(os.environ["STALLS"])
LOOK_EVERY_S = 0.02


def arrived(point: str) -> Path:
    """The file that stands for as long as whoever is at this point waits; there is none where nothing is armed."""
    armed, here = FOLDER / f"arm-{point}", FOLDER / f"at-{point}"
    if armed.exists():
        armed.rename(here)
    return here
