"""Registers and registrations over HTTP."""

import django_filters as filters
from django.db.models import Q, QuerySet
from rest_framework import serializers

from registry.api.base import WriteViewSet
from registry.api.fields import (
    CodeField,
    MinerField,
    NounSerializer,
    PeriodField,
    TerritoryField,
    began_already,
    day_of_mining,
)
from registry.api.filters import ChoiceInFilter, CodeInFilter, IdentifierFilter, NumberInFilter, TerritoryFilter
from registry.api.pagination import DatedKeysetPagination
from registry.api.schema import with_example
from registry.choices import miner_kinds, register_kinds, registration_statuses
from registry.models import Miner, Register, Registration


class RegisterFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    kind = ChoiceInFilter(choices=register_kinds)
    territory = TerritoryFilter()
    search = filters.CharFilter(method="by_search", label="A part of the name or of the keeper's name.")

    class Meta:
        model = Register
        fields = ()

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Q(name__icontains=value) | Q(keeper__icontains=value))


@with_example(
    {
        "code": "ru.sample",
        "name": "Sample register",
        "kind": "miners",
        "territory": "RU",
        "keeper": "Sample authority",
    }
)
class RegisterSerializer(NounSerializer):
    territory = TerritoryField()

    class Meta:
        model = Register
        fields = ("id", "code", "name", "kind", "territory", "keeper")
        read_only_fields = ("id",)


class RegisterViewSet(WriteViewSet):
    """Official registers, such as Russia's register of infrastructure operators."""

    queryset = Register.objects.select_related("territory")
    reads = (Register,)
    serializer_class = RegisterSerializer
    filterset_class = RegisterFilterSet
    ordering_fields = ("id", "code", "name")
    csv_columns = {
        "id": "id",
        "code": "code",
        "name": "name",
        "kind": "kind",
        "territory": "territory__code",
        "keeper": "keeper",
    }


class RegistrationFilterSet(filters.FilterSet):
    register = CodeInFilter(field_name="register__code", label="Code of a register, or several parted by commas.")
    miner = NumberInFilter(field_name="miner_id")
    identifier = IdentifierFilter()
    miner_kind = ChoiceInFilter(field_name="miner__kind", choices=miner_kinds)
    territory = TerritoryFilter(field_name="miner__territory")
    number = filters.CharFilter()
    status = ChoiceInFilter(choices=registration_statuses)
    in_force_on = filters.DateFilter(field_name="period", lookup_expr="contains")
    applied_from = filters.DateFilter(field_name="applied_on", lookup_expr="gte")
    applied_to = filters.DateFilter(field_name="applied_on", lookup_expr="lte")
    entered_from = filters.DateFilter(field_name="period__startswith", lookup_expr="gte")
    entered_to = filters.DateFilter(field_name="period__startswith", lookup_expr="lte")
    ended_from = filters.DateFilter(field_name="period__endswith", lookup_expr="gte")
    ended_to = filters.DateFilter(field_name="period__endswith", lookup_expr="lte")
    search = filters.CharFilter(field_name="number", lookup_expr="exact", label="A whole number in the register.")

    class Meta:
        model = Registration
        fields = ()


@with_example(
    {
        "register": "ru.miners",
        "miner": "ru.inn=7707083893",
        "number": "SAMPLE-77-1",
        "applied_on": "2024-11-05",
        "period": {"from": "2024-11-20", "to": None},
        "status": "active",
    }
)
class RegistrationSerializer(NounSerializer):
    register = CodeField(noun="register", queryset=Register.objects.all(), help_text="Code of the register.")
    miner = MinerField()
    miner_name = serializers.CharField(source="miner.name", read_only=True)
    applied_on = serializers.DateField(allow_null=True, required=False, validators=[day_of_mining])
    period = PeriodField(allow_null=True, required=False, validators=[began_already])

    class Meta:
        model = Registration
        fields = (
            "id",
            "register",
            "miner",
            "miner_name",
            "number",
            "applied_on",
            "period",
            "status",
            "reason",
            "import_run",
            "created_at",
        )
        read_only_fields = ("id", "import_run", "created_at")


class RegistrationViewSet(WriteViewSet):
    """Applications and entries of miners in registers. `?as_of=` gives the entries in force on the day."""

    queryset = Registration.objects.select_related("register", "miner")
    reads = (Registration, Miner)
    serializer_class = RegistrationSerializer
    filterset_class = RegistrationFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "period"
    csv_columns = {
        "id": "id",
        "register": "register__code",
        "miner": "miner_id",
        "miner_name": "miner__name",
        "number": "number",
        "applied_on": "applied_on",
        "from": "period__startswith",
        "to": "period__endswith",
        "status": "status",
        "reason": "reason",
    }
