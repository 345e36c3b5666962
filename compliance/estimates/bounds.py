"""Lower bounds on the number of operations from those on one and on two lists: Chao's, for any number of lists."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from compliance.estimates import poisson
from compliance.estimates.intervals import log_normal
from compliance.estimates.poisson import Floats, PoissonFit
from compliance.estimates.results import Estimate
from compliance.estimates.tables import Table
from compliance.estimates.terms import Terms, canonical, masks, model_name

CLEAR = 2.0
"""A curvature of this many standard errors is taken for more than chance."""

TOO_FEW_LISTS = "This bound needs three lists or more."


@dataclass(frozen=True)
class Convexity:
    """Is log(f_k / C(K, k)) convex in k, as unequal chances of being found make it?

    `logs` are its values for k = 1 … K, null where f_k is 0. `curvature` is the coefficient of k² / 2 in a Poisson
    regression of the frequencies, with its standard error; null for fewer than three frequencies above 0. `convex`:
    no second difference is below 0, and the curvature is above 0 by more than two standard errors. Lists of unequal
    size bend it the other way, so a table can be heterogeneous without being convex.
    """

    logs: tuple[float | None, ...]
    curvature: float | None
    se: float | None
    convex: bool


def mth_lower_bound(table: Table, terms: Terms = (), *, nonnegative: bool = False) -> Estimate:
    """The bound of M_th (Rivest and Baillargeon 2007): main effects and a parameter for every number of lists from 3.

    So only those on one and on two lists speak of the unseen, whatever the chances of the others. `nonnegative` keeps
    the excesses η_3 … η_K at 0 or above, as Rcapture does; the default leaves them free. Interactions may be added.
    """
    return _lower_bound(table, "Mth Chao (LB)", masks(table.k, canonical(terms))[1:], terms, nonnegative)


def mh_lower_bound(table: Table, *, nonnegative: bool = False) -> Estimate:
    """The bound of M_h: as `mth_lower_bound`, with all lists of one size; Chao's for equal lists."""
    return _lower_bound(table, "Mh Chao (LB)", None, (), nonnegative)


def chao2(table: Table) -> Estimate:
    """n + ((K − 1) / K) f1² / (2 f2), for lists of about one size (Chao 1987).

    Without the factor (K − 1) / K it is no lower bound. Where f2 is 0, the bias-corrected form
    ((K − 1) / K) f1 (f1 − 1) / 2 and its variance take its place.
    """
    method = "Chao2"
    if table.k < 2:
        return Estimate(method, None, why_none="Chao's bound needs two lists or more.")
    if not table.n:
        return Estimate(method, None, why_none="Nothing was seen.")
    once, twice = (float(count) for count in table.frequencies[:2])
    a = (table.k - 1) / table.k
    if twice:
        ratio = once / twice
        unseen = a * once * ratio / 2
        variance = twice * (a * ratio**2 / 2 + a**2 * ratio**3 + a**2 * ratio**4 / 4)
    else:
        method = "Chao2, bias-corrected"
        unseen = a * once * (once - 1) / 2
        n = table.n + unseen
        variance = a * once * (once - 1) / 2 + a**2 * once * (2 * once - 1) ** 2 / 4 - a**2 * once**4 / (4 * n)
    se = math.sqrt(max(0.0, variance))
    n = table.n + unseen
    return Estimate(method, n, se, log_normal(table.n, n, se), bound=True)


def convexity(table: Table) -> Convexity:
    """The facts of heterogeneity in the frequencies f_1 … f_K; for W09 beside the bound of M_th."""
    k = np.arange(1, table.k + 1)
    ways = np.array([math.comb(table.k, one) for one in k], dtype=np.float64)
    f = table.frequencies.astype(np.float64)
    logs = tuple(math.log(count / way) if count else None for count, way in zip(f, ways, strict=True))
    if np.count_nonzero(f) < 3:
        return Convexity(logs, None, None, convex=False)
    fit = poisson.fit(np.column_stack([np.ones(table.k), k, k**2 / 2]), f, np.log(ways))
    curvature, variance = float(fit.coefficients[2]), float(fit.covariance[2, 2])
    if not variance > 0:
        # Counts so far apart in size that the curvature is lost in rounding.
        return Convexity(logs, None, None, convex=False)
    se = math.sqrt(variance)
    known = [(at, log) for at, log in zip(k, logs, strict=True) if log is not None]
    slopes = [(right - left) / (to - at) for (at, left), (to, right) in itertools.pairwise(known)]
    bends = all(after >= before for before, after in itertools.pairwise(slopes))
    return Convexity(logs, curvature, se, convex=bends and curvature > CLEAR * se)


def captures(table: Table) -> Floats:
    """On how many lists the operations of each history are, shape (2^K − 1,)."""
    return table.bits.sum(axis=1).astype(np.float64)


def _lower_bound(
    table: Table, method: str, parameters: tuple[int, ...] | None, terms: Terms, nonnegative: bool
) -> Estimate:
    model = model_name(canonical(terms))
    if table.k < 3:
        return Estimate(method, None, model=model, why_none=TOO_FEW_LISTS)
    if not table.n:
        return Estimate(method, None, model=model, why_none="Nothing was seen.")
    on = captures(table)
    ones = np.ones((len(on), 1))
    if parameters is None:
        base = np.hstack([ones, on[:, None]])
    else:
        codes = np.arange(1, len(on) + 1)
        base = np.hstack([ones, *(((codes & mask) == mask)[:, None].astype(np.float64) for mask in parameters)])
    levels = np.arange(3, table.k + 1)
    if nonnegative:
        fit = _kept_nonnegative(base, np.maximum(on[:, None] - levels + 1, 0), table)
    else:
        fit = poisson.fit(np.hstack([base, (on[:, None] == levels).astype(np.float64)]), table.counts)
    return estimate_of(fit, table, method, model, bound=True)


def _kept_nonnegative(base: Floats, excess: Floats, table: Table) -> PoissonFit:
    """The maximum with every coefficient of `excess` at 0 or above: those at 0 are left out (an active set).

    Of counts far apart, rounding may call for one that was just left out: a set that comes again ends the search.
    """
    free: list[int] = []
    tried: list[set[int]] = []
    while True:
        fit = poisson.fit(np.hstack([base, excess[:, free]]), table.counts)
        if set(free) in tried:
            return fit
        tried.append(set(free))
        found = fit.coefficients[base.shape[1] :]
        if free and found.min() < 0:
            free.pop(int(found.argmin()))
            continue
        rest = [at for at in range(excess.shape[1]) if at not in free]
        slopes = [float(excess[:, at] @ (table.counts - fit.fitted)) for at in rest]
        if not rest or max(slopes) <= 1e-6 * table.n:
            return fit
        free.append(rest[int(np.argmax(slopes))])


def estimate_of(fit: PoissonFit, table: Table, method: str, model: str, *, bound: bool = False) -> Estimate:
    """A fit as an estimate: N = n + exp(intercept), se = √(f0 + f0² V), with Chao's log-normal interval."""
    aic = -2 * fit.log_likelihood + 2 * fit.parameters
    bic = -2 * fit.log_likelihood + fit.parameters * math.log(table.n)
    n, se, why = None, None, ""
    if fit.log_f0 is None or fit.log_f0_se is None or fit.log_f0 > 600:
        why = "The table does not determine how many are unseen under this model."
    else:
        f0 = math.exp(fit.log_f0)
        n, se = table.n + f0, math.sqrt(f0 + (f0 * fit.log_f0_se) ** 2)
    return Estimate(
        method,
        n,
        se,
        None if n is None else log_normal(table.n, n, se),
        model,
        fit.log_likelihood,
        max(0.0, fit.deviance),
        fit.df,
        aic,
        bic,
        bound=bound,
        why_none=why,
    )
