"""Files of registrations: a row is about the entry of that number, or about that miner's application of that day."""

from registry.choices import registration_statuses
from registry.intake import columns, references
from registry.intake.columns import NULL, CellRefused, Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present, ends_after_start, period
from registry.models.registrations import PENDING

ENDED = ("excluded", "expired")
_PENDING = frozenset(str(status) for status in PENDING)


def _period_fits_status(status: str, starts: str, ends: str) -> None:
    if status in _PENDING:
        if starts != NULL or ends != NULL:
            raise CellRefused("period_not_expected", f"An application ({status}) has no period; leave its days empty.")
    elif starts == NULL:
        raise CellRefused("period_missing", f"An entry ({status}) needs the day of entry in the column “from”.")
    elif status in ENDED and ends == NULL:
        raise CellRefused("end_missing", f"An entry that is {status} needs the day on which it ended in “until”.")


def _has_a_key(number: str, applied: str, starts: str) -> None:
    if number == NULL and applied == NULL and starts == NULL:
        raise CellRefused("no_number_and_no_day", "Give the number, the day of application or the day of entry.")


def _resolve(present: Present) -> str:
    number = "s.number" if "number" in present else "NULL::text"
    on_file = "COALESCE(by_number.period, by_day.period)"
    return f"""
        SELECT s.line, s.miner_scheme, s.miner_value, i.miner_id, s.register_id,
               COALESCE(by_number.id, by_day.id) AS old_id, by_number.miner_id AS holder_id,
               {number if "number" in present else "by_day.number"} AS number, s.status, s.applied_on,
               CASE WHEN s.starts IS NOT NULL THEN {period(present, until="until", old=on_file)} END AS period,
               COALESCE(s.reason, '') AS reason
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_registration by_number
          ON by_number.register_id = s.register_id AND by_number.number = {number}
        LEFT JOIN LATERAL (
            SELECT other.id, other.number, other.period FROM registry_registration other
            WHERE by_number.id IS NULL AND other.register_id = s.register_id AND other.miner_id = i.miner_id
              AND other.number IS NULL
              AND (other.applied_on = s.applied_on OR (s.applied_on IS NULL AND lower(other.period) = s.starts))
            ORDER BY other.id LIMIT 1
        ) by_day ON true
        WHERE s.errors IS NULL
    """


# Two periods of one miner in one register may not share a day. A row on file counts as it will be: as the file says
# where the file changes it, else (also where its row in the file is refused) as it is.
_OVERLAPS = """
    WITH good AS (
        SELECT r.* FROM resolved r
        WHERE r.period IS NOT NULL AND NOT EXISTS (SELECT FROM refused x WHERE x.line = r.line)
    ), clash AS (
        SELECT good.line, good.period, other.period AS other_period, 'registration #' || other.id AS other_words,
               0 AS other_line
        FROM good JOIN registry_registration other
          ON other.miner_id = good.miner_id AND other.register_id = good.register_id AND other.period && good.period
        WHERE other.id IS DISTINCT FROM good.old_id AND NOT EXISTS (SELECT FROM good it WHERE it.old_id = other.id)
        UNION ALL
        SELECT good.line, good.period, other.period, 'line ' || other.line || ' of the file', other.line
        FROM good JOIN good other
          ON other.miner_id = good.miner_id AND other.register_id = good.register_id AND other.period && good.period
         AND other.line < good.line
    )
    SELECT DISTINCT ON (line) line, 'from', period::text, 'registration_overlaps',
           'The period ' || period::text || ' overlaps ' || other_words || ', ' || other_period::text
               || '; a miner has one entry at a time in a register.'
    FROM clash ORDER BY line, other_line
"""

REGISTRATIONS = Noun(
    name="registrations",
    help="Applications to a register and entries in it.",
    example=(
        "miner,register,number,status,applied_on,from,until,reason\n"
        "ru.inn=7707083893,ru.miners,7102500001895,active,2024-11-20,2024-12-10,,\n"
    ),
    table="registry_registration",
    columns=(
        Column("miner", references.miner(), "miner_scheme text, miner_value text", "An identifier of a miner on file."),
        Column("register", references.register(), "register_id bigint", "Code of the register, such as ru.miners."),
        Column("number", columns.text(64), "number text", "The record's number; empty if unknown.", required=False),
        Column(
            "status",
            columns.words(registration_statuses()),
            "status text",
            "applied, refused, withdrawn (without a period); active, suspended, excluded or expired (with one).",
        ),
        Column("applied_on", columns.day(), "applied_on date", "Day of the application.", required=False),
        Column("from", columns.day(), "starts date", "Day of entry; empty for an application.", required=False),
        Column(
            "until",
            columns.day(future=True),
            "ends date",
            "First day on which the entry no longer stands; it may lie ahead.",
            required=False,
        ),
        Column("reason", columns.note(), "reason text", "Why refused, suspended or ended.", required=False),
    ),
    row_checks=(
        (("from", "until"), ends_after_start),
        (("status", "from", "until"), _period_fits_status),
        (("number", "applied_on", "from"), _has_a_key),
    ),
    prepare=(),
    resolve=_resolve,
    refusals=(
        UNKNOWN_MINER,
        """
        SELECT line, 'number', number, 'number_of_another_miner',
               'The number ' || number || ' is on file for another miner, #' || holder_id || '.'
        FROM resolved WHERE holder_id <> miner_id
        """,
    ),
    keys=(
        Key(("register_id", "number"), "number", "this number in this register"),
        Key(("old_id",), "miner", "the same entry"),
    ),
    until_none=_OVERLAPS,
    fields={
        "register_id": ("register",),
        "miner_id": ("miner",),
        "number": ("number",),
        "applied_on": ("applied_on",),
        "period": ("from",),
        "status": ("status",),
        "reason": ("reason",),
    },
    analyze=("registry_registration",),
)
