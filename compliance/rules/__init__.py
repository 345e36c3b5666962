"""One class per kind of norm; each answers for the whole register at once."""

from functools import reduce
from operator import or_

from django.db.models import Q

from compliance.choices import NormKind
from compliance.models import Norm
from compliance.rules.ban import Ban
from compliance.rules.base import EVERYTHING, Rule, Scope
from compliance.rules.eligibility import Eligibility
from compliance.rules.energy_limit import EnergyLimit
from compliance.rules.hosting import Hosting
from compliance.rules.levy import Levy
from compliance.rules.registration_duty import RegistrationDuty
from compliance.rules.reporting import Reporting
from compliance.rules.validity import Validity
from registry.models import TerritoryAncestor

RULES: dict[str, type[Rule]] = {
    rule.kind: rule for rule in (RegistrationDuty, EnergyLimit, Validity, Eligibility, Reporting, Hosting, Levy, Ban)
}

__all__ = [
    "EVERYTHING",
    "RULES",
    "Ban",
    "Eligibility",
    "EnergyLimit",
    "Hosting",
    "Levy",
    "RegistrationDuty",
    "Reporting",
    "Rule",
    "Scope",
    "Validity",
    "rules_in_law",
]


def rules_in_law(*scopes: Scope) -> list[Rule]:
    """A rule for every norm that is or was law, that a rule can read, and that may speak of a miner of some scope.

    Drafts and general offences have none. Bans are always asked: they speak of sites, which may lie anywhere.
    """
    norms = Norm.objects.filter(in_force__isnull=False, kind__in=RULES).select_related("pack").order_by("code")
    if scopes and EVERYTHING not in scopes:
        reached = reduce(or_, (Q(descendant__in=scope.territories()) for scope in scopes))
        around = TerritoryAncestor.objects.filter(reached).values("ancestor")
        norms = norms.filter(Q(kind=NormKind.BAN) | Q(territory__in=around))
    return [RULES[norm.kind](norm) for norm in norms]
