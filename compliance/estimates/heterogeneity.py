"""Models of closed populations by what varies: time, between operations, with behaviour; the family of Rcapture."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from compliance.estimates import loglinear
from compliance.estimates.behaviour import mb, mbh
from compliance.estimates.bounds import captures, chao2, convexity, mh_lower_bound, mth_lower_bound
from compliance.estimates.intervals import log_normal
from compliance.estimates.normal_mixture import normal_mixture
from compliance.estimates.poisson import Floats
from compliance.estimates.results import Estimate
from compliance.estimates.tables import Table
from compliance.estimates.terms import Terms, canonical, model_name

__all__ = [
    "FORMS", "Columns", "chao2", "closed_family", "columns_of", "convexity", "m0", "mb", "mbh", "mh", "mh_lower_bound",
    "mt", "mth", "mth_lower_bound", "normal_mixture",
]  # fmt: skip

FORMS: dict[str, Callable[[Floats], Floats]] = {
    "Poisson2": lambda k: 2.0**k - 1,
    "Darroch": lambda k: k**2 / 2,
    "Gamma3.5": lambda k: -np.log(3.5 + k) + np.log(3.5),
}
"""How the chances vary: the column that each form adds, as a function of the number of lists k."""


class Columns(NamedTuple):
    """What a log-linear model adds to the intercept: a main effect of each list or not, and further columns."""

    main: bool
    extra: Floats | None


def columns_of(method: str, table: Table) -> Columns | None:
    """The columns of a model of the family, by its name; null for bounds and models of behaviour."""
    name, _, form = method.partition(" ")
    if form and form not in FORMS:
        return None
    on = captures(table)
    varying = [FORMS[form](on)] if form else []
    if name in ("M0", "Mh"):
        return Columns(main=False, extra=np.column_stack([on, *varying]))
    if name in ("Mt", "Mth"):
        return Columns(main=True, extra=np.column_stack(varying) if varying else None)
    return None


def m0(table: Table) -> Estimate:
    """M0: every operation has the same chance on every list."""
    return _fitted(table, "M0")


def mt(table: Table, terms: Terms = ()) -> Estimate:
    """Mt: every list has its own chance, the lists independent but for the interactions given."""
    return _fitted(table, "Mt", terms)


def mh(table: Table, form: str) -> Estimate:
    """Mh: the chances vary between operations by one of `FORMS`; all lists are alike."""
    return _fitted(table, f"Mh {form}")


def mth(table: Table, form: str, terms: Terms = ()) -> Estimate:
    """Mth: every list has its own chance, and these vary between operations by one of `FORMS`.

    Forms fit alike and differ widely in N, above all with three lists: a sensitivity, no answer.
    """
    return _fitted(table, f"Mth {form}", terms)


def closed_family(table: Table) -> tuple[Estimate, ...]:
    """The twelve models that Rcapture's `closedp` fits to three lists or more, in its order; for two, M0, Mt and Mb.

    The bounds keep their excesses at 0 or above, as there. A model without an estimate says why.
    """
    if table.k < 3:
        return m0(table), mt(table), mb(table)
    return (
        m0(table),
        mt(table),
        mh_lower_bound(table, nonnegative=True),
        *(mh(table, form) for form in FORMS),
        mth_lower_bound(table, nonnegative=True),
        *(mth(table, form) for form in FORMS),
        mb(table),
        mbh(table),
    )


def _fitted(table: Table, method: str, terms: Terms = ()) -> Estimate:
    columns = columns_of(method, table)
    if columns is None:
        raise ValueError(f"“{method}” has no form of heterogeneity; there are {', '.join(FORMS)}.")
    terms = canonical(terms)
    model = model_name(terms) if columns.main else None
    try:
        fit = loglinear.fit(table, terms, columns=columns.extra, main=columns.main)
    except loglinear.NoEstimate as refused:
        return Estimate(method, None, model=model, why_none=loglinear.WHY[refused.reason].capitalize() + ".")
    if not np.isfinite([fit.n, fit.se]).all():
        return Estimate(method, None, model=model, why_none="The number of those unseen grows without bound.")
    return Estimate(
        method,
        fit.n,
        fit.se,
        log_normal(table.n, fit.n, fit.se),
        model,
        fit.log_likelihood,
        fit.deviance,
        fit.df,
        fit.aic,
        fit.bic,
    )
