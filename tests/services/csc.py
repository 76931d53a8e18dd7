"""A member with a key for other software (docs/csc.md), made as the member's page makes it."""

import os

from conduct import other_software
from tests.services.evaluation import PASSWORD, Evaluation


async def give_software_key(evaluation: Evaluation, member: str) -> None:
    """As if the member had set its signing password while the API was on."""
    office, own = evaluation.office, evaluation.state.members[member].credential  # type: ignore[index]
    key = await other_software.make_key(office.activation, own, PASSWORD, os.urandom(32))
    await evaluation.do(other_software.enrol, (office.issuing, office.organisation), member, key)
