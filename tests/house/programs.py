"""The programs that tests may start, and the Debian package `./run` installs for each: a machine has no others."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.house.tree import ROOT

BROUGHT_BY = {
    "Xvfb": "xvfb",
    "chromium": "chromium",
    "ffmpeg": "ffmpeg",
    "ffprobe": "ffmpeg",
    "firefox-esr": "firefox-esr",
    "go": "golang-go",
    "ip": "iproute2",
    "java": "default-jdk-headless",
    "nft": "nftables",
    "node": "nodejs",
    "mutool": "mupdf-tools",
    "npm": "npm",
    "openssl": "openssl",
    "pdffonts": "poppler-utils",
    "pdfinfo": "poppler-utils",
    "pdfsig": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "ps": "procps",
    "softhsm2-util": "softhsm2",
    "ss": "iproute2",
    "tc": "iproute2",
    "turnserver": "coturn",
    "turnutils_uclient": "coturn",
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
    "nice",
    "prlimit",
    "sh",
    "sha256sum",
    "tar",
    "true",
    "umount",
    "uname",
    "unshare",
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
