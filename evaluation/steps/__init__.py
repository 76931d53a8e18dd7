"""The steps of the fold, all registered by importing this package."""

from evaluation.steps import again, before, blind, committee, room
from evaluation.steps.registry import STEPS, Logged

__all__ = ["STEPS", "Logged", "again", "before", "blind", "committee", "room"]
