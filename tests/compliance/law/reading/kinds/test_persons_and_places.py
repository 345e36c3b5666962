"""Parameters of eligibility, bans and hosting are read exactly; nonsense is refused on its line, with what is right."""

import pytest

from compliance.law.nodes import Trouble, root
from compliance.law.reading.parameters import read_parameters

SOUND = {
    "only persons of a country": ("eligibility", "{country: RU}", {"country": "RU"}),
    "persons of some countries and their owners": (
        "eligibility",
        "{countries: [RU, BY], owners: {share_percent_from: 0.001}, divest_days: 365}",
        {"countries": ["RU", "BY"], "owners": {"share_percent_from": "0.001"}, "divest_days": 365},
    ),
    "all but persons of some": ("eligibility", "{barred_countries: [CN, IR]}", {"barred_countries": ["CN", "IR"]}),
    "nobody with something on file": (
        "eligibility",
        "{impediments: [conviction, power_business]}",
        {"impediments": ["conviction", "power_business"]},
    ),
    "ban of all": ("ban", "{}", {}),
    "ban with every condition": (
        "ban",
        "{exempt_off_grid_from: 2025-03-15, land_use: farmland, only_started_from: 2025-06-01}",
        {"exempt_off_grid_from": "2025-03-15", "land_use": "farmland", "only_started_from": "2025-06-01"},
    ),
    "serving the unregistered": ("hosting", "{clients_register: ru.miners}", {"clients_register": "ru.miners"}),
    "disclosure in time": ("hosting", "{disclose: {within_days: 10}}", {"disclose": {"within_days": 10}}),
    "disclosure by nobody knows when": (
        "hosting",
        "{clients_register: ru.miners, disclose: {within_days: unknown}}",
        {"clients_register": "ru.miners", "disclose": {"within_days": "unknown"}},
    ),
}
ALONE = "The parameter list of Norm xx.norm "
OWNERS = "The owners in the parameter list of Norm xx.norm "
DISCLOSE = "The duty to disclose in the parameter list of Norm xx.norm "
BAD = {
    "nobody is barred": ("eligibility", "{owners: {share_percent_from: 50}}", 1, ALONE + "bars nobody; it needs one"),
    "two ways at once": (
        "eligibility",
        "country: RU\nbarred_countries: [CN]",
        2,
        ALONE + "says who may mine in more than one way (country, barred_countries); give one of them.",
    ),
    "a country that is none": ("eligibility", "{country: SU}", 1, "names the country “SU”, which ISO 3166 lacks."),
    "a country in a list that is none": ("eligibility", "{countries: [RU, SU]}", 1, "has “SU” under “countries”"),
    "an empty list": ("eligibility", "{barred_countries: []}", 1, "needs at least one entry under “barred_countries”"),
    "an impediment that is none": ("eligibility", "{impediments: [divorce]}", 1, "has “divorce” under “impediments”"),
    "owners of nothing": (
        "eligibility",
        "country: RU\nowners: {share_percent_from: 0}",
        2,
        OWNERS + "need a share of more than 0 and at most 100 percent.",
    ),
    "owners of more than all": (
        "eligibility",
        "country: RU\nowners:\n  share_percent_from: 101",
        3,
        OWNERS + "need a share of more than 0 and at most 100 percent.",
    ),
    "owners without a share": ("eligibility", "{country: RU, owners: {}}", 1, OWNERS + "lacks “share_percent_from”."),
    "an unknown key of owners": (
        "eligibility",
        "country: RU\nowners: {share_percent_from: 50, votes: 1}",
        2,
        OWNERS + "has the unknown key “votes”",
    ),
    "no time to divest": (
        "eligibility",
        "country: RU\ndivest_days: 0",
        2,
        ALONE + "needs at least one day under “divest_days”.",
    ),
    "an unknown key of eligibility": ("eligibility", "{country: RU, age: 18}", 1, ALONE + "has the unknown key “age”"),
    "a land use that is none": ("ban", "{land_use: moon}", 1, ALONE + "has “moon” under “land_use”"),
    "a day that is none": ("ban", "{only_started_from: soon}", 1, "needs a day such as 2025-01-31"),
    "an unknown key of a ban": ("ban", "{exempt: true}", 1, ALONE + "has the unknown key “exempt”"),
    "hosting that forbids nothing": ("hosting", "{}", 1, ALONE + "forbids nothing; it needs clients_register"),
    "a register without a code": ("hosting", "{clients_register: Miners}", 1, "needs a code of small letters"),
    "disclosure before the site begins": (
        "hosting",
        "disclose:\n  within_days: -1",
        2,
        DISCLOSE + "cannot be due before the site begins.",
    ),
    "disclosure within words": ("hosting", "{disclose: {within_days: soon}}", 1, "needs a whole number"),
    "disclosure without days": ("hosting", "{disclose: {}}", 1, DISCLOSE + "lacks “within_days”."),
    "an unknown key of hosting": ("hosting", "{clients_register: a, fee: 1}", 1, ALONE + "has the unknown key “fee”"),
}


def read(kind: str, text: str) -> tuple[dict[str, object], list[tuple[int, str]]]:
    """What was read, and the problems with their lines."""
    trouble = Trouble("pack.yaml")
    node = root(text, trouble)
    assert node is not None
    node.what = "The parameter list of Norm xx.norm"
    parameters = read_parameters(kind, node)
    return parameters, [(problem.line, problem.sentence) for problem in trouble.problems]


@pytest.mark.parametrize("name", SOUND)
def test_sound_parameters_are_read_as_the_rule_takes_them(name: str) -> None:
    kind, text, expected = SOUND[name]
    assert read(kind, text) == (expected, [])


@pytest.mark.parametrize("name", BAD)
def test_nonsense_is_refused_with_its_line_and_what_would_be_right(name: str) -> None:
    kind, text, line, says = BAD[name]
    _, problems = read(kind, text)
    assert any(found == line and says in sentence for found, sentence in problems), problems
