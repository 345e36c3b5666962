"""The report's fourth denominator: the estimate in figures and words, and the claims with what we hold against them."""

from typing import Any

from compliance.reports.decimals import decimal_text
from compliance.selectors.claims import day_of
from compliance.selectors.public_estimate import PublicEstimate


def estimate_figures(told: PublicEstimate) -> dict[str, Any]:
    """The latest estimate as of the day; without one its number is null, and the sentence says so."""
    run = told.run
    series = [
        {
            "as_of": each.as_of.isoformat(),
            "low": _share(each.low),
            "high": _share(each.high),
            "rate": _share(each.point),
            "provisional": each.provisional,
        }
        for each in told.series
    ]
    if run is None:
        nothing = dict.fromkeys(("number", "territory", "window_from", "as_of", "rate", "low", "high"))
        state = {"status": "none", "provisional": False, "inspected": False, "window": ""}
        return {**nothing, **state, "sentence": told.sentence, "warnings": [], "series": series}
    return {
        "number": run.number,
        "territory": run.territory,
        "window_from": run.window_from.isoformat(),
        "as_of": run.as_of.isoformat(),
        "window": run.window,
        "status": run.status,
        "sentence": told.sentence,
        "rate": decimal_text(run.point),
        "low": decimal_text(run.rate.low),
        "high": decimal_text(run.rate.high),
        "provisional": run.provisional,
        "inspected": run.inspected,
        "warnings": [{"code": each.code, "message": each.message} for each in run.notices],
        "series": series,
    }


def claim_figures(told: PublicEstimate) -> list[dict[str, Any]]:
    """One row per claim: as it was said, and beside our figures."""
    return [
        {
            "code": found.claim.code,
            "territory": found.claim.territory.name,
            "said_by": found.claim.said_by,
            "said_on": found.claim.said_on.isoformat(),
            "where_said": found.claim.where_said,
            "about_on": day_of(found.claim).isoformat(),
            "statement": found.claim.statement,
            "quote": found.claim.quote,
            "bounds": found.claim.bounds,
            "low": decimal_text(found.claim.low),
            "high": decimal_text(found.claim.high),
            "unit": found.claim.unit,
            "confidence": found.claim.confidence,
            "url": found.claim.url,
            "verdict": str(found.verdict),
            "comparison": found.sentence,
            "estimate": found.estimate,
        }
        for found in told.claims
    ]


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.6f}"
