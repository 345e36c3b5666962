"""Verdicts on links, pairs drawn for review, and what the review says of the linkage."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from registry.errors import Refusal
from registry.models import Link, Linkage
from registry.selectors.linkage import linkage_quality
from registry.services.links import link_review, links_sample
from tests.conftest import until
from tests.estimated_register import quietly
from tests.factories import LinkFactory, SightingFactory, UserFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def review(link: Link, verdict: str, **facts: Any) -> Link:
    return link_review(**{"link": link, "verdict": verdict, "user": None, "now": NOW} | facts)


def test_verdict_is_kept_with_who_and_when_and_may_be_changed() -> None:
    clerk, link = UserFactory(), LinkFactory(doubtful=True)
    said = review(link, "same", user=clerk, note="The same hall.")
    assert (said.verdict, said.reviewed_by, said.reviewed_at, said.note) == ("same", clerk, NOW, "The same hall.")
    later = NOW + dt.timedelta(days=1)
    assert review(link, "same", now=later).reviewed_at == NOW
    changed = review(link, "different", now=later)
    assert (changed.verdict, changed.reviewed_at, changed.note, changed.holds) == (
        "different",
        later,
        "The same hall.",
        False,
    )


def test_same_is_refused_while_another_link_of_the_sighting_holds() -> None:
    held = LinkFactory()
    link = LinkFactory(doubtful=True, sighting=held.sighting)
    with pytest.raises(Refusal, match=f"linked to miner {held.miner_id} already") as refused:
        review(link, "same")
    assert refused.value.code == "linked_already"
    review(held, "different")
    assert review(link, "same").holds


def test_same_is_refused_where_the_other_sighting_leads_on_to_a_third() -> None:
    first, second, third = (SightingFactory() for _ in range(3))
    LinkFactory(sighting=second, miner=None, other=first)
    link = LinkFactory(doubtful=True, sighting=third, miner=None, other=second)
    with pytest.raises(Refusal, match=f"Sighting {second.pk} is itself linked to sighting {first.pk}"):
        review(link, "same")


def test_what_was_linked_to_a_sighting_goes_along_with_it() -> None:
    first, second, third = (SightingFactory() for _ in range(3))
    follower = LinkFactory(sighting=third, miner=None, other=second)
    review(LinkFactory(doubtful=True, sighting=second, miner=None, other=first), "same")
    follower.refresh_from_db()
    assert follower.other == first


def test_unknown_verdict_is_refused() -> None:
    with pytest.raises(Refusal, match="“maybe” is none of these"):
        review(LinkFactory(), "maybe")


def test_sample_takes_from_every_stratum_and_the_same_pairs_for_the_same_seed() -> None:
    LinkFactory.create_batch(20)
    LinkFactory.create_batch(20, doubtful=True)
    LinkFactory.create_batch(20, separate=True)
    LinkFactory.create_batch(20, separate=True, probability=0.3)
    assert links_sample(size=20, seed=1) == 20
    drawn = set(Link.objects.filter(sampled=True).values_list("pk", flat=True))
    assert links_sample(size=20, seed=1) == 0
    counts = [Link.objects.filter(sampled=True, status=status).count() for status in ("linked", "doubtful", "separate")]
    assert counts == [8, 5, 7]
    links_sample(size=20, seed=2)
    assert drawn < set(Link.objects.filter(sampled=True).values_list("pk", flat=True))
    with pytest.raises(Refusal):
        links_sample(size=0, seed=1)


def strata(**pairs: tuple[int, float]) -> Linkage:
    found = {name: {"pairs": n, "mean": mean} for name, (n, mean) in pairs.items()}
    return Linkage.objects.create(
        status="done", sightings=5_000, settings={"likely": 0.02}, parameters={"strata": found}, started_at=NOW
    )


def reviewed(number: int, same: int, **traits: Any) -> None:
    with quietly():
        links = LinkFactory.create_batch(number, sampled=True, **traits)
    for place, link in enumerate(links):
        review(link, "same" if place < same else "different", now=NOW + dt.timedelta(days=1))


def test_quality_is_not_known_before_a_review_of_every_stratum() -> None:
    assert linkage_quality().words == "not reviewed"
    strata(linked=(1000, 0.99), doubtful=(100, 0.7))
    reviewed(10, 10)
    quality = linkage_quality()
    assert (quality.is_reviewed, quality.missing, quality.beta_counts) == (False, ("doubtful",), None)


def test_quality_weighs_the_strata_by_their_sizes() -> None:
    strata(linked=(1000, 0.99), doubtful=(100, 0.7), likely=(200, 0.1), separate=(4000, 0.001))
    reviewed(100, 99)
    reviewed(50, 25, doubtful=True)
    reviewed(20, 2, separate=True, probability=0.1)
    reviewed(50, 0, separate=True)
    quality = linkage_quality()
    assert quality.sensitivity is not None
    assert quality.false_links is not None
    # Found: 990 and the 25 that clerks said; missed: half of the other 50 doubtful, a tenth of the likely, hardly more.
    assert quality.sensitivity.value == pytest.approx((990 + 25 + 2) / (990 + 25 + 2 + 25 + 18), abs=0.01)
    assert quality.sensitivity.low < quality.sensitivity.value < quality.sensitivity.high
    # One in a hundred of the 900 that nobody reviewed.
    assert quality.false_links.value == pytest.approx(9 / 3940, rel=0.5)
    assert quality.reviewed == 220
    found, missed, wrong, right = quality.beta_counts or (0, 0, 0, 0)
    assert found / (found + missed) == pytest.approx(quality.sensitivity.value, abs=1e-6)
    assert wrong / (wrong + right) == pytest.approx(quality.false_links.value, abs=1e-5)
    assert linkage_quality() == quality


def test_verdicts_that_were_not_drawn_at_random_do_not_speak_for_others() -> None:
    strata(linked=(100, 0.99))
    reviewed(10, 10)
    for link in LinkFactory.create_batch(5):
        review(link, "different", now=NOW + dt.timedelta(days=1))
    quality = linkage_quality()
    [linked] = [each for each in quality.strata if each.name == "linked"]
    assert (linked.sampled, linked.sampled_same, linked.reviewed, linked.reviewed_same) == (10, 10, 15, 10)


def test_sightings_that_need_no_model_weigh_the_error_of_matching_down() -> None:
    strata(doubtful=(40, 0.5))
    reviewed(20, 10, doubtful=True)
    SightingFactory.create_batch(80, known=True)
    quality = linkage_quality()
    assert quality.sensitivity is not None
    # Clerks found 10; of the other 20 doubtful pairs, half are the same and do not hold.
    assert quality.sensitivity.value == pytest.approx(10 / 20, abs=0.05)
    found, missed, _, _ = quality.beta_counts or (0, 0, 0, 0)
    assert found / (found + missed) == pytest.approx(90 / 100, abs=0.02)


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_at_once_the_second_sees_what_the_first_said() -> None:
    first, second, third = (SightingFactory() for _ in range(3))
    onward = LinkFactory(doubtful=True, sighting=second, miner=None, other=first)
    link = LinkFactory(doubtful=True, sighting=third, miner=None, other=second)

    def says_same() -> Link:
        try:
            return review(link, "same")
        finally:
            connection.close()

    def is_waiting() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))")
            return bool(cursor.fetchone()[0])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            review(onward, "same")
            other = pool.submit(says_same)
            until(lambda: other.done() or is_waiting())
        with pytest.raises(Refusal, match=f"Sighting {second.pk} is itself linked to sighting {first.pk}"):
            other.result()
