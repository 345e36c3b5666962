"""The way that a stratum's lists allow: among the unregistered, with the register, or none; and the table for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compliance.estimates.strata import ListTraits, Settings, Stratum, eligible, others, register_of
from compliance.estimates.stratum_models import AMONG_UNREGISTERED, NONE, WITH_REGISTER
from compliance.estimates.tables import Table


@dataclass(frozen=True)
class Way:
    """The way that a stratum's lists allow, and the table on which it works."""

    method: str
    table: Table | None
    lists: tuple[str, ...] = ()
    small: tuple[str, ...] = ()


NO_WAY = Way(NONE, None)


def way_of(stratum: Stratum, traits: Sequence[ListTraits], settings: Settings) -> Way:
    register, lists = register_of(traits), others(traits)
    if not lists:
        return Way(NONE, None)
    outside = stratum.table.outside(register).only(lists)
    sizes = dict(zip(outside.lists, outside.sizes.tolist(), strict=True))
    enough = [name for name in lists if sizes[name] >= settings.thresholds.w01_list]
    usable = enough if len(enough) > 1 else [name for name in lists if sizes[name]]
    small = tuple(name for name in lists if sizes[name] and name not in usable)
    if len(usable) > 1:
        table = outside.only(usable)
        if (table.overlaps - np.diag(table.sizes)).any():
            return Way(AMONG_UNREGISTERED, table, table.lists, small)
    fair = [name for name in eligible(traits) if int(stratum.table.sizes[stratum.table.place(name)])]
    if fair and int(stratum.table.sizes[stratum.table.place(register)]):
        return Way(WITH_REGISTER, merged(stratum.table, register, fair), tuple(fair))
    return Way(NONE, None)


def merged(table: Table, register: str, lists: Sequence[str]) -> Table:
    """The register, and these lists as one: who is on any of them."""
    part = table.only([register, *lists])
    registered = part.bits[:, 0] == 1
    listed = part.bits[:, 1:].any(axis=1)
    codes = registered.astype(np.int64) + 2 * listed
    counts = np.bincount(codes, weights=part.counts.astype(np.float64), minlength=4)[1:].astype(np.int64)
    return Table((register, " or ".join(lists)), counts)


def part_of(table: Table, register: str, way: Way) -> Table:
    """What of a stratum's table the method works on."""
    if way.method == WITH_REGISTER:
        return merged(table, register, way.lists)
    return table.outside(register).only(way.lists)
