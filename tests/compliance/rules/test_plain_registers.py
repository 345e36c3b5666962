"""Duties to register, limits of energy and validity: the rules find in all at once what a plain reading finds in each.

The plain readings know nothing of ranges or SQL: they look at one miner on one day, as a clerk with the law in hand
would. Norms and registers are made up at random.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.models.fields import Days
from compliance.rules import EVERYTHING, Rule, Scope
from compliance.rules.working_days import working_days
from registry.choices import MinerKind, RegistrationStatus
from registry.models import Device, DeviceModel, Miner, Reading, Register, Registration, Site, Territory
from tests.factories import DeviceModelFactory, MinerFactory, RegisterFactory, TerritoryFactory
from tests.norms import made_up_norm, rule_of

FIRST, LAST = dt.date(2024, 7, 1), dt.date(2026, 6, 30)
LENGTH = (LAST - FIRST).days + 1
CALENDAR = [FIRST + dt.timedelta(days=number) for number in range(LENGTH)]
MONTHS = sorted({day.replace(day=1) for day in CALENDAR})
ONE_DAY = dt.timedelta(days=1)
MINERS = 50

Period = tuple[dt.date, dt.date | None]
"""The first day, and the first day after the last; none is open."""


def within(day: dt.date, period: Period) -> bool:
    return period[0] <= day and (period[1] is None or day < period[1])


@dataclass
class SitePlan:
    period: Period
    capacity_kw: int | None
    interruptible_percent: int | None
    data_centre: bool | None
    hosted: bool
    devices: list[Period]
    energy: dict[dt.date, int]


@dataclass
class Entry:
    period: Period
    suspended: bool
    in_the_norms_register: bool


@dataclass
class Plan:
    kind: str
    operating: Period
    sites: list[SitePlan]
    entries: list[Entry]

    def entry(self, day: dt.date) -> Entry | None:
        return next(
            (entry for entry in self.entries if entry.in_the_norms_register and within(day, entry.period)), None
        )


@dataclass
class Law:
    """The norm as its text would have it; `days` are the stretches on which it is law, open where none."""

    kinds: list[str]
    days: list[tuple[dt.date | None, dt.date | None]]
    parameters: dict[str, Any] = field(default_factory=dict)

    def holds(self, day: dt.date) -> bool:
        return any((first is None or first <= day) and (last is None or day < last) for first, last in self.days)

    def binds(self, plan: Plan, day: dt.date) -> bool:
        return plan.kind in self.kinds and within(day, plan.operating) and self.holds(day)


# ---------------------------------------------------------------------------- the plain readings


class DutyReading:
    """Must it register, is it in breach, can nothing be said: of one miner on one day, by one registration duty."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.threshold: dict[str, Any] = law.parameters.get("threshold", {})
        self.deadline: dict[str, Any] = law.parameters.get("deadline", {})
        self.of_devices = "of" in law.parameters
        self.first_days: dict[tuple[int, Period], dt.date | None] = {}

    def bound(self, plan: Plan, day: dt.date) -> bool:
        return self.law.binds(plan, day) and any(True for _ in self.serving(plan, day))

    def breached(self, plan: Plan, day: dt.date) -> bool:
        if not self.law.binds(plan, day) or plan.entry(day):
            return False
        return any(day > self.last_day(plan, period) for period in self.serving(plan, day))

    def missing(self, plan: Plan, day: dt.date) -> str | None:
        if not self.threshold or not self.law.binds(plan, day) or plan.entry(day) or self.breached(plan, day):
            return None
        open_sites = [site for site in plan.sites if within(day, site.period)]
        if not open_sites and not self.of_devices:
            return "the sites at which it mines"
        doubtful = [
            site
            for site in open_sites
            if False not in self.passed(site)
            and any(day > self.last_day(plan, period) for period in self.served_at(site, day))
        ]
        for fact, asked, known in (
            ("capacity of the site", {"load_kw_over", "load_kw_from"}, lambda site: site.capacity_kw),
            (
                "interruptible share of the site's load",
                {"interruptible_percent_from"},
                lambda site: site.interruptible_percent,
            ),
            ("whether the site lies in a data centre", {"data_centre"}, lambda site: site.data_centre),
        ):
            if asked & self.threshold.keys() and any(known(site) is None for site in doubtful):
                return fact
        return None

    def serving(self, plan: Plan, day: dt.date) -> Iterator[Period]:
        """Every period of service by which the miner is bound on the day: its own, a site's, a device's."""
        if not self.threshold and not self.of_devices:
            yield plan.operating
            return
        for site in plan.sites:
            if self.passed(site) <= {True}:
                yield from self.served_at(site, day)

    def served_at(self, site: SitePlan, day: dt.date) -> Iterator[Period]:
        if within(day, site.period):
            for period in site.devices if self.of_devices else [site.period]:
                if within(day, period):
                    ends = [end for end in (period[1], site.period[1]) if end]
                    yield max(period[0], site.period[0]), min(ends) if ends else None

    def passed(self, site: SitePlan) -> set[bool | None]:
        """What each asked fact of the site says of the threshold: passed, missed, or unknown."""
        asked = self.threshold
        verdicts: set[bool | None] = set()
        if "load_kw_over" in asked:
            verdicts.add(None if site.capacity_kw is None else site.capacity_kw > int(asked["load_kw_over"]))
        if "load_kw_from" in asked:
            verdicts.add(None if site.capacity_kw is None else site.capacity_kw >= int(asked["load_kw_from"]))
        if "interruptible_percent_from" in asked:
            share = site.interruptible_percent
            verdicts.add(None if share is None else share >= int(asked["interruptible_percent_from"]))
        if "data_centre" in asked:
            verdicts.add(site.data_centre)
        if "own_sites_only" in asked:
            verdicts.add(not site.hosted)
        if "hosted_only" in asked:
            verdicts.add(site.hosted)
        return verdicts

    def last_day(self, plan: Plan, served: Period) -> dt.date:
        """The last day on which it may still register; long ago where it must at once."""
        if "transition_until" in self.deadline:
            began = max(served[0], plan.operating[0])
            law_began = self.law.days[0][0]
            if law_began is not None and began < law_began:
                return dt.date.fromisoformat(self.deadline["transition_until"])
        first = self.first_day(plan, served)
        if first is None:
            return dt.date.max
        if "days_after_start" in self.deadline:
            return first + dt.timedelta(days=self.deadline["days_after_start"])
        if "working_days_after_start" in self.deadline:
            last, left = first, self.deadline["working_days_after_start"]
            while left:
                last += ONE_DAY
                left -= last in worked_in_kazakhstan()
            return last
        return dt.date.min

    def first_day(self, plan: Plan, served: Period) -> dt.date | None:
        """The first day on which it served under the law, found by going from day to day."""
        key = (id(plan), served)
        if key not in self.first_days:
            day: dt.date | None = max(served[0], plan.operating[0])
            while day is not None and not (within(day, served) and within(day, plan.operating) and self.law.holds(day)):
                day = day + ONE_DAY if day < LAST else None
            self.first_days[key] = day
        return self.first_days[key]


@cache
def worked_in_kazakhstan() -> frozenset[dt.date]:
    return frozenset(working_days("KZ"))


class LimitReading:
    def __init__(self, law: Law) -> None:
        self.law = law

    def bound(self, plan: Plan, day: dt.date) -> bool:
        return self.law.binds(plan, day)

    def breached(self, plan: Plan, day: dt.date) -> bool:
        if not self.law.binds(plan, day) or plan.entry(day):
            return False
        drawn = self.drawn(plan)
        known = [month for month in drawn if month <= day]
        if not known:
            return False
        latest = max(known)
        if "energy_kwh_month" in self.law.parameters:
            return drawn[latest] > int(self.law.parameters["energy_kwh_month"])
        of_year = sum(kwh for month, kwh in drawn.items() if month.year == latest.year and month <= latest)
        return of_year > int(self.law.parameters["energy_kwh_year"])

    def missing(self, plan: Plan, day: dt.date) -> str | None:
        if not self.law.binds(plan, day) or plan.entry(day) or self.drawn(plan):
            return None
        return "energy drawn in a " + ("month" if "energy_kwh_month" in self.law.parameters else "year")

    def drawn(self, plan: Plan) -> dict[dt.date, int]:
        """What the miner drew in each month with a reading, at sites that were open on some day of that month."""
        sums: dict[dt.date, int] = {}
        for site in plan.sites:
            for month, kwh in site.energy.items():
                if any(within(month + dt.timedelta(days=n), site.period) for n in range(days_of(month))):
                    sums[month] = sums.get(month, 0) + kwh
        return sums


def days_of(month: dt.date) -> int:
    return ((month + dt.timedelta(days=32)).replace(day=1) - month).days


class ValidityReading:
    def __init__(self, law: Law) -> None:
        self.law = law

    def bound(self, plan: Plan, day: dt.date) -> bool:
        return self.law.binds(plan, day) and plan.entry(day) is not None

    def breached(self, plan: Plan, day: dt.date) -> bool:
        entry = plan.entry(day)
        if entry is None or not self.law.binds(plan, day):
            return False
        first, asked = entry.period[0], self.law.parameters
        if "suspension" in asked and entry.suspended:
            return True
        if "term_years" in asked:
            year = first.year + asked["term_years"]
            leap_day = (first.month, first.day) == (2, 29)
            anniversary = dt.date(year, 3, 1) if leap_day and year % 4 else first.replace(year=year)
            if day >= anniversary:
                return True
        if "renewal_day" in asked:
            month, number = map(int, asked["renewal_day"].split("-"))
            return day > dt.date(first.year + 1, month, number)
        return False

    def missing(self, plan: Plan, day: dt.date) -> str | None:
        return None


# ---------------------------------------------------------------------------- random norms and registers


def random_duty(random: Random) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    threshold = {
        random.choice(["load_kw_over", "load_kw_from"]): "500",
        "interruptible_percent_from": "10",
        "data_centre": True,
        random.choice(["own_sites_only", "hosted_only"]): True,
    }
    asked = random.sample(sorted(threshold), random.choice([0, 1, 1, 2, 3]))
    if asked:
        parameters["threshold"] = {key: threshold[key] for key in asked}
    if random.random() < 0.3:
        parameters["of"] = "devices"
    deadline: dict[str, Any] = random.choice(
        [{}, {}, {"working_days_after_start": random.randint(1, 20)}, {"days_after_start": random.randint(1, 60)}]
    )
    if random.random() < 0.4:
        deadline["transition_until"] = random.choice(CALENDAR[60:400]).isoformat()
    return {**parameters, "deadline": deadline} if deadline else parameters


def random_limit(random: Random) -> dict[str, Any]:
    return random.choice([{"energy_kwh_month": "6000"}, {"energy_kwh_year": "20000"}])


def random_validity(random: Random) -> dict[str, Any]:
    asked = random.sample(["term_years", "renewal_day", "suspension"], random.randint(1, 3))
    day = random.choice(CALENDAR)
    renewal = f"{day.month:02}-{min(day.day, 28):02}"
    known = {"term_years": random.randint(1, 3), "renewal_day": renewal, "suspension": True}
    return {key: known[key] for key in asked}


def random_law(random: Random, parameters: dict[str, Any]) -> Law:
    edges = sorted(random.sample(CALENDAR[30:], 3))
    days: list[list[tuple[dt.date | None, dt.date | None]]] = [
        [(edges[0], None)],
        [(edges[0], None)],
        [(None, None)],
        [(None, edges[1])],
        [(edges[0], edges[1]), (edges[2], None)],
    ]
    kinds = random.sample(MinerKind.values, random.randint(2, 5))
    return Law(kinds, random.choice(days), parameters)


def random_period(random: Random, longest: int = 500, before: int = 400) -> Period:
    start = FIRST + dt.timedelta(days=random.randint(-before, LENGTH - 30))
    return start, random.choice([None, start + dt.timedelta(days=random.randint(1, longest))])


def random_plan(random: Random) -> Plan:
    sites = [
        SitePlan(
            period=random_period(random),
            capacity_kw=random.choice([None, 499, 500, 501, 900]),
            interruptible_percent=random.choice([None, 9, 10, 80]),
            data_centre=random.choice([None, True, True, False]),
            hosted=random.random() < 0.4,
            devices=[random_period(random, longest=90) for _ in range(random.choice([0, 0, 1, 3]))],
            energy={
                month: random.choice([0, 3000, 6000, 6001, 9000])
                for month in random.sample(MONTHS, random.choice([0, 0, 2, 7, 15]))
            },
        )
        for _ in range(random.choice([0, 1, 1, 2, 3]))
    ]
    return Plan(random.choice(MinerKind.values), random_period(random, longest=700), sites, random_entries(random))


def random_entries(random: Random) -> list[Entry]:
    """A history of entries without overlaps in either register: renewed, suspended, with and without gaps."""
    entries = []
    for own in (True, False):
        start = FIRST + dt.timedelta(days=random.randint(-900, LENGTH))
        for _ in range(random.choice([0, 0, 1, 2, 4])):
            end = start + dt.timedelta(days=random.choice([1, 30, 200, 366, 800]))
            suspended = random.random() < 0.25
            if random.random() < 0.2:
                entries.append(Entry((start, None), suspended, own))
                break
            entries.append(Entry((start, end), suspended, own))
            start = end + dt.timedelta(days=random.choice([0, 0, 1, 45]))
    return entries


@dataclass
class Ground:
    """What every example stands on."""

    territory: Territory
    register: Register
    other: Register
    host: Miner
    model: DeviceModel


@pytest.fixture
def ground(db: None) -> Ground:
    return Ground(
        TerritoryFactory(),
        RegisterFactory(),
        RegisterFactory(operators=True),
        MinerFactory(operator=True, operating=DateRange(dt.date(1990, 1, 1), dt.date(1990, 1, 2))),
        DeviceModelFactory(),
    )


def stored(ground: Ground, plans: list[Plan]) -> list[Miner]:
    miners = Miner.objects.bulk_create(
        Miner(name=f"Miner {n}", kind=plan.kind, territory=ground.territory, operating=span(plan.operating))
        for n, plan in enumerate(plans)
    )
    pairs = [
        (plan, Site(miner=miner, name=f"{n}.{m}", territory=ground.territory, metering_point=f"{n}.{m}"))
        for n, (miner, whole) in enumerate(zip(miners, plans, strict=True))
        for m, plan in enumerate(whole.sites)
    ]
    for plan, site in pairs:
        site.period, site.capacity_kw, site.data_centre = span(plan.period), plan.capacity_kw, plan.data_centre
        site.interruptible_percent, site.host = plan.interruptible_percent, ground.host if plan.hosted else None
    Site.objects.bulk_create(site for _, site in pairs)
    Device.objects.bulk_create(
        Device(site=site, model=ground.model, period=span(period)) for plan, site in pairs for period in plan.devices
    )
    Reading.objects.bulk_create(
        Reading(metering_point=site.metering_point, month=month, energy_kwh=Decimal(kwh))
        for plan, site in pairs
        for month, kwh in plan.energy.items()
    )
    Registration.objects.bulk_create(
        Registration(
            miner=miner,
            register=ground.register if entry.in_the_norms_register else ground.other,
            period=span(entry.period),
            status=RegistrationStatus.SUSPENDED if entry.suspended else RegistrationStatus.ACTIVE,
        )
        for miner, plan in zip(miners, plans, strict=True)
        for entry in plan.entries
    )
    return miners


def span(period: Period) -> DateRange:
    return DateRange(*period, "[)")


def rule_for(kind: str, law: Law, ground: Ground) -> Rule:
    return rule_of(
        made_up_norm(
            kind,
            law.parameters,
            in_force=Days(DateRange(first, last, "[)") for first, last in law.days),
            miner_kinds=tuple(law.kinds),
            register=ground.register,
            calendar="KZ",
        )
    )


KINDS: dict[str, tuple[Callable[[Random], dict[str, Any]], Callable[[Law], Any]]] = {
    "registration_duty": (random_duty, DutyReading),
    "energy_limit": (random_limit, LimitReading),
    "validity": (random_validity, ValidityReading),
}


@pytest.mark.parametrize(("kind", "examples"), [("registration_duty", 8), ("energy_limit", 6), ("validity", 6)])
def test_rule_equals_the_plain_reading_of_each_miner_on_each_day(ground: Ground, kind: str, examples: int) -> None:
    @settings(max_examples=examples)
    @given(seed=st.integers(0, 10**9))
    def on_random_registers(seed: int) -> None:
        random = Random(seed)
        make, read = KINDS[kind]
        law = random_law(random, make(random))
        plans = [random_plan(random) for _ in range(MINERS)]
        reading = read(law)
        with transaction.atomic():
            miners = stored(ground, plans)
            rule = rule_for(kind, law, ground)
            check(rule, reading, dict(zip((miner.pk for miner in miners), plans, strict=True)), random)
            transaction.set_rollback(True)

    on_random_registers()


def around(stretch: Any) -> set[dt.date]:
    """The days of the calendar on both sides of both ends."""
    edges = [edge for edge in (stretch.lower, stretch.upper) if edge is not None]
    return {day for edge in edges for day in (edge - ONE_DAY, edge) if FIRST <= day <= LAST}


def check(rule: Rule, reading: Any, plans: dict[int, Plan], random: Random) -> None:
    spans: dict[int, list[Any]] = {pk: [] for pk in plans}
    for row in rule.spans(EVERYTHING, LAST):
        spans[row[0]].append(row[4])
    window = random.randrange(LENGTH - 40)
    regular = {*CALENDAR[::17], *CALENDAR[window : window + 40]}
    for pk, plan in plans.items():
        days = regular | {day for stretch in spans[pk] for day in around(stretch)}
        found = {day for day in days if any(day in stretch for stretch in spans[pk])}
        assert found == {day for day in days if reading.breached(plan, day)}, plan
    edges = sorted({day for stretches in spans.values() for stretch in stretches for day in around(stretch)})
    for day in [*random.sample(CALENDAR, 2), *random.sample(edges, min(2, len(edges)))]:
        breached = {pk for pk, plan in plans.items() if reading.breached(plan, day)}
        assert sorted(rule.breaches(day).values_list("pk", flat=True)) == sorted(breached), day
        assert {row[0] for row in rule.open_on(day)} == breached
        bound = {pk for pk, plan in plans.items() if reading.bound(plan, day)}
        assert set(rule.obliged(day).values_list("pk", flat=True)) == bound, day
        asked = [(row.pk, row.missing_fact) for row in rule.undetermined(day)]  # type: ignore[attr-defined]
        expected = {(pk, fact) for pk, plan in plans.items() if (fact := reading.missing(plan, day))}
        assert sorted(asked) == sorted(expected), day
        some = random.sample(sorted(plans), 5)
        scope = Scope(miner_ids=tuple(some))
        assert set(rule.breaches(day, scope).values_list("pk", flat=True)) == breached & set(some)
        assert {row[0] for row in rule.spans(scope, day) if day in row[4]} == breached & set(some)
