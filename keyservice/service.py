"""The loop: ask what is due, do it, wait. What it refuses it writes down once; a server that is away is asked again."""

import http.client
import json
import logging
import ssl
import time
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidTag

from keyservice import chain, receipts
from keyservice.folder import Folder, Settings
from keyservice.receipts import Shown
from keyservice.refusals import PartyRefused, SecretLost

TIMEOUT_S = 30.0
AGAIN_S = 2.0
# The server is at another point by now; the next look says at which.
PASSING = frozenset(
    {
        "draw.already_committed",
        "draw.not_open",
        "draw.key_gone",
        "draw.host_first",
        "draw.process_away",
        "draw.too_busy",
    }
)
Row = dict[str, Any]

log = logging.getLogger("keyservice")


class ServerRefused(Exception):
    """The server refused a call. `code` is its own."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Line:
    """HTTPS to one server; the connection is made anew when it breaks."""

    def __init__(self, settings: Settings) -> None:
        where = urlsplit(settings.server)
        trust = ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)
        self._connection = http.client.HTTPSConnection(
            where.hostname or "", where.port or 443, timeout=TIMEOUT_S, context=trust
        )
        self._headers = {"Authorization": f"Bearer {settings.token}", "Accept": "application/json"}

    def call(self, method: str, path: str, body: Row | None = None) -> Any:  # noqa: ANN401 - JSON
        """One call. Raises `ServerRefused`, and `OSError` or `HTTPException` where there is no answer."""
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        try:
            self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self._connection.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        if answer.status != http.HTTPStatus.OK:
            raise ServerRefused(str(told.get("code", answer.status)))
        return told


class Service:
    """One party's service on its folder."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._settings = folder.settings()
        self._line = Line(self._settings)
        self._said: set[tuple[str, ...]] = set()

    def run(self) -> None:
        """Serve for ever."""
        log.info("serving draws of %s as %s", self._settings.server, self._settings.party)
        while True:
            try:
                self.look()
            except (OSError, http.client.HTTPException, ValueError) as away:
                self._say("no answer of the server: %s", type(away).__name__)
                time.sleep(AGAIN_S)
            except ServerRefused as refused:
                self._say("the server refuses this service: %s", refused.code)
                time.sleep(AGAIN_S)
            time.sleep(self._settings.poll_s)

    def look(self) -> None:
        """Do everything that is due now."""
        for row in self._line.call("GET", "/draws"):
            if row["needs"] == "wait":
                continue
            try:
                self._do(row)
            except (PartyRefused, ServerRefused) as refused:
                if refused.code not in PASSING:
                    self._say("%s %s attempt %s round %s: %s", *map(str, _about(row)), refused.code)
            except InvalidTag:
                self._say("%s %s attempt %s round %s: the share is not this party's", *map(str, _about(row)))

    def _do(self, row: Row) -> None:
        party, (case, draw, attempt, _) = self._settings.party, _about(row)
        path = f"/cases/{quote(case)}/draws/{quote(draw)}"
        if row["needs"] == "commit":
            made = self._folder.new_secrets(case, draw, attempt)
            body = {"commit": made.commitment.hex(), "share_key": made.share_key.hex()}
            self._line.call("POST", f"{path}/commit", body)
            log.info("%s %s attempt %s: committed", case, draw, attempt)
            return
        secrets = self._folder.secrets(case, draw, attempt)
        if secrets is None:
            raise SecretLost
        if row["needs"] == "reveal":
            sealed = chain.seal_link(self._bound(secrets, row), party, row)
        else:
            sealed = chain.seal_share(secrets, party, row)
        body = {"round": row["round"], "key": row["key"], "sealed": sealed.hex()}
        told = self._line.call("POST", f"{path}/{row['needs']}", body)
        log.info("%s %s attempt %s round %s: %s sent, accepted %s", *_about(row), row["needs"], told["accepted"])

    def _bound(self, secrets: chain.Secrets, row: Row) -> chain.Secrets:
        """Check all that docs/draw-protocol.md asks; keep what the chain is now bound to before anything is sent."""
        stated = receipts.logged(Shown(row["statement"].encode(), row["proof"]), self._settings.log_key)
        bound = chain.bound(secrets, self._settings.party, row, stated)
        if row["round"]:
            shown = [Shown(one["statement"].encode(), one["proof"]) for one in row["grounds"]]
            chain.check_grounds(row, [receipts.logged(one, self._settings.log_key) for one in shown])
        if bound != secrets:
            self._folder.keep(row["case"], row["draw"], row["attempt"], bound)
        return bound

    def _say(self, what: str, *told: str) -> None:
        """Write a trouble down, once."""
        if (what, *told) not in self._said:
            self._said.add((what, *told))
            log.warning(what, *told)


def _about(row: Row) -> tuple[str, str, int, int]:
    return row["case"], row["draw"], row["attempt"], row["round"]
