"""Still step 6: where the case's rules want a security key, every credential of a member has one (R-30)."""

from typing import Final

from archive.verifier.context import Context, Found, rule_of
from archive.verifier.findings import Finding

STEP: Final = 6
ENROLMENTS: Final = ("seat.enrolled", "certificate.reissued")
"""Of members: the witness and others with an account sign by their password alone."""


def check(context: Context) -> Found:
    """The frozen profile against what the log registers."""
    if rule_of(context, "password", "security_key") is not True:
        return
    registered = {str(line.body["credential"]) for line in context.log.of("key.registered")}
    for line in context.log.of(*ENROLMENTS):
        if str(line.body["credential"]) not in registered:
            yield Finding(STEP, line.name, "security-key-not-registered")
