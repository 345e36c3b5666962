"""A person's entries in a register: whoever is on file more than once is registered while any of its miners is."""

import datetime as dt
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from compliance.models.fields import DateMultirangeField
from compliance.rules.ranges import Repeating, union
from registry.selectors.persons import MINERS_OF_PERSONS

ENTERED = f"""
SELECT one.miner_id FROM {MINERS_OF_PERSONS} one JOIN {MINERS_OF_PERSONS} other USING (person_id)
JOIN registry_registration entry ON entry.miner_id = other.miner_id
WHERE entry.register_id = %s AND entry.period @> %s
"""


class _OfPerson(Repeating):
    """The days on which a miner who is on file more than once is registered as a person; null of everybody else."""

    template = f"""CASE WHEN %(expressions)s IN (SELECT miner_id FROM {MINERS_OF_PERSONS} twice) THEN (
        SELECT range_agg(entry.period)
        FROM {MINERS_OF_PERSONS} one JOIN {MINERS_OF_PERSONS} other USING (person_id)
        JOIN registry_registration entry ON entry.miner_id = other.miner_id
        WHERE one.miner_id = %(expressions)s AND entry.register_id = %(register)s) END"""
    output_field = DateMultirangeField()

    def get_group_by_cols(self) -> list[Any]:
        """Nothing: the row is grouped by its primary key."""
        return []


def held(register_id: int | None) -> Coalesce:
    """The days on which the miner's person stands in the register."""
    own = union("registrations__period", only=Q(registrations__register=register_id))
    return own if register_id is None else Coalesce(_OfPerson(F("pk"), register=register_id), own)


def entered_elsewhere(register_id: int | None, day: dt.date) -> Q:
    """Miners on file more than once whose person has an entry in the register on the day."""
    return Q(pk__in=RawSQL(ENTERED, [register_id, day]))
