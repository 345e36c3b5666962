"""The part of a page about norms: what must be done, where mining is banned, what a clerk may open a case under."""

from collections.abc import Iterable
from typing import Any

import yaml

from compliance.choices import NormKind
from compliance.law.checks import Statutes
from compliance.law.cited import Citation
from compliance.law.nodes import LOADER
from compliance.law.pages import words
from compliance.law.pages.markdown import Sources, section, table
from compliance.law.schema import NormItem, Pack
from compliance.law.timelines import Timeline, law_days


def timeline_told(entries: Timeline, sources: Sources, *, notes: bool = True) -> str:
    return "; ".join(
        f"{words.status(entry.status)} {words.span(entry.period)} ({sources.cite(entry.cited)})"
        + (f": {entry.cited.note.rstrip('.')}" if entry.cited.note and notes else "")
        for entry in entries
    )


def is_law(norm: NormItem, statutes: Statutes) -> bool:
    return bool(law_days(statutes.of_norm(norm)))


def at_a_glance(pack: Pack, norms: Iterable[NormItem], statutes: Statutes) -> list[str]:
    return table(
        ("What", "Who", "Since", "Article"),
        (
            (
                f"[{norm.title}](#{anchor(norm)})",
                words.persons(norm.miner_kinds),
                words.spans(law_days(statutes.of_norm(norm))),
                norm.article,
            )
            for norm in norms
        ),
    )


def anchor(norm: NormItem) -> str:
    """How GitHub names the heading of a norm."""
    kept = "".join(letter for letter in norm.title.lower() if letter.isalnum() or letter in " -_")
    return kept.replace(" ", "-")


def where(norm: NormItem, pack: Pack) -> str:
    return "" if norm.territory == pack.territory else f", in {words.place(pack, norm.territory)}"


def norm_told(norm: NormItem, pack: Pack, statutes: Statutes, sources: Sources) -> list[str]:
    act = pack.act(norm.act)
    register = next((item for item in pack.registers if item.code == norm.register), None)
    lines = [
        norm.sentence,
        "",
        *(f"- {sentence}" for sentence in words.in_detail(pack, norm.kind, norm.parameters)),
        f"- **Article:** {norm.article} ({act.title}).",
        f"- **Who:** {words.persons(norm.miner_kinds)}{where(norm, pack)}.",
    ]
    if register:
        lines.append(f"- **Register:** {register.name}, kept by {register.keeper}.")
    # What an act's status needs to be said about it stands with the act.
    told = timeline_told(statutes.of_norm(norm), sources, notes=bool(norm.statuses))
    lines.append(f"- **Status:** {told}.")
    lines.append(f"- **Sources:** {sources.cite(norm.cited)}.")
    if norm.cited.note:
        lines.append(f"- **Note:** {norm.cited.note}")
    lines += [
        f"- **Said otherwise:** {conflict.says} ({sources.cite(conflict.cited)})"
        + (f" {conflict.cited.note}" if conflict.cited.note else "")
        for conflict in norm.conflicts
    ]
    lines += [f"- **Code here:** `{norm.code}`", ""]
    if norm.kind == NormKind.BAN:
        lines += areas_told(norm, pack, sources)
    if norm.kind == NormKind.LEVY:
        lines += rates_told(norm, pack, sources)
    return section(norm.title, lines, level=3)


def areas_told(norm: NormItem, pack: Pack, sources: Sources) -> list[str]:
    return table(
        ("Where", "When", "How much of it", "Note", "Sources"),
        (
            (
                ", ".join(words.place(pack, code) for code in area.territories),
                words.spans(area.periods),
                "an unnamed part" if area.partial else "all",
                area.note,
                sources.cite(area.cited),
            )
            for area in norm.areas
        ),
    )


def rates_told(norm: NormItem, pack: Pack, sources: Sources) -> list[str]:
    library = pages_of_library(pack)
    bands: Any = norm.parameters["bands"]
    return table(
        ("Of", "Rate per kWh", "When", "Sources", "Note"),
        (
            (
                words.WHEN[band["when"]],
                rate_told(band["rate"]),
                f"{band['from']} to {band['until']}" if "until" in band else f"since {band['from']}",
                sources.cite(Citation(band["confidence"], tuple(library[key] for key in band["sources"]))),
                band.get("note", ""),
            )
            for band in bands
        ),
    )


def rate_told(rate: Any) -> str:
    if not isinstance(rate, dict):
        return "**unknown**"
    low, high = words.number(rate["low"]), words.number(rate["high"])
    return f"{low if low == high else f'{low} to {high}'} {rate['currency']}"


def pages_of_library(pack: Pack) -> dict[str, tuple[str, str]]:
    """The pages that the pack's file lists, by the keys under which it cites them."""
    listed = yaml.load(pack.text, Loader=LOADER).get("sources", {})  # noqa: S506  LOADER is a safe one
    return {str(key): (page.get("url", ""), page["title"]) for key, page in listed.items()}
