"""The estimate on the front page: its figure or words, its range, its warnings, and the claims with their verdicts."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.urls import reverse

from compliance.admin.claims import figure_words, verdict_words
from compliance.estimates.claims import Verdict
from compliance.models import Estimate
from compliance.selectors.claims import Compared
from compliance.selectors.public_estimate import PublicEstimate

PILLS = {Verdict.INSIDE: "hf-good", Verdict.BELOW: "hf-warn", Verdict.ABOVE: "hf-warn"}


@dataclass(frozen=True)
class EstimateTile:
    """What the tile shows. `figure` is short, or “no figure”; the bar runs from `left` over `width` percent."""

    figure: str
    sentence: str
    left: int = 0
    width: int = 0
    number: int | None = None
    window: str = ""
    provisional: bool = False
    inspected: bool = False
    warnings: tuple[dict[str, str], ...] = ()
    url: str = ""
    computing: bool = False


def estimate_tile(told: PublicEstimate) -> EstimateTile:
    run = told.run
    if run is None:
        figure = "No figure" if told.awaited is None else "Being computed"
        return EstimateTile(figure, told.sentence, url=_url(told.awaited), computing=told.awaited is not None)
    low, high = run.rate.low, run.rate.high
    left = 0 if low is None else int(low * 100)
    return EstimateTile(
        figure=_figure(run.status, run.point, low, high),
        sentence=told.sentence,
        left=left,
        width=0 if high is None else max(1, int(high * 100) - left),
        number=run.number,
        window=run.window,
        provisional=run.provisional,
        inspected=run.inspected,
        warnings=tuple({"code": each.code, "message": each.message, "doc": each.doc} for each in run.notices),
        url=_url(run.number),
    )


def said_tile(found: Compared) -> dict[str, Any]:
    """A claim with its figure and its verdict in words."""
    return {
        "claim": found.claim,
        "figure": figure_words(found.claim),
        "verdict": verdict_words(found),
        "confidence": found.claim.get_confidence_display().lower(),
        "colour": PILLS.get(found.verdict, ""),
        "sentence": found.sentence,
    }


def _url(number: int | None) -> str:
    registered = number is not None and admin.site.is_registered(Estimate)
    return reverse("admin:compliance_estimate_change", args=[number]) if registered else ""


def _figure(status: str, point: Decimal | None, low: Decimal | None, high: Decimal | None) -> str:
    if low is None or high is None:
        return "No figure"
    if point is not None:
        return f"{point * 100:.0f} in 100"
    if status == "at_most":
        return f"At most {high * 100:.0f} in 100"
    return f"{low * 100:.0f} to {high * 100:.0f} in 100"
