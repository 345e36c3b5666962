"""Files of miners: a row is about the miner that has any of its identifiers, or about a new one."""

from registry.choices import miner_kinds
from registry.intake import columns, references
from registry.intake.columns import CellRefused, Column
from registry.intake.nouns.base import Key, Noun, Present, ends_after_start, period
from registry.services.identifiers import kind_mismatch


def _inn_fits_kind(kind: str, identifiers: str) -> None:
    if "ru.inn=" not in identifiers:
        return
    for number in identifiers.split(" "):
        if number.startswith("ru.inn="):
            sentence = kind_mismatch(kind, "ru.inn", number[7:])
            if sentence:
                raise CellRefused("identifier_not_of_kind", sentence)


def _resolve(present: Present) -> str:
    operating = period(present, until="operating_until", old="old.operating")
    return f"""
        SELECT s.line, known.miner_id AS old_id,
               CASE WHEN known.miner_id IS NULL THEN nextval('registry_miner_id_seq') END AS new_id,
               s.name, s.kind, s.territory_id, s.country_id, {operating} AS operating, COALESCE(s.note, '') AS note
        FROM staged s
        LEFT JOIN (SELECT line, min(miner_id) AS miner_id FROM numbers WHERE miner_id IS NOT NULL GROUP BY line) known
          ON known.line = s.line
        LEFT JOIN registry_miner old ON old.id = known.miner_id
        WHERE s.errors IS NULL
    """


MINERS = Noun(
    name="miners",
    help="Miners and hosts of miners. A row that has an identifier of a miner on file changes that miner.",
    example=(
        "name,kind,territory,country,identifiers,operating_from,operating_until\n"
        "Baikal Hash LLC,legal_entity,RU-IRK,RU,ru.inn=7707083893 ru.ogrn=1027700132195,2024-11-05,\n"
    ),
    table="registry_miner",
    columns=(
        Column("name", columns.text(300), "name text", "The name, at most 300 letters."),
        Column("kind", columns.words(miner_kinds()), "kind text", "legal_entity, entrepreneur, individual, operator."),
        Column("territory", references.territory(), "territory_id bigint", "Code of the place, such as RU-IRK."),
        Column(
            "country",
            references.country(),
            "country_id bigint",
            "Country of incorporation or citizenship, such as RU; empty if unknown.",
            required=False,
        ),
        Column(
            "identifiers",
            references.identifiers(),
            "identifiers text",
            "One or more, with spaces between: ru.inn=7707083893 ru.ogrn=1027700132195.",
        ),
        Column("operating_from", columns.day(), "starts date", "First day on which it is known to have mined."),
        Column(
            "operating_until",
            columns.day(),
            "ends date",
            "First day on which it had stopped; empty while it mines.",
            required=False,
        ),
        Column("note", columns.note(), "note text", "Free text.", required=False),
    ),
    row_checks=(
        (("kind", "identifiers"), _inn_fits_kind),
        (("operating_from", "operating_until"), ends_after_start),
    ),
    prepare=(
        """
        CREATE TEMPORARY TABLE numbers ON COMMIT DROP AS
        SELECT listed.line, listed.scheme, listed.value, known.miner_id
        FROM (
            SELECT s.line, split_part(number, '=', 1) AS scheme, split_part(number, '=', 2) AS value
            FROM staged s CROSS JOIN LATERAL string_to_table(s.identifiers, ' ') AS number
            WHERE s.errors IS NULL
        ) listed
        LEFT JOIN registry_identifier known ON known.scheme = listed.scheme AND known.value = listed.value
        """,
        "ANALYZE numbers",
    ),
    resolve=_resolve,
    refusals=(
        """
        SELECT n.line, 'identifiers', n.scheme || '=' || n.value, 'twice_in_file',
               'Line ' || twice.first || ' of the file already lists the identifier ' || n.scheme || '=' || n.value
                   || '.'
        FROM numbers n
        JOIN (SELECT scheme, value, min(line) AS first FROM numbers GROUP BY scheme, value HAVING count(*) > 1) twice
          ON twice.scheme = n.scheme AND twice.value = n.value AND twice.first < n.line
        """,
        """
        SELECT line, 'identifiers', string_agg(scheme || '=' || value, ' ' ORDER BY scheme, value),
               'identifiers_of_two_miners',
               'These identifiers belong to ' || count(DISTINCT miner_id) || ' different miners on file: '
                   || string_agg(scheme || '=' || value || ' to #' || miner_id, ', ' ORDER BY scheme, value) || '.'
        FROM numbers WHERE miner_id IS NOT NULL GROUP BY line HAVING count(DISTINCT miner_id) > 1
        """,
    ),
    keys=(Key(("old_id",), "identifiers", "this miner, by another identifier"),),
    fields={
        "name": ("name",),
        "kind": ("kind",),
        "territory_id": ("territory",),
        "country_id": ("country",),
        "operating": ("operating_from",),
        "note": ("note",),
    },
    after=(
        """
        INSERT INTO registry_identifier (miner_id, scheme, value)
        SELECT COALESCE(r.old_id, r.new_id), n.scheme, n.value
        FROM numbers n JOIN resolved r ON r.line = n.line
        WHERE n.miner_id IS NULL AND NOT EXISTS (SELECT FROM refused x WHERE x.line = n.line)
        """,
        """
        INSERT INTO touched
        SELECT DISTINCT n.line FROM numbers n JOIN resolved r ON r.line = n.line
        WHERE n.miner_id IS NULL AND r.old_id IS NOT NULL AND NOT EXISTS (SELECT FROM refused x WHERE x.line = n.line)
        """,
    ),
    draws_ids=True,
    analyze=("registry_miner", "registry_identifier"),
)
