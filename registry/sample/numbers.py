"""Identifiers of the sample: their check digits are right, but they lie in ranges that were never given out.

Russian numbers are of region 00, which does not exist, and of the year 00.
"""

from stdnum.cn import uscc


def _digits(text: str, weights: tuple[int, ...]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11 % 10


def inn_of_company(number: int) -> str:
    body = f"00{number:07d}"
    return f"{body}{_digits(body, (2, 4, 10, 3, 5, 9, 4, 6, 8))}"


def inn_of_person(number: int) -> str:
    body = f"00{number:08d}"
    body = f"{body}{_digits(body, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8))}"
    return f"{body}{_digits(body, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))}"


def ogrn(number: int) -> str:
    body = f"10000{number:07d}"
    return f"{body}{int(body) % 11 % 10}"


def ogrnip(number: int) -> str:
    body = f"30000{number:09d}"
    return f"{body}{int(body) % 13 % 10}"


def chinese(number: int) -> str:
    body = f"91000000{number:09d}"
    return body + uscc.calc_check_digit(body)


def emirati(number: int) -> str:
    return f"{number:015d}"
