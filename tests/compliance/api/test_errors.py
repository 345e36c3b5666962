"""The `type` of a problem document is an address that explains the code."""

import ast
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[3]
# Where the code stands among what is given to make an error.
PLACES = {"Refusal": 0, "Problem": 1}

pytestmark = pytest.mark.django_db


def raised_codes() -> set[str]:
    """Every code that the source spells out."""
    found = set()
    for app in ("registry", "compliance"):
        for file in sorted((ROOT / app).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLACES:
                    place = PLACES[node.func.id]
                    code = node.args[place] if len(node.args) > place else None
                    if isinstance(code, ast.Constant):
                        found.add(code.value)
    return found


def test_the_address_of_an_error_answers_with_its_code_when_nobody_is_logged_in() -> None:
    error = Client().get("/api/v1/miners/").json()
    address = urlsplit(error["type"])
    page = Client().get(address.path)
    assert page.status_code == 200
    assert address.fragment == error["code"]
    assert f'id="{error["code"]}"' in page.content.decode()


def test_every_code_that_is_raised_is_explained() -> None:
    page = Client().get("/docs/errors").content.decode()
    raised = raised_codes()
    assert {"norm_not_in_force", "unknown_parameter"} <= raised
    assert {code for code in raised if f'id="{code}"' not in page} == set()


def test_a_constraint_is_explained_in_its_own_words() -> None:
    page = Client().get("/docs/errors").content.decode()
    assert '<dt id="device_serial_means_one">' in page
    assert "A serial number belongs to one device" in page
