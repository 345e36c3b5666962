"""Miners over HTTP, with the identifiers that they are known by."""

import datetime as dt
from typing import Any

import django_filters as filters
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from registry.api.base import WriteViewSet
from registry.api.fields import NounSerializer, PeriodField, TerritoryField, began_already
from registry.api.filters import (
    ChoiceInFilter,
    IdentifierFilter,
    NumberInFilter,
    TerritoryFilter,
    YesNoFilter,
    named_or_numbered,
)
from registry.api.pagination import DatedKeysetPagination
from registry.api.renderers import Gathered
from registry.choices import miner_kinds
from registry.errors import Refusal
from registry.models import Identifier, Miner, Registration
from registry.services.identifiers import identifier_clean, kind_mismatch

FETCHED = "fetched_identifiers"


class MinerFilterSet(filters.FilterSet):
    id = NumberInFilter(field_name="pk")
    kind = ChoiceInFilter(choices=miner_kinds)
    territory = TerritoryFilter()
    country = TerritoryFilter(field_name="country")
    has_country = YesNoFilter(field_name="country", lookup_expr="isnull", exclude=True)
    name = filters.CharFilter(lookup_expr="iexact", label="The whole name, in any case.")
    search = filters.CharFilter(method="by_search", label="A part of the name, or a whole number in any scheme.")
    identifier = IdentifierFilter(field_name="pk")
    scheme = filters.CharFilter(method="by_scheme", label="Has an identifier of this scheme, such as ru.ogrn.")
    started_from = filters.DateFilter(field_name="operating__startswith", lookup_expr="gte")
    started_to = filters.DateFilter(field_name="operating__startswith", lookup_expr="lte")
    stopped_from = filters.DateFilter(field_name="operating__endswith", lookup_expr="gte")
    stopped_to = filters.DateFilter(field_name="operating__endswith", lookup_expr="lte")
    registered_on = filters.DateFilter(method="by_registered_on", label="Held a registration on this day.")
    unregistered_on = filters.DateFilter(method="by_unregistered_on", label="Held no registration on this day.")
    register = filters.CharFilter(method="by_register", label="Code of a register that it has ever been entered in.")
    created_from = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_to = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lte")

    class Meta:
        model = Miner
        fields = ()

    def by_search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return named_or_numbered(queryset, value)

    def by_scheme(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(Exists(Identifier.objects.filter(miner=OuterRef("pk"), scheme=value)))

    def by_registered_on(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return queryset.filter(Exists(_registered(value)))

    def by_unregistered_on(self, queryset: QuerySet, name: str, value: dt.date) -> QuerySet:
        return queryset.filter(~Exists(_registered(value)))

    def by_register(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        entries = Registration.objects.filter(miner=OuterRef("pk"), register__code=value, period__isnull=False)
        return queryset.filter(Exists(entries))


def _registered(day: dt.date) -> QuerySet:
    return Registration.objects.in_force(day).filter(miner=OuterRef("pk"))


class FetchedIdentifiers(serializers.ListSerializer):
    """Reads the list that was fetched for the whole page; a manager per row would cost a fifth of the page's time."""

    def get_attribute(self, instance: Miner) -> Any:
        fetched = vars(instance).get(FETCHED)
        return instance.identifiers.all() if fetched is None else fetched


class IdentifierSerializer(NounSerializer):
    class Meta:
        model = Identifier
        fields = ("scheme", "value")
        list_serializer_class = FetchedIdentifiers

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            return {**attrs, "value": identifier_clean(attrs["scheme"], attrs["value"])}
        except Refusal as refusal:
            errors = {name: [ErrorDetail(text, refusal.code)] for name, text in refusal.fields.items()}
            raise serializers.ValidationError(errors) from None


EXAMPLE = {
    "name": "ООО Ангара Майнинг",
    "kind": "legal_entity",
    "territory": "RU-IRK",
    "country": "RU",
    "operating": {"from": "2024-11-01", "to": None},
    "identifiers": [{"scheme": "ru.inn", "value": "7707083893"}],
    "note": "",
}


@extend_schema_serializer(
    examples=[
        OpenApiExample("A company", value=EXAMPLE, request_only=True),
        OpenApiExample(
            "A company on file",
            value={"id": 12, **EXAMPLE, "import_run": 3, "created_at": "2026-03-01T09:30:00+03:00"},
            response_only=True,
        ),
    ]
)
class MinerSerializer(NounSerializer):
    territory = TerritoryField()
    country = TerritoryField(allow_null=True, required=False)
    operating = PeriodField(validators=[began_already])
    identifiers = IdentifierSerializer(
        many=True, required=False, help_text="On a change, the whole list in place of the one before."
    )

    class Meta:
        model = Miner
        fields = (
            "id",
            "name",
            "kind",
            "territory",
            "country",
            "operating",
            "identifiers",
            "note",
            "import_run",
            "created_at",
        )
        read_only_fields = ("id", "import_run", "created_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = attrs.get("kind", getattr(self.instance, "kind", ""))
        given = attrs.get("identifiers")
        if given is None and "kind" in attrs and self.instance is not None:
            given = list(self.instance.identifiers.values("scheme", "value"))
        schemes = [each["scheme"] for each in given or ()]
        if len(set(schemes)) < len(schemes):
            raise _refused("identifiers", "scheme_twice", "A miner has one number in each scheme; one is given twice.")
        for each in given or ():
            if sentence := kind_mismatch(kind, each["scheme"], each["value"]):
                raise _refused("identifiers", "kind_mismatch", sentence)
        return attrs

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> Miner:
        identifiers = validated_data.pop("identifiers", [])
        miner = Miner.objects.create(**validated_data)
        Identifier.objects.bulk_create(Identifier(miner=miner, **each) for each in identifiers)
        return miner

    @transaction.atomic
    def update(self, instance: Miner, validated_data: dict[str, Any]) -> Miner:
        identifiers = validated_data.pop("identifiers", None)
        miner: Miner = super().update(instance, validated_data)
        if identifiers is not None:
            wanted = {(each["scheme"], each["value"]) for each in identifiers}
            held = {(each.scheme, each.value): each.pk for each in miner.identifiers.all()}
            Identifier.objects.filter(pk__in=[pk for pair, pk in held.items() if pair not in wanted]).delete()
            Identifier.objects.bulk_create(
                Identifier(miner=miner, scheme=scheme, value=value) for scheme, value in sorted(wanted - held.keys())
            )
            # What was fetched before the change is not what is shown after it.
            vars(miner).pop(FETCHED, None)
        return miner


def _refused(field: str, code: str, sentence: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [ErrorDetail(sentence, code)]})


class MinerViewSet(WriteViewSet):
    """Persons and companies known to mine, or to host miners. `?as_of=` gives those that operated on the day."""

    queryset = Miner.objects.select_related("territory", "country").prefetch_related(
        Prefetch("identifiers", to_attr=FETCHED)
    )
    reads = (Miner,)
    serializer_class = MinerSerializer
    filterset_class = MinerFilterSet
    pagination_class = DatedKeysetPagination
    dated_by = "operating"
    ordering_fields = ("id", "name")
    csv_columns = {
        "id": "id",
        "name": "name",
        "kind": "kind",
        "territory": "territory__code",
        "country": "country__code",
        "operating_from": "operating__startswith",
        "operating_to": "operating__endswith",
        "note": "note",
        "import_run": "import_run_id",
        "created_at": "created_at",
    }
    # A scheme is one of a closed list, so that such a text cannot begin as a formula does.
    csv_gathered = Gathered("identifiers", "registry_identifier", "miner_id", "scheme || '=' || value")
