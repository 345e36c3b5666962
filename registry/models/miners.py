"""Miners, the identifiers that they are known by, and who owns them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Now, Upper

from registry.choices import miner_kinds
from registry.models.history import before_change
from registry.models.territories import Territory


class MinerQuerySet(models.QuerySet["Miner"]):
    def operating(self, day: dt.date) -> "MinerQuerySet":
        """Miners known to mine (or to host) on the day."""
        return self.filter(operating__contains=day)

    def registered(self, day: dt.date) -> "MinerQuerySet":
        """Miners that hold a registration in any register on the day."""
        return self.filter(registrations__period__contains=day).distinct()

    def in_cells(self, cells: Iterable[tuple[int, str]]) -> "MinerQuerySet":
        """Miners of the given pairs of territory and kind."""
        kinds: dict[str, list[int]] = defaultdict(list)
        for territory_id, kind in cells:
            kinds[kind].append(territory_id)
        wanted = models.Q(pk__in=())
        for kind, territory_ids in kinds.items():
            wanted |= models.Q(kind=kind, territory_id__in=territory_ids)
        return self.filter(wanted)


@before_change
class Miner(models.Model):
    """One person or company known to mine, or to host miners; kept after it stops, with the day on which it stopped."""

    name = models.CharField(max_length=300)
    kind = models.CharField(
        max_length=12,
        choices=miner_kinds,
        help_text="What the law sees: a company, a person in business, a private person, or a host of other miners.",
    )
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        related_name="miners",
        help_text="Where its main operation lies, as exactly as known.",
    )
    country = models.ForeignKey(
        Territory,
        models.PROTECT,
        related_name="incorporated_miners",
        null=True,
        blank=True,
        help_text="Country of incorporation or citizenship. Leave it empty where it is not known.",
    )
    operating = DateRangeField(
        help_text="From the first day on which it is known to have mined to the day on which it had stopped, if it has."
    )
    note = models.TextField(blank=True)
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = MinerQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = [
            models.Index(fields=("territory", "kind"), name="miner_cell"),
            # A list in the order of names goes on from any name without reading the ones before.
            models.Index(fields=("name", "id"), name="miner_by_name"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="miner_name_search"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(operating__isempty=False) & models.Q(operating__startswith__isnull=False),
                name="miner_operating_has_a_start",
                violation_error_message="The period of operation needs a first day, and may not end before it starts.",
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""), name="miner_has_a_name", violation_error_message="A miner needs a name."
            ),
        ]

    def __str__(self) -> str:
        return self.name


@before_change
class Identifier(models.Model):
    """One number under which a miner is known in one scheme; a number belongs to one miner only."""

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="identifiers")
    scheme = models.CharField(
        max_length=32, help_text="The scheme of the number: ru.inn, ru.ogrn, ru.ogrnip, us.ein, lei, …"
    )
    value = models.CharField(max_length=64)

    class Meta:
        ordering = ("scheme",)
        indexes = [models.Index(fields=("miner",), name="identifier_miner")]
        constraints = [
            models.UniqueConstraint(
                fields=("scheme", "value"),
                name="identifier_of_one_miner",
                violation_error_message="Another miner already has this identifier.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.scheme}={self.value}"


@before_change
class Ownership(models.Model):
    """One owner of a miner during a period: either another miner on file or a name with a country."""

    miner = models.ForeignKey(Miner, models.CASCADE, related_name="owners")
    owner = models.ForeignKey(Miner, models.PROTECT, null=True, blank=True, related_name="holdings")
    owner_name = models.CharField(max_length=300, blank=True)
    owner_country = models.ForeignKey(Territory, models.PROTECT, null=True, blank=True, related_name="+")
    share_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    period = DateRangeField(help_text="Open at either end where the day is not known.")
    import_run = models.ForeignKey(
        "registry.Import", models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | ~models.Q(owner_name=""),
                name="ownership_names_an_owner",
                violation_error_message="Name the owner, or pick a miner on file.",
            ),
            models.CheckConstraint(
                condition=models.Q(share_percent__isnull=True) | models.Q(share_percent__gt=0, share_percent__lte=100),
                name="ownership_share_up_to_100",
                violation_error_message="A share is more than 0 and at most 100 percent.",
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=True) | ~models.Q(owner=models.F("miner")),
                name="ownership_not_of_itself",
                violation_error_message="A miner cannot own itself.",
            ),
        ]

    def __str__(self) -> str:
        return self.owner_name or str(self.owner)
