"""The parameters of a norm that says who may mine."""

from compliance.law.lists import iso_countries
from compliance.law.nodes import Mapping


def read_eligibility(parameters: Mapping) -> dict[str, object]:
    country = parameters.text("country")
    if country and country not in iso_countries():
        parameters.refuse(f"names the country “{country}”, which ISO 3166 lacks.", parameters.line_at("country"))
    return {"country": country}
