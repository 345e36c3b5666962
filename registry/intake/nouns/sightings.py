"""Files of sightings: a row is about the report of that number of that source."""

from registry.choices import sighting_kinds
from registry.intake import columns, references
from registry.intake.columns import NULL, CellRefused, Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present
from registry.services.lists import list_of_another_kind


def _list_of_its_kind(kind: str, named: str) -> None:
    if named.startswith(NULL) or kind == NULL:
        return
    its = named.partition("\t")[2]
    if its != kind:
        raise CellRefused("list_of_another_kind", list_of_another_kind(its, kind))


def _resolve(present: Present) -> str:
    # A file without the column leaves a report on the list that it is on, unless its kind has changed.
    kept = "" if "list" in present else "CASE WHEN old.kind = s.kind THEN old.list_id END, "
    return f"""
        SELECT s.line, old.id AS old_id, s.miner_scheme, s.miner_value, i.miner_id, s.kind,
               COALESCE(s.list_id, {kept}usual.id) AS list_id, s.source, s.reference,
               COALESCE(s.name, '') AS name, COALESCE(s.address, '') AS address, s.seen_on,
               s.territory_id, COALESCE(s.metering_point, '') AS metering_point, s.power_kw, s.device_count,
               COALESCE(s.url, '') AS url, COALESCE(s.note, '') AS note
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_sighting old ON old.source = s.source AND old.reference = s.reference
        LEFT JOIN registry_sightinglist usual ON usual.code = s.kind AND usual.kind = s.kind
        WHERE s.errors IS NULL
    """


NO_LIST = """
    SELECT line, 'kind', kind, 'no_list_of_its_kind',
           'There is no list of the code ' || kind || ': name the list that it is on, or run “manage.py seed”.'
    FROM resolved WHERE list_id IS NULL
"""

SIGHTINGS = Noun(
    name="sightings",
    help="Signs of mining, with or without a known miner.",
    example=(
        "kind,list,source,reference,seen_on,territory,miner,name,address,metering_point,power_kw,device_count,url,note\n"
        "grid_anomaly,,Irkutsk grid,2025/0417,2025-04-17,RU-IRK,,,Lenina 12,MP-000777,85.5,,,night load of a garage\n"
    ),
    table="registry_sighting",
    columns=(
        Column(
            "kind",
            columns.words(sighting_kinds()),
            "kind text",
            "grid_anomaly, seizure, complaint, network_traffic, pool, other_register or audit.",
        ),
        Column(
            "list",
            references.sighting_list(),
            "list_id bigint, list_kind text",
            "Code of the list that it is on; empty for the one of its kind.",
            required=False,
        ),
        Column("source", columns.text(120), "source text", "Who reported it."),
        Column("reference", columns.text(120), "reference text", "The source's number of the report; once per source."),
        Column("seen_on", columns.day(), "seen_on date", "The day of the sign."),
        Column("territory", references.territory(), "territory_id bigint", "Code of the place."),
        Column(
            "miner",
            references.miner(),
            "miner_scheme text, miner_value text",
            "One identifier of a miner on file; empty where nobody knows who it was.",
            required=False,
        ),
        Column("name", columns.text(300), "name text", "Who is said to mine there, as reported.", required=False),
        Column("address", columns.text(300), "address text", "Where, as reported.", required=False),
        Column("metering_point", columns.text(64), "metering_point text", "The supply point.", required=False),
        Column(
            "power_kw",
            columns.decimal(digits=11, places=3, positive=True),
            "power_kw numeric",
            "Power in kW; empty if unknown.",
            required=False,
        ),
        Column("device_count", columns.count(), "device_count integer", "How many devices.", required=False),
        Column("url", columns.url(), "url text", "Where it was published.", required=False),
        Column("note", columns.note(), "note text", "Free text.", required=False),
    ),
    row_checks=((("kind", "list"), _list_of_its_kind),),
    prepare=(),
    resolve=_resolve,
    refusals=(UNKNOWN_MINER, NO_LIST),
    keys=(Key(("source", "reference"), "reference", "this report of this source"),),
    fields={
        "kind": ("kind",),
        "list_id": ("kind", "list"),
        "source": ("source",),
        "reference": ("reference",),
        "seen_on": ("seen_on",),
        "territory_id": ("territory",),
        "miner_id": ("miner",),
        "name": ("name",),
        "address": ("address",),
        "metering_point": ("metering_point",),
        "power_kw": ("power_kw",),
        "device_count": ("device_count",),
        "url": ("url",),
        "note": ("note",),
    },
    analyze=("registry_sighting",),
)
