"""Files of ownerships: a row is about that owner of that miner from that day on."""

from registry.intake import columns, references
from registry.intake.columns import NULL, CellRefused, Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present, ends_after_start, unknown_miner


def _one_owner(owner: str, name: str) -> None:
    if owner.startswith(NULL) == (name == NULL):
        raise CellRefused("no_one_owner", "Name the owner either by an identifier on file, or by a name: one of them.")


def _resolve(present: Present) -> str:
    ends = "s.ends" if "until" in present else "upper(old.period)"
    # Two owners without a known first day are told apart, too: nothing is older than minus infinity.
    return f"""
        SELECT s.line, old.id AS old_id, s.miner_scheme, s.miner_value, i.miner_id, s.owner_scheme, s.owner_value,
               o.miner_id AS owner_id, COALESCE(s.owner_name, '') AS owner_name, s.owner_name AS named,
               s.owner_country_id, s.share_percent, COALESCE(s.starts, '-infinity') AS since,
               daterange(s.starts, {ends}) AS period
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_identifier o ON o.scheme = s.owner_scheme AND o.value = s.owner_value
        LEFT JOIN LATERAL (
            SELECT other.id, other.period FROM registry_ownership other
            WHERE other.miner_id = i.miner_id AND lower(other.period) IS NOT DISTINCT FROM s.starts
              AND (other.owner_id = o.miner_id OR (other.owner_id IS NULL AND other.owner_name = s.owner_name))
            ORDER BY other.id LIMIT 1
        ) old ON true
        WHERE s.errors IS NULL
    """


OWNERSHIPS = Noun(
    name="ownerships",
    help="Who owns a miner: another miner on file, or a name with a country.",
    example=(
        "miner,owner,owner_name,owner_country,share_percent,from,until\n"
        "ru.inn=7707083893,,Sample Holding,KZ,51,2024-11-01,\n"
    ),
    table="registry_ownership",
    columns=(
        Column("miner", references.miner(), "miner_scheme text, miner_value text", "An identifier of a miner on file."),
        Column(
            "owner",
            references.miner(),
            "owner_scheme text, owner_value text",
            "An identifier of the owner, where it is on file as a miner.",
            required=False,
        ),
        Column("owner_name", columns.text(300), "owner_name text", "Or else the owner's name.", required=False),
        Column(
            "owner_country",
            references.country(),
            "owner_country_id bigint",
            "The owner's country of incorporation or citizenship; empty if unknown.",
            required=False,
        ),
        Column(
            "share_percent",
            columns.decimal(digits=3, places=3, positive=True, largest=100),
            "share_percent numeric",
            "The share, more than 0 and at most 100; empty if unknown.",
            required=False,
        ),
        Column("from", columns.day(old=True), "starts date", "First day; empty if unknown.", required=False),
        Column(
            "until",
            columns.day(future=True, old=True),
            "ends date",
            "First day on which it no longer owned it; empty while it does.",
            required=False,
        ),
    ),
    row_checks=(
        (("from", "until"), ends_after_start),
        (("owner", "owner_name"), _one_owner),
    ),
    prepare=(),
    resolve=_resolve,
    refusals=(
        UNKNOWN_MINER,
        unknown_miner("owner"),
        """
        SELECT line, 'owner', owner_scheme || '=' || owner_value, 'owner_is_the_miner', 'A miner cannot own itself.'
        FROM resolved WHERE owner_id = miner_id
        """,
    ),
    keys=(
        Key(("miner_id", "owner_id", "since"), "owner", "this owner of this miner from this day"),
        Key(("miner_id", "named", "since"), "owner_name", "this owner of this miner from this day"),
    ),
    fields={
        "miner_id": ("miner",),
        "owner_id": ("owner",),
        "owner_name": ("owner_name",),
        "owner_country_id": ("owner_country",),
        "share_percent": ("share_percent",),
        "period": ("from", "until"),
    },
    analyze=("registry_ownership",),
)
