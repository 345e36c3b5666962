"""Finished runs of the estimate for tests: of any place and window, with any rate, without the arithmetic behind it."""

import datetime as dt
from typing import Any

from compliance.choices import EstimateKind, RunStatus
from compliance.estimates.diagnostics import Notice
from compliance.estimates.partition import Headline
from compliance.estimates.results import Interval
from compliance.models import Estimate
from registry.models import Territory

ACTIVE = 0.95


def told(
    *,
    registered: int = 300,
    rate: tuple[float, float, float] | None = (0.24, 0.30, 0.38),
    status: str = "estimate",
    sentence: str = "30 in 100; plausible range 24 to 38.",
    codes: tuple[str, ...] = ("W18",),
    kind: str = "lists",
    at_most: float | None = None,
) -> Headline:
    """A headline of which rate and unregistered agree: U = aR (1 / r - 1)."""

    def hidden(at: float) -> float:
        return ACTIVE * registered * (1 / at - 1)

    interval = None if rate is None else Interval(rate[0], rate[2], "made for a test")
    spread = None if rate is None else Interval(hidden(rate[2]), hidden(rate[0]), "made for a test")
    values: dict[str, Any] = dict.fromkeys(Headline.__dataclass_fields__)
    values |= {
        "kind": kind,
        "status": status,
        "registered": registered,
        "active": ACTIVE,
        "unregistered": None if rate is None else hidden(rate[1]),
        "unregistered_interval": spread,
        "replicates": 0,
        "unregistered_at_least": 0.0 if at_most is None else hidden(at_most),
        "rate": None if rate is None or status != "estimate" else rate[1],
        "interval": interval,
        "exact": interval,
        "drawn": interval,
        "by_models": interval,
        "published": interval if status in ("estimate", "range") else None,
        "at_most": at_most,
        "claimed": 0.3,
        "without": {},
        "sources": (),
        "comparisons": (),
        "sentence": sentence,
        "notices": tuple(Notice(code, code.lower(), f"Words of {code}.") for code in codes),
    }
    return Headline(**values)


def stratum(name: str, low: float, point: float | None, high: float) -> dict[str, Any]:
    """One stratum as a result keeps it."""
    interval = {"low": low, "high": high, "how": "made for a test", "level": 0.95}
    return {
        "name": name,
        "registered": 1,
        "seen": 1,
        "unregistered": point,
        "unregistered_interval": interval if point is not None else None,
        "unregistered_at_least": low,
        "why_none": "" if point is not None else "The lists never overlap.",
    }


def finished_estimate(
    territory: Territory,
    *,
    window: tuple[dt.date, dt.date] = (dt.date(2026, 8, 1), dt.date(2026, 10, 31)),
    headline: Headline | None = None,
    strata: tuple[dict[str, Any], ...] = (),
    by: str = "size",
    **changes: Any,
) -> Estimate:
    """A run that is done; what it published is `headline`, or that nothing can be told where it is given as null."""
    result = {
        "headline": (headline or told()).to_json(),
        "sentence": (headline or told()).sentence,
        "strata": list(strata),
    }
    return Estimate.objects.create(
        **{
            "kind": EstimateKind.WHOLE,
            "territory": territory,
            "window_from": window[0],
            "as_of": window[1],
            "known_at": dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC),
            "settings": {"by": by},
            "seed": 1,
            "code_version": "test",
            "result": result,
            "result_sha256": "0" * 64,
            "status": RunStatus.DONE,
            **changes,
        }
    )
