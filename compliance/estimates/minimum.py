"""Is what the lists tell a minimum? Whether operations are unequally easy to find, in all size classes together."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from compliance.estimates.bounds import captures, convexity, mth_lower_bound
from compliance.estimates.diagnostics import DEFAULT, Notice, Thresholds, notice
from compliance.estimates.documents import number
from compliance.estimates.heterogeneity import FORMS
from compliance.estimates.loglinear import NoEstimate, fit
from compliance.estimates.tables import Table

FEWEST_LISTS = 3
ONE_COLUMN = ("Poisson2", "Darroch")
"""Forms of unequal chances that cost one parameter, as a pair of lists does."""


@dataclass(frozen=True)
class Evidence:
    """The sums over tables that tell of unequal chances.

    `bound` and `main` are Σ N by the lower bound of M_th and by equal chances. `z` is how far the unseen of the first
    lie above those of the second, in ln Σ f0 over its standard error by Hausman (1978): equal chances are efficient, so
    that the variance of the difference is the difference of the variances. `curvature_z` is the mean curvature of
    log(f_k / C(K, k)), weighed by its precision, over its standard error. Null where no table tells it.

    Lists that attract each other look the same. So `pairs_better` is how much the BIC of the best model of pairs lies
    below that of the best form of unequal chances, summed: far below, the pairs explain it, and nothing is a minimum.
    """

    bound: float
    main: float
    z: float | None
    curvature_z: float | None
    pairs_better: float

    @property
    def excess(self) -> float:
        return self.bound / self.main - 1 if self.main else 0.0

    def fires(self, limits: Thresholds = DEFAULT) -> bool:
        """Beyond chance by either sign, unless pairs explain it; a small excess of the bound is none, however sure."""
        if self.pairs_better > limits.w09_pairs_bic:
            return False
        above = self.excess > limits.w09_total_excess and self.z is not None and self.z > limits.w09_total_z
        return above or (self.curvature_z is not None and self.curvature_z > limits.w09_total_z)


def evidence(parts: Iterable[tuple[Table, float | None]]) -> Evidence:
    """The evidence of tables together, each with the BIC of its best model of pairs, null where there is none.

    Tables of fewer than three lists, or without an estimate, tell nothing.
    """
    bound = main = unseen_bound = unseen_main = variance_bound = variance_main = 0.0
    bent = precision = better = 0.0
    for table, best_bic in parts:
        if table.k < FEWEST_LISTS or not table.n:
            continue
        curved = convexity(table)
        if curved.curvature is not None and curved.se:
            bent += curved.curvature / curved.se**2
            precision += 1 / curved.se**2
        try:
            equal = fit(table)
        except NoEstimate:
            continue
        least = mth_lower_bound(table)
        if least.n is None or least.se is None or not math.isfinite(equal.se):
            continue
        if best_bic is not None:
            better += _unequal_bic(table) - best_bic
        f0 = least.n - table.n
        bound, main = bound + least.n, main + equal.n
        unseen_bound, unseen_main = unseen_bound + f0, unseen_main + equal.f0
        variance_bound += max(0.0, least.se**2 - f0)
        variance_main += max(0.0, equal.se**2 - equal.f0)
    z = None
    if unseen_bound > 0 and unseen_main > 0:
        variance = variance_bound / unseen_bound**2 - variance_main / unseen_main**2
        z = math.log(unseen_bound / unseen_main) / math.sqrt(variance) if variance > 0 else None
    return Evidence(bound, main, z, bent / math.sqrt(precision) if precision else None, better)


def _unequal_bic(table: Table) -> float:
    """The least BIC of unequal chances; infinite where none of its forms has an estimate."""
    found = [math.inf]
    for form in ONE_COLUMN:
        try:
            found.append(fit(table, columns=FORMS[form](captures(table))[:, None]).bic)
        except NoEstimate:
            continue
    return min(found)


def minimum(found: Evidence, limits: Thresholds = DEFAULT) -> Notice | None:
    """W09 of a whole: what the lists tell is a minimum, so that no point may be given."""
    if not found.fires(limits):
        return None
    return notice(
        "W09",
        "Some operations are much easier to find than others, in the size classes together and beyond chance."
        " More are unseen than the lists tell: the number of the unregistered is a minimum, and so the rate a maximum.",
        minimum=True,
        excess=number(found.excess),
        z=number(found.z),
        convexity_z=number(found.curvature_z),
    )


def is_minimum(each: Notice) -> bool:
    """Whether the notice forbids a point because the figure is a minimum."""
    return each.code in ("W09", "B14") and bool(each.facts.get("minimum"))
