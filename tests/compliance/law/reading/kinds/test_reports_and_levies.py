"""Parameters of reports and levies are read exactly; nonsense is refused on its line, with what would be right."""

import json

import pytest
import yaml

from compliance.law.nodes import Mapping, Trouble
from compliance.law.reading.parameters import read_parameters

DUE = "period: month\ndue_day: 20\n"
LEVY = "period: quarter\ndue: {day: 20, months_after: 1}\nbands:\n"
CITED = "confidence: H, sources: [wire]"
RATE = f"  - {{rate: {{low: 1, high: 25, currency: KZT}}, from: 2023-01-01, when: grid, {CITED}}}\n"

SOUND: dict[str, tuple[str, str, object]] = {
    "a report as it was always written": ("reporting", DUE, {"period": "month", "due_day": 20}),
    "a report with everything": (
        "reporting",
        (
            "period: quarter\ndue: {day: 31, months_after: 2}\nroll: next_working_day\n"
            "contains: [addresses, energy_kwh]\nmeter_tolerance_percent: 10\nfirst_period: 2025-04-01\n"
        ),
        {
            "period": "quarter",
            "due": {"day": 31, "months_after": 2},
            "roll": "next_working_day",
            "first_period": "2025-04-01",
            "contains": ["addresses", "energy_kwh"],
            "meter_tolerance_percent": "10",
        },
    ),
    "a levy with a rate that nobody has found": (
        "levy",
        LEVY + RATE + f"  - {{rate: unknown, from: 2022-01-01, until: 2022-12-31, {CITED}}}\ntolerance_percent: 2\n",
        {
            "period": "quarter",
            "due": {"day": 20, "months_after": 1},
            "bands": [
                {
                    "rate": {"low": "1", "high": "25", "currency": "KZT"},
                    "from": "2023-01-01",
                    "when": "grid",
                    "confidence": "H",
                    "sources": ["wire"],
                },
                {
                    "rate": "unknown",
                    "from": "2022-01-01",
                    "until": "2022-12-31",
                    "when": "any",
                    "confidence": "H",
                    "sources": ["wire"],
                },
            ],
            "tolerance_percent": "2",
        },
    ),
}

BAD = {
    "no period": ("reporting", "due_day: 20\n", 1, "lacks “period”"),
    "a period that is none": ("reporting", "period: week\ndue_day: 20\n", 1, "must be one of month, quarter, year"),
    "no due day": ("reporting", "period: month\n", 1, "lacks “due_day”"),
    "a due day that some months lack": ("reporting", "period: month\ndue_day: 29\n", 2, "a due day from 1 to 28"),
    "two due days": ("reporting", DUE + "due: {day: 1, months_after: 1}\n", 2, "says twice when it is due"),
    "a 32nd": ("reporting", "period: month\ndue: {day: 32, months_after: 1}\n", 2, "needs a day from 1 to 31"),
    "due in the period itself": (
        "reporting", "period: month\ndue: {day: 2, months_after: 0}\n", 2, "1 is the month after the period",
    ),
    "a day with an unknown key": (
        "reporting", "period: month\ndue: {day: 2, months_after: 1, hour: 3}\n", 2, "has the unknown key “hour”",
    ),
    "an unknown way to move": ("reporting", DUE + "roll: backwards\n", 3, "must be one of next_working_day"),
    "a first period that begins amid one": (
        "reporting", "period: quarter\ndue_day: 20\nfirst_period: 2025-02-01\n", 3, "2025-02-01 is none",
    ),
    "contents that are no list": ("reporting", DUE + "contains: addresses\n", 3, "needs a list under “contains”"),
    "contents without anything": ("reporting", DUE + "contains: []\n", 3, "needs at least one entry"),
    "contents that are a sentence": ("reporting", DUE + "contains: [All of it]\n", 3, "needs words of small letters"),
    "a tolerance of all": ("reporting", DUE + "meter_tolerance_percent: 100\n", 3, "needs less than 100 percent"),
    "a negative tolerance": ("reporting", DUE + "meter_tolerance_percent: -1\n", 3, "a number that is not negative"),
    "a key of another kind": ("reporting", DUE + "energy_kwh_month: 1\n", 3, "has the unknown key"),
    "a levy without rates": ("levy", DUE, 1, "lacks “bands”"),
    "a levy with an empty list of rates": ("levy", DUE + "bands: []\n", 1, "needs at least one rate"),
    "a rate below nothing": ("levy", LEVY + RATE.replace("low: 1", "low: -1"), 4, "a number that is not negative"),
    "a rate upside down": ("levy", LEVY + RATE.replace("low: 1", "low: 26"), 4, "above its high end at 25"),
    "a rate in no currency": ("levy", LEVY + RATE.replace("KZT", "KZK"), 4, "which is no currency of ISO 4217"),
    "rates in two currencies": (
        "levy", LEVY + RATE + RATE.replace("KZT", "USD").replace("grid", "off_grid"), 1, "a levy is in one currency",
    ),
    "two rates at once": ("levy", LEVY + RATE + RATE, 5, "the second one for “grid” on the same days"),
    "a rate that ends before it starts": (
        "levy", LEVY + RATE.replace("when", "until: 2022-01-01, when"), 4, "before it starts on 2023-01-01",
    ),
    "a rate for an unknown power": ("levy", LEVY + RATE.replace("grid", "sun"), 4, "must be one of any, no_meter"),
    "a rate by a weak source": ("levy", LEVY + RATE.replace(": H", ": L"), 4, "such a rate is “unknown”"),
    "a rate without a source": ("levy", LEVY + RATE.replace(", sources: [wire]", ""), 4, "cites no source"),
    "a rate with an unknown key": ("levy", LEVY + RATE.replace("when", "why: x, when"), 4, "unknown key “why”"),
}  # fmt: skip


def read(kind: str, text: str) -> tuple[dict[str, object], Trouble]:
    trouble = Trouble("xx.yaml")
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert node is not None
    return read_parameters(kind, Mapping(node, "The parameter list of Norm xx.norm", trouble)), trouble


@pytest.mark.parametrize(("kind", "text", "expected"), SOUND.values(), ids=SOUND)
def test_sound_parameters_are_read_and_read_again_the_same(kind: str, text: str, expected: object) -> None:
    found, trouble = read(kind, text)
    assert (found, trouble.problems) == (expected, [])
    again, trouble = read(kind, json.dumps(found))
    assert (again, trouble.problems) == (expected, [])


@pytest.mark.parametrize(("kind", "text", "line", "says"), BAD.values(), ids=BAD)
def test_nonsense_is_refused_on_its_line(kind: str, text: str, line: int, says: str) -> None:
    _, trouble = read(kind, text)
    assert any(problem.line == line and says in problem.sentence for problem in trouble.problems), trouble.problems
