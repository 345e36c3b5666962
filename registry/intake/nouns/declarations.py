"""Files of declarations: a row is about that currency of that month of that miner."""

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
               upper(s.currency) AS currency, s.amount, s.declared_on
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_declaration old
          ON old.miner_id = i.miner_id AND old.month = s.month AND old.currency = upper(s.currency)
        WHERE s.errors IS NULL
    """


DECLARATIONS = Noun(
    name="declarations",
    help="What miners declared to have mined, by month and currency.",
    example="miner,month,currency,amount,declared_on\nru.inn=7707083893,2025-03,BTC,0.41250000,2025-04-17\n",
    table="registry_declaration",
    columns=(
        Column("miner", references.miner(), "miner_scheme text, miner_value text", "An identifier of a miner on file."),
        Column("month", columns.month(), "month date", "The month of receipt, such as 2025-03."),
        Column("currency", columns.text(16), "currency text", "The mined currency's ticker, such as BTC."),
        Column("amount", columns.decimal(digits=18, places=12), "amount numeric", "How much was received."),
        Column("declared_on", columns.day(), "declared_on date", "The day of the declaration."),
    ),
    row_checks=((("month", "declared_on"), _not_before_its_month),),
    prepare=(),
    resolve=_resolve,
    refusals=(UNKNOWN_MINER,),
    keys=(Key(("miner_id", "month", "currency"), "miner", "this miner, month and currency"),),
    fields={
        "miner_id": ("miner",),
        "month": ("month",),
        "currency": ("currency",),
        "amount": ("amount",),
        "declared_on": ("declared_on",),
    },
    analyze=("registry_declaration",),
)
