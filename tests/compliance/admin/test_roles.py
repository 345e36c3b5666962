"""What the roles may do in the admin."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from compliance.services.roles import roles_load
from registry.models import Import, RowError
from tests.factories import ImpedimentFactory, MinerFactory, UserFactory


@pytest.fixture
def as_role(db: None):
    def client_of(name: str) -> Client:
        roles_load()
        user = UserFactory(staff=True)
        user.groups.add(Group.objects.get(name=name))
        client = Client()
        client.force_login(user)
        return client

    return client_of


def test_a_clerk_keeps_the_register_but_not_the_users(as_role) -> None:
    clerk = as_role("Clerk")
    assert clerk.get(reverse("admin:registry_miner_add")).status_code == 200
    assert clerk.get(reverse("admin:compliance_fine_add")).status_code == 200
    assert clerk.get(reverse("admin:auth_user_changelist")).status_code == 403


def test_an_analyst_reads_everything_and_changes_nothing(as_role) -> None:
    analyst = as_role("Analyst")
    miner = MinerFactory()
    assert analyst.get(reverse("admin:registry_miner_change", args=[miner.pk])).status_code == 200
    assert analyst.get(reverse("admin:registry_miner_add")).status_code == 403
    assert analyst.post(reverse("admin:compliance_recompute")).status_code == 403


def test_an_analyst_does_not_see_what_accuses_people_and_a_clerk_does(as_role) -> None:
    impediment = ImpedimentFactory(source="Judgment 17 of a sample court")
    run = Import.objects.create(noun="impediments", file_name="a.csv", sha256="0" * 64, status="done", refused=1)
    RowError.objects.create(import_run=run, line=2, column="kind", value="Ivan", code="x", reason="Ivan!", row={})
    pages = {
        "page": reverse("admin:registry_miner_change", args=[impediment.miner_id]),
        "list": reverse("admin:registry_rowerror_changelist"),
        "run": reverse("admin:registry_import_change", args=[run.pk]),
    }
    for role, sees in (("Analyst", False), ("Clerk", True)):
        client = as_role(role)
        allowed = client.get(reverse("admin:registry_impediment_changelist")).status_code == 200
        texts = {name: client.get(address).content.decode() for name, address in pages.items()}
        assert allowed is sees
        assert (impediment.source in texts["page"]) is sees
        assert ("Ivan!" in texts["list"]) is ("Ivan!" in texts["run"]) is sees
        csv = client.get(reverse("admin:registry_import_refused", args=[run.pk]))
        assert csv.status_code == (200 if sees else 403)


def test_loading_the_roles_again_keeps_what_was_added(as_role) -> None:
    as_role("Analyst")
    group = Group.objects.get(name="Analyst")
    before = set(group.permissions.values_list("codename", flat=True))
    roles_load()
    assert set(group.permissions.values_list("codename", flat=True)) == before


def test_the_sidebar_shows_only_what_the_person_may_see(as_role) -> None:
    page = as_role("Clerk").get(reverse("admin:index"))
    titles = {item["title"] for group in page.context["sidebar_navigation"] for item in group["items"]}
    assert {"Miners", "Fines"} <= titles
    assert "Users" not in titles
