"""Cases are opened here."""

import datetime as dt

from django.db import transaction

from compliance.models import Case, Finding, Norm
from registry.errors import Refusal
from registry.models import Miner


@transaction.atomic
def case_open(
    *,
    miner: Miner,
    norm: Norm,
    offence_on: dt.date,
    opened_on: dt.date,
    today: dt.date,
    finding: Finding | None = None,
    note: str = "",
) -> Case:
    """Open a case on one miner and one norm, which must have been law on the day of the offence."""
    if norm.in_force is None or offence_on not in norm.in_force:
        raise Refusal(
            "norm_not_in_force",
            f"“{norm}” ({norm.code}) was not in force on {offence_on}; {_in_force(norm)}",
            {"norm": f"Not in force on {offence_on}."},
        )
    if opened_on < offence_on:
        raise Refusal(
            "case_before_offence",
            f"A case opened on {opened_on} cannot be about an offence of {offence_on}: give a later opening.",
            {"opened_on": "Before the day of the offence."},
        )
    if opened_on > today:
        raise Refusal(
            "opened_in_the_future",
            f"A case cannot be opened on {opened_on}, which lies in the future; today is {today}.",
            {"opened_on": "In the future."},
        )
    if finding is not None and (finding.miner_id != miner.pk or finding.norm_id != norm.pk):
        raise Refusal(
            "finding_of_another_case",
            f"Finding {finding.pk} is about another miner or another norm: pick one of this miner under this norm.",
            {"finding": "About another miner or norm."},
        )
    case = Case(miner=miner, norm=norm, finding=finding, offence_on=offence_on, opened_on=opened_on, note=note)
    case.full_clean()
    case.save()
    return case


def _in_force(norm: Norm) -> str:
    if norm.in_force is None:
        return "it has never been law."
    stretches = ", and ".join(
        f"from {span.lower}" + (f" until {span.upper} (that day excluded)" if span.upper else "")
        for span in norm.in_force
    )
    return f"it is law {stretches}."
