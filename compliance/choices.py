"""The closed lists of words that the columns of law, cases and totals may hold."""

from django.db.models import TextChoices

from registry.choices import RunStatus as RunStatus
from registry.choices import run_statuses as run_statuses


class NormKind(TextChoices):
    """One word per class in `compliance/rules/`; `general` has no rule: only a clerk can open a case under it."""

    REGISTRATION_DUTY = "registration_duty", "Registration duty"
    ENERGY_LIMIT = "energy_limit", "Energy limit"
    ELIGIBILITY = "eligibility", "Eligibility"
    VALIDITY = "validity", "Validity of a registration"
    REPORTING = "reporting", "Periodic report"
    HOSTING = "hosting", "Hosting duty"
    LEVY = "levy", "Levy per kWh"
    BAN = "ban", "Ban"
    GENERAL = "general", "General offence"


class ActStatusName(TextChoices):
    DRAFT = "draft", "Draft"
    TABLED = "tabled", "Tabled"
    ADOPTED = "adopted", "Adopted"
    IN_FORCE = "in_force", "In force"
    SUSPENDED = "suspended", "Suspended"
    REPEALED = "repealed", "Repealed"
    SUPERSEDED = "superseded", "Superseded"


class BookKind(TextChoices):
    LAW = "law", "Law in force"
    BILL = "bill", "Bill"
    WHAT_IF = "what_if", "What if"


class Offender(TextChoices):
    CITIZEN = "citizen", "Citizen"
    OFFICIAL = "official", "Official"
    ENTREPRENEUR = "entrepreneur", "Individual entrepreneur"
    LEGAL_ENTITY = "legal_entity", "Legal entity"
    OPERATOR = "operator", "Infrastructure operator"


class Occurrence(TextChoices):
    FIRST = "first", "First offence"
    REPEAT = "repeat", "Repeat offence"


class Basis(TextChoices):
    """What an amount is taken once for."""

    FIXED = "fixed", "The offence"
    PER_DAY = "per_day", "Each day of the offence"
    PER_DEVICE = "per_device", "Each device"
    PER_VIOLATION = "per_violation", "Each violation"
    SHARE_OF_TURNOVER = "share_of_turnover", "Percent of the year's turnover"
    SHARE_OF_GAIN = "share_of_gain", "Percent of the gain"


SHARES = (Basis.SHARE_OF_TURNOVER, Basis.SHARE_OF_GAIN)


class MoneyFact(TextChoices):
    """The sums of a miner's year that a threshold may ask for; columns of `registry.Account`."""

    TURNOVER = "turnover", "Turnover"
    GAIN = "gain", "Gain or income"
    DAMAGE = "damage", "Damage"


class SanctionRole(TextChoices):
    BESIDES = "besides", "Besides the fine"
    INSTEAD = "instead", "Instead of the fine"


class SanctionKind(TextChoices):
    CONFISCATION = "confiscation", "Confiscation"
    SUSPENSION = "suspension", "Suspension of the activity"
    DISQUALIFICATION = "disqualification", "Disqualification"
    ARREST = "arrest", "Arrest"
    LABOUR = "labour", "Labour"
    PRISON = "prison", "Prison"
    DISCONNECTION = "disconnection", "Disconnection from power"
    OTHER = "other", "Other"


class Confidence(TextChoices):
    """How well a figure is sourced; see docs/methods/sources.md."""

    HIGH = "H", "High: statute, wire or two independent sources"
    MEDIUM = "M", "Medium: one decent secondary source"
    LOW = "L", "Low: a weak source, or an inference"


class CaseStatus(TextChoices):
    OPEN = "open", "Open"
    DECIDED = "decided", "Decided"


class FineStatus(TextChoices):
    ISSUED = "issued", "Issued"
    ANNULLED = "annulled", "Annulled"


class RunKind(TextChoices):
    RATES = "rates", "Registration rates"
    EXPOSURE = "exposure", "Findings and exposure"


class EstimateKind(TextChoices):
    """What a run of the estimate answers."""

    WHOLE = "whole", "One territory, by strata"
    REGIONS = "regions", "Every region, month by month"


class Grade(TextChoices):
    """What a figure rests on."""

    ESTABLISHED = "established", "Established: counted, or calibrated by a random inspection"
    ILLUSTRATIVE = "illustrative", "Illustrative: from a model that no inspection has tested"


def norm_kinds() -> list[tuple[str, str]]:
    return NormKind.choices


def act_statuses() -> list[tuple[str, str]]:
    return ActStatusName.choices


def book_kinds() -> list[tuple[str, str]]:
    return BookKind.choices


def offenders() -> list[tuple[str, str]]:
    return Offender.choices


def occurrences() -> list[tuple[str, str]]:
    return Occurrence.choices


def bases() -> list[tuple[str, str]]:
    return Basis.choices


def money_facts() -> list[tuple[str, str]]:
    return MoneyFact.choices


def confidences() -> list[tuple[str, str]]:
    return Confidence.choices


def case_statuses() -> list[tuple[str, str]]:
    return CaseStatus.choices


def fine_statuses() -> list[tuple[str, str]]:
    return FineStatus.choices


def run_kinds() -> list[tuple[str, str]]:
    return RunKind.choices


def estimate_kinds() -> list[tuple[str, str]]:
    return EstimateKind.choices
