"""Parameters of the kinds about registers are read exactly; nonsense is refused on its line, with what is right."""

import pytest

from compliance.law.nodes import Trouble, root
from compliance.law.reading.parameters import read_parameters

SOUND = {
    "duty of everybody": ("registration_duty", "{}", {}),
    "duty of large loads": (
        "registration_duty",
        """
threshold: {load_kw_over: 75000, interruptible_percent_from: 10}
deadline: {working_days_after_start: 1, transition_until: 2025-02-01}
""",
        {
            "threshold": {"load_kw_over": "75000", "interruptible_percent_from": "10"},
            "deadline": {"working_days_after_start": 1, "transition_until": "2025-02-01"},
        },
    ),
    "duty of hosted sites in data centres": (
        "registration_duty",
        "{threshold: {load_kw_from: 0.5, data_centre: true, hosted_only: true}}",
        {"threshold": {"load_kw_from": "0.5", "data_centre": True, "hosted_only": True}},
    ),
    "duty to register devices": (
        "registration_duty",
        "{of: devices, deadline: {days_after_start: 30}}",
        {"of": "devices", "deadline": {"days_after_start": 30}},
    ),
    "limit of a month": ("energy_limit", "{energy_kwh_month: 6000}", {"energy_kwh_month": "6000"}),
    "limit of a year": ("energy_limit", "{energy_kwh_year: 72000.5}", {"energy_kwh_year": "72000.5"}),
    "validity": (
        "validity",
        '{term_years: 3, renewal_day: "03-01", suspension: true}',
        {"term_years": 3, "renewal_day": "03-01", "suspension": True},
    ),
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


IN_THRESHOLD = "The threshold in the parameter list of Norm xx.norm "
IN_DEADLINE = "The deadline in the parameter list of Norm xx.norm "
ALONE = "The parameter list of Norm xx.norm "

REFUSED = {
    "unknown key": (
        "registration_duty",
        "of: devices\nload: 5",
        2,
        ALONE + "has the unknown key “load”; it takes deadline, of, threshold.",
    ),
    "of something else": (
        "registration_duty",
        "of: pools",
        1,
        ALONE + "has “pools” under “of”; it must be one of devices.",
    ),
    "threshold of nothing": (
        "registration_duty",
        "threshold: {}",
        1,
        IN_THRESHOLD + "says nothing; it takes load_kw_over, load_kw_from, interruptible_percent_from, data_centre,"
        " own_sites_only, hosted_only.",
    ),
    "unknown key of the threshold": (
        "registration_duty",
        "threshold:\n  load_kw_over: 5\n  load_mw_over: 75",
        3,
        IN_THRESHOLD + "has the unknown key “load_mw_over”; it takes data_centre, hosted_only,"
        " interruptible_percent_from, load_kw_from, load_kw_over, own_sites_only.",
    ),
    "two bounds of the load": (
        "registration_duty",
        "threshold: {load_kw_over: 5, load_kw_from: 5}",
        1,
        IN_THRESHOLD + "has both load_kw_over and load_kw_from; it takes one bound of the load.",
    ),
    "negative load": (
        "registration_duty",
        "threshold: {load_kw_over: -5}",
        1,
        IN_THRESHOLD + "needs a number that is not negative under “load_kw_over”, not “-5”.",
    ),
    "more than the whole load": (
        "registration_duty",
        "threshold:\n  interruptible_percent_from: 101",
        2,
        IN_THRESHOLD + "needs a share above 0 and up to 100 percent under “interruptible_percent_from”, not 101.",
    ),
    "no part of the load": (
        "registration_duty",
        "threshold:\n  interruptible_percent_from: 0",
        2,
        IN_THRESHOLD + "needs a share above 0 and up to 100 percent under “interruptible_percent_from”, not 0.",
    ),
    "outside data centres": (
        "registration_duty",
        "threshold: {data_centre: false}",
        1,
        IN_THRESHOLD + "can only say “data_centre: true”; leave it out where it does not matter.",
    ),
    "own and hosted sites": (
        "registration_duty",
        "threshold: {own_sites_only: true, hosted_only: true}",
        1,
        IN_THRESHOLD + "has both own_sites_only and hosted_only; it takes sites of one's own, or hosted ones.",
    ),
    "deadline without days": (
        "registration_duty",
        "deadline: {}",
        1,
        IN_DEADLINE + "says nothing; it takes working_days_after_start, days_after_start, transition_until.",
    ),
    "deadline in two counts": (
        "registration_duty",
        "deadline: {days_after_start: 5, working_days_after_start: 3}",
        1,
        IN_DEADLINE + "counts its days in two ways; it takes one of working_days_after_start, days_after_start.",
    ),
    "deadline before the start": (
        "registration_duty",
        "deadline:\n  days_after_start: -1",
        2,
        IN_DEADLINE + "needs 1 to 3650 days under “days_after_start”, not -1.",
    ),
    "deadline of half a day": (
        "registration_duty",
        "deadline: {working_days_after_start: 0.5}",
        1,
        IN_DEADLINE + "needs a whole number under “working_days_after_start”, not “0.5”.",
    ),
    "transition without a day": (
        "registration_duty",
        "deadline: {transition_until: soon}",
        1,
        IN_DEADLINE + "needs a day such as 2025-01-31 under “transition_until”, not “soon”.",
    ),
    "limit without a period": (
        "energy_limit",
        "{}",
        1,
        ALONE + "lacks both “energy_kwh_month” and “energy_kwh_year”; it takes one of them.",
    ),
    "limit of a month and a year": (
        "energy_limit",
        "{energy_kwh_month: 1, energy_kwh_year: 12}",
        1,
        ALONE + "has both “energy_kwh_month” and “energy_kwh_year”; it takes one of them.",
    ),
    "limit in words": (
        "energy_limit",
        "energy_kwh_year: much",
        1,
        ALONE + "needs a number that is not negative under “energy_kwh_year”, not “much”.",
    ),
    "validity for ever": (
        "validity",
        "{}",
        1,
        ALONE + "says nothing that ends the validity; it takes term_years, renewal_day, suspension.",
    ),
    "term of no year": (
        "validity",
        "suspension: true\nterm_years: 0",
        2,
        ALONE + "needs 1 to 99 years under “term_years”, not 0.",
    ),
    "renewal on no day of every year": (
        "validity",
        'renewal_day: "02-29"',
        1,
        ALONE + 'needs a day of every year such as "11-15" under “renewal_day”, not “02-29”.',
    ),
    "suspension that ends nothing": (
        "validity",
        "{term_years: 3, suspension: false}",
        1,
        ALONE + "can only say “suspension: true”; leave it out where a suspension ends nothing.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nonsense_is_refused_on_its_line(name: str) -> None:
    kind, text, line, sentence = REFUSED[name]
    assert read(kind, text)[1] == [(line, sentence)]
