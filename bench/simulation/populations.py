"""Made populations of operations: how large they are, who registers, and who is seen by which list."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.tables import Table

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REGISTER = "register"
# All assumed: they show mechanisms, not the size of any bias in a real country.
SIZES = {"small": 0.60, "middle": 0.28, "large": 0.12}
SEEN = {"grid": 0.16, "network": 0.14, "pool": 0.10, "complaint": 0.06, "seizure": 0.03}
CONDITIONAL = ("seizure",)
# Who is registered draws less attention of the grid operator and of neighbours.
IF_REGISTERED = {"grid": 0.5, "network": 1.0, "pool": 1.3, "complaint": 0.4, "seizure": 0.0}
LARGER_IS_SEEN = {"small": 0.7, "middle": 1.3, "large": 2.1}


@dataclass(frozen=True)
class Mechanism:
    """One way in which lists may depend on each other or on what nobody has written down.

    `spread` is the standard deviation of the logarithm of an operation's visibility that no size explains. `together`
    multiplies the chance of the second list for those on the first. Of the sightings of one operation the first stands
    for it, or its entry in the register; of the others the part `linked` is found to be of it, and each of the rest
    stands in the tables as an operation of its own. `by_model` is the part of the sightings that name no miner and no
    meter, and `reviewed` says that a clerk's review has measured how many are found. `redrawn` asks for the bootstrap.
    """

    name: str
    words: str
    by_size: bool = True
    size_known: float = 1.0
    spread: float = 0.0
    together: Mapping[tuple[str, str], float] = field(default_factory=dict)
    linked: float = 1.0
    by_model: float = 0.0
    reviewed: bool = False
    redrawn: bool = False
    covers: float = 1.0
    seen: Mapping[str, float] = field(default_factory=lambda: SEEN)
    rate: float = 0.30


MECHANISMS = (
    Mechanism("even", "All operations are equally visible, whatever their size.", by_size=False),
    Mechanism("size", "Large operations are three times as visible as small ones; every size is known."),
    Mechanism("half", "The same, but the size of half of the unregistered is not known.", size_known=0.5),
    Mechanism(
        "hidden", "The same, and visibility varies further for reasons that nobody has written down.", spread=0.6
    ),
    Mechanism(
        "attract",
        "Who is on the grid's list is twice as likely to be complained of.",
        together={("grid", "complaint"): 2},
        redrawn=True,
    ),
    Mechanism(
        "avoid",
        "Who is on the grid's list is half as likely to be seen in network traffic.",
        together={("grid", "network"): 0.5},
        redrawn=True,
    ),
    Mechanism(
        "unlinked",
        "One in five sightings of an operation that is known already is not found to be of it; nobody has reviewed it.",
        linked=0.8,
        by_model=1.0,
    ),
    Mechanism(
        "reviewed",
        "The same, and a clerk's review has measured it.",
        linked=0.8,
        by_model=1.0,
        reviewed=True,
        redrawn=True,
    ),
    Mechanism("blind", "A quarter of the unregistered can be seen by no list at all.", covers=0.75),
    Mechanism("sparse", "Every list sees a third as many.", seen={name: chance / 3 for name, chance in SEEN.items()}),
    Mechanism("half registered", "As “size”, but half of all are registered.", rate=0.5),
)


@dataclass(frozen=True)
class Population:
    """The tables by size class, each with the register among its lists, and the truth that no table shows."""

    tables: dict[str, Table]
    number: int
    registered: int

    @property
    def rate(self) -> float:
        return self.registered / self.number


def population(mechanism: Mechanism, number: int, chance: np.random.Generator) -> Population:
    """`number` operations drawn by the mechanism."""
    size = chance.choice(len(SIZES), number, p=list(SIZES.values()))
    registered = chance.random(number) < mechanism.rate
    visible = (
        np.exp(chance.normal(-(mechanism.spread**2) / 2, mechanism.spread, number))
        if mechanism.spread
        else np.ones(number)
    )
    if mechanism.by_size:
        visible = visible * np.array(list(LARGER_IS_SEEN.values()))[size]
    visible = visible * (registered | (chance.random(number) < mechanism.covers))
    on = _seen(mechanism, registered, visible, chance)
    size = np.where(~registered & (chance.random(number) >= mechanism.size_known), len(SIZES), size)
    return Population(_tables(mechanism, size, registered, on, chance), number, int(registered.sum()))


def _seen(mechanism: Mechanism, registered: Flags, visible: Floats, chance: np.random.Generator) -> dict[str, Flags]:
    on: dict[str, Flags] = {}
    for name, level in mechanism.seen.items():
        probability = np.minimum(level * visible * np.where(registered, IF_REGISTERED[name], 1.0), 0.95)
        for (first, second), factor in mechanism.together.items():
            if second == name:
                probability = np.minimum(np.where(on[first], probability * factor, probability), 0.95)
        on[name] = chance.random(len(visible)) < probability
    return on


def _tables(
    mechanism: Mechanism, size: NDArray[np.int64], registered: Flags, on: dict[str, Flags], chance: np.random.Generator
) -> dict[str, Table]:
    lists = (REGISTER, *mechanism.seen)
    codes = registered.astype(np.int64) + sum(
        flags.astype(np.int64) << (at + 1) for at, flags in enumerate(on.values())
    )
    if mechanism.linked < 1:
        size, codes = _split(size, codes, len(lists), 1 - mechanism.linked, chance)
    names = [*SIZES, "unknown"] if mechanism.size_known < 1 else list(SIZES)
    return {
        name: Table(lists, np.bincount(codes[(size == at) & (codes > 0)], minlength=2 ** len(lists))[1:])
        for at, name in enumerate(names)
    }


def _split(
    size: NDArray[np.int64], codes: NDArray[np.int64], lists: int, missed: float, chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each sighting but the first of an operation comes off as one of its own, as often as links are missed; what comes
    off the register is then taken for unregistered. Any of the sightings is the first, with the same chance."""
    size, codes = size.copy(), codes.copy()
    extra_size, extra_codes = [size], [codes]
    order = chance.random((lists, len(codes)))
    order[[(codes >> at & 1) == 0 for at in range(lists)]] = 2.0
    order[0, codes & 1 > 0] = -1.0
    first = order.argmin(axis=0)
    for at in range(1, lists):
        bit = 1 << at
        off = (codes & bit > 0) & (first != at) & (chance.random(len(codes)) < missed)
        codes[off] &= ~bit
        extra_size.append(size[off])
        extra_codes.append(np.full(int(off.sum()), bit, dtype=np.int64))
    return np.concatenate(extra_size), np.concatenate(extra_codes)
