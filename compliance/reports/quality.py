"""How far the figures can be trusted: facts that are missing, rows that belong to nobody, work that is not done."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum

from compliance.models import Undetermined
from registry.choices import ImportStatus
from registry.models import Identifier, Import, Miner, Reading, Sighting, Site

# As the sample register labels what it makes; see docs/howto.
SAMPLE_SUFFIX, SAMPLE_SOURCE = "(sample)", "synthetic sample"


def has_synthetic_data() -> bool:
    """Whether any miner or sighting of the sample register is in."""
    return (
        Sighting.objects.filter(source=SAMPLE_SOURCE).exists()
        or Miner.objects.filter(Q(name__endswith=SAMPLE_SUFFIX) | Q(note__istartswith="synthetic")).exists()
    )


def undetermined_figures() -> list[dict[str, Any]]:
    """How many miners each norm could neither clear nor accuse, by the fact that is missing."""
    rows = (
        Undetermined.objects.values("norm__code", "norm__title", "missing_fact")
        .annotate(total=Sum("miners"))
        .order_by("-total", "norm__code", "missing_fact")
    )
    return [
        {
            "norm_code": row["norm__code"],
            "norm": row["norm__title"],
            "missing_fact": row["missing_fact"],
            "miners": row["total"],
        }
        for row in rows
    ]


def quality_checks(*, stale: int) -> list[dict[str, Any]]:
    """Counts of what a clerk can mend, as the register stands now."""
    refused = Import.objects.filter(refused__gt=0, dry_run=False)
    unknown_points = Reading.objects.filter(
        ~Exists(Site.objects.filter(metering_point=OuterRef("metering_point")))
    ).values("metering_point")
    return [
        {"code": code, "title": title, "count": count}
        for code, title, count in (
            (
                "sightings_of_nobody_known",
                "Sightings without a known miner",
                Sighting.objects.filter(miner=None).count(),
            ),
            (
                "miners_without_country",
                "Miners without a country of incorporation",
                Miner.objects.filter(country=None).count(),
            ),
            (
                "miners_without_identifier",
                "Miners without any identifier",
                Miner.objects.filter(~Exists(Identifier.objects.filter(miner=OuterRef("pk")))).count(),
            ),
            (
                "metering_points_unknown",
                "Metering points with readings but no site on file",
                unknown_points.distinct().count(),
            ),
            ("imports_with_refused_rows", "Imports with refused rows", refused.count()),
            ("rows_refused", "Rows refused in them", refused.aggregate(total=Sum("refused"))["total"] or 0),
            (
                "imports_failed",
                "Imports that failed as a whole",
                Import.objects.filter(status=ImportStatus.FAILED).count(),
            ),
            (
                "imports_open",
                "Imports waiting or running",
                Import.objects.filter(status__in=(ImportStatus.QUEUED, ImportStatus.RUNNING)).count(),
            ),
            ("stale_marks", "Changes not yet in the totals", stale),
        )
    ]
