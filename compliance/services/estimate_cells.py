"""What one cell of a run computes: arithmetic on its kept input alone, so that anybody can do it, in any order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from compliance.estimates.matching import EXACT, Matching
from compliance.estimates.regional import Choice, choice, own
from compliance.estimates.strata import ListTraits, Settings, Stratum
from compliance.estimates.tables import Table
from compliance.estimates.unregistered import stratum_model, stratum_replicates

# What must be computed before what: the models of all regions are chosen once.
PHASES = (("select", "model", "bootstrap"), ("month", "region"))


def phase_of(task: str) -> int:
    return next(at for at, tasks in enumerate(PHASES) if task in tasks)


def cell_output(
    task: str,
    given: Mapping[str, Any],
    *,
    settings: Settings,
    seed: int,
    choices: Sequence[Mapping[str, Any]] = (),
    matching: Matching = EXACT,
) -> dict[str, Any]:
    """The output of a cell as it is kept. `choices` are the outputs of the run's cells that chose models, if any.

    `matching` is the error of matching that the run reckons with; a run by region leaves it as it is.
    """
    traits = [ListTraits.from_json(each) for each in given["traits"]]
    if task in ("month", "region"):
        return {"months": _months(given, traits, [Choice.from_json(each) for each in choices])}
    stratum = Stratum.from_json(given["stratum"])
    if task == "select":
        return choice(stratum, traits, settings).to_json()
    if task == "model":
        return stratum_model(stratum, traits, settings, matching).to_json()
    # Each stratum has a chance of its own, and each replicate in it, whoever computes it.
    drawn = stratum_replicates(
        stratum,
        traits,
        settings,
        seed=(seed, given["index"]),
        first=given["first"],
        count=given["count"],
        matching=matching,
    )
    return {"replicates": drawn}


def _months(given: Mapping[str, Any], traits: Sequence[ListTraits], choices: Sequence[Choice]) -> list[dict[str, Any]]:
    chosen = {each.stratum: each for each in choices}
    found = []
    for month in given["months"]:
        here = [replace(each, covers=each.name in month["covers"]) for each in traits]
        classes = []
        for name, counts in zip(given["classes"], month["counts"], strict=True):
            table = Table(tuple(given["lists"]), np.array(counts, dtype=np.int64))
            classes.append(own(Stratum(name, table), here, chosen[name]).to_json())
        found.append({"month": month["month"], "classes": classes})
    return found
