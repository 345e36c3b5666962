"""What several runs of the estimate say together: why two differ, how a month was revised, how the rate moved."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import Estimate
from compliance.selectors.revisions import regional_run, revisions
from compliance.services.estimate_asking import difference_ask
from compliance.services.estimate_differences import FIGURES
from registry.api.base import AnswerView
from registry.api.refusals import Problem

TERRITORY = OpenApiParameter("territory", str, description="Code of a territory.")
NO_RUN = "No run by region is finished yet; ask for one with kind “regions”."
NUMBERS = ("registered", "seen", "unregistered", "unregistered_low", "unregistered_high", "rate", "low", "high")
SERIES: tuple[str, ...] = (*NUMBERS, "smoothed", "smoothed_low", "smoothed_high")
OF_REGION: tuple[str, ...] = (*NUMBERS, "rate_own", "weight", "suppressed")


class ValuesSerializer(serializers.Serializer):
    """Decimal strings; U and the rate are left out where a run has no point."""

    registered = serializers.CharField()
    unregistered = serializers.CharField(required=False, allow_null=True)
    unregistered_low = serializers.CharField(allow_null=True)
    unregistered_high = serializers.CharField(allow_null=True)
    rate = serializers.CharField(required=False, allow_null=True)
    rate_low = serializers.CharField(allow_null=True)
    rate_high = serializers.CharField(allow_null=True)


class PartSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    values = ValuesSerializer()


class DifferenceSerializer(serializers.Serializer):
    """The parts add up exactly to the difference."""

    number_from = serializers.IntegerField()
    number_to = serializers.IntegerField()
    earlier = ValuesSerializer()
    later = ValuesSerializer()
    difference = ValuesSerializer()
    parts = PartSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())


class DifferenceView(AnswerView):
    """Why two finished runs of one territory differ: computed by a worker once, and kept."""

    reads = (Estimate,)
    parameters = frozenset({"from", "to"})
    csv_columns = ("part", *FIGURES)
    csv_name = "estimate-difference"

    @extend_schema(
        parameters=[
            OpenApiParameter("from", int, required=True, description="Number of the earlier run."),
            OpenApiParameter("to", int, required=True, description="Number of the later run."),
        ],
        responses={
            200: DifferenceSerializer,
            202: OpenApiResponse(None, "A worker is at it: ask again in the seconds that `Retry-After` says."),
        },
    )
    def get(self, request: Request) -> Any:
        earlier, later = self._run("from"), self._run("to")
        kept = difference_ask(earlier, later)
        if kept is None:
            return Response({"detail": "It is being computed."}, status=202, headers={"Retry-After": "5"})
        rows = [*kept.parts["parts"], {"code": "difference", "values": kept.parts["difference"]}]
        flat = [{"part": row["code"], **{name: row["values"].get(name) for name in FIGURES}} for row in rows]
        envelope = {"number_from": earlier.pk, "number_to": later.pk, **kept.parts}
        answer = self.answer(envelope, [], flat)
        if isinstance(answer, Response):
            answer.data.pop("results")
        return answer

    def _run(self, name: str) -> Estimate:
        text = self.request.query_params.get(name, "")
        found = None
        if text.isascii() and text.isdecimal() and len(text) <= 18:
            found = Estimate.objects.select_related("territory").filter(pk=int(text)).first()
        if found is None:
            sentence = f"{name}: give the number of a run of the estimate; there is none of number “{text[:20]}”."
            raise Problem(
                400, "unknown_estimate", sentence, [{"field": name, "code": "unknown_estimate", "detail": sentence}]
            )
        return found


class RevisionSerializer(serializers.Serializer):
    territory = serializers.CharField(help_text="Code of the place.")
    as_of = serializers.DateField()
    window_from = serializers.DateField()
    by = serializers.CharField()
    number = serializers.IntegerField(help_text="Of the run.")
    known_at = serializers.DateTimeField()
    status = serializers.CharField()
    registered = serializers.IntegerField(allow_null=True)
    unregistered = serializers.FloatField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True, help_text="Of the rate, since the run before of that window.")
    provisional = serializers.BooleanField()
    sentence = serializers.CharField()


class RevisionsSerializer(serializers.Serializer):
    results = RevisionSerializer(many=True)


class RevisionsView(AnswerView):
    """The revision triangle: for each window the figure as each run gave it, in the order of what they knew."""

    reads = (Estimate,)
    parameters = frozenset({"territory"})
    csv_columns = tuple(RevisionSerializer().fields)
    csv_name = "estimate-revisions"

    @extend_schema(parameters=[TERRITORY], responses=RevisionsSerializer)
    def get(self, request: Request) -> Any:
        rows = [asdict(row) for row in revisions(self.territory())]
        return self.answer({}, rows, rows)


class MonthSerializer(serializers.Serializer):
    month = serializers.DateField()
    territory = serializers.CharField()
    provisional = serializers.BooleanField()
    registered = serializers.IntegerField()
    seen = serializers.IntegerField(help_text="Unregistered operations that some list saw.")
    unregistered = serializers.FloatField(allow_null=True)
    unregistered_low = serializers.FloatField(allow_null=True)
    unregistered_high = serializers.FloatField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    smoothed = serializers.FloatField(allow_null=True, required=False, help_text="Of the nation only.")
    smoothed_low = serializers.FloatField(allow_null=True, required=False)
    smoothed_high = serializers.FloatField(allow_null=True, required=False)
    rate_own = serializers.FloatField(allow_null=True, required=False, help_text="By the region's own lists alone.")
    weight = serializers.FloatField(allow_null=True, required=False, help_text="Of the region's own lists.")
    suppressed = serializers.BooleanField(required=False, help_text="Whether its own figure is too thin to be shown.")


class SeriesSerializer(serializers.Serializer):
    number = serializers.IntegerField(allow_null=True, help_text="Of the run by region that it was read from.")
    sentence = serializers.CharField(allow_blank=True)
    results = MonthSerializer(many=True)


class SeriesView(AnswerView):
    """How the rate moved, month by month, by the last run by region: the nation with its bands, or one region."""

    reads = (Estimate,)
    parameters = frozenset({"territory", "region"})
    csv_columns = ("month", "territory", "provisional", *dict.fromkeys((*SERIES, *OF_REGION)))
    csv_name = "estimate-series"

    @extend_schema(
        parameters=[TERRITORY, OpenApiParameter("region", str, description="Code of one region, or “all”.")],
        responses=SeriesSerializer,
    )
    def get(self, request: Request) -> Any:
        run = regional_run(self.territory())
        if run is None:
            return self.answer({"number": None, "sentence": NO_RUN}, [], [])
        region = request.query_params.get("region")
        rows = []
        for month in (run.result or {}).get("months", []):
            dated = {"month": month["month"], "provisional": month["provisional"]}
            if region is None:
                rows.append({**dated, "territory": run.territory.code, **{name: month[name] for name in SERIES}})
            rows += [
                {**dated, "territory": each["territory"], **{name: each[name] for name in OF_REGION}}
                for each in month["regions"]
                if region in ("all", each["territory"])
            ]
        sentence = "" if rows else f"Run {run.pk} says nothing of region {region}."
        flat = [{name: row.get(name) for name in self.csv_columns} for row in rows]
        return self.answer({"number": run.pk, "sentence": sentence}, rows, flat)
