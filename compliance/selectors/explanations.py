"""A finding unfolded: its norm and article, the facts with the rows they come from, and each step of the arithmetic."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from compliance.choices import ActStatusName
from compliance.models import Finding
from compliance.selectors.explained_facts import Fact, Source, facts_of
from compliance.selectors.explained_prices import OtherBand, Price, entry_on, prices_of

__all__ = ["Explanation", "Fact", "NormText", "OtherBand", "Price", "Source", "explain", "explain_all"]

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class NormText:
    """The norm with its status on the day, since when it has it, and what other sources say, side by side."""

    code: str
    title: str
    sentence: str
    article: str
    act: str
    citation: str
    status: str
    status_since: str | None
    status_until: str | None
    status_confidence: str
    status_sources: list[Any]
    url: str
    confidence: str
    sources: list[Any]
    conflicts: list[Any]


@dataclass(frozen=True)
class Explanation:
    """Why a miner is in breach, from which day, by which article, from which facts, and what it costs in each book.

    `on` is the day of which it speaks: the day asked for, or the nearest on which the breach lasted.
    """

    finding: int
    miner: int
    miner_name: str
    on: dt.date
    norm: NormText
    since: dt.date
    until: dt.date | None
    days: str
    facts: list[Fact]
    penalties: list[Price]

    def as_dict(self) -> dict[str, Any]:
        told = asdict(self)
        for penalty, price in zip(told["penalties"], self.penalties, strict=True):
            penalty["arithmetic"] = price.arithmetic
        return told


def explain(finding_id: int, day: dt.date, *, impediments: bool = False) -> Explanation:
    """Unfold one finding as of a day, or the nearest day on which it lasted. Raises `Finding.DoesNotExist`.

    Impediments accuse people: they are named only where the reader may see them.
    """
    told = explain_all([finding_id], day, impediments=impediments)
    if not told:
        raise Finding.DoesNotExist(f"There is no finding #{finding_id}.")
    return told[0]


def explain_all(finding_ids: Iterable[int], day: dt.date, *, impediments: bool = False) -> list[Explanation]:
    """Unfold several findings, in the order given; those that do not exist are left out."""
    wanted = list(finding_ids)
    findings = (
        Finding.objects.filter(pk__in=wanted)
        .select_related("miner__territory", "miner__country", "norm__act", "norm__register", "norm__pack")
        .select_related("site__territory")
        .in_bulk()
    )
    by_day: dict[dt.date, list[Finding]] = {}
    for finding in findings.values():
        by_day.setdefault(_day_of(finding, day), []).append(finding)
    told: dict[int, Explanation] = {}
    for on, of_day in by_day.items():
        prices = prices_of(of_day, on)
        for finding in of_day:
            told[finding.pk] = Explanation(
                finding=finding.pk,
                miner=finding.miner_id,
                miner_name=finding.miner.name,
                on=on,
                norm=_norm(finding, on),
                since=finding.valid.lower,
                until=finding.valid.upper,
                days=_days(finding, on),
                facts=facts_of(finding, on, impediments=impediments),
                penalties=prices[finding.pk],
            )
    return [told[pk] for pk in wanted if pk in told]


def _day_of(finding: Finding, day: dt.date) -> dt.date:
    """The day asked for, or the nearest on which the finding lasted."""
    first: dt.date = finding.valid.lower
    past_last: dt.date | None = finding.valid.upper
    return max(day, first) if past_last is None else min(max(day, first), past_last - ONE_DAY)


def _norm(finding: Finding, on: dt.date) -> NormText:
    norm = finding.norm
    status: Mapping[str, Any] = entry_on(norm.timeline, on) or {}
    return NormText(
        code=norm.code,
        title=norm.title,
        sentence=norm.sentence,
        article=norm.article,
        act=norm.act.title,
        citation=norm.act.citation,
        status=str(ActStatusName(status["status"]).label) if status else "Unknown",
        status_since=status.get("from"),
        status_until=status.get("until"),
        status_confidence=str(status.get("confidence", "")),
        status_sources=list(status.get("sources", [])),
        url=norm.url,
        confidence=norm.confidence,
        sources=norm.sources,
        conflicts=[*norm.conflicts, *status.get("conflicts", []), *norm.act.conflicts],
    )


def _days(finding: Finding, on: dt.date) -> str:
    start, end = finding.valid.lower, finding.valid.upper
    if end is not None and end - ONE_DAY <= on:
        return f"From {start} to {end - ONE_DAY}: {(end - start).days} days."
    lasts = f"From {start} on" if end is None else f"From {start}, and by what is known to {end - ONE_DAY}"
    return f"{lasts}; {(on - start).days + 1} days up to {on}." if on > start else f"{lasts}."
