"""Browser code and style, read once at start and served from memory: no path of a request touches the disk.

The address holds a digest of all of it, so that a browser keeps a file for good and never mixes two versions.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent / "static"
TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes and media type."""

    body: bytes
    media_type: str


@cache
def packed(asset: Asset) -> bytes:
    """The file as gzip, made when it is first asked for: a third of it to send to a venue at the end of a thin line."""
    return gzip.compress(asset.body, mtime=0)


@dataclass(frozen=True, slots=True)
class Assets:
    """All files by their path below `web/static`, and the digest that stands in their address."""

    build: str
    files: dict[str, Asset]

    def address(self, path: str) -> str:
        """The address of a file. Raises `KeyError` for one that is not there: a page must not name it."""
        if path not in self.files:
            raise KeyError(path)
        return f"/static/{self.build}/{path}"


@cache
def assets() -> Assets:
    """Read everything below `web/static`."""
    running = hashlib.sha256()
    files = {}
    for path in sorted(ROOT.rglob("*")):
        if path.is_file():
            name = path.relative_to(ROOT).as_posix()
            body = path.read_bytes()
            running.update(f"{name}\0{hashlib.sha256(body).hexdigest()}\n".encode())
            kind = TYPES.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
            files[name] = Asset(body, kind)
    return Assets(running.hexdigest()[:16], files)
