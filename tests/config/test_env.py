"""The environment is read strictly: what is wrong is refused in a sentence that names the variable."""

import subprocess
import sys
from pathlib import Path

import pytest

from config.env import PROJECT, EnvironmentRefused, kept_secret, load, variables

PRODUCTION = {
    "HEADFRAME_ENV": "production",
    "SECRET_KEY": "k" * 50,
    "DATABASE_URL": "postgresql://user:secret@db:5432/headframe",
    "REDIS_URL": "redis://broker:6379/0",
}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HEADFRAME_ENV", "prod", "one of local, test, production, not 'prod'"),
        ("HEADFRAME_PORT", "80a", "a whole number from 1 to 65535, not '80a'"),
        ("HEADFRAME_PORT", "70000", "a whole number from 1 to 65535, not '70000'"),
        ("HEADFRAME_TIME_ZONE", "Moscow", "a name from the tz database, such as Europe/Moscow, not 'Moscow'"),
        ("HEADFRAME_LOG_LEVEL", "loud", "one of DEBUG, INFO, WARNING, ERROR, not 'loud'"),
        ("HEADFRAME_CSRF_ORIGINS", "example.org", "addresses such as https://register.example.org, parted by commas"),
        ("EMBEDDED_PG_BIN", "/nowhere", "a folder that holds the programs postgres and initdb, not '/nowhere'"),
        ("HEADFRAME_DATA", "", "the path of a folder, not ''"),
        ("REDIS_URL", "http://host", "an address that begins with redis:// or rediss:// or unix://"),
        ("REDIS_URL", "redis://host/first", "an address whose database is a number"),
        ("REDIS_URL", "redis://host/0/1", "an address whose database is a number"),
        ("REDIS_URL", "unix:///run/v.sock?db=first", "an address whose database is a number"),
        ("DATABASE_URL", "postgresql://user:secret@db:5432", "an address that ends with the database's name"),
        ("DATABASE_URL", "postgresql://db/?sslmode=require", "an address that ends with the database's name"),
        ("EMAIL_URL", "http://host", "an address that begins with smtp:// or smtps://"),
        ("EMAIL_URL", "smtp:///host", "an address that names the mail server"),
        ("EMAIL_URL", "smtp://u:p@host:587?tls=true", "an address with no option but tls=1 or tls=0"),
        ("EMAIL_URL", "smtp://u:p@host:587?TLS=1", "an address with no option but tls=1 or tls=0"),
        ("EMAIL_URL", "smtp://u:p@host:587?tls=1&ssl=1", "an address with no option but tls=1 or tls=0"),
        ("EMAIL_URL", "smtp://u:p@host:587?tls=1&tls=0", "an address with no option but tls=1 or tls=0"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, expected: str) -> None:
    with pytest.raises(EnvironmentRefused) as refused:
        load({name: value})
    assert str(refused.value).startswith(f"{name} must be {expected}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", "smtp://u:p@host:587?tls=1"),
        ("EMAIL_URL", "smtp://host?tls=0"),
        ("EMAIL_URL", "smtps://u:p@host"),
        ("REDIS_URL", "redis://host"),
        ("REDIS_URL", "rediss://:pw@host:6379/12"),
        ("REDIS_URL", "unix:///run/v.sock?db=3"),
        ("DATABASE_URL", "postgresql://headframe@/headframe?host=/run/pg"),
    ],
)
def test_an_address_is_taken_as_it_is_when_nothing_is_wrong_with_it(name: str, value: str) -> None:
    assert getattr(load({name: value}), name) == value


def test_a_password_in_an_address_is_not_repeated_when_the_address_is_refused() -> None:
    with pytest.raises(EnvironmentRefused) as refused:
        load({"DATABASE_URL": "mysql://user:hunter2@host/db"})
    assert str(refused.value) == "DATABASE_URL must be an address that begins with postgres:// or postgresql://."


def test_an_unknown_variable_with_our_prefix_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(
        EnvironmentRefused, match=r"^HEADFRAME_PROT is not a variable .* Did you mean HEADFRAME_PORT\?$"
    ):
        load({"HEADFRAME_PROT": "8000"})


@pytest.mark.parametrize("missing", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL"])
def test_production_is_refused_when_a_required_variable_is_missing(missing: str) -> None:
    with pytest.raises(EnvironmentRefused, match=f"^{missing} must be set"):
        load({name: value for name, value in PRODUCTION.items() if name != missing})
    assert load(PRODUCTION).HEADFRAME_ENV == "production"


def test_the_tests_have_a_data_folder_of_their_own_when_both_run() -> None:
    local = load({"HEADFRAME_DATA": "/d"})
    test = load({"HEADFRAME_DATA": "/d", "HEADFRAME_ENV": "test"})
    assert (local.data, test.data) == (Path("/d"), Path("/d/test"))


def test_the_example_lists_every_variable_with_a_sentence_and_its_default() -> None:
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = {}
    sentence: list[str] = []
    for line in lines:
        name, equals, default = line.removeprefix("# ").partition("=")
        if equals and name in variables():
            listed[name] = (default, " ".join(sentence))
        sentence = [*sentence, line.removeprefix("# ")] if line.startswith("# ") else []
    # The default of the data folder depends on where the project lies.
    expected = {
        name: ("" if name == "HEADFRAME_DATA" else default, text) for name, (default, text) in variables().items()
    }
    assert listed == expected


def test_a_kept_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = kept_secret(tmp_path, "key")
    assert len(first) == 50
    assert kept_secret(tmp_path, "key") == first
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_manage_says_one_sentence_and_no_traceback_when_the_environment_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT,
        env={"HEADFRAME_PORT": "x", "HEADFRAME_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "headframe: HEADFRAME_PORT must be a whole number from 1 to 65535, not 'x'.\n"
