"""Scenarios over HTTP: what changed law would add up to, beside the law in force."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.deterrence import DeterrenceRequestSerializer, DeterrenceSerializer, deterrence_json
from compliance.api.sources import CODE
from compliance.law.scenarios import changes_of_json
from compliance.models import Book, Exposure, LawPack, Norm, Scenario
from compliance.selectors.differences import Comparison, Figures
from compliance.selectors.scenarios import Answer, scenario_answer
from compliance.selectors.totals import stored_day
from compliance.services.scenarios import scenario_create, scenario_delete
from registry.api.base import ReadViewSet
from registry.api.fields import CodeField, StrictSerializer
from registry.api.filters import CodeInFilter, YesNoFilter
from registry.api.schema import with_example

CHANGES = {
    "type": "array",
    "items": {"type": "object"},
    "description": (
        "A list of mappings, each with exactly one of act (and in_force_from), norm (and parameters, from, until,"
        " repealed), penalty (and amount or multiply), book, ban; see docs/howto/ask-what-if.md."
    ),
}
EXAMPLE = [
    {"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": 3000}},
    {
        "penalty": {"norms": ["ru.registration.miner"], "offenders": ["legal_entity"], "occurrence": "any"},
        "amount": {"low": 200000, "high": 2000000, "currency": "RUB"},
    },
    {"act": "ru.bill.1124554-8", "in_force_from": "2026-01-01"},
    {
        "ban": {
            "territories": ["RU-MOW"],
            "from": "2026-01-01",
            "season": {"from": "11-15", "until": "03-15"},
        }
    },
]


@extend_schema_field(CHANGES)
class ChangesField(serializers.JSONField):
    """Read in full by the law's own reader, which tells each fault at its place."""


class ScenarioFilterSet(filters.FilterSet):
    code = CodeInFilter(field_name="code", label="One code, or several parted by commas.")
    pack = CodeInFilter(field_name="pack__code", label="Code of a jurisdiction's pack, such as ru.")
    ready_made = YesNoFilter()
    search = filters.CharFilter(field_name="title", lookup_expr="icontains", label="A part of the title.")

    class Meta:
        model = Scenario
        fields = ()


class ScenarioSerializer(serializers.ModelSerializer):
    pack = serializers.CharField(source="pack.code", read_only=True)
    changes = ChangesField(read_only=True)

    class Meta:
        model = Scenario
        fields = ("code", "pack", "title", "note", "changes", "ready_made", "created_at")
        read_only_fields = fields


@with_example({"pack": "ru", "title": "Half the limit, ten times the fine", "changes": EXAMPLE})
class ScenarioRequestSerializer(StrictSerializer):
    pack = CodeField(noun="pack", queryset=LawPack.objects.all(), help_text="Code of the pack that it changes.")
    title = serializers.CharField(max_length=200)
    code = serializers.RegexField(
        "^my[.][a-z0-9]+([.-][a-z0-9]+)*$",
        max_length=80,
        required=False,
        help_text="Begins with “my.”; one is made if left out.",
    )
    note = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    changes = ChangesField()
    deterrence = DeterrenceRequestSerializer(required=False)


class AmountSerializer(serializers.Serializer):
    currency = serializers.CharField()
    low = serializers.DecimalField(max_digits=None, decimal_places=2)
    high = serializers.DecimalField(max_digits=None, decimal_places=2)


class FiguresSerializer(serializers.Serializer):
    findings = serializers.IntegerField()
    unpriced = serializers.IntegerField(help_text="Findings for which no amount is known; in none of the amounts.")
    amounts = AmountSerializer(many=True)


class UndeterminedSerializer(serializers.Serializer):
    miners = serializers.IntegerField(
        help_text="Miners on file who operate on the day (for a norm: whom it addresses)."
    )
    law = serializers.IntegerField(
        help_text="Those whom some norm can neither clear nor accuse, under the law in force."
    )
    law_share = serializers.CharField(allow_null=True)
    scenario = serializers.IntegerField()
    scenario_share = serializers.CharField(allow_null=True)


class ComparisonSerializer(serializers.Serializer):
    key = serializers.CharField(allow_blank=True, help_text="Code of the territory or norm, or the kind of miner.")
    name = serializers.CharField()
    law = FiguresSerializer(help_text="The law in force.")
    scenario = FiguresSerializer()
    difference = FiguresSerializer(help_text="Scenario less law; the sum of the next three, exactly.")
    newly_caught = FiguresSerializer()
    no_longer_caught = FiguresSerializer()
    amount_changed = FiguresSerializer()
    undetermined = UndeterminedSerializer()


class AnswerSerializer(serializers.Serializer):
    as_of = serializers.DateField()
    computed_on = serializers.DateField(allow_null=True, help_text="The day for which findings are on file.")
    stale = serializers.IntegerField(help_text="Marks of changes that the findings on file do not show yet.")
    notes = serializers.ListField(child=serializers.CharField())
    total = ComparisonSerializer()
    by_territory = ComparisonSerializer(many=True)
    by_kind = ComparisonSerializer(many=True)
    by_norm = ComparisonSerializer(many=True)


class AnsweredSerializer(serializers.Serializer):
    scenario = ScenarioSerializer()
    answer = AnswerSerializer()
    deterrence = DeterrenceSerializer(required=False, help_text="Where the request gave its inputs.")


AS_OF = OpenApiParameter("as_of", OpenApiTypes.DATE, description="A day; the day of the stored totals if left out.")


@extend_schema_view(
    create=extend_schema(request=ScenarioRequestSerializer, responses={201: AnsweredSerializer}, parameters=[AS_OF])
)
class ScenarioViewSet(ReadViewSet):
    """Named sets of changes to the law; the ready-made ones come first. An answer is computed when it is asked for."""

    http_method_names = ["get", "post", "delete", "head", "options"]
    queryset = Scenario.objects.select_related("pack")
    reads = (Scenario, Exposure, Norm, Book)
    serializer_class = ScenarioSerializer
    filterset_class = ScenarioFilterSet
    lookup_field = "code"
    lookup_value_regex = CODE
    ordering_fields = ("ready_made", "code", "id")
    default_ordering = "-ready_made"
    csv_columns = {"code": "code", "pack": "pack__code", "title": "title", "note": "note", "ready_made": "ready_made"}

    def known_parameters(self) -> frozenset[str]:
        known = super().known_parameters()
        return known | {"as_of"} if self.action in ("create", "answer") else known

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Keep a scenario and answer it at once; one that cannot be read is not kept."""
        form = ScenarioRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        pack = given["pack"]
        changes = changes_of_json(pack, given["changes"])
        body: dict[str, Any] = {}
        if "deterrence" in given:
            body["deterrence"] = deterrence_json(given["deterrence"])
        body["answer"] = answer_json(scenario_answer(pack, changes, self._asked_day()))
        scenario = scenario_create(
            pack=pack,
            title=given["title"],
            note=given.get("note", ""),
            code=given.get("code", ""),
            changes=changes,
            user=request.user if request.user.is_authenticated else None,
        )
        where = self.reverse_action("detail", args=[scenario.code])
        stored = Scenario.objects.select_related("pack").get(pk=scenario.pk)
        return Response({"scenario": ScenarioSerializer(stored).data, **body}, status=201, headers={"Location": where})

    @extend_schema(parameters=[AS_OF], responses=AnsweredSerializer)
    @action(detail=True)
    def answer(self, request: Request, **kwargs: Any) -> Response:
        """What the scenario makes of the register as it is on the day."""
        scenario = self.get_object()
        answered = scenario_answer(scenario.pack, scenario.changes, self._asked_day())
        return Response({"scenario": ScenarioSerializer(scenario).data, "answer": answer_json(answered)})

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a scenario of one's own."""
        scenario_delete(scenario=self.get_object(), user=request.user)
        return Response(status=204)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    def _asked_day(self) -> Any:
        return self.day("as_of") or stored_day() or self.today()


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer with amounts and shares as decimal strings."""
    return {
        "as_of": answer.as_of,
        "computed_on": answer.computed_on,
        "stale": answer.stale,
        "notes": answer.notes,
        "total": _row(answer.total),
        "by_territory": [_row(row) for row in answer.by_territory],
        "by_kind": [_row(row) for row in answer.by_kind],
        "by_norm": [_row(row) for row in answer.by_norm],
    }


def _row(row: Comparison) -> dict[str, Any]:
    unknown = row.unknown
    return {
        "key": row.key,
        "name": row.name,
        "law": _figures(row.law),
        "scenario": _figures(row.scenario),
        "difference": _figures(row.difference),
        "newly_caught": _figures(row.newly_caught),
        "no_longer_caught": _figures(row.no_longer_caught),
        "amount_changed": _figures(row.amount_changed),
        "undetermined": {
            "miners": unknown.miners,
            "law": unknown.law,
            "law_share": _share(unknown.law_share),
            "scenario": unknown.scenario,
            "scenario_share": _share(unknown.scenario_share),
        },
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "findings": figures.findings,
        "unpriced": figures.unpriced,
        "amounts": [
            {"currency": currency, "low": f"{low:.2f}", "high": f"{high:.2f}"}
            for currency, low, high in figures.amounts
        ],
    }


def _share(share: Any) -> str | None:
    return None if share is None else f"{share:.6f}"
