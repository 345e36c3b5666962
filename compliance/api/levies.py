"""Levies over HTTP: what was metered and declared, and what is owed on it, in sums over territories and kinds."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from compliance.models import Norm
from compliance.selectors.levies import LevyRow, levies
from registry.api.base import AnswerView
from registry.api.refusals import Problem
from registry.models import Declaration, Miner, Reading

DEFAULT_YEARS = 1
MOST_YEARS = 20


class LevyRowSerializer(serializers.Serializer):
    norm = serializers.CharField(help_text="Code of the norm.")
    month = serializers.DateField(help_text="The first day of the period.")
    months = serializers.IntegerField(help_text="How many months the period has: 1, 3 or 12.")
    territory = serializers.CharField()
    territory_name = serializers.CharField()
    kind = serializers.CharField(help_text="Kind of miner.")
    miners = serializers.IntegerField(help_text="Miners of whom some energy is known.")
    unknown_miners = serializers.IntegerField(
        help_text="Miners of whom neither a reading nor a declaration is on file, though the period is over; in no sum."
    )
    unread_miners = serializers.IntegerField(
        help_text="Miners with a site in use that was not read in some month that is over."
    )
    unread_months = serializers.IntegerField(
        help_text="These months, counted for each such miner; where it is not 0, the amounts may not be the whole."
    )
    metered_kwh = serializers.DecimalField(max_digits=24, decimal_places=3)
    declared_kwh = serializers.DecimalField(max_digits=24, decimal_places=3, allow_null=True)
    unpriced_kwh = serializers.DecimalField(
        max_digits=24, decimal_places=3, help_text="A rate that may apply to them is not known."
    )
    owed_low = serializers.DecimalField(
        max_digits=24,
        decimal_places=2,
        allow_null=True,
        help_text="On what was metered, by the lowest rates; on what was declared only where no month was read.",
    )
    owed_high = serializers.DecimalField(
        max_digits=24,
        decimal_places=2,
        allow_null=True,
        help_text="On what was metered or declared, whichever is more of each miner, by the highest rates.",
    )
    currency = serializers.CharField(allow_blank=True)


class LeviesSerializer(serializers.Serializer):
    first_day = serializers.DateField(help_text="Periods that begin from this day on.")
    last_day = serializers.DateField(help_text="Periods that begin up to this day, with it.")
    results = LevyRowSerializer(many=True)


class LeviesView(AnswerView):
    """Levies per kWh by period, territory and kind of miner, for the periods that begin in the days asked for.

    Amounts run from the lowest rate that may apply on what was metered to the highest on what was metered or declared,
    whichever is more. Where no meter of a miner was read in the period, what it declared is charged at both ends. They
    are of what is on file: months that were not read, and miners of whom nothing is known, are counted beside them.
    """

    reads = (Norm, Miner, Reading, Declaration)
    parameters = frozenset({"territory", "from", "to"})
    csv_columns = tuple(LevyRow.__dataclass_fields__)
    csv_name = "levies"

    @extend_schema(
        parameters=[
            OpenApiParameter("territory", str, description="Code of a territory; all that lies below counts too."),
            OpenApiParameter("from", OpenApiTypes.DATE, description="A day; a year before the last if left out."),
            OpenApiParameter("to", OpenApiTypes.DATE, description="The last day; today if left out."),
        ],
        responses=LeviesSerializer,
    )
    def get(self, request: Request) -> Any:
        last = self.day("to") or self.today()
        first = self.day("from") or last.replace(year=last.year - DEFAULT_YEARS, day=1)
        if first > last:
            sentence = f"from: {first} comes after to, {last}; give the earlier day first."
            raise Problem(400, "bad_date", sentence, [{"field": "from", "code": "bad_date", "detail": sentence}])
        if last.year - first.year > MOST_YEARS:
            sentence = f"from: ask for at most {MOST_YEARS} years at once."
            raise Problem(400, "bad_date", sentence, [{"field": "from", "code": "bad_date", "detail": sentence}])
        rows = [asdict(row) for row in levies(first, last, territory=self.territory(), today=self.today())]
        shown: list[dict[str, Any]] = [dict(LevyRowSerializer(row).data) for row in rows]
        return self.answer({"first_day": first, "last_day": last}, shown, rows)
