"""What ends a run of the estimate as failed, and what it then says of itself."""

import datetime as dt
import logging

from django.db import DataError, ProgrammingError

from compliance.choices import RunStatus
from compliance.models import Estimate

# What input that nobody has thought of may raise, and would raise again whoever tries. What may pass, as a lost
# connection, leaves the run as it was, to be taken up again.
FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DataError,
    LookupError,
    MemoryError,
    ProgrammingError,
    RuntimeError,
    TypeError,
    ValueError,
)

log = logging.getLogger(__name__)


def estimate_failed(estimate_id: int, what: str, error: BaseException, now: dt.datetime) -> bool:
    """The run says in one line what could not be done, and the log where; false where it had ended before."""
    log.error("Estimate %s: %s.", estimate_id, what, exc_info=error)
    first, *_ = str(error).strip().splitlines() or [""]
    running = Estimate.objects.filter(pk=estimate_id, status=RunStatus.RUNNING)
    words = f"{what}: {type(error).__name__}: {first}"
    return bool(running.update(status=RunStatus.FAILED, failure=words, finished_at=now))
