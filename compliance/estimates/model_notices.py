"""What the fitted models say about how far an estimate can be trusted."""

import math
from collections.abc import Mapping, Sequence

from scipy.special import chdtrc

from compliance.estimates.bounds import Convexity
from compliance.estimates.diagnostics import DEFAULT, Notice, Thresholds, chance_words, figure, notice, spoken
from compliance.estimates.documents import number
from compliance.estimates.results import Interval, kept
from compliance.estimates.terms import model_words
from compliance.estimates.two_lists import homogeneity


def small_overlap(overlap: int, limits: Thresholds = DEFAULT) -> Notice | None:
    """W02 for the overlap of the two lists of a Chapman estimate."""
    if overlap >= limits.w02_overlap:
        return None
    return notice(
        "W02",
        f"Small overlap: {figure(overlap)} on both lists, fewer than {limits.w02_overlap}. The estimate is biased low.",
        overlap=overlap,
    )


def no_estimate(reasons: Mapping[str, str], tried: int, lists: Sequence[str] = ()) -> Notice | None:
    """W05 with the models of these lists that have none, and why; serious where it is all of so many that were tried.

    The sentence names the lists; the facts keep the published notation.
    """
    if not reasons:
        return None
    words = {"no_mle": "no maximum of the likelihood", "not_identifiable": "not identifiable"}
    by_reason: dict[str, list[str]] = {}
    for model, reason in reasons.items():
        by_reason.setdefault(reason, []).append(model_words(model, lists))
    parts = [
        f"{words.get(reason, reason)}: {'; '.join(models[:5])}{' and others' if len(models) > 5 else ''}"
        for reason, models in by_reason.items()
    ]
    every = len(reasons) >= tried
    head = "No model has an estimate" if every else f"{len(reasons)} of {tried} models have no estimate"
    return notice("W05", f"{head} ({' – '.join(parts)}).", serious=every, models=dict(reasons), tried=tried)


def dependent_by_rates(found: Mapping[str, tuple[int, int]], limits: Thresholds = DEFAULT) -> Notice | None:
    """W06 where the lists disagree on the share that is registered."""
    test = homogeneity([pair for pair in found.values() if pair[1]])
    if test.p is None or test.p >= limits.w06_p:
        return None
    shares = "; ".join(f"{name} {100 * m / n:.0f} in 100" for name, (m, n) in found.items() if n)
    return notice(
        "W06",
        f"The lists disagree on the share that is registered ({shares}), as they would by chance in"
        f" {chance_words(test.p)}: they do not depend on registration in the same way.",
        rates={name: kept(m / n) for name, (m, n) in found.items() if n},
        p=kept(test.p),
    )


def dependent_by_terms(z: Mapping[str, float], limits: Thresholds = DEFAULT) -> Notice | None:
    """W06 for the pairs of lists whose term in the best model is large; `z` by the pair in words."""
    large = {pair: value for pair, value in z.items() if abs(value) > limits.w06_z}
    if not large:
        return None
    words = "; ".join(
        f"{pair} {'together' if value > 0 else 'apart'} (z = {value:.1f})" for pair, value in large.items()
    )
    return notice(
        "W06",
        f"Lists are not independent: {words}. The model takes this into account.",
        z={pair: kept(value) for pair, value in large.items()},
    )


def unstable(
    low: float, high: float, models: int, best: float, main: float | None, limits: Thresholds = DEFAULT
) -> Notice | None:
    """W07 for the least and the largest N of the 95 % model set, and the best model's beside the main effects'."""
    ratio = high / low if low > 0 else math.inf
    against = best / main if main else 1.0
    apart = not 1 / limits.w07_ratio <= against <= limits.w07_ratio
    if ratio <= limits.w07_ratio and not apart:
        return None
    if apart and main:
        low, high = min(low, main, best), max(high, main, best)
    return notice(
        "W07",
        f"The figure depends on the model: {figure(low)} to {figure(high)}."
        + (
            " With independent lists it is " + figure(main) + ", with the best model " + figure(best) + "."
            if apart and main
            else ""
        ),
        low=kept(low),
        high=kept(high),
        models=models,
        best_over_main=kept(against),
    )


def imprecise(n: float, se: float | None, interval: Interval | None, limits: Thresholds = DEFAULT) -> Notice | None:
    """W08 for an estimate and its interval, which may have no upper bound."""
    ratio = interval.high / interval.low if interval is not None and interval.low > 0 else None
    relative = se / n if se is not None and n > 0 else None
    wide = ratio is not None and ratio > limits.w08_ratio
    if not wide and not (relative is not None and relative > limits.w08_relative_se):
        return None
    if interval is None:
        words = f"standard error {figure(se or 0)}"
    elif math.isfinite(interval.high):
        words = f"{figure(interval.low)} to {figure(interval.high)}"
    else:
        words = f"{figure(interval.low)} or more, without an upper bound"
    return notice(
        "W08",
        f"Too imprecise to publish as a number: {figure(n)}, {words}.",
        n=number(n),
        low=None if interval is None else number(interval.low),
        high=None if interval is None else number(interval.high),
    )


def heterogeneous(
    bound: float | None, main: float | None, bent: Convexity | None, limits: Thresholds = DEFAULT
) -> Notice | None:
    """W09 where the lower bound of M_th lies well above independence, or many sightings are commoner than chance.

    The second: log(f_k / C(K, k)), with f_k on exactly k of K lists, is convex in k, and beyond chance.
    """
    excess = bound / main - 1 if bound is not None and main else 0.0
    z = bent.curvature / bent.se if bent is not None and bent.curvature is not None and bent.se else None
    convex = bent is not None and bent.convex and z is not None and z > limits.w09_z
    above = bound is not None and bool(main) and bound > (main or 0) * (1 + limits.w09_excess)
    if not above and not convex:
        return None
    reasons = []
    if above and bound is not None and main is not None:
        reasons.append(
            f"the lower bound {figure(bound)} lies {100 * excess:.0f} % above {figure(main)} of equal chances"
        )
    if convex:
        reasons.append("more operations are on many lists than chance would put there")
    return notice(
        "W09",
        f"Some sites are much easier to find than others: {' and '.join(reasons)}. Treat the figure as a minimum.",
        excess=kept(excess),
        convexity_z=None if z is None else kept(z),
    )


def low_coverage(coverage: float, limits: Thresholds = DEFAULT) -> Notice | None:
    """W10 for the sample coverage C."""
    if coverage > limits.w10_coverage:
        return None
    return notice(
        "W10",
        f"Overlap too low for coverage estimators: coverage {coverage:.2f}, {limits.w10_coverage} or less.",
        coverage=kept(coverage),
    )


def poor_fit(
    model: str,
    deviance: float,
    df: int,
    limits: Thresholds = DEFAULT,
    *,
    of: str = "overlaps",
    lists: Sequence[str] = (),
) -> Notice | None:
    """W11 for the model that leads, which is to describe the overlaps of these lists, or the counts of repeats."""
    said = model if not lists else f"({model_words(model, lists)})"
    if df <= limits.w11_df or not math.isfinite(deviance):
        return None
    p = float(chdtrc(df, deviance))
    if p >= limits.w11_p:
        return None
    return notice(
        "W11",
        f"The model {said} does not describe the {of}: deviance {figure(deviance)} on {df} degrees of freedom, as"
        f" by chance in {chance_words(p)}.",
        model=model,
        deviance=kept(deviance),
        df=df,
        p=kept(p),
    )


def list_influence(n: float, without: Mapping[str, float], limits: Thresholds = DEFAULT) -> Notice | None:
    """W12 with the lists without which the figure moves by more than half; `without` holds N by the list dropped."""
    moved = {name: other for name, other in without.items() if abs(other - n) > limits.w12_change * n}
    if not moved:
        return None
    words = "; ".join(f"without {name} it is {figure(other)}" for name, other in moved.items())
    return notice(
        "W12",
        f"The figure of {figure(n)} rests on {spoken(moved)}: {words}.",
        n=kept(n),
        without={name: kept(other) for name, other in moved.items()},
    )


def one_inflation(excess: float, deviations: float, limits: Thresholds = DEFAULT) -> Notice | None:
    """W17 for the singles above what a truncated Poisson of the repeats expects, and the same in its deviations."""
    if deviations <= limits.w17_deviations:
        return None
    return notice(
        "W17",
        f"Single sightings inflate the estimate: {figure(excess)} more than the repeats let expect"
        f" ({deviations:.1f} standard deviations).",
        excess=kept(excess),
        deviations=kept(deviations),
    )
