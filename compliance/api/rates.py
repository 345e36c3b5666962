"""Registration rates over HTTP: the counts of a day, and the rates over each denominator by itself."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from compliance.api.undetermined import UndeterminedSerializer, undetermined_json
from compliance.models import RegistrationRate
from compliance.models.rates import COUNTS
from compliance.selectors.totals import Rate, RateRow, rate_series, rates_by, stored_day, undecided
from registry.api.base import AnswerView
from registry.choices import MinerKind

KEYS = ("territory", "territory_name", "kind")
SHARES = ("share_on_file", "share_obliged", "share_sighted")
TERRITORY = OpenApiParameter("territory", str, description="Code of a territory; all that lies below counts too.")
PLACES = Decimal("0.000001")


class RateSerializer(serializers.Serializer):
    """Registered out of one denominator. Rates over different denominators are never mixed."""

    denominator = serializers.ChoiceField(choices=("on_file", "obliged", "sighted"))
    registered = serializers.IntegerField()
    total = serializers.IntegerField()
    share = serializers.DecimalField(max_digits=7, decimal_places=6, allow_null=True, help_text="Null if total is 0.")


class RateRowSerializer(serializers.Serializer):
    territory = serializers.CharField(help_text="Code; empty where rows are not by territory.")
    territory_name = serializers.CharField()
    kind = serializers.CharField(help_text="Kind of miner; empty where rows are not by kind, or nobody is known.")
    on_file = serializers.IntegerField()
    registered = serializers.IntegerField()
    obliged = serializers.IntegerField()
    obliged_registered = serializers.IntegerField()
    sighted = serializers.IntegerField()
    sighted_registered = serializers.IntegerField()
    rates = RateSerializer(many=True)


class RatesSerializer(serializers.Serializer):
    as_of = serializers.DateField()
    computed_on = serializers.DateField(allow_null=True, help_text="The day that the stored totals are for.")
    undetermined = UndeterminedSerializer(allow_null=True)
    group = serializers.CharField()
    results = RateRowSerializer(many=True)


class RatePointSerializer(RateRowSerializer):
    as_of = serializers.DateField()


class RateSeriesSerializer(serializers.Serializer):
    results = RatePointSerializer(many=True)


class RatesView(AnswerView):
    """How much is registered on a day, by territory or by kind of miner."""

    reads = (RegistrationRate,)
    parameters = frozenset({"as_of", "group", "territory"})
    csv_columns = ("as_of", *KEYS, *COUNTS, *SHARES)
    csv_name = "rates"

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "as_of", OpenApiTypes.DATE, description="A day; the day of the stored totals if left out."
            ),
            OpenApiParameter("group", str, enum=["territory", "kind", "territory_kind"]),
            TERRITORY,
        ],
        responses=RatesSerializer,
    )
    def get(self, request: Request) -> Any:
        stored = stored_day()
        day = self.day("as_of") or stored or self.today()
        group = self.one_of("group", ("territory", "kind", "territory_kind"))
        rows = rates_by(day, group, territory=self.territory())  # type: ignore[arg-type]
        return self.answer(
            {
                "as_of": day,
                "computed_on": stored,
                "undetermined": undetermined_json(undecided(day, territory=self.territory())),
                "group": group,
            },
            [_row(row, by_kind=group == "kind") for row in rows],
            [_flat(row, by_kind=group == "kind") for row in rows],
        )


class RateSeriesView(AnswerView):
    """How the rates moved: one row per stored day, oldest first."""

    reads = (RegistrationRate,)
    parameters = frozenset({"territory", "kind"})
    csv_columns = ("as_of", *KEYS, *COUNTS, *SHARES)
    csv_name = "rate-series"

    @extend_schema(
        parameters=[TERRITORY, OpenApiParameter("kind", str, enum=MinerKind.values)], responses=RateSeriesSerializer
    )
    def get(self, request: Request) -> Any:
        kind = self.one_of("kind", ("", *MinerKind.values)) or None
        rows = rate_series(territory=self.territory(), kind=kind)
        return self.answer(
            {},
            [{"as_of": row.as_of, **_row(row, by_kind=False)} for row in rows],
            [_flat(row, by_kind=False) for row in rows],
        )


def rate_json(rate: Rate) -> dict[str, Any]:
    return {
        "denominator": rate.denominator,
        "registered": rate.registered,
        "total": rate.total,
        "share": None if rate.share is None else str(rate.share.quantize(PLACES)),
    }


def _keys(row: RateRow, *, by_kind: bool) -> dict[str, Any]:
    return {
        "territory": "" if by_kind else row.key_code,
        "territory_name": "" if by_kind else row.key_name,
        "kind": row.kind,
    }


def _row(row: RateRow, *, by_kind: bool) -> dict[str, Any]:
    counts = {name: getattr(row, name) for name in COUNTS}
    return {**_keys(row, by_kind=by_kind), **counts, "rates": [rate_json(rate) for rate in row.rates]}


def _flat(row: RateRow, *, by_kind: bool) -> dict[str, Any]:
    shares = {f"share_{rate.denominator}": rate_json(rate)["share"] for rate in row.rates}
    return {**asdict(row), **_keys(row, by_kind=by_kind), **shares}
