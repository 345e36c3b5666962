"""The exposure of what nobody has seen, worked out by hand on a small register."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.choices import FineStatus
from compliance.estimates.waterfall import Quantity
from compliance.models import Book, Case, Fine, LawPack, Payment, Penalty
from compliance.selectors.estimated import latest
from compliance.selectors.hidden_exposure import Question, hidden_exposure
from compliance.selectors.hidden_prices import months_back
from compliance.services.recomputation import recompute
from registry.models import Territory
from tests.estimates import finished_estimate, stratum, told
from tests.factories import MinerFactory, RegistrationFactory, SightingFactory

DAY = dt.date(2026, 11, 22)
BILL = "ru.bill.1124554-8"


@pytest.fixture
def russia(ru_law: LawPack) -> Territory:
    """Four companies of which one is registered and two were sighted, an entrepreneur sighted, and a fine."""
    moscow = Territory.objects.get(code="RU-MOW")
    miners = MinerFactory.create_batch(4, territory=moscow)
    RegistrationFactory(miner=miners[0])
    trader = MinerFactory(territory=moscow, entrepreneur=True)
    for miner in (miners[1], miners[2], trader):
        SightingFactory(territory=moscow, seen_on=dt.date(2026, 10, 1), miner=miner)
    SightingFactory(territory=moscow, seen_on=dt.date(2026, 10, 1))
    bands = Penalty.objects.in_force(DAY).filter(norm__in_force__contains=DAY, offender="official")
    penalty = bands.filter(amount_high__gte=1000).first()
    assert penalty is not None
    case = Case.objects.create(miner=miners[1], norm=penalty.norm, offence_on=DAY, opened_on=DAY)
    for number, (decided, status) in enumerate(
        ((dt.date(2026, 3, 1), FineStatus.ISSUED), (dt.date(2025, 3, 1), FineStatus.ISSUED),
         (dt.date(2026, 4, 1), FineStatus.ANNULLED))
    ):  # fmt: skip
        fine = Fine.objects.create(
            case=case,
            penalty=penalty,
            occurrence=penalty.occurrence,
            reference=f"F-{number}",
            amount=penalty.amount_high,
            currency=penalty.currency,
            decided_on=decided,
            due_on=decided,
            status=status,
        )
        if number < 2:
            Payment.objects.create(fine=fine, reference=f"P-{number}", amount=Decimal("50.50"), paid_on=decided)
    recompute(as_of=DAY)
    return Territory.objects.get(code="RU")


def asked(russia: Territory, **changes: Any) -> Any:
    books = Book.objects.select_related("pack").order_by("kind", "code")
    return hidden_exposure(Question(**{"day": DAY, "territory": russia, **changes}), latest(russia), books)


def row(found: Any, how: str, name: str = "all", book: str = BILL) -> Any:
    (only,) = [each for each in found.rows if (each.book, each.how, each.name) == (book, how, name)]
    return only


def test_law_that_prices_nothing_is_told_in_words_and_never_zero(russia: Territory) -> None:
    finished_estimate(russia)
    found = asked(russia)
    law = row(found, "range", book="ru.law")
    assert (law.currency, law.figures) == ("", None)
    assert law.words == "The book names no known amount for mining unregistered."
    assert any(
        each.startswith("Law in force: no known amount for mining unregistered, whoever does it")
        for each in found.sentences
    )
    assert not [each for each in found.expected if each.book == "ru.law"]


def test_unseen_are_the_estimated_less_those_on_file(russia: Territory) -> None:
    finished_estimate(russia, headline=told(registered=100, rate=(0.5, 0.5, 0.5)))
    found = asked(russia)
    assert found.on_file == 4
    assert found.unregistered == Quantity.exactly(95)
    assert found.unseen == Quantity.exactly(91)


def test_unknown_kind_is_priced_from_the_cheapest_to_the_dearest(russia: Territory) -> None:
    finished_estimate(russia, headline=told(registered=100, rate=(0.4, 0.5, 0.6)))
    found = asked(russia)
    prices = [each for each in found.prices if each.book == BILL and each.currency]
    wide = row(found, "range")
    assert (wide.each_low, wide.each_high) == (min(each.low for each in prices), max(each.high for each in prices))
    assert wide.figures.low == wide.operations.low * wide.each_low
    assert wide.figures.best_high == wide.operations.point * wide.each_high
    assert wide.figures.high == wide.operations.high * wide.each_high
    assert wide.grade == "illustrative"


def test_split_is_that_of_the_unregistered_sighted(russia: Territory) -> None:
    finished_estimate(russia, headline=told(registered=100, rate=(0.4, 0.5, 0.6)))
    found = asked(russia)
    assert found.split == {"legal_entity": 2, "entrepreneur": 1}
    price = {each.kind: each for each in found.prices if each.book == BILL}
    split = row(found, "split")
    assert split.each_high == round((2 * price["legal_entity"].high + price["entrepreneur"].high) / 3, 2)
    assert split.grade == "illustrative"


def test_run_by_kind_prices_each_kind_by_itself(russia: Territory) -> None:
    finished_estimate(
        russia,
        by="kind",
        headline=told(codes=()),
        strata=(stratum("legal_entity", 10, 20, 30), stratum("entrepreneur", 5, None, 0)),
    )
    found = asked(russia)
    price = {each.kind: each for each in found.prices if each.book == BILL}
    companies = row(found, "by_kind", "legal_entity")
    assert companies.figures.low == 10 * price["legal_entity"].low
    assert companies.figures.high == 30 * price["legal_entity"].high
    # An inspection leads the total; of what kind they are, the lists alone say.
    assert companies.grade == "illustrative"
    assert "need not add up" in companies.words
    traders = row(found, "by_kind", "entrepreneur")
    assert (traders.figures, traders.operations.high) == (None, None)
    assert traders.operations.why == "The lists never overlap."


def test_strata_by_size_are_priced_over_the_range(russia: Territory) -> None:
    finished_estimate(russia, strata=(stratum("under_15", 1, 2, 4), stratum("15_to_150", 0, 1, 2)))
    found = asked(russia)
    assert row(found, "range", "under_15").operations == Quantity(Decimal(1), Decimal(2), Decimal(4))


def test_detection_is_what_the_register_shows_or_what_is_asked(russia: Territory) -> None:
    finished_estimate(russia)
    hazard = asked(russia).hazard
    assert (hazard.fined, hazard.at_risk) == (1, 5)
    assert hazard.per_month == pytest.approx(1 / 5 / 12)
    assert hazard.probability == pytest.approx(1 - 2.718281828459045 ** (-1 / 5))
    given = asked(russia, hazard=0.1, months=6).hazard
    assert (given.per_month, given.probability) == (0.1, pytest.approx(1 - 2.718281828459045**-0.6))


def test_expected_collection_of_the_known_is_detection_times_the_middle_fine(russia: Territory) -> None:
    finished_estimate(russia)
    found = asked(russia, hazard=0.1)
    known = [each for each in found.known if each.book == BILL and each.currency == "RUB"]
    (expected,) = [each for each in found.expected if (each.of, each.book) == ("known", BILL)]
    assert expected.figures.units == sum(each.findings for each in known)
    middle = sum((each.low + each.high) / 2 for each in known)
    assert float(expected.figures.mean) == pytest.approx(float(middle) * found.hazard.probability, rel=1e-9)
    raids = asked(russia, hazard=0.1, common_cv=0.8)
    (together,) = [each for each in raids.expected if (each.of, each.book) == ("known", BILL)]
    assert together.figures.variance > expected.figures.variance


def test_expected_collection_of_the_unseen_has_quantiles_at_its_best_number(russia: Territory) -> None:
    finished_estimate(russia, headline=told(registered=100, rate=(0.4, 0.5, 0.6)))
    found = asked(russia, hazard=0.1)
    (expected,) = [each for each in found.expected if (each.of, each.book) == ("hidden", BILL)]
    split = row(found, "split")
    assert expected.figures.units == split.operations.point
    assert float(expected.figures.mean) == pytest.approx(float(split.figures.expected), rel=1e-6)
    levels = [each.amount for each in expected.figures.quantiles]
    assert levels == sorted(levels)


def test_beside_it_stands_what_was_in_fact_assessed_and_collected(russia: Territory) -> None:
    amount = Fine.objects.get(reference="F-0").amount
    (only,) = asked(russia).in_fact
    assert (only.currency, only.fines, only.assessed, only.collected) == ("RUB", 1, amount, Decimal("50.50"))
    (longer,) = asked(russia, months=24).in_fact
    assert (longer.fines, longer.assessed, longer.collected) == (2, 2 * amount, Decimal("101.00"))
    assert asked(Territory.objects.get(code="KZ")).in_fact == []


def test_without_an_estimate_the_unseen_have_no_figure(russia: Territory) -> None:
    found = asked(russia)
    assert (found.unseen.low, found.unseen.why) == (None, "no finished estimate of this territory is on file")
    assert all(each.figures is None for each in found.rows)
    assert [each.of for each in found.expected if each.book == BILL] == ["known"]


def test_nobody_at_risk_gives_no_probability(ru_law: LawPack) -> None:
    recompute(as_of=DAY)
    found = asked(Territory.objects.get(code="RU"))
    assert (found.hazard.per_month, found.expected) == (None, [])


def test_number_of_questions_does_not_grow_with_the_miners(russia: Territory) -> None:
    finished_estimate(russia)
    asked(russia)
    with CaptureQueriesContext(connection) as few:
        asked(russia)
    MinerFactory.create_batch(10, territory=Territory.objects.get(code="RU-MOW"))
    with CaptureQueriesContext(connection) as many:
        asked(russia)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (dt.date(2026, 11, 22), 12, dt.date(2025, 11, 22)),
        (dt.date(2026, 5, 31), 3, dt.date(2026, 2, 28)),
        (dt.date(2024, 2, 29), 12, dt.date(2023, 2, 28)),
    ],
)
def test_months_back_ends_in_the_month(day: dt.date, months: int, before: dt.date) -> None:
    assert months_back(day, months) == before


def test_where_the_whole_is_a_minimum_so_is_each_stratum(russia: Territory) -> None:
    finished_estimate(
        russia,
        headline=told(rate=None, status="at_most", at_most=0.25, sentence="At most 25 in 100."),
        strata=(stratum("under_15", 1, 2, 4), stratum("15_to_150", 0, None, 2)),
    )
    found = latest(russia)
    assert found is not None
    assert [(each.unregistered.low, each.unregistered.point, each.unregistered.high) for each in found.strata] == [
        (1, None, None),
        (None, None, None),
    ]


def test_a_year_without_a_fine_tells_no_probability_of_being_found(russia: Territory) -> None:
    finished_estimate(russia)
    Fine.objects.update(status=FineStatus.ANNULLED)
    found = asked(russia)
    assert (found.hazard.fined, found.hazard.at_risk) == (0, 5)
    assert (found.hazard.per_month, found.hazard.probability, found.expected) == (None, None, [])
    assert "No miner was fined" in found.hazard.words
    assert asked(russia, hazard=0.1).expected
