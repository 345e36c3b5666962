"""Exposure of what nobody has seen: the unseen operations of a class, times what the law names for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from compliance.estimates.portfolio import money


@dataclass(frozen=True)
class HiddenClass:
    """The unseen operations of a class, such as those of one size, with their interval, and the fine of one of them.

    `best` is null where the estimate gives no point, only a range. `probability` is that of detection within the
    horizon, null where nobody has said it; then nothing is expected of the class.
    """

    name: str
    low: float
    best: float | None
    high: float
    fine_low: Decimal
    fine_high: Decimal
    extra: Decimal = Decimal(0)
    probability: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.low <= (self.low if self.best is None else self.best) <= self.high < float("inf"):
            raise ValueError(f"{self.name}: the unseen are finite, not negative, and low ≤ best ≤ high.")
        if not 0 <= self.fine_low <= self.fine_high or not self.fine_high.is_finite():
            raise ValueError(
                f"{self.name}: the fines are finite, not negative, and the lowest is not above the highest."
            )
        if not (self.extra.is_finite() and self.extra >= 0):
            raise ValueError(f"{self.name}: what is paid besides the fine is finite and not negative.")
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise ValueError(f"{self.name}: detection has a probability from 0 to 1.")


@dataclass(frozen=True)
class HiddenExposure:
    """Amounts in one currency, rounded to its unit.

    `low` is the fewest unseen at the lowest fines, `high` the most at the highest: all classes at that end together,
    so wider than a 95 % interval of the sum. `best_low` to `best_high` is the statutory range at the best number of
    unseen; null where a class has none. `expected_*` are number × probability × (middle of the fines + what is paid
    besides), at the fewest, the best and the most; null where a class has no probability.
    """

    name: str
    low: Decimal
    high: Decimal
    best_low: Decimal | None
    best_high: Decimal | None
    expected_low: Decimal | None
    expected: Decimal | None
    expected_high: Decimal | None


def exposure(of: HiddenClass, unit: Decimal = Decimal(1)) -> HiddenExposure:
    """The exposure of one class."""
    least, most = float(of.fine_low + of.extra), float(of.fine_high + of.extra)
    middle = (least + most) / 2

    def expected(number: float | None) -> Decimal | None:
        if number is None or of.probability is None:
            return None
        return money(number * of.probability * middle, unit)

    return HiddenExposure(
        name=of.name,
        low=money(of.low * least, unit),
        high=money(of.high * most, unit),
        best_low=None if of.best is None else money(of.best * least, unit),
        best_high=None if of.best is None else money(of.best * most, unit),
        expected_low=expected(of.low),
        expected=expected(of.best),
        expected_high=expected(of.high),
    )


def total(parts: Sequence[HiddenExposure], name: str = "all") -> HiddenExposure:
    """The sum of classes, end by end; a figure that one of them lacks, the sum lacks too."""
    return HiddenExposure(
        name=name,
        low=sum((part.low for part in parts), Decimal(0)),
        high=sum((part.high for part in parts), Decimal(0)),
        best_low=_sum([part.best_low for part in parts]),
        best_high=_sum([part.best_high for part in parts]),
        expected_low=_sum([part.expected_low for part in parts]),
        expected=_sum([part.expected for part in parts]),
        expected_high=_sum([part.expected_high for part in parts]),
    )


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None
