"""Claims beside our figures: the right run, the right day, the right verdict, and words where there is none."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.models import Claim, LawPack, RegistrationRate
from compliance.selectors.claims import compared
from registry.models import Territory
from tests.estimates import finished_estimate, told
from tests.factories import MinerFactory, ReadingFactory, SiteFactory

JUNE = dt.date(2025, 6, 19)
AROUND = (dt.date(2025, 5, 1), dt.date(2025, 7, 31))


@pytest.fixture
def russia(ru_law: LawPack) -> Territory:
    Claim.objects.all().delete()
    return Territory.objects.get(code="RU")


def claim(territory: Territory, **changes: Any) -> Claim:
    values = {
        "code": f"c{Claim.objects.count()}",
        "territory": territory,
        "said_by": "Somebody",
        "said_on": JUNE,
        "statement": "As it was said.",
        "bounds": "registration_rate",
        "low": Decimal("0.3"),
        "high": Decimal("0.3"),
        "unit": "share",
        "confidence": "M",
        **changes,
    }
    return Claim.objects.create(**values)


def one(made: Claim) -> Any:
    (found,) = compared([made])
    return found


def rates(territory: Territory, day: dt.date, **counts: int) -> None:
    RegistrationRate.objects.create(as_of=day, territory=territory, kind="legal_entity", **counts)


def test_claim_of_30_percent_lies_inside_the_range_of_the_run_of_its_window(russia: Territory) -> None:
    run = finished_estimate(russia, window=(dt.date(2025, 5, 1), dt.date(2025, 7, 31)))
    finished_estimate(russia, headline=told(rate=(0.5, 0.6, 0.7)))
    found = one(claim(russia))
    assert (found.verdict, found.reason, found.estimate) == ("inside", None, run.pk)
    assert found.sentence == (
        f"The claim of 30 % of June 2025 lies inside the plausible range (24 to 38 in 100) of estimate {run.pk}."
    )


def test_run_far_from_the_claim_gives_no_verdict_and_its_distance_is_said(russia: Territory) -> None:
    run = finished_estimate(russia, headline=told(rate=(0.5, 0.6, 0.7), codes=("W16", "W18")))
    found = one(claim(russia))
    assert (found.verdict, found.reason, found.estimate) == ("not_compared", "far", run.pk)
    assert (found.months_apart, found.beside) == (14, ())
    assert found.sentence == (
        f"The claim of 30 % of June 2025 cannot be compared: the window of our nearest estimate, {run.pk}, is"
        " August 2026 to October 2026, which begins 14 months later."
    )


@pytest.mark.parametrize(
    ("about", "apart"), [("2026-04-30", 4), ("2026-05-01", 0), ("2027-01-31", 0), ("2027-02-01", -4)]
)
def test_verdict_is_given_up_to_three_months_before_and_after_a_window(
    russia: Territory, about: str, apart: int
) -> None:
    finished_estimate(russia, headline=told(rate=(0.5, 0.6, 0.7), codes=("W16", "W18")))
    found = one(claim(russia, about_on=dt.date.fromisoformat(about), said_on=dt.date(2027, 3, 1)))
    assert found.months_apart == apart
    if apart:
        assert found.verdict == "not_compared"
        assert found.sentence.endswith(("begins 4 months later.", "ends 4 months earlier."))
    else:
        assert found.verdict == "below"
        assert found.sentence.endswith("The estimate is provisional.")


def test_later_of_two_runs_of_one_window_is_taken_and_one_that_is_not_done_never(russia: Territory) -> None:
    window = (dt.date(2025, 5, 1), dt.date(2025, 7, 31))
    finished_estimate(russia, window=window)
    later = finished_estimate(russia, window=window, headline=told(rate=(0.31, 0.35, 0.4)))
    finished_estimate(russia, window=window, status="running", result=None, result_sha256="")
    finished_estimate(Territory.objects.get(code="KZ"), window=window)
    assert (one(claim(russia)).estimate, one(claim(russia)).verdict) == (later.pk, "below")


def test_claim_about_another_day_than_it_was_said_is_held_against_that_day(russia: Territory) -> None:
    early = finished_estimate(russia, window=(dt.date(2024, 10, 1), dt.date(2024, 12, 31)))
    finished_estimate(russia, window=(dt.date(2025, 5, 1), dt.date(2025, 7, 31)))
    assert one(claim(russia, about_on=dt.date(2024, 12, 31))).estimate == early.pk


def test_without_a_run_or_a_range_the_reason_is_said(russia: Territory) -> None:
    assert one(claim(russia)).reason == "no_estimate"
    run = finished_estimate(
        russia, headline=told(rate=None, status="none", kind="none", sentence="Cannot be told: one list only.")
    )
    found = one(claim(russia))
    assert (found.verdict, found.reason, found.estimate) == ("not_compared", "no_range", run.pk)
    assert found.sentence.endswith(f"cannot be compared with estimate {run.pk}. Cannot be told: one list only.")


def test_bound_of_a_rate_is_a_range_from_zero(russia: Territory) -> None:
    bound = told(rate=None, status="at_most", at_most=0.25, sentence="At most 25 in 100.")
    finished_estimate(russia, headline=bound, window=AROUND)
    assert one(claim(russia)).verdict == "above"
    assert one(claim(russia, low=Decimal("0.1"), high=Decimal("0.2"))).verdict == "inside"


def test_unregistered_share_is_the_rate_from_its_other_side(russia: Territory) -> None:
    finished_estimate(russia, window=AROUND)
    found = one(claim(russia, bounds="unregistered", low=Decimal("0.7"), high=Decimal("0.7")))
    assert found.verdict == "inside"
    assert (found.beside[0].span.low, found.beside[0].span.high) == (Decimal("0.62"), Decimal("0.76"))


def test_number_of_unregistered_is_held_against_the_unregistered_of_the_run(russia: Territory) -> None:
    finished_estimate(russia, window=AROUND)
    farms = claim(russia, bounds="unregistered", low=Decimal(140_000), high=Decimal(200_000), unit="operations")
    assert one(farms).verdict == "above"
    assert one(claim(russia, bounds="operations", low=Decimal(900), high=Decimal(1000), unit="operations")).verdict == (
        "inside"
    )


def test_registered_miners_are_held_against_the_counts_of_the_nearest_stored_day(russia: Territory) -> None:
    moscow = Territory.objects.get(code="RU-MOW")
    rates(moscow, dt.date(2025, 11, 1), on_file=2000, registered=1400)
    rates(moscow, dt.date(2025, 9, 1), on_file=2000, registered=900)
    about = {"bounds": "registered", "unit": "miners", "about_on": dt.date(2025, 10, 31)}
    found = one(claim(russia, low=Decimal(1364), high=Decimal(1364), **about))
    assert found.sentence == (
        "The claim of 1,364 miners of October 2025 lies below our count of 1,400 registered on 1 November 2025."
    )
    assert one(claim(russia, low=Decimal(1400), high=Decimal(1400), **about)).sentence.startswith(
        "The claim of 1,400 miners of October 2025 equals our count"
    )
    assert one(claim(russia, low=Decimal(1000), high=None, **about)).verdict == "overlaps"
    far = one(claim(russia, low=Decimal(1), high=Decimal(1), **{**about, "about_on": dt.date(2023, 1, 1)}))
    assert (far.verdict, far.reason) == ("not_compared", "no_count")


def test_counted_rates_stand_beside_a_claimed_rate_without_a_verdict(russia: Territory) -> None:
    rates(Territory.objects.get(code="RU-MOW"), dt.date(2025, 7, 1), on_file=4, registered=1, obliged=2)
    rates(Territory.objects.get(code="RU-IRK"), dt.date(2025, 7, 1), on_file=4, registered=3)
    found = one(claim(russia))
    assert [(each.what, each.span.low) for each in found.figures] == [
        ("on_file", Decimal("0.5")),
        ("obliged", Decimal("0")),
    ]
    assert found.verdict == "not_compared"


def test_energy_is_held_against_what_meters_show_which_is_a_lower_end(russia: Territory) -> None:
    miner = MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    SiteFactory(miner=miner, metering_point="MP-1", capacity_kw=Decimal(700))
    for month, kwh in ((dt.date(2025, 12, 1), 400), (dt.date(2025, 1, 1), 100), (dt.date(2024, 12, 1), 7000)):
        ReadingFactory(metering_point="MP-1", month=month, energy_kwh=Decimal(kwh))
    about = {"bounds": "energy", "unit": "kWh a year", "about_on": dt.date(2025, 12, 31)}
    assert one(claim(russia, low=Decimal(499), high=Decimal(499), **about)).verdict == "below"
    more = one(claim(russia, low=Decimal(16_000_000_000), high=None, **about))
    assert (more.verdict, "is not contradicted by what our meters show" in more.sentence) == ("overlaps", True)
    power = {"bounds": "power", "unit": "kW"}
    assert one(claim(russia, low=Decimal(600), high=Decimal(650), **power)).verdict == "below"
    assert one(claim(Territory.objects.get(code="KZ"), low=Decimal(1), high=None, **power)).reason == "no_count"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"low": None, "high": None, "unit": ""}, "no_figure"),
        ({"bounds": "white_share"}, "denominator"),
        ({"bounds": "fine", "unit": "RUB"}, "not_measured"),
        ({"bounds": "operations", "unit": "cases", "low": Decimal(196_000), "high": None}, "unit"),
    ],
)
def test_claim_that_nothing_of_ours_answers_says_why(russia: Territory, changes: dict[str, Any], reason: str) -> None:
    found = one(claim(russia, **changes))
    assert (found.verdict, found.reason) == ("not_compared", reason)
    assert "cannot be compared: " in found.sentence


def test_every_claim_of_the_pack_has_a_sentence_in_a_few_statements(ru_law: LawPack) -> None:
    finished_estimate(Territory.objects.get(code="RU"))
    claims = list(Claim.objects.select_related("territory"))
    with CaptureQueriesContext(connection) as few:
        compared(claims[:14])
    with CaptureQueriesContext(connection) as many:
        found = compared(claims)
    assert len(few) == len(many) <= 8
    assert [each.claim for each in found] == claims
    assert all(each.sentence.endswith(".") and (each.reason or each.beside) for each in found)


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
def test_claim_about_the_ends_of_the_calendar_is_not_compared(russia: Territory, day: dt.date) -> None:
    found = one(claim(russia, bounds="energy", unit="kWh a year", low=Decimal(1), high=Decimal(2), about_on=day))
    assert (found.verdict, found.reason) == ("not_compared", "no_count")
