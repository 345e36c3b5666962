"""What a deletion would take along, told in capped counts instead of a million loaded rows."""

from typing import Any

from django.contrib.admin import AdminSite
from django.db import models
from django.http import HttpRequest

COUNT_UP_TO = 1_000
NAME_UP_TO = 10


def _dependants(model: type[models.Model], path: str = "", depth: int = 0) -> list[tuple[Any, str]]:
    """Relations that a deletion follows or stops at, each with the look-up from its model back to the row."""
    found: list[tuple[Any, str]] = []
    for relation in model._meta.related_objects:
        on_delete = getattr(relation, "on_delete", None)
        if on_delete not in (models.CASCADE, models.PROTECT, models.RESTRICT):
            continue
        lookup = f"{relation.field.name}__{path}" if path else relation.field.name
        found.append((relation, lookup))
        if on_delete is models.CASCADE and depth < 2 and relation.related_model is not model:
            found += _dependants(relation.related_model, lookup, depth + 1)
    return found


def deletion_plan(
    rows: list[models.Model], request: HttpRequest, site: AdminSite
) -> tuple[list[str], dict[str, str], set[str], list[str]]:
    """The four answers that the admin's confirmation page shows: rows, counts, missing permissions, obstacles."""
    model = type(rows[0])
    counts = {str(model._meta.verbose_name_plural): f"{len(rows)}"}
    forbidden: set[str] = set()
    obstacles: list[str] = []
    for relation, lookup in _dependants(model):
        related = relation.related_model
        hit = related._base_manager.filter(**{f"{lookup}__in": rows})
        if relation.on_delete is not models.CASCADE:
            obstacles += [f"{related._meta.verbose_name}: {row}" for row in hit[:NAME_UP_TO]]
            continue
        number = hit.order_by()[: COUNT_UP_TO + 1].count()
        if not number:
            continue
        shown = f"{number}" if number <= COUNT_UP_TO else f"more than {COUNT_UP_TO:,}"
        counts[str(related._meta.verbose_name_plural)] = shown
        keeper = site._registry.get(related)
        computed = keeper is None or getattr(keeper, "computed", False)
        if not computed and not request.user.has_perm(f"{related._meta.app_label}.delete_{related._meta.model_name}"):
            forbidden.add(str(related._meta.verbose_name))
    return [str(row) for row in rows[:NAME_UP_TO]], counts, forbidden, obstacles
