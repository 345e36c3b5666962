"""Pages by key."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.api.pagination import encode_cursor
from registry.models import Miner
from tests.api_client import Api
from tests.factories import MinerFactory, SightingFactory, UserFactory

pytestmark = pytest.mark.django_db


def walk(api: Api, path: str, query: dict, link: str) -> list[list[int]]:
    """The ids page by page, following one kind of link to its end."""
    pages = []
    while True:
        body = api.get(path, query).json()
        pages.append([row["id"] for row in body["results"]])
        if body[link] is None:
            return pages
        query = {name: values[0] for name, values in parse_qs(urlsplit(body[link]).query).items()}


# Few names, so that pages begin in the middle of equal ones.
names = st.lists(st.sampled_from(["а", "Б", "ё", "a b", "Z", "%", "я" * 300]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(names=names, size=st.integers(1, 5), ordering=st.sampled_from(["id", "-id", "name", "-name"]))
def test_every_row_comes_once_and_in_order_forwards_and_back(db, names, size, ordering):
    Miner.objects.all().delete()
    api = Api(UserFactory(superuser=True))
    for name in names:
        MinerFactory(name=name, identifiers=False)
    field, backwards = ordering.lstrip("-"), ordering.startswith("-")
    order = (ordering, "-id" if backwards else "id")
    expected = list(Miner.objects.order_by(*order).values_list("pk", flat=True))

    forwards = walk(api, "miners/", {"ordering": ordering, "page_size": size}, "next")
    assert [pk for page in forwards for pk in page] == expected
    assert all(len(page) == size for page in forwards[:-1])

    if expected:
        last = Miner.objects.get(pk=expected[-1])
        cursor = encode_cursor(
            order if field != "id" else (ordering,),
            [last.name, last.pk] if field != "id" else [last.pk],
            backwards=True,
        )
        back = walk(api, "miners/", {"ordering": ordering, "page_size": size, "cursor": cursor}, "previous")
        assert [pk for page in reversed(back) for pk in page] == expected[:-1]


def test_page_says_where_it_ends(api):
    miners = [MinerFactory() for _ in range(5)]
    first = api.get("miners/", {"page_size": 2}).json()
    assert (first["as_of"], first["previous"]) == (None, None)
    second = api.client.get(first["next"]).json()
    third = api.client.get(second["next"]).json()
    assert [row["id"] for row in third["results"]] == [miners[4].pk]
    assert third["next"] is None
    again = api.client.get(third["previous"]).json()
    assert again["results"] == second["results"]
    assert api.client.get(again["previous"]).json() == {**first, "next": first["next"]}


def test_row_added_meanwhile_neither_repeats_nor_hides_another(api):
    for name in ("b", "d", "f"):
        MinerFactory(name=name)
    first = api.get("miners/", {"page_size": 2, "ordering": "name"}).json()
    MinerFactory(name="a")
    MinerFactory(name="e")
    second = api.client.get(first["next"]).json()
    assert [row["name"] for row in first["results"] + second["results"]] == ["b", "d", "e", "f"]


@pytest.mark.parametrize("page_size", ["0", "-1", "1001", "99999999999999999999", "ten", "", "1e2", "²"])
def test_page_size_is_refused_when_it_is_not_from_1_to_1000(api, page_size):
    response = api.get("miners/", {"page_size": page_size})
    assert (response.status_code, response.json()["code"]) == (400, "bad_page_size")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "e30",
        "bnVsbA",
        encode_cursor(["id"], ["99999999999999999999"], backwards=False),
        encode_cursor(["name", "id"], ["a", "1"], backwards=False),
        encode_cursor(["id"], ["\0"], backwards=False),
        "W1tbW1tbW1tbW1tbW1tb" * 200,
    ],
)
def test_cursor_is_refused_when_it_is_not_of_this_list(api, cursor):
    response = api.get("miners/", {"cursor": cursor})
    assert (response.status_code, response.json()["code"]) == (400, "bad_cursor")


def test_ordering_is_refused_when_it_is_not_declared(api):
    for wanted in ("note", "-note", "password", "territory__name", "--id", ""):
        response = api.get("miners/", {"ordering": wanted})
        assert (response.status_code, response.json()["code"]) == (400, "bad_ordering")


@pytest.mark.parametrize(
    ("path", "ordering", "index"),
    [
        ("miners/", "name", "miner_by_name"),
        ("miners/", "-name", "miner_by_name"),
        ("miners/", "id", "registry_miner_pkey"),
        ("sightings/", "-seen_on", "sighting_by_day"),
    ],
)
def test_page_in_the_depth_begins_at_its_place_in_an_index(
    api, path, ordering, index, django_assert_num_queries, settings
):
    for _ in range(4):
        MinerFactory()
        SightingFactory()
    link = api.get(path, {"ordering": ordering, "page_size": 2}).json()["next"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    with django_assert_num_queries(3 if path == "miners/" else 2) as captured:
        api.client.get(link)
    page = next(query["sql"] for query in captured if "LIMIT 3" in query["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {page}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert index in plan
    assert "Index Cond" in plan.split(index)[1]
