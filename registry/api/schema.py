"""The OpenAPI description: what the generator cannot see for itself."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from registry.api.refusals import MEDIA_TYPE
from registry.api.repeats import HEADER, MAX_LENGTH

PROBLEMS = {
    "400": "The request cannot be read, or a value in it is not of its kind.",
    "401": "Nobody is logged in, or the token is not accepted.",
    "403": "The user, or the token, may not do this.",
    "404": "There is no such row.",
    "406": "The answer cannot be given in the media type that was asked for.",
    "409": "It clashes with what is stored.",
    "415": "The body is of a media type that is not read here.",
    "422": "The request was understood and refused.",
    "429": "Too many requests; `Retry-After` says how many seconds to wait.",
}


def with_example(body: Mapping[str, Any], media_type: str = "application/json") -> Any:
    """Decorates a serializer with a body that a caller may send."""
    return extend_schema_serializer(
        examples=[OpenApiExample("A body", value=body, request_only=True, media_type=media_type)]
    )


class FieldErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="Dotted path of the field; empty where it is about the whole.")
    code = serializers.CharField()
    detail = serializers.CharField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A refused value",
            value={
                "type": "/docs/errors#invalid",
                "title": "Bad Request",
                "status": 400,
                "detail": "territory: There is no territory of the code RU-XXX.",
                "code": "invalid",
                "errors": [
                    {
                        "field": "territory",
                        "code": "unknown_territory",
                        "detail": "There is no territory of the code RU-XXX.",
                    }
                ],
            },
        )
    ]
)
class ProblemSerializer(serializers.Serializer):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence: what is wrong, where, and what would be right.")
    code = serializers.CharField(help_text="Stable; decide by it.")
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]  # the field, not the errors of the form


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "registry.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Token hf_…`; made with `manage.py token USER --name NAME`.",
        }


class ApiSchema(AutoSchema):
    """Adds the problem documents, CSV, `?as_of=` and the key of repeatable writes."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if self.method == "GET" and self._is_dated_list():
            parameters.append(
                OpenApiParameter(
                    "as_of",
                    OpenApiTypes.DATE,
                    description="Only what held on this day (YYYY-MM-DD); without it, every day's rows.",
                )
            )
        if self.method == "POST":
            parameters.append(
                OpenApiParameter(
                    HEADER,
                    str,
                    OpenApiParameter.HEADER,
                    description=(
                        f"Up to {MAX_LENGTH} characters that you choose. The same key with the same body within a day "
                        "gives the first answer again and writes nothing."
                    ),
                )
            )
        return parameters

    def _is_dated_list(self) -> bool:
        view: Any = self.view
        return getattr(view, "action", None) == "list" and bool(view.dated_by)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for body in bodies.values():
            if "text/csv" in body.get("content", {}):
                body["content"]["text/csv"] = {"schema": {"type": "string"}}
        for status in self._problem_statuses():
            answer = OpenApiResponse(ProblemSerializer, PROBLEMS[status])
            body = self._get_response_for_code(answer, status, [MEDIA_TYPE])  # type: ignore[no-untyped-call]
            bodies.setdefault(status, body)
        return bodies

    def _problem_statuses(self) -> list[str]:
        statuses = {"400", "401", "403", "406", "429"}
        if "{" in self.path:
            statuses.add("404")
        if self.method in ("POST", "PATCH"):
            statuses |= {"409", "415", "422"}
        if self.method == "DELETE":
            statuses.add("409")
        return sorted(statuses)
