"""What a pack may not say of penalties, of the units that they are counted in, and of scenarios."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from compliance.law.parse import pack_read
from tests.compliance.law.bad import Bad, assert_refused

AMOUNT = "amount: {low: 100, high: 200, currency: RUB}"
BAND = f"        {AMOUNT}\n"
CITED = "confidence: H, sources: [wire]"
RATE = f"      - {{value: 100, currency: RUB, from: 2025-01-01, until: 2025-12-31, {CITED}}}\n"
UNITS = f"units:\n  - unit: BCV\n    title: Base unit\n    rates:\n{RATE}"
SCENARIO = (
    "scenarios:\n  - code: ru.scenario.bill\n    title: The bill\n    changes:\n      - {book: ru.book-of-bill}\n"
)


def band(*lines: str) -> str:
    """The band of the law with more lines."""
    return BAND + "".join(f"        {line}\n" for line in lines)


BAD = {
    "band in a unit without rates": Bad(
        AMOUNT,
        "amount: {low: 10, high: 20, unit: BCV} # here",
        "The amount of a penalty of Book ru.law is in “BCV”, a unit that the pack's “units” do not have",
    ),
    "band in a currency and a unit": Bad(
        AMOUNT,
        "amount: {low: 10, high: 20, unit: BCV, currency: RUB} # here",
        "needs one of currency, unit and percent_of; it has currency and unit",
        first=(("books:\n", f"{UNITS}books:\n"),),
    ),
    "band in nothing": Bad(
        AMOUNT,
        "amount: {low: 10, high: 20} # here",
        "needs one of currency, unit and percent_of; it has none of them",
    ),
    "band of more than all": Bad(
        AMOUNT,
        "amount: {low: 10, high: 120, percent_of: turnover} # here",
        "The amount of a penalty of Book ru.law is 120 percent; 100 are the most",
    ),
    "band of a part of something unknown": Bad(
        AMOUNT,
        "amount: {low: 1, high: 3, percent_of: profit} # here",
        "has “profit” under “percent_of”; it must be one of turnover, gain",
    ),
    "percentage for each day": Bad(
        AMOUNT,
        "amount: {low: 1, high: 3, percent_of: gain}\n        basis: per_day # here",
        "A penalty of Book ru.law has a basis, but its amount is a percentage",
    ),
    "amount of parts of a hundredth": Bad(
        AMOUNT,
        "amount: {low: 0.005, high: 3, currency: RUB} # here",
        "needs a sum up to 10,000,000,000,000 in whole hundredths under “low”",
    ),
    "amount that no column holds": Bad(
        AMOUNT,
        "amount: {low: 1, high: 1e40, currency: RUB} # here",
        "needs a sum up to 10,000,000,000,000 in whole hundredths under “high”",
    ),
    "basis that does not exist": Bad(
        BAND,
        band("basis: per_machine # here"),
        "has “per_machine” under “basis”; it must be one of fixed, per_day, per_device, per_violation",
    ),
    "cap of one amount": Bad(
        BAND,
        band("cap: {amount: 500} # here"),
        "has a cap, but its basis is fixed; a cap limits what is per_day, per_device, per_violation",
    ),
    "cap below the amount of one day": Bad(
        BAND,
        band("basis: per_day", "cap: {amount: 150} # here"),
        "A penalty of Book ru.law has its cap at 150, below its high end at 200",
    ),
    "cap of an unknown amount": Bad(
        BAND,
        "        amount: unknown\n        basis: per_device\n        cap: {amount: 150} # here\n",
        "A penalty of Book ru.law has a cap, but its amount is unknown",
    ),
    "cap in a currency of its own": Bad(
        BAND,
        band("basis: per_day", "cap: {amount: 500, currency: USD} # here"),
        "The cap of a penalty of Book ru.law has the unknown key “currency”; it takes amount",
    ),
    "sanction in mere words": Bad(
        BAND,
        band("sanctions:", "  - confiscation # here"),
        "A sanction of a penalty of Book ru.law must be a mapping of keys to values",
    ),
    "sanction of an unknown kind": Bad(
        BAND,
        band("sanctions:", "  - {role: besides, kind: exile, words: Exile} # here"),
        "has “exile” under “kind”; it must be one of confiscation, suspension, disqualification",
    ),
    "sanction in an unknown role": Bad(
        BAND,
        band("sanctions:", "  - {role: or, kind: arrest, words: Arrest} # here"),
        "has “or” under “role”; it must be one of besides, instead",
    ),
    "sanction of no days": Bad(
        BAND,
        band("sanctions:", "  - {role: besides, kind: suspension, words: Closed, days: 0} # here"),
        "A sanction of a penalty of Book ru.law needs from 1 to 36525 days under “days”",
    ),
    "threshold of an unknown sum": Bad(
        BAND,
        band("threshold: {fact: profit, over: 3500000, currency: RUB} # here"),
        "The threshold of a penalty of Book ru.law has “profit” under “fact”; it must be one of turnover, gain, damage",
    ),
    "threshold in an unknown currency": Bad(
        BAND,
        band("threshold: {fact: gain, over: 3500000, currency: RUR} # here"),
        "The threshold of a penalty of Book ru.law is in “RUR”, which is no currency of ISO 4217",
    ),
    "threshold without an amount": Bad(
        BAND,
        band("threshold: {fact: gain, currency: RUB} # here"),
        "The threshold of a penalty of Book ru.law lacks “over”",
    ),
    "crime, perhaps": Bad(
        BAND,
        band("criminal: perhaps # here"),
        "A penalty of Book ru.law needs true or false under “criminal”, not “perhaps”",
    ),
    "discount of more than all": Bad(
        BAND,
        band("discount: {percent: 150, within_days: 20} # here"),
        "The discount of a penalty of Book ru.law is 150 percent; it must be above 0 and at most 100",
    ),
    "discount without its days": Bad(
        BAND,
        band("discount: {percent: 50} # here"),
        "The discount of a penalty of Book ru.law lacks “within_days”",
    ),
    "limitation in words": Bad(
        BAND,
        band("limitation: {days: sixty} # here"),
        "The limitation of a penalty of Book ru.law needs a whole number under “days”, not “sixty”",
    ),
    "limitation by a weak source": Bad(
        BAND,
        band("limitation: {days: 60, confidence: L, note: The general rule}"),
        "A penalty of book ru.law (art. 9) lets offences lapse by a weak source only (L); leave the limitation out",
        at="      - norms: [ru.registration]",
    ),
    "look-back by a weak source": Bad(
        BAND,
        band("lookback: {days: 365, confidence: L, note: The general rule}"),
        "A penalty of book ru.law (art. 9) counts earlier fines by a weak source only (L); leave the look-back out",
        at="      - norms: [ru.registration]",
    ),
    "unit twice": Bad(
        "books:\n",
        f"{UNITS}  - unit: BCV # here\n    title: Again\n    rates:\n{RATE}books:\n",
        "Unit BCV is in the pack twice; it was first on line",
    ),
    "unit without rates": Bad(
        "books:\n",
        "units:\n  - unit: BCV # here\n    title: Base unit\nbooks:\n",
        "Unit BCV lacks “rates”",
        at="  - unit: BCV",
    ),
    "two rates of a unit at once": Bad(
        RATE,
        f"{RATE}      - {{value: 110, currency: RUB, from: 2025-12-31, {CITED}}} # here\n",
        "Unit BCV has two rates at once: 2025-01-01 to 2025-12-31, and from 2025-12-31",
        first=(("books:\n", f"{UNITS}books:\n"),),
    ),
    "rate that ends before it starts": Bad(
        "from: 2025-01-01, until: 2025-12-31",
        "from: 2025-01-01, until: 2024-12-31",
        "A rate of Unit BCV ends on 2024-12-31, before it starts on 2025-01-01",
        at="      - {value: 100",
        first=(("books:\n", f"{UNITS}books:\n"),),
    ),
    "rate of nothing": Bad(
        "{value: 100,",
        "{value: 0,",
        "A rate of Unit BCV needs a value above zero",
        at="      - {value: 0",
        first=(("books:\n", f"{UNITS}books:\n"),),
    ),
    "rate in an unknown currency": Bad(
        "{value: 100, currency: RUB",
        "{value: 100, currency: XYZ",
        "A rate of Unit BCV is in “XYZ”, which is no currency of ISO 4217",
        at="      - {value: 100",
        first=(("books:\n", f"{UNITS}books:\n"),),
    ),
    "law priced by a weak rate": Bad(
        f"until: 2025-12-31, {CITED}",
        "until: 2025-12-31, confidence: L, sources: [wire]",
        "Unit BCV would price the law in force by a weak source only (L) 2025-01-01 to 2025-12-31",
        at="      - {value: 100",
        first=(("books:\n", f"{UNITS}books:\n"), (AMOUNT, "amount: {low: 10, high: 20, unit: BCV}")),
    ),
    "scenario of another pack": Bad(
        "  - code: ru.scenario.bill\n",
        "  - code: kz.scenario.bill\n",
        "Scenario kz.scenario.bill needs a code that begins with “ru.”",
        at="  - code: kz.scenario",
        first=(("claims:\n", f"{SCENARIO}claims:\n"),),
    ),
    "scenario twice": Bad(
        "claims:\n",
        f"{SCENARIO}  - code: ru.scenario.bill # here\n    title: Again\n"
        "    changes:\n      - {book: ru.book-of-bill}\nclaims:\n",
        "Scenario ru.scenario.bill is in the pack twice",
    ),
    "scenario with a source": Bad(
        "    title: The bill\n    changes",
        "    title: The bill\n    sources: [wire] # here\n    changes",
        "Scenario ru.scenario.bill has the unknown key “sources”; it takes changes, code, note, title",
        first=(("claims:\n", f"{SCENARIO}claims:\n"),),
    ),
    "scenario that changes nothing known": Bad(
        "{book: ru.book-of-bill}",
        "{book: ru.book-of-dreams} # here",
        "Change 1 of scenario ru.scenario.bill names the book “ru.book-of-dreams”, which the pack does not have",
        first=(("claims:\n", f"{SCENARIO}claims:\n"),),
    ),
    "scenario without changes": Bad(
        "    changes:\n      - {book: ru.book-of-bill}\n",
        "",
        "Scenario ru.scenario.bill lacks “changes”",
        at="  - code: ru.scenario.bill",
        first=(("claims:\n", f"{SCENARIO}claims:\n"),),
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_pack_is_refused_with_line_and_sentence_when(bad: Bad, pack_with: Callable[..., Path]) -> None:
    assert_refused(bad, pack_with)


def test_band_is_read_with_all_that_it_can_say(pack_with: Callable[..., Path]) -> None:
    said = (
        "        amount: {low: 10, high: 20.5, unit: BCV}\n"
        "        basis: per_device\n"
        "        cap: {amount: 500}\n"
        "        threshold: {fact: damage, over: 3_500_000, currency: RUB}\n"
        "        criminal: true\n"
        "        discount: {percent: 50, within_days: 20}\n"
        "        limitation: {days: 60}\n"
        "        sanctions:\n"
        "          - {role: besides, kind: suspension, words: Closed, days: 90}\n"
    )

    pack = pack_read(pack_with(("books:\n", f"{UNITS}books:\n"), (BAND, said)))

    read = pack.books[0].penalties[0]
    assert (read.amount.low, read.amount.high, read.amount.unit) == (10, Decimal("20.5"), "BCV")
    assert (read.amount.currency, read.amount.basis, read.amount.cap) == ("", "per_device", 500)
    assert read.threshold is not None
    assert (read.threshold.fact, read.threshold.over, read.threshold.currency) == ("damage", 3_500_000, "RUB")
    assert read.criminal
    assert read.discount is not None
    assert (read.discount.percent, read.discount.within_days) == (50, 20)
    assert read.limitation is not None
    assert (read.limitation.days, read.limitation.cited) == (60, None)
    assert [sanction.as_json() for sanction in read.sanctions] == [
        {"role": "besides", "kind": "suspension", "words": "Closed", "days": 90}
    ]


@pytest.mark.parametrize(("of", "basis"), [("turnover", "share_of_turnover"), ("gain", "share_of_gain")])
def test_percentage_is_read_as_a_share(of: str, basis: str, pack_with: Callable[..., Path]) -> None:
    pack = pack_read(pack_with((AMOUNT, f"amount: {{low: 1, high: 3, percent_of: {of}}}")))

    amount = pack.books[0].penalties[0].amount
    assert (amount.low, amount.high, amount.currency, amount.unit, amount.basis) == (1, 3, "", "", basis)
