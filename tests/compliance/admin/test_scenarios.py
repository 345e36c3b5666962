"""An analyst makes a scenario with the form, and reads its answer on its page."""

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from compliance.models import Act, LawPack, Norm, Scenario
from compliance.services.recomputation import recompute
from registry.models import Territory
from tests.factories import MinerFactory, UserFactory

DAY = dt.date(2026, 11, 22)


@pytest.fixture
def pack(ru_law: LawPack) -> LawPack:
    MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    recompute(as_of=DAY)
    return ru_law


def make(admin: Client, pack: LawPack, **boxes: Any) -> Any:
    return admin.post(
        reverse("admin:compliance_scenario_add"), {"pack": pack.pk, "title": "Mine", **boxes}, follow=True
    )


def norm(code: str) -> int:
    return Norm.objects.get(code=code).pk


def test_each_box_makes_its_change(admin: Client, pack: LawPack) -> None:
    page = make(
        admin,
        pack,
        price_norms=[norm("ru.registration.miner")],
        price_offenders=["legal_entity"],
        price_occurrence="any",
        price_low="200000",
        price_high="2000000",
        price_currency="RUB",
        limit_norm=norm("ru.limit.individual"),
        limit_parameters="energy_kwh_month: 3000\n",
        bill=Act.objects.get(code="ru.bill.1124554-8").pk,
        bill_from="2026-01-01",
        ban_places="RU-MOW, RU-MOS",
        ban_from="2026-01-01",
        ban_season="11-15 to 03-15",
        raw='[{"book": "ru.what-if.2m"}]',
    )
    scenario = Scenario.objects.get(ready_made=False)
    assert scenario.changes == [
        {
            "penalty": {"norms": ["ru.registration.miner"], "offenders": ["legal_entity"], "occurrence": "any"},
            "amount": {"low": "200000", "high": "2000000", "currency": "RUB"},
        },
        {"norm": "ru.limit.individual", "parameters": {"energy_kwh_month": "3000"}},
        {"act": "ru.bill.1124554-8", "in_force_from": "2026-01-01"},
        {
            "ban": {
                "territories": ["RU-MOW", "RU-MOS"],
                "from": "2026-01-01",
                "season": {"from": "11-15", "until": "03-15"},
            }
        },
        {"book": "ru.what-if.2m"},
    ]
    assert scenario.created_by is not None
    text = page.content.decode()
    assert "What it would add up to" in text
    assert "2,000,000 RUB" in text


@pytest.mark.parametrize(
    ("boxes", "box", "words"),
    [
        ({}, None, "changes nothing"),
        ({"raw": "[{]"}, "raw", "not JSON"),
        ({"raw": "{}"}, "raw", "Give a list"),
        ({"raw": '[{"book": "ru.nothing"}]'}, "raw", "which the pack does not have"),
        ({"ban_places": "RU-XXX", "ban_from": "2026-01-01"}, "ban_places", "not on file"),
        ({"ban_places": "RU-MOW"}, "ban_places", "lacks “from”"),
        ({"bill_from": "2026-01-01"}, "bill", "nothing under “act”"),
        ({"price_multiply": "3"}, "price_norms", "at least one"),
    ],
)
def test_a_fault_stands_at_its_box_and_nothing_is_kept(
    admin: Client, pack: LawPack, boxes: dict[str, Any], box: str | None, words: str
) -> None:
    page = make(admin, pack, **boxes)
    errors = page.context["adminform"].form.errors
    assert words in " ".join(errors[box or "__all__"])
    assert not Scenario.objects.filter(ready_made=False).exists()


def test_the_page_answers_for_the_day_that_is_asked_for(admin: Client, pack: LawPack) -> None:
    make(admin, pack, raw='[{"norm": "ru.registration.miner", "repealed": true}]')
    scenario = Scenario.objects.get(ready_made=False)
    url = reverse("admin:compliance_scenario_change", args=[scenario.pk])
    page = admin.get(url, {"as_of": "2026-10-01"})
    assert page.context["answer"].as_of == dt.date(2026, 10, 1)
    assert page.context["answer"].total.no_longer_caught.findings == -1
    form = admin.get(page.context["again_url"])
    assert json.loads(form.context["adminform"].form["raw"].value()) == scenario.changes


def test_only_who_made_a_scenario_is_offered_to_delete_it(admin: Client, pack: LawPack) -> None:
    other = UserFactory(staff=True)
    mine = Scenario.objects.create(code="my.x", title="x", pack=pack, created_by=other)
    ready = Scenario.objects.create(code="ru.scenario.x", title="x", pack=pack, ready_made=True)
    assert admin.get(reverse("admin:compliance_scenario_delete", args=[mine.pk])).status_code == 200
    assert admin.get(reverse("admin:compliance_scenario_delete", args=[ready.pk])).status_code == 403
