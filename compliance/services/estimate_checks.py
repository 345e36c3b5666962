"""Verifying a run: everything computed again, from the register as known then and from what was kept, and compared."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from compliance.choices import RunStatus
from compliance.estimates.strata import Settings
from compliance.models import Estimate, EstimateCell, LawVersion
from compliance.services.estimate_cells import PHASES, cell_output, phase_of
from compliance.services.estimate_code import code_version
from compliance.services.estimate_failures import FAILURES
from compliance.services.estimate_inputs import Inputs
from compliance.services.estimate_results import Computed, canonical, matching_by, sha256_of
from compliance.services.estimates import inputs_of, result_from
from registry.errors import Refusal

TRAITS = ("conditional_on_unregistered", "random_sample", "territories", "kept_from", "kept_until", "kind")
FACTS = {
    "matching": "Which report is about which operation",
    "operations": "Where the operations lie, how large they are or what they hold",
    "below_limit": "The number of operations known to be too small for the duty",
    "no_region": "The number of operations of which no region is known",
    "inspected_on": "The day of the last random inspection",
    "devices": "Which devices stand with registered operations",
    "by_model": "The part of the reports that name neither a miner nor a metering point",
    "rates_at_thresholds": "The rate with other pairs of reports taken for the same operation",
}


def estimate_verify(*, estimate_id: int, now: dt.datetime) -> dict[str, Any]:
    """Compute a finished run again and keep what came of it: `same`, and a `sentence` for each part that differs.

    Cells are computed in the opposite order. Raises Refusal where the run is not done.
    """
    run = Estimate.objects.select_related("territory").get(pk=estimate_id)
    if run.status != RunStatus.DONE:
        raise Refusal("estimate_not_done", f"{run} is not done, so there is nothing yet to verify.")
    differ = [*_kept_differs(run), *_register_differs(run), *_law_differs(run)]
    sentences = differ or [f"All is the same to the last digit: {run.result_sha256}."]
    if differ and run.code_version != code_version():
        sentences.append(f"The run was computed by code {run.code_version}, and again by {code_version()}.")
    verification = {
        "at": now.isoformat(),
        "same": not differ,
        "sentences": sentences,
        "code_version": code_version(),
    }
    Estimate.objects.filter(pk=run.pk).update(verification=verification)
    return verification


def _kept_differs(run: Estimate) -> list[str]:
    """From the kept tables: each cell's output, then the result."""
    cells = list(run.cells.order_by("position"))
    settings = Settings.from_json(run.settings["headline"])
    choices = [cell.output for cell in cells if cell.task in PHASES[0] and cell.output]
    matching = matching_by(run.settings["facts"], settings)
    again: dict[int, Any] = {}
    differ = []
    for cell in reversed(cells):
        earlier = choices if phase_of(cell.task) else []
        try:
            again[cell.position] = canonical(
                cell_output(cell.task, cell.input, settings=settings, seed=run.seed, choices=earlier, matching=matching)
            )
        except FAILURES as error:
            differ.append(f"{_named(cell)} cannot be computed any more: {type(error).__name__}: {error}")
            again[cell.position] = cell.output
        else:
            if again[cell.position] != canonical(cell.output):
                differ.append(f"{_named(cell)} gives other figures from its kept table.")
    computed = [
        Computed(cell.task, cell.stratum, cell.territory_id, cell.input, again[cell.position]) for cell in cells
    ]
    result = canonical(result_from(run, computed))
    if sha256_of(run.result) != run.result_sha256:
        differ.append("The kept result does not have the hash that was kept with it.")
    if sha256_of(result) != run.result_sha256:
        places = _places(canonical(run.result), result)
        differ.append(f"The result differs from the kept one, at {', '.join(places[:5])}{' …' if places[5:] else ''}.")
    return differ[:20]


def _register_differs(run: Estimate) -> list[str]:
    """From the register as known then: each list's receipt, the matching, the tables."""
    differ = receipts_differ(run, inputs_of(run))
    catalogue = run.settings.get("catalogue")
    if catalogue and sha256_of(catalogue["models"]) != catalogue["sha256"]:
        differ.append("The kept catalogue of devices does not have the hash that was kept with it.")
    return differ


def receipts_differ(run: Estimate, inputs: Inputs) -> list[str]:
    """What the register of that time gives today that it did not give then, list by list; empty where nothing."""
    differ = []
    then, now = {each["code"]: each for each in run.lists}, {each["code"]: each for each in inputs.lists}
    for code in sorted(set(then) | set(now)):
        if code not in now:
            differ.append(f"List {code} had {then[code]['rows']:,} rows and now has none.")
        elif code not in then:
            differ.append(f"List {code} had no row and now has {now[code]['rows']:,}.")
        else:
            differ += _list_differs(code, then[code], now[code])
    facts = run.settings["facts"]
    for name, what in FACTS.items():
        if canonical(facts.get(name)) != canonical(inputs.facts.get(name)):
            differ.append(f"{what} differs from what was known then.")
    kept = [canonical(each) for each in run.cells.order_by("position").values_list("input", flat=True)]
    if kept != [canonical(part.input) for part in inputs.parts]:
        differ.append("The capture tables differ from the kept ones.")
    return differ


def _list_differs(code: str, then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    differ = [f"List {code} had {then['rows']:,} rows and now has {now['rows']:,}."] * (then["rows"] != now["rows"])
    if then["rows"] == now["rows"] and then["sha256"] != now["sha256"]:
        differ.append(f"Of list {code}, the {then['rows']:,} rows say something else: their hash differs.")
    changed = [name for name in TRAITS if canonical(then[name]) != canonical(now[name])]
    if changed:
        differ.append(f"List {code} has other traits than then: {', '.join(changed)}.")
    return differ


def _law_differs(run: Estimate) -> list[str]:
    """The texts of the packs that the run read must still be on file as they were."""
    differ = []
    for pack in run.law["packs"]:
        there = LawVersion.objects.filter(pack__code=pack["code"], sha256=pack["sha256"]).exists()
        if pack["sha256"] and not there:
            differ.append(f"The text of pack {pack['code']} {pack['version']}, which it read, is not on file any more.")
    return differ


def _named(cell: EstimateCell) -> str:
    what = ", ".join(word for word in (cell.task, cell.stratum, cell.month and f"{cell.month:%Y-%m}") if word)
    return f"Cell {cell.position} ({what})"


def _places(one: Any, other: Any, at: str = "") -> list[str]:
    """Where two JSON values differ: headline.rate, strata[2].low."""
    if isinstance(one, dict) and isinstance(other, dict):
        found = []
        for name in sorted(set(one) | set(other)):
            found += _places(one.get(name), other.get(name), f"{at}.{name}" if at else name)
        return found
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            place
            for number, pair in enumerate(zip(one, other, strict=True))
            for place in _places(*pair, f"{at}[{number}]")
        ]
    return [] if one == other else [at or "the whole"]
