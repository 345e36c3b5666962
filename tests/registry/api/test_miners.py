"""Miners and what hangs on them, written and read back."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.models import Impediment, Import, Miner, RowError
from tests.api_client import VERBS, Api, user_with
from tests.factories import DeviceModelFactory, MinerFactory, RegisterFactory, SiteFactory, TerritoryFactory

pytestmark = pytest.mark.django_db

BODY = {
    "name": "ООО Ангара",
    "kind": "legal_entity",
    "territory": "RU-IRK",
    "country": "RU",
    "operating": {"from": "2024-11-01", "to": None},
    "identifiers": [{"scheme": "ru.inn", "value": "7707 083 893"}],
    "note": "",
}


def test_miner_is_stored_and_read_back_whole(api):
    TerritoryFactory()
    response = api.post("miners/", BODY)
    miner = Miner.objects.get()
    expected = {
        "id": miner.pk,
        **BODY,
        "identifiers": [{"scheme": "ru.inn", "value": "7707083893"}],
        "import_run": None,
        "created_at": response.json()["created_at"],
    }
    assert (response.status_code, response.json()) == (201, expected)
    assert response["Location"] == f"http://testserver/api/v1/miners/{miner.pk}/"
    assert api.get(f"miners/{miner.pk}/").json() == expected
    assert api.get("miners/").json() == {"as_of": None, "next": None, "previous": None, "results": [expected]}


def test_change_touches_what_it_names_only(api):
    miner = MinerFactory()
    before = api.get(f"miners/{miner.pk}/").json()
    response = api.patch(f"miners/{miner.pk}/", {"note": "called on 1 May"})
    assert response.json() == {**before, "note": "called on 1 May"}


def test_answer_of_one_reading_can_be_sent_back_as_a_change(api):
    miner = MinerFactory()
    before = api.get(f"miners/{miner.pk}/").json()
    response = api.patch(f"miners/{miner.pk}/", before)
    assert (response.status_code, response.json()) == (200, before)


def test_identifiers_are_replaced_as_a_whole_list(api):
    miner = MinerFactory(identifiers={"ru.inn": "7707083893", "ru.ogrn": "1027700132195"})
    kept = miner.identifiers.get(scheme="ru.inn").pk
    numbers = [{"scheme": "ru.inn", "value": "7707083893"}, {"scheme": "lei", "value": "253400V1H6ART1UQ0N98"}]
    response = api.patch(f"miners/{miner.pk}/", {"identifiers": numbers})
    assert response.status_code == 200, response.content
    assert {(each["scheme"], each["value"]) for each in response.json()["identifiers"]} == {
        ("ru.inn", "7707083893"),
        ("lei", "253400V1H6ART1UQ0N98"),
    }
    assert miner.identifiers.get(scheme="ru.inn").pk == kept


def test_change_is_undone_whole_when_a_part_of_it_is_refused(api):
    MinerFactory(identifiers={"ru.inn": "7707083893"})
    miner = MinerFactory()
    response = api.patch(
        f"miners/{miner.pk}/", {"note": "new", "identifiers": [{"scheme": "ru.inn", "value": "7707083893"}]}
    )
    assert (response.status_code, response.json()["code"]) == (409, "identifier_of_one_miner")
    miner.refresh_from_db()
    assert miner.note == ""
    assert miner.identifiers.count() == 1


def test_kind_that_contradicts_the_numbers_on_file_is_refused(api):
    miner = MinerFactory()
    response = api.patch(f"miners/{miner.pk}/", {"kind": "individual"})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "kind_mismatch")


def test_miner_is_named_by_identifier_where_others_refer_to_it(api):
    RegisterFactory()
    miner = MinerFactory(identifiers={"ru.inn": "7707083893"})
    entry = {
        "register": "ru.miners",
        "miner": "ru.inn=7707083893",
        "number": "1",
        "period": {"from": "2025-01-01", "to": None},
    }
    response = api.post("registrations/", entry)
    assert response.status_code == 201, response.content
    assert response.json() == {
        **entry,
        "id": response.json()["id"],
        "miner": miner.pk,
        "miner_name": miner.name,
        "applied_on": None,
        "status": "active",
        "reason": "",
        "import_run": None,
        "created_at": response.json()["created_at"],
    }


@pytest.mark.parametrize("number", ["ru.inn=7707083893", 999, True, None, "7707083893", [], "ru.inn=\0"])
def test_unknown_miner_is_refused(api, number):
    RegisterFactory()
    response = api.post("registrations/", {"register": "ru.miners", "miner": number, "status": "applied"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "miner"


def test_every_other_noun_is_written_and_read_back(api):
    site = SiteFactory()
    miner, model, operator = site.miner_id, DeviceModelFactory().pk, MinerFactory(operator=True).pk
    period = {"from": "2025-01-01", "to": "2025-02-01"}
    bodies = {
        "ownerships/": {"miner": miner, "owner_name": "Иванов", "owner_country": "RU", "share_percent": "51.000",
                        "period": {"from": None, "to": None}},
        "sites/": {"miner": miner, "name": "Ангар", "territory": "RU-IRK", "capacity_kw": "10.500", "off_grid": None,
                   "interruptible_percent": "25.00", "data_centre": None, "land_use": "farmland", "host": operator,
                   "disclosed_on": "2025-01-15", "period": period},
        "device-models/": {"maker": "MicroBT", "name": "M60", "algorithm": "SHA-256", "hashrate": "170.0000",
                           "hashrate_unit": "TH/s"},
        "devices/": {"site": site.pk, "model": model, "serial_number": "S-1", "quantity": 1, "period": period},
        "registers/": {"code": "kz.miners", "name": "Register", "kind": "miners", "territory": "RU"},
        "sightings/": {"kind": "seizure", "source": "police", "reference": "1", "seen_on": "2025-03-01",
                       "territory": "RU-IRK", "miner": miner},
        "readings/": {"metering_point": "MP", "month": "2025-03-01", "energy_kwh": "6000.000"},
        "declarations/": {"miner": miner, "month": "2025-03-01", "currency": "BTC", "amount": "0.500000000000",
                          "months": 3, "energy_kwh": "842000.000", "contents": ["addresses"],
                          "declared_on": "2025-04-20"},
        "accounts/": {"miner": miner, "year": 2025, "turnover": "1000000.00", "gain": None, "damage": "0.50",
                      "currency": "RUB", "source": "statement"},
        "impediments/": {"miner": miner, "kind": "conviction", "source": "judgment 1",
                         "period": {"from": "1999-05-01", "to": None}},
    }  # fmt: skip
    for path, body in bodies.items():
        created = api.post(path, body)
        assert created.status_code == 201, created.content
        assert created.json() == {**created.json(), **body}
        one = f"{path}{created.json()['id']}/"
        assert api.get(one).json() == created.json()
        assert api.delete(one).status_code == 204
        assert api.get(one).status_code == 404


def file(text: str = "name\n") -> SimpleUploadedFile:
    return SimpleUploadedFile("miners.csv", text.encode(), content_type="text/csv")


def test_import_is_taken_in_and_said_where(api):
    response = api.client.post("/api/v1/imports/", {"noun": "miners", "file": file(), "dry_run": "true"})
    run = Import.objects.get()
    assert response.status_code == 202
    assert response["Location"] == f"http://testserver/api/v1/imports/{run.pk}/"
    assert response.json() == api.get(f"imports/{run.pk}/").json()
    assert {name: response.json()[name] for name in ("noun", "file_name", "status", "dry_run")} == {
        "noun": "miners",
        "file_name": "miners.csv",
        "status": "queued",
        "dry_run": True,
    }
    assert api.results(f"imports/{run.pk}/errors/") == []
    assert api.get(f"imports/{run.pk + 1}/errors/").status_code == 404


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"noun": "tokens"}, "noun"),
        ({"noun": "miners", "file": "text"}, "file"),
        ({"noun": "miners", "dry_run": "perhaps"}, "dry_run"),
        ({"noun": "miners", "dryrun": "true"}, "dryrun"),
    ],
)
def test_import_is_refused_with_the_field(api, form, field):
    response = api.client.post("/api/v1/imports/", {"file": file(), **form})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not Import.objects.exists()


def test_import_takes_the_permissions_of_what_it_writes():
    api = Api(user_with([Import], VERBS))
    response = api.client.post("/api/v1/imports/", {"noun": "miners", "file": file()})
    assert response.status_code == 403
    assert "registry.add_miner" in response.json()["detail"]
    assert not Import.objects.exists()


def test_refused_rows_are_read_by_those_who_may_read_the_stored_ones():
    run = Import.objects.create(noun="impediments", file_name="a.csv", sha256="0" * 64, status="done", refused=1)
    RowError.objects.create(import_run=run, line=2, column="kind", value="x", code="unknown_word", reason=".", row={})
    path = f"imports/{run.pk}/errors/"
    response = Api(user_with([Import, RowError])).get(path)
    assert response.status_code == 403
    assert "registry.view_impediment" in response.json()["detail"]
    assert len(Api(user_with([Import, RowError, Impediment])).results(path)) == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("accounts/", {"year": 2008, "currency": "RUB", "source": "s"}, "year"),
        ("accounts/", {"year": 2025, "currency": "rubles", "source": "s"}, "currency"),
        ("impediments/", {"kind": "rumour", "source": "s", "period": {"from": "2025-01-01"}}, "kind"),
        ("impediments/", {"kind": "listed", "source": "s", "period": {"from": "2999-01-01"}}, "period"),
        ("declarations/", {"month": "2025-01-01", "currency": "BTC", "amount": "1", "declared_on": "2025-02-01",
                           "contents": ["two words"]}, "contents.0"),
    ],
)  # fmt: skip
def test_value_that_cannot_be_is_refused_at_its_field(api, path, body, field):
    response = api.post(path, {"miner": MinerFactory().pk, **body})
    assert response.status_code == 400, response.content
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("sites/", {"name": "H", "territory": "RU-IRK", "disclosed_on": "2025-01-02",
                    "period": {"from": "2025-01-01"}}, "site_disclosed_by_a_host"),
        ("sites/", {"name": "H", "territory": "RU-IRK", "interruptible_percent": "101",
                    "period": {"from": "2025-01-01"}}, "site_interruptible_up_to_100"),
        ("declarations/", {"month": "2025-01-01", "months": 2, "currency": "BTC", "amount": "1",
                           "declared_on": "2025-02-01"}, "declaration_of_a_month_quarter_or_year"),
    ],
)  # fmt: skip
def test_the_database_says_in_words_what_cannot_be(api, path, body, code):
    response = api.post(path, {"miner": MinerFactory().pk, **body})
    assert (response.status_code, response.json()["code"]) == (422, code)


def test_host_of_a_site_cannot_be_deleted(api):
    site = SiteFactory(disclosed=True)
    response = api.delete(f"miners/{site.host_id}/")
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
