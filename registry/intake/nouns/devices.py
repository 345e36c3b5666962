"""Files of devices: a row is about that device, or that batch of a model, at that site since that day."""

from registry.intake import columns, references
from registry.intake.columns import NULL, CellRefused, Column
from registry.intake.nouns.base import UNKNOWN_MINER, Key, Noun, Present, ends_after_start, period


def _one_per_serial(serial: str, quantity: str) -> None:
    if serial != NULL and quantity not in (NULL, "1"):
        raise CellRefused("serial_means_one", "A serial number belongs to one device: the quantity must be 1.")


def _says_where(point: str, miner: str, site: str) -> None:
    if point == NULL and (miner.startswith(NULL) or site == NULL):
        raise CellRefused("no_site", "Say where it stands: by its metering point, or by the miner and the site's name.")


def _resolve(present: Present) -> str:
    return f"""
        SELECT s.line, old.id AS old_id, s.miner_scheme, s.miner_value, i.miner_id, s.metering_point, s.site,
               COALESCE(by_point.id, by_name.id) AS site_id, model.ids[1] AS model_id, model.ids AS model_ids,
               s.maker, s.model, s.serial_number, COALESCE(s.quantity, 1) AS quantity,
               {period(present, until="until", old="old.period")} AS period, s.starts
        FROM staged s
        LEFT JOIN registry_identifier i ON i.scheme = s.miner_scheme AND i.value = s.miner_value
        LEFT JOIN registry_site by_point ON by_point.metering_point = s.metering_point
        LEFT JOIN registry_site by_name
          ON s.metering_point IS NULL AND by_name.miner_id = i.miner_id AND by_name.name = s.site
        LEFT JOIN (
            SELECT lower(maker) AS maker, lower(name) AS name, array_agg(id ORDER BY id) AS ids
            FROM registry_devicemodel GROUP BY 1, 2
        ) model ON model.maker = lower(s.maker) AND model.name = lower(s.model)
        LEFT JOIN LATERAL (
            SELECT other.id, other.period FROM registry_device other
            WHERE other.site_id = COALESCE(by_point.id, by_name.id) AND other.model_id = model.ids[1]
              AND other.serial_number IS NOT DISTINCT FROM s.serial_number AND lower(other.period) = s.starts
            ORDER BY other.id LIMIT 1
        ) old ON true
        WHERE s.errors IS NULL
    """


DEVICES = Noun(
    name="devices",
    help="Devices with their serial numbers, or batches of a model without.",
    example=(
        "metering_point,maker,model,serial_number,quantity,from,until\n"
        "MP-000123,Bitmain,Antminer S23 Hyd 3U,,240,2024-11-05,\n"
    ),
    table="registry_device",
    columns=(
        Column(
            "metering_point",
            columns.text(64),
            "metering_point text",
            "The site's metering point; or else miner and site.",
            required=False,
        ),
        Column(
            "miner",
            references.miner(),
            "miner_scheme text, miner_value text",
            "An identifier of a miner on file.",
            required=False,
        ),
        Column("site", columns.text(200), "site text", "The site's name.", required=False),
        Column("maker", columns.text(64), "maker text", "The maker, as in the list of device models."),
        Column("model", columns.text(120), "model text", "The model, as in the list of device models."),
        Column("serial_number", columns.text(64), "serial_number text", "Empty for a batch.", required=False),
        Column("quantity", columns.count(), "quantity integer", "More than 1 for a batch only.", required=False),
        Column("from", columns.day(), "starts date", "First day at the site."),
        Column("until", columns.day(), "ends date", "First day on which it had left; empty if there.", required=False),
    ),
    row_checks=(
        (("from", "until"), ends_after_start),
        (("serial_number", "quantity"), _one_per_serial),
        (("metering_point", "miner", "site"), _says_where),
    ),
    prepare=(),
    resolve=_resolve,
    refusals=(
        UNKNOWN_MINER,
        """
        SELECT line, CASE WHEN metering_point IS NULL THEN 'site' ELSE 'metering_point' END,
               COALESCE(metering_point, site), 'unknown_site',
               CASE WHEN metering_point IS NULL THEN 'This miner has no site named “' || site || '” on file.'
                    ELSE 'No site on file has the metering point ' || metering_point || '.' END
        FROM resolved WHERE site_id IS NULL AND (metering_point IS NOT NULL OR miner_id IS NOT NULL)
        """,
        """
        SELECT line, 'model', model, 'unknown_device_model',
               'No device model on file is called “' || maker || ' ' || model || '”.'
        FROM resolved WHERE model_id IS NULL
        """,
        """
        SELECT line, 'model', model, 'ambiguous_device_model',
               '“' || maker || ' ' || model || '” is the name of ' || cardinality(model_ids)
                   || ' models on file, with different hash rates.'
        FROM resolved WHERE cardinality(model_ids) > 1
        """,
        """
        SELECT r.line, 'serial_number', r.serial_number, 'serial_stands_elsewhere',
               'The device ' || r.serial_number || ' stands at another site on file; end its stay there first.'
        FROM resolved r JOIN registry_device other
          ON other.model_id = r.model_id AND other.serial_number = r.serial_number AND upper_inf(other.period)
        WHERE upper_inf(r.period) AND other.id IS DISTINCT FROM r.old_id
          AND NOT EXISTS (SELECT FROM resolved it WHERE it.old_id = other.id AND NOT upper_inf(it.period))
        """,
    ),
    keys=(
        Key(("site_id", "model_id", "COALESCE(serial_number, '')", "starts"), "model", "this device since this day"),
        Key(
            ("model_id", "CASE WHEN upper_inf(period) THEN serial_number END"),
            "serial_number",
            "this device at a place where it still stands",
        ),
    ),
    fields={
        "site_id": ("metering_point",),
        "model_id": ("model",),
        "serial_number": ("serial_number",),
        "quantity": ("quantity",),
        "period": ("from",),
    },
    analyze=("registry_device",),
)
