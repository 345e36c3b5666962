"""What a headline is computed from: lists with their traits, tables by size class, and the settings of the run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from compliance.estimates.diagnostics import DEFAULT, Thresholds
from compliance.estimates.tables import Table


@dataclass(frozen=True)
class ListTraits:
    """What being on a list means. Exactly one list of a headline is the register.

    On a list `conditional_on_unregistered` can be only unregistered operations, such as seizures for that. A
    `random_sample` was drawn at random and each place inspected. `covers` is false for a list that was not kept in
    this territory or not for the whole window: it is left out.
    """

    name: str
    register: bool = False
    conditional_on_unregistered: bool = False
    random_sample: bool = False
    covers: bool = True

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "ListTraits":
        return cls(**kept)


@dataclass(frozen=True)
class Stratum:
    """One size class: the table of all lists, the register among them. `power_kw` is what is known of power there.

    `power_kw` maps "registered" and "unregistered" to (number with known power, sum of kW, sum of kW squared).
    `size_known` is false for those of whom nobody knows the size. `allotted` counts the unregistered of these who stand
    in the table of a class (`sizes.py`), and `otherwise` holds its counts with these allotted otherwise, by chance;
    `unsized` counts those who could not be allotted.
    """

    name: str
    table: Table
    power_kw: Mapping[str, tuple[int, float, float]] = field(default_factory=dict)
    size_known: bool = True
    allotted: int = 0
    otherwise: tuple[tuple[int, ...], ...] = ()
    unsized: int = 0

    @property
    def tables(self) -> list[Table]:
        """The table with its unknown sizes allotted otherwise; the table itself where none were allotted."""
        of = self.table.lists
        return [Table(of, np.array(counts, dtype=np.int64)) for counts in self.otherwise] or [self.table]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "lists": list(self.table.lists),
            "counts": self.table.counts.tolist(),
            "power_kw": {who: list(sums) for who, sums in self.power_kw.items()},
            "size_known": self.size_known,
            "allotted": self.allotted,
            "otherwise": [list(counts) for counts in self.otherwise],
            "unsized": self.unsized,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Stratum":
        counts = np.array(kept["counts"], dtype=np.int64)
        power = {who: (int(sums[0]), sums[1], sums[2]) for who, sums in kept.get("power_kw", {}).items()}
        table = Table(tuple(kept["lists"]), counts)
        otherwise = tuple(tuple(each) for each in kept.get("otherwise", ()))
        return cls(
            kept["name"], table, power, kept.get("size_known", True), kept.get("allotted", 0), otherwise,
            kept.get("unsized", 0),
        )  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """All that steers a headline besides its tables.

    The share `a` of the register that is active is Beta(`active_alpha`, `active_beta`) until an audit says better.
    `claimed` is the rate whose probability is given. `pool` lets size classes with too few records be pooled.
    """

    thresholds: Thresholds = DEFAULT
    active_alpha: float = 9.5
    active_beta: float = 0.5
    claimed: float = 0.30
    level: float = 0.95
    draws: int = 10_000
    bootstrap: int = 1_000
    second_opinion: bool = True
    pool: bool = True

    def __post_init__(self) -> None:
        if not (self.active_alpha > 0 and self.active_beta >= 0):
            raise ValueError("The active share is Beta of two numbers above 0 (the second may be 0: all are active).")
        if not (0 < self.claimed < 1 and 0 < self.level < 1):
            raise ValueError("A claimed rate and a level of confidence lie between 0 and 1.")
        if self.draws < 100 or self.bootstrap < 0:
            raise ValueError("Give at least 100 draws, and replicates of the bootstrap that are not negative.")

    @property
    def active(self) -> float:
        """The mean of the active share."""
        return self.active_alpha / (self.active_alpha + self.active_beta)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "thresholds": self.thresholds.to_json()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Settings":
        """Settings out of a receipt; what is not named has its default. An unknown name raises `ValueError`."""
        unknown = sorted(set(kept) - set(cls.__dataclass_fields__))
        if unknown:
            raise ValueError(f"There is no setting {unknown[0]}; there are {', '.join(cls.__dataclass_fields__)}.")
        values = dict(kept)
        if "thresholds" in values:
            values["thresholds"] = Thresholds.from_json(values["thresholds"])
        return cls(**values)


def register_of(traits: Sequence[ListTraits]) -> str:
    """The name of the register. Raises `ValueError` where there is not exactly one."""
    names = [each.name for each in traits if each.register]
    if len(names) != 1:
        raise ValueError(f"Exactly one list is the register; here {len(names)} are.")
    return names[0]


def others(traits: Sequence[ListTraits]) -> list[str]:
    """The lists that tell of the unregistered: neither the register nor a random sample, and kept here throughout.

    A random sample is kept apart, so that it and the lists can be held against each other.
    """
    return [each.name for each in traits if each.covers and not each.register and not each.random_sample]


def eligible(traits: Sequence[ListTraits]) -> list[str]:
    """Those of `others` that may be compared with the register: not conditional on being unregistered."""
    conditional = {each.name for each in traits if each.conditional_on_unregistered}
    return [name for name in others(traits) if name not in conditional]


def added(name: str, strata: Sequence[Stratum]) -> Stratum:
    """Several strata as one. Raises `ValueError` where their lists differ."""
    lists = strata[0].table.lists
    if any(each.table.lists != lists for each in strata):
        raise ValueError("Strata that are added up have the same lists in the same order.")
    counts = np.sum([each.table.counts for each in strata], axis=0)
    power: dict[str, tuple[int, float, float]] = {}
    for each in strata:
        for who, sums in each.power_kw.items():
            before = power.get(who, (0, 0.0, 0.0))
            power[who] = (before[0] + sums[0], before[1] + sums[1], before[2] + sums[2])
    known = any(each.size_known for each in strata)
    allotted, unsized = sum(each.allotted for each in strata), sum(each.unsized for each in strata)
    draws = max(len(each.otherwise) for each in strata)
    otherwise = tuple(
        tuple(np.sum([each.tables[at % len(each.tables)].counts for each in strata], axis=0).tolist())
        for at in range(draws)
    )
    return Stratum(name, Table(lists, counts), power, known, allotted, otherwise, unsized)


def pooled(strata: Sequence[Stratum], traits: Sequence[ListTraits], settings: Settings) -> list[Stratum]:
    """The strata; those with too few unregistered records are added to the smaller neighbour until all have enough.

    Strata are given in the order of size. One in which nobody is on any list is dropped: there is nothing in it. A
    pooled stratum is named after its parts, “5–15 kW + 15–50 kW”. Without `settings.pool`, only the empty are dropped.
    """
    parts = [each for each in strata if each.table.n]
    if not settings.pool:
        return parts

    def seen(stratum: Stratum) -> tuple[int, int]:
        """Unregistered on the lists, and on the second longest of these lists."""
        lists = others(traits)
        if not lists:
            return 0, 0
        rest = stratum.table.outside(register_of(traits)).only(lists)
        sizes = sorted(rest.sizes.tolist(), reverse=True)
        return rest.n, sizes[1] if len(sizes) > 1 else sizes[0]

    while len(parts) > 1:
        limits = settings.thresholds
        found = [seen(each) for each in parts]
        poor = [at for at, (n, second) in enumerate(found) if n < limits.w01_operations or second < limits.w01_list]
        if not poor:
            break
        at = min(poor, key=lambda place: (found[place], place))
        beside = [place for place in (at - 1, at + 1) if 0 <= place < len(parts)]
        other = min(beside, key=lambda place: (found[place], place))
        first, last = min(at, other), max(at, other)
        parts[first : last + 1] = [added(f"{parts[first].name} + {parts[last].name}", parts[first : last + 1])]
    return parts
