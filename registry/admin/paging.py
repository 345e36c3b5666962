"""Counting and paging of admin lists that never asks a big table for its exact number of rows."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

CAP = 10_000


def planned_rows(table: str, using: str) -> int:
    """How many rows the planner believes the table holds; -1 where it was never analysed."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(%s)", [table])
        row = cursor.fetchone()
    return int(row[0]) if row else -1


class CappedChangeList(ChangeList):
    """A list that tells its number of rows in one place, beside the pages."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


class CappedPaginator(Paginator):
    """Counts up to 10,000 and no further; beyond that a list without filters tells the planner's estimate.

    No page lies deeper than 10,000 rows: a clerk who is that far down wants the search, and a deep OFFSET is slow.
    """

    template_name = "registry/pagination.html"

    @cached_property
    def counted(self) -> int:
        """The number of rows, or one more than the cap where there are more."""
        if not isinstance(self.object_list, QuerySet):
            return len(self.object_list)
        return self.object_list.order_by()[: CAP + 1].count()

    @property
    def capped(self) -> bool:
        return self.counted > CAP

    @cached_property
    def count(self) -> int:
        return min(self.counted, CAP)

    @cached_property
    def words(self) -> str:
        """The count as a clerk should read it."""
        if not self.capped:
            return f"{self.counted:,}"
        rows: Any = self.object_list
        if not rows.query.where and not rows.query.distinct:
            estimate = planned_rows(rows.model._meta.db_table, rows.db)
            if estimate > CAP:
                return f"about {estimate:,}"
        return f"more than {CAP:,}"
