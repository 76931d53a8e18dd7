"""The Go team's sumdb/note and tlog accept our checkpoints and proofs, and refuse them changed."""

import json
import os
import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from signing.log_key import LogKey
from signing.merkle import Tree

SIZES = (1, 2, 3, 4, 7, 8, 9, 64, 100, 300)
KEY = LogKey("bid.example/E-2026-0001", bytes(range(32)))
# Debian's golang-golang-x-mod-dev; nothing is fetched.
ENVIRONMENT = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOTOOLCHAIN": "local"}


def _text(content: bytes) -> str:
    return b64encode(content).decode()


def _log(size: int, index: int) -> dict[str, Any]:
    entries = [sha256(bytes([number % 256, number // 256])).digest() for number in range(size)]
    tree, old = Tree(), (size + 1) // 2
    for entry in entries:
        tree.append(entry)
    return {
        "Key": str(KEY.verifier_key),
        "Checkpoint": KEY.sign_checkpoint(size, tree.root()).to_bytes().decode(),
        "Index": index,
        "Entry": _text(entries[index]),
        "Inclusion": [_text(one) for one in tree.inclusion(index)],
        "OldSize": old,
        "OldRoot": _text(tree.root(old)),
        "Consistency": [_text(one) for one in tree.consistency(old)],
    }


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("go")
    source = Path(__file__).with_name("accept_in_go.go")
    environment = os.environ | ENVIRONMENT | {"GOCACHE": str(folder / "cache")}
    subprocess.run(["go", "build", "-o", folder / "judge", source], env=environment, check=True, timeout=300)
    return folder / "judge"


def _judged(judge: Path, logs: list[dict[str, Any]]) -> list[str]:
    ran = subprocess.run([judge], input=json.dumps(logs).encode(), capture_output=True, check=True, timeout=60)
    return ran.stdout.decode().splitlines()


def test_go_accepts_checkpoints_and_proofs_of_trees_of_many_sizes(judge: Path) -> None:
    logs = [_log(size, index) for size in SIZES for index in {0, size // 2, size - 1}]
    assert set(_judged(judge, logs)) == {"accepted"}


def test_go_refuses_them_changed(judge: Path) -> None:
    sound = _log(100, 40)
    other = _log(100, 41)
    changed = [
        sound | {"Checkpoint": sound["Checkpoint"].replace("\n100\n", "\n101\n")},
        sound | {"Key": str(LogKey("bid.example/E-2026-0001", bytes(32)).verifier_key)},
        sound | {"Entry": other["Entry"]},
        sound | {"Index": 41},
        sound | {"Inclusion": other["Inclusion"]},
        sound | {"OldSize": 49},
    ]
    assert _judged(judge, [sound]) == ["accepted"]
    assert "accepted" not in _judged(judge, changed)
