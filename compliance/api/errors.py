"""The page that the `type` of a problem document leads to: every code with its sentence, open to everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from registry.api.codes import CODES, codes_of_constraints

CODES_OF_PROCEEDINGS = {
    "amount_not_positive": "The amount must be more than zero.",
    "amount_outside_band": "The amount lies outside the band that was law on the day of the offence.",
    "band_not_in_force": "The band was not law on the day of the offence.",
    "band_of_another_norm": "The band belongs to another norm than the case.",
    "band_of_another_occurrence": "The band is for the other occurrence, first or repeat.",
    "band_of_another_offender": "The band is for another class of offender than the miner in the case.",
    "case_before_offence": "The case was opened before the day of the offence.",
    "claim_of_pack": "The claim came with a pack of law and stays as the pack has it.",
    "currency_of_the_band": "A fine is in the currency of its band.",
    "decision_before_offence": "The decision was made before the day of the offence.",
    "decision_in_the_future": "The decision is dated after today.",
    "decision_known": "A fine of this reference is on file with other values.",
    "deterrence_refused": "The break-even cannot be computed from these inputs.",
    "finding_of_another_case": "The finding is about another miner or another norm than the case.",
    "estimate_not_done": "The run of the estimate is not done, so that there is nothing to verify or to compare.",
    "estimate_of_regions": "The run is of regions; only runs of one whole territory are compared.",
    "estimate_refused": "The run cannot be asked for like that; each fault is told at its place.",
    "estimates_of_two_places": "The two runs are about different territories.",
    "fine_annulled": "The fine is annulled, so that nothing can be paid on it.",
    "for_the_criminal_court": "The offence is a crime by the band that holds; no fine is issued here.",
    "limitation_passed": "The decision came later than the law lets anybody be fined for the offence.",
    "milder_law_holds": "A milder law has come since the offence and reaches back; the fine must rest on it.",
    "no_band_in_force": "No band for this offender and occurrence was law on the day of the offence.",
    "norm_not_in_force": "The norm was not law on the day of the offence.",
    "not_known_then": "The pack was loaded for the first time after that.",
    "offence_is_first": "No earlier fine within the look-back is on file, of the miner or its group.",
    "offence_is_repeat": "The miner or its group was fined under the norm within the look-back.",
    "opened_in_the_future": "The case is opened after today.",
    "payment_exceeds_debt": "The payment is more than what is owed on the fine.",
    "payment_in_the_future": "The payment is dated after today.",
    "payment_known": "A payment of this reference is on file with other values.",
    "queue_unreachable": "The task queue does not answer, so that nothing was started. Try again.",
    "reason_missing": "An annulment needs its reason.",
    "repealed_since": "The norm or its penalty is no longer law, and a milder later law reaches back.",
    "report_being_sent": "Another process is sending the report. Try again.",
    "report_in_the_future": "A report cannot be given as of a day after its issue.",
    "report_not_sent": "The mail server did not take the report.",
    "scenario_code_of_a_pack": "The code of a scenario that a person makes begins with “my.”.",
    "scenario_of_another": "Only who made a scenario may delete it.",
    "scenario_ready_made": "A scenario that came with its pack stays with it.",
    "scenario_refused": "A change of the scenario cannot be read; each fault is told at its place.",
    "settled": "This stands once it is on file and is not changed.",
    "table_refused": "The numbers are no table of lists or of repeats; the sentence says what would be right.",
    "text_unreadable": "The text of the pack of then is kept, but no longer read as a pack.",
    "threshold_not_passed": "The band only holds above a sum that the miner did not reach.",
    "unknown_book": "There is no book of this code.",
    "unknown_device_model": "The catalogue has no such device model, or lacks its power.",
    "unknown_estimate": "There is no run of the estimate of this number.",
    "unknown_norm": "There is no norm of this code.",
    "unknown_pack": "There is no pack of this code.",
}


@require_safe
def errors_page(request: HttpRequest) -> HttpResponse:
    codes = {**codes_of_constraints(), **CODES, **CODES_OF_PROCEEDINGS}
    return render(request, "compliance/errors.html", {"codes": sorted(codes.items())})


urlpatterns = [path("errors", errors_page, name="errors")]
