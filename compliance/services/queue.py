"""Asking the worker: what the doors hand to the task queue, and the refusal when it is gone."""

from collections.abc import Iterable

from celery import current_app
from kombu.exceptions import OperationalError

from compliance.choices import RunKind
from registry.errors import Refusal

TASKS = {RunKind.RATES: "compliance.recompute_rates", RunKind.EXPOSURE: "compliance.recompute_exposure"}


def recomputation_request(*, kinds: Iterable[str] = tuple(TASKS)) -> None:
    """Ask the worker to compute these totals anew as of the day on which it gets to it.

    Raises Refusal, which may pass, where the queue cannot be reached.
    """
    try:
        for kind in kinds:
            current_app.send_task(TASKS[RunKind(kind)], ignore_result=True)
    except OperationalError:
        sentence = "The task queue cannot be reached, so nothing was started. Try again when it is back."
        raise Refusal("queue_unreachable", sentence, retry=True) from None


def task_request(name: str, *args: int) -> None:
    """Ask the worker for one task by its name, with numbers of rows only.

    Raises Refusal, which may pass, where the queue cannot be reached.
    """
    try:
        current_app.send_task(name, args=args, ignore_result=True)
    except OperationalError:
        sentence = "The task queue cannot be reached. Try again when it is back."
        raise Refusal("queue_unreachable", sentence, retry=True) from None
