"""History of the register: what a row said before each change, kept by the database for every door."""

from typing import TypeVar

import pghistory
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


def before_change(model: Model) -> Model:
    """Keep the old row at each update and delete, by statement-level triggers.

    Inserts are not copied: the row itself, or the first old row, says what was inserted, and an import of a million
    rows would otherwise be written twice.
    """
    return pghistory.track(
        pghistory.UpdateEvent(row="OLD", level=pghistory.Statement),
        pghistory.DeleteEvent(level=pghistory.Statement),
    )(model)
