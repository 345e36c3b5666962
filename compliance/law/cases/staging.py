"""Puts the persons of a case into the register, for as long as the caller's savepoint lasts."""

from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.choices import CaseStatus, Occurrence, Offender
from compliance.law.cases.schema import CaseItem, PersonFacts
from compliance.law.columns import as_range
from compliance.models import Book, Case, Fine, Norm, Penalty
from registry.choices import MinerKind
from registry.models import (
    Account,
    Declaration,
    Device,
    DeviceModel,
    Impediment,
    Miner,
    Ownership,
    Reading,
    Register,
    Registration,
    Site,
    Territory,
)

SOURCE = "invented for a case of the law"
NO_MONEY = "XXX"
"""The code of ISO 4217 for no currency: what a fine of a case came to does not matter."""

# The class of offender for which a fine of a case is taken from a band of its own: never the one that prices the miner,
# where the law knows such a one.
FINED_AS = {
    MinerKind.INDIVIDUAL: Offender.CITIZEN,
    MinerKind.ENTREPRENEUR: Offender.ENTREPRENEUR,
    MinerKind.LEGAL_ENTITY: Offender.OFFICIAL,
    MinerKind.OPERATOR: Offender.OFFICIAL,
    MinerKind.POOL: Offender.OFFICIAL,
}


def staged(case: CaseItem) -> Miner:
    """Stores everything that the case says of its persons, and returns the miner whom it is about."""
    places = _places(case)
    miners = {
        person.name: Miner.objects.create(
            name=f"Case on line {case.line}: {person.name}",
            kind=person.kind,
            territory_id=places[person.territory],
            country_id=places[person.country] if person.country else None,
            operating=as_range(person.operating),
        )
        for person in case.persons
    }
    _sites(case, miners, places)
    _registrations(case, miners)
    for person in case.persons:
        _papers(person, miners[person.name])
        _owners(person, miners, places)
    _fines(case, miners)
    return miners[case.persons[0].name]


def _places(case: CaseItem) -> dict[str, int]:
    codes = {code for person in case.persons for code in (person.territory, person.country)}
    codes |= {site.territory for person in case.persons for site in person.sites}
    codes |= {owner.country for person in case.persons for owner in person.owners}
    return dict(Territory.objects.filter(code__in=codes - {""}).values_list("code", "id"))


def _sites(case: CaseItem, miners: dict[str, Miner], places: dict[str, int]) -> None:
    facts = [(person, site) for person in case.persons for site in person.sites]
    points = [f"case on line {case.line}, meter {number}" for number in range(len(facts))]
    sites = Site.objects.bulk_create(
        Site(
            miner=miners[person.name],
            name=site.name,
            territory_id=places[site.territory],
            metering_point=point,
            capacity_kw=site.capacity_kw,
            off_grid=site.off_grid,
            interruptible_percent=site.interruptible_percent,
            data_centre=site.data_centre,
            land_use=site.land_use,
            host=miners[site.host] if site.host else None,
            disclosed_on=site.disclosed_on,
            period=as_range(site.period),
        )
        for (person, site), point in zip(facts, points, strict=True)
    )
    Reading.objects.bulk_create(
        Reading(metering_point=point, month=month, energy_kwh=energy)
        for (_, site), point in zip(facts, points, strict=True)
        for month, energy in site.readings
    )
    equipped = [(row, site) for row, (_, site) in zip(sites, facts, strict=True) if site.devices]
    if equipped:
        model, _ = DeviceModel.objects.get_or_create(
            maker="Case", name="Device", hashrate=Decimal(1), defaults={"algorithm": "SHA-256", "hashrate_unit": "TH/s"}
        )
        Device.objects.bulk_create(
            Device(site=row, model=model, quantity=site.devices, period=row.period) for row, site in equipped
        )


def _registrations(case: CaseItem, miners: dict[str, Miner]) -> None:
    registers = {entry.register for person in case.persons for entry in person.registrations}
    ids = dict(Register.objects.filter(code__in=registers).values_list("code", "id"))
    Registration.objects.bulk_create(
        Registration(
            register_id=ids[entry.register],
            miner=miners[person.name],
            applied_on=entry.applied_on,
            period=as_range(entry.period) if entry.period else None,
            status=entry.status,
        )
        for person in case.persons
        for entry in person.registrations
    )


def _papers(person: PersonFacts, miner: Miner) -> None:
    Declaration.objects.bulk_create(
        Declaration(
            miner=miner,
            month=entry.month,
            months=entry.months,
            currency=entry.currency,
            amount=entry.amount,
            energy_kwh=entry.energy_kwh,
            contents=None if entry.contents is None else list(entry.contents),
            declared_on=entry.declared_on,
        )
        for entry in person.declarations
    )
    Account.objects.bulk_create(
        Account(
            miner=miner,
            year=entry.year,
            turnover=entry.turnover,
            gain=entry.gain,
            damage=entry.damage,
            currency=entry.currency,
            source=SOURCE,
        )
        for entry in person.accounts
    )
    Impediment.objects.bulk_create(
        Impediment(miner=miner, kind=entry.kind, period=as_range(entry.period), source=f"{SOURCE}, {number}")
        for number, entry in enumerate(person.impediments, start=1)
    )


def _owners(person: PersonFacts, miners: dict[str, Miner], places: dict[str, int]) -> None:
    Ownership.objects.bulk_create(
        Ownership(
            miner=miners[person.name],
            owner=miners.get(owner.name),
            owner_name="" if owner.name in miners else owner.name,
            owner_country_id=places[owner.country] if owner.country else None,
            share_percent=owner.share_percent,
            period=as_range(owner.period),
        )
        for owner in person.owners
    )


def _fines(case: CaseItem, miners: dict[str, Miner]) -> None:
    """Each fine with a proceeding, and a band that it was taken from: what it came to is no matter of the case."""
    for person in case.persons:
        for number, fine in enumerate(person.fines, start=1):
            norm = Norm.objects.get(code=fine.norm)
            band = Penalty.objects.create(
                book=Book.objects.get(pack=norm.pack_id, kind="law"),
                norm=norm,
                offender=FINED_AS[MinerKind(person.kind)],
                occurrence=Occurrence.FIRST,
                article=SOURCE,
                condition=SOURCE,
                in_force=[DateRange(None, None)],
                confidence="M",
            )
            proceeding = Case.objects.create(
                miner=miners[person.name],
                norm=norm,
                offence_on=fine.decided_on,
                opened_on=fine.decided_on,
                status=CaseStatus.DECIDED,
            )
            Fine.objects.create(
                case=proceeding,
                penalty=band,
                occurrence=Occurrence.FIRST,
                reference=f"Case on line {case.line}: {person.name}, {number}",
                amount=1,
                currency=NO_MONEY,
                decided_on=fine.decided_on,
                due_on=fine.decided_on,
            )
