"""One address in the variable, spelled as each library wants it."""

import pytest

from config import addresses


def test_a_database_address_is_taken_apart_when_it_has_everything() -> None:
    assert addresses.database_settings("postgresql://us%40er:p%2Fw@db:5433/name?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "name",
        "USER": "us@er",
        "PASSWORD": "p/w",
        "HOST": "db",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require", "options": "-c DateStyle=ISO"},
    }


def test_a_database_address_names_a_socket_folder_when_host_is_an_option() -> None:
    settings = addresses.database_settings("postgresql://headframe@/headframe?host=/run/pg&options=-c%20jit%3Doff")
    assert (settings["HOST"], settings["NAME"]) == ("/run/pg", "headframe")
    assert settings["OPTIONS"] == {"options": "-c DateStyle=ISO -c jit=off"}


@pytest.mark.parametrize(
    ("url", "database", "cache"),
    [
        ("redis://:pw@host:6379/2", 2, "redis://:pw@host:6379/3"),
        ("redis://host", 0, "redis://host/1"),
        ("unix:///run/v.sock?db=0", 0, "unix:///run/v.sock?db=1"),
        ("unix://:pw@/run/v.sock", 0, "unix://:pw@/run/v.sock?db=1"),
    ],
)
def test_the_cache_takes_the_next_database_of_the_same_server(url: str, database: int, cache: str) -> None:
    assert addresses.redis_database(url) == database
    assert addresses.redis_with_database(url, database + 1) == cache


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://:pw@host:6379/2", "redis://:pw@host:6379/2"),
        ("unix:///run/v.sock?db=0", "redis+socket:///run/v.sock?virtual_host=0"),
        ("unix://:pw@/run/v.sock?db=2", "redis+socket://:pw@/run/v.sock?virtual_host=2"),
    ],
)
def test_celery_has_its_own_spelling_when_the_server_is_a_socket(url: str, broker: str) -> None:
    assert addresses.celery_broker(url) == broker
