"""Who is let in."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from time_machine import travel

from registry.models import ApiToken, Miner
from registry.services.tokens import token_create
from tests.api_client import VERBS, Api, user_with
from tests.factories import MinerFactory, TerritoryFactory, UserFactory

pytestmark = pytest.mark.django_db


def refused(text: str) -> tuple[int, str, str]:
    response = Client(headers={"Authorization": f"Token {text}"}).get("/api/v1/miners/")
    return response.status_code, response.json()["code"], response["WWW-Authenticate"]


REFUSED = (401, "authentication_failed", 'Token realm="headframe"')


def test_answer_is_401_with_a_problem_document_when_nobody_is_logged_in():
    response = Client().get("/api/v1/miners/")
    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == 'Token realm="headframe"'
    assert response.json() == {
        "type": "/docs/errors#not_authenticated",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Authentication credentials were not provided.",
        "code": "not_authenticated",
        "errors": [],
    }


@pytest.mark.parametrize("text", ["", "hf_", "hf_unknown", "\x00", "hf_é", "a b c", "x" * 5000])
def test_token_is_refused_when_it_is_not_known(text):
    assert refused(text) == REFUSED


def test_token_is_refused_when_it_has_expired():
    _, text = token_create(
        user=UserFactory(superuser=True), name="old", expires_at=timezone.now() - dt.timedelta(seconds=1)
    )
    assert refused(text) == REFUSED


def test_token_is_refused_when_its_user_is_not_active():
    user = UserFactory(superuser=True)
    _, text = token_create(user=user, name="left")
    user.is_active = False
    user.save()
    assert refused(text) == REFUSED


def test_token_cannot_be_read_from_what_is_stored():
    token, text = token_create(user=UserFactory(), name="load")
    stored = ApiToken.objects.filter(pk=token.pk).values().get()
    assert text.startswith("hf_")
    assert len(text) >= 40
    assert all(text not in str(value) and text[8:] not in str(value) for value in stored.values())


def test_token_notes_the_day_of_its_use_once(api, django_assert_num_queries):
    token = ApiToken.objects.get()
    with travel(timezone.now(), tick=False):  # or midnight might come meanwhile
        api.get("miners/")
        token.refresh_from_db()
        assert token.used_on == timezone.localdate()
        # the token with its user; the page
        with django_assert_num_queries(2):
            api.get("miners/")


def test_write_is_refused_when_the_token_is_read_only():
    api = Api(UserFactory(superuser=True), read_only=True)
    response = api.post("miners/", {})
    assert (response.status_code, response.json()["code"]) == (403, "read_only_token")
    assert api.get("miners/").status_code == 200


def test_tokens_have_no_address(api):
    for path in ("tokens/", "api-tokens/", "apitokens/", "users/"):
        assert api.get(path).status_code == 404


def test_session_writes_only_with_the_csrf_token():
    user = user_with([Miner], VERBS)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get("/api/v1/miners/").status_code == 200
    response = client.post("/api/v1/miners/", {}, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_history_names_the_user_of_the_token(api):
    miner = MinerFactory()
    assert api.patch(f"miners/{miner.pk}/", {"note": "seen"}).status_code == 200
    event = miner.events.select_related("pgh_context").latest("pgh_id")
    assert event.pgh_context.metadata["user"] == ApiToken.objects.get().user_id


def test_command_prints_a_token_that_works(capsys):
    user = user_with([Miner])
    call_command("token", user.username, "--name", "nightly load", "--read-only")
    text = capsys.readouterr().out.strip()
    assert Client(headers={"Authorization": f"Token {text}"}).get("/api/v1/miners/").status_code == 200
    assert ApiToken.objects.get().read_only


def test_command_refuses_when_there_is_no_such_user():
    with pytest.raises(CommandError, match="no user named nobody"):
        call_command("token", "nobody", "--name", "x")


def test_user_is_told_the_missing_permission():
    TerritoryFactory()
    response = Api(user_with([])).get("miners/")
    assert response.status_code == 403
    assert response.json()["detail"] == "You lack the permission registry.view_miner."
