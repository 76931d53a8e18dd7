"""The draw process: `python -m conduct.sealed_draw.process`, questions on standard input, answers on standard output.

Ends when its pipe closes. It opens no file and no socket, writes no log of what it holds, and leaves no core dump.
"""

import os
import sys
from typing import cast

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct.frames import Source, frame, read_frame
from conduct.sealed_draw import wire
from conduct.sealed_draw.keeper import Keeper
from conduct.shut_in import shut_in


def serve(keeper: Keeper) -> None:
    """Answer until the pipe closes."""
    questions, answers = cast("Source", sys.stdin.buffer), sys.stdout.buffer
    answers.write(frame(keeper.key.encode()))
    answers.flush()
    while (data := read_frame(questions)) is not None:
        answers.write(frame(wire.answered(keeper, data)))
        answers.flush()


def main() -> None:
    """Make a key and serve."""
    shut_in()
    serve(Keeper(X25519PrivateKey.generate(), os.urandom))


if __name__ == "__main__":
    main()
