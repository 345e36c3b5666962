"""What must hold between the items of a pack: codes once, statuses apart, and nothing weak or unborn in force."""

from collections.abc import Iterable
from typing import Protocol

from compliance.choices import ActStatusName, BookKind, Confidence, NormKind
from compliance.law.nodes import Trouble
from compliance.law.periods import ALWAYS, Span, joined, overlapping
from compliance.law.schema import ActItem, BookItem, NormItem, Pack, PenaltyItem

WITH_REGISTER = (NormKind.REGISTRATION_DUTY, NormKind.ENERGY_LIMIT, NormKind.REPORTING)


class Coded(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def code(self) -> str: ...


def in_force(act: ActItem, own: Span) -> list[Span]:
    """The days on which something of the act is law: the act's days in force cut to its own; none for a draft."""
    of_act = joined(entry.period for entry in act.statuses if entry.status == ActStatusName.IN_FORCE)
    return [span for span in (stretch.cut(own) for stretch in of_act) if span is not None]


def check(pack: Pack, trouble: Trouble) -> None:
    """Adds every problem between sound items to `trouble`."""
    for noun, items in (
        ("Territory", pack.territories),
        ("Register", pack.registers),
        ("Act", pack.acts),
        ("Norm", pack.norms),
        ("Book", pack.books),
        ("Claim", pack.claims),
    ):
        codes_once(noun, items, trouble)
        if noun != "Territory":
            codes_of_pack(noun, items, f"{pack.code}.claim." if noun == "Claim" else f"{pack.code}.", trouble)
    acts = {act.code: act for act in pack.acts}
    for act in pack.acts:
        check_statuses(act, trouble)
    for norm in pack.norms:
        check_norm(norm, acts, trouble)
    if sum(book.kind == BookKind.LAW for book in pack.books) > 1:
        trouble.add(pack.books[-1].line, "The pack has more than one book of the law in force.")
    for book in pack.books:
        check_book(book, acts, trouble)


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


def check_statuses(act: ActItem, trouble: Trouble) -> None:
    pair = overlapping(entry.period for entry in act.statuses)
    if pair:
        line = next(entry.line for entry in reversed(act.statuses) if entry.period in pair)
        trouble.add(line, f"Act {act.code} has two statuses at once: {pair[0]}, and {pair[1]}.")
    for entry in act.statuses:
        if entry.status == ActStatusName.IN_FORCE and entry.cited.confidence == Confidence.LOW:
            trouble.add(
                entry.line, f"Act {act.code} is in force by a weak source only (L), and such a source makes no law."
            )


def one_stretch(what: str, line: int, act: ActItem, own: Span, trouble: Trouble) -> Span | None:
    """The days on which it is law, told as a problem where they are more than one stretch or none of an act's days."""
    stretches = in_force(act, own)
    if len(stretches) > 1:
        days = ", and ".join(map(str, stretches))
        trouble.add(line, f"{what} is in force in more than one stretch ({days}), which cannot be stored yet.")
    if not stretches and any(entry.status == ActStatusName.IN_FORCE for entry in act.statuses):
        trouble.add(line, f"{what} is never in force: act {act.code} is not in force on any of its days ({own}).")
    return stretches[0] if stretches else None


def check_norm(norm: NormItem, acts: dict[str, ActItem], trouble: Trouble) -> None:
    what = f"Norm {norm.code}"
    if (norm.kind in WITH_REGISTER) != bool(norm.register):
        rule = "needs a register" if norm.kind in WITH_REGISTER else "takes no register"
        trouble.add(norm.line, f"{what} is of the kind {norm.kind}, which {rule}.")
    if (norm.kind == NormKind.BAN) != bool(norm.areas):
        rule = "needs the areas that it bans" if norm.kind == NormKind.BAN else "takes no areas"
        trouble.add(norm.line, f"{what} is of the kind {norm.kind}, which {rule}.")
    if norm.act not in acts:
        return
    law = one_stretch(what, norm.line, acts[norm.act], norm.own_period, trouble)
    if law is not None and norm.cited.confidence == Confidence.LOW:
        trouble.add(norm.line, f"{what} would be law in force by a weak source only (L); rest it on an act of a draft.")
    check_areas(norm, law, trouble)


def check_areas(norm: NormItem, law: Span | None, trouble: Trouble) -> None:
    by_territory: dict[str, list[Span]] = {}
    for area in norm.areas:
        if law is not None and area.cited.confidence == Confidence.LOW:
            trouble.add(area.line, f"An area of norm {norm.code} would be banned by a weak source only (L).")
        for period in area.periods:
            if law is not None and period.cut(law) != period:
                trouble.add(area.line, f"An area of norm {norm.code} is banned {period}, outside its days ({law}).")
                break
        if not area.periods:
            trouble.add(area.line, f"An area of norm {norm.code} has a season without a day in its period.")
        for code in area.territories:
            by_territory.setdefault(code, []).extend(area.periods)
            pair = overlapping(by_territory[code])
            if pair:
                trouble.add(area.line, f"Norm {norm.code} bans {code} twice at once: {pair[0]}, and {pair[1]}.")


def check_book(book: BookItem, acts: dict[str, ActItem], trouble: Trouble) -> None:
    act = acts.get(book.act)
    if book.kind == BookKind.BILL and not book.act:
        trouble.add(book.line, f"Book {book.code} prices a bill and must name its act.")
    if book.kind == BookKind.BILL and act is not None and in_force(act, ALWAYS):
        trouble.add(book.line, f"Book {book.code} prices act {book.act} as a bill, but that act is in force.")
    seen: dict[tuple[str, str, str], list[tuple[Span, int]]] = {}
    for band in book.penalties:
        if book.kind == BookKind.LAW:
            check_band_in_force(band, book, acts, trouble)
        for key in band.covers():
            for period, line in seen.setdefault(key, []):
                if period.cut(band.own_period):
                    norm, offender, occurrence = key
                    trouble.add(
                        band.line,
                        f"Book {book.code} has two bands at once for {norm}, {offender}, {occurrence} offence; "
                        f"the other is on line {line}.",
                    )
            seen[key].append((band.own_period, band.line))


def check_band_in_force(band: PenaltyItem, book: BookItem, acts: dict[str, ActItem], trouble: Trouble) -> None:
    what = f"A penalty of book {book.code} ({band.article})"
    if not band.act:
        trouble.add(band.line, f"{what} must name its act: this book holds the law in force.")
    if band.act not in acts:
        return
    law = one_stretch(what, band.line, acts[band.act], band.own_period, trouble)
    if law is None and not in_force(acts[band.act], ALWAYS):
        trouble.add(band.line, f"{what} rests on act {band.act}, which is not law; it belongs in that bill's book.")
    if law is not None and band.high is not None and band.cited.confidence == Confidence.LOW:
        trouble.add(band.line, f"{what} would be a fine in force by a weak source only (L); its amount is “unknown”.")
    if band.lookback is not None and band.lookback.cited.confidence == Confidence.LOW:
        trouble.add(band.line, f"{what} counts earlier fines by a weak source only (L); leave the look-back out.")
