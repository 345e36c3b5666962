"""The catalogue of mining devices as a run keeps it, for it has no history of its own."""

import datetime as dt
import statistics
from typing import Any

from compliance.estimates.results import kept
from registry.models import DeviceModel

ALGORITHM = "SHA-256"
TERAHASHES = {"H/s": -12, "kH/s": -9, "MH/s": -6, "GH/s": -3, "TH/s": 0, "PH/s": 3}


def catalogue_known(day: dt.date) -> dict[str, Any]:
    """The SHA-256 devices with power and hash rate that were out on the day, or of which no release is known.

    Each with id, name, TH/s and W; beside them their number, and the least, median and largest J/TH (null where there
    is none).
    """
    rows = DeviceModel.objects.filter(algorithm=ALGORITHM, power_w__gt=0, hashrate_unit__in=TERAHASHES).order_by(
        "maker", "name", "hashrate"
    )
    models: list[dict[str, Any]] = [
        {
            "id": each.pk,
            "name": str(each),
            "ths": float(each.hashrate.scaleb(TERAHASHES[each.hashrate_unit])),
            "watts": float(each.power_w or 0),
        }
        for each in rows
        if each.released_month <= day.isoformat()[: len(each.released_month)]
    ]
    efficiencies = sorted(each["watts"] / each["ths"] for each in models)
    spread = (
        {
            "min": kept(efficiencies[0]),
            "median": kept(statistics.median(efficiencies)),
            "max": kept(efficiencies[-1]),
        }
        if efficiencies
        else None
    )
    return {"count": len(models), "efficiency_j_per_th": spread, "models": models}
