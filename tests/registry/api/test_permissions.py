"""Who may do what, at every address that there is."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from tests.api_client import VERBS, Api, user_with

pytestmark = pytest.mark.django_db

# No row has such a number: some nouns have rows from the start.
SAMPLES = {"pk": "999999999", "code": "x", "number": "x", "import_id": "1"}
CONVERTED = re.compile(r"<[a-z]+:[a-z_]+>")
METHODS = ("get", "post", "patch", "delete")


def addresses() -> Iterator[tuple[str, str, type, str | None]]:
    """Every path of the API with its methods, its view and the action that each method leads to."""

    def below(patterns: list, prefix: str) -> Iterator[tuple[str, URLPattern]]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns, prefix + str(pattern.pattern))
            else:
                yield prefix + str(pattern.pattern), pattern

    for route, pattern in below(get_resolver().url_patterns, ""):
        view = getattr(pattern.callback, "cls", None)
        if not route.startswith("api/v1/") or view is None:
            continue
        # A calculation that only answers what it is sent has tests of its own.
        actions = getattr(pattern.callback, "actions", None) or (
            {"get": None} if "get" in view.http_method_names else {}
        )
        path = route.removeprefix("api/v1/").replace("^", "").replace("$", "")
        path = CONVERTED.sub("x", path)
        for name, sample in SAMPLES.items():
            while f"(?P<{name}>" in path:
                start = path.index(f"(?P<{name}>")
                end = path.index(")", start) + 1
                path = path[:start] + sample + path[end:]
        for method, action in actions.items():
            if method in METHODS:
                yield path, method, view, action


ADDRESSES = sorted(set(addresses()), key=str)


def test_every_noun_has_an_address():
    lists = {path.removesuffix("/") for path, method, _, action in ADDRESSES if action == "list"}
    assert lists == {
        "territories", "miners", "ownerships", "sites", "device-models", "devices", "registers", "registrations",
        "sightings", "lists", "links", "mergers", "readings", "declarations", "accounts", "impediments", "imports",
        "imports/1/errors", "acts",
        "norms", "penalties", "books", "bans", "findings", "cases", "fines", "payments", "claims", "reports",
        "recomputations", "scenarios", "estimates",
    }  # fmt: skip


def send(api: Api, method: str, path: str) -> int:
    if method == "get":
        return api.get(path).status_code
    if method == "delete":
        return api.delete(path).status_code
    return api.send(method.upper(), path, {}).status_code


def models_of(view: type) -> tuple:
    return view.reads


def test_nobody_gets_in_without_logging_in():
    api = Api(None)
    assert {send(api, method, path) for path, method, _, _ in ADDRESSES} == {401}


def test_user_without_permissions_gets_nothing():
    api = Api(user_with([]))
    assert {send(api, method, path) for path, method, _, _ in ADDRESSES} == {403}


def test_viewer_of_a_noun_reads_it_and_writes_nothing():
    for view in {view for _, _, view, _ in ADDRESSES}:
        besides = [model for models in getattr(view, "reads_of", {}).values() for model in models]
        api = Api(user_with([*models_of(view), *besides]))
        for path, method, owner, _ in ADDRESSES:
            if owner is view:
                status = send(api, method, path)
                assert status in {200, 400, 404} if method == "get" else status == 403, (method, path, status)


def test_viewer_needs_every_noun_that_an_answer_shows():
    for view in {view for _, _, view, _ in ADDRESSES}:
        for missing in models_of(view):
            api = Api(user_with([model for model in models_of(view) if model is not missing]))
            for path, method, owner, _ in ADDRESSES:
                if owner is view:
                    assert send(api, method, path) == 403, (method, path, missing)


def test_explanation_needs_more_than_the_finding_that_it_explains():
    [finding] = {view for _, _, view, _ in ADDRESSES if "explanation" in getattr(view, "reads_of", {})}
    [path] = {path for path, _, _, action in ADDRESSES if action == "explanation"}
    besides = finding.reads_of["explanation"]
    for missing in besides:
        api = Api(user_with([*models_of(finding), *(model for model in besides if model is not missing)]))
        assert send(api, "get", path) == 403, missing


def test_clerk_with_one_verb_may_do_what_the_verb_says():
    verb_of = {"post": "add", "patch": "change", "delete": "delete"}
    for path, method, view, action in ADDRESSES:
        if method == "get":
            continue
        needed = "change" if action in ("annul", "review") else verb_of[method]
        for verb in ("add", "change", "delete"):
            api = Api(user_with(models_of(view), ("view", verb)))
            status = send(api, method, path)
            assert (status in {400, 404, 415}) if verb == needed else status == 403, (method, path, verb, status)


def test_read_only_token_of_one_who_may_do_everything_writes_nothing():
    everything = [model for model in apps.get_models() if model._meta.app_label in ("registry", "compliance")]
    api = Api(user_with(everything, VERBS), read_only=True)
    assert {send(api, method, path) for path, method, _, _ in ADDRESSES if method != "get"} == {403}


@pytest.mark.parametrize("method", ["PUT", "PROPFIND", "TRACE"])
def test_other_methods_are_refused(api, method):
    response = api.send(method, "miners/", {})
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response["Allow"] == "GET, POST, HEAD, OPTIONS"
