"""The exposure of what nobody has seen over HTTP: its number, its price in each book, and what it may bring in."""

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.api.asked import book_asked, day_asked, estimate_asked, number_asked
from compliance.api.waterfall import GRADES, EstimateNamedSerializer, QuantitySerializer, estimate_json
from compliance.choices import book_kinds
from compliance.estimates.waterfall import quantity_json
from compliance.models import Book, Case, Estimate, Exposure, Finding, Fine, Payment
from compliance.selectors.hidden_exposure import Expected, Hidden, Question, hidden_exposure
from compliance.selectors.hidden_rows import HiddenRow
from registry.api.base import AnswerView
from registry.models import Sighting, Territory

AMOUNT: dict[str, Any] = {"max_digits": 30, "decimal_places": 2, "allow_null": True}
FIGURES = ("low", "best_low", "best_high", "high", "expected_low", "expected", "expected_high")
MOST_MONTHS, MOST_HAZARD, MOST_CV = 120, 10.0, 2.0


class HazardSerializer(serializers.Serializer):
    per_month = serializers.FloatField(allow_null=True, help_text="Detections a month of one operation.")
    probability = serializers.FloatField(allow_null=True, help_text="Of being found within the horizon.")
    fined = serializers.IntegerField(help_text="Miners fined in the twelve months up to the day.")
    at_risk = serializers.IntegerField(help_text="Unregistered operations on file or sighted.")
    words = serializers.CharField()


class KindPriceSerializer(serializers.Serializer):
    book = serializers.CharField()
    kind = serializers.CharField(help_text="Kind of miner.")
    currency = serializers.CharField(allow_blank=True, help_text="Empty where no amount is known.")
    low = serializers.DecimalField(**AMOUNT)
    high = serializers.DecimalField(**AMOUNT)
    breaches = serializers.IntegerField(help_text="Norms that one unregistered operation of the kind breaches.")
    unpriced = serializers.IntegerField(help_text="Of them, those for which no amount is known.")


class HiddenRowSerializer(serializers.Serializer):
    book = serializers.CharField()
    name = serializers.CharField(help_text="all, a size class, or a kind of miner, as in the strata of the estimate.")
    how = serializers.ChoiceField(choices=["range", "split", "by_kind"])
    operations = QuantitySerializer()
    currency = serializers.CharField(allow_blank=True, help_text="Empty where the book names no known amount.")
    each_low = serializers.DecimalField(**AMOUNT, help_text="For one operation.")
    each_high = serializers.DecimalField(**AMOUNT)
    low = serializers.DecimalField(**AMOUNT, help_text="The fewest at the lowest amount.")
    best_low = serializers.DecimalField(**AMOUNT, help_text="The best number at the lowest amount.")
    best_high = serializers.DecimalField(**AMOUNT)
    high = serializers.DecimalField(**AMOUNT, help_text="The most at the highest amount.")
    expected_low = serializers.DecimalField(**AMOUNT, help_text="Within the horizon, of the fewest.")
    expected = serializers.DecimalField(**AMOUNT)
    expected_high = serializers.DecimalField(**AMOUNT)
    grade = serializers.ChoiceField(choices=GRADES)
    words = serializers.CharField(allow_blank=True)


class KnownExposureSerializer(serializers.Serializer):
    book = serializers.CharField()
    currency = serializers.CharField(allow_blank=True)
    findings = serializers.IntegerField()
    low = serializers.DecimalField(**AMOUNT)
    high = serializers.DecimalField(**AMOUNT)


class LevelSerializer(serializers.Serializer):
    level = serializers.FloatField()
    amount = serializers.DecimalField(**AMOUNT)


class ExpectedSerializer(serializers.Serializer):
    of = serializers.ChoiceField(choices=["known", "hidden"])
    book = serializers.CharField()
    currency = serializers.CharField()
    units = serializers.IntegerField()
    statutory_low = serializers.DecimalField(**AMOUNT, help_text="If every one were found.")
    statutory_high = serializers.DecimalField(**AMOUNT)
    mean = serializers.DecimalField(**AMOUNT)
    sd = serializers.DecimalField(**AMOUNT)
    variance = serializers.FloatField(help_text="In the currency squared.")
    quantiles = LevelSerializer(many=True, help_text="With this probability no more is collected.")
    how = serializers.CharField(help_text="FFT, Cornish-Fisher, Edgeworth or exact.")
    grade = serializers.ChoiceField(choices=GRADES)


class InFactSerializer(serializers.Serializer):
    currency = serializers.CharField()
    fines = serializers.IntegerField()
    assessed = serializers.DecimalField(**AMOUNT)
    collected = serializers.DecimalField(**AMOUNT)


class BookNamedSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=book_kinds())
    sentence = serializers.CharField()


class HiddenExposureSerializer(serializers.Serializer):
    as_of = serializers.DateField()
    territory = serializers.CharField(allow_blank=True)
    months = serializers.IntegerField(help_text="The horizon, and how far back assessed and collected are counted.")
    common_cv = serializers.FloatField()
    estimate = EstimateNamedSerializer(allow_null=True)
    unregistered = QuantitySerializer(help_text="All unregistered, by the estimate.")
    on_file = serializers.IntegerField(help_text="Of them on file: their exposure is that of the findings.")
    unseen = QuantitySerializer(help_text="The rest.")
    hazard = HazardSerializer()
    split = serializers.DictField(child=serializers.IntegerField(), help_text="Unregistered sighted, by kind.")
    books = BookNamedSerializer(many=True)
    prices = KindPriceSerializer(many=True)
    known = KnownExposureSerializer(many=True)
    expected = ExpectedSerializer(many=True)
    in_fact = InFactSerializer(many=True)
    results = HiddenRowSerializer(many=True)


class HiddenExposureView(AnswerView):
    """What those whom nobody has seen could cost, in each book, and what may be collected within a horizon.

    The number comes from an estimate, with its interval; the price of one from the book, by kind of miner. Where the
    kind is not known the price runs from the cheapest to the dearest kind. Amounts are per currency and never
    converted; what a book does not price is null, with words.
    """

    reads = (Finding, Exposure, Book, Estimate, Case, Fine, Payment, Sighting)
    parameters = frozenset({"territory", "as_of", "estimate", "book", "months", "hazard", "cv"})

    @extend_schema(
        parameters=[
            OpenApiParameter("territory", str, description="Code of a territory; all that lies below counts too."),
            OpenApiParameter(
                "as_of", OpenApiTypes.DATE, description="A day; the day of the stored totals if left out."
            ),
            OpenApiParameter("estimate", int, description="Number of a finished estimate; the latest if left out."),
            OpenApiParameter("book", str, description="Code of a book; every book if left out."),
            OpenApiParameter("months", int, description="The horizon, 1 to 120 months; 12 if left out."),
            OpenApiParameter(
                "hazard", float, description="Detections a month of one operation; the register's if left out."
            ),
            OpenApiParameter("cv", float, description="Raids come together: variation of their common factor, 0 to 2."),
        ],
        responses=HiddenExposureSerializer,
    )
    def get(self, request: Request) -> Response:
        day = day_asked(self)
        territory = self.territory()
        run = estimate_asked(self, territory, day)
        if territory is None and run is not None:
            territory = Territory.objects.get(code=run.territory)
        book = book_asked(self)
        months = int(number_asked(self, "months", 1, MOST_MONTHS, whole=True) or 12)
        asked = Question(
            day=day,
            territory=territory,
            months=months,
            hazard=number_asked(self, "hazard", 0, MOST_HAZARD),
            common_cv=number_asked(self, "cv", 0, MOST_CV) or 0.0,
        )
        books = [book] if book else list(Book.objects.select_related("pack").order_by("kind", "code"))
        found = hidden_exposure(asked, run, books)
        return Response(
            {
                "as_of": day,
                "territory": territory.code if territory else "",
                "months": months,
                "common_cv": asked.common_cv,
                "estimate": estimate_json(run),
                **hidden_json(found),
            }
        )


def hidden_json(found: Hidden) -> dict[str, Any]:
    return {
        "unregistered": quantity_json(found.unregistered),
        "on_file": found.on_file,
        "unseen": quantity_json(found.unseen),
        "hazard": vars(found.hazard),
        "split": found.split,
        "books": [
            {"code": book.code, "title": book.title, "kind": book.kind, "sentence": sentence}
            for book, sentence in zip(found.books.values(), found.sentences, strict=True)
        ],
        "prices": [{**vars(price), "low": money(price.low), "high": money(price.high)} for price in found.prices],
        "known": [{**vars(each), "low": money(each.low), "high": money(each.high)} for each in found.known],
        "expected": [_expected(each) for each in found.expected],
        "in_fact": [
            {**vars(each), "assessed": money(each.assessed), "collected": money(each.collected)}
            for each in found.in_fact
        ],
        "results": [_row(row) for row in found.rows],
    }


def money(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _row(row: HiddenRow) -> dict[str, Any]:
    figures = {name: None if row.figures is None else money(getattr(row.figures, name)) for name in FIGURES}
    return {
        "book": row.book,
        "name": row.name,
        "how": row.how,
        "operations": quantity_json(row.operations),
        "currency": row.currency,
        "each_low": money(row.each_low),
        "each_high": money(row.each_high),
        **figures,
        "grade": row.grade,
        "words": row.words,
    }


def _expected(each: Expected) -> dict[str, Any]:
    of = each.figures
    amounts = {name: money(getattr(of, name)) for name in ("statutory_low", "statutory_high", "mean", "sd")}
    return {
        "of": each.of,
        "book": each.book,
        "currency": each.currency,
        "units": of.units,
        **amounts,
        "variance": of.variance,
        "quantiles": [{"level": at.level, "amount": money(at.amount)} for at in of.quantiles],
        "how": of.how,
        "grade": each.grade,
    }
