"""A real browser on a real server: Chromium of the machine, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from compliance.law.load import PACKS, law_load
from registry.services.territories import iso_territories, territories_store
from tests.factories import UserFactory

# Playwright's synchronous API runs an event loop in this thread, which Django takes for an asynchronous caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    binary = next((path for name in NAMES if (path := shutil.which(name))), None)
    assert binary, f"None of {', '.join(NAMES)} is installed: install Chromium (on Debian: the package chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def law(transactional_db: None) -> None:
    """Russia's law on its territories."""
    countries = ("RU", "UA", "KZ", "CN", "US")
    territories_store(rows=[row for row in iso_territories() if row.code.split("-")[0] in countries])
    law_load(PACKS / "ru.yaml")


@pytest.fixture
def page(browser: Browser, live_server: Any, law: None) -> Iterator[Page]:
    """A tab that is logged in; an error in a script of the page fails the test."""
    UserFactory(username="clerk", superuser=True, password="a long enough secret")
    tab = browser.new_page(base_url=live_server.url, viewport={"width": 1280, "height": 1000})
    tab.set_default_timeout(15_000)
    broken: list[str] = []
    tab.on("pageerror", lambda error: broken.append(str(error)))
    tab.goto("/admin/login/")
    tab.get_by_label("Username").fill("clerk")
    tab.get_by_label("Password").fill("a long enough secret")
    tab.get_by_role("button", name="Log in").click()
    tab.wait_for_url("**/admin/")
    yield tab
    tab.close()
    assert broken == []
