"""The page of one jurisdiction, from its pack."""

from collections.abc import Iterator

from compliance.choices import BookKind, NormKind
from compliance.law.checks import Statutes
from compliance.law.cited import Conflict
from compliance.law.pages import words
from compliance.law.pages.markdown import Sources, section, table
from compliance.law.pages.norms import at_a_glance, is_law, norm_told, timeline_told
from compliance.law.pages.scenarios import change_told
from compliance.law.schema import BookItem, NormItem, Pack
from compliance.law.timelines import law_days

MADE = "<!-- Written by `manage.py law docs` from the pack; a change belongs there. -->"
HOW_TO_READ = (
    "The law on crypto-mining as Headframe holds it: pack `{code}`, version {version}. Days are those of {zone}; in "
    "“2025-01-01 to 2025-03-15” both count. H, M and L say [how well a fact is sourced](../methods/sources.md); what "
    "rests on L is never held as law in force. This page is no legal advice."
)
OCCURRENCES = {("first",): "first", ("repeat",): "again", ("first", "repeat"): "any"}


class Page:
    """One jurisdiction's law in plain English; the same pack always gives the same text, whatever the day is."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.statutes = Statutes(pack)
        self.sources = Sources()
        law = [norm for norm in pack.norms if is_law(norm, self.statutes)]
        self.duties = [norm for norm in law if norm.kind not in (NormKind.BAN, NormKind.GENERAL)]
        self.bans = [norm for norm in law if norm.kind == NormKind.BAN]
        self.general = [norm for norm in law if norm.kind == NormKind.GENERAL]
        self.drafts = [norm for norm in pack.norms if norm not in law]

    def text(self) -> str:
        pack = self.pack
        parts = [
            *self.head(),
            *section("At a glance", at_a_glance(pack, [*self.duties, *self.bans], self.statutes)),
            *section("What must be done", self.told(self.duties)),
            *section("Where mining is banned", self.told(self.bans)),
            *section("Other norms in force", self.others()),
            *section("Not law: drafts and bills", self.told(self.drafts)),
            *section("Penalties", self.books()),
            *section("Units of fines", self.units()),
            *section("What is not known", self.unknown()),
            *section("What sources say differently", self.conflicts()),
            *section("Scenarios", self.scenarios()),
            *section("Claims", self.claims()),
            *section("Acts", self.acts()),
            *section("Sources", self.sources.listed()),
        ]
        return "\n".join(parts).rstrip() + "\n"

    def head(self) -> list[str]:
        pack = self.pack
        lines = [
            MADE,
            "",
            f"# {pack.title}",
            "",
            HOW_TO_READ.format(code=pack.code, version=pack.version, zone=pack.time_zone),
            "",
        ]
        if pack.calendar:
            lines += [f"Deadlines in working days step over the days off of {pack.calendar}.", ""]
        milder = pack.milder_reaches_back
        if milder:
            does = "also holds" if milder.value else "does not hold"
            note = f" {milder.cited.note}" if milder.cited.note else ""
            lines += [
                f"A milder later law {does} for what was done before it ({self.sources.cite(milder.cited)}).{note}",
                "",
            ]
        return lines

    def told(self, norms: list[NormItem]) -> list[str]:
        return [line for norm in norms for line in norm_told(norm, self.pack, self.statutes, self.sources)]

    def others(self) -> list[str]:
        if not self.general:
            return []
        return [
            "No rule looks for a breach of these; a clerk may open a case under them.",
            "",
            *self.told(self.general),
        ]

    def books(self) -> list[str]:
        return [
            line
            for book in sorted(self.pack.books, key=lambda book: book.kind != BookKind.LAW)
            for line in section(book.title, self.book(book), level=3)
        ]

    def book(self, book: BookItem) -> Iterator[str]:
        if book.note:
            yield from (book.note, "")
        if not book.penalties:
            yield from ("No penalty was found, so every breach is unpriced.", "")
        titles = {norm.code: norm.title for norm in self.pack.norms}
        law = book.kind == BookKind.LAW
        yield from table(
            ("For", "Who", "Offence", "Amount", "Besides or instead", "Only if", "Article", "When", "Sources", "Note"),
            (
                (
                    "; ".join(titles[code] for code in band.norms),
                    words.offenders(band.offenders),
                    OCCURRENCES.get(band.occurrences, ", ".join(band.occurrences)),
                    words.money(band.amount),
                    words.besides(band),
                    words.only_if(band),
                    band.article,
                    words.spans(law_days(self.statutes.of_band(band, book, band.norms[0])))
                    if law
                    else words.span(band.own_period),
                    self.sources.cite(band.cited),
                    " ".join(filter(None, (band.cited.note, band.lookback.cited.note if band.lookback else ""))),
                )
                for band in book.penalties
            ),
        )

    def units(self) -> list[str]:
        return table(
            ("Unit", "Worth", "When", "Sources"),
            (
                (
                    f"{unit.title} ({unit.unit})",
                    f"{words.number(rate.value)} {rate.currency}",
                    words.span(rate.period),
                    self.sources.cite(rate.cited),
                )
                for unit in self.pack.units
                for rate in unit.rates
            ),
        )

    def unknown(self) -> list[str]:
        found = [f"- {sentence}" for sentence in (*self.unpriced(), *self.unfinished(), *self.unnamed())]
        return [*found, ""] if found else []

    def unpriced(self) -> Iterator[str]:
        """Breaches without an amount in the law in force."""
        bands = [band for book in self.pack.books if book.kind == BookKind.LAW for band in book.penalties]
        for norm in (*self.duties, *self.bans):
            own = [band for band in bands if norm.code in band.norms]
            if not own:
                yield f"What a breach of “{norm.title}” costs: no penalty in force was found."
            elif all(band.amount.high is None for band in own):
                yield f"What a breach of “{norm.title}” costs: there is a penalty, its amount was not found."
        for norm in self.duties:
            if norm.kind == NormKind.HOSTING and "unknown" in str(norm.parameters):
                yield f"By when “{norm.title}” is due."

    def unfinished(self) -> Iterator[str]:
        """Acts of which nothing was found after a status that is none to end with."""
        for act in self.pack.acts:
            last = max(act.statuses, key=lambda entry: entry.period.start)
            if last.period.end is None and last.status in ("draft", "tabled", "adopted"):
                yield f"What became of “{act.title}”, last seen {words.status(last.status)} on {last.period.start}."

    def unnamed(self) -> Iterator[str]:
        for norm in self.bans:
            places = {code for area in norm.areas if area.partial for code in area.territories}
            for code in sorted(places):
                where = words.place(self.pack, code)
                yield f"Which part of {where} “{norm.title}” means: a site outside the places it names is undetermined."

    def conflicts(self) -> list[str]:
        return table(
            ("About", "These books hold", "Others say", "Sources", "Note"),
            (
                (about, held, conflict.says, self.sources.cite(conflict.cited), conflict.cited.note)
                for about, held, conflict in self.every_conflict()
            ),
        )

    def every_conflict(self) -> Iterator[tuple[str, str, Conflict]]:
        for act in self.pack.acts:
            yield from ((act.title, act.citation, conflict) for conflict in act.conflicts)
            for entry in act.statuses:
                held = f"{words.status(entry.status)} {words.span(entry.period)}"
                yield from ((act.title, held, conflict) for conflict in entry.conflicts)
        for norm in self.pack.norms:
            yield from ((norm.title, norm.sentence, conflict) for conflict in norm.conflicts)
            for entry in norm.statuses:
                held = f"{words.status(entry.status)} {words.span(entry.period)}"
                yield from ((norm.title, held, conflict) for conflict in entry.conflicts)
        for book in self.pack.books:
            for band in book.penalties:
                about = f"{band.article} ({words.offenders(band.offenders)})"
                yield from ((about, words.money(band.amount), conflict) for conflict in band.conflicts)
        for unit in self.pack.units:
            for rate in unit.rates:
                held = f"{words.number(rate.value)} {rate.currency} {words.span(rate.period)}"
                yield from ((unit.title, held, conflict) for conflict in rate.conflicts)

    def scenarios(self) -> list[str]:
        return [
            line
            for scenario in self.pack.scenarios
            for line in section(
                scenario.title,
                [
                    *filter(None, (scenario.note,)),
                    *([""] if scenario.note else []),
                    *(f"- {change_told(self.pack, change)}" for change in scenario.changes),
                    "",
                ],
                level=3,
            )
        ]

    def claims(self) -> list[str]:
        rows = table(
            ("Said by", "On", "What", "Sources"),
            (
                (
                    ", ".join(filter(None, (claim.said_by, claim.where))),
                    str(claim.said_on),
                    " ".join(filter(None, (claim.statement, claim.quote and f"“{claim.quote}”"))),
                    self.sources.cite(claim.cited),
                )
                for claim in self.pack.claims
            ),
        )
        return ["What somebody said, shown beside the figures and never mixed into them.", "", *rows] if rows else []

    def acts(self) -> list[str]:
        return table(
            ("Act", "Citation", "Status over time", "Sources", "Note"),
            (
                (
                    act.title,
                    act.citation,
                    timeline_told(self.statutes.of_act(act.code), self.sources),
                    self.sources.cite(act.cited),
                    act.cited.note,
                )
                for act in self.pack.acts
            ),
        )
