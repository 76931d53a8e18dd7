"""How figures are printed and summed up: `key value unit`, one a line, nothing else on standard output."""

import math
from collections.abc import Sequence


def say(key: str, value: float, unit: str) -> None:
    """Print one figure with four significant digits."""
    print(f"{key} {value:.4g} {unit}", flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest value that `share` of all values do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]
