"""A small register with a breach, fines, a sighting and gaps, under Russia's law, computed for one day."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.choices import FineStatus
from compliance.models import Case, Fine, LawPack, Payment, Penalty
from compliance.services.recomputation import recompute
from registry.models import Register, Territory
from tests.factories import (
    MinerFactory,
    ReadingFactory,
    RegistrationFactory,
    SightingFactory,
    SiteFactory,
)

DAY = dt.date(2026, 11, 21)


@pytest.fixture
def figured(ru_law: LawPack) -> None:
    """Three companies, one of them registered, and a fined one; totals computed for DAY."""
    region = Territory.objects.get(code="RU-KDA")
    russia = Territory.objects.get(code="RU")
    register = Register.objects.get(code="ru.miners")
    honest = MinerFactory(name="ООО «Честный майнер»", territory=region, country=russia)
    hidden = MinerFactory(name="=HYPERLINK(“x”)", territory=region, country=russia)
    MinerFactory(name="Unknown origin", territory=region, country=None, identifiers=False)
    RegistrationFactory(miner=honest, register=register, period=DateRange(dt.date(2025, 1, 1), None))
    SiteFactory(miner=honest, metering_point="MP-1")
    ReadingFactory(metering_point="MP-1", month=dt.date(2026, 10, 1))
    ReadingFactory(metering_point="MP-NOWHERE", month=dt.date(2026, 10, 1))
    SightingFactory(territory=region, seen_on=dt.date(2026, 9, 1))
    bands = Penalty.objects.in_force(DAY).filter(norm__in_force__contains=DAY, offender="official")
    penalty = bands.filter(amount_high__gte=1000).first()
    assert penalty is not None
    case = Case.objects.create(miner=hidden, norm=penalty.norm, offence_on=DAY, opened_on=DAY)
    for reference, decided, due, status in (
        ("D-1", dt.date(2026, 9, 1), dt.date(2026, 10, 1), FineStatus.ISSUED),
        ("D-2", dt.date(2026, 11, 5), dt.date(2026, 12, 5), FineStatus.ISSUED),
        ("D-3", dt.date(2026, 11, 6), dt.date(2026, 12, 6), FineStatus.ANNULLED),
        ("D-4", dt.date(2026, 11, 30), dt.date(2026, 12, 30), FineStatus.ISSUED),
    ):
        Fine.objects.create(
            case=case,
            penalty=penalty,
            occurrence=penalty.occurrence,
            reference=reference,
            amount=penalty.amount_high,
            currency=penalty.currency,
            decided_on=decided,
            due_on=due,
            status=status,
        )
    late = Fine.objects.get(reference="D-1")
    Payment.objects.create(fine=late, reference="P-1", amount=Decimal("100.25"), paid_on=dt.date(2026, 10, 3))
    Payment.objects.create(fine=late, reference="P-2", amount=Decimal("50.50"), paid_on=dt.date(2026, 11, 2))
    Payment.objects.create(fine=late, reference="P-3", amount=Decimal("1.00"), paid_on=dt.date(2026, 11, 29))
    recompute(as_of=DAY)
