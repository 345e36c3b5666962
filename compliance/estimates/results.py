"""What an estimator answers: a number with its interval and its model, or none and the reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """Lower and upper bound at a level of confidence, and how they were found (profile, log-normal, bootstrap …)."""

    low: float
    high: float
    how: str
    level: float = 0.95


@dataclass(frozen=True)
class Estimate:
    """The number of operations by one estimator. `n` is null where it gives none, and `why_none` then says why.

    `model` names the interactions as sets of list numbers from 1: "[12,13]", "[]" for none. `aic` and `bic` are
    −2 ll + 2p and −2 ll + p ln(observed), with the full Poisson likelihood. A `bound` is no estimate but “at least”.
    """

    method: str
    n: float | None
    se: float | None = None
    interval: Interval | None = None
    model: str | None = None
    log_likelihood: float | None = None
    deviance: float | None = None
    df: int | None = None
    aic: float | None = None
    bic: float | None = None
    bound: bool = False
    why_none: str = ""


def kept(value: float) -> float:
    """A figure as it is stored and compared: ten significant digits, so that two machines agree to the last one."""
    return float(f"{value:.10g}")
