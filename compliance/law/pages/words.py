"""What the columns of a pack are called in plain English: days, money, persons, and the parameters of each kind."""

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from compliance.choices import SHARES, ActStatusName, Basis, NormKind, Offender
from compliance.law.periods import BEGINNING, ONE_DAY, Span
from compliance.law.schema import Amount, Pack, PenaltyItem
from registry.choices import ImpedimentKind, LandUse
from registry.services.territories import iso_territories

PERSONS = {
    "legal_entity": "companies",
    "entrepreneur": "individual entrepreneurs",
    "individual": "private persons",
    "operator": "infrastructure operators",
    "pool": "mining pools",
}
BASES = {
    Basis.PER_DAY: "for each day",
    Basis.PER_DEVICE: "for each device",
    Basis.PER_VIOLATION: "for each violation",
    Basis.SHARE_OF_TURNOVER: "of the year's turnover",
    Basis.SHARE_OF_GAIN: "of the gain",
}
SMALLEST_SHARE = Decimal("0.001")
"""The smallest share of an owner that can be on file."""
WHEN = {
    "any": "all power",
    "no_meter": "where there is no meter",
    "off_grid": "own generation apart from the grid",
    "grid": "power of the grid",
}
FACTS = {"gain": "gain or income", "turnover": "turnover", "damage": "damage"}


def number(value: Decimal | str | int) -> str:
    plain = Decimal(value)
    return f"{plain.normalize():,f}" if plain % 1 else f"{plain:,.0f}"


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def ordinal(count: int) -> str:
    return f"{count}{'th' if 10 < count < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(count % 10, 'th')}"


def span(period: Span) -> str:
    if period.start == BEGINNING:
        return "all days" if period.end is None else f"until {period.end - ONE_DAY}"
    return f"since {period.start}" if period.end is None else f"{period.start} to {period.end - ONE_DAY}"


def spans(periods: Iterable[Span]) -> str:
    """Two stretches are told one by one; more, such as winters, as how many there are and between which days."""
    found = list(periods)
    if len(found) <= 2:
        return " and ".join(map(span, found))
    return f"{len(found)} stretches between {found[0].start} and {_last(found[-1])}"


def _last(period: Span) -> str:
    return "further on" if period.end is None else str(period.end - ONE_DAY)


def status(name: str) -> str:
    return str(ActStatusName(name).label).lower()


def persons(kinds: Iterable[str]) -> str:
    return ", ".join(PERSONS.get(kind, kind) for kind in kinds)


def offenders(kinds: Iterable[str]) -> str:
    return ", ".join(str(Offender(kind).label).lower() for kind in kinds)


def money(amount: Amount) -> str:
    """Such as “100,000 to 150,000 RUB for each device, at most 1,000,000”; unknown is said so."""
    basis = BASES.get(Basis(amount.basis), "")
    if amount.low is None or amount.high is None:
        return " ".join(filter(None, ("**unknown**", basis)))
    bounds = number(amount.high) if amount.low == amount.high else f"{number(amount.low)} to {number(amount.high)}"
    if amount.low == 0 and amount.high > 0:
        bounds = f"up to {number(amount.high)}"
    measure = "%" if amount.basis in SHARES else amount.unit or amount.currency
    said = " ".join(filter(None, (bounds, measure, basis)))
    return said if amount.cap is None else f"{said}, at most {number(amount.cap)} {measure}"


def besides(band: PenaltyItem) -> str:
    """What comes with the fine or in its place."""
    said = [
        sanction.words if sanction.role == "besides" or sanction.words.startswith("or ") else f"or {sanction.words}"
        for sanction in band.sanctions
    ]
    return "; ".join(said)


def only_if(band: PenaltyItem) -> str:
    """What must hold for the band, and until when it may be imposed or is reduced."""
    said = []
    if band.threshold:
        fact = FACTS.get(band.threshold.fact, band.threshold.fact)
        said.append(f"{fact} of the year over {number(band.threshold.over)} {band.threshold.currency}")
    if band.condition:
        said.append(f"{band.condition} (not tested)")
    if band.criminal:
        said.append("a crime")
    if band.lookback:
        said.append(f"again within {number(band.lookback.days)} days of a fine")
    if band.limitation:
        said.append(f"lapses {number(band.limitation.days)} days after the offence")
    if band.discount:
        said.append(f"{number(band.discount.percent)} % less if paid within {band.discount.within_days} days")
    return "; ".join(said)


@cache
def _iso_names() -> dict[str, str]:
    return {row.code: row.name for row in iso_territories()}


def place(pack: Pack, code: str) -> str:
    own = {item.code: item.name for item in pack.territories}
    name = own.get(code) or _iso_names().get(code, code)
    return name if code in own else f"{name} ({code})"


def in_detail(pack: Pack, kind: str, parameters: dict[str, Any]) -> list[str]:
    """The parameters of a norm, one sentence each."""
    told = TOLD[NormKind(kind)](pack, parameters) if NormKind(kind) in TOLD else []
    return [sentence for sentence in told if sentence]


def _registration_duty(_pack: Pack, read: dict[str, Any]) -> list[str]:
    bound, deadline = read.get("threshold", {}), read.get("deadline", {})
    said: dict[str, Callable[[str], str]] = {
        "load_kw_over": lambda kw: f"the site's load is above {number(kw)} kW",
        "load_kw_from": lambda kw: f"the site's load is {number(kw)} kW or more",
        "interruptible_percent_from": lambda percent: f"{number(percent)} % or more of its peak can be shed on demand",
        "data_centre": lambda _: "it lies in a data centre",
        "own_sites_only": lambda _: "the miner runs it itself",
        "hosted_only": lambda _: "another runs it for the miner",
    }
    sites = " and ".join(words(bound[key]) for key, words in said.items() if key in bound)
    return [
        f"Only where {sites}." if sites else "",
        "Only while devices stand at a site." if read.get("of") else "",
        _within(deadline),
        f"Who operated before the norm came into force has until {deadline['transition_until']}."
        if "transition_until" in deadline
        else "",
    ]


def _within(deadline: dict[str, Any]) -> str:
    for key, unit in (("working_days_after_start", "working day"), ("days_after_start", "day")):
        if key in deadline:
            return f"Within {counted(deadline[key], unit)} of the start."
    return ""


def _energy_limit(_pack: Pack, read: dict[str, Any]) -> list[str]:
    for key, period in (("energy_kwh_month", "calendar month"), ("energy_kwh_year", "calendar year")):
        if key in read:
            return [f"The limit is {number(read[key])} kWh in a {period}; exactly so much is not above it."]
    return []


def _validity(_pack: Pack, read: dict[str, Any]) -> list[str]:
    renewal = dt.date.fromisoformat(f"2001-{read['renewal_day']}") if "renewal_day" in read else None
    return [
        f"An entry is valid for {counted(read['term_years'], 'year')}." if "term_years" in read else "",
        f"Every entry is renewed by {renewal:%-d %B} of the year after." if renewal else "",
        "Nobody may mine while the entry is suspended." if read.get("suspension") else "",
    ]


def _eligibility(pack: Pack, read: dict[str, Any]) -> list[str]:
    only = [read["country"]] if "country" in read else read.get("countries", [])
    kinds = [str(ImpedimentKind(kind).label).lower() for kind in read.get("impediments", [])]
    owners = read.get("owners")
    return [
        f"Only persons of {_places(pack, only)}." if only else "",
        f"Everybody but persons of {_places(pack, read['barred_countries'])}." if "barred_countries" in read else "",
        f"Barred by: {', '.join(kinds)}." if kinds else "",
        f"The same is asked of {_owners(owners['share_percent_from'])}, step by step upwards." if owners else "",
        f"Who operated before has {number(read['divest_days'])} days to part with it." if "divest_days" in read else "",
    ]


def _owners(share_percent: str) -> str:
    share = Decimal(share_percent)
    return "every owner" if share <= SMALLEST_SHARE else f"owners of {number(share)} % or more"


def _places(pack: Pack, codes: Iterable[str]) -> str:
    return ", ".join(place(pack, code) for code in codes)


def _due(read: dict[str, Any]) -> str:
    due = read.get("due", {"day": read.get("due_day"), "months_after": 1})
    months = "the next month" if due["months_after"] == 1 else f"month {due['months_after']} after it"
    roll = ", or the next working day" if read.get("roll") else ""
    return f"For each {read['period']}, by the {ordinal(due['day'])} of {months}{roll}."


def _reporting(_pack: Pack, read: dict[str, Any]) -> list[str]:
    contents = [str(item).replace("_kwh", ", kWh").replace("_", " ") for item in read.get("contains", [])]
    return [
        _due(read),
        f"It must hold: {'; '.join(contents)}." if contents else "",
        f"Declared energy more than {number(read['meter_tolerance_percent'])} % below the meter is asked about."
        if "meter_tolerance_percent" in read
        else "",
        f"The first period begins on {read['first_period']}." if "first_period" in read else "",
    ]


def _hosting(pack: Pack, read: dict[str, Any]) -> list[str]:
    registers = {item.code: item.name for item in pack.registers}
    within = read.get("disclose", {}).get("within_days")
    clients = registers.get(str(read.get("clients_register")))
    return [
        f"Clients who ought to stand in the register “{clients}” must stand in it." if clients else "",
        ""
        if within is None
        else "Clients are disclosed; by when is **unknown**."
        if within == "unknown"
        else f"Clients are disclosed within {counted(within, 'day')} of the start of their site.",
    ]


def _levy(_pack: Pack, read: dict[str, Any]) -> list[str]:
    tolerance = f"Declared energy may be {number(read.get('tolerance_percent', 1))} % below the meter."
    return [_due(read), tolerance]


def _ban(_pack: Pack, read: dict[str, Any]) -> list[str]:
    land = f"Only on land that is {str(LandUse(read['land_use']).label).lower()}." if "land_use" in read else ""
    return [
        f"Sites on own generation apart from the grid are exempt since {read['exempt_off_grid_from']}."
        if "exempt_off_grid_from" in read
        else "",
        land,
        f"Only sites that began on {read['only_started_from']} or later." if "only_started_from" in read else "",
    ]


TOLD: dict[NormKind, Callable[[Pack, dict[str, Any]], list[str]]] = {
    NormKind.REGISTRATION_DUTY: _registration_duty,
    NormKind.ENERGY_LIMIT: _energy_limit,
    NormKind.VALIDITY: _validity,
    NormKind.ELIGIBILITY: _eligibility,
    NormKind.REPORTING: _reporting,
    NormKind.HOSTING: _hosting,
    NormKind.LEVY: _levy,
    NormKind.BAN: _ban,
}
