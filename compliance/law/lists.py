"""What the world's lists know: countries (ISO 3166-1), their regions (3166-2), currencies (4217), time zones (IANA)."""

import zoneinfo
from functools import cache

import pycountry


@cache
def iso_countries() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def iso_territories() -> frozenset[str]:
    return iso_countries() | {region.code for region in pycountry.subdivisions}


@cache
def iso_currencies() -> frozenset[str]:
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


@cache
def time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
