"""Lists of compliance: how many questions each asks of the database."""

import pytest

from compliance.models import LawPack
from tests.api_client import Api

# The token with its user comes first; a superuser's permissions ask nothing.
QUERIES = {"acts/": 3, "norms/": 2, "penalties/": 2, "books/": 2, "bans/": 2, "claims/": 2, "findings/": 2}
QUERIES |= {"cases/": 2, "fines/": 2, "payments/": 2, "reports/": 2, "recomputations/": 2, "estimates/": 2}


@pytest.mark.parametrize("path", QUERIES)
def test_number_of_queries_does_not_depend_on_the_rows(
    api: Api, ru_law: LawPack, path: str, django_assert_num_queries: object
) -> None:
    api.get(path)
    for size in (1, 1000):
        with django_assert_num_queries(QUERIES[path]):  # type: ignore[operator]
            assert api.get(path, {"page_size": size}).status_code == 200
