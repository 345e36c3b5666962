"""The pages of docs/ are served as they stand, with anchors that warnings lead to."""

import re

import pytest
from django.test import Client

from compliance.api.pages import names
from compliance.estimates.diagnostics import NAMES, notice


def test_every_warning_leads_to_its_section_when_nobody_is_logged_in() -> None:
    text = Client().get("/docs/methods/warnings").content.decode()
    for code in NAMES:
        address, _, anchor = notice(code, "told").doc.partition("#")
        assert address == "docs/methods/warnings.md"
        assert f'id="{anchor}"' in text, anchor


@pytest.mark.parametrize("name", sorted(names()))
def test_every_page_is_shown_and_its_links_within_docs_lead_somewhere(name: str) -> None:
    answer = Client().get(f"/docs/{name}")
    assert answer.status_code == 200
    for address in re.findall(r'href="(/docs/[^"#]*)', answer.content.decode()):
        assert Client().get(address).status_code == 200, address


@pytest.mark.parametrize("name", ["methods/nothing", "../README", "methods/../../README", "methods"])
def test_what_is_no_page_is_not_found(name: str) -> None:
    assert Client().get(f"/docs/{name}").status_code == 404
