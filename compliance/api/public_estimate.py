"""The fourth denominator as JSON: the estimate with its range, its warnings and its number, or why there is none."""

from typing import Any

from rest_framework import serializers

from compliance.api.compared_claims import compared_json
from compliance.selectors.public_estimate import PublicEstimate


class WarningSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    message = serializers.CharField()
    doc = serializers.CharField(help_text="Where it is explained.")
    serious = serializers.BooleanField(help_text="No point estimate is given because of it.")


class PublicEstimateSerializer(serializers.Serializer):
    number = serializers.IntegerField(allow_null=True, help_text="Of the run; null where none is finished.")
    territory = serializers.CharField(allow_blank=True)
    window_from = serializers.DateField(allow_null=True)
    as_of = serializers.DateField(allow_null=True)
    status = serializers.CharField(help_text="estimate, range, at_most, none or conflict.")
    sentence = serializers.CharField(help_text="For the public, also where there is no figure.")
    rate = serializers.FloatField(allow_null=True, help_text="The best figure; null where there is only a range.")
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    provisional = serializers.BooleanField()
    inspected = serializers.BooleanField(help_text="Backed by a random inspection; else illustrative.")
    warnings = WarningSerializer(many=True)


def public_estimate_json(told: PublicEstimate) -> dict[str, Any]:
    run = told.run
    if run is None:
        nothing = dict.fromkeys(("number", "window_from", "as_of", "rate", "low", "high"))
        words = {"territory": "", "status": "none", "sentence": told.sentence}
        return {**nothing, **words, "provisional": False, "inspected": False, "warnings": []}
    return {
        "number": run.number,
        "territory": run.territory,
        "window_from": run.window_from,
        "as_of": run.as_of,
        "status": run.status,
        "sentence": told.sentence,
        "rate": None if run.point is None else float(run.point),
        "low": None if run.rate.low is None else float(run.rate.low),
        "high": None if run.rate.high is None else float(run.rate.high),
        "provisional": run.provisional,
        "inspected": run.inspected,
        "warnings": [
            {name: value for name, value in each.to_json().items() if name != "facts"} for each in run.notices
        ],
    }


def claims_json(told: PublicEstimate) -> list[dict[str, Any]]:
    return [compared_json(each) for each in told.claims]
