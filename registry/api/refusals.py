"""What the database refuses, said in the words that its constraints carry."""

import functools
import re
from dataclasses import dataclass, field

from django.apps import apps
from django.db import DatabaseError, InterfaceError, OperationalError
from django.db.models import BaseConstraint

KEY = re.compile(r"^Key \(([a-z0-9_, ]+)\)")


@dataclass
class DatabaseRefusal:
    status: int
    code: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@functools.cache
def _constraints() -> dict[str, BaseConstraint]:
    return {
        constraint.name: constraint for model in apps.get_models() for constraint in model._meta.constraints
    }


def database_problem(error: DatabaseError) -> DatabaseRefusal | None:
    """None where the fault is ours: a statement that the database does not understand."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith("23"):
        return _integrity(cause, state)
    if state.startswith("22"):
        return DatabaseRefusal(400, "bad_value", "A value is too large, too long, or not of its kind.")
    if state == "P0001":
        return DatabaseRefusal(422, "refused", _sentence(cause))
    if state in ("40001", "40P01", "55P03", "57014"):
        return DatabaseRefusal(
            503, "busy", "Others were changing the same rows. Try again.", headers={"Retry-After": "1"}
        )
    if isinstance(error, OperationalError | InterfaceError):
        return DatabaseRefusal(
            503, "database_unavailable", "The database does not answer. Try again.", headers={"Retry-After": "5"}
        )
    return None


def _integrity(cause: BaseException | None, state: str) -> DatabaseRefusal:
    diagnosis = getattr(cause, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or "constraint"
    known = _constraints().get(name)
    status = 422 if state in ("23514", "23502") else 409
    if known is not None:
        sentence = known.get_violation_error_message() % {"name": name}
        fields = tuple(getattr(known, "fields", ()))
        return DatabaseRefusal(status, name, sentence, [_field_error(each, name, sentence) for each in fields])
    if state == "23505":
        columns = _columns(diagnosis)
        sentence = f"Another row already has this {' and '.join(columns) or 'value'}."
        return DatabaseRefusal(409, "already_taken", sentence, [_field_error(each, "already_taken", sentence) for each in columns])
    if state == "23503":
        return DatabaseRefusal(409, "in_use", "It is used by other rows, or refers to one that is gone.")
    if state == "23502":
        column = getattr(diagnosis, "column_name", None) or ""
        return DatabaseRefusal(422, "required", f"A value is required: {column}.", [_field_error(column, "required", "A value is required.")])
    return DatabaseRefusal(status, name, _sentence(cause))


def _columns(diagnosis: object) -> list[str]:
    found = KEY.match(getattr(diagnosis, "message_detail", None) or "")
    return found[1].split(", ") if found else []


def _field_error(name: str, code: str, sentence: str) -> dict[str, str]:
    return {"field": name, "code": code, "detail": sentence}


def _sentence(cause: BaseException | None) -> str:
    return getattr(getattr(cause, "diag", None), "message_primary", None) or "The database refused it."
