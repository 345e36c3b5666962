"""Who may do what: the permissions of Django's groups, for reading too."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from registry.models import ApiToken

if TYPE_CHECKING:
    # The views import this module by way of the settings.
    from rest_framework.views import APIView

VERBS = {"POST": "add", "PUT": "change", "PATCH": "change", "DELETE": "delete"}


class ReadOnlyToken(PermissionDenied):
    default_code = "read_only_token"
    default_detail = "This token can only read."


def permission_of(model: type[models.Model], verb: str) -> str:
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def required_permissions(view: "APIView", method: str) -> list[str]:
    """What a user needs for a method of a view.

    A view names in `reads` every model whose values its answers show, in `reads_of` those that an action shows besides,
    and may name in `writes` what an action needs in place of the verb of its method.
    """
    reads: tuple[type[models.Model], ...] = getattr(view, "reads", ())
    reads += getattr(view, "reads_of", {}).get(getattr(view, "action", None), ())
    needed = [permission_of(model, "view") for model in reads]
    if method in VERBS:
        writes: Iterable[str] | None = getattr(view, "writes", {}).get(getattr(view, "action", None))
        needed += [permission_of(reads[0], VERBS[method])] if writes is None else list(writes)
    return needed


class ModelPermissions(BasePermission):
    """Nothing is open to anybody who is not known, and nothing to one without the permission."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if request.method not in SAFE_METHODS and isinstance(request.auth, ApiToken) and request.auth.read_only:
            raise ReadOnlyToken
        if not getattr(view, "reads", ()):
            return False
        missing = [name for name in required_permissions(view, str(request.method)) if not request.user.has_perm(name)]
        if missing:
            raise PermissionDenied(f"You lack the permission {', '.join(missing)}.")
        return True
