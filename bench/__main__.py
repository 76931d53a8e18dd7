"""`./run bench demo` takes every figure of bench/README.md; `once`, `receipts`, `pages` or `verify` only its part."""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import once, pages, pool, receipts, verifying

Part = Callable[[Path], Awaitable[None]]
PARTS: dict[str, Part] = {
    "once": once.measure,
    "receipts": receipts.measure,
    "pages": pages.measure,
    "verify": verifying.measure,
    "pool": pool.measure,
}


async def run(names: list[str]) -> None:
    """Each part in a folder of its own, one after the other: nothing is measured beside something else."""
    for name in names:
        with tempfile.TemporaryDirectory(prefix=f"bid-bench-{name}-") as folder:
            await PARTS[name](Path(folder))


def main(arguments: list[str]) -> int:
    """Parse the name and measure; 2 for an unusable call."""
    name = arguments[0] if len(arguments) == 1 else ""
    if name != "demo" and name not in PARTS:
        print(f"usage: ./run bench demo | {' | '.join(PARTS)}", file=sys.stderr)
        return 2
    asyncio.run(run(list(PARTS) if name == "demo" else [name]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
