"""Mergers over HTTP: that a miner is on file twice, said and taken back."""

from typing import Any

import django_filters as filters
from rest_framework import mixins

from registry.api.base import CreateMixin, ReadViewSet
from registry.api.fields import MinerField, NounSerializer
from registry.api.filters import IdentifierFilter, NumberInFilter
from registry.api.schema import with_example
from registry.models import Merger, Miner
from registry.services.mergers import miner_merge, miner_unmerge


class MergerFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    same_as = NumberInFilter(field_name="same_as_id")
    identifier = IdentifierFilter()

    class Meta:
        model = Merger
        fields = ()


@with_example({"miner": 12, "same_as": "ru.inn=7707083893", "note": "The same owner under a second number."})
class MergerSerializer(NounSerializer):
    miner = MinerField()
    same_as = MinerField()

    class Meta:
        model = Merger
        fields = ("id", "miner", "same_as", "note", "made_by", "created_at")
        read_only_fields = ("id", "made_by", "created_at")

    def create(self, validated_data: dict[str, Any]) -> Merger:
        return miner_merge(**validated_data, user=self.context["request"].user)


class MergerViewSet(ReadViewSet, CreateMixin, mixins.DestroyModelMixin):
    """Miners who are on file twice: `miner` counts as `same_as`. Deleting a merger takes it back."""

    http_method_names = ["get", "post", "delete", "head", "options"]
    queryset = Merger.objects.all()
    reads = (Merger, Miner)
    serializer_class = MergerSerializer
    filterset_class = MergerFilterSet
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "miner_name": "miner__name",
        "same_as": "same_as_id",
        "same_as_name": "same_as__name",
        "note": "note",
        "created_at": "created_at",
    }

    def perform_destroy(self, instance: Merger) -> None:
        miner_unmerge(miner=instance.miner)
