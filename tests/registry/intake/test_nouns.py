"""Files of all nouns but miners and registrations."""

from decimal import Decimal

import pytest
from django.conf import settings

from registry.intake.nouns import NOUNS
from registry.models import (
    Account,
    Declaration,
    Device,
    Impediment,
    Ownership,
    Reading,
    RowError,
    Sighting,
    Site,
)
from registry.services.identifiers import SCHEMES
from tests import factories
from tests.registry.intake.conftest import counts, errors

SBER = "ru.inn=7707083893"
HOST = "ru.inn=7736050003"


@pytest.fixture
def miner(places):
    return factories.MinerFactory(identifiers={"ru.inn": "7707083893"})


@pytest.fixture
def site(miner):
    return factories.SiteFactory(miner=miner, name="Hall 1", metering_point="MP-1")


@pytest.fixture
def host(places):
    return factories.MinerFactory(operator=True, identifiers={"ru.inn": "7736050003"})


@pytest.fixture
def model(places):
    return factories.DeviceModelFactory()


SITES = "miner,name,territory,metering_point,capacity_kw,off_grid,from,until\n"
DEVICES = "metering_point,miner,site,maker,model,serial_number,quantity,from,until\n"
SIGHTINGS = "kind,source,reference,seen_on,territory,miner,metering_point,power_kw,device_count,url,note\n"
READINGS = "metering_point,month,energy_kwh\n"
ACCOUNTS = "miner,year,turnover,gain,damage,currency,source\n"
IMPEDIMENTS = "miner,kind,source,from,until\n"
OWNERSHIPS = "miner,owner,owner_name,owner_country,share_percent,from,until\n"
FURTHER = "miner,name,territory,interruptible_percent,data_centre,land_use,host,disclosed_on,from\n"
HELD = "miner,month,months,currency,amount,energy_kwh,contents,declared_on\n"
DECLARATIONS = "miner,month,currency,amount,declared_on\n"


def test_site_is_stored_and_changed_when_its_name_comes_again(run, miner):
    first = f"{SBER},Hall 1,RU-IRK,MP-1,1200.5,,2025-01-01,\n"

    assert counts(run("sites", SITES + first)) == ("done", 1, 0, 0, 0)
    assert counts(run("sites", SITES + first)) == ("done", 0, 0, 1, 0)
    assert counts(run("sites", SITES + first.replace("1200.5,", "900,yes"))) == ("done", 0, 1, 0, 0)
    site = Site.objects.get()
    assert (site.capacity_kw, site.off_grid, site.metering_point) == (Decimal("900.000"), True, "MP-1")


def test_devices_are_found_when_the_site_is_named_either_way(run, site, model):
    data = (
        DEVICES
        + "MP-1,,,bitmain,antminer s21,SN1,,2025-01-01,\n"
        + f",{SBER},Hall 1,Bitmain,Antminer S21,,40,2025-01-01,\n"
    )

    assert counts(run("devices", data)) == ("done", 2, 0, 0, 0)
    assert counts(run("devices", data)) == ("done", 0, 0, 2, 0)
    assert sorted(Device.objects.values_list("site__name", "quantity")) == [("Hall 1", 1), ("Hall 1", 40)]


def test_device_may_move_when_the_same_file_ends_its_stay(run, site, model):
    factories.SiteFactory(miner=site.miner, metering_point="MP-2")
    run("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,SN1,,2025-01-01,\n")

    moved = (
        DEVICES
        + "MP-2,,,Bitmain,Antminer S21,SN1,,2025-03-01,\nMP-1,,,Bitmain,Antminer S21,SN1,,2025-01-01,2025-03-01\n"
    )

    assert counts(run("devices", moved)) == ("done", 1, 1, 0, 0)


def test_sighting_is_stored_when_nobody_knows_who_it_was(run, miner):
    data = (
        SIGHTINGS
        + "grid_anomaly,Grid,1,2025-04-17,RU-IRK,,MP-9,85.5,,,\n"
        + f'Grid anomaly,Grid,2,2025-04-17,RU-IRK,{SBER},,,12,https://example.org/a,"two\nlines \\ here"\n'
    )

    assert counts(run("sightings", data)) == ("done", 2, 0, 0, 0)
    assert counts(run("sightings", data)) == ("done", 0, 0, 2, 0)
    nobody, known = Sighting.objects.order_by("reference")
    assert (nobody.miner, nobody.power_kw, nobody.metering_point) == (None, Decimal("85.500"), "MP-9")
    assert (known.miner, known.device_count, known.note) == (miner, 12, "two\nlines \\ here")


LISTED = "kind,list,source,reference,seen_on,territory,name,address\n"


def test_sighting_is_on_the_list_of_its_kind_unless_the_file_names_another(run):
    factories.SightingListFactory(code="Police", kind="seizure")
    rows = "seizure,police,G,1,2025-04-17,RU,IP X,Lenina 12\nseizure,,G,2,2025-04-17,RU,,\n"

    assert counts(run("sightings", LISTED + rows)) == ("done", 2, 0, 0, 0)
    assert list(Sighting.objects.order_by("reference").values_list("list__code", "name", "address")) == [
        ("Police", "IP X", "Lenina 12"),
        ("seizure", "", ""),
    ]
    bare = "kind,source,reference,seen_on,territory\n"
    assert counts(run("sightings", bare + "seizure,G,1,2025-04-17,RU\n"))[1:4] == (0, 0, 1)
    assert counts(run("sightings", bare + "audit,G,1,2025-04-17,RU\n"))[1:4] == (0, 1, 0)
    assert Sighting.objects.get(reference="1").list.code == "audit"


def test_reading_is_put_right_when_the_month_comes_again(run):
    assert counts(run("readings", READINGS + "MP-1,2025-03,0\nMP-1,2025-04-01,12.5\n")) == ("done", 2, 0, 0, 0)
    assert counts(run("readings", READINGS + "MP-1,2025-03,7000\n")) == ("done", 0, 1, 0, 0)
    assert list(Reading.objects.order_by("month").values_list("energy_kwh", flat=True)) == [7000, Decimal("12.5")]


def test_declaration_is_stored_when_its_currency_is_in_small_letters(run, miner):
    data = DECLARATIONS + f"{SBER},2025-03,btc,0.412500000001,2025-04-17\n"

    assert counts(run("declarations", data)) == ("done", 1, 0, 0, 0)
    assert counts(run("declarations", data)) == ("done", 0, 0, 1, 0)
    assert str(Declaration.objects.get()) == "0.412500000001 BTC, 2025-03"


def test_site_keeps_what_some_laws_ask_when_a_later_file_lacks_the_columns(run, site, host):
    line = f"{SBER},Hall 1,RU-IRK,30.5,yes,farmland,{HOST},2025-02-01,2025-01-01\n"

    assert counts(run("sites", FURTHER + line)) == ("done", 0, 1, 0, 0)
    assert counts(run("sites", FURTHER + line)) == ("done", 0, 0, 1, 0)
    assert counts(run("sites", "miner,name,territory,from\n" + f"{SBER},Hall 1,RU-IRK,2025-01-01\n"))[2:] == (0, 1, 0)
    site.refresh_from_db()
    assert (site.interruptible_percent, site.data_centre, site.land_use) == (Decimal("30.50"), True, "farmland")
    assert (site.host, str(site.disclosed_on)) == (host, "2025-02-01")


def test_site_is_refused_when_its_host_goes_but_the_disclosure_stays(run, site, host):
    run("sites", FURTHER + f"{SBER},Hall 1,RU-IRK,,,,{HOST},2025-02-01,2025-01-01\n")

    result = run("sites", "miner,name,territory,host,from\n" + f"{SBER},Hall 1,RU-IRK,,2025-01-01\n")

    assert counts(result) == ("done", 0, 0, 0, 1)
    assert errors(result) == [(2, "disclosed_on", "disclosed_by_nobody")]


def test_declaration_of_a_quarter_stands_beside_that_of_its_first_month(run, miner):
    month = f"{SBER},2025-01,,BTC,1,,,2025-04-17\n"
    quarter = f"{SBER},2025-01,3,BTC,4,842000,addresses pools addresses,2025-04-17\n"
    nothing = f"{SBER},2025-01,12,BTC,9,,none,2026-01-10\n"

    assert counts(run("declarations", HELD + month + quarter + nothing)) == ("done", 3, 0, 0, 0)
    assert counts(run("declarations", HELD + month + quarter + nothing)) == ("done", 0, 0, 3, 0)
    assert list(Declaration.objects.order_by("months").values_list("months", "energy_kwh", "contents")) == [
        (1, None, None),
        (3, Decimal(842000), ["addresses", "pools"]),
        (12, None, []),
    ]


def test_account_is_put_right_when_the_year_comes_again(run, miner):
    assert counts(run("accounts", ACCOUNTS + f"{SBER},2025,1000.50,,,rub,statement\n")) == ("done", 1, 0, 0, 0)
    assert counts(run("accounts", ACCOUNTS + f"{SBER},2025,1000.50,7,,RUB,statement\n")) == ("done", 0, 1, 0, 0)
    account = Account.objects.get()
    assert (account.turnover, account.gain, account.damage, account.currency) == (Decimal("1000.50"), 7, None, "RUB")


def test_impediment_is_stored_when_it_is_older_than_mining_and_ends_ahead(run, miner):
    data = IMPEDIMENTS + f"{SBER},conviction,judgment 1,1999-05-01,2030-01-01\n"

    assert counts(run("impediments", data)) == ("done", 1, 0, 0, 0)
    assert counts(run("impediments", data)) == ("done", 0, 0, 1, 0)
    assert str(Impediment.objects.get().period.upper) == "2030-01-01"


def test_owners_are_told_apart_by_who_they_are_and_since_when(run, miner, host):
    data = (
        OWNERSHIPS
        + f"{SBER},{HOST},,,51,,\n"
        + f"{SBER},,Sample Holding,KZ,49,2024-01-01,2025-01-01\n"
        + f"{SBER},,Sample Holding,KZ,,2025-01-01,\n"
    )

    assert counts(run("ownerships", data)) == ("done", 3, 0, 0, 0)
    assert counts(run("ownerships", data)) == ("done", 0, 0, 3, 0)
    assert counts(run("ownerships", data.replace(",51,", ",60,"))) == ("done", 0, 1, 2, 0)
    assert list(Ownership.objects.order_by("pk").values_list("owner", "owner_name", "share_percent")) == [
        (host.pk, "", 60),
        (None, "Sample Holding", 49),
        (None, "Sample Holding", None),
    ]


@pytest.mark.parametrize(
    ("noun", "data", "column", "code"),
    [
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,MP-1,,,2025-01-01,\n", "metering_point", "metering_point_taken"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,0,,2025-01-01,\n", "capacity_kw", "not_positive"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,-5,,2025-01-01,\n", "capacity_kw", "negative"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,1e9,,2025-01-01,\n", "capacity_kw", "not_a_number"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,999999999999,,2025-01-01,\n", "capacity_kw", "too_large"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,1.2345,,2025-01-01,\n", "capacity_kw", "too_precise"),
        ("sites", SITES + f'{SBER},Hall 2,RU-IRK,,"1,5",,2025-01-01,\n', "capacity_kw", "not_a_number"),
        ("sites", SITES + f"{SBER},Hall 2,RU-IRK,,,maybe,2025-01-01,\n", "off_grid", "not_yes_or_no"),
        ("sites", SITES + f"ru.inn={factories.inn_of_company(9)},H,RU,,,,2025-01-01,\n", "miner", "unknown_miner"),
        ("devices", DEVICES + "MP-7,,,Bitmain,Antminer S21,,1,2025-01-01,\n", "metering_point", "unknown_site"),
        ("devices", DEVICES + f",{SBER},Hall 7,Bitmain,Antminer S21,,1,2025-01-01,\n", "site", "unknown_site"),
        ("devices", DEVICES + ",,Hall 7,Bitmain,Antminer S21,,1,2025-01-01,\n", "site", "no_site"),
        ("devices", DEVICES + "MP-1,,,Bitmain,S99,,1,2025-01-01,\n", "model", "unknown_device_model"),
        ("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,S,2,2025-01-01,\n", "quantity", "serial_means_one"),
        ("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,,0,2025-01-01,\n", "quantity", "out_of_range"),
        ("devices", DEVICES + "MP-1,,,Bitmain,Antminer S21,,3000000000,2025-01-01,\n", "quantity", "out_of_range"),
        ("sightings", SIGHTINGS + "rumour,G,1,2025-04-17,RU,,,,,,\n", "kind", "unknown_word"),
        ("sightings", SIGHTINGS + "seizure,G,1,2026-04-17,RU,,,,,,\n", "seen_on", "in_the_future"),
        ("sightings", SIGHTINGS + "seizure,G,1,2025-04-17,RU,,,,,ftp://x,\n", "url", "not_an_address"),
        ("sightings", SIGHTINGS + "seizure,G,,2025-04-17,RU,,,,,,\n", "reference", "empty"),
        ("sightings", LISTED + "seizure,no such,G,1,2025-04-17,RU,,\n", "list", "unknown_list"),
        ("sightings", LISTED + "seizure,register,G,1,2025-04-17,RU,,\n", "list", "list_of_the_register"),
        ("sightings", LISTED + "seizure,audit,G,1,2025-04-17,RU,,\n", "list", "list_of_another_kind"),
        ("readings", READINGS + "MP-1,2025-13,1\n", "month", "not_a_month"),
        ("readings", READINGS + "MP-1,2025-03-15,1\n", "month", "not_a_month"),
        ("readings", READINGS + "MP-1,2026-02,1\n", "month", "in_the_future"),
        ("readings", READINGS + "MP-1,2025-03,-1\n", "energy_kwh", "negative"),
        ("declarations", DECLARATIONS + f"{SBER},2025-03,BTC,-0.5,2025-04-17\n", "amount", "negative"),
        ("declarations", DECLARATIONS + f"{SBER},2025-03,BTC,1,2025-02-17\n", "declared_on", "declared_before_month"),
        ("declarations", HELD + f"{SBER},2025-03,2,BTC,1,,,2025-04-17\n", "months", "unknown_word"),
        ("declarations", HELD + f"{SBER},2025-03,,BTC,1,,a?,2025-04-17\n", "contents", "not_a_word"),
        ("sites", FURTHER + f"{SBER},H,RU,101,,,,,2025-01-01\n", "interruptible_percent", "out_of_range"),
        ("sites", FURTHER + f"{SBER},H,RU,,,park,,,2025-01-01\n", "land_use", "unknown_word"),
        ("sites", FURTHER + f"{SBER},H,RU,,,,{HOST},,2025-01-01\n", "host", "unknown_host"),
        ("sites", FURTHER + f"{SBER},H,RU,,,,{SBER},,2025-01-01\n", "host", "host_is_the_miner"),
        ("sites", FURTHER + f"{SBER},H,RU,,,,,2025-01-02,2025-01-01\n", "disclosed_on", "disclosed_by_nobody"),
        ("accounts", ACCOUNTS + f"{SBER},2025,,,,RUB,s\n", "damage", "no_sum"),
        ("accounts", "miner,year,currency,source\n" + f"{SBER},2025,RUB,s\n", "miner", "no_sum"),
        ("accounts", ACCOUNTS + f"{SBER},2027,1,,,RUB,s\n", "year", "in_the_future"),
        ("accounts", ACCOUNTS + f"{SBER},2008,1,,,RUB,s\n", "year", "too_early"),
        ("accounts", ACCOUNTS + f"{SBER},25,1,,,RUB,s\n", "year", "not_a_year"),
        ("accounts", ACCOUNTS + f"{SBER},2025,1,,,roubles,s\n", "currency", "not_a_currency"),
        ("impediments", IMPEDIMENTS + f"{SBER},rumour,s,2025-01-01,\n", "kind", "unknown_word"),
        ("impediments", IMPEDIMENTS + f"{SBER},listed,,2025-01-01,\n", "source", "empty"),
        ("impediments", IMPEDIMENTS + f"{SBER},listed,s,2026-04-01,\n", "from", "in_the_future"),
        ("ownerships", OWNERSHIPS + f"{SBER},{SBER},,,,,\n", "owner", "owner_is_the_miner"),
        ("ownerships", OWNERSHIPS + f"{SBER},{HOST},,,,,\n", "owner", "unknown_owner"),
        ("ownerships", OWNERSHIPS + f"{SBER},{HOST},Name,,,,\n", "owner_name", "no_one_owner"),
        ("ownerships", "miner\n" + f"{SBER}\n", "miner", "no_one_owner"),
        ("ownerships", OWNERSHIPS + f"{SBER},,Name,,0,,\n", "share_percent", "not_positive"),
    ],
)
def test_row_is_refused_when_a_cell_is_wrong(run, site, model, noun, data, column, code):
    result = run(noun, data)

    assert counts(result) == ("done", 0, 0, 0, 1)
    assert errors(result) == [(2, column, code)]


@pytest.mark.parametrize(
    ("noun", "header", "line", "column"),
    [
        ("sites", SITES, f"{SBER},Hall 3,RU-IRK,,,,2025-01-01,\n", "name"),
        ("devices", DEVICES, "MP-1,,,Bitmain,Antminer S21,,40,2025-01-01,\n", "model"),
        ("sightings", SIGHTINGS, "seizure,G,1,2025-04-17,RU,,,,,,\n", "reference"),
        ("readings", READINGS, "MP-1,2025-03,1\n", "metering_point"),
        ("declarations", DECLARATIONS, f"{SBER},2025-03,BTC,1,2025-04-17\n", "miner"),
        ("accounts", ACCOUNTS, f"{SBER},2025,1,,,RUB,s\n", "year"),
        ("impediments", IMPEDIMENTS, f"{SBER},listed,s,2025-01-01,\n", "source"),
        ("ownerships", OWNERSHIPS, f"{SBER},,Name,,,,\n", "owner_name"),
    ],
)
def test_later_row_is_refused_when_two_speak_of_the_same(run, site, model, noun, header, line, column):
    result = run(noun, header + line + line)

    assert counts(result) == ("done", 1, 0, 0, 1)
    assert errors(result) == [(3, column, "twice_in_file")]
    assert RowError.objects.get(import_run=result).reason.startswith("Line 2 of the file already speaks of")


@pytest.mark.parametrize("noun", NOUNS.values(), ids=lambda noun: noun.name)
def test_example_of_a_noun_names_its_columns_when_shown(noun):
    header = noun.example.split("\n")[0].split(",")

    assert set(header) <= set(noun.column_names)
    assert {column.name for column in noun.columns if column.required} <= set(header)


@pytest.mark.parametrize("noun", NOUNS.values(), ids=lambda noun: noun.name)
def test_page_shows_the_example_and_all_columns_when_a_noun_exists(noun):
    page = (settings.BASE_DIR / "docs/howto/import-a-file.md").read_text(encoding="utf-8")
    section = page.split(f"\n### {noun.name}\n")[1].split("\n### ")[0].split("\n## ")[0]

    assert noun.example in section
    for column in noun.columns:
        assert f"| `{column.name}`{' *' if column.required else ''} | {column.help} |" in section


@pytest.mark.parametrize("scheme", SCHEMES)
def test_page_lists_a_scheme_when_it_is_known(scheme):
    page = (settings.BASE_DIR / "docs/howto/import-a-file.md").read_text(encoding="utf-8")

    assert f"\n| `{scheme}` | {SCHEMES[scheme].title} | " in page
