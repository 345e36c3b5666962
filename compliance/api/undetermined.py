"""The share of undetermined miners, as it stands beside every total."""

from typing import Any

from rest_framework import serializers

from compliance.selectors.totals import Undecided

PLACES = 6


class UndeterminedSerializer(serializers.Serializer):
    """Miners of whom some norm can say nothing, because a fact is missing; null for a day that is not stored."""

    miners = serializers.IntegerField(help_text="Each counts once.")
    on_file = serializers.IntegerField(help_text="All miners on file on the day.")
    share = serializers.DecimalField(max_digits=9, decimal_places=PLACES, allow_null=True)

    class Meta:
        ref_name = "UndeterminedShare"


def undetermined_json(undecided: Undecided | None) -> dict[str, Any] | None:
    if undecided is None:
        return None
    share = undecided.share
    return {
        "miners": undecided.miners,
        "on_file": undecided.on_file,
        "share": None if share is None else str(round(share, PLACES)),
    }
