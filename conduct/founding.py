"""The first entry of a deployment's log: its keys, stated once, so that a change of them can be seen."""

from collections.abc import Mapping

from conduct.directory import DEPLOYMENT
from conduct.ports import Tx


def found(tx: Tx, name: str, digests: Mapping[str, str], vkey: str) -> None:
    """State the keys if nothing was stated before: `digests` of the `root` and `seal` certificates (hex), the vkey."""
    if next(iter(tx.statements(DEPLOYMENT)), None) is None:
        body = {"name": name, "log": vkey, "root": digests["root"], "seal": digests["seal"]}
        tx.record(DEPLOYMENT, "deployment.created", body)
