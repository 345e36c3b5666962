"""Impediments over HTTP: facts on file that may bar a person from mining."""

import django_filters as filters

from registry.api.base import WriteViewSet
from registry.api.fields import MinerField, NounSerializer, PeriodField, took_effect_already
from registry.api.filters import ChoiceInFilter, IdentifierFilter, NumberInFilter, TerritoryFilter
from registry.api.pagination import DatedKeysetPagination
from registry.api.schema import with_example
from registry.choices import impediment_kinds
from registry.models import Impediment, Miner


class ImpedimentFilterSet(filters.FilterSet):
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    territory = TerritoryFilter(field_name="miner__territory")
    kind = ChoiceInFilter(choices=impediment_kinds)
    search = filters.CharFilter(field_name="source", lookup_expr="icontains", label="A part of the document's name.")

    class Meta:
        model = Impediment
        fields = ()


@with_example(
    {
        "miner": "ru.inn=7707083893",
        "kind": "power_business",
        "source": "Sample register of power suppliers 2025/17",
        "period": {"from": "2025-01-01", "to": None},
    }
)
class ImpedimentSerializer(NounSerializer):
    miner = MinerField()
    period = PeriodField(validators=[took_effect_already])

    class Meta:
        model = Impediment
        fields = ("id", "miner", "kind", "source", "period", "import_run", "created_at")
        read_only_fields = ("id", "import_run", "created_at")


class ImpedimentViewSet(WriteViewSet):
    """Only who may view this very noun reads them, for they accuse people. `?as_of=` gives those in effect."""

    queryset = Impediment.objects.all()
    reads = (Impediment, Miner)
    serializer_class = ImpedimentSerializer
    filterset_class = ImpedimentFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "period"
    csv_columns = {
        "id": "id",
        "miner": "miner_id",
        "kind": "kind",
        "source": "source",
        "from": "period__startswith",
        "to": "period__endswith",
    }
