"""The embedded servers live as long as somebody uses them, and their data longer."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config import embedded, env
from tests.config.embedded_servers import (
    PATIENCE,
    addresses_of,
    data_folder,
    leave,
    processes_of,
    servers_of,
    start_user,
)

pytestmark = pytest.mark.live


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    with data_folder(tmp_path / "data") as folder:
        yield folder


def counts(data: Path) -> dict[str, int]:
    return {name: len(processes) for name, processes in servers_of(data).items()}


def test_two_processes_share_one_server_and_the_last_one_stops_it(data: Path) -> None:
    first, second = start_user(data), start_user(data)
    assert addresses_of(first) == addresses_of(second)
    assert counts(data) == {"postgres": 1, "valkey": 1, "keeper": 2}

    leave(first)
    assert counts(data) == {"postgres": 1, "valkey": 1, "keeper": 2}

    leave(second)
    assert processes_of(data) == []


def test_data_survives_when_server_keeper_and_user_are_killed(data: Path) -> None:
    # The tests' own settings are quick and not durable.
    user = start_user(data, HEADFRAME_ENV="local")
    database, broker = addresses_of(user)
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'шахта' AS name")
    redis.Redis.from_url(broker).set("kept", "да")
    redis.Redis.from_url(broker).close()
    everything = processes_of(data)
    for process in everything:
        # Killing a server's main process may end the others before their turn comes.
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    user.communicate(timeout=PATIENCE)
    psutil.wait_procs(everything, timeout=PATIENCE)

    user = start_user(data, HEADFRAME_ENV="local")
    database, broker = addresses_of(user)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT name FROM kept").fetchall() == [("шахта",)]
        # What the initial locale is for.
        assert connection.execute("SELECT name ILIKE 'ШАХ%' FROM kept").fetchall() == [(True,)]
    with redis.Redis.from_url(broker) as client:
        assert client.get("kept") == "да".encode()
    leave(user)


def test_the_servers_stop_when_their_only_user_is_killed(data: Path) -> None:
    user = start_user(data)
    addresses_of(user)
    servers = [process for group in servers_of(data).values() for process in group]
    user.kill()
    user.communicate(timeout=PATIENCE)
    _, alive = psutil.wait_procs(servers, timeout=PATIENCE)
    assert alive == []


def test_a_server_that_is_killed_is_started_again_while_it_is_used(data: Path) -> None:
    user = start_user(data)
    _, broker = addresses_of(user)
    with redis.Redis.from_url(broker) as client:
        client.set("kept", 1)
        [valkey] = servers_of(data)["valkey"]
        valkey.kill()
        valkey.wait(PATIENCE)
    joined = start_user(data)  # waits until the server accepts
    addresses_of(joined)
    with redis.Redis.from_url(broker) as client:
        assert client.exists("kept") == 1
    leave(joined)
    leave(user)


def test_the_next_user_is_served_when_the_keepers_were_killed(data: Path) -> None:
    user = start_user(data)
    database, _ = addresses_of(user)
    for keeper in servers_of(data)["keeper"]:
        keeper.kill()
        keeper.wait(PATIENCE)
    joined = start_user(data)
    assert addresses_of(joined)[0] == database
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert counts(data) == {"postgres": 1, "valkey": 1, "keeper": 2}
    leave(user)
    leave(joined)
    assert processes_of(data) == []


def test_a_data_folder_with_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    with data_folder(tmp_path / ("x" * 120) / "data") as folder:
        user = start_user(folder)
        database, broker = addresses_of(user)
        with psycopg.connect(database) as connection, redis.Redis.from_url(broker) as client:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            assert client.ping() is True
        leave(user)


def test_a_broken_program_gives_a_sentence_with_its_last_words(data: Path) -> None:
    programs = data.parent / "bin"
    programs.mkdir()
    for name in ("postgres", "initdb"):
        (programs / name).write_text("#!/bin/sh\necho out of luck\nexit 1\n")
        (programs / name).chmod(0o755)
    for folder in data.parents:
        if os.getuid() == folder.stat().st_uid and folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(0o755)  # as root, the server's user has to reach the program
    user = start_user(data, EMBEDDED_PG_BIN=str(programs))
    _, error = user.communicate(timeout=PATIENCE)
    assert user.returncode == 1
    cluster = (data / "test" / "postgres").resolve() / "data"
    assert error == f"PostgreSQL's data folder {cluster} cannot be made; initdb said:\nout of luck\n"
    assert processes_of(data) == []


def test_a_damaged_data_folder_gives_a_sentence_with_the_log(data: Path) -> None:
    user = start_user(data)
    addresses_of(user)
    leave(user)
    cluster = (data / "test" / "postgres").resolve() / "data"
    (cluster / "PG_VERSION").write_text("9.4\n")

    user = start_user(data)
    _, error = user.communicate(timeout=PATIENCE)
    assert user.returncode == 1
    assert error.startswith("PostgreSQL could not start; the last lines of ")
    assert "database files are incompatible with server" in error
    assert processes_of(data) == []


def test_no_server_is_started_in_the_place_of_one_that_is_given() -> None:
    given = {"DATABASE_URL": "postgresql://db/headframe", "REDIS_URL": "redis://broker"}
    started = {
        names: [server.name for server in embedded.needed(env.load({name: given[name] for name in names}))]
        for names in ((), ("DATABASE_URL",), ("REDIS_URL",), ("DATABASE_URL", "REDIS_URL"))
    }
    assert started == {
        (): ["postgres", "valkey"],
        ("DATABASE_URL",): ["valkey"],
        ("REDIS_URL",): ["postgres"],
        ("DATABASE_URL", "REDIS_URL"): [],
    }
