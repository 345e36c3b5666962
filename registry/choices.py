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


class RegisterKind(TextChoices):
    MINERS = "miners", "Register of miners"
    OPERATORS = "operators", "Register of infrastructure operators"


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
    OTHER_REGISTER = "other_register", "Another register"
    AUDIT = "audit", "Audit"


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


def import_statuses() -> list[tuple[str, str]]:
    return ImportStatus.choices
