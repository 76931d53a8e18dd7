"""Why nothing was signed: each refusal crosses the pipe by its code alone."""

from signing.keystore import PasswordWrong, PrfMissing
from signing.password import PasswordMalformed, PasswordWeak
from signing.security_key import (
    AssertionMissing,
    AssertionSignatureWrong,
    CounterWentBack,
    NobodyPresent,
    NotVerified,
    OtherChallenge,
    OtherOrigin,
)


class ActivationAway(Exception):
    """The process that opens keys is being started again; nothing was signed."""

    code = "signing.away"


class ActivationBusy(Exception):
    """So many wait already that this signature would not come in time; nothing was signed."""

    code = "signing.busy"


class Expired(Exception):
    """The two minutes of an authorisation were over before its turn came; nothing was signed."""

    code = "signing.expired"


class NotReleased(Exception):
    """What was to be released does not fit together, or its signature does not verify; nothing was signed."""

    code = "signing.not_released"


class SignedOtherwise(Exception):
    """What a key elsewhere signed is not what was prepared, or not by the certificate's key; nothing was signed."""

    code = "provider.signature_wrong"


class SadRefused(Exception):
    """Activation data that is unknown, used, or for something else; nothing was signed."""

    code = "software.sad_refused"


MAY_CROSS: tuple[type[Exception], ...] = (
    ActivationAway, ActivationBusy, Expired, NotReleased, SignedOtherwise, SadRefused,
    PasswordWrong, PasswordMalformed, PasswordWeak,
    AssertionMissing, OtherChallenge, OtherOrigin, NobodyPresent, NotVerified, AssertionSignatureWrong, CounterWentBack,
    PrfMissing,
)  # fmt: skip
_BY_CODE = {str(getattr(refusal, "code", "")): refusal for refusal in MAY_CROSS}


def told(refusal: Exception) -> str:
    """A refusal as it crosses the pipe."""
    return str(getattr(refusal, "code", ""))


def made(code: str) -> Exception:
    """The refusal that `told` told of."""
    return _BY_CODE[code]()
