"""Claims beside our figures over HTTP: whether what was said lies inside what we find."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from compliance.estimates.claims import Reason, Verdict
from compliance.law.schema import BOUNDS
from compliance.models import Claim, Estimate, RegistrationRate
from compliance.selectors.claims import Beside, Compared, claims_about, compared, day_of
from registry.api.base import AnswerView
from registry.models import Reading, Site

FIGURE: dict[str, Any] = {"max_digits": 30, "decimal_places": 6, "allow_null": True}


class BesideSerializer(serializers.Serializer):
    what = serializers.CharField(help_text="estimate, register, meters, sites; or on_file, obliged, sighted.")
    title = serializers.CharField()
    low = serializers.DecimalField(**FIGURE)
    high = serializers.DecimalField(**FIGURE, help_text="Null where ours is a lower end: not all is on file.")
    unit = serializers.CharField()
    verdict = serializers.ChoiceField(choices=[str(each) for each in Verdict])
    sentence = serializers.CharField()


class ComparedClaimSerializer(serializers.Serializer):
    claim = serializers.CharField(help_text="Code of the claim.")
    territory = serializers.CharField()
    said_by = serializers.CharField()
    said_on = serializers.DateField()
    about_on = serializers.DateField(help_text="The day that it is about, by which our figures were chosen.")
    bounds = serializers.CharField()
    low = serializers.DecimalField(**FIGURE)
    high = serializers.DecimalField(**FIGURE)
    unit = serializers.CharField()
    confidence = serializers.CharField()
    verdict = serializers.ChoiceField(choices=[str(each) for each in Verdict])
    reason = serializers.ChoiceField(
        choices=[str(each) for each in Reason], allow_null=True, help_text="Why it is not compared; else null."
    )
    sentence = serializers.CharField()
    estimate = serializers.IntegerField(allow_null=True, help_text="Number of the estimate it was compared with.")
    beside = BesideSerializer(many=True, help_text="Our figure that gave the verdict.")
    figures = BesideSerializer(
        many=True,
        help_text="Counted rates of about that day; as a claim seldom says of what it is a share, no verdict.",
    )


class ComparedClaimsSerializer(serializers.Serializer):
    results = ComparedClaimSerializer(many=True)


class ComparedClaimsView(AnswerView):
    """Each claim beside the figures of its territory and day.

    A claimed share is held against the range of the finished estimate whose window is nearest to the day that the claim
    is about; a number of registered against the counts of the nearest stored day; energy and power against what is on
    file, which is a lower end.
    """

    reads = (Claim, RegistrationRate, Estimate, Reading, Site)
    parameters = frozenset({"territory", "bounds", "said_to"})
    csv_name = "claims-compared"
    csv_columns = (
        "claim", "territory", "said_by", "said_on", "about_on", "bounds", "low", "high", "unit", "confidence",
        "verdict", "reason", "sentence", "estimate", "our_low", "our_high",
    )  # fmt: skip

    @extend_schema(
        parameters=[
            OpenApiParameter("territory", str, description="Code of a territory; all that lies below counts too."),
            OpenApiParameter("bounds", str, enum=list(BOUNDS), description="Only claims about this."),
            OpenApiParameter("said_to", OpenApiTypes.DATE, description="Only claims said by this day."),
        ],
        responses=ComparedClaimsSerializer,
    )
    def get(self, request: Request) -> Any:
        bounds = self.one_of("bounds", ("", *BOUNDS))
        claims = claims_about(territory=self.territory(), bounds=bounds, day=self.day("said_to"))
        rows = [compared_json(found) for found in compared(claims)]
        return self.answer({}, rows, [_flat(row) for row in rows])


def compared_json(found: Compared) -> dict[str, Any]:
    claim = found.claim
    return {
        "claim": claim.code,
        "territory": claim.territory.code,
        "said_by": claim.said_by,
        "said_on": claim.said_on,
        "about_on": day_of(claim),
        "bounds": claim.bounds,
        "low": None if claim.low is None else f"{claim.low:.6f}",
        "high": None if claim.high is None else f"{claim.high:.6f}",
        "unit": claim.unit,
        "confidence": claim.confidence,
        "verdict": str(found.verdict),
        "reason": None if found.reason is None else str(found.reason),
        "sentence": found.sentence,
        "estimate": found.estimate,
        "beside": [_beside(each) for each in found.beside],
        "figures": [_beside(each) for each in found.figures],
    }


def _beside(each: Beside) -> dict[str, Any]:
    return {
        "what": each.what,
        "title": each.title,
        "low": None if each.span.low is None else f"{each.span.low:.6f}",
        "high": None if each.span.high is None else f"{each.span.high:.6f}",
        "unit": each.unit,
        "verdict": str(each.verdict),
        "sentence": each.sentence,
    }


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    ours = row["beside"][0] if row["beside"] else {"low": None, "high": None}
    kept = {name: value for name, value in row.items() if name not in ("beside", "figures")}
    return {**kept, "our_low": ours["low"], "our_high": ours["high"]}
