"""Asking a worker for runs of the estimate, for their verification, and for their differences."""

import contextlib

from django.db import connection

from compliance.models import Estimate, EstimateDifference
from compliance.services.estimate_differences import comparable, difference_store
from compliance.services.queue import task_request
from registry.errors import Refusal


def estimate_send(run: Estimate) -> None:
    """Ask for a run that was stored. Where the queue is gone, it waits: stalled runs are taken up every minute."""
    with contextlib.suppress(Refusal):
        task_request("compliance.estimate", run.pk)


def verification_send(run: Estimate) -> None:
    task_request("compliance.verify_estimate", run.pk)


def difference_ask(earlier: Estimate, later: Estimate) -> EstimateDifference | None:
    """The parts that were kept; else asks the worker for them and returns null. Raises Refusal as `difference` does."""
    comparable(earlier, later)
    there = EstimateDifference.objects.filter(earlier=earlier, later=later).first()
    if there is None:
        task_request("compliance.estimate_difference", earlier.pk, later.pk)
    return there


def difference_compute(*, earlier_id: int, later_id: int) -> EstimateDifference | None:
    """The parts, computed and kept; null where somebody is at it: whoever waits for them asks again and again."""
    key = ["headframe estimate difference", f"{earlier_id} {later_id}"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s), hashtext(%s))", key)
        if not cursor.fetchone()[0]:
            return None
        try:
            return difference_store(earlier_id=earlier_id, later_id=later_id)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), hashtext(%s))", key)
