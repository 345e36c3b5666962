"""Payments are written down here."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from compliance.choices import FineStatus
from compliance.models import Fine, Payment
from registry.errors import Refusal


@transaction.atomic
def payment_record(*, fine: Fine, reference: str, amount: Decimal, paid_on: dt.date, today: dt.date) -> Payment:
    """Write down one payment; the same payment given twice is returned as it stands."""
    locked = Fine.objects.select_for_update().get(pk=fine.pk)
    known = Payment.objects.filter(reference=reference).first()
    if known is not None:
        if (known.fine_id, known.amount, known.paid_on) == (locked.pk, amount, paid_on):
            return known
        raise Refusal(
            "payment_known",
            f"Payment {reference} is on file with {known.amount} of {known.paid_on} for fine {known.fine_id}.",
            {"reference": "Another payment has this number."},
        )
    if locked.status == FineStatus.ANNULLED:
        raise Refusal(
            "fine_annulled", f"Fine {locked.reference} is annulled: nothing is owed on it.", {"fine": "Annulled."}
        )
    if paid_on > today:
        raise Refusal(
            "payment_in_the_future",
            f"The payment is dated {paid_on}, after today, {today}.",
            {"paid_on": "In the future."},
        )
    if amount <= 0:
        raise Refusal("amount_not_positive", f"A payment of {amount} is no payment.", {"amount": "More than 0."})
    owed: Decimal = Fine.objects.with_balance(today).get(pk=locked.pk).outstanding  # type: ignore[attr-defined]
    if amount > owed:
        raise Refusal(
            "payment_exceeds_debt",
            f"{amount} {locked.currency} is more than the {owed} {locked.currency} still owed"
            f" on fine {locked.reference}.",
            {"amount": f"At most {owed}."},
        )
    payment = Payment(fine=locked, reference=reference, amount=amount, paid_on=paid_on)
    payment.full_clean()
    payment.save()
    return payment
