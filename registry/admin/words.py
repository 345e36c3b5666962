"""How dates, periods and amounts read in the lists of the admin."""

import datetime as dt
from decimal import Decimal
from typing import Any


def period_words(period: Any) -> str:
    """“since 2025-01-01”, or “2025-01-01 to 2026-03-14”, the last day included."""
    if period is None:
        return "—"
    start = period.lower or "…"
    if period.upper is None:
        return f"since {start}"
    return f"{start} to {period.upper - dt.timedelta(days=1)}"


def money_words(amount: Decimal | None, currency: str) -> str:
    """“1,500,000 RUB”: cents only where there are any."""
    if amount is None:
        return "—"
    whole = amount == amount.to_integral_value()
    return f"{amount:,.0f} {currency}" if whole else f"{amount:,.2f} {currency}"
