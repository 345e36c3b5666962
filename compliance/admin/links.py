"""Where the pages of the admin lead: forms already filled in, and the rows that an explanation rests on."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from compliance.selectors.explanations import Explanation
from registry.admin.words import money_words

FACTS_SHOWN = 12
SEES_IMPEDIMENTS = "registry.view_impediment"
# The nouns that an explanation names, and their pages.
PAGES = {
    "miners": "admin:registry_miner_change",
    "registrations": "admin:registry_registration_change",
    "declarations": "admin:registry_declaration_change",
    "sites": "admin:registry_site_change",
    "bans": "admin:compliance_bannedarea_change",
    "impediments": "admin:registry_impediment_change",
}


def redirect_to_add(noun: str, **initial: Any) -> HttpResponseRedirect:
    """To the form for a new row of compliance, with what is known filled in."""
    return HttpResponseRedirect(f"{reverse(f'admin:compliance_{noun}_add')}?{urlencode(initial)}")


def row_url(noun: str, key: Any) -> str:
    """The page of a row that an explanation names; empty where it names no single row."""
    if noun == "registers":
        return f"{reverse('admin:registry_register_changelist')}?{urlencode({'q': key})}"
    return reverse(PAGES[noun], args=[key]) if noun in PAGES else ""


def explanation_for_page(explanation: Explanation) -> dict[str, Any]:
    """The explanation of one finding as a template shows it: links on the facts, amounts in words.

    Books that say nothing, and those that leave it to the law in force, are told of in one line each. Whether it is a
    first offence is the same in all books, and told once.
    """
    told = explanation.as_dict()
    facts = [{**fact, "url": row_url(fact["source"]["noun"], fact["source"]["id"])} for fact in told["facts"]]
    told["facts"], told["more_facts"] = facts[:FACTS_SHOWN], max(0, len(facts) - FACTS_SHOWN)
    told["silent_books"] = [each["title"] for each in told["penalties"] if not each["article"]]
    told["books_by_law"] = [each["title"] for each in told["penalties"] if each["by_law"]]
    told["counted_as"] = next((each["steps"][0] for each in told["penalties"] if each["article"]), "")
    told["last"] = explanation.until and explanation.until - dt.timedelta(days=1)
    told["ended"] = bool(told["last"]) and told["last"] < timezone.localdate()
    told["penalties"] = [
        {
            **each,
            "steps": each["steps"][1:],
            "low": money_words(each["amount_low"], each["currency"]),
            "high": money_words(each["amount_high"], each["currency"]),
        }
        for each in told["penalties"]
        if each["article"] and not each["by_law"]
    ]
    return told
