"""Files of miners: created, changed, left alone, refused with reasons."""

import pytest

from registry.models import Identifier, Import, Miner, RowError
from tests import factories
from tests.registry.intake.conftest import counts, errors

HEADER = "name,kind,territory,country,identifiers,operating_from,operating_until\n"
SBER = "ru.inn=7707083893 ru.ogrn=1027700132195"
OTHER = f"ru.inn={factories.inn_of_company(1)}"


def row(name="Baikal Hash", kind="legal_entity", territory="RU-IRK", country="RU", ids=SBER, since="2024-11-05", to=""):
    return f"{name},{kind},{territory},{country},{ids},{since},{to}\n"


def test_miner_is_stored_as_the_row_says_when_it_is_new(run):
    result = run("miners", HEADER + row(name="ООО «Байкал»", since="05.11.2024", to="2025-02-01"))

    assert counts(result) == ("done", 1, 0, 0, 0)
    miner = Miner.objects.get()
    assert (miner.name, miner.kind, miner.territory.code, miner.country.code) == (
        "ООО «Байкал»",
        "legal_entity",
        "RU-IRK",
        "RU",
    )
    assert (str(miner.operating.lower), str(miner.operating.upper)) == ("2024-11-05", "2025-02-01")
    assert [str(number) for number in miner.identifiers.all()] == SBER.split()
    assert miner.import_run_id == result.pk


def test_nothing_changes_when_the_same_file_comes_twice(run):
    data = HEADER + row() + row(name="Other", ids=OTHER)
    run("miners", data)
    before = list(Miner.objects.values())

    assert counts(run("miners", data)) == ("done", 0, 0, 2, 0)
    assert list(Miner.objects.values()) == before


def test_only_what_differs_is_changed_when_a_known_identifier_comes_again(run):
    run("miners", HEADER + row(to="2025-02-01") + row(name="Other", ids=OTHER))
    first = Miner.objects.get(name="Baikal Hash")

    again = run(
        "miners",
        "identifiers,name,kind,territory,operating_from\n" + f"{SBER},Baikal 2,legal_entity,RU-KYA,2024-11-05\n",
    )

    assert counts(again) == ("done", 0, 1, 0, 0)
    miner = Miner.objects.get(pk=first.pk)
    assert (miner.name, miner.territory.code) == ("Baikal 2", "RU-KYA")
    # Columns that the file lacks are left as they are.
    assert miner.country.code == "RU"
    assert str(miner.operating.upper) == "2025-02-01"
    assert miner.created_at == first.created_at


def test_identifier_is_added_when_the_row_knows_one_more(run):
    run("miners", HEADER + row(ids="ru.inn=7707083893"))

    assert counts(run("miners", HEADER + row())) == ("done", 0, 1, 0, 0)
    assert Miner.objects.count() == 1
    assert Identifier.objects.count() == 2


def test_value_is_emptied_when_the_cell_is_empty(run):
    run("miners", HEADER + row(to="2025-02-01"))

    assert counts(run("miners", HEADER + row(country=""))) == ("done", 0, 1, 0, 0)
    miner = Miner.objects.get()
    assert miner.country is None
    assert miner.operating.upper is None


@pytest.mark.parametrize(
    ("cells", "column", "code", "words"),
    [
        ({"name": ""}, "name", "empty", "may not be empty"),
        ({"name": "x" * 301}, "name", "too_long", "301 characters; at most 300"),
        ({"name": "a\x00b"}, "name", "control_character", "U+0000"),
        ({"name": "a\x07b"}, "name", "control_character", "U+0007"),
        ({"name": '"a\nb"'}, "name", "line_break", "one line of text"),
        ({"kind": "company"}, "kind", "unknown_word", "none of entrepreneur, individual, legal_entity, operator"),
        ({"territory": "RU-IRX"}, "territory", "unknown_territory", "the nearest codes are RU-IRK"),
        ({"territory": "Irkutsk Oblast"}, "territory", "unknown_territory", "write the code RU-IRK"),
        ({"country": "RU-IRK"}, "country", "unknown_country", "such as RU"),
        ({"country": "XX"}, "country", "unknown_country", "not the code of a country"),
        ({"ids": ""}, "identifiers", "empty", "may not be empty"),
        ({"ids": "7707083893"}, "identifiers", "not_an_identifier", "write it as ru.inn=7707083893"),
        ({"ids": "ru.inn=7707083894"}, "identifiers", "identifier_not_valid", "check digit does not fit"),
        ({"ids": "ru.kpp=770701001"}, "identifiers", "identifier_scheme_unknown", "the known ones are"),
        ({"kind": "individual"}, "identifiers", "identifier_not_of_kind", "has 10 digits and so is a company's"),
        ({"ids": "ru.inn=500100732259"}, "identifiers", "identifier_not_of_kind", "so is a person's"),
        ({"since": ""}, "operating_from", "empty", "may not be empty"),
        ({"since": "11/05/2024"}, "operating_from", "not_a_day", "write it as 2025-03-31"),
        ({"since": "2025-02-30"}, "operating_from", "not_a_day", "not a day of the calendar"),
        ({"since": "2026-01-16"}, "operating_from", "in_the_future", "today is 2026-01-15"),
        ({"since": "1999-01-01"}, "operating_from", "too_early", "nobody mined then"),
        ({"to": "2024-11-05"}, "operating_until", "ends_before_start", "begins on 2024-11-05"),
        ({"to": "2024-01-01"}, "operating_until", "ends_before_start", "must be later"),
    ],
)
def test_row_is_refused_with_a_reason_when_a_cell_is_wrong(run, cells, column, code, words):
    result = run("miners", HEADER + row(**cells) + row(name="Good", ids=OTHER))

    assert counts(result) == ("done", 1, 0, 0, 1)
    assert Miner.objects.get().name == "Good"
    error = RowError.objects.get(import_run=result)
    assert (error.line, error.column, error.code) == (2, column, code)
    assert words in error.reason


def test_all_errors_of_all_rows_are_told_when_several_are_wrong(run):
    result = run("miners", HEADER + row(kind="x", territory="y", since="z") + row() + "short,legal_entity\n")

    assert errors(result) == [
        (2, "kind", "unknown_word"),
        (2, "territory", "unknown_territory"),
        (2, "operating_from", "not_a_day"),
        (4, "", "cells"),
    ]
    first = RowError.objects.filter(import_run=result).first()
    assert first.value == "x"
    assert first.row == {
        "name": "Baikal Hash",
        "kind": "x",
        "territory": "y",
        "country": "RU",
        "identifiers": SBER,
        "operating_from": "z",
        "operating_until": "",
    }


def test_cells_beyond_the_header_are_kept_when_a_row_is_too_long(run):
    result = run(
        "miners", "name,kind,territory,identifiers,operating_from\n" + f"a,legal_entity,RU,{OTHER},2025-01-01,extra\n"
    )

    assert RowError.objects.get(import_run=result).row["+1"] == "extra"


def test_later_row_is_refused_when_two_list_one_identifier(run):
    result = run("miners", HEADER + row() + row(name="Again", ids="ru.inn=7707083893"))

    assert counts(result) == ("done", 1, 0, 0, 1)
    assert Miner.objects.get().name == "Baikal Hash"
    error = RowError.objects.get(import_run=result)
    assert (error.line, error.value) == (3, "ru.inn=7707083893")
    assert "Line 2 of the file already lists the identifier" in error.reason


def test_later_row_is_refused_when_two_speak_of_one_miner_by_different_identifiers(run):
    run("miners", HEADER + row())

    result = run("miners", HEADER + row(ids="ru.inn=7707083893") + row(name="Again", ids="ru.ogrn=1027700132195"))

    assert counts(result) == ("done", 0, 0, 1, 1)
    assert errors(result) == [(3, "identifiers", "twice_in_file")]


def test_row_is_refused_when_its_identifiers_belong_to_two_miners(run):
    run("miners", HEADER + row() + row(name="Other", ids=OTHER))

    result = run("miners", HEADER + row(ids=f"ru.inn=7707083893 {OTHER}"))

    assert errors(result) == [(2, "identifiers", "identifiers_of_two_miners")]
    assert Miner.objects.filter(name="Other").exists()


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("name,kind,territory,operating_from\n", "The file has no column “identifiers”"),
        ("name,kind,teritory,identifiers,operating_from\n", "“teritory” is not known; was “territory” meant?"),
        (HEADER.replace("country", "colour"), "The column “colour” is not known"),
    ],
)
def test_file_is_refused_when_its_columns_are_not_right(run, header, words):
    result = run("miners", header)

    assert result.status == "failed"
    assert words in result.failure
    assert "has the columns name, kind" in result.failure


def test_nothing_is_applied_when_the_file_breaks_off_in_the_middle(run):
    data = (HEADER + row()).encode() + row(name="Я", ids=OTHER).encode("cp1251")

    result = run("miners", data)

    assert result.status == "failed"
    assert "line 3, byte 1 is 0xdf" in result.failure
    assert not Miner.objects.exists()


def test_header_alone_is_an_empty_list_when_no_row_follows(run):
    assert counts(run("miners", HEADER)) == ("done", 0, 0, 0, 0)


def test_noun_is_refused_when_it_is_not_one_that_files_list(run):
    result = run("fines", "a,b\n")

    assert (result.status, Import.objects.get(pk=result.pk).rows) == ("failed", 0)
    assert "files may list miners, ownerships" in result.failure
