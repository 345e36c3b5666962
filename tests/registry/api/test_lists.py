"""Lists: how many questions each asks of the database, and what its filters find."""

import datetime as dt

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from registry.models import Identifier, Miner
from tests.api_client import Api, user_with
from tests.factories import (
    AccountFactory,
    DeclarationFactory,
    DeviceFactory,
    DeviceModelFactory,
    ImpedimentFactory,
    LinkFactory,
    MergerFactory,
    MinerFactory,
    OwnershipFactory,
    ReadingFactory,
    RegisterFactory,
    RegistrationFactory,
    SightingFactory,
    SightingListFactory,
    SiteFactory,
    TerritoryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

# The token with its user comes first; a superuser's permissions ask nothing.
QUERIES = {
    "territories/": (lambda n: TerritoryFactory(code=f"RU-X{n}"), 2),
    "miners/": (lambda n: MinerFactory(), 3),
    "sites/": (lambda n: SiteFactory(), 2),
    "device-models/": (lambda n: DeviceModelFactory(name=f"S{n}"), 2),
    "devices/": (lambda n: DeviceFactory(), 2),
    "registers/": (lambda n: RegisterFactory(code=f"r{n}"), 2),
    "registrations/": (lambda n: RegistrationFactory(), 2),
    "sightings/": (lambda n: SightingFactory(known=True), 2),
    "lists/": (lambda n: SightingListFactory(regional=True, code=f"l{n}", territories=[TerritoryFactory()]), 3),
    "links/": (lambda n: LinkFactory(), 2),
    "mergers/": (lambda n: MergerFactory(), 2),
    "readings/": (lambda n: ReadingFactory(), 2),
    "declarations/": (lambda n: DeclarationFactory(), 2),
    "accounts/": (lambda n: AccountFactory(), 2),
    "impediments/": (lambda n: ImpedimentFactory(), 2),
    "imports/": (lambda n: None, 2),
    "ownerships/": (lambda n: OwnershipFactory(named=True), 2),
}


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("rows", [1, 12])
def test_number_of_queries_does_not_depend_on_the_rows(path, rows, django_assert_num_queries):
    api = Api(UserFactory(superuser=True))
    make, expected = QUERIES[path]
    for number in range(rows):
        make(number)
    api.get(path)
    with django_assert_num_queries(expected):
        assert api.get(path).status_code == 200


def test_permissions_ask_twice_more_for_an_ordinary_user(django_assert_num_queries):
    api = Api(user_with([Miner]))
    api.get("miners/")
    # the token; the user's permissions, the groups'; the page (no row, so no identifiers)
    with django_assert_num_queries(4):
        api.get("miners/")


def ids(api: Api, path: str, **query: str) -> list[int]:
    return [row["id"] for row in api.results(path, **query)]


def test_miners_are_found_by_territory_with_all_that_lies_below(api):
    town = MinerFactory(territory=TerritoryFactory(municipality=True))
    region = MinerFactory()
    elsewhere = MinerFactory(territory=TerritoryFactory(code="KZ", country=True, name="Kazakhstan"))
    assert ids(api, "miners/", territory="RU-IRK-x-angarsk") == [town.pk]
    assert ids(api, "miners/", territory="RU-IRK") == [town.pk, region.pk]
    assert ids(api, "miners/", territory="RU,KZ") == [town.pk, region.pk, elsewhere.pk]


def test_miners_are_found_by_number_and_by_a_part_of_the_name(api):
    miner = MinerFactory(name="ООО «Байкал Майнинг»", identifiers={"ru.inn": "7707083893"})
    MinerFactory()
    assert ids(api, "miners/", identifier="ru.inn=7707083893") == [miner.pk]
    assert ids(api, "miners/", identifier="ru.inn=7707 083 893") == [miner.pk]
    assert ids(api, "miners/", search="7707083893") == [miner.pk]
    assert ids(api, "miners/", search="ru.inn=7707083893") == [miner.pk]
    assert ids(api, "miners/", search="байкал") == [miner.pk]
    assert ids(api, "miners/", search="770708389") == []
    assert ids(api, "miners/", scheme="ru.ogrn") == []
    assert ids(api, "miners/", name="ооо «байкал майнинг»") == [miner.pk]


def test_miners_are_told_apart_by_registration_on_a_day(api):
    entered = RegistrationFactory(period=DateRange(dt.date(2025, 1, 1), dt.date(2025, 6, 1))).miner
    never = MinerFactory()
    RegistrationFactory(miner=never, pending=True)
    assert ids(api, "miners/", registered_on="2025-05-31") == [entered.pk]
    assert ids(api, "miners/", registered_on="2025-06-01") == []
    assert ids(api, "miners/", unregistered_on="2025-05-31") == [never.pk]
    assert ids(api, "miners/", register="ru.miners") == [entered.pk]


def test_list_as_of_a_day_holds_what_held_then_and_echoes_the_day(api):
    stopped = MinerFactory(stopped=True)
    running = MinerFactory()
    body = api.get("miners/", {"as_of": "2025-05-31"}).json()
    assert (body["as_of"], [row["id"] for row in body["results"]]) == ("2025-05-31", [stopped.pk, running.pk])
    assert ids(api, "miners/", as_of="2025-06-01") == [running.pk]
    assert ids(api, "miners/") == [stopped.pk, running.pk]


def test_kinds_are_listed_with_commas(api):
    person, host = MinerFactory(individual=True), MinerFactory(operator=True)
    MinerFactory()
    assert ids(api, "miners/", kind="individual,operator") == [person.pk, host.pk]


def test_days_are_bounded_with_from_and_to(api):
    days = [SightingFactory(seen_on=dt.date(2025, 3, day)) for day in (1, 2, 3)]
    assert ids(api, "sightings/", seen_from="2025-03-02") == [days[1].pk, days[2].pk]
    assert ids(api, "sightings/", seen_from="2025-03-02", seen_to="2025-03-02") == [days[1].pk]
    assert ids(api, "sightings/", miner_known="false") == [day.pk for day in days]


def test_readings_are_found_by_the_miner_of_their_site(api):
    site = SiteFactory()
    reading = ReadingFactory(metering_point=site.metering_point)
    ReadingFactory(metering_point="nobody's")
    number = Identifier.objects.get(miner=site.miner)
    assert ids(api, "readings/", miner=str(site.miner_id)) == [reading.pk]
    assert ids(api, "readings/", site=str(site.pk)) == [reading.pk]
    assert ids(api, "readings/", identifier=f"{number.scheme}={number.value}") == [reading.pk]
    assert ids(api, "readings/", territory="RU") == [reading.pk]


def test_sites_are_found_by_what_some_laws_ask(api):
    plain = SiteFactory()
    hosted = SiteFactory(disclosed=True, in_data_centre=True, land_use="farmland", interruptible_percent=30)
    number = Identifier.objects.get(miner=hosted.host)
    assert ids(api, "sites/", hosted="true") == ids(api, "sites/", disclosed="true") == [hosted.pk]
    assert ids(api, "sites/", host=str(hosted.host_id)) == [hosted.pk]
    assert ids(api, "sites/", host_identifier=f"{number.scheme}={number.value}") == [hosted.pk]
    assert ids(api, "sites/", data_centre="true") == ids(api, "sites/", land_use="farmland") == [hosted.pk]
    assert ids(api, "sites/", data_centre_known="false") == [plain.pk]
    assert ids(api, "sites/", interruptible_from="30") == [hosted.pk]
    assert ids(api, "sites/", interruptible_from="30.01") == []


def test_accounts_are_found_by_year_and_by_what_is_known(api):
    known = AccountFactory(year=2024)
    unknown = AccountFactory(nothing_known=True)
    assert ids(api, "accounts/", year="2024") == ids(api, "accounts/", gain_known="true") == [known.pk]
    assert ids(api, "accounts/", gain_known="false", territory="RU") == [unknown.pk]
    assert ids(api, "accounts/", turnover_from="100000000.01") == []


def test_impediments_are_those_in_effect_when_a_day_is_asked_for(api):
    lifted = ImpedimentFactory(lifted=True)
    standing = ImpedimentFactory(conviction=True, miner=lifted.miner)
    assert ids(api, "impediments/", as_of="2025-05-31") == [lifted.pk, standing.pk]
    assert ids(api, "impediments/", as_of="2025-06-01") == [standing.pk]
    assert ids(api, "impediments/", miner=str(lifted.miner_id), kind="listed") == [lifted.pk]
