"""The activation process: `python -m conduct.activation.process SHARE ROOT SM2_ROOT MEMORY_KIB PASSES LANES [TOKEN …]`.

Words may stand in front (docs/activation.md). Questions on standard input, answers on standard output. It ends when
its pipe closes. Once it serves it can open no file and no socket, but for what a token's library needs; it writes no
log of what it holds, and leaves no core dump.
"""

import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from queue import Full, Queue
from typing import cast

from cryptography import x509

from conduct import stalls
from conduct.activation import wire
from conduct.activation.keyholder import Keyholder
from conduct.activation.other_software import OtherSoftware
from conduct.activation.refusals import ActivationBusy
from conduct.activation.rehearsal import rehearse
from conduct.activation.setup import Setup, read_line
from conduct.frames import Source, frame, read_frame
from conduct.shut_in import open_nothing_more, shut_in
from signing.keystore import EnvelopeKeyStore, KeyStore, TokenFailed

MOST_WAITING = 256
BEHIND_THE_MEDIA = 5
"""Steps of `nice`: while many sign at once, sound and picture come first."""


class Counter:
    """A bounded queue of questions, served by as many threads as there are processors (Argon2 leaves Python's lock)."""

    def __init__(self, who: wire.Answering, write: Callable[[bytes], object], most: int = MOST_WAITING) -> None:
        self._who = who
        self._write = write
        self._waiting: Queue[bytearray] = Queue(most)
        self._one_at_a_time = threading.Lock()

    def open(self, threads: int) -> None:
        """Begin to serve."""
        for _ in range(threads):
            threading.Thread(target=self._serve, daemon=True).start()
        self._say(wire.READY)

    def take(self, question: bytearray) -> None:
        """Put a question at the end of the queue, or refuse it at once; a pulse is answered before all of them."""
        if question == wire.PULSE:
            self._say(wire.READY)
            return
        try:
            self._waiting.put_nowait(question)
        except Full:
            self._say(wire.refused(wire.number_of(question), ActivationBusy()))
            question[:] = bytes(len(question))

    def _serve(self) -> None:
        while True:
            question = self._waiting.get()
            self._say(wire.begun(wire.number_of(question)))
            stalls.passed("taken")
            self._say(wire.answered(self._who, question))

    def _say(self, data: bytes) -> None:
        with self._one_at_a_time:
            self._write(frame(data))


def keyholder(setup: Setup) -> Keyholder:
    """Who answers with the files of this setup. Raises `TokenFailed`."""
    roots = [x509.load_pem_x509_certificate(path.read_bytes()) for path in setup.roots]
    keystore = _keystore(setup)
    other = OtherSoftware(keystore, _now) if setup.signs_for_software else None
    return Keyholder(keystore, roots, _now, other)


def _now() -> datetime:
    return datetime.now(UTC)


def _keystore(setup: Setup) -> KeyStore:
    share, place = setup.share.read_bytes(), setup.token
    if place is None:
        return EnvelopeKeyStore(share, setup.cost)
    # Loaded where a token is used alone: the library of another maker runs in this process then.
    from signing.keystore_pkcs11 import Token, TokenKeyStore  # noqa: PLC0415

    token = Token(str(place.module), place.label, place.pin.read_text("utf-8").strip())
    return TokenKeyStore(token, share, setup.cost)


def end_at_once(died: threading.ExceptHookArgs) -> None:
    """A thread that ends of something unforeseen takes the process with it: its parent starts a clean one."""
    threading.__excepthook__(died)
    os._exit(1)


def main() -> None:
    """Shut in, read the share, rehearse, let nothing more be opened, and serve until the pipe closes."""
    shut_in()
    os.nice(BEHIND_THE_MEDIA)
    threading.excepthook = end_at_once
    questions = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - unbuffered: no second copy of a frame
    answers = open(1, "wb", buffering=0, closefd=False)  # noqa: SIM115
    setup = read_line(sys.argv[1:])
    try:
        counter = Counter(keyholder(setup), answers.write)
    except (TokenFailed, OSError) as failed:
        sys.exit(f"activation: {failed}")
    rehearse()
    if setup.token is None:
        open_nothing_more()
    counter.open(len(os.sched_getaffinity(0)))
    while (question := read_frame(cast("Source", questions))) is not None:
        counter.take(question)
    os._exit(0)


if __name__ == "__main__":
    main()
