"""What a clerk sees and does in a browser, from the front page to a refused fine."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.models import Finding, Norm
from compliance.services.cases import case_open
from compliance.services.recomputation import recompute
from registry.intake.run import import_run
from registry.models import Import, Miner, Territory
from tests.factories import MinerFactory, inn_of_company

UNREGISTERED = "ru.registration.miner"


@pytest.fixture
def breach(law: None) -> Finding:
    MinerFactory(name="Severny Hash LLC", territory=Territory.objects.get(code="RU-MOW"))
    recompute(as_of=timezone.localdate())
    return Finding.objects.get(norm__code=UNREGISTERED)


def pick(page: Page, name: str, typed: str, option: str) -> None:
    """Search in an autocomplete box and take one of its answers."""
    page.locator(f"#select2-id_{name}-container").click()
    page.locator(".select2-search__field").last.fill(typed)
    page.get_by_role("option", name=option).click()


def test_the_front_page_shows_the_headline_and_the_chart(breach: Finding, page: Page) -> None:
    page.goto("/admin/")
    expect(page).to_have_title("Front page | Headframe")
    expect(page.get_by_text("0 of 1 miners on file")).to_be_visible()
    expect(page.locator(".hf-chart-wide svg")).to_be_visible()
    expect(page.get_by_role("row", name="Law in force")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".hf-chart-narrow svg")).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "The front page scrolls sideways on a phone."


def test_a_miner_is_entered_and_a_mistyped_number_is_refused_with_a_sentence(page: Page) -> None:
    page.goto("/admin/registry/miner/add/")
    page.locator("#id_name").fill("Severny Hash LLC")
    page.get_by_label("Kind").select_option("Legal entity")
    pick(page, "territory", "RU-IRK", "Irkutsk Oblast (RU-IRK)")
    page.get_by_label("from", exact=True).first.fill("2025-01-01")
    page.locator("#id_identifiers-0-scheme").select_option("ru.inn")
    page.locator("#id_identifiers-0-value").fill("7707083890")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("its check digit does not fit")).to_be_visible()
    assert not Miner.objects.exists()

    page.locator("#id_identifiers-0-value").fill(inn_of_company(1))
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/admin/registry/miner/")
    expect(page.get_by_role("link", name="Severny Hash LLC").first).to_be_visible()
    assert Miner.objects.get().identifiers.get().value == inn_of_company(1)


def test_a_file_with_a_bad_row_tells_line_column_and_reason(page: Page) -> None:
    page.goto("/admin/registry/import/add/")
    page.get_by_label("What the file lists").select_option("readings")
    rows = b"metering_point,month,energy_kwh\nMP-1,2025-03,100\nMP-2,2025-03,plenty\n"
    page.locator("input[type=file]").set_input_files({"name": "march.csv", "mimeType": "text/csv", "buffer": rows})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()

    import_run(import_id=Import.objects.get().pk, today=dt.date(2026, 1, 1))
    # The page asks again by itself.
    row = page.get_by_role("row", name="plenty")
    expect(row).to_be_visible()
    expect(row.get_by_role("cell").nth(0)).to_have_text("3")
    expect(row.get_by_role("cell").nth(1)).to_have_text("energy_kwh")
    expect(page.get_by_role("link", name="Download all of them as CSV")).to_be_visible()


def test_the_miners_page_shows_the_breach_with_its_article_and_its_fact(breach: Finding, page: Page) -> None:
    page.goto(reverse("admin:registry_miner_change", args=[breach.miner_id]))
    told = page.locator(".hf-breach").first
    expect(told).to_contain_text(breach.norm.title)
    expect(told).to_contain_text(breach.norm.article)
    expect(told.get_by_role("link", name="text of the law")).to_have_attribute("href", breach.norm.url)
    expect(told).to_contain_text("none in “Register of miners")


def test_a_fine_out_of_its_band_is_refused_with_a_sentence(breach: Finding, page: Page) -> None:
    norm = Norm.objects.get(code="ru.general.koap-7.19")
    day = dt.date(2026, 10, 1)
    miner = MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    case = case_open(miner=miner, norm=norm, offence_on=day, opened_on=day, today=day)
    page.goto(reverse("admin:compliance_case_change", args=[case.pk]))
    page.get_by_role("link", name="Issue a fine").click()
    for name, value in {
        "reference": "5-17/2026",
        "amount": "300001",
        "currency": "RUB",
        "decided_on": "2026-10-20",
        "due_on": "2026-12-20",
    }.items():
        page.locator(f"#id_{name}").fill(value)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("300001 RUB is outside the band of")).to_be_visible()
    assert not case.fines.exists()


def names_missing(page: Page) -> list[str]:
    """Fields and buttons of the page that a screen reader could not name."""
    found: Any = page.evaluate(
        """() => [...document.querySelectorAll('#content input:not([type=hidden]), #content select, #content textarea')]
            .filter(field => field.offsetParent && !field.labels?.length && !field.closest('label')
                && !field.getAttribute('aria-label') && !field.getAttribute('aria-labelledby')
                && !field.getAttribute('placeholder') && !field.closest('.tabular, .inline-group'))
            .map(field => field.outerHTML.slice(0, 120))"""
    )
    return list(found)


@pytest.mark.parametrize("address", ["registry/miner/add/", "registry/import/add/", "compliance/fine/add/"])
def test_every_field_of_a_form_has_a_name(page: Page, address: str) -> None:
    page.goto(f"/admin/{address}")
    assert page.title().startswith("Add ")
    assert names_missing(page) == []
