"""Penalty exposure over HTTP: what the open findings could cost by one book, lowest to highest."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from compliance.api.undetermined import UndeterminedSerializer, undetermined_json
from compliance.choices import BookKind, book_kinds
from compliance.models import Book, Exposure
from compliance.selectors.totals import exposure_by, sanctions_of, stored_day, undecided
from registry.api.base import AnswerView
from registry.api.refusals import Problem

FIGURES = ("currency", "findings", "unpriced", "amount_low", "amount_high")


class ExposureRowSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="Code of the territory or norm, or the kind of miner.")
    name = serializers.CharField()
    currency = serializers.CharField(allow_blank=True, help_text="Empty in the row of findings without a known amount.")
    findings = serializers.IntegerField()
    unpriced = serializers.IntegerField(help_text="Findings for which the book has no amount.")
    amount_low = serializers.DecimalField(max_digits=24, decimal_places=2, allow_null=True)
    amount_high = serializers.DecimalField(max_digits=24, decimal_places=2, allow_null=True)


class SanctionSerializer(serializers.Serializer):
    norm = serializers.CharField()
    sanction = serializers.CharField()
    findings = serializers.IntegerField()


class ExposureBookSerializer(serializers.Serializer):
    code = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=book_kinds())


class ExposureAnswerSerializer(serializers.Serializer):
    as_of = serializers.DateField()
    computed_on = serializers.DateField(allow_null=True)
    undetermined = UndeterminedSerializer(allow_null=True)
    group = serializers.CharField()
    book = ExposureBookSerializer()
    sanctions = SanctionSerializer(many=True, help_text="What may be imposed besides or instead of money.")
    results = ExposureRowSerializer(many=True)


class ExposureView(AnswerView):
    """What the breaches of a day could cost, by territory, kind of miner or norm; currencies are never added up."""

    reads = (Exposure, Book)
    parameters = frozenset({"as_of", "book", "group", "territory"})
    csv_columns = ("as_of", "book", "key", "name", *FIGURES)
    csv_name = "exposure"

    @extend_schema(
        parameters=[
            OpenApiParameter("book", str, description="Code of a book; the law in force if left out."),
            OpenApiParameter("group", str, enum=["territory", "kind", "norm"]),
            OpenApiParameter(
                "as_of", OpenApiTypes.DATE, description="A day; the day of the stored totals if left out."
            ),
            OpenApiParameter("territory", str, description="Code of a territory; all that lies below counts too."),
        ],
        responses=ExposureAnswerSerializer,
    )
    def get(self, request: Request) -> Any:
        stored = stored_day()
        day = self.day("as_of") or stored or self.today()
        group = self.one_of("group", ("territory", "kind", "norm"))
        book = self._book()
        rows = exposure_by(day, book=book, group=group, territory=self.territory())  # type: ignore[arg-type]
        sanctions = [
            {"norm": norm, "sanction": sanction, "findings": findings}
            for norm, sanction, findings in sanctions_of(day, book, territory=self.territory())
        ]
        results = [_row(asdict(row)) for row in rows]
        return self.answer(
            {
                "as_of": day,
                "computed_on": stored,
                "undetermined": undetermined_json(undecided(day, territory=self.territory())),
                "group": group,
                "book": {"code": book.code, "title": book.title, "kind": book.kind},
                "sanctions": sanctions,
            },
            results,
            [{"as_of": day, "book": book.code, **row} for row in results],
        )

    def _book(self) -> Book:
        code = self.request.query_params.get("book")
        books = Book.objects.select_related("pack")
        if code is None:
            found = books.filter(kind=BookKind.LAW).order_by("pk").first()
        else:
            found = None if "\0" in code else books.filter(code=code).first()
        if found is None:
            known = (
                ", ".join(Book.objects.order_by("pk").values_list("code", flat=True)[:50]) or "none: load a law pack"
            )
            sentence = f"There is no book of the code {code or '(law in force)'}; on file: {known}."
            raise Problem(
                400, "unknown_book", sentence, [{"field": "book", "code": "unknown_book", "detail": sentence}]
            )
        return found


def _row(row: dict[str, Any]) -> dict[str, Any]:
    amounts = {name: None if row[name] is None else f"{row[name]:.2f}" for name in ("amount_low", "amount_high")}
    return {"key": row["key_code"], "name": row["key_name"], **{name: row[name] for name in FIGURES}, **amounts}
