"""Where the pages of the admin lead: forms already filled in, and the rows that an explanation rests on."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.urls import NoReverseMatch, reverse

from registry.admin.words import money_words


def redirect_to_add(noun: str, **initial: Any) -> HttpResponseRedirect:
    """To the form for a new row of compliance, with what is known filled in."""
    return HttpResponseRedirect(f"{reverse(f'admin:compliance_{noun}_add')}?{urlencode(initial)}")


def row_url(noun: str, pk: Any) -> str:
    """The page of a row of the register that an explanation names; empty where there is none."""
    try:
        return reverse(f"admin:registry_{noun.replace('_', '')}_change", args=[pk]) if pk else ""
    except NoReverseMatch:
        return ""


def explanation_for_page(explanation: Any) -> dict[str, Any]:
    """The explanation of one finding as a template shows it: links on the facts, amounts in words."""
    told: dict[str, Any] = explanation.as_dict()
    told["facts"] = [
        {**fact, "url": row_url(fact["source"]["noun"], fact["source"]["id"]) if fact.get("source") else ""}
        for fact in told["facts"]
    ]
    told["penalties"] = [
        {
            **penalty,
            "low": money_words(penalty["amount_low"], penalty["currency"]),
            "high": money_words(penalty["amount_high"], penalty["currency"]),
        }
        for penalty in told["penalties"]
    ]
    return told
