"""Owners, bans and hosts: the rules answer for all at once what a plain reading says of one miner on one day."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import Act, BannedArea, LawPack, Norm
from compliance.models.fields import Days
from compliance.rules import Rule, Scope
from compliance.rules.ban import AddedArea, Ban
from compliance.rules.eligibility import Eligibility
from compliance.rules.hosting import Hosting
from compliance.selectors.bans import allowed
from registry.choices import RegisterKind, TerritoryKind
from registry.models import Impediment, Miner, Ownership, Reading, Register, Registration, Site, Territory

START = dt.date(2025, 1, 1)
DAYS = 150
LAST = START + dt.timedelta(days=DAYS)

PARENTS = {
    "RU": None,
    "RU-IRK": "RU",
    "RU-BU": "RU",
    "RU-IRK-x-angarsk": "RU-IRK",
    "RU-IRK-x-tulun": "RU-IRK",
    "RU-BU-x-kabansk": "RU-BU",
    "KZ": None,
    "CN": None,
}
PLACES = [code for code in PARENTS if code not in ("KZ", "CN")]


def day_of(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


day_numbers = st.integers(0, DAYS)
periods = st.tuples(day_numbers, st.none() | st.integers(1, 90)).map(
    lambda pair: DateRange(day_of(pair[0]), None if pair[1] is None else day_of(pair[0] + pair[1]))
)
open_periods = periods | periods.map(lambda period: DateRange(None, period.upper)) | st.just(DateRange(None, None))
laws = st.one_of(
    st.just(Days([DateRange(day_of(20), None)])),
    st.just(Days([DateRange(None, None)])),
    st.just(Days([DateRange(day_of(10), day_of(50)), DateRange(day_of(70), day_of(120))])),
)
samples = st.lists(day_numbers, min_size=3, max_size=3, unique=True)
in_one_go = settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass
class World:
    """What every example starts from: the places, two registers and an act; `norm` makes one that is law."""

    places: dict[str, Territory]
    pack: LawPack
    act: Act
    registers: dict[str, Register] = field(default_factory=dict)
    made: int = 0

    def norm(self, kind: str, parameters: dict[str, Any], law: Days, **columns: Any) -> Norm:
        self.made += 1
        norm: Norm = Norm.objects.create(
            pack=self.pack,
            act=self.act,
            code=f"ru.norm-{self.made}",
            kind=kind,
            title="A norm",
            sentence="It says so.",
            article="art. 1",
            territory=columns.pop("territory", self.places["RU"]),
            parameters=parameters,
            in_force=law,
            confidence="H",
            **columns,
        )
        norm.in_force = law
        return norm


@pytest.fixture
def world(db: None) -> World:
    places: dict[str, Territory] = {}
    kinds = {0: TerritoryKind.COUNTRY, 1: TerritoryKind.REGION, 3: TerritoryKind.MUNICIPALITY}
    for code, parent in PARENTS.items():
        places[code] = Territory.objects.create(
            code=code, name=code, kind=kinds[code.count("-")], parent=places[parent] if parent else None
        )
    pack = LawPack.objects.create(
        code="ru", title="Russia", territory=places["RU"], time_zone="Europe/Moscow", version="1", sha256="0"
    )
    registers = {
        kind: Register.objects.create(code=f"ru.{kind}", name=kind, kind=kind, territory=places["RU"])
        for kind in (RegisterKind.MINERS, RegisterKind.OPERATORS)
    }
    return World(places, pack, Act.objects.create(pack=pack, code="ru.act", title="An act", citation="1"), registers)


@contextmanager
def undone() -> Iterator[None]:
    """What one example stores is gone before the next."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def verdicts(rule: Rule, days: list[dt.date], scope: Scope) -> list[tuple[dt.date, set[int], dict[int, str]]]:
    """Whom (or which site) the rule finds in breach on each day, and the fact that it lacks of the others.

    Whether it is asked of a day or of all days, it must find the same.
    """
    spans = [(row[1] or row[0], row[4]) for row in rule.spans(scope, LAST)]
    found = []
    for day in days:
        broken = {row[1] or row[0] for row in rule.open_on(day, scope)}
        assert broken == {key for key, valid in spans if day in valid}, day
        rows = list(rule.undetermined(day, scope).values_list("pk", "missing_fact"))
        assert len(rows) == len(dict(rows)), "a miner is undetermined once"
        found.append((day, broken, dict(rows)))
    return found


# Owners.

countries = st.sampled_from(["RU", "RU", "RU", "RU", "RU", "RU", "KZ", "CN", None])
persons = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["legal_entity", "legal_entity", "entrepreneur", "individual"]),
        "country": countries,
        "operating": periods,
        "place": st.sampled_from(["RU-IRK", "RU-IRK-x-angarsk", "RU", "KZ"]),
        "impediments": st.lists(st.tuples(st.sampled_from(["conviction", "listed"]), periods), max_size=1),
        "owners": st.lists(
            st.fixed_dictionaries(
                {
                    "owner": st.integers(0, 30) | st.integers(0, 30) | st.none(),
                    "country": countries,
                    "share": st.sampled_from([None, 20, 50, 100]),
                    "period": st.just(DateRange(None, None)) | open_periods,
                }
            ),
            max_size=2,
        ),
    }
)


@st.composite
def eligibility(draw: st.DrawFn) -> dict[str, Any]:
    parameters: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"country": "RU"},
                {"country": "RU"},
                {"countries": ["RU", "KZ"]},
                {"barred_countries": ["CN"]},
                {"impediments": ["conviction"]},
            ]
        )
    )
    parameters = dict(parameters)
    if draw(st.booleans()):
        parameters.setdefault("impediments", ["conviction", "listed"])
    if draw(st.integers(0, 4)):
        parameters["owners"] = {"share_percent_from": "50"}
    if draw(st.booleans()):
        parameters["divest_days"] = 40
    return parameters


def foreign(country: str | None, parameters: dict[str, Any]) -> bool:
    if country is None:
        return False
    if "barred_countries" in parameters:
        return country in parameters["barred_countries"]
    asked = [parameters["country"]] if "country" in parameters else parameters.get("countries")
    return asked is not None and country not in asked


def unknown(country: str | None, parameters: dict[str, Any]) -> bool:
    return country is None and not {"country", "countries", "barred_countries"}.isdisjoint(parameters)


def impeded(number: int | None, people: list[dict[str, Any]], parameters: dict[str, Any], day: dt.date) -> bool:
    kinds = parameters.get("impediments", [])
    return number is not None and any(kind in kinds and day in period for kind, period in people[number]["impediments"])


def owners_on(number: int, people: list[dict[str, Any]], day: dt.date) -> set[tuple[int | None, str | None, bool]]:
    """Who owns the person on the day, directly or through others: number, country, and whether it is sure."""
    found: set[tuple[int | None, str | None, bool]] = set()
    waiting = [(number, True)]
    while waiting:
        owned, sure = waiting.pop()
        for stake in people[owned]["owners"]:
            if day not in stake["period"] or (stake["share"] is not None and stake["share"] < 50):
                continue
            owner = stake["owner"]
            country = stake["country"] if owner is None else people[owner]["country"] or stake["country"]
            one = (owner, country, sure and stake["share"] is not None)
            if one not in found:
                found.add(one)
                if owner is not None:
                    waiting.append((owner, one[2]))
    return found


def who_is_barred(
    number: int, people: list[dict[str, Any]], parameters: dict[str, Any], law: Days, day: dt.date
) -> str | None:
    """The plain reading: “breach”, the name of the missing fact, or nothing."""
    person = people[number]
    if person["kind"] == "individual" or person["place"] == "KZ" or day not in person["operating"] or day not in law:
        return None
    begun = law[0].lower
    if (
        begun
        and person["operating"].lower < begun
        and day < begun + dt.timedelta(days=parameters.get("divest_days", 0))
    ):
        return None
    owners = owners_on(number, people, day) if "owners" in parameters else set()
    if foreign(person["country"], parameters) or impeded(number, people, parameters, day):
        return "breach"
    for owner, country, sure in owners:
        if sure and (foreign(country, parameters) or impeded(owner, people, parameters, day)):
            return "breach"
    if unknown(person["country"], parameters):
        return "country of incorporation"
    if any(sure and unknown(country, parameters) for _, country, sure in owners):
        return "country of an owner"
    for owner, country, sure in owners:
        barred = foreign(country, parameters) or unknown(country, parameters)
        if not sure and (barred or impeded(owner, people, parameters, day)):
            return "share of an owner"
    return None


def store_people(world: World, people: list[dict[str, Any]]) -> list[Miner]:
    stored = Miner.objects.bulk_create(
        Miner(
            name=f"Person {number}",
            kind=person["kind"],
            territory=world.places[person["place"]],
            country=world.places[person["country"]] if person["country"] else None,
            operating=person["operating"],
        )
        for number, person in enumerate(people)
    )
    Ownership.objects.bulk_create(
        Ownership(
            miner=stored[number],
            owner=None if stake["owner"] is None else stored[stake["owner"]],
            owner_name="" if stake["owner"] is not None else "An owner",
            owner_country=world.places[stake["country"]] if stake["country"] else None,
            share_percent=stake["share"],
            period=stake["period"],
        )
        for number, person in enumerate(people)
        for stake in person["owners"]
    )
    Impediment.objects.bulk_create(
        Impediment(miner=stored[number], kind=kind, period=period, source=f"file {line}")
        for number, person in enumerate(people)
        for line, (kind, period) in enumerate(person["impediments"])
    )
    return stored


def cut_to(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Owners who are on file are among the people, and nobody owns itself."""
    for number, person in enumerate(people):
        for stake in person["owners"]:
            if stake["owner"] is not None:
                owner = stake["owner"] % len(people)
                stake["owner"] = None if owner == number else owner
    return people


@in_one_go
@given(
    people=st.lists(persons, min_size=6, max_size=30).map(cut_to),
    parameters=eligibility(),
    law=laws,
    on=samples,
    only=st.integers(0, 30),
)
def test_who_is_barred_equals_the_plain_reading_of_each_miner_on_each_day(
    world: World, people: list[dict[str, Any]], parameters: dict[str, Any], law: Days, on: list[int], only: int
) -> None:
    with undone():
        stored = store_people(world, people)
        rule = Eligibility(world.norm("eligibility", parameters, law, miner_kinds=["legal_entity", "entrepreneur"]))
        days = [day_of(number) for number in on]
        one = only % len(stored)
        for scope, numbers in ((Scope(), range(len(stored))), (Scope(miner_ids=(stored[one].pk,)), (one,))):
            for day, broken, missing in verdicts(rule, days, scope):
                expected = {stored[n].pk: who_is_barred(n, people, parameters, law, day) for n in numbers}
                assert broken == {pk for pk, verdict in expected.items() if verdict == "breach"}, day
                assert missing == {pk: verdict for pk, verdict in expected.items() if verdict not in (None, "breach")}


# Bans.

areas = st.fixed_dictionaries(
    {
        "place": st.sampled_from(PLACES),
        "period": open_periods,
        "partial": st.sampled_from([False, False, True]),
        "on_file": st.booleans(),
    }
)
sites = st.fixed_dictionaries(
    {
        "place": st.sampled_from(PLACES),
        "period": periods,
        "off_grid": st.sampled_from([True, False, False, None]),
        "land_use": st.sampled_from(["farmland", "farmland", "industrial", ""]),
    }
)
hosts = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["legal_entity", "individual"]),
        "operating": periods,
        "sites": st.lists(sites, min_size=1, max_size=3),
    }
)
bans = st.fixed_dictionaries(
    {},
    optional={
        "exempt_off_grid_from": st.just(day_of(60).isoformat()),
        "land_use": st.just("farmland"),
        "only_started_from": st.just(day_of(30).isoformat()),
    },
)


def around(place: str) -> list[str]:
    """The place and everything that it lies in."""
    parent = PARENTS[place]
    return [place, *(around(parent) if parent else [])]


def at_site(
    site: dict[str, Any], areas: list[dict[str, Any]], parameters: dict[str, Any], day: dt.date
) -> tuple[bool, list[str]]:
    """The plain reading of a site of an addressed miner that operates under the law: in breach, or what is missing."""
    if day not in site["period"] or site["period"].lower.isoformat() < parameters.get("only_started_from", ""):
        return False, []
    asks_for_grid = "exempt_off_grid_from" in parameters and day.isoformat() >= parameters["exempt_off_grid_from"]
    if asks_for_grid and site["off_grid"] is True:
        return False, []
    if "land_use" in parameters and site["land_use"] == "industrial":
        return False, []
    banning = [area for area in areas if day in area["period"]]
    whole = any(area["place"] in around(site["place"]) and not area["partial"] for area in banning)
    partly = any(area["place"] in around(site["place"]) or site["place"] in around(area["place"]) for area in banning)
    missing = []
    if partly and not whole:
        missing.append("municipality of the site")
    if whole and "land_use" in parameters and site["land_use"] == "":
        missing.append("land use of the site")
    if whole and asks_for_grid and site["off_grid"] is None:
        missing.append("whether the site runs on own off-grid generation")
    return whole and not missing, missing


def banned_rule(world: World, areas: list[dict[str, Any]], parameters: dict[str, Any], law: Days) -> Ban:
    norm = world.norm("ban", parameters, law, miner_kinds=["legal_entity"])
    BannedArea.objects.bulk_create(
        BannedArea(
            norm=norm,
            territory=world.places[area["place"]],
            period=area["period"],
            partial=area["partial"],
            confidence="H",
        )
        for area in areas
        if area["on_file"]
    )
    added = [
        AddedArea(world.places[area["place"]].pk, area["period"], area["partial"])
        for area in areas
        if not area["on_file"]
    ]
    return Ban(norm, areas=added)


ORDER = ["municipality of the site", "land use of the site", "whether the site runs on own off-grid generation"]


@in_one_go
@given(
    miners=st.lists(hosts, min_size=4, max_size=25),
    areas=st.lists(areas, min_size=1, max_size=5),
    parameters=bans,
    law=laws,
    on=samples,
)
def test_ban_equals_the_plain_reading_of_each_site_on_each_day(
    world: World,
    miners: list[dict[str, Any]],
    areas: list[dict[str, Any]],
    parameters: dict[str, Any],
    law: Days,
    on: list[int],
) -> None:
    with undone():
        rule = banned_rule(world, areas, parameters, law)
        stored = Miner.objects.bulk_create(
            Miner(name=f"Miner {n}", kind=m["kind"], territory=world.places["RU"], operating=m["operating"])
            for n, m in enumerate(miners)
        )
        places = [
            (number, site, Site(
                miner=stored[number],
                name=f"Site {line}",
                territory=world.places[site["place"]],
                off_grid=site["off_grid"],
                land_use=site["land_use"],
                period=site["period"],
            ))
            for number, miner in enumerate(miners)
            for line, site in enumerate(miner["sites"])
        ]  # fmt: skip
        Site.objects.bulk_create(row for _, _, row in places)
        days = [day_of(number) for number in on]
        for number, scope in ((None, Scope()), (0, Scope(miner_ids=(stored[0].pk,)))):
            for day, broken, missing in verdicts(rule, days, scope):
                wanted: set[int] = set()
                lacking: dict[int, list[str]] = {}
                for owner, site, row in places:
                    miner = miners[owner]
                    addressed = miner["kind"] == "legal_entity" and day in law and day in miner["operating"]
                    if not addressed or number not in (None, owner):
                        continue
                    guilty, unknown_facts = at_site(site, areas, parameters, day)
                    wanted |= {row.pk} if guilty else set()
                    if unknown_facts:
                        lacking.setdefault(stored[owner].pk, []).extend(unknown_facts)
                assert broken == wanted, day
                assert missing == {pk: min(facts, key=ORDER.index) for pk, facts in lacking.items()}, day


@in_one_go
@given(
    laws=st.lists(st.tuples(st.lists(areas, min_size=1, max_size=3), bans, laws), min_size=1, max_size=3),
    place=st.sampled_from(PLACES),
    on=samples,
)
def test_what_is_allowed_somewhere_equals_what_any_site_there_may_do(
    world: World, laws: list[tuple[list[dict[str, Any]], dict[str, Any], Days]], place: str, on: list[int]
) -> None:
    """Allowed: no site there may be in breach. Banned: every site on the grid is. Else it depends on the site."""
    with undone():
        for areas, parameters, law in laws:
            banned_rule(world, [area | {"on_file": True} for area in areas], parameters, law)
        for day in map(day_of, on):
            of_sites = set()
            for begun in (START, day):
                for use in ("farmland", "industrial"):
                    site = {"place": place, "period": DateRange(begun, None), "off_grid": False, "land_use": use}
                    answers = [at_site(site, areas, parameters, day) for areas, parameters, law in laws if day in law]
                    broken, doubted = any(broken for broken, _ in answers), any(missing for _, missing in answers)
                    of_sites.add("banned" if broken else "undetermined" if doubted else "allowed")
            found = allowed(world.places[place], day)
            assert found.verdict == (of_sites.pop() if len(of_sites) == 1 else "undetermined"), day
            assert bool(found.depends_on) == (found.verdict == "undetermined")


# Hosts.

served = st.fixed_dictionaries(
    {
        "host": st.integers(0, 2),
        "period": periods,
        "disclosed": st.none() | day_numbers,
    }
)
clients = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["legal_entity", "individual"]),
        "operating": periods,
        "entry": st.none() | periods,
        "energy": st.none()
        | st.dictionaries(
            st.integers(1, 5).map(lambda month: dt.date(2025, month, 1)), st.integers(0, 12_000), max_size=3
        ),
        "sites": st.lists(served, min_size=1, max_size=2),
    }
)
hosting = st.one_of(
    st.just({"clients_register": "ru.miners"}),
    st.just({"clients_register": "ru.miners", "disclose": {"within_days": 10}}),
    st.just({"disclose": {"within_days": 0}}),
    st.just({"disclose": {"within_days": "unknown"}}),
    st.just({"clients_register": "ru.miners", "disclose": {"within_days": "unknown"}}),
)


def energy_of(client: dict[str, Any]) -> dict[dt.date, int]:
    """The months that are metered at a site of the client that ran in them."""
    months = {}
    for month, kwh in (client["energy"] or {}).items():
        site, after = client["sites"][0]["period"], (month + dt.timedelta(days=32)).replace(day=1)
        if site.lower < after and (site.upper is None or site.upper > month):
            months[month] = kwh
    return months


def as_client(client: dict[str, Any], law: Days, day: dt.date) -> str | None:
    """The plain reading of a client: “breach” of its duty to be registered, “unknown”, or nothing."""
    if day not in client["operating"] or day not in law or (client["entry"] and day in client["entry"]):
        return None
    if client["kind"] == "legal_entity":
        return "breach"
    energy = energy_of(client)
    if not energy:
        return "unknown"
    metered = [month for month in energy if month <= day]
    return "breach" if metered and energy[max(metered)] > 6000 else None


def as_host(
    number: int, host: DateRange, people: list[dict[str, Any]], parameters: dict[str, Any], laws: tuple[Days, Days],
    day: dt.date,
) -> tuple[str | None, int]:  # fmt: skip
    """The plain reading of a host: “breach” and how many clients and sites make it, a missing fact, or nothing."""
    law, law_of_clients = laws
    if day not in host or day not in law:
        return None, 0
    within = parameters.get("disclose", {}).get("within_days")
    guilty, doubtful, undisclosed = set(), False, False
    for index, client in enumerate(people):
        for line, site in enumerate(client["sites"]):
            if site["host"] != number or day not in site["period"]:
                continue
            if "clients_register" in parameters:
                verdict = as_client(client, law_of_clients, day)
                if verdict == "breach":
                    guilty.add(("client", index))
                doubtful |= verdict == "unknown"
            told = site["disclosed"] is not None and day_of(site["disclosed"]) <= day
            if within is not None and not told:
                if within == "unknown":
                    undisclosed = True
                elif day > max(site["period"].lower, law[0].lower or START) + dt.timedelta(days=within):
                    guilty.add(("site", (index, line)))
    if guilty:
        return "breach", len(guilty)
    if undisclosed:
        return "by when clients must be disclosed", 0
    return ("whether its clients must be registered", 0) if doubtful else (None, 0)


@settings(in_one_go, max_examples=8)
@given(
    operators=st.lists(periods, min_size=3, max_size=3),
    people=st.lists(clients, min_size=3, max_size=20),
    parameters=hosting,
    law=laws,
    law_of_clients=laws,
    on=samples,
)
def test_whom_a_host_serves_equals_the_plain_reading_of_each_host_on_each_day(
    world: World,
    operators: list[DateRange],
    people: list[dict[str, Any]],
    parameters: dict[str, Any],
    law: Days,
    law_of_clients: Days,
    on: list[int],
) -> None:
    with undone():
        register = world.registers["miners"]
        world.norm("registration_duty", {}, law_of_clients, miner_kinds=["legal_entity"], register=register)
        limit = {"energy_kwh_month": "6000"}
        world.norm("energy_limit", limit, law_of_clients, miner_kinds=["individual"], register=register)
        elsewhere = world.registers["operators"]
        world.norm("registration_duty", {}, law_of_clients, miner_kinds=["individual"], register=elsewhere)
        rule = Hosting(world.norm("hosting", parameters, law, miner_kinds=["operator"]))
        stored_hosts = store_hosts(world, operators)
        store_clients(world, people, stored_hosts)
        days = [day_of(number) for number in on]
        laws = (law, law_of_clients)
        for scope, numbers in ((Scope(), range(3)), (Scope(miner_ids=(stored_hosts[0].pk,)), (0,))):
            for day, broken, missing in verdicts(rule, days, scope):
                wanted = {stored_hosts[n].pk: as_host(n, operators[n], people, parameters, laws, day) for n in numbers}
                assert broken == {pk for pk, (verdict, _) in wanted.items() if verdict == "breach"}, day
                assert missing == {
                    pk: verdict for pk, (verdict, _) in wanted.items() if verdict not in (None, "breach")
                }
        for day in days:
            for miner_id, _, _, _, valid, facts in rule.spans(Scope(), day):
                if day in valid:
                    number = [host.pk for host in stored_hosts].index(miner_id)
                    _, on_the_day = as_host(number, operators[number], people, parameters, laws, day)
                    assert facts["violations"] == facts["unregistered_clients"] + facts["undisclosed_sites"]
                    assert facts["violations"] >= on_the_day


def store_hosts(world: World, operators: list[DateRange]) -> list[Miner]:
    return Miner.objects.bulk_create(
        Miner(name=f"Host {n}", kind="operator", territory=world.places["RU-IRK"], operating=period)
        for n, period in enumerate(operators)
    )


def store_clients(world: World, people: list[dict[str, Any]], hosts: list[Miner]) -> None:
    stored = Miner.objects.bulk_create(
        Miner(name=f"Client {n}", kind=client["kind"], territory=world.places["RU-BU"], operating=client["operating"])
        for n, client in enumerate(people)
    )
    Registration.objects.bulk_create(
        Registration(
            miner=stored[n],
            register=world.registers["miners"],
            status="active" if client["entry"].upper is None else "expired",
            period=client["entry"],
        )
        for n, client in enumerate(people)
        if client["entry"]
    )
    Site.objects.bulk_create(
        Site(
            miner=stored[n],
            name=f"Site {line}",
            territory=world.places["RU-BU"],
            metering_point=f"point {n}" if line == 0 else None,
            host=hosts[site["host"]],
            disclosed_on=None if site["disclosed"] is None else day_of(site["disclosed"]),
            period=site["period"],
        )
        for n, client in enumerate(people)
        for line, site in enumerate(client["sites"])
    )
    Reading.objects.bulk_create(
        Reading(metering_point=f"point {n}", month=month, energy_kwh=Decimal(kwh))
        for n, client in enumerate(people)
        for month, kwh in (client["energy"] or {}).items()
    )
