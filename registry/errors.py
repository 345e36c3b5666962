"""Refusals: each has a stable code, a sentence, and says whether trying again can help."""

from dataclasses import dataclass, field


@dataclass
class Refusal(Exception):
    """A request that was understood and refused; nothing was stored.

    `code` is stable and lower-case with underscores; `sentence` says what is wrong, where, and what would be right;
    `fields` maps a field's name to its own sentence; `retry` is true where the same request may succeed later.
    """

    code: str
    sentence: str
    fields: dict[str, str] = field(default_factory=dict)
    retry: bool = False

    def __str__(self) -> str:
        return self.sentence
