"""What every address of the API has in common, and the two kinds of list of nouns: read only, and read and write."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from rest_framework import mixins
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from registry.api.negotiation import Negotiation
from registry.api.parsers import BodyParser
from registry.api.refusals import Problem
from registry.api.renderers import MEDIA_TYPE, Gathered, csv_of_queryset, csv_of_rows
from registry.api.repeats import AnsweredBefore, Repeat, repeat_of
from registry.api.schema import ApiSchema
from registry.api.throttling import UserThrottle
from registry.models import Territory

LIST_PARAMETERS = frozenset({"ordering", "cursor", "page_size", "format"})


class ApiMixin(APIView):
    """`reads` names the models that the answers show; `parameters` the query parameters beside the filters."""

    reads: tuple[type[models.Model], ...] = ()
    writes: Mapping[str, tuple[str, ...]] = {}
    parameters: frozenset[str] = frozenset()
    parser_classes: Sequence[Any] = (BodyParser,)
    throttle_classes = (UserThrottle,)
    content_negotiation_class = Negotiation
    schema = ApiSchema()
    rate_headers: Mapping[str, str] = {}
    repeat: Repeat | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.refuse_unknown_parameters(request)
        repeat = repeat_of(request)
        if repeat is not None:
            repeat.claim()
            self.repeat = repeat

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, AnsweredBefore):
            return exc.response  # type: ignore[return-value]
        return super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.rate_headers.items():
            response[name] = value
        if self.repeat is not None:
            if isinstance(response, SimpleTemplateResponse):
                response.add_post_render_callback(self.repeat.keep)
            elif isinstance(response, HttpResponse):
                self.repeat.keep(response)
        return response

    def known_parameters(self) -> frozenset[str]:
        return self.parameters | {"format"}

    def refuse_unknown_parameters(self, request: Request) -> None:
        known = self.known_parameters()
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            sentence = f"This address knows {', '.join(sorted(known))}."
            raise Problem(
                400,
                "unknown_parameter",
                f"Unknown query parameter {', '.join(unknown)}. {sentence}",
                [{"field": name, "code": "unknown_parameter", "detail": sentence} for name in unknown],
            )

    def today(self) -> dt.date:
        return timezone.localdate()

    def day(self, name: str) -> dt.date | None:
        """A day out of the query, or None where it is not given."""
        text = self.request.query_params.get(name)
        if text is None:
            return None
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            sentence = f"{name}: give a day as YYYY-MM-DD."
            raise Problem(400, "bad_date", sentence, [{"field": name, "code": "bad_date", "detail": sentence}])
        return day


class NounMixin(ApiMixin, GenericViewSet):
    """One noun: a list that can be filtered, ordered, paged and taken as CSV, and its single rows.

    `csv_columns` gives the header and the path of each column; `dated_by` the period that `?as_of=` looks into.
    """

    lookup_value_regex = "[0-9]{1,18}"
    ordering_fields: tuple[str, ...] = ("id",)
    csv_columns: Mapping[str, str | Combinable] = {}
    csv_gathered: Gathered | None = None
    dated_by: str = ""
    as_of: dt.date | None = None

    def known_parameters(self) -> frozenset[str]:
        if self.action != "list":
            return super().known_parameters()
        filters = getattr(self, "filterset_class", None)
        names = frozenset(filters.base_filters) if filters else frozenset()
        return self.parameters | names | LIST_PARAMETERS | ({"as_of"} if self.dated_by else frozenset())

    def get_renderers(self) -> list[BaseRenderer]:
        is_csv = self.action == "list" and bool(self.csv_columns)
        return [each for each in super().get_renderers() if is_csv or each.media_type != MEDIA_TYPE]

    def as_of_day(self, queryset: QuerySet, day: dt.date) -> QuerySet:
        return queryset.filter(**{f"{self.dated_by}__contains": day})

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if self.action == "list" and self.dated_by:
            self.as_of = self.day("as_of")
            if self.as_of is not None:
                queryset = self.as_of_day(queryset, self.as_of)
        return super().filter_queryset(queryset)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        queryset = self.filter_queryset(self.get_queryset())
        if request.accepted_renderer.media_type == MEDIA_TYPE:
            return self._csv(request, queryset)
        page = self.paginate_queryset(queryset)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def _csv(self, request: Request, queryset: QuerySet) -> HttpResponseBase:
        paging = sorted({"cursor", "page_size"} & set(request.query_params))
        if paging:
            raise Problem(400, "no_pages_in_csv", f"CSV holds the whole list: leave out {', '.join(paging)}.")
        if "ordering" not in request.query_params:
            # Sorting a million rows that nobody asked to have sorted takes longer than writing them.
            queryset = queryset.order_by()
        return csv_of_queryset(queryset, self.csv_columns, str(self.basename), self.csv_gathered)


class ReadViewSet(NounMixin, mixins.RetrieveModelMixin):
    """Rows that others write: the law, findings, totals."""


class CreateMixin(mixins.CreateModelMixin):
    """POST stores in one transaction and says where the new row is."""

    reverse_action: Any

    @transaction.atomic
    def perform_create(self, serializer: BaseSerializer) -> None:
        serializer.save()

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": self.reverse_action("detail", args=[data["id"]])}


class WriteViewSet(ReadViewSet, CreateMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin):
    """Rows that the API's users write; PATCH changes what it names and leaves the rest."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet:
        queryset = super().get_queryset()
        if self.action in ("partial_update", "destroy"):
            # So that two changes of one row follow each other, and neither writes back what the other replaced.
            return queryset.select_for_update(of=("self",))
        return queryset

    @transaction.atomic
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().partial_update(request, *args, **kwargs)

    @transaction.atomic
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().destroy(request, *args, **kwargs)


class AnswerView(ApiMixin):
    """One computed answer, or a short computed list: GET only, and no rows of a table."""

    http_method_names = ["get", "head", "options"]
    csv_columns: tuple[str, ...] = ()
    csv_name = ""

    def get_renderers(self) -> list[BaseRenderer]:
        return [each for each in super().get_renderers() if self.csv_columns or each.media_type != MEDIA_TYPE]

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        """A word out of the query; the first choice where it is not given."""
        word = self.request.query_params.get(name, choices[0])
        if word not in choices:
            sentence = f"{name}: one of {', '.join(choices)}."
            raise Problem(400, "bad_choice", sentence, [{"field": name, "code": "bad_choice", "detail": sentence}])
        return str(word)

    def territory(self) -> Territory | None:
        """The territory that the query names by its code."""
        code = self.request.query_params.get("territory")
        if code is None:
            return None
        found = None if "\0" in code else Territory.objects.filter(code=code).first()
        if found is None:
            sentence = f"There is no territory of the code {code}."
            raise Problem(
                400,
                "unknown_territory",
                sentence,
                [{"field": "territory", "code": "unknown_territory", "detail": sentence}],
            )
        return found

    def answer(self, envelope: Mapping[str, Any], rows: list[dict[str, Any]], csv_rows: list[dict[str, Any]]) -> Any:
        """The rows in their envelope, or flat as CSV."""
        if self.request.accepted_renderer.media_type == MEDIA_TYPE:
            return csv_of_rows(csv_rows, self.csv_columns, self.csv_name)
        return Response({**envelope, "results": rows})
