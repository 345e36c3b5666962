"""What law a scenario makes of one pack on one day: rules to ask anew, books to price by, amounts typed in."""

import copy
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from compliance.choices import Basis, BookKind, NormKind, Occurrence, Offender
from compliance.models import ActStatus, Book, LawPack, Norm, Penalty
from compliance.models.fields import Days, all_days
from compliance.rules import RULES, Rule
from compliance.rules.ban import AddedArea, Ban, Reach
from compliance.rules.base import EVERYTHING, Scope, facts
from compliance.rules.hosting import DUTIES, Hosting
from compliance.rules.ranges import Either
from compliance.rules.ranges import days as days_value
from registry.models import Site, Territory

ONE_DAY = dt.timedelta(days=1)
SHARE_LIMIT = 100
EXEMPTION = "exempt_off_grid_from"
FIRST_DAY, LAST_DAY = dt.date(1990, 1, 1), dt.date(2200, 12, 31)
"""The days that a change may name."""

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
        self.pack, self.day = pack, day
        self.norms = {norm.code: norm for norm in pack.norms.select_related("act", "pack", "register").order_by("pk")}
        self.books = list(Book.objects.filter(pack=pack).select_related("act"))
        self.copies: dict[str, Norm] = {}
        self.areas: dict[str, list[_Added]] = {}
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
        self._tell_other_bases()
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
        norms = [norm for norm in self.norms.values() if norm.act.code == change["act"]]
        kept = [norm.code for norm in norms if norm.in_force]
        for norm in norms:
            own = _cut(own_period(norm, self.periods_of_acts[norm.act_id]), start, None)
            if not norm.in_force and own is not None:
                changed = self._changed(norm.code)
                changed.in_force = joined([*(changed.in_force or ()), own])
        if kept:
            self._note(number, f"leaves the days of what is law by {change['act']} already, or was: {', '.join(kept)}.")
        books = [book.pk for book in self.books if book.act and book.act.code == change["act"] and book.kind != "law"]
        if self.day < start:
            self._note(number, f"holds from {start}: on {self.day} nothing of it counts yet.")
        else:
            self.law.taken[:0] = books
        if not norms and not books:
            self._note(number, f"takes {change['act']} as law, but the pack has no norm and no band of it.")

    @cached_property
    def periods_of_acts(self) -> dict[int, DateRange]:
        """From the first day of any status of each act to the end of the last one."""
        statuses = ActStatus.objects.filter(act__pack=self.pack).order_by().values_list("act", "period")
        found: dict[int, DateRange] = {}
        for act, period in statuses:
            found[act] = _hull([found[act], period]) if act in found else period
        return found

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
            self.areas.pop(changed.code, None)
        first, last = (_day(change.get(name)) for name in ("from", "until"))
        if first or last:
            changed.in_force = moved(changed.in_force, first, last)
            added = [each.cut(first, day_after(last)) for each in self.areas.pop(changed.code, ())]
            if any(added):
                self.areas[changed.code] = [each for each in added if each is not None]
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

    def _tell_other_bases(self) -> None:
        """Whoever types an amount may not know that the band beneath it counts days, devices or a share."""
        wanted = {key[0] for key in self.law.typed}
        if not wanted:
            return
        bands = Penalty.objects.filter(norm__in=wanted, book__pack=self.pack).exclude(basis=Basis.FIXED)
        bands = bands.filter(
            Q(in_force__contains=self.day)
            | Q(book__in=self.law.taken, days__contains=self.day)
            | Q(book__kind=BookKind.LAW, norm__in=self.law.revived, days__contains=self.day)
        )
        rows = bands.order_by().values_list("norm_id", "offender", "occurrence", "norm__code", "basis")
        for code, basis in sorted({row[3:] for row in rows if row[:3] in self.law.typed}):
            label = Basis(basis).label
            self.law.notes.append(
                f"Norm {code}: the amount typed in is taken once for each offence, but it stands in place of a band by"
                f" “{label[0].lower()}{label[1:]}”; “multiply” keeps that."
            )

    def _ban(self, number: int, change: dict[str, Any]) -> None:
        ban = change["ban"]
        code = ban.get("norm") or next(norm.code for norm in self.norms.values() if norm.kind == NormKind.BAN)
        first, end = dt.date.fromisoformat(ban["from"]), day_after(_day(ban.get("until")))
        whole = DateRange(first, end)
        periods = seasons(ban["season"], whole, self.day) if "season" in ban else [whole]
        if not any(self.day in period for period in periods):
            self._note(number, f"bans nothing on {self.day}.")
        for place in ban["territories"]:
            added = [_Added(AddedArea(self.places[place], period), whole="norm" in ban) for period in periods]
            self.areas.setdefault(code, []).extend(added)
        self._tell_inherited(number, self._changed(code), whole="norm" in ban)

    def _tell_inherited(self, number: int, norm: Norm, *, whole: bool) -> None:
        """What the added ban has of the norm under which it is found, and what it leaves to that norm."""
        kept = norm.parameters if whole else _exemption(norm)
        taken = "".join(f", {name} {value}" for name, value in kept.items())
        left = [name for name in norm.parameters if name not in kept]
        rest = f"; {', '.join(left)} of that norm is left out" if left else ""
        self._note(
            number, f"adds its ban under norm {norm.code}, with that norm's kinds of miner and prices{taken}{rest}."
        )

    def _ask(self, norm: Norm, changed: Norm) -> None:
        areas = self.areas.get(norm.code, [])
        same = norm.parameters == changed.parameters and norm.in_force == changed.in_force
        if same and not areas and norm.kind != NormKind.HOSTING:
            return
        days = joined([*(changed.in_force or ()), *(each.area.period for each in areas)])
        was, will = self.day in (norm.in_force or ()), self.day in days
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
            return self._ban_rule(norm)
        if norm.kind != NormKind.HOSTING:
            return RULES[norm.kind](norm)
        register = self._register(norm)
        duties = (
            self.copies.get(code, own)
            for code, own in self.norms.items()
            if own.kind in DUTIES and own.register_id == register
        )
        return Hosting(norm, [DUTIES[duty.kind](duty) for duty in duties if duty.in_force])

    def _ban_rule(self, norm: Norm) -> Rule:
        """The norm's own areas on its own days, and the added ones on theirs."""
        added = self.areas[norm.code]
        bare = _exemption(norm)
        alike = [each.area for each in added if each.whole or bare == norm.parameters]
        others = [each.area for each in added if not each.whole and bare != norm.parameters]
        own = [
            AddedArea(territory_id, span, partial)
            for territory_id, period, partial in norm.areas.values_list("territory_id", "period", "partial")
            for law in norm.in_force or ()
            if (span := _cut(period, law.lower, law.upper)) is not None
        ]
        parts = [OnlyAreas(_as_law(norm, norm.in_force or (), alike), [*own, *alike])] if own or alike else []
        if others:
            parts.append(OnlyAreas(_as_law(norm, (), others, bare), others))
        if not parts:
            return OnlyAreas(norm)
        return parts[0] if len(parts) == 1 else TwoBans(parts[0], parts[1])


@dataclass(frozen=True)
class _Added:
    """An added area; `whole` says that all parameters of its norm hold there, as the change names the norm."""

    area: AddedArea
    whole: bool

    def cut(self, start: dt.date | None, end: dt.date | None) -> "_Added | None":
        period = _cut(self.area.period, start, end)
        return None if period is None else replace(self, area=replace(self.area, period=period))


class OnlyAreas(Ban):
    """A ban of the given areas alone: those on file under its norm are not looked up."""

    @cached_property
    def reach(self) -> dict[int, Reach]:
        alone = copy.copy(self.norm)
        alone.pk = None
        return Ban(alone, self.areas).reach


class _Beside(OnlyAreas):
    """The same, but sites in breach of another ban on the day are not its business: of them nothing is unknown."""

    def __init__(self, ban: Ban, other: Ban, day: dt.date) -> None:
        super().__init__(ban.norm, ban.areas)
        self.other, self.day = other, day

    def sites(self, scope: Scope) -> QuerySet[Site]:
        return super().sites(scope).exclude(pk__in=self.other.breaches(self.day, scope).values("pk"))


class TwoBans(Rule):
    """Two bans found under one norm, with different parameters; a site that both catch is one breach."""

    kind = NormKind.BAN

    def __init__(self, one: Ban, other: Ban) -> None:
        super().__init__(_as_law(one.norm, one.in_force, other.areas))
        self.one, self.other = one, other

    def gaps(self, scope: Scope, day: dt.date) -> QuerySet[Any]:
        both = [part.gaps(scope, day).filter(gap__not_empty=True) for part in (self.one, self.other)]
        none = days_value(Days())
        own, added = (
            Coalesce(Subquery(part.filter(pk=OuterRef("pk")).values("gap")[:1]), none, output_field=none.output_field)
            for part in both
        )
        sites = Site.objects.order_by().filter(Q(pk__in=both[0].values("pk")) | Q(pk__in=both[1].values("pk")))
        return sites.annotate(gap=Either(own, added), facts=facts(off_grid=F("off_grid")))

    def breaches(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        own, added = (part.breaches(day, scope).values("pk") for part in (self.one, self.other))
        return Site.objects.order_by().filter(Q(pk__in=own) | Q(pk__in=added))

    def undetermined(self, day: dt.date, scope: Scope = EVERYTHING) -> QuerySet[Any]:
        own = _Beside(self.one, self.other, day).undetermined(day, scope)
        added = _Beside(self.other, self.one, day).undetermined(day, scope)
        first, second = (Subquery(part.filter(pk=OuterRef("pk")).values("missing_fact")[:1]) for part in (own, added))
        miners = scope.miners().filter(Q(pk__in=own.values("pk")) | Q(pk__in=added.values("pk")))
        return miners.annotate(missing_fact=Coalesce(first, second))


def _exemption(norm: Norm) -> dict[str, Any]:
    """What an added ban has of the parameters of a norm that it does not name."""
    return {name: value for name, value in norm.parameters.items() if name == EXEMPTION}


def _as_law(
    norm: Norm, own: Iterable[Any], areas: Iterable[AddedArea], parameters: dict[str, Any] | None = None
) -> Norm:
    """The norm as law on its own days and those of the areas."""
    found = copy.copy(norm)
    found.in_force = joined([*own, *(area.period for area in areas)])
    found.parameters = norm.parameters if parameters is None else parameters
    return found


def _hull(spans: Sequence[Any]) -> DateRange:
    """From the first day of any to the end of the last one."""
    start = min(span.lower or dt.date.min for span in spans)
    end = max(span.upper or dt.date.max for span in spans)
    return _cut(DateRange(None, None), start, end) or DateRange(empty=True)


def own_period(norm: Norm, act: DateRange) -> DateRange:
    """The days that a draft norm is for: an end that its timeline has, but not the statuses of its act (which last
    from the start of `act` to its end), is the norm's own."""
    if not norm.timeline:
        return DateRange(None, None)
    first = min(dt.date.fromisoformat(entry["from"]) for entry in norm.timeline)
    ends = [day_after(_day(entry["until"])) for entry in norm.timeline]
    last = None if None in ends else max(end for end in ends if end is not None)
    start = first if act.lower is not None and first > act.lower else None
    return DateRange(start, None if last is None or (act.upper is not None and last >= act.upper) else last)


def day_after(last: dt.date | None) -> dt.date | None:
    """The end of what lasts until a day; none, where there is no later day."""
    return None if last is None or last == dt.date.max else last + ONE_DAY


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
    end = day_after(last) if last else (days[-1].upper if days else None)
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
    """The season year by year, both of its days included, from its first year to the one after the day, within the
    years that a change may name."""
    spans = []
    beginning, ending = max(within.lower, FIRST_DAY), min(max(day, within.lower), LAST_DAY)
    for year in range(beginning.year - 1, ending.year + 2):
        first, last = (dt.date.fromisoformat(f"{year}-{season[name]}") for name in ("from", "until"))
        if last < first:
            last = last.replace(year=year + 1)
        span = _cut(DateRange(first, last + ONE_DAY), within.lower, within.upper)
        if span is not None:
            spans.append(span)
    return list(joined(spans))
