"""Russia's pack, case by case as a lawyer would ask: what was law on which day, and what it would have cost."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from compliance.choices import BookKind
from compliance.law.load import PACKS, law_load
from compliance.models import Act, BannedArea, Claim, LawPack, Norm, Penalty, Scenario
from registry.models import Register
from registry.services.territories import iso_territories, territories_store
from tests.databases import settle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("russia")]

COUNTRIES = ("RU", "UA", "CN", "US")
FIRST_DAY = dt.date(2024, 11, 1)


@pytest.fixture(scope="module")
def russia(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Russia's law, loaded once for all cases of this page, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        territories_store(rows=[row for row in iso_territories() if row.code.split("-")[0] in COUNTRIES])
        law_load(PACKS / "ru.yaml")
        settle()
        yield
        transaction.set_rollback(True)


def law_on(day: dt.date) -> set[str]:
    return set(Norm.objects.in_force(day).values_list("code", flat=True))


def bans(code: str, day: dt.date) -> list[BannedArea]:
    """The bans of one territory that are law on the day."""
    return list(BannedArea.objects.filter(territory__code=code, period__contains=day, norm__in_force__contains=day))


@pytest.mark.parametrize(
    "norm",
    [
        "ru.registration.miner",
        "ru.registration.operator",
        "ru.limit.individual",
        "ru.eligibility.foreign",
        "ru.eligibility.convicted",
        "ru.eligibility.listed",
        "ru.eligibility.power",
        "ru.reporting.monthly",
    ],
)
def test_duty_is_law_from_1_november_2024_and_not_the_day_before(norm: str) -> None:
    assert norm not in law_on(FIRST_DAY - dt.timedelta(days=1))
    assert norm in law_on(FIRST_DAY)
    assert norm in law_on(dt.date(2026, 11, 22))


@pytest.mark.parametrize(
    ("day", "law"),
    [
        (dt.date(2024, 12, 31), False),
        (dt.date(2025, 1, 1), True),
        (dt.date(2031, 3, 15), True),
        (dt.date(2031, 3, 16), False),
    ],
)
def test_ban_is_law_from_2025_until_15_march_2031(day: dt.date, law: bool) -> None:
    assert ("ru.ban" in law_on(day)) is law


def test_norms_of_drafts_are_never_law() -> None:
    drafts = Norm.objects.filter(code__in=("ru.hosting.unregistered", "ru.ban.year-round"))

    assert list(drafts.values_list("in_force", flat=True)) == [None] * 2


def test_operators_name_their_clients_since_30_july_2025_and_nobody_knows_by_when() -> None:
    norm = Norm.objects.get(code="ru.hosting.disclosure")

    assert norm.code not in law_on(dt.date(2025, 7, 29))
    assert norm.code in law_on(dt.date(2025, 7, 30))
    assert norm.parameters == {"disclose": {"within_days": "unknown"}}


def test_bills_never_were_law() -> None:
    bills = Act.objects.filter(code__in=("ru.bill.1124554-8", "ru.bill.1193493-8", "ru.draft.2025-06"))

    assert bills.count() == 3
    assert not bills.filter(statuses__status="in_force").exists()


@pytest.mark.parametrize(
    "region", ["RU-DA", "RU-IN", "RU-KB", "RU-KC", "RU-SE", "RU-CE", "UA-14", "UA-09", "UA-23", "UA-65"]
)
def test_whole_region_is_banned_all_year_round(region: str) -> None:
    for day in (dt.date(2025, 1, 1), dt.date(2026, 7, 1), dt.date(2031, 3, 15)):
        assert [area.partial for area in bans(region, day)] == [False]
    assert not bans(region, dt.date(2024, 12, 31))
    assert not bans(region, dt.date(2031, 3, 16))


def test_south_of_irkutsk_oblast_is_banned_from_7_april_2025() -> None:
    assert not bans("RU-IRK-x-angarsk", dt.date(2025, 4, 6))
    assert [area.partial for area in bans("RU-IRK-x-angarsk", dt.date(2025, 4, 7))] == [False]
    assert BannedArea.objects.filter(territory__parent__code="RU-IRK").count() == 29


NAMED = ("RU-BU-x-ulan-ude", "RU-ZAB-x-chita", "RU-ZAB-x-aginskoye", "RU-ZAB-x-gorny")


@pytest.mark.parametrize("place", NAMED)
def test_places_that_the_sources_name_are_banned_as_a_whole_in_winter(place: str) -> None:
    for day in (dt.date(2025, 1, 1), dt.date(2026, 3, 15), dt.date(2026, 11, 15), dt.date(2031, 3, 15)):
        assert [area.partial for area in bans(place, day)] == [False]
    for day in (dt.date(2024, 12, 31), dt.date(2025, 3, 16), dt.date(2026, 8, 1), dt.date(2031, 3, 16)):
        assert not bans(place, day)


def test_unnamed_part_of_irkutsk_oblast_was_banned_in_the_first_season_only() -> None:
    assert [area.partial for area in bans("RU-IRK", dt.date(2025, 3, 15))] == [True]
    assert not bans("RU-IRK", dt.date(2025, 3, 16))
    assert not bans("RU-IRK", dt.date(2025, 12, 1))


@pytest.mark.parametrize("region", ["RU-BU", "RU-ZAB"])
@pytest.mark.parametrize(
    ("day", "banned"),
    [
        (dt.date(2024, 12, 31), False),
        (dt.date(2025, 1, 1), True),
        (dt.date(2025, 3, 15), True),
        (dt.date(2025, 3, 16), False),
        (dt.date(2025, 11, 14), False),
        (dt.date(2025, 11, 15), True),
        (dt.date(2026, 3, 15), True),
        (dt.date(2026, 3, 16), False),
        # The year-round ban is not law in these books: the day from which it would be was not found.
        (dt.date(2026, 8, 1), False),
        (dt.date(2026, 11, 14), False),
        (dt.date(2026, 11, 15), True),
        (dt.date(2027, 3, 15), True),
        (dt.date(2027, 3, 16), False),
        (dt.date(2031, 3, 15), True),
        (dt.date(2031, 11, 15), False),
    ],
)
def test_part_of_the_region_is_banned_in_winter(region: str, day: dt.date, banned: bool) -> None:
    assert [area.partial for area in bans(region, day)] == ([True] if banned else [])


def test_rules_find_their_parameters() -> None:
    assert dict(Norm.objects.exclude(parameters={}).values_list("code", "parameters")) == {
        "ru.limit.individual": {"energy_kwh_month": "6000"},
        "ru.eligibility.foreign": {"country": "RU"},
        "ru.reporting.monthly": {"due_day": 20, "period": "month"},
        "ru.ban": {"exempt_off_grid_from": "2025-03-15"},
        "ru.ban.year-round": {"exempt_off_grid_from": "2025-03-15"},
        "ru.eligibility.convicted": {"impediments": ["conviction"], "owners": {"share_percent_from": "0.001"}},
        "ru.eligibility.listed": {"impediments": ["listed"]},
        "ru.eligibility.power": {"impediments": ["power_business"]},
        "ru.hosting.disclosure": {"disclose": {"within_days": "unknown"}},
        "ru.hosting.unregistered": {"clients_register": "ru.miners"},
    }


def test_registers_are_kept_by_the_tax_service() -> None:
    assert list(Register.objects.filter(keeper__contains="FNS").values_list("code", "kind")) == [
        ("ru.miners", "miners"),
        ("ru.operators", "operators"),
    ]


def test_duties_have_no_amount_in_the_law_in_force() -> None:
    of_duties = Penalty.objects.filter(book__kind=BookKind.LAW).exclude(norm__kind="general")

    assert set(of_duties.values_list("norm__code", "amount_high")) == {("ru.hosting.disclosure", None)}


def test_only_the_book_of_law_has_bands_in_force() -> None:
    in_force = Penalty.objects.filter(in_force__isnull=False)

    assert set(in_force.values_list("book__code", flat=True)) == {"ru.law"}
    assert not Penalty.objects.filter(book__code="ru.law", in_force__isnull=True).exists()


def test_amounts_in_force_are_those_of_two_general_articles() -> None:
    priced = Penalty.objects.filter(book__code="ru.law", amount_high__isnull=False)

    assert set(priced.values_list("norm__code", "offender", "occurrence", "amount_low", "amount_high")) == {
        ("ru.general.koap-7.19", "citizen", "first", Decimal(10_000), Decimal(15_000)),
        ("ru.general.koap-7.19", "official", "first", Decimal(30_000), Decimal(80_000)),
        ("ru.general.koap-7.19", "legal_entity", "first", Decimal(100_000), Decimal(200_000)),
        ("ru.general.koap-7.19", "citizen", "repeat", Decimal(15_000), Decimal(30_000)),
        ("ru.general.koap-7.19", "official", "repeat", Decimal(80_000), Decimal(200_000)),
        ("ru.general.koap-7.19", "legal_entity", "repeat", Decimal(200_000), Decimal(300_000)),
        *(
            ("ru.general.uk-171", offender, occurrence, Decimal(0), Decimal(300_000))
            for offender in ("citizen", "official", "entrepreneur")
            for occurrence in ("first", "repeat")
        ),
    }
    assert set(priced.values_list("currency", flat=True)) == {"RUB"}
    assert not priced.filter(confidence="L").exists()


def test_what_art_14_1_costs_is_disputed_and_so_unknown() -> None:
    bands = Penalty.objects.filter(norm__code="ru.general.koap-14.1")

    assert set(bands.values_list("amount_high", flat=True)) == {None}
    for band in bands:
        assert [conflict["confidence"] for conflict in band.conflicts] == ["L", "L"]


@pytest.mark.parametrize(
    ("book", "norm", "offender", "occurrence", "low", "high"),
    [
        ("ru.bill.1124554-8", "ru.ban", "citizen", "first", 100_000, 150_000),
        ("ru.bill.1124554-8", "ru.ban", "citizen", "repeat", 1_000_000, 1_500_000),
        ("ru.bill.1124554-8", "ru.ban", "legal_entity", "first", 1_000_000, 2_000_000),
        ("ru.bill.1124554-8", "ru.ban", "legal_entity", "repeat", 5_000_000, 10_000_000),
        ("ru.bill.1124554-8", "ru.ban", "official", "repeat", None, None),
        ("ru.bill.1124554-8", "ru.registration.miner", "legal_entity", "first", 400_000, 500_000),
        ("ru.bill.1124554-8", "ru.registration.miner", "entrepreneur", "first", 200_000, 300_000),
        ("ru.bill.1124554-8", "ru.registration.miner", "legal_entity", "repeat", None, None),
        ("ru.bill.1124554-8", "ru.limit.individual", "citizen", "first", 100_000, 150_000),
        ("ru.bill.1124554-8", "ru.hosting.unregistered", "operator", "repeat", 0, 5_000_000),
        ("ru.bill.1124554-8", "ru.reporting.monthly", "legal_entity", "first", None, None),
        ("ru.draft.2025-06", "ru.limit.individual", "citizen", "first", 100_000, 200_000),
        ("ru.draft.2025-06", "ru.registration.miner", "legal_entity", "first", 1_000_000, 2_000_000),
        ("ru.draft.2025-06", "ru.registration.operator", "operator", "first", 1_000_000, 2_000_000),
        ("ru.what-if.2m", "ru.registration.miner", "legal_entity", "repeat", 200_000, 2_000_000),
        ("ru.what-if.2m", "ru.limit.individual", "citizen", "first", 200_000, 2_000_000),
    ],
)
def test_book_prices_the_breach(
    book: str, norm: str, offender: str, occurrence: str, low: int | None, high: int | None
) -> None:
    band = Penalty.objects.get(book__code=book, norm__code=norm, offender=offender, occurrence=occurrence)

    assert (band.amount_low, band.amount_high) == (low, high)
    assert band.currency == ("" if high is None else "RUB")


def test_entrepreneurs_are_priced_as_officials_only_by_a_weak_source() -> None:
    bands = Penalty.objects.filter(book__code="ru.bill.1124554-8", offender="entrepreneur")

    assert set(bands.values_list("confidence", flat=True)) == {"L"}


@pytest.mark.parametrize(
    ("norm", "offender"), [("ru.registration.miner", "entrepreneur"), ("ru.limit.individual", "citizen")]
)
@pytest.mark.parametrize("fact", ["gain", "damage"])
def test_crime_has_two_parts_above_two_thresholds(norm: str, offender: str, fact: str) -> None:
    bands = Penalty.objects.filter(
        book__code="ru.bill.1193493-8", norm__code=norm, offender=offender, occurrence="first", threshold_fact=fact
    ).order_by("threshold_over")

    assert list(bands.values_list("threshold_over", "amount_low", "amount_high", "criminal")) == [
        (3_500_000, 0, 1_500_000, True),
        (13_500_000, 500_000, 2_500_000, True),
    ]
    part_1, part_2 = bands
    assert [conflict["says"] for conflict in part_1.conflicts] == ["The lowest fine of part 1 is 500,000 RUB."]
    assert [sanction["kind"] for sanction in part_2.sanctions] == ["other", "labour", "prison"]


def test_companies_commit_no_crimes_so_their_amount_is_unknown() -> None:
    bands = Penalty.objects.filter(book__code="ru.bill.1193493-8", offender__in=("legal_entity", "operator"))

    assert bands.exists()
    assert set(bands.values_list("amount_high", flat=True)) == {None}


def test_milder_law_reaches_back_by_art_1_7_of_the_code() -> None:
    assert LawPack.objects.get(code="ru").milder_reaches_back


def test_every_bill_and_two_suppositions_come_as_scenarios() -> None:
    scenarios = dict(Scenario.objects.filter(ready_made=True, pack__code="ru").values_list("code", "changes"))

    assert set(scenarios) == {
        "ru.scenario.2m",
        "ru.scenario.bill-1124554-8",
        "ru.scenario.bill-1193493-8",
        "ru.scenario.draft-2025-06",
        "ru.scenario.limit-halved",
        "ru.scenario.year-round",
    }
    assert scenarios["ru.scenario.limit-halved"] == [
        {"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": "3000"}}
    ]


def test_everything_is_cited() -> None:
    for model in (Act, Norm, BannedArea, Penalty):
        assert not model._default_manager.filter(sources=[]).exists(), model


def test_pack_says_which_zone_ends_its_days() -> None:
    assert LawPack.objects.get(code="ru").time_zone == "Europe/Moscow"


def test_claim_is_held_as_it_was_said() -> None:
    claim = Claim.objects.get(code="ru.claim.chebeskov-30-percent")

    assert (claim.bounds, claim.low, claim.high, claim.unit) == (
        "registration_rate",
        Decimal("0.3"),
        Decimal("0.3"),
        "share",
    )
    assert (claim.said_on, claim.confidence) == (dt.date(2025, 6, 19), "H")
    assert claim.quote == "We have not completed this process yet"
    assert claim.quote not in claim.statement


def test_claim_tells_where_it_was_said_and_which_day_it_is_about_where_the_source_does() -> None:
    claim = Claim.objects.get(code="ru.claim.register-1364")

    assert (claim.where_said, claim.about_on) == ("The State Duma", dt.date(2025, 10, 31))


def test_every_claim_of_the_founding_document_is_on_file() -> None:
    codes = set(Claim.objects.values_list("code", flat=True))

    assert codes >= {
        f"ru.claim.{each}"
        for each in (
            "chebeskov-30-percent",
            "unregistered-70-percent",
            "fine-200k-to-2m",
            "rostov-farm",
            "foreigners-barred",
            "bureaucracy",
            "makers-90-percent",
            "bitmain-usa",
            "canaan-usa",
            "microbt-usa",
            "us-sector-38-bn",
        )
    }


def test_claim_tells_that_its_day_is_not_known_when_only_the_month_is() -> None:
    claim = Claim.objects.get(code="ru.claim.register-1364")

    assert claim.said_on == dt.date(2025, 10, 31)
    assert "Said in 2025-10; the day is not known." in claim.statement


def test_rise_from_200_000_to_2_000_000_is_a_weak_claim_and_no_law() -> None:
    claim = Claim.objects.get(code="ru.claim.fine-200k-to-2m")
    supposed = Penalty.objects.filter(book__code="ru.what-if.2m")

    assert claim.confidence == "L"
    assert not supposed.filter(in_force__isnull=False).exists()
    assert not supposed.exclude(act=None).exists()
