"""Operations of unknown size, allotted to the size classes by what is known of those with the same history."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.strata import ListTraits, Settings, Stratum, others, register_of
from compliance.estimates.tables import Table, histories
from compliance.estimates.terms import Floats

RIDGE = 0.01
"""Holds the slopes of lists on which nobody, or everybody, is of one class; of no weight where there are records."""
STEPS = 50
DRAWS = 40
SEED = 20260101
"""Of the draws, which are the same whenever they are made."""


def allotted(strata: Sequence[Stratum], traits: Sequence[ListTraits], settings: Settings) -> list[Stratum]:
    """The strata, with those of unknown size among the classes where enough sizes are known; else as they were, with
    the number of the unregistered whose size is not.

    Whether a size is known may depend on which lists an operation is on and on whether it is registered, and on the
    size through these alone (missing at random). The chance of a class then is a logit of the lists, fitted to those of
    known size, apart for the registered and the others. Counts stay whole, and each history keeps its number.
    """
    classes = [each for each in strata if each.size_known]
    unknown = [each for each in strata if not each.size_known and each.table.n]
    if not unknown or len(classes) < 2 or not enough_known(classes, unknown, traits, settings):
        return [each if each.size_known else replace(each, unsized=_seen(each, traits)) for each in strata]
    whole = np.sum([each.table.counts for each in unknown], axis=0)
    known = np.array([each.table.counts for each in classes])
    bits = classes[0].table.bits
    registered = bits[:, classes[0].table.place(register_of(traits))] == 1
    given, drawn = np.zeros_like(known), np.zeros((DRAWS, *known.shape), dtype=np.int64)
    for side in (registered, ~registered):
        given[:, side], drawn[:, :, side] = _given(known[:, side], whole[side], bits[side])
    return [
        replace(
            each,
            table=Table(each.table.lists, each.table.counts + given[at]),
            allotted=int(given[at][~registered].sum()),
            otherwise=tuple(tuple(counts) for counts in (each.table.counts + drawn[:, at]).tolist()),
        )
        for at, each in enumerate(classes)
    ]


def _given(
    known: NDArray[np.int64], unknown: NDArray[np.int64], bits: NDArray[np.uint8]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The unknown by class and history: as expected, and as drawn, with the chances of the classes drawn too."""
    expected = chances(known, bits)
    chance = np.random.default_rng(np.random.SeedSequence([SEED, len(known), len(unknown)]))
    totals, drawn = known.sum(axis=0), []
    for _ in range(DRAWS):
        again = chances(chance.multinomial(totals, expected.T).T, bits)
        drawn.append(chance.multinomial(unknown, again.T).T)
    return _whole(unknown * expected, unknown), np.array(drawn, dtype=np.int64)


def _seen(stratum: Stratum, traits: Sequence[ListTraits]) -> int:
    lists = others(traits)
    return stratum.table.outside(register_of(traits)).only(lists).n if lists else 0


def enough_known(
    classes: Sequence[Stratum], unknown: Sequence[Stratum], traits: Sequence[ListTraits], settings: Settings
) -> bool:
    """Whether of the unregistered, the size of a large enough part is known, and of enough on each list."""
    register, lists = register_of(traits), others(traits)
    if not lists:
        return False
    limits = settings.thresholds
    known, rest = (
        np.sum([each.table.outside(register).only(lists).counts for each in part], axis=0)
        for part in (classes, unknown)
    )
    of = known + rest
    on = histories(len(lists)).astype(bool)
    by_list = zip((known @ on).tolist(), (of @ on).tolist(), strict=True)
    return bool(known.sum() >= limits.b13_known * of.sum()) and all(
        size >= min(limits.w01_list, total) for size, total in by_list
    )


def chances(counts: NDArray[np.int64], bits: NDArray[np.uint8]) -> Floats:
    """The chance of each class by history, shape (classes, histories), by a multinomial logit of the lists."""
    design = np.hstack([np.ones((len(bits), 1)), bits[:, bits.any(axis=0) & ~bits.all(axis=0)].astype(np.float64)])
    classes, width = len(counts), design.shape[1]
    totals = counts.sum(axis=0)
    slopes = np.zeros((classes - 1, width))
    for _ in range(STEPS):
        p = _softmax(design @ slopes.T)
        gradient = ((counts[1:] - totals * p[1:]) @ design - RIDGE * slopes).ravel()
        information = np.empty((classes - 1, width, classes - 1, width))
        for one in range(classes - 1):
            for other in range(classes - 1):
                weights = totals * p[1 + one] * ((one == other) - p[1 + other])
                information[one, :, other, :] = design.T @ (weights[:, None] * design)
        square = information.reshape(gradient.size, gradient.size) + RIDGE * np.eye(gradient.size)
        step = np.linalg.solve(square, gradient)
        slopes += step.reshape(slopes.shape) * min(1.0, 2.0 / float(np.abs(step).max() or 1.0))
        if np.abs(step).max() < 1e-8:
            break
    return _softmax(design @ slopes.T)


def _softmax(scores: Floats) -> Floats:
    every = np.hstack([np.zeros((len(scores), 1)), scores])
    raised = np.exp(every - every.max(axis=1, keepdims=True))
    return np.asarray((raised / raised.sum(axis=1, keepdims=True)).T)


def _whole(expected: Floats, totals: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers near the expected ones, shape (classes, histories), that add up to the totals of the histories.

    What is rounded off of a class is carried to its next history, so that no class loses by it.
    """
    found = np.zeros(expected.shape, dtype=np.int64)
    carried = np.zeros(len(expected))
    for at, total in enumerate(totals.tolist()):
        wanted = expected[:, at] + carried
        base = np.maximum(np.floor(wanted), 0).astype(np.int64)
        while base.sum() > total:
            base[np.argmax(base - wanted - (base == 0) * total)] -= 1
        for place in np.argsort(base - wanted, kind="stable")[: total - int(base.sum())]:
            base[place] += 1
        found[:, at] = base
        carried = wanted - base
    return found
