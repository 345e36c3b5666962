"""Which form an answer takes: that of `?format=`, or that of the Accept header."""

from collections.abc import Iterable

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer


class Negotiation(DefaultContentNegotiation):
    """An unknown format is “not acceptable”, as it is in the header; the framework says “not found”."""

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str | None) -> list[BaseRenderer]:
        offered = list(renderers)
        wanted = [renderer for renderer in offered if renderer.format == format]
        if not wanted:
            raise NotAcceptable(f"format: one of {', '.join(str(renderer.format) for renderer in offered)}.")
        return wanted
