"""The headline over HTTP: how much is registered, and what the rest is exposed to."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.claims import ClaimSerializer
from compliance.api.compared_claims import ComparedClaimSerializer
from compliance.api.public_estimate import PublicEstimateSerializer, claims_json, public_estimate_json
from compliance.api.rates import RateSerializer, rate_json
from compliance.choices import book_kinds
from compliance.models import Claim, Estimate, Exposure, RegistrationRate
from compliance.selectors.public_estimate import public_estimate
from compliance.selectors.totals import BookTotal, headline, stored_day
from registry.api.base import AnswerView


class BookTotalSerializer(serializers.Serializer):
    book = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=book_kinds())
    currency = serializers.CharField(allow_blank=True)
    findings = serializers.IntegerField()
    unpriced = serializers.IntegerField()
    amount_low = serializers.DecimalField(max_digits=24, decimal_places=2, allow_null=True)
    amount_high = serializers.DecimalField(max_digits=24, decimal_places=2, allow_null=True)


class HeadlineSerializer(serializers.Serializer):
    as_of = serializers.DateField()
    computed_on = serializers.DateField(allow_null=True, help_text="The day that the stored totals are for.")
    on_file = serializers.IntegerField()
    registered = serializers.IntegerField()
    obliged = serializers.IntegerField()
    obliged_registered = serializers.IntegerField()
    sighted = serializers.IntegerField()
    sighted_registered = serializers.IntegerField()
    rates = RateSerializer(many=True)
    estimate = PublicEstimateSerializer(help_text="The fourth denominator: all mining, as estimated.")
    claims = ClaimSerializer(many=True)
    claims_compared = ComparedClaimSerializer(many=True, help_text="The same claims with their verdicts.")
    exposure = BookTotalSerializer(many=True)
    undetermined = serializers.IntegerField(
        allow_null=True,
        help_text="Questions of a norm to a miner for which a fact is missing; null for a day that is not stored.",
    )
    undetermined_miners = serializers.IntegerField(
        allow_null=True, help_text="Miners of whom at least one such question is open; null for a day not stored."
    )
    undetermined_share = serializers.DecimalField(
        max_digits=9, decimal_places=6, allow_null=True, help_text="The same as a part of the miners on file."
    )
    stale = serializers.IntegerField(help_text="Marks of changes that the totals do not show yet.")


class HeadlineView(AnswerView):
    """The front page in numbers."""

    reads = (RegistrationRate, Exposure, Claim, Estimate)
    parameters = frozenset({"as_of"})

    @extend_schema(
        parameters=[
            OpenApiParameter("as_of", OpenApiTypes.DATE, description="A day; the day of the stored totals if left out.")
        ],
        responses=HeadlineSerializer,
    )
    def get(self, request: Request) -> Response:
        figures = headline(self.day("as_of") or stored_day() or self.today())
        told = public_estimate(figures.as_of, figures.claims)
        shown = {name: value for name, value in vars(figures).items() if name not in ("rates", "claims", "exposure")}
        return Response(
            {
                **shown,
                "undetermined_share": _share(figures.undetermined_share),
                "rates": [rate_json(rate) for rate in figures.rates],
                "estimate": public_estimate_json(told),
                "claims": ClaimSerializer(figures.claims, many=True).data,
                "claims_compared": claims_json(told),
                "exposure": [_book(total) for total in figures.exposure],
            }
        )


def _share(share: Decimal | None) -> str | None:
    return None if share is None else f"{share:.6f}"


def _book(total: BookTotal) -> dict[str, Any]:
    row = asdict(total)
    amounts = {name: None if row[name] is None else f"{row[name]:.2f}" for name in ("amount_low", "amount_high")}
    names = {"book": row["book_code"], "title": row["book_title"], "kind": row["book_kind"]}
    return {**names, **{name: row[name] for name in ("currency", "findings", "unpriced")}, **amounts}
