"""What compliance holds, one module per noun."""

from compliance.models.cases import Case
from compliance.models.claims import Claim
from compliance.models.estimates import Estimate, EstimateCell, EstimateDifference
from compliance.models.exposure import Exposure, Undetermined, UndeterminedMiners
from compliance.models.findings import Finding
from compliance.models.fines import Fine
from compliance.models.norms import Act, ActStatus, BannedArea, Book, LawPack, LawVersion, Norm, Penalty, UnitRate
from compliance.models.payments import Payment
from compliance.models.rates import RegistrationRate
from compliance.models.reports import Report, ReportFile, ReportRecipient
from compliance.models.scenarios import Scenario
from compliance.models.stale import Recomputation, StaleMark

__all__ = [
    "Act",
    "ActStatus",
    "BannedArea",
    "Book",
    "Case",
    "Claim",
    "Estimate",
    "EstimateCell",
    "EstimateDifference",
    "Exposure",
    "Finding",
    "Fine",
    "LawPack",
    "LawVersion",
    "Norm",
    "Payment",
    "Penalty",
    "Recomputation",
    "RegistrationRate",
    "Report",
    "ReportFile",
    "ReportRecipient",
    "Scenario",
    "StaleMark",
    "Undetermined",
    "UndeterminedMiners",
    "UnitRate",
]
