"""Files of accounts: a row is about that year of that miner."""

from registry.intake import columns, references
from registry.intake.columns import NULL, CellRefused, Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present


def _says_something(turnover: str, gain: str, damage: str) -> None:
    if turnover == gain == damage == NULL:
        raise CellRefused("no_sum", "Give at least one of turnover, gain and damage.")


def _resolve(present: Present) -> str:
    return """
        SELECT s.line, old.id AS old_id, s.miner_scheme, s.miner_value, i.miner_id, s.year, s.turnover, s.gain,
               s.damage, s.currency, s.source
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_account old ON old.miner_id = i.miner_id AND old.year = s.year
        WHERE s.errors IS NULL
    """


def _sum(name: str, words: str) -> Column:
    return Column(name, columns.decimal(digits=18, places=2), f"{name} numeric", words, required=False)


ACCOUNTS = Noun(
    name="accounts",
    help="What is known in money of one calendar year of a miner.",
    example=(
        "miner,year,turnover,gain,damage,currency,source\n"
        "ru.inn=7707083893,2025,184000000,41500000.50,,RUB,annual statement of 2025\n"
    ),
    table="registry_account",
    columns=(
        Column("miner", references.miner(), "miner_scheme text, miner_value text", "An identifier of a miner on file."),
        Column("year", columns.year(), "year smallint", "The calendar year, such as 2025."),
        _sum("turnover", "The year's turnover; empty if unknown."),
        _sum("gain", "The income from mining; empty if unknown."),
        _sum("damage", "The damage to others, as established; empty if unknown."),
        Column("currency", columns.currency(), "currency text", "The currency of all three, such as RUB."),
        Column("source", columns.text(200), "source text", "The document that says so."),
    ),
    row_checks=((("turnover", "gain", "damage"), _says_something),),
    prepare=(),
    resolve=_resolve,
    refusals=(UNKNOWN_MINER,),
    keys=(Key(("miner_id", "year"), "year", "this year of this miner"),),
    fields={
        "miner_id": ("miner",),
        "year": ("year",),
        "turnover": ("turnover",),
        "gain": ("gain",),
        "damage": ("damage",),
        "currency": ("currency",),
        "source": ("source",),
    },
    analyze=("registry_account",),
)
