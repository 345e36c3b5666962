"""Charts of the pages of runs in their widths: one for a screen, one for half of it, one for a phone."""

from collections.abc import Sequence
from typing import Any

from django.utils.safestring import mark_safe

from compliance.reports.charts.intervals import Month, Span, intervals_svg, months_svg

WIDE, HALF, NARROW = 760, 480, 330


def drawn(spans: Sequence[Span], width: int) -> Any:
    # The chart escapes the names that it is given.
    return mark_safe(intervals_svg(spans, width=width))


def drawn_months(months: Sequence[Month], width: int) -> Any:
    return mark_safe(months_svg(months, width=width))
