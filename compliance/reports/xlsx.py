"""The report as an Excel workbook: one sheet per table of the figures, numbers as numbers, every text as plain text."""

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

# Excel holds numbers as doubles: up to 15 digits come back as they went in, a longer amount is written as text.
EXACT_DIGITS = 15
NUMBER_FORMATS = {"count": "#,##0", "amount": "#,##0.00", "share": "0.0%", "figure": "General", "day": "yyyy-mm-dd"}
NOTHING = "Nothing on this day."


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its header, the key in the figures, and how the value is written."""

    header: str
    key: str
    kind: str = "text"
    width: float = 14


@dataclass(frozen=True)
class Sheet:
    """One sheet: the path of its rows in the figures, and its columns."""

    name: str
    path: tuple[str, ...]
    columns: tuple[Column, ...]


RATE_COLUMNS = (
    Column("On file", "on_file", "count"),
    Column("Registered", "registered", "count"),
    Column("Share of those on file", "share_on_file", "share", 20),
    Column("Obliged to register", "obliged", "count", 18),
    Column("Obliged and registered", "obliged_registered", "count", 20),
    Column("Share of the obliged", "share_obliged", "share", 18),
    Column("Operations sighted", "sighted", "count", 18),
    Column("Sighted and registered", "sighted_registered", "count", 20),
    Column("Share of those sighted", "share_sighted", "share", 20),
)
AMOUNT_COLUMNS = (
    Column("Currency", "currency", width=10),
    Column("Open findings", "findings", "count"),
    Column("Of them unpriced", "unpriced", "count", 16),
    Column("Lowest amount", "amount_low", "amount", 22),
    Column("Highest amount", "amount_high", "amount", 22),
)
FINE_COLUMNS = (
    Column("Currency", "currency", width=10),
    Column("Fines", "fines", "count", 10),
    Column("Assessed", "assessed", "amount", 20),
    Column("Collected", "collected", "amount", 20),
    Column("Outstanding", "outstanding", "amount", 20),
    Column("Overdue", "overdue", "amount", 20),
    Column("Fines overdue", "fines_overdue", "count"),
    Column("Fines this month", "fines_month", "count", 16),
    Column("Assessed this month", "assessed_month", "amount", 20),
    Column("Collected this month", "collected_month", "amount", 20),
)
BOOK = Column("Book", "book", width=44)
SHEETS = (
    Sheet(
        "Rates",
        ("headline", "rates"),
        (
            Column("Denominator", "title", width=42),
            Column("Registered", "registered", "count"),
            Column("Total", "total", "count"),
            Column("Share registered", "share", "share", 16),
        ),
    ),
    Sheet(
        "Estimates over time",
        ("estimate", "series"),
        (
            Column("Window up to", "as_of", "day"),
            Column("Rate", "rate", "share"),
            Column("From", "low", "share"),
            Column("To", "high", "share"),
            Column("Provisional", "provisional", "yes"),
        ),
    ),
    Sheet(
        "Warnings of the estimate",
        ("estimate", "warnings"),
        (Column("Code", "code", width=8), Column("Warning", "message", width=120)),
    ),
    Sheet(
        "Rates by territory",
        ("rates_by_territory",),
        (Column("Code", "code"), Column("Territory", "name", width=36), *RATE_COLUMNS),
    ),
    Sheet("Rates by kind", ("rates_by_kind",), (Column("Kind of miner", "name", width=28), *RATE_COLUMNS)),
    Sheet(
        "Rates over time",
        ("rate_series",),
        (Column("Day", "day", "day"), *(column for column in RATE_COLUMNS if column.kind == "count")),
    ),
    Sheet("Exposure by book", ("exposure", "books"), (BOOK, *AMOUNT_COLUMNS)),
    Sheet("Exposure by norm", ("exposure", "by_norm"), (BOOK, Column("Norm", "name", width=60), *AMOUNT_COLUMNS)),
    Sheet(
        "Exposure by kind",
        ("exposure", "by_kind"),
        (BOOK, Column("Kind of miner", "name", width=28), *AMOUNT_COLUMNS),
    ),
    Sheet(
        "Other sanctions",
        ("exposure", "sanctions"),
        (
            BOOK,
            Column("Norm", "norm", width=60),
            Column("Sanction", "sanction", width=60),
            Column("Open findings", "findings", "count"),
        ),
    ),
    Sheet(
        "Bans in force",
        ("bans",),
        (
            Column("Code", "territory_code", width=24),
            Column("Territory", "territory", width=36),
            Column("Within", "within", width=28),
            Column("Norm", "norm", width=44),
            Column("Act", "citation", width=60),
            Column("Article", "article", width=20),
            Column("First day", "first_day", "day"),
            Column("Last day", "last_day", "day"),
            Column("Only an unnamed part", "partial", "yes", 20),
            Column("Note", "note", width=40),
            Column("Confidence", "confidence", width=12),
            Column("Sources", "urls", "list", 60),
        ),
    ),
    Sheet("Fines by currency", ("fines", "by_currency"), FINE_COLUMNS),
    Sheet("Fines by norm", ("fines", "by_norm"), (Column("Norm", "norm", width=60), *FINE_COLUMNS)),
    Sheet(
        "Undetermined",
        ("data_quality", "undetermined"),
        (
            Column("Norm", "norm", width=60),
            Column("Missing fact", "missing_fact", width=40),
            Column("Miners", "miners", "count"),
        ),
    ),
    Sheet(
        "Data quality",
        ("data_quality", "checks"),
        (Column("What", "title", width=52), Column("Count", "count", "count")),
    ),
    Sheet(
        "Claims",
        ("claims",),
        (
            Column("Said on", "said_on", "day"),
            Column("Said by", "said_by", width=36),
            Column("Territory", "territory", width=24),
            Column("Where", "where_said", width=36),
            Column("About", "about_on", "day"),
            Column("Statement", "statement", width=80),
            Column("Quote", "quote", width=60),
            Column("Bounds", "bounds", width=20),
            Column("Low", "low", "figure"),
            Column("High", "high", "figure"),
            Column("Unit", "unit"),
            Column("Confidence", "confidence", width=12),
            Column("Beside ours", "verdict", width=14),
            Column("In words", "comparison", width=80),
            Column("Estimate", "estimate", "count", 10),
            Column("Source", "url", width=60),
        ),
    ),
    Sheet(
        "Sources",
        ("sources",),
        (
            Column("Act", "title", width=60),
            Column("Citation", "citation", width=60),
            Column("Status on the day", "status_name", width=18),
            Column("Confidence", "confidence", width=12),
            Column("Sources", "sources", "sources", 80),
        ),
    ),
    Sheet(
        "Law packs",
        ("law_packs",),
        (
            Column("Pack", "code"),
            Column("Title", "title", width=44),
            Column("Version", "version"),
            Column("SHA-256", "sha256", width=68),
        ),
    ),
)


def compliance_xlsx(figures: dict[str, Any], *, number: str, issued_on: dt.date) -> bytes:
    """The workbook's bytes; the first sheet says what it is, the others hold one table each."""
    buffer = io.BytesIO()
    book = FastExcel(buffer).freeze(row=1)
    header = Format().set_bold().set_text_wrap().set_background_color("#E8EDF3").set_align("top")
    book.sheet(
        "About",
        about(figures, number=number, issued_on=issued_on),
        column_widths=[28.0, 110.0],
        column_formats=[Format().set_bold().set_align("top"), Format().set_text_wrap().set_align("top")],
        header_format=header,
    )
    for sheet in SHEETS:
        rows = [_row(sheet.columns, values) for values in rows_of(figures, sheet.path)]
        book.sheet(
            sheet.name,
            rows or [{column.header: None for column in sheet.columns} | {sheet.columns[0].header: NOTHING}],
            column_widths=[column.width for column in sheet.columns],
            column_formats=[_format(column) for column in sheet.columns],
            header_format=header,
            autofilter=True,
            page_setup={"landscape": True, "paper_size": 9, "fit_to_pages": (1, 0), "repeat_rows": 0},
        )
    book.save()
    return buffer.getvalue()


def about(figures: dict[str, Any], *, number: str, issued_on: dt.date) -> list[dict[str, str]]:
    """The first sheet: what the report is, and how to read its numbers."""
    lines = [
        ("Report", f"{number}, compliance with the registration of crypto-mining"),
        ("As of", figures["as_of"]),
        ("Issued on", issued_on.isoformat()),
        ("Totals computed for", figures["computed_on"] or "not computed yet"),
        ("In short", f"{figures['headline']['sentence']} {figures['headline']['exposure_sentence']}".strip()),
        ("Rates", "Registered over its own denominator; the denominators are never mixed."),
        ("All mining, estimated", estimate_line(figures["estimate"])),
        ("Exposure", "Lowest to highest amount of the open findings; unpriced findings are not in the amounts."),
        ("Amounts", "Numbers with two decimals, exact up to 15 digits; a longer amount is written as text."),
        ("Software", f"{figures['software']['name']} {figures['software']['version']}"),
    ]
    if figures["synthetic"]:
        lines.insert(0, ("Warning", "Contains synthetic sample data."))
    return [{"": name, "Compliance report": text} for name, text in lines]


def estimate_line(estimate: dict[str, Any]) -> str:
    """The public sentence with the number of its run."""
    if estimate["number"] is None:
        return str(estimate["sentence"])
    provisional = ", provisional" if estimate["provisional"] else ""
    return f"{estimate['sentence']} (Estimate {estimate['number']}, {estimate['window']}{provisional}.)"


def rows_of(figures: dict[str, Any], path: Sequence[str]) -> list[dict[str, Any]]:
    found: Any = figures
    for step in path:
        found = found[step]
    rows: list[dict[str, Any]] = found
    return rows


def _row(columns: Sequence[Column], values: dict[str, Any]) -> dict[str, Any]:
    return {column.header: cell(column.kind, values[column.key]) for column in columns}


def cell(kind: str, value: Any) -> Any:
    """A figure as Excel holds it. Texts stay texts: the writer never makes a formula or a link of one."""
    if value is None or value == "":
        return None
    match kind:
        case "amount" | "share" | "figure":
            number = Decimal(value)
            return float(number) if len(number.as_tuple().digits) <= EXACT_DIGITS else str(value)
        case "day":
            return dt.date.fromisoformat(value)
        case "yes":
            return "yes" if value else "no"
        case "list":
            return "\n".join(value)
        case "sources":
            return "\n".join(
                " ".join(part for part in (source["url"], f"({source['confidence']})", source["note"]) if part)
                for source in value
            )
    return value


def _format(column: Column) -> Format:
    layout = Format().set_align("top")
    if column.kind in NUMBER_FORMATS:
        return layout.set_num_format(NUMBER_FORMATS[column.kind])
    return layout.set_text_wrap()
