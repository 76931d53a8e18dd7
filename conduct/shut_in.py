"""What a process does first that holds secrets: it leaves no core file, or shuts itself in and opens nothing again."""

import ctypes
import os
import resource
import sys

_PR_SET_DUMPABLE = 4


def shut_in() -> None:
    """No core dump, and on Linux no other process of the same account may read this one's memory (prctl(2))."""
    os.umask(0o077)
    leave_no_core()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def leave_no_core() -> None:
    """No core dump of this process nor of its children; for one that others have to look after, as the server."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def open_nothing_more() -> None:
    """From here on this process can open neither file nor socket; what is open already stays."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
