"""One class per kind of norm; each answers for the whole register at once."""

from compliance.models import Norm
from compliance.rules.ban import Ban
from compliance.rules.base import EVERYTHING, Rule, Scope
from compliance.rules.eligibility import Eligibility
from compliance.rules.energy_limit import EnergyLimit
from compliance.rules.registration_duty import RegistrationDuty
from compliance.rules.reporting import Reporting

RULES: dict[str, type[Rule]] = {
    rule.kind: rule for rule in (RegistrationDuty, EnergyLimit, Eligibility, Reporting, Ban)
}

__all__ = [
    "EVERYTHING",
    "RULES",
    "Ban",
    "Eligibility",
    "EnergyLimit",
    "RegistrationDuty",
    "Reporting",
    "Rule",
    "Scope",
    "rules_in_law",
]


def rules_in_law() -> list[Rule]:
    """A rule for every norm that is or was law and that a rule can read; drafts and general offences have none."""
    norms = Norm.objects.filter(in_force__isnull=False, kind__in=RULES).order_by("code")
    return [RULES[norm.kind](norm) for norm in norms]
