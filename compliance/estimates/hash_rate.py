"""The power behind a hash rate, as the Cambridge index (CBECI) bounds it."""

from collections.abc import Sequence
from dataclasses import dataclass

HOURS_A_DAY = 24
WATTS_A_KW = 1000
PUE_LOWER, PUE_BEST, PUE_UPPER = 1.01, 1.10, 1.20


@dataclass(frozen=True)
class Device:
    """One model of the catalogue. `efficiency_j_per_th` is watts per TH/s at the device's wall."""

    name: str
    efficiency_j_per_th: float

    def __post_init__(self) -> None:
        if not 0 < self.efficiency_j_per_th < float("inf"):
            raise ValueError(f"{self.name}: the efficiency is above 0 J/TH.")


@dataclass(frozen=True)
class PowerBounds:
    """The power of all mining in kW, and the efficiency behind each bound in J/TH.

    `break_even_j_per_th` is the least efficient that still earns its electricity; null where that costs nothing.
    `best_kw` and `upper_kw` are null where no device of the catalogue does: whoever mines then does so at a loss.
    """

    hash_rate_ths: float
    break_even_j_per_th: float | None
    profitable: int
    lower_j_per_th: float
    lower_kw: float
    best_j_per_th: float | None
    best_kw: float | None
    upper_j_per_th: float | None
    upper_kw: float | None


def break_even_j_per_th(hash_price: float, price_per_kwh: float, pue: float = PUE_BEST) -> float | None:
    """The efficiency at which a day's electricity costs what a day's hashing earns; null where electricity is free.

    `hash_price` is money per TH/s and day, `price_per_kwh` in the same money: hash price / (24 / 1000 × PUE × price).
    """
    if hash_price < 0 or price_per_kwh < 0:
        raise ValueError("Prices are not negative.")
    if pue < 1:
        raise ValueError("pue: a site draws at least what its devices draw, so it is 1 or more.")
    if not price_per_kwh:
        return None
    return hash_price * WATTS_A_KW / (HOURS_A_DAY * pue * price_per_kwh)


def power_bounds(
    hash_rate_ths: float,
    catalogue: Sequence[Device],
    *,
    hash_price: float,
    price_per_kwh: float,
    pue_lower: float = PUE_LOWER,
    pue_best: float = PUE_BEST,
    pue_upper: float = PUE_UPPER,
) -> PowerBounds:
    """Bounds of the power behind a hash rate.

    Lower: everybody on the most efficient device. Upper: everybody on the least efficient that is still profitable.
    Best: an even basket of the profitable ones. What is profitable is judged at one PUE, `pue_best`, so that the three
    are in order. Source: the methodology page of ccaf.io; the three PUE are recalled from it.
    """
    if not catalogue:
        raise ValueError("catalogue: name at least one device.")
    if not 0 <= hash_rate_ths < float("inf"):
        raise ValueError("hash_rate_ths: the hash rate is finite and not negative.")
    if not 1 <= pue_lower <= pue_best <= pue_upper:
        raise ValueError("The three PUE are 1 or more, and in order.")
    edge = break_even_j_per_th(hash_price, price_per_kwh, pue_best)
    known = sorted(device.efficiency_j_per_th for device in catalogue)
    profitable = [one for one in known if edge is None or one <= edge]

    def kw(j_per_th: float | None, pue: float) -> float | None:
        return None if j_per_th is None else hash_rate_ths * j_per_th * pue / WATTS_A_KW

    best = sum(profitable) / len(profitable) if profitable else None
    upper = profitable[-1] if profitable else None
    return PowerBounds(
        hash_rate_ths=hash_rate_ths,
        break_even_j_per_th=edge,
        profitable=len(profitable),
        lower_j_per_th=known[0],
        lower_kw=hash_rate_ths * known[0] * pue_lower / WATTS_A_KW,
        best_j_per_th=best,
        best_kw=kw(best, pue_best),
        upper_j_per_th=upper,
        upper_kw=kw(upper, pue_upper),
    )
