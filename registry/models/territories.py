"""Territories: a tree on ISO 3166-1 and 3166-2, with municipalities and own codes below where a rule needs them."""

import pgtrigger
from django.db import models

from registry.choices import TerritoryKind, territory_kinds

FLATTEN_TREE = """
    DELETE FROM registry_territoryancestor;
    WITH RECURSIVE up (descendant_id, ancestor_id) AS (
        SELECT id, id FROM registry_territory
        UNION ALL
        SELECT up.descendant_id, territory.parent_id
        FROM up JOIN registry_territory territory ON territory.id = up.ancestor_id
        WHERE territory.parent_id IS NOT NULL
    )
    INSERT INTO registry_territoryancestor (descendant_id, ancestor_id) SELECT descendant_id, ancestor_id FROM up;
    RETURN NULL;
"""


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def within(self, territory: "Territory") -> "TerritoryQuerySet":
        """The territory itself and everything below it."""
        return self.filter(above__ancestor=territory)


class Territory(models.Model):
    """One country, region or municipality; loaded from ISO 3166 and from the project's own list, never deleted."""

    code = models.CharField(
        max_length=64,
        unique=True,
        help_text="ISO 3166-1 or 3166-2 code (RU, RU-IRK), or our own below it, marked by “-x-” (RU-IRK-x-angarsk).",
    )
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=territory_kinds)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        verbose_name_plural = "territories"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=TerritoryKind.COUNTRY, parent=None)
                | (~models.Q(kind=TerritoryKind.COUNTRY) & models.Q(parent__isnull=False)),
                name="territory_country_is_the_root",
                violation_error_message="A country has no parent; a region or a municipality must have one.",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="flatten_tree",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=FLATTEN_TREE,
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class TerritoryAncestor(models.Model):
    """One step of the tree made flat: `descendant` lies in `ancestor` (each territory also in itself).

    The database rewrites these rows whenever a territory changes; nobody else writes them.
    """

    ancestor = models.ForeignKey(Territory, models.CASCADE, related_name="below")
    descendant = models.ForeignKey(Territory, models.CASCADE, related_name="above")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("descendant", "ancestor"), name="territory_ancestor_once"),
        ]

    def __str__(self) -> str:
        return f"{self.descendant_id} in {self.ancestor_id}"
