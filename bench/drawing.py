"""The lot over up to a million experts: in Python beside as many bare HMACs, and drawn again in a real Chromium."""

import asyncio
import sys
from pathlib import Path

from aiohttp import web

from bench.figures import say

ROOT = Path(__file__).parent.parent
LAUNCH = Path(__file__).parent / "launch" / "draw_million.py"
STATIC = ROOT / "web" / "static"
SIZES = (10_000, 100_000, 1_000_000)
BROWSER = ("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run")
BROWSER_SECONDS = 300
MS = 1000
PAGE = """<!doctype html><script type="module">
const bytes = async (path) => (await fetch(path)).arrayBuffer();
const spent = [];
for (let round = 0; round < 3; round += 1) {
  const files = { transcript: await bytes("/transcript"), pool: await bytes("/pool") };
  const worker = new Worker("/static/draw/worker.js", { type: "module" });
  let began = performance.now(), sorting = 0;
  spent.push(await new Promise((done, failed) => {
    worker.onerror = (event) => done({ failed: event.message });
    worker.onmessage = ({ data }) => {
      if (data.stage === "sorting") sorting ||= performance.now();
      if (data.report) done({ whole: performance.now() - began, sorting: performance.now() - sorting, ...data.report });
    };
    worker.postMessage(files, [files.transcript, files.pool]);
  }));
  worker.terminate();
}
await fetch("/done", { method: "POST", body: JSON.stringify(spent) });
</script>"""


async def measure(folder: Path) -> None:
    """Each size in a process of its own; the largest is then drawn again in the browser. Raises `RuntimeError`."""
    pool, transcript = folder / "pool.jsonl", folder / "transcript.json"
    for size in SIZES:
        files = (str(pool), str(transcript)) if size == SIZES[-1] else ()
        found = await _figures(size, *files)
        for part in ("floor", "draw", "weighted", "root"):
            say(f"draw.{part}_{size:.0e}_s".replace("e+0", "e"), found[part], "s")
        say(f"draw.over_floor_{size:.0e}".replace("e+0", "e"), found["draw"] / found["floor"], "ratio")
    say("draw.hmac_floor_s", found["floor"], "s")
    say("draw.million_s", found["draw"], "s")
    say("draw.million_weighted_s", found["weighted"], "s")
    say("draw.root_s", found["root"], "s")
    say("draw.real_s", found["real"], "s")
    say("draw.rss_mb", found["rss"], "MB")
    whole, sorting = await in_browser(folder, pool, transcript)
    say("draw.browser_replay_million_s", whole, "s")
    say("draw.browser_order_million_s", sorting, "s")


async def _figures(size: int, *files: str) -> dict[str, float]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(LAUNCH), str(size), *files, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, words = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the draw of {size} ended with {process.returncode}: {words.decode()[-1000:]}")
    return {key: float(value) for key, value in (line.split() for line in said.decode().splitlines())}


async def in_browser(folder: Path, pool: Path, transcript: Path) -> tuple[float, float]:
    """Best of three in a Worker: seconds from the files' bytes to the verdict, and of that the order and the walk."""
    told: asyncio.Future[list[dict[str, object]]] = asyncio.get_running_loop().create_future()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def done(request: web.Request) -> web.Response:
        told.set_result(await request.json())
        return web.Response()

    async def file(request: web.Request) -> web.FileResponse:
        return web.FileResponse({"/pool": pool, "/transcript": transcript}[request.path])

    app = web.Application()
    app.add_routes([web.get("/", page), web.post("/done", done), web.get("/pool", file), web.get("/transcript", file)])
    app.router.add_static("/static", STATIC)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    profile = f"--user-data-dir={folder / 'profile'}"
    browser = await asyncio.create_subprocess_exec(
        *BROWSER, profile, f"http://127.0.0.1:{port}/",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        rounds = await asyncio.wait_for(told, BROWSER_SECONDS)
    finally:
        browser.terminate()
        await browser.wait()
        await runner.cleanup()
    if not all(one.get("drawn") for one in rounds):
        raise RuntimeError(f"the browser did not draw again: {str(rounds)[:1000]}")
    whole, sorting = (min(float(str(one[part])) for one in rounds) / MS for part in ("whole", "sorting"))
    return whole, sorting
