"""The lists as they were known at a time: their traits, which places they see, and for which days they were kept."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from compliance.selectors.captures import Window
from compliance.selectors.known import Known, as_known, asked
from registry.choices import ListKind
from registry.models import Territory, TerritoryAncestor

COLUMNS = (
    "id, code, name, kind, conditional_on_unregistered, random_sample, everywhere,"
    ' lower("window") AS kept_from, upper("window") AS kept_until'
)
REGISTER = "register"
# Of what a list sees every event is kept: at a time it saw that of which the last event until then is no deletion.
SEES = """
SELECT sees.sightinglist_id, territory.id, territory.code FROM (
    SELECT DISTINCT ON (pgh_obj_id) * FROM registry_listterritoryevent WHERE pgh_created_at <= %s
    ORDER BY pgh_obj_id, pgh_id DESC
) sees JOIN registry_territory territory ON territory.id = sees.territory_id
WHERE pgh_label <> 'delete'
"""


@dataclass(frozen=True)
class ListKnown:
    """One list. `places` holds the ids of all territories that it sees, null where it sees everywhere.

    Its window runs from `kept_from` to the day before `kept_until`; null is an end that nobody knows.
    """

    id: int
    code: str
    name: str
    kind: str
    conditional_on_unregistered: bool
    random_sample: bool
    places: frozenset[int] | None
    territories: tuple[str, ...]
    kept_from: dt.date | None
    kept_until: dt.date | None

    @property
    def register(self) -> bool:
        return self.kind == ListKind.REGISTER

    def sees(self, territory_id: int) -> bool:
        return self.places is None or territory_id in self.places

    def kept_during(self, window: Window) -> bool:
        starts = self.kept_from is None or self.kept_from <= window.seen_from
        return starts and (self.kept_until is None or self.kept_until > window.seen_to)

    def traits(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "conditional_on_unregistered": self.conditional_on_unregistered,
            "random_sample": self.random_sample,
            "territories": list(self.territories),
            "kept_from": self.kept_from and self.kept_from.isoformat(),
            "kept_until": self.kept_until and self.kept_until.isoformat(),
        }


def lists_known(known: Known) -> list[ListKnown]:
    """All lists, the register first, then by code. What lies in a territory that a list sees: as it is now."""
    at = known.of("sightinglist")
    rows = asked(*as_known("sightinglist", COLUMNS, at))
    named: dict[int, list[tuple[int, str]]] = {}
    for list_id, place_id, code in asked(SEES, [at]):
        named.setdefault(list_id, []).append((place_id, code))
    below = _below({place_id for places in named.values() for place_id, _ in places})
    found = []
    for pk, code, name, kind, conditional, random_sample, everywhere, kept_from, kept_until in rows:
        places = [] if everywhere else named.get(pk, [])
        found.append(
            ListKnown(
                id=pk,
                code=code,
                name=name,
                kind=kind,
                conditional_on_unregistered=conditional,
                random_sample=random_sample,
                places=None if everywhere else frozenset().union(*(below[place_id] for place_id, _ in places)),
                territories=tuple(sorted(place_code for _, place_code in places)),
                kept_from=kept_from,
                kept_until=kept_until,
            )
        )
    return sorted(found, key=lambda each: (not each.register, each.code))


def why_left_out(each: ListKnown, window: Window, territory: Territory) -> str:
    """Empty where the list sees the territory for the whole window; else a sentence."""
    if not each.sees(territory.pk):
        return f"{each.name} does not see the whole of {territory.name}."
    if not each.kept_during(window):
        kept = f"from {each.kept_from or 'an unknown day'} until {each.kept_until or 'further notice'}"
        return f"{each.name} was kept {kept}, not for the whole of {window.seen_from} to {window.seen_to}."
    return ""


def _below(place_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """For each territory the ids of itself and of all that lies in it."""
    found: dict[int, set[int]] = {place_id: {place_id} for place_id in place_ids}
    inside = TerritoryAncestor.objects.filter(ancestor__in=found)
    for ancestor_id, descendant_id in inside.values_list("ancestor_id", "descendant_id"):
        found[ancestor_id].add(descendant_id)
    return {place_id: frozenset(ids) for place_id, ids in found.items()}
