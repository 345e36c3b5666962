"""Energy and power on file for a few places and days: the lower ends that claims about electricity are held against."""

import datetime as dt
from decimal import Decimal

from compliance.rules.periods import month_after
from compliance.selectors.known import asked

MONTHS = 12

METERED = """
SELECT wanted.place, wanted.day, sum(reading.energy_kwh)
FROM unnest(%s::bigint[], %s::date[], %s::date[], %s::date[]) wanted (place, day, first, past)
JOIN registry_territoryancestor inside ON inside.ancestor_id = wanted.place
JOIN registry_miner miner ON miner.territory_id = inside.descendant_id
JOIN registry_site site ON site.miner_id = miner.id
JOIN registry_reading reading ON reading.metering_point = site.metering_point
 AND reading.month >= wanted.first AND reading.month < wanted.past
 AND site.period && daterange(reading.month, (reading.month + interval '1 month')::date)
GROUP BY 1, 2
"""
BUILT = """
SELECT wanted.place, wanted.day, sum(site.capacity_kw)
FROM unnest(%s::bigint[], %s::date[]) wanted (place, day)
JOIN registry_territoryancestor inside ON inside.ancestor_id = wanted.place
JOIN registry_site site ON site.territory_id = inside.descendant_id AND site.period @> wanted.day
GROUP BY 1, 2 HAVING sum(site.capacity_kw) IS NOT NULL
"""

Asked = set[tuple[int, dt.date]]
Found = dict[tuple[int, dt.date], Decimal]


def energy_of(wanted: Asked) -> Found:
    """kWh that the miners of each place drew in the twelve months up to and with the day's, as far as meters show."""
    # A claim may be about any day of the calendar, at whose ends there are no twelve months.
    rows = sorted((place, day) for place, day in wanted if dt.MINYEAR + 1 < day.year < dt.MAXYEAR)
    if not rows:
        return {}
    past = [month_after(day, 1) for _, day in rows]
    values = [
        [place for place, _ in rows],
        [day for _, day in rows],
        [month_after(day, -MONTHS) for day in past],
        past,
    ]
    return {(place, day): kwh for place, day, kwh in asked(METERED, values)}


def capacity_of(wanted: Asked) -> Found:
    """kW of the sites in use in each place on the day, as far as it is on file."""
    if not wanted:
        return {}
    rows = sorted(wanted)
    return {(place, day): kw for place, day, kw in asked(BUILT, [[row[0] for row in rows], [row[1] for row in rows]])}
