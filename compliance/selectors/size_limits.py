"""From which size on an operation must be registered: the energy limits of the law, as power."""

import datetime as dt
from decimal import Decimal
from typing import Any

from compliance.choices import NormKind
from compliance.models import LawPack, Norm
from compliance.selectors.captures import HOURS_OF_A_MONTH, Sizing
from registry.models import Territory

# Classes of size in kW: a household, a shed, a hall, and what is larger.
EDGES = (Decimal(15), Decimal(150), Decimal(1000))
NOBODY_KNOWN = ""
MONTHS_OF_A_YEAR = 12


def energy_limits(territory: Territory, day: dt.date) -> list[dict[str, Any]]:
    """The energy limits in force in the whole of the territory: norm, kinds, kWh a month and the same in kW."""
    norms = Norm.objects.in_force(day).filter(kind=NormKind.ENERGY_LIMIT, territory__below__descendant=territory)
    found = []
    for norm in norms.order_by("code"):
        given = norm.parameters
        month = (
            Decimal(given["energy_kwh_month"])
            if "energy_kwh_month" in given
            else Decimal(given["energy_kwh_year"]) / MONTHS_OF_A_YEAR
        )
        kw = round(month / HOURS_OF_A_MONTH, 3)
        found.append({"norm": norm.code, "kinds": sorted(norm.miner_kinds), "kwh_month": f"{month:f}", "kw": f"{kw:f}"})
    return found


def packs_of(territory: Territory) -> list[dict[str, str]]:
    """Version and hash of the packs whose law holds in the territory."""
    packs = LawPack.objects.filter(territory__below__descendant=territory).order_by("code")
    return [{"code": pack.code, "version": pack.version, "sha256": pack.sha256} for pack in packs]


def sizing_of(limits: list[dict[str, Any]], edges: tuple[Decimal, ...] = EDGES) -> Sizing:
    """Size classes and ceilings. Of whom nobody knows the kind, the highest limit holds: none is called obliged who
    might not be."""
    ceilings: dict[str, Decimal] = {}
    for limit in limits:
        for kind in [*limit["kinds"], NOBODY_KNOWN]:
            ceilings[kind] = max(ceilings.get(kind, Decimal(0)), Decimal(limit["kw"]))
    return Sizing(edges, tuple(sorted(ceilings.items())))
