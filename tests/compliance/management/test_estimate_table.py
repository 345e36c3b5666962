"""`manage.py estimate table`: files of every make are read or refused with line and column; never a traceback."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.estimates.table_files import FileRefused, read
from tests.published.published import DATA

SOUND = "a,b,count\n1,0,40\n0,1,30\n1,1,20\n"


def document(path: Path, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("estimate", "table", str(path), *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        SOUND,
        "\ufeff" + SOUND,
        SOUND.replace("\n", "\r\n"),
        SOUND.replace("\n", "\r"),
        SOUND.replace(",", ";"),
        SOUND.replace(",", "\t"),
        SOUND.replace("count", "Count").rstrip("\n"),
        "\n" + SOUND.replace("30\n", "30\n\n"),
        '"a","b","count"\n"1","0","40"\n0,1,30.0\n 1, 1, 20\n',
        "a,b,count\n1,0,25\n0,1,30\n1,1,20\n1,0,15\n0,0,0\n",
        "a,b,count\n1,0,40\n0,1,30\n1,1,20\n0,0,NA\n",
        "a,b,count,\n1,0,40,\n0,1,30,,\n1,1,20\n",
        "a,b,freq\n1.0,0.0,4e1\n0.0,1.0,30.00\n1.0,1.0,2.0E+1\n",
        "a,b,counts\nTRUE,FALSE,+40\nfalse,true,30\nTrue,True,20\n",
        "count,a,b\n40,1,0\n30,0,1\n20,1,1\n",
        "a,b\n" + "1,0\n" * 40 + "0,1\n" * 30 + "1,1\n" * 20,
        "id,a,b\n"
        + "".join(f"{i},{a},{b}\n" for i, (a, b) in enumerate([(1, 0)] * 40 + [(0, 1)] * 30 + [(1, 1)] * 20)),
    ],
)
def test_the_same_table_in_any_dress_has_the_same_figures(tmp_path: Path, content: str) -> None:
    plain = document(written(tmp_path, SOUND))
    found = document(written(tmp_path, content))
    assert found["estimates"] == plain["estimates"]


def test_rows_that_repeat_are_added_up_and_said(tmp_path: Path) -> None:
    found = document(written(tmp_path, SOUND + "1,0,2\n"))
    assert found["n"] == 92
    assert "B07" in {each["code"] for each in found["warnings"]}
    found = document(written(tmp_path, "unit,a,b\nx,1,0\nx,0,1\ny,1,0\n"))
    assert found["n"] == 2
    assert "B08" in {each["code"] for each in found["warnings"]}


def test_lists_called_by_letters_are_lists(tmp_path: Path) -> None:
    # F and N beside k are counts; beside lists they are lists.
    lists = ("A", "F", "N")
    bits = ["1,0,0", "0,1,0", "0,0,1", "1,1,0", "1,0,1", "0,1,1", "1,1,1"]
    counted = ",".join(lists) + ",count\n" + "".join(f"{each},{10 + at}\n" for at, each in enumerate(bits))
    units = ",".join(lists) + "\n" + "".join(f"{each}\n" * (10 + at) for at, each in enumerate(bits))
    found = document(written(tmp_path, counted))
    assert [each["name"] for each in found["lists"]] == list(lists)
    assert document(written(tmp_path, units)) == found


@pytest.mark.parametrize("header", ["k,count", "K,F", "f,k", "k;n", "k,fk", "k,freq"])
def test_repeats_are_told_by_k(tmp_path: Path, header: str) -> None:
    rows = [(1, 100), (2, 30), (3, 5)]
    turned = [row[::-1] for row in rows] if header == "f,k" else rows
    between = ";" if ";" in header else ","
    content = header + "\n" + "".join(f"{one}{between}{other}\n" for one, other in turned)
    found = document(written(tmp_path, content))
    assert [(each["k"], each["count"]) for each in found["frequencies"]] == rows


def test_counts_of_a_billion_are_taken_with_a_warning(tmp_path: Path) -> None:
    found = document(written(tmp_path, "a,b,count\n1,0,1000000000\n0,1,1000000000\n1,1,1000000\n"))
    assert found["headline"]["N"] == pytest.approx(1.002e12, rel=0.01)
    assert "B06" in {each["code"] for each in found["warnings"]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "The file is empty"),
        ("\n\n", "The file is empty"),
        ("a,b,count\n", "no rows below"),
        ("1,0,40\n0,1,30\n", "the first line names the columns"),
        ("1,1,40\n0,1,30\n", "the first line names the columns; this one holds numbers"),
        ("a,b,count\n1,0,40\n0,1\n", "Line 3: 2 cells under 3 columns"),
        ("# of 2019\na,b,count\n1,0,40\n", "Line 2: 3 cells under one column, “# of 2019”; the first line names"),
        ("a|b|count\n1|0|40\n", "“1|0|40” stands where a list has 0 or 1; commas, semicolons or tabs stand between"),
        ("a,b,total\n1,0,40\n", "column total: “40” stands where a list has 0 or 1; a column of numbers of operations"),
        ("times,count\n2,40\n", "“2” stands where a list has 0 or 1; of how many were seen how often"),
        ("id,a,b\nx,1,1\ny,0,0\n", "Line 3: this unit is on no list"),
        ("a,b,count\n1,0,forty\n", "Line 2, column count: “forty” stands where a whole number should"),
        ("a,b,count\n1,0,-4\n", "Line 2, column count: -4 is negative"),
        ("a,b,count\n1,0,4.5\n", "Line 2, column count: 4.5 is no whole number"),
        ("a,b,count\n1,0,\n", "Line 2, column count: nothing stands"),
        ("a,b,count\n1,2,4\n", "Line 2, column b: “2” stands where a list has 0 or 1"),
        ("a,b,count\n1,,4\n", "Line 2, column b: nothing stands where a list has 0 or 1"),
        ("a,b,count\n0,0,4\n", "Line 2: 4 are said to be on no list"),
        ("a,b,count\n1,0,99999999999999999999\n", "is more than 1,000,000,000,000"),
        ("count\n4\n", "no column of a list"),
        (",a,b,count\n1,1,0,4\n", "Line 1, column 1: the column has no name; name the list, or leave the column out"),
        ("a,a,count\n1,0,4\n", "Line 1, column 2: a is the name of two columns"),
        (",".join("abcdefghijk") + ",count\n", "11 lists; a table has 10 lists at most"),
        ("k,f\n1,x\n", "Line 2, column f"),
        ("k\n1\n", "beside k there is no column count"),
        ("k,f,g\n1,2,3\n", "Line 2, column f: “2” stands where a list has 0 or 1"),
        ("k,f\n0,3\n", "Line 2, column k: who was seen 0 times"),
        ("k,f\n99999,3\n", "Line 2, column k: 99999 times is more than"),
        (b"a,b,count\n1,0,4\n\xff\xfe,0,1\n", "Line 3: the file is not text in UTF-8"),
        (b"a,b\0,count\n", "The file is not text"),
        ('a,b,count\n1,0,"4\n', "Line 2"),
    ],
)
def test_a_file_that_is_no_table_ends_with_2_and_says_where(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(CommandError) as refused:
        document(written(tmp_path, content))
    assert refused.value.returncode == 2
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--register", "c"), "There is no list c"),
        (("--conditional", "a"), "Name the register too"),
        (("--bootstrap", "-1"), "--bootstrap"),
        (("--seed", "-1"), "--seed"),
        (("--active", "2"), "--active"),
        (("--chart", "/nowhere/chart.svg"), "No such file or directory"),
    ],
)
def test_options_that_make_no_sense_end_with_2(tmp_path: Path, options: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words) as refused:
        document(written(tmp_path, SOUND), *options)
    assert refused.value.returncode == 2


def test_a_missing_file_ends_with_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file") as refused:
        document(tmp_path / "none.csv")
    assert refused.value.returncode == 2


def test_a_register_makes_the_headline_a_rate_and_the_chart_is_drawn(tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    path = DATA / "spina_bifida_ny_3.csv"
    options = ("--register", "birth_cert", "--active", "1", "--seed", "5", "--bootstrap", "20")
    found = document(path, *options, "--chart", str(chart))
    assert found["registration"]["active"] == 1
    assert "in 100" in found["headline"]["sentence"]
    assert chart.read_text(encoding="utf-8").startswith("<svg ")
    assert document(path, *options) == found


@given(content=st.one_of(st.binary(max_size=80), st.text(alphabet='abk01,;\n\r"f countNA.-9', max_size=80)))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_table_or_refused(content: bytes | str) -> None:
    try:
        read(content if isinstance(content, bytes) else content.encode())
    except FileRefused as refused:
        assert str(refused).endswith(".")  # noqa: PT017 any other error fails


def test_the_command_needs_no_database(tmp_path: Path) -> None:
    # The address leads nowhere; a command that asked the database, or started one, would end with an error.
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "estimate", "table", str(written(tmp_path, SOUND))],
        cwd=Path(__file__).parents[3],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] == 90
