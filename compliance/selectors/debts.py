"""What was assessed, what was paid, and what is still owed, in total or overdue."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from compliance.models import Fine
from registry.models import Miner


@dataclass(frozen=True)
class Debt:
    """Sums over the fines of one miner in one currency; annulled fines count nowhere."""

    currency: str
    assessed: Decimal
    paid: Decimal
    outstanding: Decimal
    overdue: Decimal


def debt_of_miner(miner: Miner, day: dt.date) -> list[Debt]:
    """What one miner owes on the day, by currency."""
    fines = Fine.objects.filter(case__miner=miner, decided_on__lte=day).with_balance(day).order_by("currency")
    return [_debt(currency, list(group)) for currency, group in groupby(fines, key=lambda fine: fine.currency)]


def _debt(currency: str, fines: list[Any]) -> Debt:
    issued = [fine for fine in fines if fine.status == "issued"]
    return Debt(
        currency=currency,
        assessed=sum((fine.amount for fine in issued), Decimal(0)),
        paid=sum((fine.paid for fine in issued), Decimal(0)),
        outstanding=sum((fine.outstanding for fine in issued), Decimal(0)),
        overdue=sum((fine.overdue for fine in issued), Decimal(0)),
    )
