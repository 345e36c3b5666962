"""The waterfall beside a plain reading of the same rows, miner by miner, on random registers."""

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.choices import FineStatus
from compliance.estimates.waterfall import Quantity
from compliance.models import Case, Finding, Fine, LawPack, Payment, Penalty
from compliance.rules import EVERYTHING, EnergyLimit, RegistrationDuty, rules_in_law
from compliance.selectors.estimated import Estimated
from compliance.selectors.waterfall import waterfall_of
from compliance.selectors.waterfall_parts import months_before
from compliance.services.recomputation import recompute
from registry.choices import MinerKind
from registry.models import Declaration, Miner, MonthlyEnergy, Territory
from tests.factories import (
    DeclarationFactory,
    MinerFactory,
    ReadingFactory,
    RegistrationFactory,
    SightingFactory,
    SiteFactory,
)
from tests.registers import random_register

DAY = dt.date(2026, 11, 22)
FIRST, PAST = dt.date(2025, 11, 1), dt.date(2026, 11, 1)


def fined(random: Random, miners: list[Miner]) -> None:
    """Fines for some of the companies, paid in full, in part or not."""
    bands = Penalty.objects.in_force(DAY).filter(norm__in_force__contains=DAY, offender="official")
    penalty = bands.filter(amount_high__gte=1000).first()
    assert penalty is not None
    companies = [miner for miner in miners if miner.kind == MinerKind.LEGAL_ENTITY]
    for number, miner in enumerate(random.sample(companies, len(companies) * 2 // 3)):
        offence = DAY - dt.timedelta(days=100)
        case = Case.objects.create(miner=miner, norm=penalty.norm, offence_on=offence, opened_on=offence)
        fine = Fine.objects.create(
            case=case,
            penalty=penalty,
            occurrence=penalty.occurrence,
            reference=f"F-{number}",
            amount=penalty.amount_high,
            currency=penalty.currency,
            decided_on=random.choice([DAY + dt.timedelta(days=5), DAY - dt.timedelta(days=80)]),
            due_on=DAY + dt.timedelta(days=random.choice([10, 30])),
            status=random.choice([FineStatus.ISSUED, FineStatus.ISSUED, FineStatus.ANNULLED]),
        )
        if fine.decided_on <= DAY:
            Fine.objects.filter(pk=fine.pk).update(due_on=random.choice([DAY - dt.timedelta(days=1), fine.due_on]))
            if random.random() < 0.6:
                amount = random.choice([fine.amount, Decimal(100)])
                Payment.objects.create(fine=fine, reference=f"P-{number}", amount=amount, paid_on=DAY)


def declared_and_metered(random: Random, miners: list[Miner]) -> None:
    for miner in random.sample(miners, len(miners) // 3):
        site = SiteFactory(miner=miner, name="One more", metering_point=f"MORE-{miner.pk}")
        for number in range(12):
            month = dt.date(2025 + (10 + number) // 12, (10 + number) % 12 + 1, 1)
            kwh = Decimal(random.choice([1000, 7000]))
            ReadingFactory(metering_point=site.metering_point, month=month, energy_kwh=kwh)
            if random.random() < 0.5 and not Declaration.objects.filter(miner=miner, month=month, months=1).exists():
                DeclarationFactory(
                    miner=miner,
                    month=month,
                    months=1,
                    energy_kwh=kwh - random.choice([0, 1, 900]),
                    declared_on=month + dt.timedelta(days=40),
                )


def covers(days: Any, day: dt.date) -> bool:
    return any((span.lower is None or span.lower <= day) and (span.upper is None or day < span.upper) for span in days)


class Plainly:
    """Each miner by itself, in Python; only the duties are asked of the rules, whose own tests hold them."""

    def __init__(self, places: set[int] | None = None) -> None:
        due, held = defaultdict(list), defaultdict(list)
        for rule in rules_in_law():
            if isinstance(rule, RegistrationDuty | EnergyLimit):
                for miner, its_due, its_held in rule.duties(scope=EVERYTHING).values_list("pk", "due", "held"):
                    due[miner].append(its_due)
                    held[miner].append((its_due, its_held))
        self.parts: dict[int, tuple[str, str, str]] = {}
        self.kwh: dict[int, Decimal | None] = {}
        self.lacking: dict[int, Decimal] = {}
        for miner in Miner.objects.all():
            if places is not None and miner.territory_id not in places:
                continue
            if any(covers(each, DAY) for each in due[miner.pk]):
                self.parts[miner.pk] = self._parts(miner, due[miner.pk], held[miner.pk])

    def _parts(self, miner: Miner, due: list[Any], held: list[Any]) -> tuple[str, str, str]:
        def met(day: dt.date) -> bool:
            return all(covers(its_held, day) for its_due, its_held in held if covers(its_due, day))

        first = min(span.lower for each in due for span in each)
        ever = any(
            any(covers(each, first + dt.timedelta(days=n)) for each in due) and met(first + dt.timedelta(days=n))
            for n in range((DAY - first).days)
        )
        names = ("in_time", "late") if met(DAY) else ("ended", "never")
        registration = names[0] if (met(first) if met(DAY) else ever) else names[1]
        self.kwh[miner.pk] = self._metered(miner)
        fines = list(Fine.objects.filter(case__miner=miner, decided_on__lte=DAY, status="issued").with_balance(DAY))
        conduct = self._conduct(miner, fines) if met(DAY) else ""
        enforcement = "owing" if any(fine.outstanding for fine in fines) else "settled" if fines else "not_fined"
        return registration, conduct, enforcement

    def _conduct(self, miner: Miner, fines: list[Any]) -> str:
        compared = self._compared(miner)
        lacking = defaultdict(Decimal)
        for months, declared, metered in compared:
            if declared < metered * Decimal("0.99"):
                lacking[months] += metered - declared
        if lacking:
            self.lacking[miner.pk] = max(lacking.values())
        findings = Finding.objects.filter(miner=miner, norm__kind="reporting", valid__contains=DAY)
        if any("missing" in finding.facts["reasons"] for finding in findings):
            return "silent"
        if lacking:
            return "under_declared"
        if any(fine.overdue for fine in fines):
            return "unpaid"
        return "clear" if compared else "untested"

    def _compared(self, miner: Miner) -> list[tuple[int, Decimal, Decimal]]:
        energy = {row.month: row.energy_kwh for row in MonthlyEnergy.objects.filter(miner=miner)}
        said: dict[tuple[dt.date, int], Decimal] = defaultdict(Decimal)
        for row in Declaration.objects.filter(miner=miner, energy_kwh__isnull=False, declared_on__lte=DAY):
            said[row.month, row.months] += row.energy_kwh  # type: ignore[operator]
        found = []
        for (month, months), kwh in said.items():
            of = [
                dt.date(month.year + (month.month - 1 + n) // 12, (month.month - 1 + n) % 12 + 1, 1)
                for n in range(months)
            ]
            if month >= FIRST and of[-1] < PAST and any(each in energy for each in of):
                found.append((months, kwh, sum((energy.get(each, Decimal(0)) for each in of), Decimal(0))))
        return found

    def _metered(self, miner: Miner) -> Decimal | None:
        months = [row.energy_kwh for row in MonthlyEnergy.objects.filter(miner=miner, month__gte=FIRST, month__lt=PAST)]
        return sum(months, Decimal(0)) if months else None

    def sum_of(self, **wanted: str) -> tuple[int, Decimal]:
        names = ("registration", "conduct", "enforcement")
        of = [
            miner
            for miner, parts in self.parts.items()
            if all(dict(zip(names, parts, strict=True))[name] == value for name, value in wanted.items())
        ]
        return len(of), sum((self.kwh[miner] or Decimal(0) for miner in of), Decimal(0))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_part_is_what_a_plain_reading_finds(ru_law: LawPack, seed: int) -> None:
    random = Random(seed)
    miners = random_register(random, ru_law, size=200)
    declared_and_metered(random, miners)
    fined(random, miners)
    recompute(as_of=DAY)
    plain = Plainly()
    found = waterfall_of(DAY, territory=None, estimate=None)
    assert len(set(plain.parts.values())) >= 9, Counter(plain.parts.values())
    for code in ("in_time", "late", "ended", "never"):
        step = found.step(code)
        assert (step.operations, step.energy_kwh.low or 0) == (
            Quantity.exactly(plain.sum_of(registration=code)[0]),
            plain.sum_of(registration=code)[1],
        )
    for code in ("silent", "under_declared", "unpaid", "untested", "clear"):
        step = found.step(code)
        assert (step.operations.point, step.energy_kwh.low or 0) == plain.sum_of(conduct=code)
    lacking = sum(
        (kwh for miner, kwh in plain.lacking.items() if plain.parts[miner][1] == "under_declared"), Decimal(0)
    )
    stated = found.step("under_declared").lacking_kwh
    assert stated is not None
    assert stated.low == lacking
    found_out = [
        parts for parts in plain.parts.values()
        if parts[0] in ("ended", "never") or parts[1] in ("silent", "under_declared", "unpaid")
    ]  # fmt: skip
    for code in ("settled", "owing", "not_fined"):
        assert found.step(code).operations.point == sum(parts[2] == code for parts in found_out)
    sums(found)


def sums(found: Any) -> None:
    """Each whole is its parts, and the registered are the same from both sides."""
    for code in ("obliged", "registered", "found"):
        whole, parts = found.step(code), found.parts(code)
        lows = [part.operations.low for part in parts if part.operations.low is not None]
        assert whole.operations.low == sum(lows)
        kwh = [part.energy_kwh.low for part in parts if part.energy_kwh.low is not None]
        assert whole.energy_kwh.low == (sum(kwh) if kwh else None)
        assert whole.unpriced == sum(part.unpriced for part in parts)
        for money in whole.money:
            assert money.low == sum(
                each.low for part in parts for each in part.money if each.currency == money.currency
            )
    assert found.step("registered").operations.point == (
        found.step("in_time").operations.point + found.step("late").operations.point
    )


def test_place_counts_only_what_lies_in_it(ru_law: LawPack) -> None:
    random = Random(4)
    random_register(random, ru_law, size=60)
    recompute(as_of=DAY)
    place = Territory.objects.get(code="RU")
    inside = set(Territory.objects.all().within(place).values_list("pk", flat=True))
    plain = Plainly(inside)
    found = waterfall_of(DAY, territory=place, estimate=None)
    for code in ("in_time", "late", "ended", "never"):
        assert found.step(code).operations.point == plain.sum_of(registration=code)[0]


@pytest.fixture
def small(ru_law: LawPack) -> Territory:
    moscow = Territory.objects.get(code="RU-MOW")
    miners = MinerFactory.create_batch(4, territory=moscow)
    RegistrationFactory(miner=miners[0])
    SightingFactory(territory=moscow, seen_on=dt.date(2026, 10, 1), metering_point="MP-X")
    SightingFactory(territory=moscow, seen_on=dt.date(2026, 10, 2), metering_point="MP-X")
    SightingFactory(territory=moscow, seen_on=dt.date(2025, 10, 2), metering_point="MP-OLD")
    recompute(as_of=DAY)
    return moscow


def estimate(low: int, point: int, high: int, *, inspected: bool = False) -> Estimated:
    return Estimated(
        number=12,
        territory="RU",
        window_from=dt.date(2026, 9, 1),
        as_of=dt.date(2026, 11, 30),
        unregistered=Quantity(Decimal(low), Decimal(point), Decimal(high)),
        inspected=inspected,
    )


def test_without_an_estimate_the_unseen_are_unknown_and_never_zero(small: Territory) -> None:
    found = waterfall_of(DAY, territory=None, estimate=None)
    unseen = found.step("unseen")
    assert (unseen.operations.low, unseen.operations.high) == (None, None)
    assert unseen.operations.why == "no finished estimate of this territory is on file"
    assert found.step("obliged").operations == Quantity.at_least(5, unseen.operations.why)
    assert found.step("nobody_known").operations == Quantity.exactly(1)


def test_unseen_are_the_estimated_less_the_known_and_illustrative_until_inspected(small: Territory) -> None:
    found = waterfall_of(DAY, territory=None, estimate=estimate(10, 20, 40))
    assert found.step("unseen").operations == Quantity(Decimal(6), Decimal(16), Decimal(36))
    assert found.step("obliged").operations == Quantity(Decimal(11), Decimal(21), Decimal(41))
    assert (found.step("unseen").grade, found.step("obliged").grade) == ("illustrative", "illustrative")
    assert found.step("unseen").sources == ("estimate 12",)
    known = waterfall_of(DAY, territory=None, estimate=estimate(10, 20, 40, inspected=True))
    assert known.step("unseen").grade == "established"


def test_estimate_below_what_is_known_leaves_none_unseen_and_says_so(small: Territory) -> None:
    unseen = waterfall_of(DAY, territory=None, estimate=estimate(1, 2, 3)).step("unseen")
    assert unseen.operations == Quantity.exactly(0)
    assert "it is too low" in unseen.note


def test_what_the_law_in_force_does_not_price_stays_unpriced(small: Territory) -> None:
    never = waterfall_of(DAY, territory=None, estimate=None).step("never")
    assert (never.money, never.unpriced, never.no_money) == ((), 3, "the book names no known amount")


def test_number_of_questions_does_not_grow_with_the_miners(small: Territory) -> None:
    waterfall_of(DAY, territory=None, estimate=None)
    with CaptureQueriesContext(connection) as few:
        waterfall_of(DAY, territory=None, estimate=None)
    MinerFactory.create_batch(10, territory=small)
    with CaptureQueriesContext(connection) as many:
        waterfall_of(DAY, territory=None, estimate=None)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("day", "past"), [(dt.date(2026, 11, 22), PAST), (dt.date(2026, 10, 31), PAST), (dt.date(2026, 11, 1), PAST)]
)
def test_twelve_months_are_those_that_are_over(day: dt.date, past: dt.date) -> None:
    assert months_before(day) == (FIRST, past)


def test_energy_is_a_lower_end_where_the_meter_of_one_site_was_not_read(ru_law: LawPack) -> None:
    miner = MinerFactory(territory=Territory.objects.get(code="RU-MOW"), operating=(dt.date(2026, 9, 20), None))
    RegistrationFactory(miner=miner)
    read, other = (
        SiteFactory(miner=miner, territory=miner.territory, name=name, period=(dt.date(2026, 9, 20), None))
        for name in ("Read", "Not read")
    )
    for month in (9, 10):
        ReadingFactory(metering_point=read.metering_point, month=dt.date(2026, month, 1), energy_kwh=Decimal(1000))

    def energy() -> Quantity:
        recompute(as_of=DAY)
        found = waterfall_of(DAY, territory=None, estimate=None)
        return next(step.energy_kwh for step in found.steps if step.code == "registered")

    assert energy() == Quantity.at_least(Decimal(2000), "1 of 1 were not read in every month")
    for month in (9, 10):
        ReadingFactory(metering_point=other.metering_point, month=dt.date(2026, month, 1), energy_kwh=Decimal(1))
    assert energy() == Quantity.exactly(Decimal(2002))
