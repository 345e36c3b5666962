"""Rcapture's models of a closed population for repeats in continuous time: log-linear in how often one was seen."""

import math

import numpy as np
from scipy.special import gammaln

from compliance.estimates import poisson
from compliance.estimates.heterogeneity import FORMS
from compliance.estimates.intervals import log_normal
from compliance.estimates.poisson import Floats
from compliance.estimates.repeats import ALL_ONCE, NOTHING, Repeats, rate
from compliance.estimates.results import Estimate

MOST_PROFILED = 50
"""Beyond so many sightings of one operation the likelihood is too ragged to follow, and the interval is log-normal."""
MOST_WITH_FORM = 20
"""Beyond so many, 2^k leaves nothing of the other columns."""
LARGEST_LOG = 600.0


def closed_m0(repeats: Repeats, level: float = 0.95) -> Estimate:
    """M0 of Rcapture for continuous time: log-linear in k, with offset −ln k!, from 1 to the largest k seen."""
    k = np.arange(1.0, repeats.most + 1)
    return _log_linear(repeats, "M0 (t = ∞)", k, np.empty((len(k), 0)), 2, level)


def closed_mh(repeats: Repeats, form: str, level: float = 0.95) -> Estimate:
    """M0 with one column more for rates that vary, by one of `FORMS`. They fit alike and differ widely in N."""
    method = f"Mh {form} (t = ∞)"
    if len(repeats.counts) < 3:
        why = "It needs operations seen a different number of times, three of them at least."
        return Estimate(method, None, why_none=why if repeats.n else NOTHING)
    if repeats.most > MOST_WITH_FORM:
        return Estimate(method, None, why_none=f"Somebody was seen more than {MOST_WITH_FORM} times.")
    k = np.arange(1.0, repeats.most + 1)
    return _log_linear(repeats, method, k, FORMS[form](k)[:, None], 3, level)


def closed_lower_bound(repeats: Repeats, level: float = 0.95) -> Estimate:
    """“LB” of Rcapture for continuous time: M0 with a parameter for every k from 3; its N is Chao's classic bound."""
    if not (repeats.f(1) and repeats.f(2)):
        why = "It needs operations seen exactly once and operations seen exactly twice."
        return Estimate("Mh Chao (LB, t = ∞)", None, why_none=why if repeats.n else NOTHING)
    # A k from 3 that nobody has is fitted with 0 by its own parameter, which counts all the same.
    k = np.array([1.0, 2.0, *(float(one) for one in repeats.counts if one > 2)])
    levels = (k[:, None] == k[2:]).astype(np.float64)
    return _log_linear(repeats, "Mh Chao (LB, t = ∞)", k, levels, repeats.most, level, bound=True)


def _log_linear(
    repeats: Repeats, method: str, k: Floats, columns: Floats, parameters: int, level: float, *, bound: bool = False
) -> Estimate:
    if repeats.most < 2:
        return Estimate(method, None, why_none=ALL_ONCE if repeats.n else NOTHING)
    if len(repeats.counts) < 2:
        return Estimate(method, None, why_none=f"All were seen {repeats.most} times, so nothing says how rates vary.")
    f, offset = np.array([repeats.f(int(one)) for one in k], dtype=np.float64), -gammaln(k + 1)
    design = np.column_stack([np.ones(len(k)), k, columns])
    at = rate(repeats) or 1.0
    start = np.array([math.log(repeats.n) - at - math.log(-math.expm1(-at)), math.log(at)])
    # Where every k from 3 has a parameter of its own, that fits it exactly; what a form adds begins at nothing.
    levels = np.log(np.maximum(f[2:], 1)) - offset[2:] - start[0] - start[1] * k[2:]
    start = np.append(start, levels if bound else np.zeros(columns.shape[1]))
    # With as many different k as parameters that are no levels, the maximum exists: no cell needs to be looked at.
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            fit = poisson.fit(design, f, offset, support=np.ones(len(k), dtype=bool), start=start)
    except np.linalg.LinAlgError:
        return Estimate(method, None, why_none="The counts lie so far apart that the search does not settle.")
    if fit.log_f0 is None or fit.log_f0_se is None or fit.log_f0 > LARGEST_LOG:
        return Estimate(method, None, why_none="The counts do not determine how many were never seen under this model.")
    f0 = math.exp(fit.log_f0)
    n, se = repeats.n + f0, math.sqrt(f0 + (f0 * fit.log_f0_se) ** 2)
    interval = None
    if repeats.most <= MOST_PROFILED:
        all_cells = np.ones(len(k) + 1, dtype=bool)
        _, interval = poisson.multinomial_profile(design, f, offset, level, support=all_cells, start=fit.coefficients)
    # Where counts of billions make the likelihood tremble, its profile is followed to the wrong place.
    if repeats.most > MOST_PROFILED or (interval is not None and not interval.low <= n <= interval.high):
        interval = log_normal(repeats.n, n, se, level)
    return Estimate(
        method,
        n,
        se,
        interval,
        None,
        fit.log_likelihood,
        max(0.0, fit.deviance),
        repeats.most - parameters,
        -2 * fit.log_likelihood + 2 * parameters,
        -2 * fit.log_likelihood + parameters * math.log(repeats.n),
        bound=bound,
    )
