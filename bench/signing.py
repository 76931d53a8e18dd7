"""What a signature costs: keys beside `openssl speed`, the path of a score, the log, a report, 200 passwords at once.

Programs inside (`launch/sign_paths.py`, `sign_report.py`) take our half; peer and floors are taken before and after.
"""

import asyncio
import json
import re
import sys
from pathlib import Path

from bench.figures import say

ROOT = Path(__file__).parent.parent
LAUNCH = Path(__file__).parent / "launch"
SECONDS = 3
PEERS = {
    "ecdsap256": ("p256", r"256 bits ecdsa \(nistp256\)"),
    "sm2": ("sm2", r"256 bits SM2 \(CurveSM2\)"),
}
"""What `openssl speed` is asked for: our name of it, and its row."""
UNITS = {"_ms": "ms", "_us": "us", "_s": "s", "_per_s": "/s", "_ratio": "ratio", "_floor": "ratio"}


async def measure(folder: Path) -> None:
    """The peer in halves around ours; the better half counts."""
    before = await _speed()
    ours = json.loads(await _out(sys.executable, str(LAUNCH / "sign_paths.py"), str(folder)))
    ours |= json.loads(await _out(sys.executable, str(LAUNCH / "sign_report.py")))
    after = await _speed()
    for name in before:
        peer, own = max(before[name], after[name]), ours.pop(f"{name}_per_s")
        say(f"sign.{name}_per_s", own, "/s")
        say(f"sign.openssl_{name}_per_s", peer, "/s")
        say(f"sign.{name}_ratio", own / peer, "ratio")
    for key, value in ours.items():
        say(f"sign.{key}", value, _unit(key))


def _unit(key: str) -> str:
    return max(((end, unit) for end, unit in UNITS.items() if key.endswith(end)), key=lambda one: len(one[0]))[1]


async def _speed() -> dict[str, float]:
    """Signatures and verifications a second of processor time, by `openssl speed`."""
    said = await _out("openssl", "speed", "-seconds", str(SECONDS), *PEERS)
    figures: dict[str, float] = {}
    for algorithm, row in PEERS.values():
        found = re.search(rf"{row}\s+\S+\s+\S+\s+([0-9.]+)\s+([0-9.]+)", said)
        if found is None:
            raise RuntimeError(f"openssl speed said something else: {said[-500:]}")
        figures |= {f"{algorithm}_sign": float(found[1]), f"{algorithm}_verify": float(found[2])}
    return figures


async def _out(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, words = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {words.decode()[-1000:]}")
    return said.decode()
