"""How many unregistered operations there are in one size class, by what its lists allow, and the same when redrawn."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from compliance.estimates import bootstrap
from compliance.estimates.analysis import analyse
from compliance.estimates.diagnostics import Notice, in_order, notice, spoken
from compliance.estimates.documents import number
from compliance.estimates.input_notices import lists_left_out, structural_zero
from compliance.estimates.loglinear import parse_model
from compliance.estimates.matching import EXACT, Matching
from compliance.estimates.mismatches import undone
from compliance.estimates.model_notices import small_overlap
from compliance.estimates.results import Estimate, Interval
from compliance.estimates.strata import ListTraits, Settings, Stratum, others, register_of
from compliance.estimates.stratum_models import AMONG_UNREGISTERED, NONE, WITH_REGISTER, Matched, StratumModel
from compliance.estimates.stratum_ways import NO_WAY, part_of, way_of
from compliance.estimates.tables import Table
from compliance.estimates.two_lists import chapman

NO_MATCH = "matching is so poor that a match says next to nothing."


def stratum_model(
    stratum: Stratum, traits: Sequence[ListTraits], settings: Settings, matching: Matching = EXACT
) -> StratumModel:
    """The estimate of one stratum by the rules. Never raises for tables whose lists the traits name.

    As read back from JSON: figures are rounded to what is kept, so that a run and its verification agree.
    """
    return StratumModel.from_json(_with_errors(stratum, traits, settings, matching).to_json())


def stratum_replicates(
    stratum: Stratum,
    traits: Sequence[ListTraits],
    settings: Settings,
    *,
    seed: Sequence[int],
    first: int,
    count: int,
    matching: Matching = EXACT,
) -> list[float | None]:
    """U of the stratum redrawn, replicates `first` … `first + count − 1`; null where a redrawn table gives none.

    The i-th depends on the seed and i alone. In each, models are selected anew, unknown sizes are allotted otherwise,
    and errors of matching, which differ by i, are taken out.
    """
    register = register_of(traits)
    way = way_of(_corrected(stratum, register, matching), traits, settings) if matching.tells else NO_WAY
    if way.table is None or not count:
        return [None] * count
    if matching.review is not None or stratum.otherwise:
        whole = [_redrawn(stratum, register, matching, seed, at) for at in range(first, first + count)]
        rows = np.array([part_of(each, register, way).counts for each in whole])
    else:
        rows = bootstrap.drawn(way.table, seed=list(seed), first=first, count=count)
    return list(_of_rows(way.method, way.table, rows))


def _redrawn(stratum: Stratum, register: str, matching: Matching, seed: Sequence[int], at: int) -> Table:
    """The whole table of the stratum for one replicate, its unknown sizes and its errors of matching those of `at`."""
    base = stratum.tables[at % len(stratum.tables)]
    [row] = bootstrap.drawn(base, seed=list(seed), first=at, count=1)
    return undone(Table(base.lists, row), register, *matching.at(at))


def _of_rows(method: str, table: Table, rows: NDArray[np.int64]) -> tuple[float | None, ...]:
    """U by each of these tables, which are like the one of the method."""
    found = chapman_redrawn(rows) if table.k == 2 else bootstrap.chosen_anew(table, rows)
    if method == WITH_REGISTER:
        found = found - table.sizes[0]
    return tuple(number(value) for value in found.tolist())


def chapman_redrawn(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Chapman's estimate of many tables of two lists, shape (tables, 3), at once."""
    only_one, only_other, both = (rows[:, place].astype(np.float64) for place in range(3))
    return np.asarray((only_one + both + 1) * (only_other + both + 1) / (both + 1) - 1)


def _corrected(stratum: Stratum, register: str, matching: Matching) -> Stratum:
    """The stratum without the errors of matching."""
    return replace(stratum, table=undone(stratum.table, register, matching.sensitivity, matching.false_links))


def _with_errors(
    stratum: Stratum, traits: Sequence[ListTraits], settings: Settings, matching: Matching
) -> StratumModel:
    if not matching.tells:
        return _none(stratum, traits, settings)
    register = register_of(traits)
    found = _model(_corrected(stratum, register, matching), traits, settings)
    plain = replace(settings, second_opinion=False)
    if stratum.otherwise:
        whole = [_corrected(replace(stratum, table=each), register, matching).table for each in stratum.tables]
        found = replace(found, allotting=_by_best(whole, found, traits, settings))
    if matching.review is not None:
        return _reviewed(found, _model(stratum, traits, plain), traits, settings, matching)
    if matching.least == 1:
        return found
    worst = _model(_corrected(stratum, register, replace(matching, sensitivity=matching.least)), traits, plain)
    return replace(found, matched=Matched(found.u.n, found.low, found.high, found.u, worst.u, worst.bound))


def _reviewed(
    found: StratumModel,
    linked: StratumModel,
    traits: Sequence[ListTraits],
    settings: Settings,
    matching: Matching,
) -> StratumModel:
    """The model of the corrected table, with that of the table as linked and what the review leaves open."""
    register, n = register_of(traits), found.u.n
    at = [replace(matching, sensitivity=s) for s in (matching.most, matching.sensitivity, matching.least)]
    values = _by_best([_corrected(linked.stratum, register, each).table for each in at], found, traits, settings)
    # How U moves with the sensitivity hardly depends on the model, so the best one tells it for their average.
    ends = [
        None if None in (value, n) or not values[1] else float(n or 0) * float(value or 0) / float(values[1])
        for value in (values or (None,) * 3)[::2]
    ]
    best, worst = (Estimate("best model at the bounds of the sensitivity", end) for end in ends)
    return replace(
        found,
        stratum=linked.stratum,
        seen=linked.seen,
        u=replace(found.u, interval=_stretched(found.u, float(found.seen), matching)),
        counts=tuple(found.stratum.table.counts.tolist()),
        matched=Matched(linked.u.n, linked.low, linked.high, best, worst, found.bound),
    )


def _none(stratum: Stratum, traits: Sequence[ListTraits], settings: Settings) -> StratumModel:
    """The stratum without an estimate, for no match can be trusted."""
    found = _model(stratum, traits, replace(settings, second_opinion=False))
    words = notice("B11", f"The unregistered of “{stratum.name}” cannot be estimated: {NO_MATCH}")
    none = Estimate("none", None, why_none=NO_MATCH)
    return replace(
        found, method=NONE, u=none, low=None, high=None, main=None, bound=0.0, without={}, analysis=None,
        notices=in_order([*found.notices, words]),
    )  # fmt: skip


def _stretched(u: Estimate, least: float, matching: Matching) -> Interval | None:
    """The interval as wide as the overlaps that were seen allow: a corrected table has 1/s times as many."""
    if u.interval is None or u.n is None or not least < u.interval.low <= u.n <= u.interval.high:
        return u.interval
    by = 1 / math.sqrt(matching.sensitivity)
    unseen = u.n - least
    low, high = (least + unseen * ((end - least) / unseen) ** by for end in (u.interval.low, u.interval.high))
    return replace(u.interval, low=low, high=high, how=f"{u.interval.how}, for the matches found")


def _by_best(
    tables: Sequence[Table], found: StratumModel, traits: Sequence[ListTraits], settings: Settings
) -> tuple[float | None, ...]:
    """U by the best model of the stratum on each of these tables, which are like its own; empty where it has none."""
    register = register_of(traits)
    way = way_of(found.stratum, traits, settings)
    if way.table is None or found.u.n is None:
        return ()
    rows = np.array([part_of(each, register, way).counts for each in tables])
    best = found.analysis.best if found.analysis is not None else None
    if best is None or best.model is None:
        return _of_rows(way.method, way.table, rows)
    return tuple(number(each) for each in bootstrap.refitted(way.table, rows, parse_model(best.model)).tolist())


def _model(stratum: Stratum, traits: Sequence[ListTraits], settings: Settings) -> StratumModel:
    register = register_of(traits)
    registered = int(stratum.table.sizes[stratum.table.place(register)])
    present = set(stratum.table.lists)
    conditional = [each.name for each in traits if each.conditional_on_unregistered and each.name in present]
    outside_window = [each.name for each in traits if not each.covers and each.name in present]
    notices: list[Notice | None] = [structural_zero(register, conditional), lists_left_out(outside_window)]
    lists = others(traits)
    seen = stratum.table.outside(register).only(lists).n if lists else 0
    way = way_of(stratum, traits, settings)
    if way.small:
        notices.append(
            notice("B12", f"Too few of this class are on {spoken(way.small)}; left out.", lists=list(way.small))
        )
    if way.table is None:
        why = _why_none(stratum, lists, seen)
        notices.append(notice("B11", f"The unregistered of “{stratum.name}” cannot be estimated: {why}"))
        none = Estimate("none", None, why_none=why)
        return StratumModel(
            stratum, registered, seen, NONE, (), none, None, None, None, float(seen), None, {}, 0, 0, None,
            in_order(notices),
        )  # fmt: skip
    if way.method == WITH_REGISTER:
        return _with_register(stratum, registered, seen, way.table, way.lists, notices, settings)
    analysis = analyse(way.table, settings.thresholds, second_opinion=settings.second_opinion)
    leading = analysis.leading
    if leading.n is None:
        notices.append(notice("B11", f"The unregistered of “{stratum.name}” cannot be estimated: {leading.why_none}"))
    bound = analysis.bound.n or 0.0
    return StratumModel(
        stratum=stratum,
        registered=registered,
        seen=seen,
        method=AMONG_UNREGISTERED if leading.n is not None else NONE,
        lists=way.table.lists,
        u=leading,
        low=analysis.low,
        high=analysis.high,
        main=analysis.main.n if analysis.main is not None else leading.n,
        bound=max(float(seen), bound if leading.n is None else min(bound, leading.n)),
        second=analysis.second.n if analysis.second is not None else None,
        without={name: each.n for name, each in analysis.without.items()},
        overlap=0,
        listed=0,
        analysis=analysis,
        notices=in_order([*notices, *analysis.notices]),
    )


def _with_register(
    stratum: Stratum,
    registered: int,
    seen: int,
    table: Table,
    lists: tuple[str, ...],
    notices: list[Notice | None],
    settings: Settings,
) -> StratumModel:
    listed, overlap = int(table.sizes[1]), int(table.overlaps[0, 1])
    whole = chapman(registered, listed, overlap)
    least = float(seen)
    n = None if whole.n is None else max(least, whole.n - registered)
    interval = whole.interval
    if interval is not None:
        low, high = max(least, interval.low - registered), max(least, interval.high - registered)
        interval = Interval(low, high, interval.how, interval.level)
    u = Estimate("Chapman", n, whole.se, interval, why_none=whole.why_none)
    notices.append(small_overlap(overlap, settings.thresholds))
    return StratumModel(
        stratum, registered, seen, WITH_REGISTER, lists, u, n, n, n, least, None, {},
        overlap, listed, None, in_order(notices),
    )  # fmt: skip


def _why_none(stratum: Stratum, lists: Sequence[str], seen: int) -> str:
    if not lists:
        return "there is no list beside the register that was kept here for the whole window."
    if not seen:
        return "nobody there was seen by any list without being registered."
    return "its lists do not overlap with each other, and none can be compared with the register."
