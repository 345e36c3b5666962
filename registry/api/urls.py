"""Addresses of the registry API."""

from rest_framework.routers import SimpleRouter

from registry.api.accounts import AccountViewSet
from registry.api.declarations import DeclarationViewSet
from registry.api.devices import DeviceModelViewSet, DeviceViewSet
from registry.api.impediments import ImpedimentViewSet
from registry.api.imports import ImportViewSet, RowErrorViewSet
from registry.api.links import LinkViewSet
from registry.api.lists import SightingListViewSet
from registry.api.mergers import MergerViewSet
from registry.api.miners import MinerViewSet
from registry.api.ownerships import OwnershipViewSet
from registry.api.readings import ReadingViewSet
from registry.api.registrations import RegisterViewSet, RegistrationViewSet
from registry.api.sightings import SightingViewSet
from registry.api.sites import SiteViewSet
from registry.api.territories import TerritoryViewSet

router = SimpleRouter()
router.register("territories", TerritoryViewSet, "territory")
router.register("miners", MinerViewSet, "miner")
router.register("ownerships", OwnershipViewSet, "ownership")
router.register("sites", SiteViewSet, "site")
router.register("device-models", DeviceModelViewSet, "device-model")
router.register("devices", DeviceViewSet, "device")
router.register("registers", RegisterViewSet, "register")
router.register("registrations", RegistrationViewSet, "registration")
router.register("sightings", SightingViewSet, "sighting")
router.register("lists", SightingListViewSet, "list")
router.register("links", LinkViewSet, "link")
router.register("mergers", MergerViewSet, "merger")
router.register("readings", ReadingViewSet, "reading")
router.register("declarations", DeclarationViewSet, "declaration")
router.register("accounts", AccountViewSet, "account")
router.register("impediments", ImpedimentViewSet, "impediment")
router.register("imports", ImportViewSet, "import")
router.register("imports/(?P<import_id>[0-9]{1,18})/errors", RowErrorViewSet, "import-error")

urlpatterns = router.urls
