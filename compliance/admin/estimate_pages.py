"""What the page of a run shows, and the triangle below their list: figures in words, charts, receipt."""

from collections.abc import Mapping
from typing import Any

from compliance.admin.estimate_charts import HALF, NARROW, WIDE, drawn
from compliance.admin.estimate_energy import energy_context, energy_words
from compliance.admin.estimate_regions import regions_context
from compliance.admin.estimate_words import (
    figures,
    model_words,
    number_words,
    published,
    rate_words,
    span_words,
    warnings_by_code,
)
from compliance.choices import EstimateKind, RunStatus
from compliance.models import Estimate
from compliance.reports.charts.intervals import Span
from compliance.selectors.revisions import Revision, revisions
from registry.models import Territory

KINDS = {"inspection": "by random inspection", "lists": "from overlapping lists", "none": "no figure"}
BY = {"size": "by size class", "kind": "by kind of miner", "none": "everything together"}


def run_context(run: Estimate, order: str = "") -> dict[str, Any]:
    """All that the page needs beside the run; only progress while it runs, only the receipt where it failed.

    `order` is the column that regions stand by.
    """
    context: dict[str, Any] = {
        "run": run,
        "computing": run.status == RunStatus.RUNNING,
        "receipt": receipt(run),
        "verification": run.verification,
        "facts": run.settings.get("facts", {}),
    }
    if run.status != RunStatus.DONE:
        return context
    result = run.result or {}
    if run.kind == EstimateKind.REGIONS:
        return {**context, **regions_context(result, order)}
    return {**context, **whole_context(result, {each["code"]: each["name"] for each in run.lists})}


def whole_context(result: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    told = result.get("headline")
    if told is None:
        return {"sentence": result.get("sentence", ""), "left_out": result.get("left_out", [])}
    spans = [Span("The whole", told["rate"], *_ends(published(told)))]
    if told["kind"] == "inspection":
        spans.append(Span("The whole, by the lists", told["lists_rate"], *_ends(told["interval"])))
    spans += [Span(each["name"], each["rate"], *_ends(each["interval"])) for each in result["strata"]]
    sources = [
        Span(
            f"{names.get(each['list'], each['list'])} ({each['found']:,} of {each['of']:,})",
            each["rate"],
            each["low"],
            each["high"],
        )
        for each in told["sources"]
    ]
    return {
        "sentence": told["sentence"],
        "how": KINDS.get(told["kind"], told["kind"]),
        "status": told["status"],
        "figures": figures(told),
        "warnings": warnings_by_code(told["warnings"], names),
        "left_out": result.get("left_out", []),
        "strata": [_stratum(each, names) for each in result["strata"]],
        "strata_wide": drawn(spans, WIDE),
        "strata_narrow": drawn(spans, NARROW),
        "sources_wide": drawn(sources, HALF),
        "sources_narrow": drawn(sources, NARROW),
        "unused": [
            {"list": names.get(each["list"], each["list"]), "why_none": each["why_none"]}
            for each in told["sources"]
            if each["rate"] is None
        ],
        "spread": _spread(told, names),
        "shares": [_share(each) for each in result.get("shares", [])],
        "energy": energy_words(told["energy"]),
        **energy_context(result),
    }


def receipt(run: Estimate) -> list[dict[str, Any]]:
    """Each list with its rows, hash and traits in words."""
    return [
        {**each, "words": "; ".join(_traits(each)) or "everywhere", "short": each["sha256"][:16]} for each in run.lists
    ]


def triangle_context() -> dict[str, Any]:
    """The last windows of a place that more than one run has estimated, each with its figures from run to run."""
    groups: dict[tuple[Any, ...], list[Revision]] = {}
    for row in revisions():
        groups.setdefault((row.as_of, row.window_from, row.territory, row.by), []).append(row)
    several = [rows for _, rows in sorted(groups.items(), reverse=True) if len(rows) > 1][:12]
    places = [rows[0].territory for rows in several]
    names = dict(Territory.objects.filter(code__in=places).values_list("code", "name"))
    return {
        "triangle": [
            {
                "window": _window(rows[0], names),
                "provisional": rows[-1].provisional,
                "runs": [
                    {
                        "number": row.number,
                        "known_at": row.known_at,
                        "rate": rate_words(
                            row.rate, {"low": row.low, "high": row.high} if row.low is not None else None
                        ),
                        "change": "" if row.change is None else f"{100 * row.change:+.1f}",
                        "before": before,
                    }
                    for before, row in zip([None, *(each.number for each in rows)], rows, strict=False)
                ],
            }
            for rows in several
        ]
    }


def _window(row: Revision, names: Mapping[str, str]) -> str:
    return f"{names[row.territory]}, {row.window_from:%b %Y} to {row.as_of:%b %Y}, {BY[row.by]}"


def _ends(span: Mapping[str, Any] | None) -> tuple[float | None, float | None]:
    return (span["low"], span["high"]) if span else (None, None)


def _stratum(each: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    lists = [names.get(code, code) for code in each["lists"]]
    return {
        "name": each["name"],
        "registered": number_words(each["registered"]),
        "seen": number_words(each["seen"]),
        "unregistered": number_words(each["unregistered"]),
        "unregistered_span": span_words(each["unregistered_interval"]),
        "rate": rate_words(each["rate"]),
        "span": span_words(each["interval"], share=True),
        "method": each["method"],
        "model": model_words(each["model"], lists),
        "models": span_words({"low": each["low"], "high": each["high"]}),
        "lists": ", ".join(lists),
        "why_none": each["why_none"],
    }


def _share(each: Mapping[str, Any]) -> dict[str, Any]:
    rate = each["share"]
    return {
        "unit": {"operations": "Operations", "kW": "Power", "TH/s": "Hash rate"}.get(each["unit"], each["unit"]),
        "share": "—" if rate is None else f"{100 * rate:.1f} %",
        "span": span_words(each["interval"], share=True),
        "why_none": each["why_none"],
        "note": each.get("note", ""),
    }


def _spread(told: Mapping[str, Any], names: Mapping[str, str]) -> list[tuple[str, str]]:
    rows = [("Over the plausible models", span_words(told["by_models"], share=True))]
    rows += [(f"Without {names.get(code, code)}", rate_words(rate)) for code, rate in sorted(told["without"].items())]
    rows.append(("Second opinion, by another family of models (decomposable graphs)", rate_words(told["second"])))
    return rows


def _traits(each: Mapping[str, Any]) -> list[str]:
    words = []
    if each["conditional_on_unregistered"]:
        words.append("only unregistered operations can be on it")
    if each["random_sample"]:
        words.append("drawn at random")
    if each["territories"]:
        words.append(f"sees {', '.join(each['territories'])}")
    if each["kept_from"] or each["kept_until"]:
        words.append(f"kept {each['kept_from'] or '…'} to {each['kept_until'] or '…'}")
    return words
