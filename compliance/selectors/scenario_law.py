"""What law a scenario makes of one pack on one day: rules to ask anew, books to price by, amounts typed in."""

import copy
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.choices import NormKind, Occurrence, Offender
from compliance.models import Book, LawPack, Norm
from compliance.models.fields import Days, all_days
from compliance.rules import RULES, Rule
from compliance.rules.ban import AddedArea, Ban
from compliance.rules.hosting import DUTIES, Hosting
from registry.models import Territory

ONE_DAY = dt.timedelta(days=1)
SHARE_LIMIT = 100

BandKey = tuple[int, str, str]
"""Norm id, class of offender, occurrence."""


@dataclass(frozen=True)
class ChangedNorm:
    """One norm that must be asked: by the law in force, and by the scenario; None where it is not law on the day."""

    norm: Norm
    law: Rule | None
    scenario: Rule | None


@dataclass
class Typed:
    """An amount that takes the place of every band of its key; `unit` or `currency` is empty."""

    low: Decimal
    high: Decimal
    currency: str
    unit: str


@dataclass
class ScenarioLaw:
    """`taken` are ids of books whose bands come before the law's, the first one first; `times` multiplies what a book
    says; `notes` are sentences on what the changes do not do."""

    asked: list[ChangedNorm] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    typed: dict[BandKey, Typed] = field(default_factory=dict)
    times: dict[BandKey, Decimal] = field(default_factory=dict)
    revived: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scenario_law(pack: LawPack, changes: Sequence[dict[str, Any]], day: dt.date) -> ScenarioLaw:
    """The changes, as `compliance.law.scenarios` reads them, in their order: a later one meets an earlier one."""
    return _Reading(pack, day).read(changes)


class _Reading:
    def __init__(self, pack: LawPack, day: dt.date) -> None:
        self.day = day
        self.norms = {norm.code: norm for norm in pack.norms.select_related("act", "pack", "register").order_by("pk")}
        self.books = list(Book.objects.filter(pack=pack).select_related("act"))
        self.copies: dict[str, Norm] = {}
        self.areas: dict[str, list[AddedArea]] = {}
        self.law = ScenarioLaw()

    def read(self, changes: Sequence[dict[str, Any]]) -> ScenarioLaw:
        codes = {code for change in changes for code in change.get("ban", {}).get("territories", ())}
        self.places = dict(Territory.objects.filter(code__in=codes).values_list("code", "pk")) if codes else {}
        for number, change in enumerate(changes, start=1):
            subject = next(name for name in ("act", "norm", "penalty", "book", "ban") if name in change)
            getattr(self, f"_{subject}")(number, change)
        self._clients()
        for code, changed in self.copies.items():
            self._ask(self.norms[code], changed)
        return self.law

    def _clients(self) -> None:
        """A hosting duty hangs on who must be in a register, so it is asked anew where that changes."""
        moved = [self.norms[code].register_id for code, norm in self.copies.items() if norm.kind in DUTIES]
        for norm in self.norms.values():
            if norm.kind == NormKind.HOSTING and self._register(norm) in moved:
                self._changed(norm.code)

    def _register(self, norm: Norm) -> int | None:
        code = norm.parameters.get("clients_register")
        return next(
            (each.register_id for each in self.norms.values() if each.register and each.register.code == code), None
        )

    def _changed(self, code: str) -> Norm:
        return self.copies.setdefault(code, copy.copy(self.norms[code]))

    def _note(self, number: int, sentence: str) -> None:
        self.law.notes.append(f"Change {number} {sentence}")

    def _act(self, number: int, change: dict[str, Any]) -> None:
        start = dt.date.fromisoformat(change["in_force_from"])
        norms = [norm.code for norm in self.norms.values() if norm.act.code == change["act"]]
        for code in norms:
            changed = self._changed(code)
            changed.in_force = joined([*(changed.in_force or ()), DateRange(start, None)])
        books = [book.pk for book in self.books if book.act and book.act.code == change["act"] and book.kind != "law"]
        if self.day < start:
            self._note(number, f"holds from {start}: on {self.day} nothing of it counts yet.")
        else:
            self.law.taken[:0] = books
        if not norms and not books:
            self._note(number, f"takes {change['act']} as law, but the pack has no norm and no band of it.")

    def _book(self, number: int, change: dict[str, Any]) -> None:
        book = next(book for book in self.books if book.code == change["book"])
        if book.kind == "law":
            self._note(number, "prices by the law in force, as is done anyway.")
        else:
            self.law.taken.insert(0, book.pk)

    def _norm(self, number: int, change: dict[str, Any]) -> None:
        changed = self._changed(change["norm"])
        given = {**changed.parameters, **change.get("parameters", {})}
        changed.parameters = {name: value for name, value in given.items() if value is not None}
        if change.get("repealed"):
            changed.in_force = None
        first, last = (_day(change.get(name)) for name in ("from", "until"))
        if first or last:
            changed.in_force = moved(changed.in_force, first, last)
            if not changed.in_force:
                self._note(number, f"leaves {changed.code} without a day on which it is law.")

    def _penalty(self, number: int, change: dict[str, Any]) -> None:
        which = change["penalty"]
        occurrences = Occurrence.values if which["occurrence"] == "any" else [which["occurrence"]]
        for code in which["norms"]:
            for offender in which.get("offenders", Offender.values):
                for occurrence in occurrences:
                    self._price((self.norms[code].pk, offender, occurrence), change)

    def _price(self, key: BandKey, change: dict[str, Any]) -> None:
        if "multiply" in change:
            times = Decimal(change["multiply"])
            if key in self.law.typed:
                self.law.typed[key].low *= times
                self.law.typed[key].high *= times
            else:
                self.law.times[key] = self.law.times.get(key, Decimal(1)) * times
            return
        amount = change["amount"]
        low, high = Decimal(amount["low"]), Decimal(amount["high"])
        self.law.typed[key] = Typed(low, high, amount.get("currency", ""), amount.get("unit", ""))
        self.law.times.pop(key, None)

    def _ban(self, number: int, change: dict[str, Any]) -> None:
        ban = change["ban"]
        code = ban.get("norm") or next(norm.code for norm in self.norms.values() if norm.kind == NormKind.BAN)
        first, last = dt.date.fromisoformat(ban["from"]), _day(ban.get("until"))
        whole = DateRange(first, last + ONE_DAY if last else None)
        periods = seasons(ban["season"], whole, self.day) if "season" in ban else [whole]
        if not any(self.day in period for period in periods):
            self._note(number, f"bans nothing on {self.day}.")
        for place in ban["territories"]:
            added = [AddedArea(self.places[place], period) for period in periods]
            self.areas.setdefault(code, []).extend(added)
        changed = self._changed(code)
        changed.in_force = joined([*(changed.in_force or ()), *periods])

    def _ask(self, norm: Norm, changed: Norm) -> None:
        areas = self.areas.get(norm.code, [])
        same = norm.parameters == changed.parameters and norm.in_force == changed.in_force
        if same and not areas and norm.kind != NormKind.HOSTING:
            return
        was, will = self.day in (norm.in_force or ()), self.day in (changed.in_force or ())
        if norm.kind not in RULES:
            self.law.notes.append(f"Norm {norm.code} has no rule: nobody is found in breach of it by any law.")
            return
        if will and not was:
            self.law.revived.append(norm.pk)
        if was or will:
            self.law.asked.append(
                ChangedNorm(norm, RULES[norm.kind](norm) if was else None, self._rule(changed) if will else None)
            )

    def _rule(self, norm: Norm) -> Rule:
        """The rule of the norm as the scenario has it."""
        if norm.code in self.areas:
            return Ban(norm, self.areas[norm.code])
        if norm.kind != NormKind.HOSTING:
            return RULES[norm.kind](norm)
        register = self._register(norm)
        duties = (
            self.copies.get(code, own)
            for code, own in self.norms.items()
            if own.kind in DUTIES and own.register_id == register
        )
        return Hosting(norm, [DUTIES[duty.kind](duty) for duty in duties if duty.in_force])


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def joined(spans: Iterable[Any]) -> Days:
    """The same days in as few stretches as possible; an end that is null is open."""
    whole: list[tuple[dt.date, dt.date]] = []
    for start, end in sorted((span.lower or dt.date.min, span.upper or dt.date.max) for span in spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return all_days(
        DateRange(None if start == dt.date.min else start, None if end == dt.date.max else end) for start, end in whole
    )


def moved(days: Days | None, first: dt.date | None, last: dt.date | None) -> Days | None:
    """The days of a norm that begins on another day, ends with another, or both; a draft needs a first day."""
    if first is None and not days:
        return None
    start = first or (days[0].lower if days else None)
    end = last + ONE_DAY if last else (days[-1].upper if days else None)
    if first and last:
        return Days([DateRange(start, end)])
    kept = [span for span in (_cut(each, start, end) for each in days or ()) if span is not None]
    if first:
        # What is cut at its first day begins there; what lay later is drawn forward to it.
        until = kept[0].lower if kept else end
        if until is None or until > first:
            kept.append(DateRange(first, until))
    return joined(kept) or None


def _cut(span: Any, start: dt.date | None, end: dt.date | None) -> DateRange | None:
    low = max(span.lower or dt.date.min, start or dt.date.min)
    high = min(span.upper or dt.date.max, end or dt.date.max)
    if low >= high:
        return None
    return DateRange(None if low == dt.date.min else low, None if high == dt.date.max else high)


def seasons(season: dict[str, str], within: Any, day: dt.date) -> list[DateRange]:
    """The season year by year, both of its days included, from its first year to the one after the day."""
    spans = []
    for year in range(within.lower.year - 1, max(day, within.lower).year + 2):
        first, last = (dt.date.fromisoformat(f"{year}-{season[name]}") for name in ("from", "until"))
        if last < first:
            last = last.replace(year=year + 1)
        span = _cut(DateRange(first, last + ONE_DAY), within.lower, within.upper)
        if span is not None:
            spans.append(span)
    return list(joined(spans))
