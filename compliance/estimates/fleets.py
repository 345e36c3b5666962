"""The hash rate per kW of the devices on file, by stratum, and the range in which that of the unregistered is taken."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance.estimates.results import kept

FEWEST = 5
"""The devices of fewer operations than this are no basis for all the others of a stratum."""

LEAST_QUANTILE = 0.05
"""The unregistered are not taken to mine with worse devices than this part of those on file."""


@dataclass(frozen=True)
class Fleet:
    """TH/s per kW of the SHA-256 devices in one stratum.

    `mean` with its standard error is that of the registered operations whose devices are on file, a ratio of sums. Of
    the unregistered nothing is on file: they are taken to be as efficient, or anything from `least` to `most`.
    `overall` says that the devices of all strata stand for those of this one, of which too few are on file.
    """

    mean: float
    se: float
    least: float
    most: float
    operations: int
    devices: int
    overall: bool = False


@dataclass(frozen=True)
class Sums:
    """Over operations: their number, their devices, and TH/s and kW of each operation, their squares and product."""

    operations: int
    devices: int
    ths: float
    kw: float
    ths_ths: float
    kw_kw: float
    ths_kw: float

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def ratio(self) -> tuple[float, float]:
        """TH/s per kW, and its standard error as of a sample of operations (Cochran 1977, § 2.11)."""
        mean = self.ths / self.kw
        squares = max(0.0, self.ths_ths - 2 * mean * self.ths_kw + mean**2 * self.kw_kw)
        size = self.operations
        # One operation alone says nothing of how operations differ.
        return mean, math.sqrt(squares * size / (size - 1)) / self.kw if size > 1 else mean


NOTHING = Sums(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0)


def fleets(names: Sequence[str], devices: Mapping[str, Any] | None, most: float | None) -> tuple[dict[str, Fleet], str]:
    """The fleet of each stratum; empty, with a sentence, where the devices of too few operations are on file.

    `devices` are as a run keeps them: `strata` maps a stratum to the seven figures of `Sums`, `least` is the 5 %
    quantile of TH/s per kW over the devices. `most` is the best of the catalogue. A pooled stratum is named after its
    parts, joined by “ + ”.
    """
    if devices is None:
        return {}, "The run was made without the devices on file."
    by_name = {name: Sums(*sums) for name, sums in devices["strata"].items()}
    overall = sum(by_name.values(), NOTHING)
    if overall.operations < FEWEST or overall.kw <= 0 or devices["least"] is None:
        known = "no registered operation" if not overall.operations else f"only {overall.operations:,} registered"
        return {}, f"Hash rate per kW is unknown: the devices of {known} are on file."
    found = {}
    for name in names:
        own = sum((by_name.get(part, NOTHING) for part in name.split(" + ")), NOTHING)
        enough = own.operations >= FEWEST and own.kw > 0
        sums = own if enough else overall
        mean, se = sums.ratio
        found[name] = Fleet(
            mean=kept(mean),
            se=kept(se),
            least=min(devices["least"], mean),
            most=max(most or 0.0, mean),
            operations=sums.operations,
            devices=sums.devices,
            overall=not enough,
        )
    return found, ""


def quantile(devices: Sequence[tuple[float, int]], share: float = LEAST_QUANTILE) -> float | None:
    """The least TH/s per kW such that this share of the devices has no more; null where there is none.

    `devices` are (TH/s per kW, how many of them), in any order.
    """
    total = sum(count for _, count in devices)
    reached = 0
    for value, count in sorted(devices):
        reached += count
        if reached >= share * total and count:
            return value
    return None
