"""How far a change reaches: down to what is owned, over the whole group of who was fined, and to hosts."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext

from compliance.models import StaleMark
from compliance.selectors.reach import Mark, others_concerned
from registry.models import Miner, Ownership, Site
from tests.factories import MinerFactory, OwnershipFactory, SiteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain() -> list[Miner]:
    """Each owns the next; the last owns the first: a ring."""
    miners = [MinerFactory() for _ in range(4)]
    for owner, owned in pairwise(miners):
        OwnershipFactory(owner=owner, miner=owned)
    return miners


def mark(miner: Miner, source: str) -> Mark:
    return miner.pk, miner.territory_id, miner.kind, source


def cell(miner: Miner, source: str) -> Mark:
    return None, miner.territory_id, miner.kind, source


@pytest.mark.parametrize("make", [mark, cell])
def test_a_change_of_an_owner_reaches_down_and_not_up(chain: list[Miner], make: Callable[..., Mark]) -> None:
    chain[1].kind = "pool"
    chain[1].save()
    below = {miner.pk for miner in chain[1:]}
    assert others_concerned([make(chain[1], "impediment")]) == below


@pytest.mark.parametrize("make", [mark, cell])
def test_a_fine_reaches_the_whole_group(chain: list[Miner], make: Callable[..., Mark]) -> None:
    assert others_concerned([make(chain[3], "fine")]) == {miner.pk for miner in chain}


def test_a_ring_of_owners_comes_to_its_end(chain: list[Miner]) -> None:
    OwnershipFactory(owner=chain[-1], miner=chain[0])
    assert others_concerned([mark(chain[2], "miner")]) == {miner.pk for miner in chain}


@pytest.mark.parametrize("make", [mark, cell])
@pytest.mark.parametrize("source", ["miner", "registration", "reading", "site", "device"])
def test_a_change_of_a_client_reaches_its_host(make: Callable[..., Mark], source: str) -> None:
    site = SiteFactory(hosted=True)
    SiteFactory(miner__entrepreneur=True, hosted=True)
    assert others_concerned([make(site.miner, source)]) == {site.host_id}


@pytest.mark.parametrize("source", ["account", "declaration", "sighting", "site in cell"])
def test_nothing_is_asked_where_the_change_concerns_nobody_else(chain: list[Miner], source: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert others_concerned([mark(chain[0], source)]) == set()
    assert len(asked) == 0


def test_a_stake_marks_both_its_ends_and_a_site_its_miner_and_both_hosts() -> None:
    stake, site, other = OwnershipFactory(), SiteFactory(hosted=True), MinerFactory(operator=True)
    StaleMark.objects.all().delete()
    Ownership.objects.filter(pk=stake.pk).delete()
    assert set(StaleMark.objects.values_list("miner_id", flat=True)) == {stake.owner_id, stake.miner_id}
    StaleMark.objects.all().delete()
    Site.objects.filter(pk=site.pk).update(host=other, period=DateRange(site.period.lower, None))
    marked = StaleMark.objects.exclude(source="site in cell").values_list("miner_id", flat=True)
    assert set(marked) == {site.miner_id, site.host_id, other.pk}
