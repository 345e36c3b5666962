"""The parameters of a norm that says who may mine."""

from decimal import Decimal

from compliance.law.lists import iso_countries
from compliance.law.nodes import Mapping
from registry.choices import ImpedimentKind

WHO = ("country", "countries", "barred_countries")


def read_eligibility(parameters: Mapping) -> dict[str, object]:
    given = [key for key in WHO if parameters.has(key)]
    if len(given) > 1:
        parameters.refuse(
            f"says who may mine in more than one way ({', '.join(given)}); give one of them.",
            parameters.line_at(given[1]),
        )
    elif not given and not parameters.has("impediments"):
        parameters.refuse(f"bars nobody; it needs one of {', '.join(WHO)}, or impediments.")
    read: dict[str, object] = {}
    if parameters.has("country"):
        read["country"] = _country(parameters)
    for key in ("countries", "barred_countries"):
        if parameters.has(key):
            read[key] = list(parameters.words(key, sorted(iso_countries())))
    if parameters.has("impediments"):
        read["impediments"] = list(parameters.words("impediments", ImpedimentKind.values))
    if parameters.has("owners"):
        read["owners"] = _owners(parameters)
    if parameters.has("divest_days"):
        read["divest_days"] = _divest_days(parameters)
    return read


def _country(parameters: Mapping) -> str:
    country = parameters.text("country")
    if country and country not in iso_countries():
        parameters.refuse(f"names the country “{country}”, which ISO 3166 lacks.", parameters.line_at("country"))
    return country


def _owners(parameters: Mapping) -> dict[str, str]:
    owners = parameters.mapping("owners", f"The owners in {parameters.what[0].lower()}{parameters.what[1:]}")
    share = owners.amount("share_percent_from")
    if not Decimal(0) < share <= Decimal(100):
        owners.refuse("need a share of more than 0 and at most 100 percent.", owners.line_at("share_percent_from"))
    owners.tell_unknown_keys()
    return {"share_percent_from": str(share)}


def _divest_days(parameters: Mapping) -> int:
    days = parameters.whole_number("divest_days")
    if days < 1:
        parameters.refuse("needs at least one day under “divest_days”.", parameters.line_at("divest_days"))
    return days
