"""A register with overlapping lists, whose true numbers are known; and time that passes within one transaction."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from random import Random

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.selectors.known import NOUNS
from registry import models
from registry.choices import MinerKind
from tests.factories import RegisterFactory, SightingListFactory, TerritoryFactory

AS_OF = dt.date(2026, 10, 31)
FIRST = dt.date(2026, 8, 1)
# The chance to be on a list; a large operation is likelier to be on each.
CHANCES = {"complaint": 0.3, "grid_anomaly": 0.35, "network_traffic": 0.25, "seizure": 0.2}
SIZES = (20, 60, 300, 700, 1500)


@contextmanager
def quietly() -> Iterator[None]:
    """Rows are stored without triggers: no history, no marks of stale totals, no checks of what they refer to."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")


def an_hour_passes() -> None:
    """All that is on file was put there an hour earlier than it says. A test's transaction has a clock that stands."""
    with quietly(), connection.cursor() as cursor:
        for noun in NOUNS:
            cursor.execute(f"UPDATE registry_{noun} SET created_at = created_at - interval '1 hour'")
            cursor.execute(
                f"UPDATE registry_{noun}event SET created_at = created_at - interval '1 hour',"
                " pgh_created_at = pgh_created_at - interval '1 hour'"
            )
        cursor.execute("UPDATE registry_listterritoryevent SET pgh_created_at = pgh_created_at - interval '1 hour'")


def mined(
    seed: int,
    operations: int,
    *,
    rate: float = 0.3,
    places: list[models.Territory] | None = None,
    first: dt.date = FIRST,
    last: dt.date = AS_OF,
) -> models.Territory:
    """Stores so many operations, `rate` of them registered, sighted by four lists; returns the country."""
    draw = Random(seed)
    places = places or [TerritoryFactory(), TerritoryFactory(code="RU-MOW", name="Moscow")]
    SightingListFactory(kind="register")
    lists = {kind: SightingListFactory(kind=kind) for kind in CHANCES}
    register = RegisterFactory()
    with quietly():
        _stored(draw, seed, operations, rate, places, lists, register, first, last)
    return models.Territory.objects.get(code="RU")


def _stored(
    draw: Random,
    seed: int,
    operations: int,
    rate: float,
    places: list[models.Territory],
    lists: dict[str, models.SightingList],
    register: models.Register,
    first: dt.date,
    last: dt.date,
) -> None:
    miners = models.Miner.objects.bulk_create(
        models.Miner(
            name=f"Operation {seed}-{number}",
            kind=draw.choice([MinerKind.LEGAL_ENTITY, MinerKind.ENTREPRENEUR]),
            territory=draw.choice(places),
            operating=DateRange(dt.date(2024, 11, 1), None),
        )
        for number in range(operations)
    )
    sizes = [draw.choice(SIZES) for _ in miners]
    registered = [draw.random() < rate for _ in miners]
    models.Site.objects.bulk_create(
        models.Site(
            miner=miner,
            name="Site",
            territory=miner.territory,
            capacity_kw=Decimal(kw),
            metering_point=f"MP-{seed}-{miner.pk}",
            period=miner.operating,
        )
        for miner, kw in zip(miners, sizes, strict=True)
    )
    models.Registration.objects.bulk_create(
        models.Registration(
            miner=miner, register=register, number=f"9{miner.pk:012d}", period=DateRange(dt.date(2024, 11, 1), None)
        )
        for miner, held in zip(miners, registered, strict=True)
        if held
    )
    models.Sighting.objects.bulk_create(
        models.Sighting(
            kind=kind,
            list=lists[kind],
            source=f"Source of {kind}",
            reference=f"{seed}-{kind}-{miner.pk}",
            seen_on=first + dt.timedelta(days=draw.randint(0, (last - first).days)),
            territory=miner.territory,
            miner=miner,
        )
        for miner, kw, held in zip(miners, sizes, registered, strict=True)
        for kind, chance in CHANCES.items()
        if not (held and kind == "seizure") and draw.random() < chance * (1.5 if kw > 200 else 1)
    )
