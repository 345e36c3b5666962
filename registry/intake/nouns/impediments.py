"""Files of impediments: a row is about that fact about that miner (or owner), by that document."""

from registry.choices import impediment_kinds
from registry.intake import columns, references
from registry.intake.columns import Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present, ends_after_start, period


def _resolve(present: Present) -> str:
    return f"""
        SELECT s.line, old.id AS old_id, s.miner_scheme, s.miner_value, i.miner_id, s.kind, s.source,
               {period(present, until="until", old="old.period")} AS period
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_impediment old ON old.miner_id = i.miner_id AND old.kind = s.kind AND old.source = s.source
        WHERE s.errors IS NULL
    """


IMPEDIMENTS = Noun(
    name="impediments",
    help="Facts that may bar a person from mining, each with the document that establishes it.",
    example=(
        "miner,kind,source,from,until\n"
        "ru.inn=7707083893,power_business,register of power suppliers 2025/17,2025-01-01,\n"
    ),
    table="registry_impediment",
    columns=(
        Column(
            "miner",
            references.miner(),
            "miner_scheme text, miner_value text",
            "An identifier of a miner, or of an owner of miners, on file.",
        ),
        Column("kind", columns.words(impediment_kinds()), "kind text", "conviction, listed or power_business."),
        Column("source", columns.text(200), "source text", "The judgment, list or document; once per miner and kind."),
        Column("from", columns.day(old=True), "starts date", "The day on which it took effect."),
        Column(
            "until",
            columns.day(future=True, old=True),
            "ends date",
            "First day on which it no longer holds; it may lie ahead.",
            required=False,
        ),
    ),
    row_checks=((("from", "until"), ends_after_start),),
    prepare=(),
    resolve=_resolve,
    refusals=(UNKNOWN_MINER,),
    keys=(Key(("miner_id", "kind", "source"), "source", "this source about this miner"),),
    fields={
        "miner_id": ("miner",),
        "kind": ("kind",),
        "source": ("source",),
        "period": ("from",),
    },
    analyze=("registry_impediment",),
)
