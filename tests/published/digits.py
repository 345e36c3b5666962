"""How printed figures are compared with computed ones."""

from typing import Any

import pytest

from compliance.estimates.results import Estimate


def printed(value: float, digits: int) -> Any:
    """Equal when rounded to as many digits after the point as were printed."""
    return pytest.approx(value, abs=0.5 * 10**-digits + 1e-9, rel=0)


def ends(estimate: Estimate) -> tuple[float, float]:
    assert estimate.interval is not None
    return estimate.interval.low, estimate.interval.high
