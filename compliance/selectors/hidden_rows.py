"""The unseen by class: how many, what one of them could cost by a book, and the exposure that follows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from compliance.choices import Grade
from compliance.estimates.hidden import HiddenClass, HiddenExposure, exposure
from compliance.estimates.waterfall import Quantity, rounded
from compliance.selectors.estimated import Estimated
from compliance.selectors.hidden_prices import KindPrice
from registry.choices import MinerKind

CENT = Decimal("0.01")
KINDS = {str(value): str(label) for value, label in MinerKind.choices}
RANGE, SPLIT, BY_KIND = "range", "split", "by_kind"
BY_LISTS = (
    "By the lists, those on file among them; where an inspection leads, the classes need not add up to the total."
)


@dataclass(frozen=True)
class Hazard:
    """Detections a month of one operation. From the register: miners fined in twelve months, per unregistered known.

    `per_month` is null where nothing says it, and `words` say where it comes from.
    """

    per_month: float | None
    probability: float | None
    fined: int
    at_risk: int
    words: str


@dataclass(frozen=True)
class HiddenRow:
    """One class of the unseen in one book and currency. `how` says what the price of one rests on:

    by_kind: the class is a kind of miner; range: from the cheapest kind to the dearest, for the kind is not known;
    split: as the unregistered that were sighted are split by kind, which is illustrative. Without a known price the
    currency is empty, `figures` null, and `words` say so.
    """

    book: str
    name: str
    how: str
    operations: Quantity
    currency: str
    each_low: Decimal | None
    each_high: Decimal | None
    figures: HiddenExposure | None
    grade: str
    words: str


def hidden_rows(
    book: str,
    unseen: Quantity,
    estimate: Estimated | None,
    prices: Sequence[KindPrice],
    split: dict[str, int],
    hazard: Hazard,
) -> list[HiddenRow]:
    """The rows of one book: all of the unseen over the range of kinds, by the kinds that were sighted, and by class."""
    of_book = [price for price in prices if price.book == book]
    priced = [price for price in of_book if price.currency]
    found = []
    for currency in sorted({price.currency for price in priced}) or [""]:
        by_kind = {price.kind: price for price in priced if price.currency == currency}
        kinds = {price.kind for price in of_book}
        found.append(_over_range(book, "all", unseen, currency, by_kind, kinds, hazard))
        if currency and split and sum(split.get(kind, 0) for kind in by_kind):
            found.append(_by_split(book, unseen, currency, by_kind, split, hazard))
        for stratum in estimate.strata if estimate is not None else ():
            number = rounded(stratum.unregistered)
            if estimate is not None and estimate.by_kind and stratum.name in KINDS:
                row = _of_kind(book, stratum.name, number, currency, by_kind, hazard)
            else:
                row = _over_range(book, stratum.name, number, currency, by_kind, kinds, hazard)
            found.append(replace(row, words=" ".join(filter(None, (row.words, BY_LISTS)))))
    return found


def _over_range(
    book: str,
    name: str,
    number: Quantity,
    currency: str,
    by_kind: dict[str, KindPrice],
    kinds: set[str],
    hazard: Hazard,
) -> HiddenRow:
    """Whoever they are: from the cheapest kind of miner to the dearest."""
    lows = [price.low for price in by_kind.values() if price.low is not None]
    highs = [price.high for price in by_kind.values() if price.high is not None]
    low, high = (min(lows), max(highs)) if lows and highs else (None, None)
    words = "" if by_kind else "The book names no known amount for mining unregistered."
    missing = sorted(KINDS[kind] for kind in kinds - set(by_kind))
    if by_kind and missing:
        words = f"It names none for: {', '.join(missing)}."
    figures = _priced(name, number, low, high, hazard)
    return HiddenRow(book, name, RANGE, number, currency, low, high, figures, Grade.ILLUSTRATIVE, words)


def _of_kind(
    book: str,
    kind: str,
    number: Quantity,
    currency: str,
    by_kind: dict[str, KindPrice],
    hazard: Hazard,
) -> HiddenRow:
    price = by_kind.get(kind)
    if price is None or price.low is None or price.high is None:
        words = f"The book names no known amount for {KINDS[kind].lower()}."
        return HiddenRow(book, kind, BY_KIND, number, "", None, None, None, Grade.ILLUSTRATIVE, words)
    figures = _priced(kind, number, price.low, price.high, hazard)
    return HiddenRow(book, kind, BY_KIND, number, currency, price.low, price.high, figures, Grade.ILLUSTRATIVE, "")


def _by_split(
    book: str, number: Quantity, currency: str, by_kind: dict[str, KindPrice], split: dict[str, int], hazard: Hazard
) -> HiddenRow:
    """Their kinds as those of the unregistered that were sighted: the price of one is the average over these."""
    seen = {kind: count for kind, count in split.items() if kind in by_kind}
    whole = sum(seen.values())
    low = sum(((by_kind[kind].low or Decimal(0)) * count for kind, count in seen.items()), Decimal(0)) / whole
    high = sum(((by_kind[kind].high or Decimal(0)) * count for kind, count in seen.items()), Decimal(0)) / whole
    left = sum(split.values()) - whole
    words = f"By the kinds of {whole:,} unregistered operations that were sighted"
    words += f"; {left:,} of kinds that the book does not price are left out." if left else "."
    number = rounded(number.times(Decimal(whole) / (whole + left)))
    figures = _priced("split", number, low, high, hazard)
    return HiddenRow(
        book,
        "all",
        SPLIT,
        number,
        currency,
        low.quantize(CENT),
        high.quantize(CENT),
        figures,
        Grade.ILLUSTRATIVE,
        words,
    )


def _priced(
    name: str, number: Quantity, low: Decimal | None, high: Decimal | None, hazard: Hazard
) -> HiddenExposure | None:
    """The exposure; null where the number has no upper end or one of them no price."""
    if low is None or high is None or number.low is None or number.high is None:
        return None
    return exposure(
        HiddenClass(
            name=name,
            low=float(number.low),
            best=None if number.point is None else float(number.point),
            high=float(number.high),
            fine_low=low,
            fine_high=high,
            probability=hazard.probability,
        ),
        CENT,
    )
