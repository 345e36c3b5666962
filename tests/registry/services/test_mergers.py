"""Mergers lead nowhere in two steps, and can be taken back."""

import pytest

from registry.errors import Refusal
from registry.models import Merger
from registry.services.mergers import miner_merge, miner_unmerge
from tests.factories import MinerFactory

pytestmark = pytest.mark.django_db


def test_merger_is_stated_once_and_taken_back() -> None:
    miner, same_as = MinerFactory.create_batch(2)
    made = miner_merge(miner=miner, same_as=same_as, note="twice")
    assert miner_merge(miner=miner, same_as=same_as) == made
    assert miner_unmerge(miner=miner)
    assert not miner_unmerge(miner=miner)
    assert not Merger.objects.exists()


def test_those_merged_into_a_miner_go_along_with_it() -> None:
    first, second, third = MinerFactory.create_batch(3)
    miner_merge(miner=first, same_as=second)
    miner_merge(miner=second, same_as=third)
    assert set(Merger.objects.values_list("miner", "same_as")) == {(first.pk, third.pk), (second.pk, third.pk)}


def test_merger_is_refused_with_itself_in_a_circle_and_where_another_stands() -> None:
    first, second, third = MinerFactory.create_batch(3)
    with pytest.raises(Refusal, match="not merged with itself"):
        miner_merge(miner=first, same_as=first)
    miner_merge(miner=first, same_as=second)
    for miner, same_as, code in (
        (second, first, "merged_in_a_circle"),
        (third, first, "merged_already"),
        (first, third, "merged_already"),
    ):
        with pytest.raises(Refusal) as refused:
            miner_merge(miner=miner, same_as=same_as)
        assert refused.value.code == code
    assert Merger.objects.count() == 1
