"""The problem document (RFC 9457), and what the database refuses, in the words that its constraints carry."""

import functools
import json
import re
from dataclasses import dataclass, field
from http import HTTPStatus

from django.apps import apps
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.db.models import BaseConstraint
from django.http import HttpResponse

MEDIA_TYPE = "application/problem+json"
KEY = re.compile(r"^Key \(([a-z0-9_, ]+)\)")


@dataclass
class Problem(Exception):
    """An error on its way out: the status, a stable code, a sentence, and what is wrong field by field."""

    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def as_response(self) -> HttpResponse:
        body = {
            "type": f"/docs/errors#{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
        }
        # A sentence may quote what was sent, half a surrogate pair included.
        content = json.dumps(body, ensure_ascii=False).encode(errors="replace")
        return HttpResponse(content, status=self.status, content_type=MEDIA_TYPE, headers=self.headers)


@functools.cache
def constraints() -> dict[str, BaseConstraint]:
    return {constraint.name: constraint for model in apps.get_models() for constraint in model._meta.constraints}


def database_problem(error: DatabaseError) -> Problem | None:
    """None where the fault is ours: a statement that the database does not understand."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith("23"):
        return _integrity(cause, state)
    if state.startswith("22"):
        return Problem(400, "bad_value", "A value is too large, too long, or not of its kind.")
    if state == "P0001":
        return Problem(422, "refused", _sentence(cause))
    if state in ("40001", "40P01", "55P03", "57014"):
        return Problem(503, "busy", "Others were changing the same rows. Try again.", headers={"Retry-After": "1"})
    if isinstance(error, DataError):
        # Found by the driver before the database saw it, such as a NUL in a text.
        return Problem(400, "bad_value", "A value is too large, too long, or not of its kind.")
    if isinstance(error, OperationalError | InterfaceError):
        return Problem(
            503, "database_unavailable", "The database does not answer. Try again.", headers={"Retry-After": "5"}
        )
    return None


def _integrity(cause: BaseException | None, state: str) -> Problem:
    diagnosis = getattr(cause, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or "constraint"
    known = constraints().get(name)
    status = 422 if state in ("23514", "23502") else 409
    if known is not None:
        sentence = str(known.get_violation_error_message())
        fields = tuple(getattr(known, "fields", ()))
        return Problem(status, name, sentence, [_field_error(each, name, sentence) for each in fields])
    if state == "23505":
        columns = _columns(diagnosis)
        sentence = f"Another row already has this {' and '.join(columns) or 'value'}."
        errors = [_field_error(each, "already_taken", sentence) for each in columns]
        return Problem(409, "already_taken", sentence, errors)
    if state == "23503":
        return Problem(409, "in_use", "It is used by other rows, or refers to one that is gone.")
    if state == "23502":
        column = getattr(diagnosis, "column_name", None) or ""
        sentence = f"A value is required: {column}."
        return Problem(422, "required", sentence, [_field_error(column, "required", sentence)])
    return Problem(status, name, _sentence(cause))


def _columns(diagnosis: object) -> list[str]:
    found = KEY.match(getattr(diagnosis, "message_detail", None) or "")
    return found[1].split(", ") if found else []


def _field_error(name: str, code: str, sentence: str) -> dict[str, str]:
    return {"field": name, "code": code, "detail": sentence}


def _sentence(cause: BaseException | None) -> str:
    return getattr(getattr(cause, "diag", None), "message_primary", None) or "The database refused it."
