"""The explanation of a finding over HTTP, and what of it is kept from those who may not see what accuses people."""

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse

from compliance.api.findings import FindingViewSet
from compliance.models import Act, Book, Finding, LawPack, Norm, Penalty
from registry.models import Impediment
from tests.api_client import Api, user_with
from tests.factories import ImpedimentFactory, MinerFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db
ALWAYS = DateRange(dt.date(2025, 1, 1), None)
READS = [*FindingViewSet.reads, *FindingViewSet.reads_of["explanation"]]


@pytest.fixture
def finding() -> Finding:
    """A convicted miner in breach of a norm that asks for convictions, fined so much a day by its book."""
    pack = LawPack.objects.create(
        code="xx", title="Made up", territory=TerritoryFactory(country=True), time_zone="UTC", version="1", sha256="0"
    )
    act = Act.objects.create(pack=pack, code="xx.act", title="The act", citation="No. 1")
    norm = Norm.objects.create(
        pack=pack, act=act, code="xx.eligibility", kind="eligibility", title="No convicts",
        sentence="No convict mines.",
        article="Article 1", territory=pack.territory, miner_kinds=["legal_entity"],
        parameters={"impediments": ["conviction"]}, in_force=ALWAYS, confidence="H",
        timeline=[{"status": "in_force", "from": "2025-01-01", "until": None, "confidence": "H", "sources": []}],
    )  # fmt: skip
    Penalty.objects.create(
        book=Book.objects.create(pack=pack, code="xx.law", kind="law", title="Law"), norm=norm, article="Article 2",
        offender="legal_entity", occurrence="first", basis="per_day", amount_low=1, amount_high=2, currency="RUB",
        cap=10, in_force=ALWAYS, confidence="H",
    )  # fmt: skip
    miner = MinerFactory()
    ImpedimentFactory(miner=miner, conviction=True, source="Judgment 17")
    return Finding.objects.create(
        miner=miner, norm=norm, territory=miner.territory, kind=miner.kind, valid=ALWAYS,
        facts={"country": "RU", "impediments": ["conviction"]},
    )  # fmt: skip


def told(api: Api, finding: Finding) -> Any:
    response = api.get(f"findings/{finding.pk}/explanation/")
    assert response.status_code == 200, response.content
    return response.json()


def test_explanation_holds_the_law_the_facts_and_the_arithmetic(finding: Finding) -> None:
    body = told(Api(user_with([*READS, Impediment])), finding)
    assert {name: body["norm"][name] for name in ("code", "article", "status", "status_since")} == {
        "code": "xx.eligibility",
        "article": "Article 1",
        "status": "In force",
        "status_since": "2025-01-01",
    }
    assert "Judgment 17" in str(body["facts"])
    (price,) = body["penalties"]
    assert (price["amount_low"], price["amount_high"], price["currency"]) == ("10.00", "10.00", "RUB")
    assert "capped at 10 RUB: 10 RUB." in price["arithmetic"]


def test_impediments_are_left_out_for_those_who_may_not_see_them(finding: Finding) -> None:
    for user, sees in ((user_with(READS), False), (user_with([*READS, Impediment]), True)):
        api = Api(user)
        (row,) = api.results("findings/")
        assert ("impediments" in row["facts"]) is sees
        assert row["facts"]["country"] == "RU"
        assert ("conviction" in api.csv("findings/")) is sees
        body = told(api, finding)
        assert ("Judgment 17" in str(body["facts"])) is ("onviction" in str(body["facts"])) is sees


def test_page_of_the_finding_hides_the_same(finding: Finding) -> None:
    for models, sees in ((READS, False), ([*READS, Impediment], True)):
        user = user_with(models)
        user.is_staff = True
        user.save()
        client = Client()
        client.force_login(user)
        page = client.get(reverse("admin:compliance_finding_change", args=[finding.pk])).content.decode()
        assert "No convict mines." in page
        assert ("Judgment 17" in page) is sees


def test_page_shows_each_step_of_the_arithmetic(finding: Finding, client: Client) -> None:
    client.force_login(UserFactory(superuser=True))
    page = client.get(reverse("admin:compliance_finding_change", args=[finding.pk])).content.decode()
    assert "1 to 2 RUB × " in page
    assert "capped at 10 RUB: 10 RUB." in page
    assert "It counts as a first offence" in page
