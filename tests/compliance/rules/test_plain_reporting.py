"""Reports and levies: the rules find of all miners at once what a plain reading says of one miner on one day."""

import datetime as dt
from calendar import monthrange
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import LawPack, Norm
from compliance.models.fields import Days
from compliance.rules import EVERYTHING, Levy, Reporting, Rule, Scope
from compliance.rules.working_days import working_days
from registry.choices import MinerKind
from registry.models import Declaration, Miner, Reading, Register, Registration, Site, Territory

START = dt.date(2023, 9, 1)
LAST = dt.date(2026, 3, 31)
LAW = Days((DateRange(dt.date(2024, 2, 10), None, "[)"),))
LAW_WITH_A_PAUSE = Days(
    (
        DateRange(dt.date(2024, 2, 10), dt.date(2024, 8, 5), "[)"),
        DateRange(dt.date(2025, 3, 1), dt.date(2025, 12, 1), "[)"),
    )
)
LENGTH = {"month": 1, "quarter": 3, "year": 12}

REPORTS: dict[str, dict[str, Any]] = {
    "each month by the 20th": {"period": "month", "due_day": 20},
    "each month, with a pause of the law": {"period": "month", "due_day": 20, "law": LAW_WITH_A_PAUSE},
    "each quarter by the 31st of the second month after, or the next working day": {
        "period": "quarter", "due": {"day": 31, "months_after": 2}, "roll": "next_working_day",
    },
    "each year by 15 May": {"period": "year", "due": {"day": 15, "months_after": 5}},
    "each month from 2025 on, by anybody who mines": {
        "period": "month", "due_day": 10, "first_period": "2025-01-01", "register": None,
    },
    "each month with addresses": {"period": "month", "due_day": 20, "contains": ["addresses"]},
    "each quarter with its energy": {
        "period": "quarter", "due": {"day": 20, "months_after": 1}, "contains": ["energy_kwh"], "register": None,
    },
    "each month with both, against the meter, with a pause of the law": {
        "period": "month", "due_day": 20, "contains": ["addresses", "energy_kwh"], "meter_tolerance_percent": "10",
        "law": LAW_WITH_A_PAUSE,
    },
}  # fmt: skip
LEVIES: dict[str, dict[str, Any]] = {
    "each quarter": {"period": "quarter", "due": {"day": 20, "months_after": 1}, "register": None, "bands": []},
    "each month, within a fifth, with a pause of the law": {
        "period": "month", "due_day": 5, "register": None, "bands": [], "tolerance_percent": "20",
        "law": LAW_WITH_A_PAUSE,
    },
}  # fmt: skip

day_numbers = st.integers(0, (LAST - START).days)
periods = st.tuples(day_numbers, st.one_of(st.none(), st.integers(1, 500))).map(
    lambda pair: DateRange(
        START + dt.timedelta(days=pair[0]), None if pair[1] is None else START + dt.timedelta(days=pair[0] + pair[1])
    )
)
months = st.integers(0, 27).map(lambda n: dt.date(2023 + (9 + n) // 12, (9 + n) % 12 + 1, 1))
terms = st.tuples(months, st.sampled_from([1, 1, 3, 12]), st.sampled_from(["BTC", "BTC", "LTC"]))
declarations = st.fixed_dictionaries(
    {
        "days": st.integers(0, 500).map(lambda n: n if n % 2 else n // 8),
        "energy": st.one_of(st.none(), st.integers(0, 3000)),
        "contents": st.sampled_from([None, [], ["addresses"], ["addresses", "pool"]]),
    }
)
miners = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([MinerKind.LEGAL_ENTITY.value, MinerKind.OPERATOR.value]),
        "operating": periods,
        "entry": st.one_of(st.none(), periods),
        "declared": st.dictionaries(terms, declarations, max_size=8),
        "energy": st.dictionaries(months, st.integers(0, 1500), max_size=12),
    }
)


def store(register: Register, territory: Territory, plans: list[dict[str, Any]]) -> list[Miner]:
    kept = []
    for number, plan in enumerate(plans):
        miner = Miner.objects.create(
            name=f"Miner {number}", kind=plan["kind"], territory=territory, operating=plan["operating"]
        )
        point, always = f"point {number}", DateRange(dt.date(2020, 1, 1), None)
        Site.objects.create(miner=miner, name="site", territory=territory, metering_point=point, period=always)
        if plan["entry"]:
            status = "active" if plan["entry"].upper is None else "expired"
            Registration.objects.create(miner=miner, register=register, status=status, period=plan["entry"])
        Reading.objects.bulk_create(
            Reading(metering_point=point, month=month, energy_kwh=Decimal(kwh)) for month, kwh in plan["energy"].items()
        )
        Declaration.objects.bulk_create(
            Declaration(
                miner=miner, month=month, months=length, currency=currency, amount=Decimal(1),
                declared_on=month + dt.timedelta(days=told["days"]), energy_kwh=told["energy"],
                contents=told["contents"],
            )
            for (month, length, currency), told in plan["declared"].items()
        )  # fmt: skip
        kept.append(miner)
    return kept


def norm_with(parameters: dict[str, Any]) -> Norm:
    """The Russian report as another law might have it; only the copy in memory changes."""
    norm = Norm.objects.select_related("pack").get(code="ru.reporting.monthly")
    norm.miner_kinds = [MinerKind.LEGAL_ENTITY.value]
    norm.pack.calendar = "RU"
    norm.parameters = {key: value for key, value in parameters.items() if key not in ("law", "register")}
    norm.in_force = parameters.get("law", LAW)
    if "register" in parameters:
        norm.register = None
    return norm


class Plain:
    """The norm read as a lawyer would: one miner, one day, one period after the other."""

    def __init__(self, norm: Norm) -> None:
        self.norm, self.says = norm, norm.parameters
        self.length = LENGTH[self.says["period"]]
        assert norm.in_force is not None
        self.in_force = norm.in_force

    def later(self, month: dt.date, number: int) -> dt.date:
        for _ in range(number):
            month = (month + dt.timedelta(days=31)).replace(day=1)
        return month

    def due(self, start: dt.date) -> dt.date:
        """The last day on which the report of the period is in time."""
        due = self.says.get("due") or {"day": self.says["due_day"], "months_after": 1}
        month = self.later(start, self.length + due["months_after"] - 1)
        last = month.replace(day=min(due["day"], monthrange(month.year, month.month)[1]))
        while self.says.get("roll") and last not in working_days("RU"):
            last += dt.timedelta(days=1)
        return last

    def owed(self, plan: dict[str, Any], day: dt.date) -> list[dt.date]:
        """The first days of the periods that are past their due day."""
        found, start = [], dt.date(2022, 1, 1)
        while self.due(start) < day:
            end = self.later(start, self.length)
            spans = [plan["operating"]] if self.norm.register is None else [plan["operating"], plan["entry"]]
            law = any(touches(span, start, end) for span in self.in_force)
            late_enough = start.isoformat() >= self.says.get("first_period", "")
            if law and late_enough and all(span and touches(span, start, end) for span in spans):
                found.append(start)
            start = end
        return found

    def reports(self, plan: dict[str, Any], start: dt.date) -> list[dict[str, Any]]:
        """What was ever declared for exactly this period, currency by currency."""
        return [
            {**told, "on": month + dt.timedelta(days=told["days"])}
            for (month, length, _), told in plan["declared"].items()
            if (month, length) == (start, self.length)
        ]

    def lacks(self, report: dict[str, Any]) -> bool:
        if report["contents"] is None:
            return False
        return any(
            report["energy"] is None if item == "energy_kwh" else item not in report["contents"]
            for item in self.says.get("contains", [])
        )

    def failed(self, plan: dict[str, Any], day: dt.date) -> list[dt.date]:
        """The periods that are not declared in full on the day."""
        return [
            start
            for start in self.owed(plan, day)
            if not (reports := self.reports(plan, start))
            or any(report["on"] > day or self.lacks(report) for report in reports)
        ]

    def breached(self, plan: dict[str, Any], day: dt.date) -> bool:
        addressed = plan["kind"] == MinerKind.LEGAL_ENTITY
        return addressed and day in self.in_force and bool(self.failed(plan, day))

    def unknown(self, plan: dict[str, Any], day: dt.date) -> str | None:
        """The first fact that is missing to decide."""
        if plan["kind"] != MinerKind.LEGAL_ENTITY or day not in self.in_force:
            return None
        entered = plan["entry"] is not None and day in plan["entry"]
        if self.norm.register is not None and day in plan["operating"] and not entered:
            return "whether currency was mined in the month"
        came_in = {
            start: [report for report in self.reports(plan, start) if report["on"] <= day]
            for start in self.owed(plan, day)
        }
        contains = self.says.get("contains", [])
        for reports in came_in.values():
            for report in reports:
                told_enough = contains == ["energy_kwh"] and report["energy"] is not None
                if contains and report["contents"] is None and not told_enough:
                    return "what the report contained"
        tolerance = self.says.get("meter_tolerance_percent")
        if tolerance and any(self.below(plan, start, Decimal(tolerance), day) for start in came_in):
            return "why the declared energy is below the meter's"
        return None

    def below(self, plan: dict[str, Any], start: dt.date, tolerance: Decimal, day: dt.date) -> bool:
        """Was less energy declared for the period, by the day, than the meters say?"""
        declared, metered = self.declared(plan, start, day), self.metered(plan, start)
        return declared is not None and bool(metered) and declared < sum(metered) * (1 - tolerance / 100)

    def declared(self, plan: dict[str, Any], start: dt.date, day: dt.date) -> int | None:
        """The energy declared for the period over all currencies, once all of them came in."""
        reports = self.reports(plan, start)
        energies = [report["energy"] for report in reports if report["energy"] is not None]
        return sum(energies) if energies and all(report["on"] <= day for report in reports) else None

    def metered(self, plan: dict[str, Any], start: dt.date) -> list[int]:
        return [kwh for month, kwh in plan["energy"].items() if start <= month < self.later(start, self.length)]


class PlainLevy(Plain):
    def breached(self, plan: dict[str, Any], day: dt.date) -> bool:
        tolerance = Decimal(self.says.get("tolerance_percent", 1))
        addressed = plan["kind"] == MinerKind.LEGAL_ENTITY and day in self.in_force
        return addressed and any(self.below(plan, start, tolerance, day) for start in self.owed(plan, day))

    def unknown(self, plan: dict[str, Any], day: dt.date) -> str | None:
        if plan["kind"] != MinerKind.LEGAL_ENTITY or day not in self.in_force or self.breached(plan, day):
            return None
        owed = self.owed(plan, day)
        if any(self.declared(plan, start, day) is None for start in owed):
            return "the energy that was declared"
        for start in owed:
            for number in range(self.length):
                month = self.later(start, number)
                operated = touches(plan["operating"], month, self.later(month, 1))
                if operated and month not in plan["energy"]:
                    return "the energy drawn in the period"
        return None


def touches(span: DateRange, start: dt.date, end: dt.date) -> bool:
    return bool((span.lower is None or span.lower < end) and (span.upper is None or span.upper > start))


def compare(rule: Rule, plain: Plain, stored: list[Miner], plans: list[dict[str, Any]], day: dt.date) -> None:
    by_key = dict(zip((miner.pk for miner in stored), plans, strict=True))
    expected = {pk for pk, plan in by_key.items() if plain.breached(plan, day)}
    assert set(rule.breaches(day).values_list("pk", flat=True)) == expected, day
    spans = [(row[0], row[5]) for row in rule.spans(EVERYTHING, day) if day in row[4]]
    assert sorted(pk for pk, _ in spans) == sorted(expected), day
    unknown = {pk: plain.unknown(plan, day) for pk, plan in by_key.items()}
    told = {row.pk: row.missing_fact for row in rule.undetermined(day)}
    assert told == {pk: fact for pk, fact in unknown.items() if fact}, day
    scope = Scope(miner_ids=(stored[0].pk,))
    assert set(rule.breaches(day, scope).values_list("pk", flat=True)) == expected & {stored[0].pk}
    assert {row.pk for row in rule.undetermined(day, scope)} == told.keys() & {stored[0].pk}


many = settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
registers = st.lists(miners, min_size=6, max_size=12)
some_days = st.lists(day_numbers.map(lambda n: START + dt.timedelta(days=n)), min_size=4, max_size=4)


@pytest.mark.parametrize("name", REPORTS)
@many
@given(plans=registers, on=some_days)
def test_report_equals_the_plain_reading(
    ru_law: LawPack, name: str, plans: list[dict[str, Any]], on: list[dt.date]
) -> None:
    with transaction.atomic():
        stored = store(Register.objects.get(code="ru.miners"), Territory.objects.get(code="RU-MOW"), plans)
        norm = norm_with(REPORTS[name])
        for day in on:
            compare(Reporting(norm), Plain(norm), stored, plans, day)
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", LEVIES)
@many
@given(plans=registers, on=some_days)
def test_levy_equals_the_plain_reading(
    ru_law: LawPack, name: str, plans: list[dict[str, Any]], on: list[dt.date]
) -> None:
    with transaction.atomic():
        stored = store(Register.objects.get(code="ru.miners"), Territory.objects.get(code="RU-MOW"), plans)
        norm = norm_with(LEVIES[name])
        for day in on:
            compare(Levy(norm), PlainLevy(norm), stored, plans, day)
        transaction.set_rollback(True)


@many
@given(plans=registers, day=day_numbers.map(lambda n: START + dt.timedelta(days=n)))
def test_finding_tells_as_many_violations_as_periods_that_failed_in_its_days(
    ru_law: LawPack, plans: list[dict[str, Any]], day: dt.date
) -> None:
    with transaction.atomic():
        stored = store(Register.objects.get(code="ru.miners"), Territory.objects.get(code="RU-MOW"), plans)
        norm = norm_with(REPORTS["each month with addresses"])
        plain = Plain(norm)
        for pk, _, _, _, valid, facts in Reporting(norm).spans(EVERYTHING, day):
            plan = plans[[miner.pk for miner in stored].index(pk)]
            last = day if valid.upper is None else valid.upper - dt.timedelta(days=1)
            within = [valid.lower + dt.timedelta(days=n) for n in range((last - valid.lower).days + 1)]
            failed = {start for each in within if each <= day for start in plain.failed(plan, each)}
            assert facts["violations"] == len(failed)
        transaction.set_rollback(True)
