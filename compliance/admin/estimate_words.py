"""Figures, models and warnings of a run in words, as its page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compliance.estimates import terms
from compliance.estimates.list_names import spelt

LEAST = "Lower bound, if some are harder to find (M_th)"


def rate_words(rate: float | None, span: Mapping[str, Any] | None = None) -> str:
    """“29.6 in 100”, or the range where there is no point, or a dash."""
    if rate is not None:
        return f"{100 * rate:.1f} in 100"
    return f"{100 * span['low']:.0f} to {100 * span['high']:.0f} in 100" if span else "—"


def number_words(n: float | None) -> str:
    return "—" if n is None else f"{n:,.0f}"


def span_words(span: Mapping[str, Any] | None, *, share: bool = False) -> str:
    if not span or span.get("low") is None or span.get("high") is None:
        return "—"
    if share:
        return f"{100 * span['low']:.1f} to {100 * span['high']:.1f}"
    return f"{span['low']:,.0f} to {span['high']:,.0f}"


def figures(told: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, figure and note of each; beside an inspection, what the lists say is named as theirs."""
    claimed, by_lists = told["probability_claimed"], told["lists_rate"]
    inspected = told["kind"] == "inspection"
    found = [
        ("Registration rate", *_rate(told)),
        ("In the register", number_words(told["registered"]), f"{100 * told['active']:.0f} % of them taken as active"),
    ]
    if inspected and by_lists is not None:
        found.append(("Rate by the lists alone", rate_words(by_lists), span_words(told["interval"], share=True)))
    elif inspected:
        figure, _, why = (told.get("lists_sentence") or "").partition("; ")
        found.append(("Rate by the lists alone", figure, why) if why else ("Rate by the lists alone", "—", figure))
    return [
        *found,
        (
            "Unregistered, by the lists" if inspected else "Unregistered",
            number_words(told["unregistered"]),
            "" if told["status"] == "at_most" else span_words(told["unregistered_interval"]),
        ),
        (
            LEAST,
            number_words(told["unregistered_at_least"]),
            "unregistered; an estimate too, with its own error",
        ),
        (
            f"Rate at or below {100 * told['claimed']:.0f} %",
            "—" if claimed is None else f"{100 * claimed:.0f} %",
            "the chance of that, by the lists",
        ),
    ]


def published(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The published range; from nothing to the upper end where that is all that can be said."""
    if told["status"] == "at_most" and told["at_most"] is not None:
        return {"low": 0.0, "high": told["at_most"]}
    span: Mapping[str, Any] | None = told["published"]
    return span


def _rate(told: Mapping[str, Any]) -> tuple[str, str]:
    if told["status"] == "at_most" and told["at_most"] is not None:
        return f"at most {100 * told['at_most']:.0f} in 100", span_words(published(told), share=True)
    return rate_words(told["rate"], told["published"]), span_words(told["published"], share=True)


def model_words(model: str | None, lists: Sequence[str]) -> str:
    """The model “[]” or “[12,34]” of these lists in words; the digits are places among them, counted from 1."""
    if not model:
        return "average of the models that fit"
    if model == "[]":
        return "lists taken as independent"
    words = terms.model_words(model, lists)
    return f"model {model}" if words == model else f"allowing for {words}"


def warnings_by_code(warnings: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry per code, those that forbid a point first: its title, its page, all that it says."""
    found: dict[str, dict[str, Any]] = {}
    for each in warnings:
        title = each["name"].replace("_", " ")
        entry = found.setdefault(
            each["code"], {"code": each["code"], "title": title, "doc": each["doc"], "serious": False, "messages": []}
        )
        entry["serious"] = entry["serious"] or each["serious"]
        entry["messages"].append(spelt(each["message"], names, each["facts"]))
    return sorted(found.values(), key=lambda entry: not entry["serious"])
