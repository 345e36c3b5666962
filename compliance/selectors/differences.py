"""Two sums over the same things set side by side, and their difference split into parts that add up to it. Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

GONE, STAYED, NEW = "gone", "stayed", "new"
"""A finding of the law in force only, of both, or of the scenario only."""

NOTHING = (Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Figures:
    """Findings, those of them without a known amount, and the sums per currency: (currency, low, high).

    In a difference each may be negative.
    """

    findings: int = 0
    unpriced: int = 0
    amounts: tuple[tuple[str, Decimal, Decimal], ...] = ()

    def __add__(self, other: "Figures") -> "Figures":
        return self._with(other, 1)

    def __sub__(self, other: "Figures") -> "Figures":
        return self._with(other, -1)

    def _with(self, other: "Figures", sign: int) -> "Figures":
        sums = {currency: (low, high) for currency, low, high in self.amounts}
        for currency, low, high in other.amounts:
            mine = sums.get(currency, NOTHING)
            sums[currency] = (mine[0] + sign * low, mine[1] + sign * high)
        return Figures(
            self.findings + sign * other.findings,
            self.unpriced + sign * other.unpriced,
            tuple((currency, *sums[currency]) for currency in sorted(sums)),
        )


@dataclass(frozen=True)
class PricedCell:
    """Equal findings under one law: `in_scenario` says under which, `part` whether the other one finds them too."""

    in_scenario: bool
    part: str
    territory_id: int
    kind: str
    norm_id: int
    figures: Figures


@dataclass(frozen=True)
class Unknown:
    """Of so many miners on file, how many some norm could neither clear nor accuse, under each law."""

    miners: int = 0
    law: int = 0
    scenario: int = 0

    def __add__(self, other: "Unknown") -> "Unknown":
        return Unknown(self.miners + other.miners, self.law + other.law, self.scenario + other.scenario)

    @property
    def law_share(self) -> Decimal | None:
        return Decimal(self.law) / self.miners if self.miners else None

    @property
    def scenario_share(self) -> Decimal | None:
        return Decimal(self.scenario) / self.miners if self.miners else None


@dataclass(frozen=True)
class Comparison:
    """One row: the law in force, the scenario, and what their difference is made of.

    `newly_caught` + `no_longer_caught` + `amount_changed` = `difference` = `scenario` − `law`, in every figure. What
    has no known amount adds nothing to a sum: where `unpriced` differs, part of the difference is amounts that have
    become known, or unknown.
    """

    key: str
    name: str
    law: Figures
    scenario: Figures
    difference: Figures
    newly_caught: Figures
    no_longer_caught: Figures
    amount_changed: Figures
    unknown: Unknown


def compared(key: str, name: str, cells: Iterable[PricedCell], unknown: Unknown) -> Comparison:
    """The cells of one row, whatever they have in common."""
    zero = Figures()
    sums: dict[tuple[bool, str], Figures] = {}
    law = scenario = zero
    for cell in cells:
        place = (cell.in_scenario, cell.part)
        sums[place] = sums.get(place, zero) + cell.figures
        if cell.in_scenario:
            scenario += cell.figures
        else:
            law += cell.figures
    # The parts name every currency, so that they add up; a law that prices nothing in one has no amount there, no zero.
    named = zero + Figures(amounts=tuple((c, *NOTHING) for c, _, _ in (law + scenario).amounts))
    return Comparison(
        key=key,
        name=name,
        law=law,
        scenario=scenario,
        difference=named + scenario - law,
        newly_caught=named + sums.get((True, NEW), zero),
        no_longer_caught=named - sums.get((False, GONE), zero),
        amount_changed=named + sums.get((True, STAYED), zero) - sums.get((False, STAYED), zero),
        unknown=unknown,
    )


def compared_by(
    cells: Iterable[PricedCell],
    key: Callable[[PricedCell], tuple[str, str]],
    unknown: Mapping[Hashable, Unknown],
) -> list[Comparison]:
    """One row per code and name that `key` gives, in the order of the codes; what is unknown makes no row."""
    groups: dict[tuple[str, str], list[PricedCell]] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    return [compared(code, name, group, unknown.get(code, Unknown())) for (code, name), group in sorted(groups.items())]
