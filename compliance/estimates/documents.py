"""Figures as JSON and back: rounded to what is kept, and never infinite or undefined."""

import math
from collections.abc import Mapping
from typing import Any

from compliance.estimates.results import Estimate, Interval, kept

NO_FIGURE = "It has no finite figure."


def number(value: float | None) -> float | None:
    """As it is kept; null for what is no figure."""
    return None if value is None or not math.isfinite(value) else kept(float(value))


def interval_json(interval: Interval | None) -> dict[str, Any] | None:
    """`high` is null where the interval has no upper bound, which `how` says; null altogether where there is none."""
    if interval is None or not math.isfinite(interval.low) or math.isnan(interval.high):
        return None
    return {
        "low": kept(float(interval.low)),
        "high": number(interval.high),
        "how": interval.how,
        "level": interval.level,
    }


def interval_of(found: Mapping[str, Any] | None) -> Interval | None:
    if found is None:
        return None
    high = math.inf if found["high"] is None else found["high"]
    return Interval(found["low"], high, found["how"], found["level"])


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """The estimate with its reason where it gives no number, or a number that is none."""
    n = number(estimate.n)
    return {
        "method": estimate.method,
        "N": n,
        "se": number(estimate.se),
        "interval": interval_json(estimate.interval),
        "model": estimate.model,
        "log_likelihood": number(estimate.log_likelihood),
        "deviance": number(estimate.deviance),
        "df": estimate.df,
        "AIC": number(estimate.aic),
        "BIC": number(estimate.bic),
        "bound": estimate.bound,
        "why_none": estimate.why_none or (NO_FIGURE if n is None else ""),
    }


def estimate_of(found: Mapping[str, Any]) -> Estimate:
    return Estimate(
        method=found["method"],
        n=found["N"],
        se=found["se"],
        interval=interval_of(found["interval"]),
        model=found["model"],
        log_likelihood=found["log_likelihood"],
        deviance=found["deviance"],
        df=found["df"],
        aic=found["AIC"],
        bic=found["BIC"],
        bound=found["bound"],
        why_none=found["why_none"],
    )
