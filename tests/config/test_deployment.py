"""The files of the container deployment keep what a deployment needs."""

import re

import yaml

from config import __version__
from config.env import PROJECT, variables
from config.prepare import STEPS

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
LAST_STAGE = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]


def test_the_image_runs_as_an_ordinary_user_and_looks_after_its_health() -> None:
    assert len(re.findall(r"^FROM ", DOCKERFILE, re.MULTILINE)) == 2
    assert re.search(r"^USER (?!root|0)\w+$", LAST_STAGE, re.MULTILINE)
    assert "/healthz" in LAST_STAGE[LAST_STAGE.index("HEALTHCHECK") :]


def test_the_image_has_no_floating_tags_and_no_packages_of_the_system() -> None:
    for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE):
        assert re.search(r":[0-9]", image), image
    for service in COMPOSE["services"].values():
        assert re.search(r":[0-9]", service["image"]), service["image"]
    assert not re.search(r"apt-get|curl|wget|\bADD\b", DOCKERFILE)


def test_the_web_server_is_kept_to_four_threads() -> None:
    assert " --blocking-threads 4 " in LAST_STAGE


def test_everything_copied_into_the_image_is_let_through_to_the_builder() -> None:
    let_through = set(re.findall(r"^!(\S+)$", (PROJECT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE))
    assert copied == let_through
    assert all((PROJECT / source).exists() for source in copied)


def test_the_parts_are_there_and_wait_for_what_they_need() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "valkey"}
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["image"] == f"headframe:{__version__}"
    for name in ("worker", "beat", "postgres", "valkey"):
        assert services[name]["healthcheck"]["test"]


def test_no_secret_stands_in_the_file_and_every_variable_is_one_of_ours() -> None:
    environment = COMPOSE["services"]["web"]["environment"]
    # What concerns one machine only, or is set by the image or the web server itself, stays away.
    assert set(variables()) - set(environment) == {
        *("HEADFRAME_DATA", "HEADFRAME_PORT", "HEADFRAME_DB_POOL", "EMBEDDED_PG_BIN"),
    }
    assert set(environment) <= set(variables())
    for name in ("SECRET_KEY", "DATABASE_URL"):
        assert "${" in environment[name]
        assert ":?" in environment[name]


def test_a_variable_that_is_passed_on_has_the_default_of_the_service() -> None:
    for name, value in COMPOSE["services"]["web"]["environment"].items():
        if given := re.fullmatch(r"\$\{(\w+):-(.*)\}", value):
            # The host's name in a container is not [::1].
            default = "localhost" if name == "HEADFRAME_HOSTS" else variables()[name][0]
            assert given.groups() == (name, default)
    for service in ("worker", "beat"):
        for name, default in re.findall(r"\$\{(\w+):-(\w*)\}", " ".join(COMPOSE["services"][service]["command"])):
            assert variables()[name][0] == default


def test_a_deployment_is_prepared_by_the_commands_that_prepare_a_local_start() -> None:
    shell, option, line = COMPOSE["services"]["migrate"]["command"]
    assert (shell, option) == ("sh", "-c")
    assert line.split(" && ") == [" ".join(("python manage.py", *command)) for _, command in STEPS]
