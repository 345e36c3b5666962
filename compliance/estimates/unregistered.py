"""How many unregistered operations there are in one size class, by what its lists allow, and the same when redrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compliance.estimates import bootstrap
from compliance.estimates.analysis import Analysis, analyse
from compliance.estimates.diagnostics import Notice, in_order, notice, spoken
from compliance.estimates.documents import estimate_json, estimate_of, number
from compliance.estimates.input_notices import lists_left_out, structural_zero
from compliance.estimates.model_notices import small_overlap
from compliance.estimates.results import Estimate, Interval, kept
from compliance.estimates.strata import ListTraits, Settings, Stratum, eligible, others, register_of
from compliance.estimates.tables import Table
from compliance.estimates.two_lists import chapman

AMONG_UNREGISTERED = "lists among the unregistered"
WITH_REGISTER = "one list and the register"
NONE = "none"


@dataclass(frozen=True)
class StratumModel:
    """The unregistered of one stratum. `registered` counts the register's entries there, `seen` the unregistered seen.

    `u` is their number with its profile interval; `low`, `high` bound it over the plausible models, `main` is that of
    independent lists, `bound` the least there can be. `method` says how: among the unregistered from two lists or more
    that overlap; else from one list (`lists`, merged where several) and the register, whose `overlap` of `listed` is
    then given, and `u` is of a register all of which is active; else none. `without` holds u by the list left out.
    """

    stratum: Stratum
    registered: int
    seen: int
    method: str
    lists: tuple[str, ...]
    u: Estimate
    low: float | None
    high: float | None
    main: float | None
    bound: float
    second: float | None
    without: Mapping[str, float | None]
    overlap: int
    listed: int
    analysis: Analysis | None
    notices: tuple[Notice, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "stratum": self.stratum.to_json(),
            "registered": self.registered,
            "seen": self.seen,
            "method": self.method,
            "lists": list(self.lists),
            "U": estimate_json(self.u),
            "low": number(self.low),
            "high": number(self.high),
            "main": number(self.main),
            "bound": kept(self.bound),
            "second": number(self.second),
            "without": {name: number(each) for name, each in self.without.items()},
            "overlap": self.overlap,
            "listed": self.listed,
            "analysis": None if self.analysis is None else self.analysis.to_json(),
            "warnings": [each.to_json() for each in self.notices],
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "StratumModel":
        return cls(
            stratum=Stratum.from_json(found["stratum"]),
            registered=found["registered"],
            seen=found["seen"],
            method=found["method"],
            lists=tuple(found["lists"]),
            u=estimate_of(found["U"]),
            low=found["low"],
            high=found["high"],
            main=found["main"],
            bound=found["bound"],
            second=found["second"],
            without=dict(found["without"]),
            overlap=found["overlap"],
            listed=found["listed"],
            analysis=None if found["analysis"] is None else Analysis.from_json(found["analysis"]),
            notices=tuple(Notice.from_json(each) for each in found["warnings"]),
        )


@dataclass(frozen=True)
class _Chosen:
    """The way that a stratum's lists allow, and the table on which it works."""

    method: str
    table: Table | None
    lists: tuple[str, ...] = ()
    small: tuple[str, ...] = ()


def stratum_model(stratum: Stratum, traits: Sequence[ListTraits], settings: Settings) -> StratumModel:
    """The estimate of one stratum by the rules. Never raises for tables whose lists the traits name.

    As read back from JSON: figures are rounded to what is kept, so that a run and its verification agree.
    """
    return StratumModel.from_json(_model(stratum, traits, settings).to_json())


def stratum_replicates(
    stratum: Stratum, traits: Sequence[ListTraits], settings: Settings, *, seed: Sequence[int], first: int, count: int
) -> list[float | None]:
    """U of the stratum redrawn, replicates `first` … `first + count − 1`; null where a redrawn table gives none.

    The i-th depends on the seed and i alone. Models are selected anew in each.
    """
    chosen = _chosen(stratum, traits, settings)
    if chosen.table is None or not count:
        return [None] * count
    table = chosen.table
    if table.k > 2:
        found = bootstrap.replicates(table, seed=list(seed), first=first, count=count, selection=True)
    else:
        rows = bootstrap.drawn(table, seed=list(seed), first=first, count=count)
        found = chapman_redrawn(rows)
        if chosen.method == WITH_REGISTER:
            found = found - table.sizes[0]
    return [number(value) for value in found.tolist()]


def chapman_redrawn(rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Chapman's estimate of many tables of two lists, shape (tables, 3), at once."""
    only_one, only_other, both = (rows[:, place].astype(np.float64) for place in range(3))
    return np.asarray((only_one + both + 1) * (only_other + both + 1) / (both + 1) - 1)


def _chosen(stratum: Stratum, traits: Sequence[ListTraits], settings: Settings) -> _Chosen:
    register, lists = register_of(traits), others(traits)
    if not lists:
        return _Chosen(NONE, None)
    outside = stratum.table.outside(register).only(lists)
    sizes = dict(zip(outside.lists, outside.sizes.tolist(), strict=True))
    enough = [name for name in lists if sizes[name] >= settings.thresholds.w01_list]
    usable = enough if len(enough) > 1 else [name for name in lists if sizes[name]]
    small = tuple(name for name in lists if sizes[name] and name not in usable)
    if len(usable) > 1:
        table = outside.only(usable)
        if (table.overlaps - np.diag(table.sizes)).any():
            return _Chosen(AMONG_UNREGISTERED, table, table.lists, small)
    fair = [name for name in eligible(traits) if int(stratum.table.sizes[stratum.table.place(name)])]
    if fair and int(stratum.table.sizes[stratum.table.place(register)]):
        return _Chosen(WITH_REGISTER, merged(stratum.table, register, fair), tuple(fair))
    return _Chosen(NONE, None)


def merged(table: Table, register: str, lists: Sequence[str]) -> Table:
    """The register, and these lists as one: who is on any of them."""
    part = table.only([register, *lists])
    registered = part.bits[:, 0] == 1
    listed = part.bits[:, 1:].any(axis=1)
    codes = registered.astype(np.int64) + 2 * listed
    counts = np.bincount(codes, weights=part.counts.astype(np.float64), minlength=4)[1:].astype(np.int64)
    return Table((register, " or ".join(lists)), counts)


def _model(stratum: Stratum, traits: Sequence[ListTraits], settings: Settings) -> StratumModel:
    register = register_of(traits)
    registered = int(stratum.table.sizes[stratum.table.place(register)])
    present = set(stratum.table.lists)
    conditional = [each.name for each in traits if each.conditional_on_unregistered and each.name in present]
    outside_window = [each.name for each in traits if not each.covers and each.name in present]
    notices: list[Notice | None] = [structural_zero(register, conditional), lists_left_out(outside_window)]
    lists = others(traits)
    seen = stratum.table.outside(register).only(lists).n if lists else 0
    chosen = _chosen(stratum, traits, settings)
    if chosen.small:
        notices.append(
            notice("B12", f"Too few of this class are on {spoken(chosen.small)}; left out.", lists=list(chosen.small))
        )
    if chosen.table is None:
        why = _why_none(stratum, lists, seen)
        notices.append(notice("B11", f"The unregistered of “{stratum.name}” cannot be estimated: {why}"))
        none = Estimate("none", None, why_none=why)
        return StratumModel(
            stratum, registered, seen, NONE, (), none, None, None, None, float(seen), None, {}, 0, 0, None,
            in_order(notices),
        )  # fmt: skip
    if chosen.method == WITH_REGISTER:
        return _with_register(stratum, registered, seen, chosen.table, chosen.lists, notices, settings)
    analysis = analyse(chosen.table, settings.thresholds, second_opinion=settings.second_opinion)
    leading = analysis.leading
    if leading.n is None:
        notices.append(notice("B11", f"The unregistered of “{stratum.name}” cannot be estimated: {leading.why_none}"))
    bound = analysis.bound.n or 0.0
    return StratumModel(
        stratum=stratum,
        registered=registered,
        seen=seen,
        method=AMONG_UNREGISTERED if leading.n is not None else NONE,
        lists=chosen.table.lists,
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
