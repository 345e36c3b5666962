"""Fines assessed and collected up to one day, by currency and by norm; currencies are never added together."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from compliance.choices import FineStatus
from compliance.models import Fine, Payment

AMOUNT = DecimalField(max_digits=24, decimal_places=2)
ZERO = Value(Decimal(0), output_field=AMOUNT)
SUMS = ("assessed_month", "collected_month", "assessed", "collected", "outstanding", "overdue")


def fine_figures(as_of: dt.date) -> dict[str, Any]:
    """Sums over the fines decided by the day; annulled ones are counted apart and owe nothing."""
    month_start = as_of.replace(day=1)
    fines = _balanced(as_of, month_start)
    by_norm = ("case__norm__code", "case__norm__title", "currency")
    return {
        "month": month_start.isoformat()[:7],
        "by_currency": [
            {"currency": row["currency"], **_figures(row)} for row in _sums(fines, ("currency",), as_of, month_start)
        ],
        "by_norm": [
            {
                "norm_code": row["case__norm__code"],
                "norm": row["case__norm__title"],
                "currency": row["currency"],
                **_figures(row),
            }
            for row in _sums(fines, by_norm, as_of, month_start)
        ],
        "annulled": Fine.objects.filter(status=FineStatus.ANNULLED, decided_on__lte=as_of).count(),
    }


def _balanced(as_of: dt.date, month_start: dt.date) -> QuerySet[Fine]:
    payments = Payment.objects.filter(fine=OuterRef("pk"), paid_on__lte=as_of).order_by().values("fine")

    def paid(condition: Q) -> Coalesce:
        total = payments.filter(condition).annotate(total=Sum("amount")).values("total")
        return Coalesce(Subquery(total, output_field=AMOUNT), ZERO)

    fines = Fine.objects.filter(status=FineStatus.ISSUED, decided_on__lte=as_of).with_discount()
    return fines.annotate(
        paid_by_day=paid(Q()),
        paid_in_month=paid(Q(paid_on__gte=month_start)),
        paid_early=paid(Q(paid_on__lte=OuterRef("discount_until"))),
        # What the discount leaves, paid in time, settles the fine.
        left=Case(When(paid_early__gte=F("discounted"), then=ZERO), default=F("amount") - F("paid_by_day")),
    )


def _sums(
    fines: QuerySet[Fine], groups: tuple[str, ...], as_of: dt.date, month_start: dt.date
) -> Iterable[dict[str, Any]]:
    owed = Q(left__gt=0)
    overdue = owed & Q(due_on__lt=as_of)
    this_month = Q(decided_on__gte=month_start)
    rows: Iterable[dict[str, Any]] = (
        fines.values(*groups)
        .annotate(
            fines=Count("pk"),
            fines_month=Count("pk", filter=this_month),
            fines_overdue=Count("pk", filter=overdue),
            assessed_month=Sum("amount", filter=this_month),
            collected_month=Sum("paid_in_month"),
            assessed=Sum("amount"),
            collected=Sum("paid_by_day"),
            outstanding=Sum("left", filter=owed, output_field=AMOUNT),
            overdue=Sum("left", filter=overdue, output_field=AMOUNT),
        )
        .order_by(*groups)
    )
    return rows


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    counts = {name: row[name] for name in ("fines", "fines_month", "fines_overdue")}
    return counts | {name: f"{row[name] or Decimal(0):.2f}" for name in SUMS}
