"""Files of declarations: a row is about that currency of that month, quarter or year of that miner."""

from registry.intake import columns, references
from registry.intake.columns import NULL, CellRefused, Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present


def _not_before_its_month(month: str, declared: str) -> None:
    if NULL not in (month, declared) and declared < month:
        raise CellRefused(
            "declared_before_month", f"The month {month[:7]} cannot be declared on {declared}, before it begins."
        )


def _resolve(present: Present) -> str:
    return """
        SELECT s.line, old.id AS old_id, s.miner_scheme, s.miner_value, i.miner_id, s.month,
               COALESCE(s.months, 1) AS months, upper(s.currency) AS currency, s.amount, s.energy_kwh, s.contents,
               s.declared_on
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_declaration old
          ON old.miner_id = i.miner_id AND old.month = s.month AND old.months = COALESCE(s.months, 1)
         AND old.currency = upper(s.currency)
        WHERE s.errors IS NULL
    """


DECLARATIONS = Noun(
    name="declarations",
    help="What miners declared to have mined, by month (or quarter, or year) and currency.",
    example=(
        "miner,month,currency,amount,energy_kwh,contents,declared_on\n"
        "ru.inn=7707083893,2025-03,BTC,0.41250000,842000,addresses,2025-04-17\n"
    ),
    table="registry_declaration",
    columns=(
        Column("miner", references.miner(), "miner_scheme text, miner_value text", "An identifier of a miner on file."),
        Column("month", columns.month(), "month date", "The (first) month of receipt, such as 2025-03."),
        Column(
            "months",
            columns.words((months, months) for months in ("1", "3", "12")),
            "months smallint",
            "How many months it covers: 1, 3 or 12; empty for 1.",
            required=False,
        ),
        Column("currency", columns.text(16), "currency text", "The mined currency's ticker, such as BTC."),
        Column("amount", columns.decimal(digits=18, places=12), "amount numeric", "How much was received."),
        Column(
            "energy_kwh",
            columns.decimal(digits=13, places=3),
            "energy_kwh numeric",
            "The energy that the miner says it used, kWh; empty if it said nothing of it.",
            required=False,
        ),
        Column(
            "contents",
            columns.contents(),
            "contents jsonb",
            "What else it held, in words with spaces between, such as addresses; none for nothing; empty if unknown.",
            required=False,
        ),
        Column("declared_on", columns.day(), "declared_on date", "The day of the declaration."),
    ),
    row_checks=((("month", "declared_on"), _not_before_its_month),),
    prepare=(),
    resolve=_resolve,
    refusals=(UNKNOWN_MINER,),
    keys=(Key(("miner_id", "month", "months", "currency"), "miner", "this miner, month and currency"),),
    fields={
        "miner_id": ("miner",),
        "month": ("month",),
        "months": ("months",),
        "currency": ("currency",),
        "amount": ("amount",),
        "energy_kwh": ("energy_kwh",),
        "contents": ("contents",),
        "declared_on": ("declared_on",),
    },
    analyze=("registry_declaration",),
)
