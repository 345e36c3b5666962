"""Whole files: what can be read, and the sentence for what cannot."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from registry.errors import Refusal
from registry.intake import readers
from registry.intake.readers import open_table

ROW = "Имя,kind\nБайкал,x\n"


def read(data: bytes, **kwargs):
    table = open_table(io.BytesIO(data), size=len(data), **kwargs)
    return table.header, list(table.rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_cells_are_read_when_the_delimiter_differs(delimiter, encoding):
    data = f'Name{delimiter}note\r\n"Байкал{delimiter} ООО"{delimiter}да\r\n'.encode(encoding)

    assert read(data) == (["name", "note"], [(2, [f"Байкал{delimiter} ООО", "да"])])


def test_line_is_where_the_row_begins_when_a_cell_has_line_breaks():
    header, rows = read(b'a,b\n"1\n2",x\n\n,\n3,y\n')

    assert header == ["a", "b"]
    assert rows == [(2, ["1\n2", "x"]), (6, ["3", "y"])]


def workbook(rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_values_are_plain_text_when_the_file_is_a_workbook():
    data = workbook(
        [
            ["Name", "day", "count", "share", "flag", None],
            ["Байкал", dt.date(2025, 3, 31), 7702, 0.25, True, None],
            [None, None, None, None, None, None],
            ["x", dt.datetime(2025, 4, 1), 12.0, 0.0000001, None, None],  # noqa: DTZ001
        ]
    )

    header, rows = read(data)

    assert header == ["name", "day", "count", "share", "flag"]
    assert rows == [
        (2, ["Байкал", "2025-03-31", "7702", "0.25", "yes"]),
        (4, ["x", "2025-04-01", "12", "0.0000001", ""]),
    ]


def test_value_is_the_stored_one_when_a_cell_holds_a_formula():
    data = workbook([["a", "b"], [1, "=A2*2"]])
    # openpyxl writes no results of formulas; Excel does, beside the formula.
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<f>A2*2</f><v />", b"<f>A2*2</f><v>2</v>").replace(
        b"<f>A2*2</f><v></v>", b"<f>A2*2</f><v>2</v>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)

    assert read(file.getvalue())[1] == [(2, ["1", "2"])]


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (readers.RATIO_FREE + 1))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "file_empty", "The file is empty"),
        (b"\n\na,b\n", "file_no_header", "first line is empty"),
        (b"a,,b\n", "column_unnamed", "Column 2 has no name"),
        (b"a,b,a\n", "column_twice", "“a” is there twice"),
        (ROW.encode("cp1251"), "file_encoding", "line 1, byte 1 is 0xc8. It looks like Windows-1251"),
        (b"a,b\nok,1\nM\xfcller,2\n", "file_encoding", "line 3, byte 2 is 0xfc. Save"),
        (ROW.encode("utf-16"), "file_encoding", "UTF-16"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "file_broken_quotes", "begins on line 3"),
        (b'a,b\n"1"x,2\n', "file_broken_quotes", "begins on line 2"),
        (b"a,b\n" + b"x" * 200_000 + b",1\n", "file_broken_quotes", "begins on line 2"),
        (b"PK\x03\x04 nonsense", "file_unreadable", "workbook cannot be read"),
        (workbook([]), "file_empty", "first sheet of the workbook is empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_old_excel", "old Excel workbook"),
        (b"%PDF-1.7", "file_unreadable", "neither a CSV table nor an Excel workbook"),
    ],
)
def test_file_is_refused_with_a_sentence_when_it_cannot_be_read(data, code, words):
    with pytest.raises(Refusal) as refusal:
        read(data)

    assert refusal.value.code == code
    assert words in refusal.value.sentence


def test_workbook_is_refused_when_it_would_fill_the_memory():
    with pytest.raises(Refusal) as refusal:
        read(bomb())

    assert refusal.value.code == "file_unpacks_too_large"


def test_workbook_is_refused_when_it_ends_in_the_middle():
    data = workbook([["a"]] + [[number] for number in range(1000)])

    with pytest.raises(Refusal) as refusal:
        read(data[: len(data) // 2])

    assert refusal.value.code == "file_unreadable"


def test_file_is_refused_when_it_is_larger_than_can_be_taken():
    with pytest.raises(Refusal) as refusal:
        read(b"a,b\n1,2\n", largest=5)

    assert refusal.value.code == "file_too_large"


def test_line_without_an_end_is_refused_before_it_fills_the_memory(tmp_path):
    path = tmp_path / "endless.csv"
    path.write_bytes(b"name,kind\n" + b"x" * 2_000_001)
    with path.open("rb") as file, pytest.raises(Refusal, match="2,000,000 letters") as caught:
        list(open_table(file, size=path.stat().st_size).rows)
    assert caught.value.code == "line_too_long"
