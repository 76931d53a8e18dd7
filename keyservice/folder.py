"""The folder of one party's service: its settings, and the secrets of each attempt in a file of their own.

A secret is on the disk (0600, flushed) before its commitment is sent, so a restart at any moment loses none.
"""

import json
import os
import secrets as chance
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from keyservice.chain import Secrets
from keyservice.receipts import LogKey

SETTINGS = "keyservice.toml"
SECRET_BYTES = 32


class BadFolder(Exception):
    """A setting is missing or unreadable; the message names it."""

    code = "party.bad_folder"


@dataclass(frozen=True, slots=True)
class Settings:
    """`party`: its id. `server`: `https://host[:port]`. `token`: the access token. `log_key`: the centre's log key.

    `ca`: PEM of the server's root where the system does not know it, else None. `poll_s`: how often to ask.
    """

    party: str
    server: str
    token: str = field(repr=False)
    log_key: LogKey
    ca: Path | None
    poll_s: float


class Folder:
    """Settings and secrets on this machine's disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._chains = path / "chains"
        self._chains.mkdir(mode=0o700, exist_ok=True)

    def settings(self) -> Settings:
        """Read `keyservice.toml` and the files that it names. Raises `BadFolder`."""
        try:
            given = tomllib.loads((self._path / SETTINGS).read_text("utf-8"))
            return Settings(
                party=str(given["party"]),
                server=str(given["server"]).rstrip("/"),
                token=(self._path / given.get("token_file", "token")).read_text("utf-8").strip(),
                log_key=LogKey.read((self._path / given.get("log_key_file", "log.vkey")).read_text("utf-8")),
                ca=self._path / given["ca_file"] if "ca_file" in given else None,
                poll_s=float(given.get("poll_s", 1.0)),
            )
        except (OSError, KeyError, ValueError) as broken:
            raise BadFolder(f"{self._path / SETTINGS}: {broken}") from broken

    def secrets(self, case: str, draw: str, attempt: int) -> Secrets | None:
        """The secrets of an attempt, None before its commitment."""
        file = self._file(case, draw, attempt)
        if not file.is_file():
            return None
        row = json.loads(file.read_text("ascii"))
        return Secrets(bytes.fromhex(row["secret"]), bytes.fromhex(row["share_secret"]), row["context"])

    def new_secrets(self, case: str, draw: str, attempt: int) -> Secrets:
        """Make and keep the secrets of an attempt; those that are kept already stay."""
        made = Secrets(chance.token_bytes(SECRET_BYTES), chance.token_bytes(SECRET_BYTES))
        known = self.secrets(case, draw, attempt)
        if known is None:
            self.keep(case, draw, attempt, made)
        return known or made

    def keep(self, case: str, draw: str, attempt: int, secrets: Secrets) -> None:
        """Write an attempt's secrets whole or not at all."""
        file = self._file(case, draw, attempt)
        row = {"secret": secrets.secret.hex(), "share_secret": secrets.share_secret.hex(), "context": secrets.context}
        fresh = file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
            json.dump(row, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
        folder = os.open(self._chains, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def _file(self, case: str, draw: str, attempt: int) -> Path:
        return self._chains / f"{quote(case, safe='')}.{quote(draw, safe='')}.{attempt:d}.json"
