"""The facts that a finding rests on, by kind of norm, each with the row that it comes from."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from compliance.choices import NormKind
from compliance.models import Finding, Norm
from compliance.rules.periods import term_of
from compliance.selectors.explained_prices import between, number
from registry.models import (
    Declaration,
    Impediment,
    MonthlyEnergy,
    Ownership,
    Register,
    Registration,
    Site,
    Territory,
)

SHOWN = 50


@dataclass(frozen=True)
class Source:
    """The row that a fact comes from: its noun as in the API, its id, and how a person calls it."""

    noun: str
    id: int | str
    label: str


@dataclass(frozen=True)
class Fact:
    name: str
    value: str
    source: Source


@dataclass(frozen=True)
class Asked:
    """One finding, the day of which it is asked, and whether the reader may see impediments."""

    finding: Finding
    on: dt.date
    impediments: bool

    @property
    def norm(self) -> Norm:
        return self.finding.norm

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.norm.parameters)

    @property
    def read(self) -> dict[str, Any]:
        """What the rule recorded."""
        return dict(self.finding.facts)

    @property
    def miner(self) -> Source:
        return Source("miners", self.finding.miner_id, self.finding.miner.name)


def facts_of(finding: Finding, on: dt.date, *, impediments: bool) -> list[Fact]:
    """Everything that the finding rests on; long lists stop at fifty."""
    asked = Asked(finding, on, impediments)
    tell, keys = FACTS.get(NormKind(finding.norm.kind), (_nothing, frozenset()))
    rest = [
        Fact(name.replace("_", " "), _plain(value), asked.miner)
        for name, value in asked.read.items()
        if name not in keys and value not in (None, [], {}, "")
    ]
    return [_miner(asked), *tell(asked)[:SHOWN], *rest]


def _miner(asked: Asked) -> Fact:
    miner = asked.finding.miner
    return Fact(
        "kind, place and time of operation",
        f"{miner.get_kind_display()}, {miner.territory.name}, operating {_period(miner.operating)}",
        asked.miner,
    )


def _nothing(asked: Asked) -> list[Fact]:
    return []


def _registrations(asked: Asked) -> list[Fact]:
    register = asked.norm.register
    return _entries(asked, register, "entry in the register") if register else []


def _entries(asked: Asked, register: Register, name: str) -> list[Fact]:
    held = Registration.objects.filter(miner=asked.finding.miner_id, register=register).order_by("period", "pk")
    facts = [Fact(name, _entry(entry), Source("registrations", entry.pk, str(entry))) for entry in held[:SHOWN]]
    return facts or [Fact(name, f"none in “{register.name}”", Source("registers", register.code, register.name))]


def _entry(entry: Registration) -> str:
    if entry.period is None:
        return str(entry.get_status_display())
    return f"{entry.get_status_display()}, {_period(entry.period)}"


# Registration duty


def _duty(asked: Asked) -> list[Fact]:
    read, threshold = asked.read, asked.parameters.get("threshold", {})
    facts = []
    if read.get("deadline"):
        facts.append(Fact("last day to register", read["deadline"], asked.miner))
    binding = read.get("sites") or []
    on_file = Site.objects.in_bulk([each["site"] for each in binding[:SHOWN]])
    for each in binding[:SHOWN]:
        site = on_file.get(each["site"])
        source = Source("sites", each["site"], site.name if site else f"site #{each['site']}")
        facts.append(Fact("site that binds it", "; ".join(_binding(each, threshold)), source))
    return facts + _registrations(asked)


def _binding(each: dict[str, Any], threshold: dict[str, Any]) -> Iterable[str]:
    """What of a site passed which threshold."""
    if each.get("since"):
        yield f"since {each['since']}"
    if each.get("devices_since"):
        yield f"devices there since {each['devices_since']}"
    if each.get("capacity_kw") is not None:
        limit = threshold["load_kw_over" if "load_kw_over" in threshold else "load_kw_from"]
        words = "more than" if "load_kw_over" in threshold else "at least"
        yield f"{number(Decimal(each['capacity_kw']))} kW, {words} {number(Decimal(limit))} kW"
    if each.get("interruptible_percent") is not None:
        limit = number(Decimal(threshold["interruptible_percent_from"]))
        yield f"{number(Decimal(each['interruptible_percent']))} % interruptible, at least {limit} %"
    if threshold.get("data_centre"):
        yield "in a data centre"
    if threshold.get("own_sites_only"):
        yield "run by the miner itself"
    if threshold.get("hosted_only"):
        yield "served by a host"
    if each.get("deadline"):
        yield f"last day to register: {each['deadline']}"


# Energy limit


def _energy(asked: Asked) -> list[Fact]:
    of_year = "energy_kwh_year" in asked.parameters
    limit = Decimal(asked.parameters["energy_kwh_year" if of_year else "energy_kwh_month"])
    measured = "year_to_date_kwh" if of_year else "energy_kwh"
    months = MonthlyEnergy.objects.filter(
        Q(next_month__isnull=True) | Q(next_month__gt=asked.finding.valid.lower),
        miner=asked.finding.miner_id,
        month__lte=asked.on,
        **{f"{measured}__gt": limit},
    ).order_by("month")
    name = "energy drawn from January to" if of_year else "energy drawn in"
    facts = []
    for row in months[:SHOWN]:
        drawn = getattr(row, measured)
        over = f"{number(drawn)} kWh − {number(limit)} kWh = {number(drawn - limit)} kWh above the limit"
        source = Source("readings", f"{row.month:%Y-%m}", f"all metering points of the miner, {row.month:%Y-%m}")
        facts.append(Fact(f"{name} {row.month:%Y-%m}", over, source))
    return facts + _registrations(asked)


# Validity


def _validity(asked: Asked) -> list[Fact]:
    read = asked.read.get("entries") or []
    on_file = Registration.objects.in_bulk([each["entry"] for each in read[:SHOWN]])
    facts = []
    for each in read[:SHOWN]:
        entry = on_file.get(each["entry"])
        source = Source("registrations", each["entry"], str(entry) if entry else f"entry #{each['entry']}")
        facts.append(Fact("entry that is not valid", _invalid(each, asked.parameters), source))
    return facts or _registrations(asked)


def _invalid(each: dict[str, Any], parameters: dict[str, Any]) -> str:
    words = {
        "term": f"entered on {each['since']} for {parameters.get('term_years')} years",
        "renewal": f"entered on {each['since']}, to be renewed by {parameters.get('renewal_day')} of the next year",
        "suspension": "suspended",
    }
    return f"{words.get(each['why'], each['why'])}; not valid from {each['invalid_from']} on"


# Eligibility

CHAIN = """
WITH RECURSIVE stake (id, owner_id, days) AS (
    SELECT own.id, own.owner_id, own.period FROM registry_ownership own
    WHERE own.miner_id = %(miner)s AND own.period && %(valid)s::daterange
      AND (own.share_percent IS NULL OR own.share_percent >= %(share)s)
    UNION
    SELECT own.id, own.owner_id, stake.days * own.period
    FROM stake JOIN registry_ownership own ON own.miner_id = stake.owner_id AND own.period && stake.days
    WHERE own.share_percent IS NULL OR own.share_percent >= %(share)s
)
SELECT DISTINCT id FROM stake
"""


def _eligibility(asked: Asked) -> list[Fact]:
    parameters, country = asked.parameters, asked.finding.miner.country
    facts = []
    if not {"country", "countries", "barred_countries"}.isdisjoint(parameters):
        facts.append(Fact("country of incorporation", str(country) if country else "unknown", asked.miner))
        facts.append(Fact("who may mine", _who_may(parameters), Source("norms", asked.norm.code, asked.norm.title)))
    stakes = _stakes(asked) if "owners" in parameters else []
    facts += [_owner(stake) for stake in stakes]
    if "impediments" in parameters:
        persons = {asked.finding.miner_id, *(stake.owner_id for stake in stakes if stake.owner_id)}
        facts += _impediments(asked, persons)
    if parameters.get("divest_days"):
        words = f"{parameters['divest_days']} days from the norm's first day, for who operated before it"
        facts.append(Fact("time to divest", words, Source("norms", asked.norm.code, asked.norm.title)))
    return facts


def _who_may(parameters: dict[str, Any]) -> str:
    codes = [parameters["country"]] if "country" in parameters else parameters.get("countries")
    barred = parameters.get("barred_countries", [])
    named = dict(Territory.objects.filter(code__in=codes or barred).values_list("code", "name"))
    words = ", ".join(named.get(code, code) for code in codes or barred)
    return f"only persons of {words}" if codes else f"all but persons of {words}"


def _stakes(asked: Asked) -> Sequence[Ownership]:
    """The stakes through which the miner is owned, whoever lies between, on some day of the breach."""
    valid = asked.finding.valid
    params = {
        "miner": asked.finding.miner_id,
        "valid": f"[{valid.lower},{valid.upper or ''})",
        "share": asked.parameters["owners"]["share_percent_from"],
    }
    with connection.cursor() as cursor:
        cursor.execute(CHAIN, params)
        ids = [row[0] for row in cursor.fetchall()]
    stakes = Ownership.objects.filter(pk__in=ids).order_by("pk")
    return list(stakes.select_related("miner", "owner__country", "owner_country")[:SHOWN])


def _owner(stake: Ownership) -> Fact:
    country = (stake.owner.country if stake.owner else None) or stake.owner_country
    share = "an unknown share" if stake.share_percent is None else f"{number(stake.share_percent)} %"
    words = f"{stake} ({country or 'country unknown'}) holds {share} of {stake.miner}, {_period(stake.period)}"
    return Fact("owner", words, Source("ownerships", stake.pk, str(stake)))


def _impediments(asked: Asked, persons: Iterable[int]) -> list[Fact]:
    kinds = asked.parameters["impediments"]
    on_file = Impediment.objects.filter(
        miner__in=list(persons), kind__in=kinds, period__overlap=asked.finding.valid
    ).order_by("pk")
    if asked.impediments:
        return [
            Fact(
                f"impediment of {each.miner}",
                f"{each.get_kind_display()}, {_period(each.period)}; {each.source}",
                Source("impediments", each.pk, str(each)),
            )
            for each in on_file.select_related("miner")[:SHOWN]
        ]
    hidden = "whether there are any is shown only to those with the permission registry.view_impediment"
    return [Fact("impediments", hidden, asked.miner)]


# Periodic report


def _reports(asked: Asked) -> list[Fact]:
    read, facts = asked.read, []
    if read.get("first_missing_month"):
        facts.append(Fact("first period without a declaration", read["first_missing_month"][:7], asked.miner))
    if read.get("reasons"):
        facts.append(Fact("what is wrong with the reports", ", ".join(read["reasons"]), asked.miner))
    if read.get("violations") is not None:
        facts.append(Fact("periods in breach", number(read["violations"]), asked.miner))
    return facts + _declared(asked) + _registrations(asked)


def _declared(asked: Asked) -> list[Fact]:
    """The declarations that came in late or lack something, then how many were in order."""
    contains = asked.parameters.get("contains", [])
    facts, in_order = [], 0
    months = {"month": 1, "quarter": 3, "year": 12}[asked.parameters["period"]]
    declared = Declaration.objects.filter(miner=asked.finding.miner_id, months=months, declared_on__lte=asked.on)
    for row in declared.order_by("month", "pk"):
        last = term_of(asked.norm, row.month).late_from - dt.timedelta(days=1)
        wrong = [f"due by {last}, came in on {row.declared_on}"] if row.declared_on > last else []
        lacks = [each for each in contains if not _holds(row, each)]
        if lacks and row.contents is not None:
            wrong.append(f"came in without {', '.join(lacks)}")
        if wrong:
            source = Source("declarations", row.pk, str(row))
            facts.append(Fact(f"declaration for {row.month:%Y-%m}", "; ".join(wrong), source))
        else:
            in_order += 1
    if in_order:
        facts.append(Fact("declarations in order", number(in_order), asked.miner))
    return facts


def _holds(row: Declaration, item: str) -> bool:
    return row.energy_kwh is not None if item == "energy_kwh" else item in (row.contents or [])


# Hosting


def _hosting(asked: Asked) -> list[Fact]:
    read, host = asked.read, asked.finding.miner_id
    facts = [
        Fact(name, number(read[key]), asked.miner)
        for key, name in (
            ("unregistered_clients", "clients served that ought to be registered and were not"),
            ("undisclosed_sites", "sites that were not disclosed in time"),
        )
        if read.get(key)
    ]
    served = Site.objects.filter(host=host, period__overlap=asked.finding.valid).select_related("miner").order_by("pk")
    registered: set[int] = set()
    if read.get("unregistered_clients"):
        registered = set(
            Registration.objects.filter(
                register__code=asked.parameters.get("clients_register"),
                period__contains=asked.on,
                miner__sites__host=host,
            ).values_list("miner_id", flat=True)
        )
    for site in served[:SHOWN]:
        words = [f"site of {site.miner}, served {_period(site.period)}"]
        if read.get("unregistered_clients"):
            words.append(f"its miner was {'' if site.miner_id in registered else 'not '}in the register on {asked.on}")
        if "disclose" in asked.parameters:
            words.append(f"disclosed on {site.disclosed_on}" if site.disclosed_on else "not disclosed")
        facts.append(Fact("client", "; ".join(words), Source("sites", site.pk, site.name)))
    return facts


# Levy


def _levy(asked: Asked) -> list[Fact]:
    read, facts = asked.read, []
    if read.get("first_month"):
        facts.append(Fact("first period declared too low", read["first_month"][:7], asked.miner))
    if read.get("metered_kwh") is not None and read.get("declared_kwh") is not None:
        metered, declared = Decimal(read["metered_kwh"]), Decimal(read["declared_kwh"])
        words = f"{number(metered)} kWh − {number(declared)} kWh = {number(metered - declared)} kWh not declared"
        facts.append(Fact("drawn less declared", words, asked.miner))
    if read.get("violations") is not None:
        facts.append(Fact("periods in breach", number(read["violations"]), asked.miner))
    norm = Source("norms", asked.norm.code, asked.norm.title)
    for band in asked.parameters.get("bands", []):
        rate = band["rate"]
        words = f"{between(Decimal(rate['low']), Decimal(rate['high']), rate['currency'])} per kWh, from {band['from']}"
        words += f" to {band['until']}" if band.get("until") else ""
        words += "" if band.get("when", "any") == "any" else f", where {band['when'].replace('_', ' ')}"
        facts.append(Fact("rate of the levy", words, norm))
    return facts


# Ban


def _ban(asked: Asked) -> list[Fact]:
    site = asked.finding.site
    if site is None:
        return []
    source = Source("sites", site.pk, site.name)
    bans = asked.norm.areas.filter(
        territory__below__descendant=site.territory_id, period__overlap=asked.finding.valid
    ).select_related("territory")
    facts = [
        Fact("place of the site", str(site.territory), source),
        Fact("mined there", _period(site.period), source),
        Fact("own off-grid generation", {True: "yes", False: "no", None: "unknown"}[site.off_grid], source),
    ]
    if asked.parameters.get("land_use"):
        facts.append(Fact("land use", str(site.get_land_use_display() or "unknown"), source))
    return facts + [
        Fact(
            "banned area",
            f"{ban.territory}, {_period(ban.period)}",
            Source("bans", ban.pk, f"ban of {ban.territory.name}"),
        )
        for ban in bans
    ]


Tell = Callable[[Asked], list[Fact]]
# What tells of a finding of each kind, and the keys of its recorded facts that it has told of.
FACTS: dict[NormKind, tuple[Tell, frozenset[str]]] = {
    NormKind.REGISTRATION_DUTY: (_duty, frozenset({"sites", "deadline", "operating_from"})),
    NormKind.ENERGY_LIMIT: (
        _energy,
        frozenset({"first_month", "highest_energy_kwh", "highest_year_energy_kwh"}),
    ),
    NormKind.VALIDITY: (_validity, frozenset({"entries"})),
    NormKind.ELIGIBILITY: (_eligibility, frozenset({"country", "owners_from", "impediments"})),
    NormKind.REPORTING: (_reports, frozenset({"first_missing_month", "reasons", "violations"})),
    NormKind.HOSTING: (_hosting, frozenset({"unregistered_clients", "undisclosed_sites", "violations"})),
    NormKind.LEVY: (_levy, frozenset({"first_month", "violations", "declared_kwh", "metered_kwh"})),
    NormKind.BAN: (_ban, frozenset({"off_grid", "land_use"})),
}


def _period(period: Any) -> str:
    """“from 2025-01-01 on”, or “from 2025-01-01 to 2025-01-31”, the last day included."""
    start = f"from {period.lower}" if period.lower else "since before these books"
    if period.upper is None:
        return f"{start} on" if period.lower else start
    return f"{start} to {period.upper - dt.timedelta(days=1)}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')} {_plain(each)}" for name, each in value.items())
    return str(value)
