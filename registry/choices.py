"""The closed lists of words that the register's columns may hold."""

from django.db.models import TextChoices


class TerritoryKind(TextChoices):
    COUNTRY = "country", "Country"
    REGION = "region", "Region"
    MUNICIPALITY = "municipality", "Municipality"


class MinerKind(TextChoices):
    LEGAL_ENTITY = "legal_entity", "Legal entity"
    ENTREPRENEUR = "entrepreneur", "Individual entrepreneur"
    INDIVIDUAL = "individual", "Individual"
    OPERATOR = "operator", "Infrastructure operator"
    POOL = "pool", "Mining pool"


class RegisterKind(TextChoices):
    MINERS = "miners", "Register of miners"
    OPERATORS = "operators", "Register of infrastructure operators"
    POOLS = "pools", "Register of pools"
    DEVICES = "devices", "Register of devices"


class RegistrationStatus(TextChoices):
    APPLIED = "applied", "Applied for"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Application withdrawn"
    ACTIVE = "active", "In the register"
    SUSPENDED = "suspended", "Suspended"
    EXCLUDED = "excluded", "Excluded"
    EXPIRED = "expired", "Expired"


class SightingKind(TextChoices):
    GRID_ANOMALY = "grid_anomaly", "Grid anomaly"
    SEIZURE = "seizure", "Seizure"
    COMPLAINT = "complaint", "Complaint"
    NETWORK_TRAFFIC = "network_traffic", "Network traffic"
    POOL = "pool", "Mining pool"
    OTHER_REGISTER = "other_register", "Another register"
    AUDIT = "audit", "Audit"


class ListKind(TextChoices):
    """What a list is made of: entries of the register, or sightings of one kind."""

    REGISTER = "register", "The register"
    GRID_ANOMALY = "grid_anomaly", "Grid anomalies"
    SEIZURE = "seizure", "Seizures"
    COMPLAINT = "complaint", "Complaints"
    NETWORK_TRAFFIC = "network_traffic", "Network traffic"
    POOL = "pool", "Mining pools"
    OTHER_REGISTER = "other_register", "Another register"
    AUDIT = "audit", "Audits"


class LinkStatus(TextChoices):
    """What the match weight makes of a pair."""

    LINKED = "linked", "Linked"
    DOUBTFUL = "doubtful", "Doubtful"
    SEPARATE = "separate", "Separate"


class Verdict(TextChoices):
    """What a clerk says of a pair."""

    SAME = "same", "The same operation"
    DIFFERENT = "different", "Different operations"
    UNSURE = "unsure", "Cannot be told"


class LandUse(TextChoices):
    """What the land under a site is meant for, as its owner or the land register says."""

    INDUSTRIAL = "industrial", "Industrial"
    RESIDENTIAL = "residential", "Residential"
    FARMLAND = "farmland", "Farmland"
    OTHER = "other", "Other"


class ImpedimentKind(TextChoices):
    """What may bar a person from mining, by the law of one country or another."""

    CONVICTION = "conviction", "Conviction that has not been expunged"
    LISTED = "listed", "On a list of terrorists, extremists or launderers"
    POWER_BUSINESS = "power_business", "In the business of power supply"


class RunStatus(TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class ImportStatus(TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


def territory_kinds() -> list[tuple[str, str]]:
    return TerritoryKind.choices


def miner_kinds() -> list[tuple[str, str]]:
    return MinerKind.choices


def register_kinds() -> list[tuple[str, str]]:
    return RegisterKind.choices


def registration_statuses() -> list[tuple[str, str]]:
    return RegistrationStatus.choices


def sighting_kinds() -> list[tuple[str, str]]:
    return SightingKind.choices


def list_kinds() -> list[tuple[str, str]]:
    return ListKind.choices


def link_statuses() -> list[tuple[str, str]]:
    return LinkStatus.choices


def verdicts() -> list[tuple[str, str]]:
    return Verdict.choices


def land_uses() -> list[tuple[str, str]]:
    return LandUse.choices


def impediment_kinds() -> list[tuple[str, str]]:
    return ImpedimentKind.choices


def run_statuses() -> list[tuple[str, str]]:
    return RunStatus.choices


def import_statuses() -> list[tuple[str, str]]:
    return ImportStatus.choices
