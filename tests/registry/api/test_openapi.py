"""The description of the API shows what a body looks like."""

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return schema


def bodies(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
                yield f"{method} {path} {media_type}", body


def properties(description: dict[str, Any], body: dict[str, Any]) -> set[str]:
    schema = description["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    return set(schema["properties"])


def test_every_body_has_an_example_of_fields_that_it_takes(description: dict[str, Any]) -> None:
    found = dict(bodies(description))
    assert "post /api/v1/sites/ application/json" in found
    for name, body in found.items():
        assert body.get("examples"), name
        for example in body["examples"].values():
            assert set(example["value"]) <= properties(description, body), name
