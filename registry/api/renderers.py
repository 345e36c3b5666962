"""CSV of any list: the database writes it, the web server passes it on, and nobody holds the whole of it."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import CharField, F, Func, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer

MEDIA_TYPE = "text/csv"
Answer = TypeVar("Answer", bound=HttpResponseBase)
CHUNK = 64 * 1024
# A spreadsheet takes a cell that begins with one of these for a formula.
RISKY = "=+-@\t\r"


class CSVRenderer(BaseRenderer):
    """Stands for CSV in content negotiation; lists answer with a stream before any renderer is asked."""

    media_type = MEDIA_TYPE
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        raise NotImplementedError("a list in CSV is a stream")


class Guarded(Func):
    """A text that a spreadsheet would take for a formula, with an apostrophe in front; any other as it is."""

    output_field = TextField()
    letters = ", ".join(str(ord(letter)) for letter in RISKY)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        text, parameters = compiler.compile(self.get_source_expressions()[0])
        # Three times as quick as a regular expression, which is what a million rows feel.
        sql = f"CASE WHEN ascii({text}) IN ({self.letters}) THEN '''' || {text} ELSE {text} END"
        return sql, [*parameters] * 3


@dataclass(frozen=True)
class Gathered:
    """A last column that gathers rows of another table, one text per row of the list.

    For a whole table the other one is gathered in one sweep, five times as quick as row by row; for a part of it, row
    by row. `owner` is the column that holds the list's id; `text` is SQL of our own.
    """

    name: str
    table: str
    owner: str
    text: str

    def select(self, rows: str, header: str, *, whole: bool, ordered: bool) -> str:
        text = f"string_agg({self.text}, ' ' ORDER BY {self.text}) AS {self.name} FROM {self.table}"
        if whole:
            more = f"(SELECT {self.owner} AS id, {text} GROUP BY {self.owner}) AS more ON more.id = list.id"
        else:
            more = f"LATERAL (SELECT {text} WHERE {self.owner} = list.id) AS more ON true"
        columns = ", ".join(f"list.{name}" for name in header.split(", "))
        if ordered:
            # A join may shuffle the rows, so their places are noted before it.
            rows = f"SELECT *, row_number() OVER () FROM ({rows}) AS sorted"
            return (
                f"SELECT {columns}, more.{self.name} FROM ({rows}) AS list ({header}, place) LEFT JOIN {more}"
                " ORDER BY list.place"
            )
        return f"SELECT {columns}, more.{self.name} FROM ({rows}) AS list ({header}) LEFT JOIN {more}"


def csv_of_queryset(
    queryset: QuerySet, columns: Mapping[str, str | Combinable], name: str, gathered: Gathered | None = None
) -> StreamingHttpResponse:
    """All rows of a queryset, without pages, through `COPY`."""
    lines = _copied(_projected(queryset, columns), list(columns), gathered)
    response = StreamingHttpResponse(lines, content_type=_TYPE)
    return _download(response, name)


def csv_of_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str) -> HttpResponse:
    """A list that was computed, small enough to hold."""
    lines = _rows(rows, columns)
    return _download(HttpResponse("".join(lines), content_type=_TYPE), name)


_TYPE = f"{MEDIA_TYPE}; charset=utf-8"


def _download(response: Answer, name: str) -> Answer:
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    # A proxy that gathers the answer before it passes it on would undo the streaming.
    response["X-Accel-Buffering"] = "no"
    return response


def _projected(queryset: QuerySet, columns: Mapping[str, str | Combinable]) -> QuerySet:
    return (
        queryset.select_related(None)
        .prefetch_related(None)
        .values_list(
            *(_safe(queryset, F(column) if isinstance(column, str) else column) for column in columns.values())
        )
    )


def _safe(queryset: QuerySet, expression: Any) -> Any:
    field = expression.resolve_expression(queryset.query.clone(), allow_joins=True).output_field
    is_free_text = isinstance(field, CharField | TextField) and not getattr(field, "choices", None)
    return Guarded(expression) if is_free_text else expression


def _copied(queryset: QuerySet, names: Sequence[str], gathered: Gathered | None) -> Iterator[bytes]:
    """Runs while the answer is sent, on the request's connection, which is given back when the answer is closed."""
    try:
        select, parameters = queryset.query.sql_with_params()
    except EmptyResultSet:
        yield ",".join([*names, *([gathered.name] if gathered else [])]).encode() + b"\n"
        return
    header = ", ".join(connection.ops.quote_name(name) for name in names)
    with connection.cursor() as cursor:
        # COPY takes no parameters, so they are written into the statement by the driver.
        rows = cursor.mogrify(select, parameters)
        if gathered is None:
            whole = f"SELECT * FROM ({rows}) AS list ({header})"
        else:
            query = queryset.query
            whole = gathered.select(rows, header, whole=not query.where, ordered=bool(query.order_by))
        statement = f"COPY ({whole}) TO STDOUT WITH (FORMAT csv, HEADER)"
        with cursor.copy(statement) as copy:
            yield from _gathered(copy)


def _gathered(blocks: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Rows arrive one by one; they leave by the chunk, because each costs the web server a call."""
    buffer = bytearray()
    for block in blocks:
        buffer += block
        if len(buffer) >= CHUNK:
            yield bytes(buffer)
            buffer.clear()
    if buffer:
        yield bytes(buffer)


def _rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    yield buffer.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple(RISKY)) else value
