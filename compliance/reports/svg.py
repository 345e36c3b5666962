"""SVG text out of Vega-Lite, drawn by vl-convert on a transparent ground in the reader's own ink."""

from typing import Any

import vl_convert

# Set inside a page, the text takes the page's own colour, dark or light; alone it is black.
INK = "currentColor"
FONT = "Inter, DejaVu Sans, sans-serif"
VEGA_LITE = "6.1"


def sentence_svg(sentence: str, width: int, height: int) -> str:
    return svg(
        {
            "width": width,
            "height": height,
            "data": {"values": [{"text": sentence}]},
            "mark": {"type": "text", "fontSize": 13, "color": INK, "align": "center"},
            "encoding": {"text": {"field": "text"}, "x": {"value": width / 2}, "y": {"value": height / 2}},
        },
        sentence,
    )


def svg(chart: dict[str, Any], label: str) -> str:
    spec = {
        "$schema": f"https://vega.github.io/schema/vega-lite/v{VEGA_LITE}.json",
        "background": "transparent",
        **chart,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": INK,
                "titleColor": INK,
                "titleFontWeight": "normal",
                "labelFontSize": 11,
                "titleFontSize": 11,
                "domainColor": INK,
                "domainOpacity": 0.35,
                "tickColor": INK,
                "tickOpacity": 0.35,
                "gridColor": INK,
                "gridOpacity": 0.12,
            },
            "legend": {"labelColor": INK, "labelFontSize": 11},
        },
    }
    # No chart may fetch anything: its data are inside it.
    text: str = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    return text.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
