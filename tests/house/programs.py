"""The programs that tests may start, and the Debian package `./run` installs for each: a machine has no others."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.house.tree import ROOT

BROUGHT_BY = {
    "chromium": "chromium",
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "ip": "iproute2",
    "java": "default-jdk-headless",
    "nft": "nftables",
    "node": "nodejs",
    "npm": "npm",
    "openssl": "openssl",
    "pdffonts": "poppler-utils",
    "pdfinfo": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "ps": "procps",
    "tc": "iproute2",
}
# Debian's essential packages: on every machine.
ALWAYS_THERE = {
    "cat",
    "chmod",
    "cp",
    "dash",
    "env",
    "kill",
    "ldconfig",
    "ls",
    "mount",
    "sh",
    "sha256sum",
    "tar",
    "true",
    "umount",
    "uname",
}


def is_provided(program: str) -> bool:
    """Whether `program` is there on every machine that `./run test` prepared, not just by luck on this one."""
    path = Path(program)
    if path.is_relative_to(tempfile.gettempdir()):  # what a test made itself
        return True
    if {ROOT, Path(sys.prefix)} & {path, *path.parents} or program == sys.executable:
        return True
    if path.name in BROUGHT_BY or path.name in ALWAYS_THERE:
        return True
    found = shutil.which(program)
    return found is not None and Path(sys.prefix) in Path(found).parents
