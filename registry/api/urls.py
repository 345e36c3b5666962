"""Addresses of the registry API."""

from rest_framework.routers import SimpleRouter

from registry.api.miners import MinerViewSet
from registry.api.territories import TerritoryViewSet

router = SimpleRouter()
router.register("territories", TerritoryViewSet, "territory")
router.register("miners", MinerViewSet, "miner")

urlpatterns = router.urls
