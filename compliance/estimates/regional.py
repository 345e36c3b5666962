"""Unregistered operations of one region and month: models chosen once for the nation, fitted to its own lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.estimates.documents import number
from compliance.estimates.loglinear import NoEstimate, fit
from compliance.estimates.selection import MOST_LISTS, search
from compliance.estimates.stepwise import stepwise
from compliance.estimates.strata import ListTraits, Settings, Stratum, eligible, others, register_of
from compliance.estimates.tables import Table
from compliance.estimates.terms import Terms, canonical, parse_model
from compliance.estimates.terms import model_name as named

LARGEST_SE = 20.0
"""Of ln f0: a fit that is less certain tells nothing."""


@dataclass(frozen=True)
class Choice:
    """The model of one size class: its lists and its interactions, as numbers from 1, “[12,13]”."""

    stratum: str
    lists: tuple[str, ...]
    model: str

    def to_json(self) -> dict[str, Any]:
        return {"stratum": self.stratum, "lists": list(self.lists), "model": self.model}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Choice":
        return cls(kept["stratum"], tuple(kept["lists"]), kept["model"])


@dataclass(frozen=True)
class Own:
    """What the lists of one place say of one size class: how many they saw unregistered, how many they missed.

    `variance` is that of ln f0. Both are null where the lists give no figure; `how` then says why. `observed` are on
    some list that may be compared with the register, `shared` of these are registered.
    """

    stratum: str
    registered: int
    seen: int
    f0: float | None
    variance: float | None
    observed: int
    shared: int
    how: str

    def to_json(self) -> dict[str, Any]:
        return {
            "stratum": self.stratum,
            "registered": self.registered,
            "seen": self.seen,
            "f0": number(self.f0),
            "variance": number(self.variance),
            "observed": self.observed,
            "shared": self.shared,
            "how": self.how,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Own":
        return cls(**kept)


def choice(stratum: Stratum, traits: Sequence[ListTraits], settings: Settings) -> Choice:
    """The model for a size class: the best by BIC for up to five lists, else stepwise; independence where none is."""
    table = _outside(stratum, traits)
    enough = [] if table is None else [n for n, size in _sizes(table) if size >= settings.thresholds.w01_list]
    if table is None or len(enough) < 3:
        return Choice(stratum.name, tuple(enough), named(()))
    core = table.only(enough)
    try:
        terms = search(core).best.terms if core.k <= MOST_LISTS else stepwise(core).best.terms
    except NoEstimate:
        terms = ()
    return Choice(stratum.name, core.lists, named(terms))


def own(stratum: Stratum, traits: Sequence[ListTraits], chosen: Choice) -> Own:
    """The chosen model fitted to the class's lists in this place; two lists by Chapman; one with the register.

    With two lists f0 = (b + ½)(c + ½)/(m + ½), whose logarithm has the variance 1/(b + ½) + 1/(c + ½) + 1/(m + ½):
    Sadinle's form, which bears zeros.
    """
    register = register_of(traits)
    registered = int(stratum.table.sizes[stratum.table.place(register)])
    fair = eligible(traits)
    observed = stratum.table.only([register, *fair]) if fair else None
    on = 0 if observed is None else int(observed.counts[_listed(observed)].sum())
    shared = 0 if observed is None else int(observed.counts[_listed(observed) & (observed.bits[:, 0] == 1)].sum())
    outside = _outside(stratum, traits)
    seen = 0 if outside is None else outside.n

    def told(f0: float | None, variance: float | None, how: str) -> Own:
        return Own(stratum.name, registered, seen, f0, variance, on, shared, how)

    if outside is None or not seen:
        return told(None, None, "nobody seen")
    lists = [name for name, size in _sizes(outside) if size and name in chosen.lists]
    if len(lists) < 2:
        lists = [name for name, size in _sizes(outside) if size]
    if len(lists) > 2:
        core = outside.only(lists)
        for terms in dict.fromkeys((_within(chosen, core), ())):
            try:
                found = fit(core, terms)
            except NoEstimate:
                continue
            if found.f0 > 0 and 0 < found.log_f0_se < LARGEST_SE:
                missed = max(found.n - seen, found.f0 / 2)
                return told(missed, found.log_f0_se**2, f"log-linear {named(terms)}")
        return told(None, None, "no model has an estimate")
    if len(lists) == 2:
        core = outside.only(lists)
        return told(*_two(*(int(count) for count in core.counts)), "Chapman")
    if on and registered:
        both, only_listed = shared, on - shared
        return told(*_two(registered - both, only_listed, both), "Chapman with the register")
    return told(None, None, "one list")


def _two(b: int, c: int, m: int) -> tuple[float, float]:
    """f0 and the variance of its logarithm, from those on the one list, on the other, on both."""
    return (b + 0.5) * (c + 0.5) / (m + 0.5), 1 / (b + 0.5) + 1 / (c + 0.5) + 1 / (m + 0.5)


def _within(chosen: Choice, table: Table) -> Terms:
    """The chosen interactions of which the table has all lists, by its own numbers."""
    terms = []
    for term in parse_model(chosen.model, len(chosen.lists)):
        names = [chosen.lists[place] for place in term]
        if all(name in table.lists for name in names):
            terms.append(frozenset(table.place(name) for name in names))
    return canonical(terms)


def _outside(stratum: Stratum, traits: Sequence[ListTraits]) -> Table | None:
    lists = others(traits)
    return stratum.table.outside(register_of(traits)).only(lists) if lists else None


def _sizes(table: Table) -> list[tuple[str, int]]:
    return list(zip(table.lists, (int(size) for size in table.sizes), strict=True))


def _listed(table: Table) -> Any:
    """Which histories are on some list beside the register, which is the first."""
    return table.bits[:, 1:].any(axis=1)
