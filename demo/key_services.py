"""The three organisations' key services: the product of `./run keyservice`, each a process on a folder of its own."""

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
POLL_S = 0.2


def lay_out(under: Path, party: str, token: str, server: str, ca: Path, vkey: str) -> Path:
    """What the organisation was given, on its own disk; the folder."""
    folder = under / party
    folder.mkdir(parents=True, mode=0o700)
    (folder / "token").write_text(token, "utf-8")
    (folder / "log.vkey").write_text(vkey, "utf-8")
    (folder / "ca.pem").write_bytes(ca.read_bytes())
    lines = (f'party = "{party}"', f'server = "{server}"', 'ca_file = "ca.pem"', f"poll_s = {POLL_S}")
    (folder / "keyservice.toml").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


async def run(folder: Path) -> None:
    """Serve until cancelled."""
    with (folder / "service.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "keyservice", str(folder), cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, stderr=log
        )
    try:
        await process.wait()
        raise RuntimeError((folder / "service.log").read_text("utf-8")[-1000:])
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
