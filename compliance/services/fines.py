"""Fines are issued and annulled here."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from compliance.choices import CaseStatus, FineStatus, Occurrence, Offender
from compliance.models import Case, Fine, Penalty
from compliance.selectors.prices import OFFENDER_OF_KIND
from registry.choices import MinerKind
from registry.errors import Refusal


@transaction.atomic
def fine_issue(
    *,
    case: Case,
    occurrence: str,
    reference: str,
    amount: Decimal,
    currency: str,
    decided_on: dt.date,
    due_on: dt.date,
    today: dt.date,
    penalty: Penalty | None = None,
    note: str = "",
) -> Fine:
    """Write down the fine of one decision, taken from a band that was law on the day of the offence.

    Where no band is given, the one for the miner's kind and the occurrence is looked up. A band whose amount nobody
    has found lets any positive amount pass, since it cannot be checked. The same decision given twice is returned as
    it stands; another fine under its number is refused.
    """
    known = Fine.objects.filter(reference=reference).first()
    if known is not None:
        return _same_or_refused(known, case, amount, currency)
    band = penalty or _band(case, occurrence)
    _check_law(case, band)
    _check_offender(case, band, occurrence)
    _check_amount(band, amount, currency)
    if decided_on > today:
        raise Refusal(
            "decision_in_the_future",
            f"The decision is dated {decided_on}, after today, {today}: give the day on which it was taken.",
            {"decided_on": "In the future."},
        )
    if decided_on < case.offence_on:
        raise Refusal(
            "decision_before_offence",
            f"The decision of {decided_on} comes before the offence of {case.offence_on}.",
            {"decided_on": "Before the day of the offence."},
        )
    fine = Fine(
        case=case,
        penalty=band,
        occurrence=occurrence,
        reference=reference,
        amount=amount,
        currency=currency,
        decided_on=decided_on,
        due_on=due_on,
        note=note,
    )
    fine.full_clean()
    fine.save()
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.DECIDED)
    return fine


@transaction.atomic
def fine_annul(*, fine: Fine, note: str) -> Fine:
    """Annul a fine: nothing is owed on it any more. Annulling it again changes nothing."""
    locked = Fine.objects.select_for_update().get(pk=fine.pk)
    if locked.status == FineStatus.ANNULLED:
        return locked
    if not note.strip():
        raise Refusal("reason_missing", "Say why the fine is annulled.", {"note": "A reason is needed."})
    locked.status = FineStatus.ANNULLED
    locked.note = f"{locked.note}\n{note}".strip()
    locked.save(update_fields=["status", "note"])
    return locked


def _same_or_refused(known: Fine, case: Case, amount: Decimal, currency: str) -> Fine:
    if (known.case_id, known.amount, known.currency) == (case.pk, amount, currency):
        return known
    raise Refusal(
        "decision_known",
        f"Decision {known.reference} is on file for case {known.case_id} with {known.amount} {known.currency}:"
        " give another number, or correct that fine.",
        {"reference": "Another fine has this number."},
    )


def _band(case: Case, occurrence: str) -> Penalty:
    offender = OFFENDER_OF_KIND[MinerKind(case.miner.kind)]
    band = (
        Penalty.objects.in_force(case.offence_on)
        .filter(norm=case.norm_id, offender=offender, occurrence=occurrence)
        .order_by("pk")
        .first()
    )
    if band is None:
        raise Refusal(
            "no_band_in_force",
            f"On {case.offence_on} no penalty was in force for “{case.norm}”, {offender.label.lower()},"
            f" {occurrence} offence: a fine under it would rest on no law.",
            {"penalty": "No band in force."},
        )
    return band


def _check_law(case: Case, band: Penalty) -> None:
    if case.norm.in_force is None or case.offence_on not in case.norm.in_force:
        raise Refusal(
            "norm_not_in_force",
            f"“{case.norm}” was not in force on {case.offence_on}, the day of the offence.",
            {"case": "Its norm was not in force."},
        )
    if band.norm_id != case.norm_id:
        raise Refusal(
            "band_of_another_norm",
            f"The band “{band}” belongs to another norm than the case, “{case.norm}”.",
            {"penalty": "Belongs to another norm."},
        )
    if band.in_force is None or case.offence_on not in band.in_force:
        raise Refusal(
            "band_not_in_force",
            f"The band “{band}” was not in force on {case.offence_on}, the day of the offence.",
            {"penalty": f"Not in force on {case.offence_on}."},
        )


def _check_offender(case: Case, band: Penalty, occurrence: str) -> None:
    """A company's officials may be fined in its case; nobody else by another class's band."""
    offenders = {OFFENDER_OF_KIND[MinerKind(case.miner.kind)]}
    if case.miner.kind in (MinerKind.LEGAL_ENTITY, MinerKind.OPERATOR, MinerKind.POOL):
        offenders.add(Offender.OFFICIAL)
    if band.offender not in offenders:
        raise Refusal(
            "band_of_another_offender",
            f"The band “{band}” is for a {Offender(band.offender).label.lower()},"
            f" but “{case.miner}” is a {case.miner.get_kind_display().lower()}.",
            {"penalty": "For another class of offender."},
        )
    if band.occurrence != occurrence:
        raise Refusal(
            "band_of_another_occurrence",
            f"The band “{band}” is for a {Occurrence(band.occurrence).label.lower()}, not for a {occurrence} one.",
            {"occurrence": "Does not fit the band."},
        )


def _check_amount(band: Penalty, amount: Decimal, currency: str) -> None:
    if amount <= 0:
        raise Refusal(
            "amount_not_positive", f"A fine of {amount} is no fine: give a positive amount.", {"amount": "≤ 0."}
        )
    if band.amount_low is None or band.amount_high is None:
        return
    if currency != band.currency:
        raise Refusal(
            "currency_of_the_band",
            f"{band.article} sets the fine in {band.currency}, not in {currency}.",
            {"currency": f"Use {band.currency}."},
        )
    if not band.amount_low <= amount <= band.amount_high:
        raise Refusal(
            "amount_outside_band",
            f"{amount} {currency} is outside the band of {band.article}:"
            f" {band.amount_low} to {band.amount_high} {band.currency}.",
            {"amount": f"Between {band.amount_low} and {band.amount_high}."},
        )
