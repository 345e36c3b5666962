"""API tokens in the admin: made here, shown once, revoked by deleting them."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import display

from registry.admin.base import ServiceAdmin
from registry.admin.refusals import ServiceForm
from registry.models import ApiToken
from registry.services.tokens import token_create

User = get_user_model()


class TokenForm(ServiceForm):
    class Meta:
        model = ApiToken
        fields = ("name", "read_only", "expires_at")

    def perform(self) -> ApiToken:
        token, text = token_create(
            user=self.request.user,
            name=self.cleaned_data["name"],
            read_only=self.cleaned_data["read_only"],
            expires_at=self.cleaned_data["expires_at"],
        )
        self.request.token_text = text
        return token

    def _get_validation_exclusions(self) -> Any:
        """The owner and the digest are the service's business."""
        return super()._get_validation_exclusions() | {"user", "prefix", "digest"}  # type: ignore[misc]


@admin.register(ApiToken)
class ApiTokenAdmin(ServiceAdmin):
    """A token is its owner's: others see it only where they are superusers, and nobody makes one for another."""

    add_form = TokenForm
    add_fields = ("name", "read_only", "expires_at")
    list_display = ("name", "begins", "user", "scope", "expires_at", "used_on")
    list_select_related = ("user",)
    search_fields = ("name",)
    search_help_text = "Words of the name."
    readonly_fields = ("name", "begins", "user", "read_only", "expires_at", "used_on", "created_at")
    fieldsets = (
        (None, {"fields": (("name", "begins"), ("user", "read_only"), ("expires_at", "used_on"), "created_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user=request.user)

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return bool(request.user.has_perm("registry.delete_apitoken"))

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: Any = None) -> HttpResponse:
        """Shown in this one answer only: a message would keep the text in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Token created",
            "token": obj,
            "text": request.token_text,  # type: ignore[attr-defined]
            "opts": self.opts,
        }
        headers = {"Cache-Control": "no-store"}
        return TemplateResponse(request, "registry/token_created.html", context, headers=headers)

    @display(description="begins with")
    def begins(self, token: ApiToken) -> str:
        return f"{token.prefix}…"

    @display(description="may", label={"read": "info", "read and write": "warning"})
    def scope(self, token: ApiToken) -> str:
        return "read" if token.read_only else "read and write"
