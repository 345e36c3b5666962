"""The pages of the waterfall and of the hidden exposure: computed when asked, for those who may read it all."""

import datetime as dt

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from compliance.admin.hidden_exposure import size_words
from compliance.models import LawPack
from compliance.services.recomputation import recompute
from compliance.services.roles import roles_load
from registry.models import Territory
from tests.estimates import finished_estimate, told
from tests.factories import MinerFactory, RegistrationFactory, UserFactory

DAY = dt.date(2026, 11, 22)
PAGES = (reverse("admin:compliance_exposure_waterfall"), reverse("admin:compliance_exposure_hidden"))


@pytest.fixture
def russia(ru_law: LawPack) -> Territory:
    miners = MinerFactory.create_batch(4, territory=Territory.objects.get(code="RU-MOW"))
    RegistrationFactory(miner=miners[0])
    recompute(as_of=DAY)
    return Territory.objects.get(code="RU")


def test_waterfall_shows_its_three_wholes_and_the_run_it_took(admin: Client, russia: Territory) -> None:
    run = finished_estimate(russia, headline=told(registered=100, rate=(0.4, 0.5, 0.6)))
    page = admin.get(PAGES[0])
    text = page.content.decode()
    assert [group["whole"]["code"] for group in page.context["groups"]] == ["obliged", "registered", "found"]
    assert text.count("<svg") >= 6
    assert "norm “Registration of miners”" in text
    assert "norm ru." not in text
    assert f"Estimate {run.pk} of RU, August 2026 to October 2026." in text
    unseen = next(part for part in page.context["groups"][0]["parts"] if part["code"] == "unseen")
    assert (unseen["operations"], unseen["grade"]) == ("92 (60 to 140)", "illustrative")


def test_without_an_estimate_the_pages_say_so_and_give_no_number(admin: Client, russia: Territory) -> None:
    for page in PAGES:
        text = admin.get(page).content.decode()
        assert "No finished estimate of a window that had ended by this day is on file" in text
        assert "not known" in text


def test_hidden_exposure_stands_beside_the_known_and_says_what_is_not_priced(admin: Client, russia: Territory) -> None:
    finished_estimate(russia, headline=told(registered=100, rate=(0.4, 0.5, 0.6)))
    page = admin.get(PAGES[1], {"hazard": "0.02", "months": "6"})
    text = page.content.decode()
    assert "no known amount for mining unregistered, whoever does it" in text
    assert {row["grade"] for row in page.context["rows"]} == {"illustrative"}
    assert {each["of"] for each in page.context["expected"]} == {"Known breaches", "What nobody has seen"}
    assert "What may be collected within 6 months" in text
    assert "20 detections a month of 1,000 operations" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("under_15 + 15_to_150", "under 15 kW and 15 to 150 kW"),
        ("under 15 kW + 1,000 kW and more", "under 15 kW and 1,000 kW and more"),
        ("1000_up", "1000 kW and more"),
        ("individual + operator", "Individual and Infrastructure operator"),
        ("kind unknown", "kind unknown"),
    ],
)
def test_a_class_is_named_as_people_say_it(name: str, words: str) -> None:
    assert size_words(name) == words


def test_what_cannot_be_read_is_told_and_the_rest_answered(admin: Client, russia: Territory) -> None:
    for query, words in (
        ({"as_of": "yesterday"}, "as of: give a day as YYYY-MM-DD"),
        ({"territory": "XX"}, "territory: there is none of the code"),
        ({"estimate": "77777"}, "estimate: there is no finished estimate"),
        ({"book": "nothing"}, "book: there is none of the code"),
    ):
        for page in PAGES:
            assert words in admin.get(page, query).content.decode()
    assert "hazard: give a number from 0 to 10" in admin.get(PAGES[1], {"hazard": "nan"}).content.decode()


def test_analysts_may_see_both_and_others_neither(russia: Territory) -> None:
    roles_load()
    analyst = UserFactory(staff=True)
    analyst.groups.add(Group.objects.get(name="Analyst"))
    for user, status in ((analyst, 200), (UserFactory(staff=True), 403)):
        client = Client()
        client.force_login(user)
        assert [client.get(page).status_code for page in PAGES] == [status, status]
    client = Client()
    client.force_login(analyst)
    titles = {
        item["title"]
        for group in client.get(reverse("admin:index")).context["sidebar_navigation"]
        for item in group["items"]
    }
    assert {"Waterfall", "Hidden exposure"} <= titles


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_day_at_the_ends_of_the_calendar_is_told_and_the_stored_day_shown(
    admin: Client, russia: Territory, page: str, day: str
) -> None:
    answer = admin.get(page, {"as_of": day})
    assert answer.context["asked"].day == DAY
    assert f"as of: give a day from 2009-01-03 to 2100-12-31, not {day}." in answer.content.decode()
