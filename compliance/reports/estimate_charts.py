"""The chart of a table's report: every estimator with its interval on one axis, what is published behind them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from compliance.reports.svg import INK, sentence_svg, svg

# Each holds on white and on near-black, and they differ in lightness for those who see no colours.
GROUPS = {
    "leading": ("leads", "#2f80ed"),
    "model": ("other models", "#8a94a6"),
    "bound": ("at least", "#e07b00"),
    "other": ("other methods", "#0f9d8a"),
    "part": ("fewer lists", "#b04fc9"),
}
KIND = {"models": "model", "closed population": "model", "bound": "bound", "pair": "part", "without a list": "part"}
LEADING = ("partition by registration", "BIC average", "Chapman", "zero-truncated Poisson")
LOGARITHMIC = 12
"""From this ratio of the largest to the smallest figure on, the axis is logarithmic."""
MOST_PAIRS = 10
ROW = 17


def forest_svg(report: Mapping[str, Any], *, width: int = 800) -> str:
    """The report's document as SVG. Estimators without a figure are named with “no estimate”."""
    rows = _rows(report)
    drawn = [row for row in rows if row["n"] is not None or row["low"] is not None]
    sentence = report["headline"]["sentence"]
    if not drawn:
        return sentence_svg(sentence, width, 120)
    ends = [row[key] for row in drawn for key in ("n", "low", "high") if row[key] is not None and row[key] > 0]
    least, most = min(ends), max(ends)
    logarithmic = most / least > LOGARITHMIC
    domain = [least / 1.1, most * 1.15] if logarithmic else [max(0.0, least - 0.08 * most), most * 1.05]
    for row in drawn:
        row["from"] = row["low"] if row["low"] is not None else row["n"]
        row["to"] = domain[1] if row["open"] else row["high"] if row["high"] is not None else row["n"]
    label_width = 270
    axis_x = {
        "type": "quantitative",
        "title": "operations" + (" (logarithmic)" if logarithmic else ""),
        "scale": {"type": "log" if logarithmic else "linear", "domain": domain, "nice": False, "clamp": True},
        "axis": {"tickCount": 6, "labelExpr": "replace(replace(format(datum.value, '~s'), 'M', ' M'), 'G', ' bn')"},
    }
    names = [row["label"] for row in rows]
    axis_y = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": names,
        "scale": {"domain": names},
        "axis": {"labelLimit": label_width - 10, "ticks": False, "domain": False, "labelPadding": 8},
    }
    used = [key for key in GROUPS if any(row["key"] == key for row in rows)]
    colour = {
        "field": "kind",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [GROUPS[key][0] for key in used], "range": [GROUPS[key][1] for key in used]},
        "legend": {"orient": "top", "symbolType": "circle", "symbolStrokeWidth": 0},
    }
    thick = {"condition": {"test": "datum.key == 'leading'", "value": 4}, "value": 1.8}
    layers: list[dict[str, Any]] = [*_published(report, domain, axis_x)]
    layers += [
        {
            "data": {"values": drawn},
            "mark": {"type": "rule", "clip": True},
            "encoding": {
                "y": axis_y,
                "x": {**axis_x, "field": "from"},
                "x2": {"field": "to"},
                "color": colour,
                "strokeWidth": thick,
            },
        },
        {
            "data": {"values": [row for row in drawn if row["n"] is not None]},
            "mark": {"type": "point", "filled": True, "opacity": 1},
            "encoding": {
                "y": axis_y,
                "x": {**axis_x, "field": "n"},
                "color": colour,
                "size": {"condition": {"test": "datum.key == 'leading'", "value": 90}, "value": 42},
            },
        },
        {
            # A range without a figure, which may be as narrow as one model.
            "data": {"values": [{**row, "at": row[end]} for row in drawn if row["n"] is None for end in ("low", "to")]},
            "mark": {"type": "tick", "thickness": 2, "size": 10},
            "encoding": {"y": axis_y, "x": {**axis_x, "field": "at"}, "color": colour},
        },
        {
            "data": {"values": [row for row in drawn if row["open"]]},
            "mark": {"type": "point", "shape": "triangle-right", "filled": True, "opacity": 1, "size": 70},
            "encoding": {"y": axis_y, "x": {**axis_x, "field": "to"}, "color": colour},
        },
        {
            "data": {"values": [row for row in rows if row not in drawn]},
            "mark": {"type": "text", "align": "left", "fontSize": 10, "opacity": 0.6, "color": INK},
            "encoding": {"y": axis_y, "x": {"value": 4}, "text": {"value": "no estimate"}},
        },
    ]
    codes = " ".join(dict.fromkeys(each["code"] for each in report["warnings"]))
    chart = {
        "title": {
            "text": _wrapped(sentence, width),
            "subtitle": f"Warnings: {codes}" if codes else "No warnings",
            "anchor": "start",
            "frame": "bounds",
            "fontSize": 13,
            "fontWeight": "normal",
            "color": INK,
            "subtitleColor": INK,
            "subtitleFontSize": 11,
            "offset": 10,
        },
        "width": width - label_width - 25,
        "height": {"step": ROW},
        "layer": layers,
    }
    return svg(chart, _attribute(sentence))


def _rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    leading = next((name for name in LEADING if any(one["method"] == name for one in report["estimates"])), "")
    pairs = sum(one["group"] == "pair" for one in report["estimates"])
    rows: list[dict[str, Any]] = []
    for one in report["estimates"]:
        if one["group"] == "pair" and pairs > MOST_PAIRS:
            continue
        key = "bound" if one["bound"] else KIND.get(one["group"], "other")
        key = "leading" if one["method"] == leading else key
        interval = one["interval"] or {}
        # A figure that the report itself calls impossible is not drawn.
        sound = one["N"] is not None and not one["why_none"]
        named = one["model"] not in (None, "[]") and one["group"] in ("models", "closed population")
        model = f" {one['model']}" if named else ""
        label = f"{one['method']}{model}"
        if any(row["label"] == label for row in rows):
            label += " ′"
        rows.append(
            {
                "label": label,
                "key": key,
                "kind": GROUPS[key][0],
                "n": one["N"] if sound else None,
                "low": interval.get("low"),
                "high": interval.get("high"),
                "open": sound and (one["bound"] or (bool(interval) and interval["high"] is None)),
            }
        )
    return rows


def _published(report: Mapping[str, Any], domain: Sequence[float], axis_x: dict[str, Any]) -> list[dict[str, Any]]:
    """What is published as a band behind the rows."""
    told = report["headline"]
    band = told["published"] or (told["interval"] if told["status"] == "estimate" else None)
    if told["status"] == "at_least":
        band = {"low": told["at_least"], "high": None}
    if band is None:
        return []
    high = domain[1] if band["high"] is None else band["high"]
    return [
        {
            "data": {"values": [{"low": band["low"], "high": high}]},
            "mark": {"type": "rect", "opacity": 0.14, "clip": True},
            "encoding": {
                "x": {**axis_x, "field": "low"},
                "x2": {"field": "high"},
                "color": {"value": GROUPS["leading"][1]},
            },
        }
    ]


def _wrapped(sentence: str, width: int) -> list[str]:
    """Lines of a title; a letter of 13 px is about 6.6 px wide."""
    most, lines = max(20, math.floor(width / 6.6)), [""]
    for word in sentence.split():
        if lines[-1] and len(lines[-1]) + len(word) >= most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
