"""Lists: the list that a sighting is on where none is named, and what a list may say of itself."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from registry.choices import ListKind
from registry.errors import Refusal
from registry.models import SightingList, Territory
from registry.services.territories import Loaded

LISTS = (
    ("register", "The register", ListKind.REGISTER, False, "Operations with a registration in force."),
    ("grid_anomaly", "Anomalies of the grid", ListKind.GRID_ANOMALY, False, ""),
    (
        "seizure",
        "Seizures",
        ListKind.SEIZURE,
        True,
        "Equipment seized because its operation was not registered: what is registered can never be on it.",
    ),
    ("complaint", "Complaints", ListKind.COMPLAINT, False, ""),
    ("network_traffic", "Network traffic", ListKind.NETWORK_TRAFFIC, False, ""),
    ("pool", "Mining pools", ListKind.POOL, False, ""),
    ("other_register", "Other registers", ListKind.OTHER_REGISTER, False, ""),
    ("audit", "Audits", ListKind.AUDIT, False, ""),
)
"""The lists that are there from the start, one of each kind: code, name, kind, conditional on being unregistered, note.
A sighting that names no list is on the one whose code is its kind."""

STORE = """
INSERT INTO registry_sightinglist
    (code, name, kind, conditional_on_unregistered, random_sample, everywhere, note, created_at)
SELECT code, name, kind, conditional, false, true, note, now()
FROM unnest(%s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[]) row (code, name, kind, conditional, note)
ON CONFLICT DO NOTHING
"""


def lists_load() -> Loaded:
    """Puts the lists of the start on file where they are missing; those on file stay as they are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STORE, [list(column) for column in zip(*LISTS, strict=True)])
        created = cursor.rowcount
    return Loaded(created, 0, len(LISTS) - created)


@transaction.atomic
def list_create(
    *,
    code: str,
    name: str,
    kind: str,
    conditional_on_unregistered: bool = False,
    random_sample: bool = False,
    everywhere: bool = True,
    territories: Iterable[Territory] = (),
    window: DateRange | None = None,
    note: str = "",
) -> SightingList:
    """Stores one more list. Raises Refusal where its traits contradict each other, ValidationError for bad values."""
    listed = list(territories)
    list_check(kind=kind, everywhere=everywhere, territories=listed)
    made = SightingList(
        code=code,
        name=name,
        kind=kind,
        conditional_on_unregistered=conditional_on_unregistered,
        random_sample=random_sample,
        everywhere=everywhere,
        window=window,
        note=note,
    )
    made.full_clean()
    made.save()
    made.territories.set(listed)
    return made


@transaction.atomic
def list_change(*, row: SightingList, territories: Iterable[Territory] | None = None, **facts: Any) -> SightingList:
    """Changes the named facts of a list. Its kind stays while sightings are on it: they are of that kind."""
    row = SightingList.objects.select_for_update().get(pk=row.pk)
    listed = list(row.territories.all() if territories is None else territories)
    kind = facts.get("kind", row.kind)
    list_check(kind=kind, everywhere=facts.get("everywhere", row.everywhere), territories=listed, row=row)
    for name, value in facts.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    row.territories.set(listed)
    return row


@transaction.atomic
def list_delete(*, row: SightingList) -> None:
    """Raises Refusal for the list of the register, and for one that sightings are on."""
    if row.is_register:
        raise _refused("list_of_the_register", "The list of the register stays: every rate is measured against it.")
    if row.sightings.exists():
        raise _refused("list_in_use", "Sightings are on this list: put them on another one first.")
    row.delete()


def list_check(
    *, kind: str, everywhere: bool, territories: Collection[Territory], row: SightingList | None = None
) -> None:
    """Raises Refusal where a list would contradict itself, or the sightings that are on it."""
    if everywhere and territories:
        raise _refused(
            "list_everywhere",
            "A list that sees everywhere names no territories: untick one or the other.",
            "territories",
        )
    if not everywhere and not territories:
        raise _refused(
            "list_nowhere", "Name the territories that the list sees, or say that it sees everywhere.", "territories"
        )
    if row is not None and kind != row.kind and (row.is_register or row.sightings.exists()):
        raise _refused(
            "list_kind_in_use",
            f"Its sightings are of the kind {row.kind}, so its kind stays: make another list.",
            "kind",
        )


def list_of_sighting(*, kind: str, given: SightingList | None = None) -> SightingList:
    """The list that a sighting of a kind is on: the given one, if it may be, or else the one of its kind.

    Raises Refusal, at the field `list`.
    """
    if given is None:
        found = SightingList.objects.filter(code=kind, kind=kind).first()
        if found is None:
            raise _refused("no_list_of_its_kind", no_list_of(kind))
        return found
    if given.is_register:
        raise _refused("list_of_the_register", LIST_OF_THE_REGISTER)
    if given.kind != kind:
        raise _refused("list_of_another_kind", list_of_another_kind(given.kind, kind))
    return given


LIST_OF_THE_REGISTER = (
    "The list of the register holds no sightings: on it are the operations with a registration. Name the list of those"
    " who saw it."
)


def list_of_another_kind(its: str, kind: str) -> str:
    return f"The list is of the kind {its}, the sighting of the kind {kind}: name a list of its own kind."


def no_list_of(kind: str) -> str:
    return f"There is no list of the code {kind}: name the list that it is on, or run “manage.py seed”."


def _refused(code: str, sentence: str, field: str = "list") -> Refusal:
    return Refusal(code, sentence, {field: sentence})
