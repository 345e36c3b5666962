"""The clerk's page of links: what waits comes first, both sides side by side, a verdict leads to the next."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from registry.models import Link, Merger, SightingList
from tests.factories import LinkFactory, MergerFactory, MinerFactory, SightingFactory, SiteFactory, UserFactory

pytestmark = pytest.mark.django_db


def page(link: Link) -> str:
    return reverse("admin:registry_link_change", args=[link.pk])


def test_doubtful_pairs_come_first_and_the_likeliest_of_them_before_the_others(admin: Client) -> None:
    linked = LinkFactory()
    less, more = LinkFactory(doubtful=True, probability=0.6), LinkFactory(doubtful=True, probability=0.9)
    shown = admin.get(reverse("admin:registry_link_changelist")).context["cl"].result_list
    assert [row.pk for row in shown] == [more.pk, less.pk, linked.pk]


def test_page_shows_both_sides_and_what_agreed(admin: Client) -> None:
    miner = MinerFactory(name="ООО «Байкал Хэш»")
    SiteFactory(miner=miner, address="Ленина 12", capacity_kw=400)
    link = LinkFactory(
        doubtful=True,
        miner=miner,
        sighting=SightingFactory(name="Байкал Хеш", address="Ленина 12", power_kw=390),
        comparison={
            "name": {"level": "but for a slip", "weight": 9.7},
            "power": {"level": "within 10 %", "weight": -1.2},
        },
    )
    shown = admin.get(page(link)).content.decode()
    for text in ("Байкал Хеш", "ООО «Байкал Хэш»", "390 kW", "400 kW", "but for a slip", "+9.7", "-1.2", "80.0 %"):
        assert text in shown, text


def test_verdict_leads_to_the_next_pair_that_waits(admin: Client) -> None:
    link, following = LinkFactory(doubtful=True, probability=0.9), LinkFactory(doubtful=True, probability=0.6)
    answer = admin.post(reverse("admin:registry_link_review", args=[link.pk]), {"verdict": "same"})
    assert answer["Location"] == page(following)
    link.refresh_from_db()
    assert (link.verdict, link.holds) == ("same", True)
    answer = admin.post(reverse("admin:registry_link_review", args=[following.pk]), {"verdict": "unsure"}, follow=True)
    assert "No pair waits for a verdict any more." in answer.content.decode()


def test_verdict_that_contradicts_another_link_is_refused_in_words(admin: Client) -> None:
    held = LinkFactory()
    doubtful = LinkFactory(doubtful=True, sighting=held.sighting, probability=0.9999)
    shown = admin.get(page(doubtful)).content.decode()
    assert "linked already" in shown
    assert f'href="{page(held)}"' in shown
    assert "over 99.9 %" in shown
    answer = admin.post(reverse("admin:registry_link_review", args=[doubtful.pk]), {"verdict": "same"}, follow=True)
    assert f"is linked to miner {held.miner_id} already" in answer.content.decode()
    doubtful.refresh_from_db()
    assert doubtful.verdict == ""


def test_looking_at_the_address_of_a_verdict_says_nothing(admin: Client) -> None:
    link = LinkFactory(doubtful=True)
    admin.get(reverse("admin:registry_link_review", args=[link.pk]), {"verdict": "same"})
    link.refresh_from_db()
    assert link.verdict == ""


def test_verdict_may_be_said_of_many_at_once(admin: Client) -> None:
    links = LinkFactory.create_batch(3, doubtful=True)
    chosen = {"action": "say_different", "_selected_action": [link.pk for link in links]}
    admin.post(reverse("admin:registry_link_changelist"), chosen)
    assert set(Link.objects.values_list("verdict", flat=True)) == {"different"}


def test_merger_is_made_and_taken_back_by_its_form(admin: Client) -> None:
    miner, same_as = MinerFactory(), MinerFactory()
    add = reverse("admin:registry_merger_add")
    admin.post(add, {"miner": miner.pk, "same_as": same_as.pk, "note": "twice"})
    merger = Merger.objects.get()
    assert (merger.miner, merger.same_as, merger.made_by is not None) == (miner, same_as, True)
    refused = admin.post(add, {"miner": same_as.pk, "same_as": miner.pk, "note": ""})
    assert "is itself merged into this one" in refused.content.decode()
    admin.post(reverse("admin:registry_merger_delete", args=[merger.pk]), {"post": "yes"})
    assert not Merger.objects.exists()


def test_page_of_a_merger_opens(admin: Client) -> None:
    merger = MergerFactory()
    assert admin.get(reverse("admin:registry_merger_change", args=[merger.pk])).status_code == 200


@pytest.mark.parametrize(("everywhere", "sentence"), [("on", ""), ("", "Name the territories that the list sees")])
def test_list_is_made_by_its_form_unless_its_traits_contradict_each_other(
    admin: Client, everywhere: str, sentence: str
) -> None:
    facts = {"code": "mine", "kind": "audit", "name": "Mine", "note": "", "window_0": "", "window_1": ""}
    answer = admin.post(reverse("admin:registry_sightinglist_add"), {**facts, "everywhere": everywhere}, follow=True)
    assert sentence in answer.content.decode()
    assert SightingList.objects.filter(code="mine").exists() == (not sentence)


def test_list_of_the_register_cannot_be_deleted(admin: Client) -> None:
    register = SightingList.objects.get(kind="register")
    address = reverse("admin:registry_sightinglist_delete", args=[register.pk])
    assert admin.post(address, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("lacking", ["view_sighting", "view_miner", None])
def test_pairs_are_shown_to_those_who_may_read_both_sides(client: Client, lacking: str | None) -> None:
    user = UserFactory(is_staff=True)
    given = {"view_link", "change_link", "view_sighting", "view_miner"} - {lacking}
    user.user_permissions.set(Permission.objects.filter(codename__in=given, content_type__app_label="registry"))
    client.force_login(user)
    link = LinkFactory(doubtful=True)
    addresses = (page(link), reverse("admin:registry_link_changelist"))
    assert [client.get(address).status_code for address in addresses] == [403 if lacking else 200] * 2
    said = client.post(reverse("admin:registry_link_review", args=[link.pk]), {"verdict": "same"})
    assert said.status_code == (403 if lacking else 302)
