"""`./run bench demo`, `draw` and `evaluation` take the figures of bench/README.md, the name of a part only its own."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import committees, drawing, evaluation, media, once, pages, pool, receipts, signing, verifying

Part = Callable[[Path], Awaitable[None]]
PARTS: dict[str, Part] = {
    "once": once.measure,
    "receipts": receipts.measure,
    "pages": pages.measure,
    "verify": verifying.measure,
    "lot": drawing.measure,
    "pool": pool.measure,
    "tally": evaluation.tally,
    "committees": committees.measure,
    "sign": signing.measure,
    "media": media.measure,
    "media-quick": media.measure_quickly,
}
TOGETHER = {
    "demo": ["once", "receipts", "pages", "verify"],
    "draw": ["lot", "pool"],
    "evaluation": ["tally", "committees"],
}


async def run(names: list[str]) -> None:
    """Each part in a folder of its own, one after the other: nothing is measured beside something else."""
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"bid-bench-{name}-") as folder:
            await PARTS[name](Path(folder))


def main(arguments: list[str]) -> int:
    """Parse the name and measure; 2 for an unusable call."""
    name = arguments[0] if len(arguments) == 1 else ""
    if name not in TOGETHER and name not in PARTS:
        print(f"usage: ./run bench {' | '.join((*TOGETHER, *PARTS))}", file=sys.stderr)
        return 2
    asyncio.run(run(TOGETHER.get(name, [name])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
