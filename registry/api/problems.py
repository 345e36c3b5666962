"""Every error as a problem document (RFC 9457): one shape, stable codes, sentences."""

from collections.abc import Iterator
from typing import Any

from django.core import exceptions as core
from django.db import DatabaseError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import is_valid_path
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.views import set_rollback

from registry.api.refusals import Problem, database_problem
from registry.errors import Refusal


def problem_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """What REST framework calls with whatever a view raised; None lets a bug be logged as one."""
    problem = problem_of(error)
    if problem is None:
        return None
    set_rollback()
    return problem.as_response()


def problem_of(error: Exception) -> Problem | None:
    match error:
        case Problem():
            return error
        case Refusal():
            return Problem(503 if error.retry else 422, error.code, error.sentence, _field_errors(error))
        case exceptions.ValidationError():
            return _invalid(list(_flat(error.detail)))
        case exceptions.APIException():
            return Problem(error.status_code, _code(error), str(error.detail), headers=_headers(error))
        case core.ValidationError():
            return _invalid(list(_flat(exceptions.ValidationError(_django_errors(error)).detail)))
        case Http404():
            return Problem(404, "not_found", "There is nothing at this address, or nothing of that number.")
        case core.PermissionDenied():
            return Problem(403, "permission_denied", "You may not do this.")
        case core.RequestDataTooBig():
            return Problem(413, "too_large", "The body is larger than this address takes.")
        case core.SuspiciousOperation() | core.BadRequest():
            return Problem(400, "bad_request", "The request cannot be read.")
        case ProtectedError() | RestrictedError():
            objects = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
            names = sorted({str(row._meta.verbose_name_plural) for row in objects})
            return Problem(409, "in_use", f"It is still used by {' and '.join(names)}, and they have to go first.")
        case DatabaseError():
            return database_problem(error)
    return None


@csrf_exempt  # it changes nothing, and says so to whoever asks
def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The answer below /api/ where no address is."""
    if not request.path.endswith("/") and is_valid_path(f"{request.path}/"):
        target = request.get_full_path(force_append_slash=True)
        # 308 keeps the method and the body.
        return HttpResponsePermanentRedirect(target, status=308)
    return Problem(404, "not_found", f"There is nothing at {request.path}.").as_response()


def server_error(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """The answer to a fault of ours, which has been logged."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    return Problem(500, "server_error", "A fault of the service; it has been logged.").as_response()


def _invalid(errors: list[dict[str, str]]) -> Problem:
    if len(errors) == 1 and errors[0]["field"]:
        detail = f"{errors[0]['field']}: {errors[0]['detail']}"
    else:
        detail = errors[0]["detail"] if len(errors) == 1 else f"{len(errors)} values were refused."
    return Problem(400, "invalid", detail, errors)


def _flat(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """REST framework's nested lists and dicts of errors as one list, with dotted paths to the fields."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name in ("non_field_errors", "__all__") else str(name)
            yield from _flat(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _flat(inner, f"{path}.{index}" if nested and path else path)
    else:
        yield {"field": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def _field_errors(refusal: Refusal) -> list[dict[str, str]]:
    return [{"field": name, "code": refusal.code, "detail": text} for name, text in refusal.fields.items()]


def _django_errors(error: core.ValidationError) -> dict[str, list[exceptions.ErrorDetail]]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    return {
        name: [exceptions.ErrorDetail(text, each.code or "invalid") for each in errors for text in each.messages]
        for name, errors in by_field.items()
    }


def _code(error: exceptions.APIException) -> str:
    codes = error.get_codes()
    return codes if isinstance(codes, str) else error.default_code


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    return headers
