"""The waterfall over HTTP: from those obliged to those registered, in breach, and fined."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from compliance.api.asked import book_asked, day_asked, estimate_asked
from compliance.choices import Grade
from compliance.estimates.waterfall import Step, step_json
from compliance.models import Case, Estimate, Exposure, Fine, Payment, RegistrationRate
from compliance.selectors.estimated import Estimated
from compliance.selectors.waterfall import waterfall_of
from registry.api.base import AnswerView
from registry.models import Declaration, Reading, Territory

FIGURE: dict[str, Any] = {"max_digits": 30, "decimal_places": 3, "allow_null": True}
GRADES = [(str(value), str(label)) for value, label in Grade.choices]


class QuantitySerializer(serializers.Serializer):
    """What is known of a number: null is unknown, never zero."""

    low = serializers.DecimalField(**FIGURE, help_text="At least.")
    point = serializers.DecimalField(**FIGURE)
    high = serializers.DecimalField(**FIGURE, help_text="At most.")
    why_unknown = serializers.CharField(allow_blank=True, help_text="What is missing, where an end is null.")


class SumSerializer(serializers.Serializer):
    currency = serializers.CharField()
    low = serializers.DecimalField(max_digits=30, decimal_places=2)
    high = serializers.DecimalField(max_digits=30, decimal_places=2)


class WaterfallStepSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    of = serializers.CharField(help_text="Code of the step that it is a part of; empty for a whole.")
    operations = QuantitySerializer()
    energy_kwh = QuantitySerializer(help_text="What their meters show for the twelve months.")
    lacking_kwh = QuantitySerializer(allow_null=True, help_text="Metered and not declared; null where not asked.")
    money = SumSerializer(many=True, help_text="Per currency, never added up or converted.")
    unpriced = serializers.IntegerField(help_text="Breaches for which the book names no known amount.")
    no_money = serializers.CharField(allow_blank=True, help_text="Why there is no amount of money.")
    grade = serializers.ChoiceField(choices=GRADES)
    sources = serializers.ListField(child=serializers.CharField(), help_text="Norms, rows and runs it comes from.")
    note = serializers.CharField(allow_blank=True)


class EstimateNamedSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    territory = serializers.CharField()
    window_from = serializers.DateField()
    as_of = serializers.DateField()
    sentence = serializers.CharField()
    provisional = serializers.BooleanField()


class WaterfallSerializer(serializers.Serializer):
    as_of = serializers.DateField()
    territory = serializers.CharField(allow_blank=True)
    book = serializers.CharField(help_text="Code of the book; empty for the law in force of each jurisdiction.")
    estimate = EstimateNamedSerializer(allow_null=True)
    results = WaterfallStepSerializer(many=True)


class WaterfallView(AnswerView):
    """Everyone obliged to register, and what became of them, in parts that add up.

    A whole comes before its parts; the parts of `obliged` are those registered in time and late, those whose
    registration ended, those never registered, and from an estimate those whom nobody has seen. What is not known is
    null, with words.
    """

    reads = (RegistrationRate, Exposure, Estimate, Case, Fine, Payment, Declaration, Reading)
    parameters = frozenset({"territory", "as_of", "estimate", "book"})
    csv_name = "waterfall"
    csv_columns = (
        "as_of", "territory", "code", "title", "of", "operations_low", "operations", "operations_high",
        "kwh_low", "kwh", "kwh_high", "currency", "money_low", "money_high", "unpriced", "grade", "sources", "note",
    )  # fmt: skip

    @extend_schema(
        parameters=[
            OpenApiParameter("territory", str, description="Code of a territory; all that lies below counts too."),
            OpenApiParameter(
                "as_of", OpenApiTypes.DATE, description="A day; the day of the stored totals if left out."
            ),
            OpenApiParameter("estimate", int, description="Number of a finished estimate; the latest if left out."),
            OpenApiParameter("book", str, description="Code of a book; the law in force if left out."),
        ],
        responses=WaterfallSerializer,
    )
    def get(self, request: Request) -> Any:
        day = day_asked(self)
        territory = self.territory()
        run = estimate_asked(self, territory, day)
        if territory is None and run is not None:
            territory = Territory.objects.get(code=run.territory)
        book = book_asked(self)
        found = waterfall_of(day, territory=territory, estimate=run, book=book)
        code = territory.code if territory else ""
        envelope = {
            "as_of": day,
            "territory": code,
            "book": book.code if book else "",
            "estimate": estimate_json(run),
        }
        rows = [row for step in found.steps for row in _flat(step)]
        return self.answer(
            envelope,
            [step_json(step) for step in found.steps],
            [{"as_of": day, "territory": code, **row} for row in rows],
        )


def estimate_json(run: Estimated | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "number": run.number,
        "territory": run.territory,
        "window_from": run.window_from,
        "as_of": run.as_of,
        "sentence": run.sentence,
        "provisional": run.provisional,
    }


def _flat(step: Step) -> list[dict[str, Any]]:
    """One row per currency, or one without."""
    told = step_json(step)
    row = {
        **{name: told[name] for name in ("code", "title", "of", "unpriced", "grade", "note")},
        "sources": "; ".join(step.sources),
        "operations_low": told["operations"]["low"],
        "operations": told["operations"]["point"],
        "operations_high": told["operations"]["high"],
        "kwh_low": told["energy_kwh"]["low"],
        "kwh": told["energy_kwh"]["point"],
        "kwh_high": told["energy_kwh"]["high"],
    }
    sums = told["money"] or [{"currency": "", "low": None, "high": None}]
    return [
        {**row, "currency": each["currency"], "money_low": each["low"], "money_high": each["high"]} for each in sums
    ]
