"""Rows for the tests, one factory per noun and a trait per state; whatever a test does not say is plain and valid."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.backends.postgresql.psycopg_any import DateRange
from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory, Trait
from factory.django import DjangoModelFactory, Password
from factory.helpers import post_generation

from registry import models
from registry.choices import (
    ImpedimentKind,
    LinkStatus,
    ListKind,
    MinerKind,
    RegisterKind,
    RegistrationStatus,
    SightingKind,
    TerritoryKind,
)

START = dt.date(2024, 11, 1)


def inn_of_company(number: int) -> str:
    """A valid INN of ten digits in region 00, which does not exist."""
    body = f"00{number:07d}"
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    return body + str(sum(w * int(d) for w, d in zip(weights, body, strict=True)) % 11 % 10)


def inn_of_person(number: int) -> str:
    """A valid INN of twelve digits in region 00, which does not exist."""
    body = f"00{number:08d}"
    first = sum(w * int(d) for w, d in zip((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), body, strict=True)) % 11 % 10
    body += str(first)
    second = sum(w * int(d) for w, d in zip((3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8), body, strict=True)) % 11 % 10
    return body + str(second)


def ogrn(number: int) -> str:
    """A valid OGRN of the year 00 in region 00."""
    body = f"10000{number:07d}"
    return body + str(int(body) % 11 % 10)


def ogrnip(number: int) -> str:
    body = f"30000{number:09d}"
    return body + str(int(body) % 13 % 10)


class TerritoryFactory(DjangoModelFactory[models.Territory]):
    """A region of Russia; `country=True` and `municipality=True` make the others."""

    class Meta:
        model = models.Territory
        django_get_or_create = ("code",)

    class Params:
        country = Trait(code="RU", name="Russian Federation", kind=TerritoryKind.COUNTRY, parent=None)
        municipality = Trait(
            code="RU-IRK-x-angarsk",
            name="Angarsk",
            kind=TerritoryKind.MUNICIPALITY,
            parent=SubFactory("tests.factories.TerritoryFactory"),
        )

    code = "RU-IRK"
    name = "Irkutsk Oblast"
    kind = TerritoryKind.REGION
    parent: Any = SubFactory("tests.factories.TerritoryFactory", country=True)


class MinerFactory(DjangoModelFactory[models.Miner]):
    """A Russian legal entity with a valid INN; traits: entrepreneur, individual, operator, pool, foreign, stopped."""

    class Meta:
        model = models.Miner
        skip_postgeneration_save = True

    class Params:
        entrepreneur = Trait(kind=MinerKind.ENTREPRENEUR)
        individual = Trait(kind=MinerKind.INDIVIDUAL)
        operator = Trait(kind=MinerKind.OPERATOR)
        pool = Trait(kind=MinerKind.POOL)
        foreign = Trait(country=SubFactory(TerritoryFactory, country=True, code="CN", name="China"))
        stopped = Trait(operating=DateRange(START, dt.date(2025, 6, 1)))

    name = Sequence(lambda n: f"Miner {n}")
    kind: Any = MinerKind.LEGAL_ENTITY
    territory = SubFactory(TerritoryFactory)
    country: Any = SubFactory(TerritoryFactory, country=True)
    operating: Any = DateRange(START, None)

    @post_generation
    def identifiers(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        """`identifiers=False` for none, or a dictionary of schemes and numbers; else a valid INN of its kind."""
        if not create or extracted is False:
            return
        numbers = extracted
        if numbers is None:
            company = self.kind in (MinerKind.LEGAL_ENTITY, MinerKind.OPERATOR, MinerKind.POOL)
            numbers = {"ru.inn": inn_of_company(self.pk) if company else inn_of_person(self.pk)}
        models.Identifier.objects.bulk_create(
            models.Identifier(miner=self, scheme=scheme, value=value) for scheme, value in numbers.items()
        )


class IdentifierFactory(DjangoModelFactory[models.Identifier]):
    """One more number of a miner: an OGRN."""

    class Meta:
        model = models.Identifier

    miner = SubFactory(MinerFactory)
    scheme = "ru.ogrn"
    value = Sequence(ogrn)


class OwnershipFactory(DjangoModelFactory[models.Ownership]):
    """The whole of a miner in the hands of another on file; `named=True` for an owner with a name and a country."""

    class Meta:
        model = models.Ownership

    class Params:
        named = Trait(
            owner=None,
            owner_name="Sample Holding",
            owner_country=SubFactory(TerritoryFactory, country=True, code="CN", name="China"),
        )
        share_unknown = Trait(share_percent=None)

    miner = SubFactory(MinerFactory)
    owner: Any = SubFactory(MinerFactory)
    share_percent: Any = Decimal("100")
    period: Any = DateRange(START, None)


class AccountFactory(DjangoModelFactory[models.Account]):
    """A year of which all three sums are known; `nothing_known=True` for one of which none is."""

    class Meta:
        model = models.Account

    class Params:
        nothing_known = Trait(turnover=None, gain=None, damage=None)

    miner = SubFactory(MinerFactory)
    year = 2025
    turnover: Any = Decimal("100000000")
    gain: Any = Decimal("20000000")
    damage: Any = Decimal("0")
    currency = "RUB"
    source = "Sample statement"


class ImpedimentFactory(DjangoModelFactory[models.Impediment]):
    """A place on a list; traits: conviction, power_business, lifted."""

    class Meta:
        model = models.Impediment

    class Params:
        conviction = Trait(kind=ImpedimentKind.CONVICTION)
        power_business = Trait(kind=ImpedimentKind.POWER_BUSINESS)
        lifted = Trait(period=DateRange(START, dt.date(2025, 6, 1)))

    miner = SubFactory(MinerFactory)
    kind: Any = ImpedimentKind.LISTED
    period: Any = DateRange(START, None)
    source = Sequence(lambda n: f"Sample list, entry {n}")


class SiteFactory(DjangoModelFactory[models.Site]):
    """A site on the grid that its miner runs; traits: off_the_grid, hosted, disclosed, in_data_centre, closed."""

    class Meta:
        model = models.Site

    class Params:
        hosted = Trait(host=SubFactory(MinerFactory, operator=True))
        disclosed = Trait(host=SubFactory(MinerFactory, operator=True), disclosed_on=START)
        in_data_centre = Trait(data_centre=True)
        off_the_grid = Trait(off_grid=True)
        closed = Trait(period=DateRange(START, dt.date(2025, 6, 1)))

    miner = SubFactory(MinerFactory)
    name = Sequence(lambda n: f"Site {n}")
    territory = SelfAttribute("miner.territory")
    metering_point = Sequence(lambda n: f"MP-{n:06d}")
    capacity_kw = Decimal("100")
    off_grid: Any = False
    period: Any = DateRange(START, None)


class RegisterFactory(DjangoModelFactory[models.Register]):
    """Russia's register of miners; `operators=True` for that of infrastructure operators."""

    class Meta:
        model = models.Register
        django_get_or_create = ("code",)

    class Params:
        operators = Trait(code="ru.operators", name="Register of infrastructure operators", kind=RegisterKind.OPERATORS)

    code = "ru.miners"
    name = "Register of miners"
    kind: Any = RegisterKind.MINERS
    territory = SubFactory(TerritoryFactory, country=True)
    keeper = "Federal Tax Service"


class RegistrationFactory(DjangoModelFactory[models.Registration]):
    """An entry that stands; traits: pending, refused, suspended, excluded."""

    class Meta:
        model = models.Registration

    class Params:
        pending = Trait(status=RegistrationStatus.APPLIED, period=None, number=None, applied_on=START)
        refused = Trait(
            status=RegistrationStatus.REFUSED,
            period=None,
            number=None,
            applied_on=START,
            reason="Wrong form.",
        )
        suspended = Trait(status=RegistrationStatus.SUSPENDED, reason="Late reports.")
        excluded = Trait(
            status=RegistrationStatus.EXCLUDED,
            period=DateRange(START, dt.date(2025, 6, 1)),
            reason="Mining in a banned area.",
        )

    register = SubFactory(RegisterFactory)
    miner = SubFactory(MinerFactory)
    number: Any = Sequence(lambda n: f"{n:013d}")
    status: Any = RegistrationStatus.ACTIVE
    period: Any = DateRange(START, None)


class SightingListFactory(DjangoModelFactory[models.SightingList]):
    """The list of anomalies of the grid that is there from the start.

    Traits: seizure, random_audit, regional; `code` and `kind` make another.
    """

    class Meta:
        model = models.SightingList
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    class Params:
        seizure = Trait(kind=ListKind.SEIZURE, conditional_on_unregistered=True)
        random_audit = Trait(code="random_audit", kind=ListKind.AUDIT, random_sample=True)
        regional = Trait(code="regional", everywhere=False)

    kind: Any = ListKind.GRID_ANOMALY
    code: Any = LazyAttribute(lambda made: str(made.kind))
    name: Any = LazyAttribute(lambda made: f"List {made.code}")

    @post_generation
    def territories(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted:
            self.territories.set(extracted)


class SightingFactory(DjangoModelFactory[models.Sighting]):
    """A grid anomaly of which nobody knows whose it is; `known=True` gives it a miner."""

    class Meta:
        model = models.Sighting

    class Params:
        known = Trait(miner=SubFactory(MinerFactory))

    kind: Any = SightingKind.GRID_ANOMALY
    list: Any = SubFactory(SightingListFactory, kind=SelfAttribute("..kind"))
    source = "Grid operator"
    reference = Sequence(lambda n: f"R-{n}")
    seen_on: Any = dt.date(2025, 3, 1)
    territory = SubFactory(TerritoryFactory)
    miner: Any = None


class LinkFactory(DjangoModelFactory[models.Link]):
    """A sighting of nobody known that the model links to a miner on file; traits: doubtful, separate, to_a_sighting."""

    class Meta:
        model = models.Link

    class Params:
        doubtful = Trait(status=LinkStatus.DOUBTFUL, weight=2.0, probability=0.8)
        separate = Trait(status=LinkStatus.SEPARATE, weight=-6.0, probability=0.01)
        to_a_sighting = Trait(miner=None, other=SubFactory(SightingFactory))

    other: Any = None
    miner: Any = SubFactory(MinerFactory)
    sighting = SubFactory(SightingFactory)
    status: Any = LinkStatus.LINKED
    weight: Any = 8.0
    probability: Any = 0.996


class MergerFactory(DjangoModelFactory[models.Merger]):
    class Meta:
        model = models.Merger

    miner = SubFactory(MinerFactory)
    same_as = SubFactory(MinerFactory)


class ReadingFactory(DjangoModelFactory[models.Reading]):
    class Meta:
        model = models.Reading

    class Params:
        above_limit = Trait(energy_kwh=Decimal("9000"))

    metering_point = Sequence(lambda n: f"MP-{n:06d}")
    month: Any = dt.date(2025, 3, 1)
    energy_kwh = Decimal("5000")


class DeclarationFactory(DjangoModelFactory[models.Declaration]):
    """Declared in time; traits: late (after the 20th), quarterly, full (with energy and addresses), bare."""

    class Meta:
        model = models.Declaration

    class Params:
        late = Trait(declared_on=dt.date(2025, 4, 28))
        quarterly = Trait(month=dt.date(2025, 1, 1), months=3)
        full = Trait(energy_kwh=Decimal("5000"), contents=["addresses"])
        bare = Trait(contents=[])

    miner = SubFactory(MinerFactory)
    month: Any = dt.date(2025, 3, 1)
    currency = "BTC"
    amount = Decimal("0.125")
    declared_on: Any = dt.date(2025, 4, 15)


class DeviceModelFactory(DjangoModelFactory[models.DeviceModel]):
    class Meta:
        model = models.DeviceModel
        django_get_or_create = ("maker", "name", "hashrate")

    maker = "Bitmain"
    name = "Antminer S21"
    algorithm = "SHA-256"
    hashrate = Decimal("200")
    hashrate_unit = "TH/s"
    power_w = Decimal("3500")


class DeviceFactory(DjangoModelFactory[models.Device]):
    """One device with a serial number; `batch=True` for ten without."""

    class Meta:
        model = models.Device

    class Params:
        batch = Trait(serial_number=None, quantity=10)

    site = SubFactory(SiteFactory)
    model = SubFactory(DeviceModelFactory)
    serial_number: Any = Sequence(lambda n: f"SN{n:08d}")
    quantity = 1
    period: Any = DateRange(START, None)


class UserFactory(DjangoModelFactory[Any]):
    """A clerk without any permission; `superuser=True` for one who may do everything."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    class Params:
        staff = Trait(is_staff=True)
        superuser = Trait(is_staff=True, is_superuser=True)

    username = Sequence(lambda n: f"clerk{n}")
    email = LazyAttribute(lambda user: f"{user.username}@example.org")
    password = Password("a long enough secret")
