"""Addresses of the compliance API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from compliance.api.acts import ActViewSet
from compliance.api.bans import AllowedView, BanViewSet
from compliance.api.books import BookViewSet
from compliance.api.cases import CaseViewSet
from compliance.api.claims import ClaimViewSet
from compliance.api.compared_claims import ComparedClaimsView
from compliance.api.deterrence import DeterrenceView
from compliance.api.estimate_answers import DifferenceView, RevisionsView, SeriesView
from compliance.api.estimate_tables import EstimateTableView
from compliance.api.estimates import EstimateViewSet
from compliance.api.exposure import ExposureView
from compliance.api.findings import FindingViewSet
from compliance.api.fines import FineViewSet
from compliance.api.headline import HeadlineView
from compliance.api.hidden_exposure import HiddenExposureView
from compliance.api.law import LawView, PackBandsView, PackNormsView, PackTerritoriesView
from compliance.api.levies import LeviesView
from compliance.api.norms import NormViewSet
from compliance.api.payments import PaymentViewSet
from compliance.api.penalties import PenaltyViewSet
from compliance.api.rates import RateSeriesView, RatesView
from compliance.api.recomputations import RecomputationViewSet
from compliance.api.reports import ReportViewSet
from compliance.api.scenarios import ScenarioViewSet
from compliance.api.waterfall import WaterfallView

router = SimpleRouter()
router.register("acts", ActViewSet, "act")
router.register("norms", NormViewSet, "norm")
router.register("penalties", PenaltyViewSet, "penalty")
router.register("books", BookViewSet, "book")
router.register("estimates", EstimateViewSet, "estimate")
router.register("bans", BanViewSet, "ban")
router.register("findings", FindingViewSet, "finding")
router.register("cases", CaseViewSet, "case")
router.register("fines", FineViewSet, "fine")
router.register("payments", PaymentViewSet, "payment")
router.register("claims", ClaimViewSet, "claim")
router.register("reports", ReportViewSet, "report")
router.register("recomputations", RecomputationViewSet, "recomputation")
router.register("scenarios", ScenarioViewSet, "scenario")

urlpatterns = [
    *router.urls,
    path("rates/", RatesView.as_view(), name="rates"),
    path("rates/series/", RateSeriesView.as_view(), name="rate-series"),
    path("exposure/", ExposureView.as_view(), name="exposure"),
    path("exposure/hidden/", HiddenExposureView.as_view(), name="exposure-hidden"),
    path("allowed/", AllowedView.as_view(), name="allowed"),
    path("law/", LawView.as_view(), name="law"),
    path("law/<slug:pack>/norms/", PackNormsView.as_view(), name="law-norms"),
    path("law/<slug:pack>/bands/", PackBandsView.as_view(), name="law-bands"),
    path("law/<slug:pack>/territories/", PackTerritoriesView.as_view(), name="law-territories"),
    path("levies/", LeviesView.as_view(), name="levies"),
    path("headline/", HeadlineView.as_view(), name="headline"),
    path("claims/compared/", ComparedClaimsView.as_view(), name="claims-compared"),
    path("waterfall/", WaterfallView.as_view(), name="waterfall"),
    path("estimates/table/", EstimateTableView.as_view(), name="estimates-table"),
    path("estimates/difference/", DifferenceView.as_view(), name="estimates-difference"),
    path("estimates/revisions/", RevisionsView.as_view(), name="estimates-revisions"),
    path("estimates/series/", SeriesView.as_view(), name="estimates-series"),
    path("deterrence/", DeterrenceView.as_view(), name="deterrence"),
]
