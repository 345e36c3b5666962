"""Reads the changes of a scenario, from a pack's file or from JSON, as strictly as the law that they change."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import yaml
from django.db.models import Q

from compliance.choices import NormKind, Occurrence, Offender
from compliance.law.lists import iso_currencies
from compliance.law.nodes import Mapping, Trouble
from compliance.law.reading.context import Context
from compliance.law.reading.parameters import read_parameters
from compliance.law.schema import Problem
from compliance.models import BannedArea, LawPack, Norm, UnitRate
from compliance.selectors.scenario_law import FIRST_DAY, LAST_DAY
from registry.errors import Refusal
from registry.models import Territory, TerritoryAncestor

Change = dict[str, Any]

SUBJECTS = ("act", "norm", "penalty", "book", "ban")
ANY_OCCURRENCE = "any"
MOST_CHANGES = 200
MOST_MONEY = Decimal(10) ** 13
MOST_TIMES = Decimal(10) ** 6
DEEPEST = 12


def read_changes(item: Mapping, context: Context) -> list[Change]:
    """The list under `changes`, each change in the form in which `Scenario.changes` keeps it.

    What is wrong is told to the mapping's trouble; then the result is not to be used.
    """
    nodes = item.items("changes")
    if len(nodes) > MOST_CHANGES:
        item.refuse(f"has {len(nodes)} changes; {MOST_CHANGES} are the most.", item.line_at("changes"))
        return []
    found = []
    for number, node in enumerate(nodes, start=1):
        change = Mapping(node, f"Change {number} of {_within(item.what)}", item.trouble)
        entry = _read(change, context)
        if change.sound:
            found.append(entry)
    return found


def changes_of_json(pack: LawPack, changes: Any) -> list[Change]:
    """The same of JSON, checked against the pack as it is stored.

    Raises `Refusal` with a sentence for each fault under its place, such as `changes[1].amount.low`.
    """
    places: list[str] = []
    trouble = Trouble("changes")
    node = yaml.MappingNode("", [(_text("changes"), _node(changes, "changes", places))], _mark(0))
    scenario = Mapping(node, "the scenario", trouble)
    context = StoredContext(pack)
    found = read_changes(scenario, context)
    _tell_unknown_places(context, trouble)
    if not trouble.problems:
        return found
    fields: dict[str, str] = {}
    for problem in trouble.problems:
        place = places[problem.line - 1]
        fields[place] = f"{fields[place]} {problem.sentence}" if place in fields else problem.sentence
    sentence = "\n".join(f"{place}: {said}" for place, said in fields.items())
    raise Refusal("scenario_refused", sentence, fields=fields)


def _within(what: str) -> str:
    return f"{what[0].lower()}{what[1:]}"


def _read(change: Mapping, context: Context) -> Change:
    given = [key for key in SUBJECTS if change.has(key)]
    if len(given) != 1:
        named = " and ".join(given) or "none of them"
        change.refuse(f"must change exactly one of {', '.join(SUBJECTS)}, not {named}.")
        change.read |= change.values.keys()
        return {}
    return READERS[given[0]](change, context)


def _act(change: Mapping, context: Context) -> Change:
    code = context.reference(change, "act", "acts", "act")
    return {"act": code, "in_force_from": _date(change, "in_force_from").isoformat()}


def _book(change: Mapping, context: Context) -> Change:
    return {"book": context.reference(change, "book", "books", "book")}


def _norm(change: Mapping, context: Context) -> Change:
    code = context.reference(change, "norm", "norms", "norm")
    entry: Change = {"norm": code}
    if change.has("parameters"):
        entry["parameters"] = _parameters(change, code, context)
    repealed = change.yes_or_no("repealed")
    first, last = _date_or_none(change, "from"), _date_or_none(change, "until")
    if repealed and (first or last):
        change.refuse("repeals the norm, and so takes neither “from” nor “until”.", change.line_at("repealed"))
    if first and last and last < first:
        change.refuse(f"ends on {last}, before it starts on {first}.", change.line_at("until"))
    if not (repealed or first or last or change.has("parameters")):
        change.refuse("changes nothing: give “parameters”, “from”, “until” or “repealed: true”.")
    if repealed:
        entry["repealed"] = True
    return entry | _days(first, last)


def _parameters(change: Mapping, code: str, context: Context) -> Change:
    """What differs from the norm's own parameters; null takes one away."""
    kind, own = context.norms.get(code, ("", None))
    over = change.node("parameters")
    if not isinstance(over, yaml.MappingNode):
        change.refuse("needs a mapping under “parameters”.", change.line_at("parameters"))
        return {}
    if not over.value:
        change.refuse("has nothing under “parameters”.", change.line_at("parameters"))
    base = own if isinstance(own, yaml.MappingNode) else yaml.MappingNode("", [], over.start_mark)
    what = f"The parameter list of {_within(change.what)}"
    before = read_parameters(kind, Mapping(base, what, Trouble("")))
    after = read_parameters(kind, Mapping(_laid_over(base, over), what, change.trouble))
    names = [*after, *(name for name in before if name not in after)]
    return {name: after.get(name) for name in names if after.get(name) != before.get(name)}


def _laid_over(base: yaml.MappingNode, over: yaml.MappingNode) -> yaml.MappingNode:
    """The parameters of the one with those of the other put in their place, mappings within them likewise."""
    values = {key.value: (key, value) for key, value in base.value}
    for key, value in over.value:
        old = values.pop(key.value, (key, None))[1]
        if isinstance(value, yaml.ScalarNode) and value.tag == "tag:yaml.org,2002:null":
            continue
        both = isinstance(old, yaml.MappingNode) and isinstance(value, yaml.MappingNode)
        values[key.value] = (key, _laid_over(old, value) if both else value)
    return yaml.MappingNode("tag:yaml.org,2002:map", list(values.values()), over.start_mark)


def _penalty(change: Mapping, context: Context) -> Change:
    item = change.mapping("penalty", f"The penalty of {_within(change.what)}")
    norms = item.words("norms")
    for code in norms:
        if code not in context.known["norms"]:
            item.refuse(f"names the norm “{code}”, which the pack does not have.", item.line_at("norms"))
    which: Change = {"norms": list(norms)}
    if item.has("offenders"):
        which["offenders"] = list(item.words("offenders", Offender.values))
    which["occurrence"] = (
        item.word("occurrence", [*Occurrence.values, ANY_OCCURRENCE]) if item.has("occurrence") else ANY_OCCURRENCE
    )
    item.tell_unknown_keys()
    if change.has("amount") == change.has("multiply"):
        change.refuse("needs either “amount” or “multiply”.")
        return {}
    if change.has("multiply"):
        times = change.amount("multiply")
        if times > MOST_TIMES:
            change.refuse(f"multiplies by more than {MOST_TIMES:,}.", change.line_at("multiply"))
        return {"penalty": which, "multiply": str(times)}
    return {"penalty": which, "amount": _amount(change, context)}


def _amount(change: Mapping, context: Context) -> Change:
    item = change.mapping("amount", f"The amount of {_within(change.what)}")
    low, high = item.amount("low"), item.amount("high")
    if low > high:
        item.refuse(f"has its low end at {low}, above its high end at {high}.", item.line_at("low"))
    if high > MOST_MONEY:
        item.refuse(f"has its high end above {MOST_MONEY:,}.", item.line_at("high"))
    entry: Change = {"low": str(low), "high": str(high)}
    if item.has("unit") and item.has("currency"):
        item.refuse("is in a currency or in units, not in both.", item.line_at("unit"))
    elif item.has("unit"):
        entry["unit"] = item.text("unit", longest=16)
        units = context.known.get("units")
        if units is not None and entry["unit"] and entry["unit"] not in units:
            item.refuse(f"is in “{entry['unit']}”, a unit that the pack does not have.", item.line_at("unit"))
    else:
        entry["currency"] = item.text("currency")
        if entry["currency"] and entry["currency"] not in iso_currencies():
            item.refuse(f"is in “{entry['currency']}”, which is no currency of ISO 4217.", item.line_at("currency"))
    item.tell_unknown_keys()
    return entry


def _ban(change: Mapping, context: Context) -> Change:
    item = change.mapping("ban", f"The ban of {_within(change.what)}")
    entry: Change = {}
    if item.has("norm"):
        entry["norm"] = context.reference(item, "norm", "norms", "norm")
        kind = context.norms.get(entry["norm"], ("", None))[0]
        if kind and kind != NormKind.BAN:
            item.refuse(f"names norm {entry['norm']}, which is of the kind {kind}.", item.line_at("norm"))
    elif not any(kind == NormKind.BAN for kind, _ in context.norms.values()):
        item.refuse("adds a ban, but the pack has no norm of the kind ban whose exemptions it could share.")
    entry["territories"] = list(item.words("territories"))
    for code in entry["territories"]:
        context.know_territory(item, code, item.line_at("territories"))
    first, last = _date(item, "from"), _date_or_none(item, "until")
    if last and last < first:
        item.refuse(f"ends on {last}, before it starts on {first}.", item.line_at("until"))
    entry |= _days(first, last)
    if item.has("season"):
        season = item.mapping("season", f"The season of {_within(item.what)}")
        entry["season"] = {key: _month_day(season, key) for key in ("from", "until")}
        season.tell_unknown_keys()
    item.tell_unknown_keys()
    return {"ban": entry}


def _date(item: Mapping, key: str) -> dt.date:
    before = len(item.trouble.problems)
    day = item.date(key)
    if len(item.trouble.problems) == before and not FIRST_DAY <= day <= LAST_DAY:
        item.refuse(
            f"has {day} under “{key}”; the days of a change lie from {FIRST_DAY} to {LAST_DAY}.", item.line_at(key)
        )
    return day


def _date_or_none(item: Mapping, key: str) -> dt.date | None:
    return _date(item, key) if item.has(key) else None


def _month_day(season: Mapping, key: str) -> str:
    day = season.month_day(key)
    return f"{day.month:02}-{day.day:02}"


def _days(first: dt.date | None, last: dt.date | None) -> Change:
    return {key: day.isoformat() for key, day in (("from", first), ("until", last)) if day is not None}


READERS = {"act": _act, "norm": _norm, "penalty": _penalty, "book": _book, "ban": _ban}


class StoredContext(Context):
    """What a pack has in the database; pages and citations have no place in a scenario."""

    def __init__(self, pack: LawPack) -> None:
        def codes(rows: Iterable[str]) -> dict[str, int]:
            return dict.fromkeys(rows, 1)

        norms = {norm.code: norm for norm in Norm.objects.filter(pack=pack)}
        self.pack = pack
        self.known = {
            "territories": {},
            "registers": {},
            "acts": codes(pack.acts.values_list("code", flat=True)),
            "norms": codes(norms),
            "books": codes(pack.books.values_list("code", flat=True)),
            "units": codes(UnitRate.objects.filter(pack=pack).values_list("unit", flat=True)),
        }
        self.norms = {code: (norm.kind, _node(norm.parameters, code, [])) for code, norm in norms.items()}
        self.pages = {}
        self.named: list[tuple[Mapping, str, int]] = []

    def know_territory(self, item: Mapping, code: str, line: int) -> None:
        """Remembered, so that all places are looked up at once."""
        self.named.append((item, code, line))


def _tell_unknown_places(context: StoredContext, trouble: Trouble) -> None:
    codes = {code for _, code, _ in context.named if "\0" not in code}
    known = set(Territory.objects.filter(code__in=codes).values_list("code", flat=True)) if codes else set()
    spoken_of = _spoken_of(context.pack, known) if known else set()
    for item, code, line in context.named:
        if code not in known:
            fault = "which is not on file."
        elif code not in spoken_of:
            fault = f"which lies neither in {context.pack.territory.code} nor in a place that the pack's norms name."
        else:
            continue
        trouble.problems.append(Problem(trouble.file, line, f"{item.what} names the territory “{code}”, {fault}"))


def _spoken_of(pack: LawPack, codes: set[str]) -> set[str]:
    """Those of the codes whose territories lie in the pack's territory, or in one that a norm of the pack names."""
    inside = TerritoryAncestor.objects.filter(descendant__code__in=codes).filter(
        Q(ancestor=pack.territory_id)
        | Q(ancestor__in=Norm.objects.filter(pack=pack).order_by().values("territory"))
        | Q(ancestor__in=BannedArea.objects.filter(norm__pack=pack).order_by().values("territory"))
    )
    return set(inside.values_list("descendant__code", flat=True))


def _mark(line: int) -> yaml.Mark:
    return yaml.Mark("", 0, line, 0, None, 0)


def _text(word: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", word, _mark(0))


def _node(value: Any, place: str, places: list[str], depth: int = 0) -> yaml.Node:
    """JSON as the reader of YAML sees it; the “line” of a node counts the places, so that a problem finds its own."""
    mark = _mark(len(places))
    places.append(place)
    if depth > DEEPEST:
        return yaml.ScalarNode("tag:yaml.org,2002:str", "…", mark)
    if isinstance(value, dict):
        pairs = [
            (yaml.ScalarNode("tag:yaml.org,2002:str", name, mark), _node(each, f"{place}.{name}", places, depth + 1))
            for name, each in value.items()
        ]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, mark)
    if isinstance(value, list):
        items = [_node(each, f"{place}[{number}]", places, depth + 1) for number, each in enumerate(value)]
        return yaml.SequenceNode("tag:yaml.org,2002:seq", items, mark)
    if value is None:
        return yaml.ScalarNode("tag:yaml.org,2002:null", "null", mark)
    if isinstance(value, bool):
        return yaml.ScalarNode("tag:yaml.org,2002:bool", str(value).lower(), mark)
    kind = "str" if isinstance(value, str) else "int" if isinstance(value, int) else "float"
    return yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", str(value), mark)
