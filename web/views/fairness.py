"""Whether draws look like chance: counts over all opened draws for supervisor and auditor, as charts and as tables."""

from fractions import Fraction

from aiohttp import web

from conduct import sittings
from conduct.ports import Json, Tx
from expert_pool import fairness
from expert_pool.fairness import Trial
from identity.roles import Role
from web.charts import LONGEST, bars
from web.pages import page
from web.policy import only, route
from web.visit import Visit

WHO_LOOK = only(Role.SUPERVISOR, Role.AUDIT_ADMIN)


@route("GET", "/fairness", WHO_LOOK)
async def fairness_page(visit: Visit) -> web.Response:
    """How often experts sat, how often pairs met, and chi-square by category and quarter; no name, no id."""

    def read(tx: Tx) -> Json:
        sat = sittings.sittings(tx)
        return {
            "committees": len(sat),
            "sat": bars(fairness.times_sat(sat)),
            "together": bars(fairness.times_together(sat)),
            "trials": [_row(one) for one in fairness.trials(sittings.drawn(tx))],
        }

    return page(visit, "fairness.html", await visit.services.store.read(read))


def _row(trial: Trial) -> Json:
    most = max((max(cell.expected, Fraction(cell.taken)) for cell in trial.cells), default=Fraction())
    return {
        "quarter": trial.quarter,
        "category": trial.category,
        "draws": trial.draws,
        "statistic": f"{float(trial.statistic):.2f}",
        "critical": f"{float(trial.critical):.2f}" if trial.critical is not None else "",
        "is_beyond": trial.is_beyond,
        "cells": [
            {
                "tickets": str(cell.lowest) if cell.lowest == cell.highest else f"{cell.lowest}–{cell.highest}",
                "taken": cell.taken,
                "expected": f"{float(cell.expected):.1f}",
                "taken_length": int(cell.taken * LONGEST / most) if most else 0,
                "expected_length": int(cell.expected * LONGEST / most) if most else 0,
            }
            for cell in trial.cells
        ],
    }
