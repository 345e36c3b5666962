"""What must hold between the items of a pack: codes once, statuses apart, and nothing weak or unborn in force."""

from collections.abc import Iterable
from typing import Protocol

from compliance.choices import ActStatusName, BookKind, Confidence, NormKind
from compliance.law.nodes import Trouble
from compliance.law.periods import Span, overlapping
from compliance.law.schema import ActItem, BookItem, NormItem, Pack, PenaltyItem
from compliance.law.timelines import StatusItem, Timeline, capped, in_order, law_days, timeline

WITH_REGISTER = (NormKind.REGISTRATION_DUTY, NormKind.ENERGY_LIMIT, NormKind.VALIDITY)
MAYBE_REGISTER = (NormKind.REPORTING,)


class Coded(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def code(self) -> str: ...


class Statutes:
    """The acts and norms of a pack by code, and the timelines that follow from them."""

    def __init__(self, pack: Pack) -> None:
        self.acts = {act.code: act for act in pack.acts}
        self.norms = {norm.code: norm for norm in pack.norms}

    def of_act(self, code: str) -> Timeline:
        return in_order(self.acts[code].statuses) if code in self.acts else ()

    def of_norm(self, norm: NormItem) -> Timeline:
        return timeline(norm.statuses, norm.own_period, self.of_act(norm.act))

    def of_band(self, band: PenaltyItem, book: BookItem, norm: str) -> Timeline:
        """A band is law only where the norm that it punishes is law too."""
        own = timeline(band.statuses, band.own_period, self.of_act(band.act or book.act))
        return capped(own, self.of_norm(self.norms[norm])) if norm in self.norms else own


def check(pack: Pack, trouble: Trouble) -> None:
    """Adds every problem between sound items to `trouble`."""
    for noun, items in (
        ("Territory", pack.territories),
        ("Register", pack.registers),
        ("Act", pack.acts),
        ("Norm", pack.norms),
        ("Book", pack.books),
        ("Claim", pack.claims),
        ("Scenario", pack.scenarios),
    ):
        codes_once(noun, items, trouble)
        if noun != "Territory":
            codes_of_pack(noun, items, f"{pack.code}.claim." if noun == "Claim" else f"{pack.code}.", trouble)
    statutes = Statutes(pack)
    check_head(pack, trouble)
    check_units(pack, trouble)
    for act in pack.acts:
        check_statuses(f"Act {act.code}", act.statuses, trouble)
    for norm in pack.norms:
        check_norm(norm, statutes, trouble)
        check_calendar(norm, pack.calendar, trouble)
    laws = [book for book in pack.books if book.kind == BookKind.LAW]
    if len(laws) > 1:
        trouble.add(laws[-1].line, "The pack has more than one book of the law in force.")
    for book in pack.books:
        check_book(book, statutes, trouble)


def codes_once(noun: str, items: Iterable[Coded], trouble: Trouble) -> None:
    seen: dict[str, int] = {}
    for item in items:
        if item.code in seen:
            trouble.add(item.line, f"{noun} {item.code} is in the pack twice; it was first on line {seen[item.code]}.")
        seen.setdefault(item.code, item.line)


def codes_of_pack(noun: str, items: Iterable[Coded], prefix: str, trouble: Trouble) -> None:
    for item in items:
        if not item.code.startswith(prefix):
            trouble.add(item.line, f"{noun} {item.code} needs a code that begins with “{prefix}”.")


def check_head(pack: Pack, trouble: Trouble) -> None:
    milder = pack.milder_reaches_back
    if milder is not None and milder.value and milder.cited.confidence == Confidence.LOW:
        trouble.add(
            milder.line, "A milder law would reach back by a weak source only (L), and such a source makes no law."
        )


def check_units(pack: Pack, trouble: Trouble) -> None:
    """Each unit once, its rates apart, and nothing priced as law by a rate that is only weakly known."""
    seen: dict[str, int] = {}
    priced = {band.amount.unit for book in pack.books if book.kind == BookKind.LAW for band in book.penalties}
    for item in pack.units:
        if item.unit in seen:
            trouble.add(item.line, f"Unit {item.unit} is in the pack twice; it was first on line {seen[item.unit]}.")
        seen.setdefault(item.unit, item.line)
        pair = overlapping(rate.period for rate in item.rates)
        if pair:
            line = next(rate.line for rate in reversed(item.rates) if rate.period in pair)
            trouble.add(line, f"Unit {item.unit} has two rates at once: {pair[0]}, and {pair[1]}.")
        for rate in item.rates:
            if item.unit in priced and rate.cited.confidence == Confidence.LOW:
                trouble.add(
                    rate.line, f"Unit {item.unit} would price the law in force by a weak source only (L) {rate.period}."
                )


def check_statuses(what: str, statuses: Iterable[StatusItem], trouble: Trouble) -> None:
    entries = list(statuses)
    pair = overlapping(entry.period for entry in entries)
    if pair:
        line = next(entry.line for entry in reversed(entries) if entry.period in pair)
        trouble.add(line, f"{what} has two statuses at once: {pair[0]}, and {pair[1]}.")
    for entry in entries:
        if entry.status == ActStatusName.IN_FORCE and entry.cited.confidence == Confidence.LOW:
            trouble.add(entry.line, f"{what} is in force by a weak source only (L), and such a source makes no law.")


def check_calendar(norm: NormItem, calendar: str, trouble: Trouble) -> None:
    deadline = norm.parameters.get("deadline")
    counted = isinstance(deadline, dict) and "working_days_after_start" in deadline
    if not calendar and (counted or "roll" in norm.parameters):
        trouble.add(norm.line, f"Norm {norm.code} counts working days, but the pack names no calendar of days off.")


def check_norm(norm: NormItem, statutes: Statutes, trouble: Trouble) -> None:
    what = f"Norm {norm.code}"
    if norm.kind not in MAYBE_REGISTER and (norm.kind in WITH_REGISTER) != bool(norm.register):
        rule = "needs a register" if norm.kind in WITH_REGISTER else "takes no register"
        trouble.add(norm.line, f"{what} is of the kind {norm.kind}, which {rule}.")
    if (norm.kind == NormKind.BAN) != bool(norm.areas):
        rule = "needs the areas that it bans" if norm.kind == NormKind.BAN else "takes no areas"
        trouble.add(norm.line, f"{what} is of the kind {norm.kind}, which {rule}.")
    check_statuses(what, norm.statuses, trouble)
    act = statutes.acts.get(norm.act)
    if act is None:
        return
    law = law_days(statutes.of_norm(norm))
    check_ever_in_force(what, norm.line, act, norm.statuses, norm.own_period, law, trouble)
    if law and norm.cited.confidence == Confidence.LOW:
        trouble.add(norm.line, f"{what} would be law in force by a weak source only (L); rest it on an act of a draft.")
    check_areas(norm, law, trouble)


def check_ever_in_force(
    what: str, line: int, act: ActItem, own: Timeline, period: Span, law: list[Span], trouble: Trouble
) -> None:
    """What claims to be law at some time must be so on at least one day of its act."""
    if law:
        return
    of_act = law_days(act.statuses)
    if own and law_days(own):
        trouble.add(line, f"{what} is never in force: no day of its statuses in force is one of act {act.code}.")
    elif not own and of_act:
        trouble.add(line, f"{what} is never in force: act {act.code} is not in force on any of its days ({period}).")


def check_areas(norm: NormItem, law: list[Span], trouble: Trouble) -> None:
    by_territory: dict[str, list[Span]] = {}
    # A ban may outlast a suspension of its norm; before the norm and after its end it cannot be.
    whole = Span(law[0].start, law[-1].end) if law else None
    for area in norm.areas:
        if law and area.cited.confidence == Confidence.LOW:
            trouble.add(area.line, f"An area of norm {norm.code} would be banned by a weak source only (L).")
        for period in area.periods:
            if whole is not None and period.cut(whole) != period:
                trouble.add(area.line, f"An area of norm {norm.code} is banned {period}, outside its days ({whole}).")
                break
        if not area.periods:
            trouble.add(area.line, f"An area of norm {norm.code} has a season without a day in its period.")
        for code in area.territories:
            by_territory.setdefault(code, []).extend(area.periods)
            pair = overlapping(by_territory[code])
            if pair:
                trouble.add(area.line, f"Norm {norm.code} bans {code} twice at once: {pair[0]}, and {pair[1]}.")


def check_book(book: BookItem, statutes: Statutes, trouble: Trouble) -> None:
    act = statutes.acts.get(book.act)
    if book.kind == BookKind.BILL and not book.act:
        trouble.add(book.line, f"Book {book.code} prices a bill and must name its act.")
    if book.kind == BookKind.BILL and act is not None and law_days(act.statuses):
        trouble.add(book.line, f"Book {book.code} prices act {book.act} as a bill, but that act is in force.")
    seen: dict[tuple[object, ...], list[tuple[Span, int]]] = {}
    for band in book.penalties:
        check_statuses(f"A penalty of book {book.code} ({band.article})", band.statuses, trouble)
        if book.kind == BookKind.LAW:
            check_band_in_force(band, book, statutes, trouble)
        for norm, offender, occurrence in band.covers():
            # Bands with thresholds or conditions of their own stand beside each other: the highest that is met counts.
            others = seen.setdefault((norm, offender, occurrence, band.threshold, band.condition), [])
            for period, line in others:
                if period.cut(band.own_period):
                    trouble.add(
                        band.line,
                        f"Book {book.code} has two bands at once for {norm}, {offender}, {occurrence} offence; "
                        f"the other is on line {line}.",
                    )
            others.append((band.own_period, band.line))


def check_band_in_force(band: PenaltyItem, book: BookItem, statutes: Statutes, trouble: Trouble) -> None:
    what = f"A penalty of book {book.code} ({band.article})"
    if not band.act:
        trouble.add(band.line, f"{what} must name its act: this book holds the law in force.")
    act = statutes.acts.get(band.act)
    if act is None:
        return
    if not law_days(act.statuses):
        trouble.add(band.line, f"{what} rests on act {band.act}, which is not law; it belongs in that bill's book.")
        return
    law = law_days(timeline(band.statuses, band.own_period, in_order(act.statuses)))
    check_ever_in_force(what, band.line, act, band.statuses, band.own_period, law, trouble)
    for code in band.norms if law else ():
        if code in statutes.norms and not law_days(statutes.of_band(band, book, code)):
            never = "never" if not law_days(statutes.of_norm(statutes.norms[code])) else "on none of its days"
            trouble.add(band.line, f"{what} punishes norm {code}, which is {never} law; no band of this book may.")
    check_weak_band(what, band, law, trouble)


def check_weak_band(what: str, band: PenaltyItem, law: list[Span], trouble: Trouble) -> None:
    if law and band.amount.high is not None and band.cited.confidence == Confidence.LOW:
        trouble.add(band.line, f"{what} would be a fine in force by a weak source only (L); its amount is “unknown”.")
    for cited, does, part in (
        (band.lookback and band.lookback.cited, "counts earlier fines", "look-back"),
        (band.limitation and band.limitation.cited, "lets offences lapse", "limitation"),
    ):
        if cited and cited.confidence == Confidence.LOW:
            trouble.add(band.line, f"{what} {does} by a weak source only (L); leave the {part} out.")
