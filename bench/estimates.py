"""What the estimates of lists cost, beside statsmodels; `python -m bench.estimates` measures them alone."""

import math
import multiprocessing
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import statsmodels.api as sm

from bench.figures import Figure, keep, show
from compliance.estimates.bootstrap import drawn, replicates
from compliance.estimates.existence import mle_exists
from compliance.estimates.loglinear import fit
from compliance.estimates.many import Tables, fit_many
from compliance.estimates.profile import multinomial_interval
from compliance.estimates.selection import search
from compliance.estimates.stepwise import stepwise
from compliance.estimates.tables import Table, histories
from compliance.estimates.terms import Floats, Terms, design, masks, pairwise_models

ACCURACY = 1e-6
STRATA = 4
REPLICATES = 1000
CHUNK = 250
WORKERS = 2
SAMPLE = 40
"""Fits that statsmodels is timed on; its seconds are scaled to as many as ours."""


def measures() -> Iterator[Figure]:
    for lists in (3, 4, 5):
        yield _single(lists)
    for lists in (3, 5):
        yield _batched(lists)
    yield from _parts()
    yield _national()


def population(lists: int, units: int, seed: int) -> Table:
    """Lists that each see 5 to 30 in a hundred, the first two of which see the same ones more often than by chance."""
    random = np.random.default_rng(seed)
    bits = histories(lists).astype(np.float64)
    seen = np.linspace(0.05, 0.3, lists)
    chance = np.exp(bits @ np.log(seen / (1 - seen)) + 0.8 * bits[:, 0] * bits[:, 1]) * np.prod(1 - seen)
    return Table(tuple("abcdefghij"[:lists]), random.poisson(units * chance).astype(np.int64))


def _single(lists: int) -> Figure:
    table = population(lists, 8000, lists)
    models = pairwise_models(lists)
    ours = _seconds(lambda: [fit(table, terms) for terms in models])
    sample = models[:: max(1, len(models) // SAMPLE)]
    raw = _statsmodels(table, sample) * len(models) / len(sample)
    _same(table, sample)
    note = f"{ours / len(models) * 1e3:.3f} ms a fit, statsmodels {raw / len(models) * 1e3:.2f}; same to 1e-6"
    return Figure(f"estimate_fit_{lists}_lists", ours, raw, len(models), "≤ 0.2 ×", note)


def _batched(lists: int) -> Figure:
    table = population(lists, 8000, lists)
    models = pairwise_models(lists)[:: 1 if lists == 3 else 64]
    tables = Tables.of(lists, drawn(table, seed=1, first=0, count=REPLICATES))
    blocks = tables.blocks()
    ours = _seconds(lambda: [fit_many(block, masks(lists, terms)) for terms in models for block in blocks])
    fits = len(models) * REPLICATES
    raw = _statsmodels(table, models) * REPLICATES
    note = f"{ours / fits * 1e6:.1f} µs a fit, statsmodels {raw / fits * 1e6:,.0f}"
    return Figure(f"estimate_batched_{lists}_lists", ours, raw, fits, "≤ 0.2 ×", note)


def _parts() -> Iterator[Figure]:
    five, six = population(5, 8000, 5), population(6, 8000, 6)
    matrix = design(5, masks(5, pairwise_models(5)[-1]))
    seen = five.counts > 0
    yield Figure("estimate_search_5_lists", _seconds(lambda: search(five)), None, 1024, "< 1 s", "all pairwise models")
    yield Figure("estimate_existence", _seconds(lambda: mle_exists(matrix, seen)), None, 1, "", "linear programme")
    yield Figure("estimate_stepwise_6_lists", _seconds(lambda: stepwise(six)), None, 1, "< 1.5 s", "")
    best = search(five).best.terms
    seconds = _seconds(lambda: multinomial_interval(five, best))
    yield Figure("estimate_profile_5_lists", seconds, None, 1, "< 0.03 s", "multinomial profile interval")


def _national() -> Figure:
    """Four strata of five lists, every replicate with all 1,024 models, as many processes as there are workers."""
    units = [(stratum, first) for stratum in range(STRATA) for first in range(0, REPLICATES, CHUNK)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
        list(pool.map(_warm, range(WORKERS)))
        started = time.perf_counter()
        values = list(pool.map(_unit, units))
        seconds = time.perf_counter() - started
    fits = STRATA * REPLICATES * len(pairwise_models(5))
    whole = np.concatenate(values).reshape(STRATA, REPLICATES).sum(axis=0)
    low, high = np.quantile(whole, [0.025, 0.975])
    note = f"{seconds / fits * 1e6:.1f} µs a fit on {WORKERS} workers; {low:,.0f} to {high:,.0f} in all"
    return Figure("estimate_national", seconds, None, fits, "< 300 s", note)


def _warm(_: int) -> None:
    search(population(3, 100, 1))


def _unit(unit: tuple[int, int]) -> Floats:
    stratum, first = unit
    table = population(5, 20_000 // 4**stratum, stratum)
    return replicates(table, seed=[1, stratum], first=first, count=CHUNK)


def _statsmodels(table: Table, models: tuple[Terms, ...]) -> float:
    counts = table.counts.astype(np.float64)
    return _seconds(lambda: [_oracle(counts, design(table.k, masks(table.k, terms))) for terms in models])


def _oracle(counts: Floats, matrix: Floats) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(sm.GLM(counts, matrix, family=sm.families.Poisson()).fit(tol=1e-10).params[0])


def _same(table: Table, models: tuple[Terms, ...]) -> None:
    for terms in models:
        theirs = math.exp(_oracle(table.counts.astype(np.float64), design(table.k, masks(table.k, terms))))
        if not math.isclose(fit(table, terms).f0, theirs, rel_tol=ACCURACY):
            raise SystemExit(f"The fit of {terms} is not that of statsmodels.")


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor, the best of three, so that what else the machine does counts little."""
    tries = []
    for _ in range(3):
        started = time.process_time()
        work()
        tries.append(time.process_time() - started)
    return min(tries)


def main() -> None:
    figures = []
    for figure in measures():
        show(figure)
        figures.append(figure)
    keep(figures, beside=True)


if __name__ == "__main__":
    main()
