"""Reads norms, and the areas and seasons of bans."""

from dataclasses import replace
from typing import Any

from compliance.choices import NormKind
from compliance.law.nodes import Mapping
from compliance.law.periods import Season, Span
from compliance.law.reading.context import Context
from compliance.law.reading.parameters import read_parameters
from compliance.law.reading.statuses import read_statuses
from compliance.law.schema import AreaItem, NormItem
from registry.choices import MinerKind


def read_norms(file: Mapping, context: Context) -> list[NormItem]:
    found = []
    for item in file.mappings("norms", "Norm", needed=True):
        kind = item.word("kind", NormKind.values)
        parameters = read_parameters(kind, item.mapping("parameters", f"The parameter list of {item.what}"))
        know_references(item, parameters, context)
        entry = NormItem(
            line=item.line,
            code=item.code("code"),
            act=context.reference(item, "act", "acts", "act"),
            kind=kind,
            title=item.text("title", longest=200),
            sentence=item.text("sentence"),
            article=item.text("article", longest=200),
            territory=context.territory(item, "territory"),
            register=context.reference(item, "register", "registers", "register") if item.has("register") else "",
            miner_kinds=item.words("miner_kinds", MinerKind.values),
            parameters=parameters,
            own_period=context.period(item, needed=False),
            cited=context.cited(item),
            areas=tuple(areas_of(item, context)),
            statuses=read_statuses(item, context),
            conflicts=context.conflicts(item),
        )
        if item.sound:
            found.append(entry)
    return found


def know_references(norm: Mapping, parameters: dict[str, Any], context: Context) -> None:
    """The registers and pages that parameters name, whose readers know nothing of the rest of the pack."""
    line = norm.line_at("parameters")
    register = parameters.get("clients_register")
    if register is not None and register not in context.known["registers"]:
        norm.refuse(f"names the register “{register}”, which the pack does not have.", line)
    for band in parameters.get("bands", ()):
        for key in band["sources"]:
            if key not in context.pages:
                norm.refuse(f"cites “{key}” for a rate, which is not in the pack's list of sources.", line)


def areas_of(norm: Mapping, context: Context) -> list[AreaItem]:
    found = []
    for item in norm.mappings("areas", f"An area of {norm.what}"):
        codes = item.words("territories")
        for code in codes:
            context.know_territory(item, code, item.line_at("territories"))
        within = context.period(item, needed=True)
        season = season_of(item, within, context)
        note = item.text_or_none("note", longest=300)
        entry = AreaItem(
            line=item.line,
            territories=codes,
            periods=tuple(season.laid_out(within)) if season and within.end else (within,),
            partial=item.yes_or_no("partial"),
            note="; ".join(filter(None, (note, str(season) if season else "")))[:300],
            cited=replace(context.cited(item), note=""),
        )
        if item.sound:
            found.append(entry)
    return found


def season_of(area: Mapping, within: Span, context: Context) -> Season | None:
    if not area.has("season"):
        return None
    if within.end is None:
        area.refuse("has a season but no “until”; a season is laid out year by year, so it must end.")
    item = area.mapping("season", f"The season of {area.inner}")
    season = Season(item.month_day("from"), item.month_day("until"), context.zone(item, "zone"))
    return season if item.sound else None
