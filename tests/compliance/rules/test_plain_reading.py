"""The rules answer for all miners at once what a plain reading says of one miner on one day."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import LawPack, Norm
from compliance.rules import RULES
from registry.choices import MinerKind
from registry.models import Declaration, Miner, Reading, Register, Registration, Site, Territory

START = dt.date(2024, 9, 1)
LAW = dt.date(2024, 11, 1)
LAST = dt.date(2025, 12, 31)

day_numbers = st.integers(0, (LAST - START).days)
periods = st.tuples(day_numbers, st.one_of(st.none(), st.integers(1, 200))).map(
    lambda pair: DateRange(
        START + dt.timedelta(days=pair[0]),
        None if pair[1] is None else START + dt.timedelta(days=pair[0] + pair[1]),
    )
)
months = st.integers(0, 13).map(lambda n: (START + dt.timedelta(days=31 * n)).replace(day=1))
miners = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([kind.value for kind in MinerKind]),
        "operating": periods,
        "entry": st.one_of(st.none(), periods),
        "energy": st.dictionaries(months, st.integers(0, 12_000), max_size=4),
        "declared": st.dictionaries(months, st.integers(0, 90), max_size=6),
    }
)


def store(register: Register, territory: Territory, plans: list[dict]) -> list[Miner]:  # type: ignore[type-arg]
    kept = []
    for number, plan in enumerate(plans):
        miner = Miner.objects.create(
            name=f"Miner {number}", kind=plan["kind"], territory=territory, operating=plan["operating"]
        )
        point = f"point {number}"
        Site.objects.create(
            miner=miner,
            name="site",
            territory=territory,
            metering_point=point,
            period=DateRange(dt.date(2020, 1, 1), None),
        )
        if plan["entry"]:
            status = "active" if plan["entry"].upper is None else "expired"
            Registration.objects.create(miner=miner, register=register, status=status, period=plan["entry"])
        Reading.objects.bulk_create(
            Reading(metering_point=point, month=month, energy_kwh=Decimal(kwh)) for month, kwh in plan["energy"].items()
        )
        Declaration.objects.bulk_create(
            Declaration(
                miner=miner, month=month, currency="BTC", amount=Decimal(1), declared_on=month + dt.timedelta(days=days)
            )
            for month, days in plan["declared"].items()
        )
        kept.append(miner)
    return kept


def must_register(plan: dict, day: dt.date) -> bool:  # type: ignore[type-arg]
    """The plain reading: operates on the day, outside the register, and is a company or an entrepreneur."""
    operates = day in plan["operating"] and day >= LAW
    entered = plan["entry"] is not None and day in plan["entry"]
    return operates and not entered and plan["kind"] in ("legal_entity", "entrepreneur")


def exceeds(plan: dict, day: dt.date) -> bool:  # type: ignore[type-arg]
    """The plain reading: an individual whose latest metered month up to the day was above 6,000 kWh."""
    if plan["kind"] != "individual" or day < LAW or day not in plan["operating"]:
        return False
    if plan["entry"] is not None and day in plan["entry"]:
        return False
    metered = [month for month in plan["energy"] if month <= day]
    return bool(metered) and plan["energy"][max(metered)] > 6000


def owes_a_report(plan: dict, day: dt.date) -> bool:  # type: ignore[type-arg]
    """The plain reading: for some month of its entry, after its due day, no declaration had come in."""
    entry = plan["entry"]
    if entry is None or plan["kind"] in ("operator", "pool"):
        return False
    month = LAW
    while month < day:
        after = (month + dt.timedelta(days=32)).replace(day=1)
        touched = _touches(entry, month, after) and _touches(plan["operating"], month, after)
        late = day > after.replace(day=20)
        came_in = month in plan["declared"] and month + dt.timedelta(days=plan["declared"][month]) <= day
        if touched and late and not came_in:
            return True
        month = after
    return False


def _touches(period: DateRange, start: dt.date, end: dt.date) -> bool:
    return bool(period.lower < end and (period.upper is None or period.upper > start))


READINGS = {
    "ru.registration.miner": must_register,
    "ru.limit.individual": exceeds,
    "ru.reporting.monthly": owes_a_report,
}


@pytest.mark.parametrize("code", sorted(READINGS))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(plans=st.lists(miners, min_size=1, max_size=8), on=st.lists(day_numbers, min_size=6, max_size=6))
def test_rule_equals_the_plain_reading_of_each_miner_on_each_day(
    ru_law: LawPack,
    code: str,
    plans: list[dict],
    on: list[int],  # type: ignore[type-arg]
) -> None:
    with transaction.atomic():
        territory = Territory.objects.get(code="RU-MOW")
        stored = store(Register.objects.get(code="ru.miners"), territory, plans)
        norm = Norm.objects.get(code=code)
        rule = RULES[norm.kind](norm)
        for number in on:
            day = START + dt.timedelta(days=number)
            found = set(rule.breaches(day).values_list("pk", flat=True))
            expected = {miner.pk for miner, plan in zip(stored, plans, strict=True) if READINGS[code](plan, day)}
            assert found == expected, day
        transaction.set_rollback(True)
