"""Random registers for properties: miners of every kind in the places of one pack, with whatever its rules may read."""

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import BannedArea, LawPack, Norm
from registry import models
from registry.choices import ImpedimentKind, LandUse, MinerKind
from tests.factories import DeviceModelFactory

START = dt.date(2021, 1, 1)
END = dt.date(2026, 11, 22)
SPAN = (END - START).days


def random_register(random: Random, pack: LawPack, size: int = 60) -> list[models.Miner]:
    """Stores `size` miners around the pack's territories, and all that they hold; the same seed, the same register."""
    places = _places(pack)
    countries = list(models.Territory.objects.filter(code__in=("RU", "CN", "KZ", "US", "NO", "UZ")))
    miners = models.Miner.objects.bulk_create(
        models.Miner(
            name=f"Miner {number}",
            kind=random.choice(MinerKind.values),
            territory=random.choice(places),
            country=random.choice([*countries, pack.territory, pack.territory, None]),
            operating=_period(random),
        )
        for number in range(size)
    )
    operators = [miner for miner in miners if miner.kind == MinerKind.OPERATOR]
    sites = models.Site.objects.bulk_create(
        _site(random, miner, number, places, operators) for miner in miners for number in range(random.randint(0, 2))
    )
    _held(random, pack, miners, sites)
    _metered(random, sites)
    _owned(random, miners, countries)
    return miners


def _places(pack: LawPack) -> list[models.Territory]:
    """Where norms and bans of the pack apply, places below and beside them."""
    named = {pack.territory_id, *Norm.objects.filter(pack=pack).values_list("territory", flat=True)}
    named |= set(BannedArea.objects.filter(norm__pack=pack).values_list("territory", flat=True)[:10])
    below = models.Territory.objects.filter(parent__in=named).values_list("pk", flat=True)[:3]
    beside = models.Territory.objects.filter(code="FR").values_list("pk", flat=True)
    return list(models.Territory.objects.filter(pk__in={*named, *below, *beside}))


def _period(random: Random, first: int = 0) -> DateRange:
    start = random.randint(first, SPAN)
    end = random.choice([None, None, start + random.randint(1, 900)])
    return DateRange(START + dt.timedelta(days=start), None if end is None else START + dt.timedelta(days=end), "[)")


def _site(
    random: Random, miner: models.Miner, number: int, places: list[models.Territory], operators: list[models.Miner]
) -> models.Site:
    host = random.choice([None, None, *operators]) if operators else None
    host = None if host == miner else host
    return models.Site(
        miner=miner,
        name=f"Site {number}",
        territory=random.choice([miner.territory, random.choice(places)]),
        metering_point=f"MP-{miner.pk}-{number}",
        capacity_kw=random.choice([None, Decimal(400), Decimal(600), Decimal(75000), Decimal(90000)]),
        off_grid=random.choice([None, True, False, False]),
        interruptible_percent=random.choice([None, Decimal(5), Decimal(10), Decimal(60)]),
        data_centre=random.choice([None, True, False]),
        land_use=random.choice(["", *LandUse.values]),
        host=host,
        disclosed_on=random.choice([None, END]) if host else None,
        period=_period(random),
    )


def _held(random: Random, pack: LawPack, miners: list[models.Miner], sites: list[models.Site]) -> None:
    """Entries in the pack's registers, devices, declarations, accounts and impediments."""
    registers = list(models.Register.objects.filter(territory__in=[place.pk for place in _places(pack)]))
    entries = []
    for miner in miners:
        for register in registers:
            if random.random() < 0.4:
                period = _period(random)
                status = random.choice(["active", "suspended"]) if period.upper is None else "expired"
                entries.append(models.Registration(miner=miner, register=register, status=status, period=period))
    models.Registration.objects.bulk_create(entries)
    model = DeviceModelFactory()
    models.Device.objects.bulk_create(
        models.Device(site=site, model=model, quantity=random.randint(1, 30), period=_period(random))
        for site in sites
        if random.random() < 0.5
    )
    models.Declaration.objects.bulk_create(
        models.Declaration(
            miner=miner,
            month=month,
            months=months,
            currency="BTC",
            amount=Decimal(1),
            energy_kwh=random.choice([None, Decimal(100), Decimal(9000)]),
            contents=random.choice([None, [], ["addresses"]]),
            declared_on=month + dt.timedelta(days=random.randint(0, 60)),
        )
        for miner in miners
        for months in (1, 3, 12)
        for month in _months(random, months)
    )
    models.Account.objects.bulk_create(
        models.Account(
            miner=miner,
            year=2025,
            turnover=random.choice([None, Decimal(1_000_000)]),
            gain=random.choice([None, Decimal(3_000_000), Decimal(20_000_000)]),
            currency=random.choice(["RUB", "NOK", "USD"]),
            source="made for a test",
        )
        for miner in miners
        if random.random() < 0.6
    )
    models.Impediment.objects.bulk_create(
        models.Impediment(miner=miner, kind=kind, period=_period(random), source="made for a test")
        for miner in miners
        for kind in ImpedimentKind.values
        if random.random() < 0.1
    )


def _months(random: Random, months: int) -> list[dt.date]:
    numbers = range(70 // months)
    picked = random.sample(numbers, random.randint(0, min(6, len(numbers))))
    return [dt.date(2021 + n * months // 12, n * months % 12 + 1, 1) for n in picked]


def _metered(random: Random, sites: list[models.Site]) -> None:
    models.Reading.objects.bulk_create(
        models.Reading(
            metering_point=site.metering_point,
            month=month,
            energy_kwh=Decimal(random.choice([100, 6000, 6001, 90_000])),
        )
        for site in sites
        for month in _months(random, 1)
    )


def _owned(random: Random, miners: list[models.Miner], countries: list[Any]) -> None:
    stakes = []
    for miner in miners:
        if random.random() < 0.4:
            owner = random.choice([None, random.choice(miners)])
            owner = None if owner == miner else owner
            stakes.append(
                models.Ownership(
                    miner=miner,
                    owner=owner,
                    owner_name="" if owner else "A name",
                    owner_country=None if owner else random.choice([None, *countries]),
                    share_percent=random.choice([None, Decimal(10), Decimal(50), Decimal(60), Decimal(100)]),
                    period=DateRange(None, None),
                )
            )
    models.Ownership.objects.bulk_create(stakes)
