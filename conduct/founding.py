"""What a deployment states of itself, so that a change is seen: its keys once, each new key of its draw process."""

import json
from collections.abc import Mapping

from conduct import pooling
from conduct.directory import DEPLOYMENT
from conduct.ports import Tx


def found(tx: Tx, name: str, digests: Mapping[str, str], vkey: str) -> None:
    """State what was not stated before: `digests` of `root`, `seal` and `sm2_root` certificates (hex), the vkey.

    What an older version of the program kept in another shape is moved here as well.
    """
    if next(iter(tx.statements(DEPLOYMENT)), None) is None:
        body = {"name": name, "log": vkey, "root": digests["root"], "seal": digests["seal"]}
        tx.record(DEPLOYMENT, "deployment.created", body)
    if next(iter(tx.statements(DEPLOYMENT, "authority.founded")), None) is None:
        tx.record(DEPLOYMENT, "authority.founded", {"algorithm": "sm2", "root": digests["sm2_root"]})
    pooling.move_old_pools(tx)


def log_key(tx: Tx) -> str:
    """The published key of the deployment's log, as it was stated first. Raises `LookupError` where nothing was."""
    for _index, data in tx.statements(DEPLOYMENT, "deployment.created"):
        return str(json.loads(data)["body"]["log"])
    raise LookupError("deployment.created")


def state_draw_process(tx: Tx, key: str) -> None:
    """State that a draw process was started, with its public key (hex), before any party is given that key."""
    tx.record(DEPLOYMENT, "draw.process_started", {"key": key})
