"""The changes of a scenario in plain English."""

from typing import Any

from compliance.law.pages import words
from compliance.law.schema import Pack


def change_told(pack: Pack, change: dict[str, Any]) -> str:
    """One change, in the form in which a scenario keeps it, as a sentence."""
    titles = {norm.code: norm.title for norm in pack.norms}
    if "act" in change:
        return f"“{pack.act(change['act']).title}” is law from {change['in_force_from']} on."
    if "book" in change:
        book = next(book for book in pack.books if book.code == change["book"])
        return f"Breaches are priced by “{book.title}”."
    if "penalty" in change:
        return _penalty(change, titles)
    if "ban" in change:
        return _ban(pack, change["ban"])
    return _norm(change, pack, titles)


def _norm(change: dict[str, Any], pack: Pack, titles: dict[str, str]) -> str:
    title = titles[change["norm"]]
    if change.get("repealed"):
        return f"“{title}” is repealed."
    kind = pack.norm(change["norm"]).kind
    said = []
    if "parameters" in change:
        merged = {**pack.norm(change["norm"]).parameters, **change["parameters"]}
        said.append(" ".join(words.in_detail(pack, kind, merged)))
    if "from" in change:
        said.append(f"It holds from {change['from']} on.")
    if "until" in change:
        said.append(f"It ends after {change['until']}.")
    return f"“{title}” changes: {' '.join(said)}"


def _penalty(change: dict[str, Any], titles: dict[str, str]) -> str:
    which = change["penalty"]
    named = ", ".join(f"“{titles[code]}”" for code in which["norms"])
    who = words.offenders(which["offenders"]) if "offenders" in which else "everybody"
    if "multiply" in change:
        return f"The penalties for {named} are multiplied by {words.number(change['multiply'])}, for {who}."
    amount = change["amount"]
    measure = amount.get("currency") or amount.get("unit", "")
    bounds = f"{words.number(amount['low'])} to {words.number(amount['high'])} {measure}"
    return f"The penalty for {named} is {bounds}, for {who}."


def _ban(pack: Pack, ban: dict[str, Any]) -> str:
    places = ", ".join(words.place(pack, code) for code in ban["territories"])
    season = ban.get("season")
    each = f", each {season['from']} to {season['until']} (month and day)" if season else ""
    last = f" to {ban['until']}" if ban.get("until") else " on"
    return f"Mining is banned in {places} from {ban['from']}{last}{each}."
