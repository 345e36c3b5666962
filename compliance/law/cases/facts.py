"""Reads the facts of one person of a case: its sites, entries, declarations and all else that a register holds."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import yaml

from compliance.law.cases.schema import (
    AccountFacts,
    DeclarationFacts,
    FineFacts,
    ImpedimentFacts,
    OwnerFacts,
    PersonFacts,
    RegistrationFacts,
    SiteFacts,
)
from compliance.law.lists import iso_countries, iso_currencies, iso_territories
from compliance.law.nodes import Mapping
from compliance.law.periods import Span, span_of_law
from compliance.law.schema import Pack
from registry.choices import ImpedimentKind, LandUse, MinerKind, RegistrationStatus

FIRST_YEAR = dt.date(2009, 1, 1)
ENDED = (RegistrationStatus.EXCLUDED, RegistrationStatus.EXPIRED)
NEVER_ENTERED = (RegistrationStatus.APPLIED, RegistrationStatus.REFUSED, RegistrationStatus.WITHDRAWN)
PERIODS = (1, 3, 12)


class Named:
    """The codes that a case may name: those of the pack, and the places of ISO 3166."""

    def __init__(self, pack: Pack) -> None:
        self.norms = {norm.code for norm in pack.norms}
        self.books = {book.code for book in pack.books}
        self.scenarios = {scenario.code for scenario in pack.scenarios}
        self.registers = {register.code for register in pack.registers}
        self.places = iso_territories() | {territory.code for territory in pack.territories}

    def know_norm(self, item: Mapping, code: str, line: int) -> None:
        if code not in self.norms:
            item.refuse(f"names the norm “{code}”, which the pack does not have.", line)

    def know_book(self, item: Mapping, code: str, line: int) -> None:
        if code not in self.books:
            item.refuse(f"names the book “{code}”, which the pack does not have.", line)

    def scenario(self, item: Mapping, key: str) -> str:
        """Empty where the law is asked as it is."""
        code = item.text_or_none(key)
        if code and code not in self.scenarios:
            item.refuse(f"names the scenario “{code}”, which the pack does not have.", item.line_at(key))
        return code

    def territory(self, item: Mapping, key: str) -> str:
        code = item.text(key)
        if code and code not in self.places:
            item.refuse(f"names the territory “{code}”, which neither ISO 3166 nor the pack has.", item.line_at(key))
        return code

    def country(self, item: Mapping, key: str) -> str:
        """Empty where it is not known."""
        code = item.text_or_none(key)
        if code and code not in iso_countries():
            item.refuse(f"names the country “{code}”, which ISO 3166 lacks.", item.line_at(key))
        return code


def person_of(item: Mapping, head: Mapping, name: str, named: Named) -> PersonFacts:
    """One person; `head` says who it is, `item` what is on file of it (for the further persons they are one)."""
    territory = named.territory(head, "territory")
    operates = head.mapping("operating", "The period of operation")
    operating = span(operates)
    operates.tell_unknown_keys()
    person = PersonFacts(
        name=name,
        kind=head.word("kind", MinerKind.values),
        territory=territory,
        country=named.country(head, "country"),
        operating=operating,
        sites=tuple(sites_of(item, territory, operating, named)),
        registrations=tuple(registrations_of(item, named)),
        declarations=tuple(declarations_of(item)),
        accounts=tuple(accounts_of(item)),
        impediments=tuple(impediments_of(item)),
        owners=tuple(owners_of(item, named)),
        fines=tuple(fines_of(item, named)),
    )
    if head is not item:
        head.tell_unknown_keys()
    return person


def span(item: Mapping, within: Span | None = None) -> Span:
    """`from` and `until`, both included; where `within` is given, its ends stand for what is not said."""
    first = item.date("from") if within is None or item.has("from") else within.start
    if not item.has("until"):
        return Span(first, within.end if within else None)
    last = item.date("until")
    if last < first:
        item.refuse(f"ends on {last}, before it starts on {first}.", item.line_at("until"))
        return Span(first)
    return span_of_law(first, last)


def month(item: Mapping, text: str, line: int) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError:
        item.refuse(f"needs a month such as 2025-03, not “{text}”.", line)
        return FIRST_YEAR


def maybe(item: Mapping, key: str) -> bool | None:
    return item.yes_or_no(key) if item.has(key) else None


def number(item: Mapping, key: str) -> Decimal | None:
    return item.amount(key) if item.has(key) else None


def readings_of(item: Mapping) -> tuple[tuple[dt.date, Decimal], ...]:
    if not item.has("readings"):
        return ()
    within = item.mapping("readings", "The list of readings")
    return tuple((month(within, key, within.line_at(key)), within.amount(key)) for key in within.values)


def sites_of(item: Mapping, territory: str, operating: Span, named: Named) -> Iterator[SiteFacts]:
    own_readings = readings_of(item)
    own_devices = item.whole_number("devices") if item.has("devices") else 0
    found = list(item.mappings("sites", "A site"))
    if len(found) > 1 and (own_readings or own_devices):
        item.refuse("has several sites: say at which of them its readings and devices are.", item.line_at("sites"))
    for count, site in enumerate(found, start=1):
        facts = SiteFacts(
            name=site.text("name", longest=100) if site.has("name") else f"site {count}",
            territory=named.territory(site, "territory") if site.has("territory") else territory,
            period=span(site, operating),
            capacity_kw=number(site, "capacity_kw"),
            off_grid=maybe(site, "off_grid"),
            interruptible_percent=number(site, "interruptible_percent"),
            data_centre=maybe(site, "data_centre"),
            land_use=site.word("land_use", LandUse.values) if site.has("land_use") else "",
            host=site.text_or_none("host", longest=100),
            disclosed_on=site.date_or_none("disclosed_on"),
            readings=readings_of(site) or own_readings,
            devices=site.whole_number("devices") if site.has("devices") else own_devices,
        )
        site.tell_unknown_keys()
        yield facts
    if not found and (own_readings or own_devices):
        yield SiteFacts("site 1", territory, operating, readings=own_readings, devices=own_devices)


def registrations_of(item: Mapping, named: Named) -> Iterator[RegistrationFacts]:
    for entry in item.mappings("registrations", "A registration"):
        register = entry.text("register")
        if register not in named.registers:
            entry.refuse(f"names the register “{register}”, which the pack does not have.", entry.line_at("register"))
        status = entry.word("status", RegistrationStatus.values) if entry.has("status") else ""
        period = None if status in NEVER_ENTERED else span(entry)
        ended = period is not None and period.end is not None
        if status in ENDED and not ended:
            entry.refuse(f"is {status} and needs its last day under “until”.")
        yield RegistrationFacts(
            register=register,
            period=period,
            status=status or (RegistrationStatus.EXPIRED if ended else RegistrationStatus.ACTIVE),
            applied_on=entry.date_or_none("applied_on"),
        )
        entry.tell_unknown_keys()


def declarations_of(item: Mapping) -> Iterator[DeclarationFacts]:
    if not item.has("declarations"):
        return
    if isinstance(item.values["declarations"], yaml.MappingNode):
        within = item.mapping("declarations", "The list of declarations")
        for key in within.values:
            yield DeclarationFacts(month(within, key, within.line_at(key)), 1, within.date(key))
        return
    for entry in item.mappings("declarations", "A declaration"):
        months = entry.whole_number("months") if entry.has("months") else 1
        if months not in PERIODS:
            entry.refuse(f"covers {months} months; a declaration covers 1, 3 or 12.", entry.line_at("months"))
        yield DeclarationFacts(
            month=month(entry, entry.text("month"), entry.line_at("month")),
            months=months,
            declared_on=entry.date("on"),
            currency=entry.text("currency", longest=16) if entry.has("currency") else "BTC",
            amount=entry.amount("amount") if entry.has("amount") else Decimal(1),
            energy_kwh=number(entry, "energy_kwh"),
            contents=entry.words("contents", empty=True) if entry.has("contents") else None,
        )
        entry.tell_unknown_keys()


def accounts_of(item: Mapping) -> Iterator[AccountFacts]:
    if not item.has("accounts"):
        return
    within = item.mapping("accounts", "The list of accounts")
    for key in within.values:
        year = int(key) if key.isdecimal() and len(key) == 4 else 0
        if year < FIRST_YEAR.year:
            within.refuse(f"needs years such as 2025, not “{key}”.", within.line_at(key))
        entry = within.mapping(key, f"The account of {key}")
        currency = entry.text("currency")
        if currency and currency not in iso_currencies():
            entry.refuse(f"is in “{currency}”, which is no currency of ISO 4217.", entry.line_at("currency"))
        turnover, gain, damage = (number(entry, sum_) for sum_ in ("turnover", "gain", "damage"))
        yield AccountFacts(year, turnover, gain, damage, currency)
        entry.tell_unknown_keys()


def impediments_of(item: Mapping) -> Iterator[ImpedimentFacts]:
    for entry in item.mappings("impediments", "An impediment"):
        yield ImpedimentFacts(entry.word("kind", ImpedimentKind.values), span(entry))
        entry.tell_unknown_keys()


def owners_of(item: Mapping, named: Named) -> Iterator[OwnerFacts]:
    for entry in item.mappings("owners", "An owner"):
        share = number(entry, "share_percent")
        if share is not None and not 0 < share <= 100:
            entry.refuse("has a share that is not above 0 and at most 100 percent.", entry.line_at("share_percent"))
        yield OwnerFacts(entry.text("name", longest=100), named.country(entry, "country"), share, span(entry))
        entry.tell_unknown_keys()


def fines_of(item: Mapping, named: Named) -> Iterator[FineFacts]:
    for entry in item.mappings("fines", "A fine"):
        code = entry.text("norm")
        named.know_norm(entry, code, entry.line_at("norm"))
        yield FineFacts(code, entry.date("on"))
        entry.tell_unknown_keys()
