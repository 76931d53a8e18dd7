"""Why the service does not commit or show a link: each with a stable code, written to its log."""


class PartyRefused(Exception):
    """The service does not do what it was asked. `code` says why."""

    code = "party.refused"


class NotMyCommitment(PartyRefused):
    """The context is another algorithm's, or holds another commitment under this party's name, or none."""

    code = "party.not_my_commitment"


class NotLogged(PartyRefused):
    """A statement was not shown to stand in the log under a checkpoint signed by the published key."""

    code = "party.not_logged"


class AnotherContext(PartyRefused):
    """A link was shown for another context already."""

    code = "party.another_context"


class ChainExhausted(PartyRefused):
    """The chain has no link for this round."""

    code = "party.chain_exhausted"


class NoGrounds(PartyRefused):
    """No request and confirmation by two different people stand in the log for this supplementary draw."""

    code = "party.no_grounds"


class SecretLost(PartyRefused):
    """The chain this party committed with is not in its folder: it was moved, or another copy of the service ran."""

    code = "party.secret_lost"
