"""The draw process: `python -m conduct.sealed_draw.process`, questions on standard input, answers on standard output.

Ends when its pipe closes. It opens no file and no socket, writes no log of what it holds, and leaves no core dump.
"""

import ctypes
import os
import resource
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct.sealed_draw import wire
from conduct.sealed_draw.keeper import Keeper

_PR_SET_DUMPABLE = 4


def shut_in() -> None:
    """No core dump, and on Linux no other process of the same account may read this one's memory (prctl(2))."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def serve(keeper: Keeper) -> None:
    """Answer until the pipe closes."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(wire.frame(keeper.key.encode()))
    answers.flush()
    while (data := wire.read_frame(questions.read)) is not None:
        answers.write(wire.frame(wire.answered(keeper, data)))
        answers.flush()


def main() -> None:
    """Make a key and serve."""
    shut_in()
    os.umask(0o077)
    serve(Keeper(X25519PrivateKey.generate(), os.urandom))


if __name__ == "__main__":
    main()
