"""The workbook and the PDF show the figures that the JSON holds, and nothing in a text acts as more than text."""

import datetime as dt
import io
import re
from decimal import Decimal
from typing import Any

import openpyxl
import pypdf
import pytest

from compliance.reports.figures import Figures, compliance_figures
from compliance.reports.layout import claim_figure
from compliance.reports.pdf import compliance_pdf
from compliance.reports.xlsx import SHEETS, Column, cell, compliance_xlsx, rows_of
from registry.models import Territory

DAY = dt.date(2026, 11, 21)
NUMBER = "CR-2026-0042"


@pytest.fixture
def figures(figured: None) -> Figures:
    # What a clerk could have typed: markup, a formula, code.
    Territory.objects.filter(code="RU-DA").update(name='=1+1 #panic("x") *b* $x^2$ @ref')
    return compliance_figures(DAY)


def workbook(figures: Figures) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(compliance_xlsx(figures, number=NUMBER, issued_on=DAY)))


def pdf_text(figures: Figures) -> str:
    reader = pypdf.PdfReader(io.BytesIO(compliance_pdf(figures, number=NUMBER, issued_on=DAY)))
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def same(column: Column, stored: Any, figure: Any) -> bool:
    if isinstance(stored, dt.datetime):
        return bool(stored.date() == dt.date.fromisoformat(figure))
    if column.kind in ("amount", "share", "figure") and stored is not None:
        return Decimal(str(stored)) == Decimal(figure)
    return bool(stored == cell(column.kind, figure))


def test_the_workbook_holds_the_figures_of_every_table(figures: Figures) -> None:
    book = workbook(figures)
    assert book.sheetnames == ["About", *(sheet.name for sheet in SHEETS)]
    for sheet in SHEETS:
        header, *stored = book[sheet.name].iter_rows(values_only=True)
        assert list(header) == [column.header for column in sheet.columns]
        expected = rows_of(figures, sheet.path)
        if not expected:
            assert stored[0][0] == "Nothing on this day."
            continue
        assert len(stored) == len(expected), sheet.name
        for values, row in zip(stored, expected, strict=True):
            for column, value in zip(sheet.columns, values, strict=True):
                assert same(column, value, row[column.key]), (sheet.name, column.header, value, row[column.key])


def test_no_cell_is_a_formula_or_a_link(figures: Figures) -> None:
    book = workbook(figures)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == '=1+1 #panic("x") *b* $x^2$ @ref' for cell in cells)
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not [cell for cell in cells if cell.hyperlink]


def test_headers_stay_in_sight_and_filter(figures: Figures) -> None:
    book = workbook(figures)
    for sheet in SHEETS:
        assert book[sheet.name].freeze_panes == "A2"
        assert book[sheet.name].auto_filter.ref


def test_an_amount_too_long_for_a_number_is_written_as_text() -> None:
    assert cell("amount", "123456789012.34") == 123456789012.34
    assert cell("amount", "12345678901234567.89") == "12345678901234567.89"
    assert cell("amount", None) is None


def test_the_pdf_holds_the_figures(figures: Figures) -> None:
    text = pdf_text(figures)
    assert NUMBER in text
    assert "as of 21 November 2026" in text
    assert figures["headline"]["sentence"] in text
    for rate in figures["headline"]["rates"]:
        assert f"{rate['registered']:,} of {rate['total']:,}" in text
    for row in figures["exposure"]["books"] + figures["fines"]["by_currency"]:
        for key in ("amount_low", "amount_high", "assessed", "collected", "outstanding", "overdue"):
            if row.get(key) is not None:
                assert f"{Decimal(row[key]):,.2f}" in text, (row, key)
    for pack in figures["law_packs"]:
        assert pack["version"] in text
        assert pack["sha256"] in text.replace(" ", "")
    for check in figures["data_quality"]["checks"]:
        assert f"{check['title']} {check['count']:,}" in text
    for ban in figures["bans"]:
        assert ban["citation"].split()[0] in text


def test_a_text_is_never_read_as_markup(figures: Figures) -> None:
    assert '=1+1 #panic("x") *b* $x^2$ @ref' in pdf_text(figures)


def test_sample_data_are_announced_in_both(figures: Figures) -> None:
    assert "synthetic sample data" not in pdf_text(figures)
    marked = figures | {"synthetic": True}
    assert "Contains synthetic sample data" in pdf_text(marked)
    assert workbook(marked)["About"]["B2"].value == "Contains synthetic sample data."


def test_both_are_made_when_nothing_is_on_file(db: None) -> None:
    empty = compliance_figures(DAY)
    assert "No registration rate can be given" in pdf_text(empty)
    assert workbook(empty)["Claims"]["A2"].value == "Nothing on this day."


def test_the_same_figures_make_the_same_pdf(figures: Figures) -> None:
    assert compliance_pdf(figures, number=NUMBER, issued_on=DAY) == compliance_pdf(
        figures, number=NUMBER, issued_on=DAY
    )


@pytest.mark.parametrize(
    ("low", "high", "unit", "text"),
    [
        ("0.3", "0.3", "share", "30 %"),
        ("0.2", "0.4", "share", "20–40 %"),
        ("700", None, "miners", "at least 700 miners"),
        (None, "1500.5", "kWh", "at most 1,500.5 kWh"),
        (None, None, "", ""),
    ],
)
def test_a_claims_figure_reads_well(low: str | None, high: str | None, unit: str, text: str) -> None:
    assert claim_figure({"low": low, "high": high, "unit": unit}) == text
