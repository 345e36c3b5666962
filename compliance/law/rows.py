"""Brings one table to what a pack says of it: adds and changes rows in bulk, and leaves equal rows untouched."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models


@dataclass
class Change:
    """How many rows of one noun a load has added, changed and removed."""

    noun: str
    added: int = 0
    changed: int = 0
    removed: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        counts = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        return f"{self.noun}: {', '.join(f'{count} {word}' for word, count in counts if count)}"


@dataclass
class Table:
    """The rows of one noun before and after: `by_key` finds one by its natural key; `gone` left the pack."""

    change: Change
    by_key: dict[Hashable, Any] = field(default_factory=dict)
    gone: list[Any] = field(default_factory=list)

    @property
    def ids(self) -> dict[Any, int]:
        """The primary keys by natural key."""
        return {key: row.pk for key, row in self.by_key.items()}

    def remove(self) -> None:
        """Deletes what has left the pack; whoever calls it has made sure that nothing rests on it."""
        if self.gone:
            model = type(self.gone[0])
            model._default_manager.filter(pk__in=[row.pk for row in self.gone]).delete()
            self.change.removed = len(self.gone)


def bring(
    noun: str, existing: models.QuerySet[Any], key: tuple[str, ...], wanted: Mapping[Hashable, dict[str, Any]]
) -> Table:
    """Adds and changes; removing `gone` is left to the caller, who knows what may still rest on it.

    `key` names the attributes of the natural key, in the order of the keys of `wanted`; a wanted row holds every
    column that the pack decides, under its attribute's name.
    """
    table = Table(Change(noun))
    changed: list[models.Model] = []
    names: set[str] = set()
    for row in existing:
        natural = natural_key(row, key)
        values = wanted.get(natural)
        if values is None or natural in table.by_key:
            table.gone.append(row)
            continue
        table.by_key[natural] = row
        different = {name for name, value in values.items() if getattr(row, name) != value}
        for name in different:
            setattr(row, name, values[name])
        if different:
            changed.append(row)
            names |= different
    added = {natural: existing.model(**values) for natural, values in wanted.items() if natural not in table.by_key}
    existing.model._default_manager.bulk_create(added.values())
    if changed:
        existing.model._default_manager.bulk_update(changed, sorted(names))
    table.by_key |= added
    table.change.added, table.change.changed = len(added), len(changed)
    return table


def natural_key(row: models.Model, key: tuple[str, ...]) -> Hashable:
    values = tuple(getattr(row, name) for name in key)
    return values[0] if len(values) == 1 else values
