"""Fines are issued and annulled here."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from compliance.choices import CaseStatus, FineStatus, Occurrence, Offender
from compliance.models import Case, Fine, Penalty
from compliance.selectors.fine_ranges import band_that_holds, fine_range, last_day_of_offence, occurrence_of
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

    Where no band is given, the one that holds for the miner's kind, the occurrence and the facts is looked up. Where
    the law says that a milder later law reaches back, the mildest band that was law on any day up to the decision is
    used. What a band allows is counted up to the decision; where that cannot be known, any positive amount passes.
    The same decision given twice is returned as it stands; another fine under its number is refused.
    """
    known = Fine.objects.filter(reference=reference).first()
    if known is not None:
        return _same_or_refused(known, case, amount, currency)
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
    band = _band(case, occurrence, decided_on, penalty)
    _check_time(case, band, decided_on)
    _check_amount(case, band, amount, currency, decided_on)
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


def _band(case: Case, occurrence: str, decided_on: dt.date, given: Penalty | None) -> Penalty:
    """The band that the fine must rest on, which is the given one unless that is refused."""
    _check_norm(case)
    if given is not None:
        _check_offender(case, given, occurrence)
    _check_occurrence(case, occurrence)
    offender = given.offender if given else OFFENDER_OF_KIND[MinerKind(case.miner.kind)].value
    on = last_day_of_offence(case, decided_on)
    then = band_that_holds(case, case.offence_on, on, offender=offender, occurrence=occurrence)
    if then is None and given is None:
        raise Refusal(
            "no_band_in_force",
            f"On {case.offence_on} no penalty was in force for “{case.norm}”, {Offender(offender).label.lower()},"
            f" {occurrence} offence: a fine under it would rest on no law.",
            {"penalty": "No band in force."},
        )
    now = _milder(case, then, decided_on, on) if then is not None else None
    band = now if now is not None and given is None else given or then
    assert band is not None
    if band not in (then, now):
        _check_in_force(case, band)
    if now is not None and band != now:
        raise Refusal(
            "milder_law_holds",
            f"“{now}” was law between the offence of {case.offence_on} and the decision, and is milder than “{band}”;"
            " a milder later law reaches back here, so the fine must rest on it.",
            {"penalty": "A milder later law holds."},
        )
    if band.criminal or (then is not None and then.criminal and now is None):
        crime = band if band.criminal else then
        raise Refusal(
            "for_the_criminal_court",
            f"“{crime}” makes the offence a crime: it is for the criminal court, and no fine is issued here.",
            {"penalty": "For the criminal court."},
        )
    return band


def _milder(case: Case, then: Penalty, decided_on: dt.date, on: dt.date) -> Penalty | None:
    """The mildest band of any day from the offence to the decision; null where that is the band of the offence.

    A milder law that held only for a while in between counts too; of equally mild ones, the earliest is used.
    """
    norm = case.norm
    if not norm.pack.milder_reaches_back:
        return None

    def holding(day: dt.date) -> Penalty | None:
        if norm.in_force is None or day not in norm.in_force:
            return None
        return band_that_holds(case, day, on, offender=then.offender, occurrence=then.occurrence)

    if holding(decided_on) is None:
        raise Refusal(
            "repealed_since",
            f"On {decided_on} no penalty is in force any more for “{norm}”, {Offender(then.offender).label.lower()},"
            f" {then.occurrence} offence; a milder later law reaches back here, so nothing may be imposed.",
            {"decided_on": "Nothing may be imposed any more."},
        )
    mildest = then
    for day in _days_of_change(then, case.offence_on, decided_on):
        band = holding(day)
        if band is not None and band != mildest and _is_milder(case, band, mildest, on):
            mildest = band
    return None if mildest == then else mildest


def _days_of_change(then: Penalty, offence_on: dt.date, decided_on: dt.date) -> list[dt.date]:
    """The days after the offence, up to the decision, from which on another band may hold."""
    alike = Penalty.objects.filter(
        norm=then.norm_id, offender=then.offender, occurrence=then.occurrence, in_force__isnull=False
    )
    spans = [span for in_force in alike.values_list("in_force", flat=True) for span in in_force or ()]
    edges = {edge for span in spans for edge in (span.lower, span.upper) if edge is not None}
    return sorted(edge for edge in edges if offence_on < edge <= decided_on)


def _is_milder(case: Case, one: Penalty, other: Penalty, on: dt.date) -> bool:
    """Lower in its highest amount or, where that is the same, in its lowest; a fine is milder than a crime."""
    if one.criminal != other.criminal:
        return other.criminal
    ours, theirs = fine_range(case, one, on), fine_range(case, other, on)
    if ours.low is None or ours.high is None or theirs.low is None or theirs.high is None:
        return False
    return ours.currency == theirs.currency and (ours.high, ours.low) < (theirs.high, theirs.low)


def _check_norm(case: Case) -> None:
    if case.norm.in_force is None or case.offence_on not in case.norm.in_force:
        raise Refusal(
            "norm_not_in_force",
            f"“{case.norm}” was not in force on {case.offence_on}, the day of the offence.",
            {"case": "Its norm was not in force."},
        )


def _check_in_force(case: Case, band: Penalty) -> None:
    if band.in_force is None or case.offence_on not in band.in_force:
        raise Refusal(
            "band_not_in_force",
            f"The band “{band}” was not in force on {case.offence_on}, the day of the offence.",
            {"penalty": f"Not in force on {case.offence_on}."},
        )


def _check_occurrence(case: Case, occurrence: str) -> None:
    """Counted as in the exposure: a fine within the look-back on the person, its owners, or what these own."""
    counted = occurrence_of(case)
    if counted == occurrence:
        return
    if counted == Occurrence.REPEAT:
        raise Refusal(
            "offence_is_repeat",
            f"“{case.miner}”, or a company of the same owners, was fined under “{case.norm}” within the look-back"
            f" before {case.offence_on}: this is a repeat offence.",
            {"occurrence": "Fined before: a repeat offence."},
        )
    raise Refusal(
        "offence_is_first",
        f"No fine under “{case.norm}” within the look-back before {case.offence_on} is on file for “{case.miner}” or a"
        " company of the same owners: this is a first offence, or the earlier fine must be put on file first.",
        {"occurrence": "Not fined before: a first offence."},
    )


def _check_time(case: Case, band: Penalty, decided_on: dt.date) -> None:
    if band.limitation_days is None:
        return
    last = last_day_of_offence(case, decided_on)
    until = last + dt.timedelta(days=band.limitation_days)
    if decided_on > until:
        raise Refusal(
            "limitation_passed",
            f"{band.article} lets nobody be fined later than {band.limitation_days} days after the offence; it ended on"
            f" {last}, so the decision had to come by {until}, not on {decided_on}.",
            {"decided_on": f"Not after {until}."},
        )


def _check_offender(case: Case, band: Penalty, occurrence: str) -> None:
    """A company's officials may be fined in its case; nobody else by another class's band."""
    if band.norm_id != case.norm_id:
        raise Refusal(
            "band_of_another_norm",
            f"The band “{band}” belongs to another norm than the case, “{case.norm}”.",
            {"penalty": "Belongs to another norm."},
        )
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


def _check_amount(case: Case, band: Penalty, amount: Decimal, currency: str, decided_on: dt.date) -> None:
    if amount <= 0:
        raise Refusal(
            "amount_not_positive", f"A fine of {amount} is no fine: give a positive amount.", {"amount": "≤ 0."}
        )
    allowed = fine_range(case, band, last_day_of_offence(case, decided_on))
    if not allowed.passed:
        raise Refusal(
            "threshold_not_passed",
            f"{band.article} only holds above {band.threshold_over} {band.threshold_currency} of"
            f" {band.get_threshold_fact_display().lower()}, and the accounts on file of “{case.miner}” say less.",
            {"penalty": "Its threshold is not passed."},
        )
    if allowed.currency and currency != allowed.currency:
        raise Refusal(
            "currency_of_the_band",
            f"{band.article} sets the fine in {allowed.currency}, not in {currency}.",
            {"currency": f"Use {allowed.currency}."},
        )
    if allowed.low is None or allowed.high is None:
        return
    if not allowed.low <= amount <= allowed.high:
        arithmetic = f" ({allowed.arithmetic})" if allowed.arithmetic else ""
        raise Refusal(
            "amount_outside_band",
            f"{amount} {currency} is outside the band of {band.article}:"
            f" {allowed.low} to {allowed.high} {allowed.currency}{arithmetic}.",
            {"amount": f"Between {allowed.low} and {allowed.high}."},
        )
