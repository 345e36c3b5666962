"""How well a fact of a pack is sourced, and what other sources say of it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Citation:
    """How well a fact is sourced, by which pages, and what a reader must know about it."""

    confidence: str
    urls: tuple[tuple[str, str], ...] = ()
    note: str = ""

    def pages(self) -> list[dict[str, str]]:
        """One entry per page: {url, confidence, note}."""
        return [{"url": url, "confidence": self.confidence, "note": title} for url, title in self.urls]

    def as_json(self) -> list[dict[str, str]]:
        """The form of the `sources` columns: one entry per page; a note of its own comes last, without a page."""
        own = [{"url": "", "confidence": self.confidence, "note": self.note}] if self.note else []
        return [*self.pages(), *own]

    @property
    def first_url(self) -> str:
        return next((url for url, _ in self.urls if url), "")


@dataclass(frozen=True)
class Conflict:
    """What another source says of the same thing."""

    says: str
    cited: Citation

    def as_json(self) -> dict[str, Any]:
        """The form of the `conflicts` columns: {says, confidence, sources}."""
        return {"says": self.says, "confidence": self.cited.confidence, "sources": self.cited.as_json()}
