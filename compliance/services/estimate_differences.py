"""Why two runs differ: one input after the other is changed from the earlier run's to the later one's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from compliance.choices import EstimateKind, RunStatus
from compliance.estimates.rates import rate_of
from compliance.estimates.strata import Settings
from compliance.estimates.stratum_models import StratumModel
from compliance.estimates.totals import Totals
from compliance.models import Estimate, EstimateDifference
from compliance.selectors.captures import Window
from compliance.services.estimate_inputs import inputs_collect, models_of
from compliance.services.estimate_questions import Question, question_of
from registry.errors import Refusal

# All that is recorded but links and mergers, which have parts of their own.
RECORDED = ("sighting", "registration", "site", "miner", "reading", "sightinglist", "device")
COUNTS, SHARES = Decimal("0.01"), Decimal("0.000001")
FIGURES = {
    "registered": COUNTS,
    "unregistered": COUNTS,
    "unregistered_low": COUNTS,
    "unregistered_high": COUNTS,
    "rate": SHARES,
    "rate_low": SHARES,
    "rate_high": SHARES,
}
POINTS = ("unregistered", "rate")
Change = Callable[[Question, Question], Question]


@dataclass(frozen=True)
class Step:
    """One part of the difference: its code, its name, and how a question takes this from the later run's."""

    code: str
    title: str
    change: Change


def _windows(now: Question, later: Question, *, seen: bool) -> tuple[Window, ...]:
    [one], [other] = now.windows, later.windows
    if seen:
        return (Window(other.seen_from, other.seen_to, one.registered_on),)
    return (Window(one.seen_from, one.seen_to, other.registered_on),)


def _known(*nouns: str) -> Change:
    return lambda now, later: replace(now, known=now.known.with_later(later.known.at, nouns))


STEPS = (
    Step("late_data", "Late data: what was recorded later about the earlier window", _known(*RECORDED)),
    Step("corrected_links", "Corrected links: which reports are of the same operation", _known("link")),
    Step("merged_persons", "Merged persons: miners who were on file twice", _known("merger")),
    Step(
        "new_registrations",
        "New registrations: entries in force on the later day, and those that ended",
        lambda now, later: replace(now, windows=_windows(now, later, seen=False)),
    ),
    Step(
        "new_sightings",
        "New sightings: the later window instead of the earlier one",
        lambda now, later: replace(now, windows=_windows(now, later, seen=True)),
    ),
    Step(
        "changed_law",
        "Changed law: from which size on one must register",
        lambda now, later: replace(now, limits=later.limits),
    ),
    Step(
        "changed_model", "Changed model: settings, strata and code", lambda now, later: replace(later, known=now.known)
    ),
)

Values = Mapping[str, Decimal | None]


def difference(earlier: Estimate, later: Estimate) -> dict[str, Any]:
    """The figures of both runs and the parts between them, for R, for U and the rate, and for the ends of their ranges.

    Each figure is rounded first, so the parts add up exactly. Ends are those over the plausible models. Where a run has
    no point, U and the rate have no parts, and `notes` say so. Raises Refusal for runs that cannot be compared.
    """
    comparable(earlier, later)
    first, last = question_of(earlier), question_of(later)
    kept = [_figures_of_cells(run) for run in (earlier, later)]
    asked = [_asked(first)]
    question = first
    for step in STEPS:
        question = step.change(question, last)
        asked.append(_asked(question))
    notes, points = [], True
    for run, of_today in ((earlier, asked[0]), (later, asked[-1])):
        status = (run.result or {}).get("headline") or {}
        if status.get("status") != "estimate" or status.get("kind") != "lists":
            points = False
            notes.append(
                f"{run} has no point by its lists ({(run.result or {}).get('sentence', '')}) so the parts are given for"
                " the registered and for both ends of the range, and not for a middle that nobody stated."
            )
        stored = kept[0] if run is earlier else kept[1]
        if stored != of_today:
            notes.append(
                f"{run} is computed otherwise by today's code or from today's register; that is in “changed model”."
            )
    names = [name for name in FIGURES if points or name not in POINTS]
    parts = [_part(step, asked[at], asked[at + 1], names) for at, step in enumerate(STEPS)]
    return {
        "earlier": _shown(kept[0], names),
        "later": _shown(kept[1], names),
        "difference": {name: _text(_less(kept[1][name], kept[0][name])) for name in names},
        "parts": _joined(parts, kept, names),
        "notes": notes,
    }


def difference_store(*, earlier_id: int, later_id: int) -> EstimateDifference:
    """The parts between two runs, computed once and kept. Raises Refusal for runs that cannot be compared."""
    there = EstimateDifference.objects.filter(earlier_id=earlier_id, later_id=later_id).first()
    if there is not None:
        return there
    runs = Estimate.objects.select_related("territory").in_bulk([earlier_id, later_id])
    if earlier_id not in runs or later_id not in runs:
        raise Refusal("unknown_estimate", f"There is no estimate {earlier_id if earlier_id not in runs else later_id}.")
    parts = difference(runs[earlier_id], runs[later_id])
    stored, _ = EstimateDifference.objects.get_or_create(
        earlier_id=earlier_id, later_id=later_id, defaults={"parts": parts}
    )
    return stored


def comparable(earlier: Estimate, later: Estimate) -> None:
    """Raises Refusal unless both are finished runs of one whole territory."""
    for run in (earlier, later):
        if run.status != RunStatus.DONE:
            raise Refusal("estimate_not_done", f"{run} is not done, so there is nothing yet to compare.")
        if run.kind != EstimateKind.WHOLE:
            raise Refusal("estimate_of_regions", f"{run} is of regions; runs of one whole territory can be compared.")
    if earlier.territory_id != later.territory_id:
        raise Refusal(
            "estimates_of_two_places",
            f"{earlier} is about {earlier.territory.name}, {later} about {later.territory.name}: pick two of one.",
        )


def _asked(question: Question) -> Values:
    with transaction.atomic():
        asked = inputs_collect(replace(question, settings=replace(question.settings, bootstrap=0)), facts=False)
    return _figures(models_of(asked.parts, question.settings), question.settings)


def _figures_of_cells(run: Estimate) -> Values:
    outputs = run.cells.filter(task="model").order_by("position").values_list("output", flat=True)
    models = [StratumModel.from_json(each).as_linked for each in outputs if each]
    return _figures(models, Settings.from_json(run.settings["headline"]))


def _figures(models: Sequence[StratumModel], settings: Settings) -> Values:
    """The point figures; those of U are null where some stratum has none."""
    if not models:
        return {**dict.fromkeys(FIGURES), "registered": Decimal(0).quantize(COUNTS)}
    total = Totals.of(models, [[] for _ in models], settings)
    register = settings.active * total.registered
    values: dict[str, float | None] = dict.fromkeys(FIGURES)
    values["registered"] = float(total.registered)
    if total.known:
        values |= {"unregistered": total.n, "unregistered_low": total.low, "unregistered_high": total.high}
        values |= {
            "rate": rate_of(register, total.n),
            "rate_low": rate_of(register, total.high),
            "rate_high": rate_of(register, total.low),
        }
    return {
        name: None if value is None else Decimal(repr(value)).quantize(FIGURES[name]) for name, value in values.items()
    }


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _shown(values: Values, names: Sequence[str]) -> dict[str, str | None]:
    return {name: _text(values[name]) for name in names}


def _part(step: Step, before: Values, after: Values, names: Sequence[str]) -> dict[str, Any]:
    return {
        "code": step.code,
        "title": step.title,
        "values": {name: _text(_less(after[name], before[name])) for name in names},
    }


def _joined(parts: list[dict[str, Any]], kept: Sequence[Values], names: Sequence[str]) -> list[dict[str, Any]]:
    """The last part, “changed model”, is what the others leave of the whole difference.

    So it holds what today's code makes of the same question otherwise than the runs did, and the parts add up even
    where a step in between has no figure: such a part is null.
    """
    for name in names:
        whole = _less(kept[1][name], kept[0][name])
        if whole is None:
            for part in parts:
                part["values"][name] = None
            continue
        told = sum(
            (Decimal(part["values"][name]) for part in parts[:-1] if part["values"][name] is not None), Decimal(0)
        )
        parts[-1]["values"][name] = str(whole - told)
    return parts
