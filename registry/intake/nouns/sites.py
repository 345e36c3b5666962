"""Files of sites: a row is about the site of that name of that miner."""

from registry.choices import land_uses
from registry.intake import columns, references
from registry.intake.columns import Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present, ends_after_start, period, unknown_miner


def _resolve(present: Present) -> str:
    # Host and day of disclosure are checked together: what the file leaves out is as it is on file.
    host = "hosting.miner_id" if "host" in present else "old.host_id"
    disclosed = "s.disclosed_on" if "disclosed_on" in present else "old.disclosed_on"
    return f"""
        SELECT s.line, old.id AS old_id, s.miner_scheme, s.miner_value, i.miner_id, s.name, s.territory_id,
               COALESCE(s.address, '') AS address, s.metering_point, s.capacity_kw, s.off_grid,
               s.interruptible_percent, s.data_centre, COALESCE(s.land_use, '') AS land_use,
               s.host_scheme, s.host_value, {host} AS host_id, {disclosed} AS disclosed_on,
               {period(present, until="until", old="old.period")} AS period
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_identifier hosting ON hosting.scheme = s.host_scheme AND hosting.value = s.host_value
        LEFT JOIN registry_site old ON old.miner_id = i.miner_id AND old.name = s.name
        WHERE s.errors IS NULL
    """


SITES = Noun(
    name="sites",
    help="Places at which a miner mines; once per miner and name.",
    example=(
        "miner,name,territory,address,metering_point,capacity_kw,off_grid,data_centre,land_use,host,from,until\n"
        "ru.inn=7707083893,Hall 1,RU-IRK-x-angarsk,12 Factory St,MP-000123,1200,no,yes,industrial,,2024-11-05,\n"
    ),
    table="registry_site",
    columns=(
        Column("miner", references.miner(), "miner_scheme text, miner_value text", "An identifier of a miner on file."),
        Column("name", columns.text(200), "name text", "How the place is called; once per miner."),
        Column("territory", references.territory(), "territory_id bigint", "Code of the place, as exactly as known."),
        Column("address", columns.text(300), "address text", "Street address.", required=False),
        Column(
            "metering_point",
            columns.text(64),
            "metering_point text",
            "The grid operator's number of the supply point; empty if unknown.",
            required=False,
        ),
        Column(
            "capacity_kw",
            columns.decimal(digits=11, places=3, positive=True),
            "capacity_kw numeric",
            "Capacity in kW; empty if unknown.",
            required=False,
        ),
        Column(
            "off_grid",
            columns.yes_no(),
            "off_grid boolean",
            "yes where fed only by own generation, no, or empty if unknown.",
            required=False,
        ),
        Column(
            "interruptible_percent",
            columns.decimal(digits=3, places=2, largest=100),
            "interruptible_percent numeric",
            "The part of the annual peak that can be shed on demand, 0 to 100; empty if unknown.",
            required=False,
        ),
        Column(
            "data_centre",
            columns.yes_no(),
            "data_centre boolean",
            "yes where it lies in a data centre, no, or empty if unknown.",
            required=False,
        ),
        Column(
            "land_use",
            columns.words(land_uses()),
            "land_use text",
            "industrial, residential, farmland, other; empty if unknown.",
            required=False,
        ),
        Column(
            "host",
            references.miner(),
            "host_scheme text, host_value text",
            "An identifier of the operator on file that serves the site; empty where the miner runs it.",
            required=False,
        ),
        Column(
            "disclosed_on",
            columns.day(),
            "disclosed_on date",
            "Day on which the host named the miner of this site to the authority.",
            required=False,
        ),
        Column("from", columns.day(), "starts date", "First known day of mining here."),
        Column(
            "until",
            columns.day(),
            "ends date",
            "First day on which it had ended, if it has.",
            required=False,
        ),
    ),
    row_checks=((("from", "until"), ends_after_start),),
    prepare=(),
    resolve=_resolve,
    refusals=(
        UNKNOWN_MINER,
        unknown_miner("host"),
        """
        SELECT line, 'host', host_scheme || '=' || host_value, 'host_is_the_miner',
               'The host is another than the miner; leave it empty where the miner runs the site.'
        FROM resolved WHERE host_id = miner_id
        """,
        """
        SELECT line, 'disclosed_on', disclosed_on::text, 'disclosed_by_nobody',
               'A site without a host has nobody who could have disclosed it; name the host, or leave the day empty.'
        FROM resolved WHERE host_id IS NULL AND host_scheme IS NULL AND disclosed_on IS NOT NULL
        """,
        """
        SELECT r.line, 'metering_point', r.metering_point, 'metering_point_taken',
               'The metering point ' || r.metering_point || ' belongs to another site on file, “' || other.name || '”.'
        FROM resolved r JOIN registry_site other ON other.metering_point = r.metering_point
        WHERE other.id IS DISTINCT FROM r.old_id
        """,
    ),
    keys=(
        Key(("miner_id", "name"), "name", "a site of this name of this miner"),
        Key(("metering_point",), "metering_point", "this metering point"),
    ),
    fields={
        "miner_id": ("miner",),
        "name": ("name",),
        "territory_id": ("territory",),
        "address": ("address",),
        "metering_point": ("metering_point",),
        "capacity_kw": ("capacity_kw",),
        "off_grid": ("off_grid",),
        "interruptible_percent": ("interruptible_percent",),
        "data_centre": ("data_centre",),
        "land_use": ("land_use",),
        "host_id": ("host",),
        "disclosed_on": ("disclosed_on",),
        "period": ("from",),
    },
    analyze=("registry_site",),
)
