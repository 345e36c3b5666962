"""Identifiers: the same verdicts as python-stdnum, and refusals that say what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.ru import inn as stdnum_inn
from stdnum.ru import ogrn as stdnum_ogrn

from registry.errors import Refusal
from registry.services.identifiers import identifier_clean, kind_mismatch
from tests import factories

digits = st.text("0123456789", min_size=8, max_size=16)


def accepts(scheme: str, value: str) -> bool:
    try:
        identifier_clean(scheme, value)
    except Refusal:
        return False
    return True


def last_digits(text: str, places: int) -> st.SearchStrategy[str]:
    """The same body with every possible end, so that good check digits do occur."""
    return st.integers(0, 10**places - 1).map(lambda end: f"{text}{end:0{places}d}")


@given(st.one_of(digits, st.text("0123456789", min_size=9, max_size=9).flatmap(lambda t: last_digits(t, 1))))
def test_inn_is_judged_as_stdnum_judges_when_digits_are_random(number):
    assert accepts("ru.inn", number) == stdnum_inn.is_valid(number)


@given(st.text("0123456789", min_size=10, max_size=10).flatmap(lambda t: last_digits(t, 2)))
def test_personal_inn_is_judged_as_stdnum_judges_when_digits_are_random(number):
    assert accepts("ru.inn", number) == stdnum_inn.is_valid(number)


@given(st.integers(0, 10**7 - 1))
def test_inn_is_accepted_when_its_check_digits_are_computed(number):
    for value in (factories.inn_of_company(number), factories.inn_of_person(number)):
        assert stdnum_inn.is_valid(value)
        assert accepts("ru.inn", value)


@given(st.text("0123456789", min_size=12, max_size=12).flatmap(lambda t: last_digits(t, 1)))
def test_ogrn_is_judged_as_stdnum_judges_when_digits_are_random(number):
    assert accepts("ru.ogrn", number) == stdnum_ogrn.is_valid(number)


@given(st.text("0123456789", min_size=13, max_size=13).flatmap(lambda t: last_digits("3" + t, 1)))
def test_ogrnip_is_judged_as_stdnum_judges_when_the_remainder_has_one_digit(number):
    if int(number[:-1]) % 13 < 10:
        assert accepts("ru.ogrnip", number) == stdnum_ogrn.is_valid(number)
    else:
        # stdnum refuses all of these; the register takes the remainder's last digit.
        assert accepts("ru.ogrnip", number) == (int(number[:-1]) % 13 % 10 == int(number[-1]))


@pytest.mark.parametrize(
    ("scheme", "value", "stored"),
    [
        ("ru.inn", " 7707 083893 ", "7707083893"),
        ("ru.ogrn", "1027700132195", "1027700132195"),
        ("us.ein", "04-2103594", "042103594"),
        ("lei", "213800KUD8LAJWSQ9D15", "213800KUD8LAJWSQ9D15"),
        ("kz.bin", "940140000385", "940140000385"),
        ("gb.crn", "sc123456", "SC123456"),
        ("by.unp", "200988541", "200988541"),
    ],
)
def test_number_is_stored_without_ornament_when_it_is_valid(scheme, value, stored):
    assert identifier_clean(scheme, value) == stored


@pytest.mark.parametrize(
    ("scheme", "value", "code", "words"),
    [
        ("ru.inn", "7707083894", "identifier_not_valid", "its check digit does not fit"),
        ("ru.inn", "77070838", "identifier_not_valid", "10 digits (company) or 12 (person), this has 8"),
        ("ru.inn", "770708389x", "identifier_not_valid", "digits only"),
        ("ru.inn", "٧٧٠٧٠٨٣٨٩٣", "identifier_not_valid", "digits only"),
        ("ru.ogrn", "1027700132194", "identifier_not_valid", "check digit"),
        ("ru.ogrnip", "104500116000157", "identifier_not_valid", "begins with 3 or 4"),
        ("kz.bin", "940140000386", "identifier_not_valid", "check digit"),
        ("lei", "213800KUD8LAJWSQ9D16", "identifier_not_valid", "checksum"),
        ("kg.inn", "123", "identifier_not_valid", "14 digits"),
        ("ru.in", "7707083893", "identifier_scheme_unknown", "the known ones are ae.trn"),
    ],
)
def test_number_is_refused_with_a_reason_when_it_is_not_valid(scheme, value, code, words):
    with pytest.raises(Refusal) as refusal:
        identifier_clean(scheme, value)

    assert refusal.value.code == code
    assert words in refusal.value.sentence


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("legal_entity", "7707083893", True),
        ("legal_entity", "500100732259", False),
        ("entrepreneur", "7707083893", False),
        ("individual", "500100732259", True),
        ("operator", "7707083893", True),
        ("operator", "500100732259", True),
    ],
)
def test_length_of_an_inn_is_compared_when_the_kind_is_known(kind, value, fits):
    assert (kind_mismatch(kind, "ru.inn", value) is None) == fits
