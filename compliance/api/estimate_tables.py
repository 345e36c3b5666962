"""Every estimator on a table that you send: JSON, or a chart. Nothing is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.estimates.repeats import RepeatsRefused
from compliance.estimates.strata import Settings
from compliance.estimates.table_files import LARGEST_COUNT, MOST_REPEATS
from compliance.estimates.table_report import TableReport, repeats_report, table_report
from compliance.estimates.tables import MOST_LISTS, Table, TableRefused
from compliance.models import Estimate
from compliance.reports.estimate_charts import forest_svg
from registry.api.base import ApiMixin
from registry.api.fields import StrictSerializer
from registry.api.schema import with_example
from registry.errors import Refusal

MOST_BOOTSTRAP = 200
"""More replicates take longer than a request may; `manage.py estimate table` has no such limit."""
REFUSED = "table_refused"


class SvgRenderer(BaseRenderer):
    """The report's document as its chart."""

    media_type = "image/svg+xml"
    format = "svg"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return forest_svg(data).encode()


def names(help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=MOST_LISTS, help_text=help_text
    )


@with_example(
    {
        "lists": ["register", "grid", "pool"],
        "rows": [
            [1, 0, 0, 247], [0, 1, 0, 49], [0, 0, 1, 60], [1, 1, 0, 142], [1, 0, 1, 112], [0, 1, 1, 4], [1, 1, 1, 12],
        ],
        "register": "register",
    }
)  # fmt: skip
class EstimateTableRequestSerializer(StrictSerializer):
    """Lists with rows of histories, or counts of repeats on one list."""

    lists = names("The names of the lists, in the order of the columns of `rows`.")
    rows = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT)),
        required=False,
        max_length=2**MOST_LISTS * 4,
        help_text="A 0 or 1 for each list, then how many have this history; one that comes twice is added up.",
    )
    repeats = serializers.ListField(
        child=serializers.ListField(
            child=serializers.IntegerField(min_value=0, max_value=LARGEST_COUNT), min_length=2, max_length=2
        ),
        required=False,
        max_length=MOST_REPEATS,
        help_text="Instead of lists and rows: pairs of k and how many operations were seen exactly k times.",
    )
    register = serializers.CharField(
        required=False, max_length=200, help_text="The list that is the register: the headline is then its rate."
    )
    conditional = names("Lists on which only unregistered operations can be, such as seizures.")
    random = names("Lists of places that were drawn at random and inspected.")
    seed = serializers.IntegerField(default=0, min_value=0, max_value=2**53, help_text="Of every draw.")
    bootstrap = serializers.IntegerField(
        default=0, min_value=0, max_value=MOST_BOOTSTRAP, help_text="Replicates of the bootstrap; none if left out."
    )


class EstimateIntervalSerializer(serializers.Serializer):
    low = serializers.FloatField()
    high = serializers.FloatField(allow_null=True, help_text="Null where there is no upper bound.")
    how = serializers.CharField()
    level = serializers.FloatField()


class EstimateRowSerializer(serializers.Serializer):
    """One estimator."""

    method = serializers.CharField()
    group = serializers.CharField()
    N = serializers.FloatField(allow_null=True, help_text="Null where it gives none; `why_none` says why.")
    se = serializers.FloatField(allow_null=True)
    interval = EstimateIntervalSerializer(allow_null=True)
    other_intervals = EstimateIntervalSerializer(many=True)
    model = serializers.CharField(allow_null=True, help_text="Its interactions, as [12,13]; lists are numbered from 1.")
    log_likelihood = serializers.FloatField(allow_null=True)
    deviance = serializers.FloatField(allow_null=True)
    df = serializers.IntegerField(allow_null=True)
    AIC = serializers.FloatField(allow_null=True)
    BIC = serializers.FloatField(allow_null=True)
    bound = serializers.BooleanField(help_text="Whether it is “at least” and no estimate.")
    why_none = serializers.CharField()
    note = serializers.CharField()


class EstimateWarningSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    message = serializers.CharField()
    doc = serializers.CharField(help_text="The page that explains it.")
    serious = serializers.BooleanField(help_text="Whether it forbids a point estimate.")
    facts = serializers.DictField()


class TableListSerializer(serializers.Serializer):
    name = serializers.CharField()
    size = serializers.IntegerField()


class TableFrequencySerializer(serializers.Serializer):
    k = serializers.IntegerField()
    count = serializers.IntegerField()


class TableHeadlineSerializer(serializers.Serializer):
    status = serializers.CharField(help_text="estimate, range, at_least, at_most or none.")
    method = serializers.CharField()
    N = serializers.FloatField(allow_null=True)
    interval = EstimateIntervalSerializer(allow_null=True)
    published = EstimateIntervalSerializer(allow_null=True)
    by_models = EstimateIntervalSerializer(allow_null=True)
    at_least = serializers.FloatField(allow_null=True)
    second_opinion = serializers.FloatField(allow_null=True)
    rate = serializers.FloatField(allow_null=True)
    rate_interval = EstimateIntervalSerializer(allow_null=True)
    at_most = serializers.FloatField(allow_null=True)
    sentence = serializers.CharField()


class TableRateSerializer(serializers.Serializer):
    list = serializers.CharField()
    other = serializers.CharField()
    found = serializers.IntegerField()
    of = serializers.IntegerField()
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class EstimateTableSerializer(serializers.Serializer):
    n = serializers.IntegerField(help_text="Operations seen by any list.")
    lists = TableListSerializer(many=True)
    frequencies = TableFrequencySerializer(many=True)
    estimates = EstimateRowSerializer(many=True)
    headline = TableHeadlineSerializer()
    rates = TableRateSerializer(many=True)
    registration = serializers.DictField(allow_null=True, help_text="The partition by registration, with a register.")
    warnings = EstimateWarningSerializer(many=True)


class EstimateTableView(ApiMixin):
    """Every estimator on a table of lists, or of repeats, with the warnings that hold; `?format=svg` draws it.

    The same as `manage.py estimate table`. Nothing is stored.
    """

    http_method_names = ["post", "options"]
    reads = (Estimate,)
    # A calculation: whoever may read estimates may ask for it.
    writes: Mapping[Any, tuple[str, ...]] = {None: ()}
    renderer_classes: Sequence[Any] = (JSONRenderer, SvgRenderer)

    @extend_schema(
        request=EstimateTableRequestSerializer,
        responses={(200, "application/json"): EstimateTableSerializer, (200, "image/svg+xml"): OpenApiTypes.STR},
    )
    def post(self, request: Request) -> Response:
        form = EstimateTableRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(report_of(form.validated_data).to_json())


def report_of(given: Mapping[str, Any]) -> TableReport:
    """The report for a checked body. Raises `Refusal` where it holds no table."""
    is_lists = "lists" in given or "rows" in given
    if is_lists == ("repeats" in given):
        sentence = "Give lists with rows, or repeats; not both, not neither."
        raise Refusal(REFUSED, sentence, {"repeats": sentence})
    try:
        if not is_lists:
            return _repeats(given)
        if "lists" not in given or "rows" not in given:
            sentence = "Lists come with rows, and rows with lists."
            raise Refusal(REFUSED, sentence, {"rows": sentence})
        table, repeated = _table(given["lists"], given["rows"])
        return table_report(
            table,
            register=given.get("register", ""),
            conditional=given.get("conditional", ()),
            random=given.get("random", ()),
            settings=Settings(bootstrap=given["bootstrap"]),
            seed=given["seed"],
            bootstrap=given["bootstrap"],
            repeated_rows=repeated,
        )
    except (TableRefused, RepeatsRefused, ValueError) as refused:
        raise Refusal(REFUSED, str(refused), {"rows" if is_lists else "repeats": str(refused)}) from None


def _table(lists: Sequence[str], rows: Sequence[Sequence[int]]) -> tuple[Table, int]:
    for place, row in enumerate(rows, start=1):
        if len(row) != len(lists) + 1:
            sentence = (
                f"Row {place} has {len(row)} numbers; {len(lists)} lists need {len(lists) + 1}, the last the count."
            )
            raise Refusal(REFUSED, sentence, {"rows": sentence})
    histories = [tuple(row[:-1]) for row in rows]
    return Table.of(lists, [(row[:-1], row[-1]) for row in rows]), len(histories) - len(set(histories))


def _repeats(given: Mapping[str, Any]) -> TableReport:
    for name in ("register", "conditional", "random"):
        if given.get(name):
            sentence = "Repeats are of one list, which has no register."
            raise Refusal(REFUSED, sentence, {name: sentence})
    counts: dict[int, int] = {}
    for k, count in given["repeats"]:
        if k or count:
            counts[k] = counts.get(k, 0) + count
    return repeats_report(counts, repeated_rows=len(given["repeats"]) - len({k for k, _ in given["repeats"]}))
