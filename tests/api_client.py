"""A caller of the API for the tests: a token, the permissions it needs, and the answers it gets."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db.models import Model, Q
from django.http.response import HttpResponseBase
from django.test import Client

from registry.services.tokens import token_create
from tests.factories import UserFactory

VERBS = ("view", "add", "change", "delete")


def user_with(models: Iterable[type[Model]] = (), verbs: Iterable[str] = ("view",)) -> User:
    """A user with these permissions on these models and no others."""
    user = UserFactory()
    wanted = Q(pk__in=())
    for model in models:
        names = [f"{verb}_{model._meta.model_name}" for verb in verbs]
        wanted |= Q(content_type__app_label=model._meta.app_label, codename__in=names)
    user.user_permissions.set(Permission.objects.filter(wanted))
    return user


class Api:
    """Speaks for one user through a token."""

    def __init__(self, user: User | None, *, read_only: bool = False) -> None:
        headers = {}
        if user is not None:
            _, text = token_create(user=user, name="test", read_only=read_only)
            headers["Authorization"] = f"Token {text}"
        self.client = Client(headers=headers, raise_request_exception=True)

    def get(self, path: str, query: dict[str, Any] | None = None, **options: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query or {}, **options)

    def results(self, path: str, **query: Any) -> Any:
        response = self.get(path, query)
        assert response.status_code == 200, response.content
        return response.json()["results"]

    def send(self, method: str, path: str, body: Any, **options: Any) -> Any:
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.generic(
            method, f"/api/v1/{path}", content, **{"content_type": "application/json", **options}
        )

    def post(self, path: str, body: Any, **options: Any) -> Any:
        return self.send("POST", path, body, **options)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.client.delete(f"/api/v1/{path}")

    def csv(self, path: str, **query: Any) -> str:
        return text_of(self.get(path, query, headers={"Accept": "text/csv"}))


def text_of(response: HttpResponseBase) -> str:
    assert response.status_code == 200, getattr(response, "content", b"")
    return b"".join(response).decode()  # type: ignore[arg-type]
