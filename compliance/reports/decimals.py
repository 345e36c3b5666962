"""Decimals as the report writes them."""

from decimal import Decimal


def decimal_text(value: Decimal | None, places: int | None = None) -> str | None:
    """A decimal as text without an exponent; with `places`, exactly so many decimals."""
    if value is None:
        return None
    if places is not None:
        return f"{value:.{places}f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
