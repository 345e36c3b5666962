"""What the roles may do in the admin."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from compliance.services.roles import roles_load
from tests.factories import MinerFactory, UserFactory


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
