"""The word of second screens (docs/second-screen.md): where the profile wants it, it stands before what was signed."""

from typing import Final

from archive.verifier.context import Context, Line, rule_of

NOT_READ_BACK: Final = {"seat.back"}
"""Signed on the spot: there is nothing that a screen could show."""


class Screens:
    """What the second screens of a case showed; `are_wanted`: the profile sealed in the bag asks for them."""

    def __init__(self, context: Context) -> None:
        self.are_wanted = rule_of(context, "password", "second_screen") is True
        self._members = {str(line.body["member"]) for line in context.log.of("seat.enrolled")}
        self._shown = [
            (line.index, (str(line.body["member"]), str(line.body["display"])))
            for line in context.log.of("screen.shown")
        ]

    def fault(self, line: Line, display: str) -> str:
        """What is wrong with a statement whose record has this `display`: no screen had shown it; "" if nothing is."""
        if not self.are_wanted or line.signer not in self._members or line.stated.kind in NOT_READ_BACK:
            return ""
        is_shown = any(index < line.index and said == (line.signer, display) for index, said in self._shown)
        return "" if is_shown else "second-screen-missing"
