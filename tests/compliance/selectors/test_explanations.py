"""A finding unfolds to its norm, its facts and each step of the arithmetic, by the same prices as the totals."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import Act, Book, Case, Finding, Fine, LawPack, Norm, Penalty, UnitRate
from compliance.rules import RULES, Scope
from compliance.selectors.explained_facts import FACTS
from compliance.selectors.explanations import Explanation, Price, explain
from compliance.selectors.prices import Pricing
from registry.models import Miner
from tests.factories import (
    AccountFactory,
    DeclarationFactory,
    DeviceFactory,
    ImpedimentFactory,
    MinerFactory,
    OwnershipFactory,
    ReadingFactory,
    RegisterFactory,
    RegistrationFactory,
    SiteFactory,
    TerritoryFactory,
)

pytestmark = pytest.mark.django_db

START, DAY = dt.date(2026, 1, 1), dt.date(2026, 10, 27)
IN_FORCE = {
    "status": "in_force",
    "from": "2025-01-01",
    "until": None,
    "confidence": "H",
    "sources": [{"url": "https://example.org/act", "confidence": "H", "note": "gazette"}],
    "note": "",
    "conflicts": [{"says": "It came into force a month later.", "confidence": "M", "sources": []}],
}
TABLED = {**IN_FORCE, "status": "tabled", "from": "2024-05-01", "until": "2024-12-31", "conflicts": []}
ALWAYS = DateRange(dt.date(2025, 1, 1), None)


@pytest.fixture
def pack() -> LawPack:
    """A law that is made up, with a book of its own and a bill that names nothing."""
    pack = LawPack.objects.create(
        code="xx", title="Made up", territory=TerritoryFactory(country=True), time_zone="UTC", version="1", sha256="0"
    )
    Act.objects.create(pack=pack, code="xx.act", title="The act", citation="No. 1", conflicts=[])
    Book.objects.create(pack=pack, code="xx.law", kind="law", title="Law in force")
    Book.objects.create(pack=pack, code="xx.bill", kind="bill", title="A bill")
    return pack


@pytest.fixture
def norm(pack: LawPack) -> Callable[..., Norm]:
    def make(kind: str = "general", **parameters: Any) -> Norm:
        made = Norm.objects.create(
            pack=pack,
            act=pack.acts.get(),
            code=f"xx.{kind}",
            kind=kind,
            title="A duty",
            sentence="Nobody may do it.",
            article="Article 1",
            territory=pack.territory,
            register=RegisterFactory(),
            miner_kinds=["legal_entity", "individual", "operator"],
            parameters=parameters,
            timeline=[TABLED, IN_FORCE],
            in_force=ALWAYS,
            confidence="H",
            sources=[],
        )
        return Norm.objects.select_related("pack").get(pk=made.pk)

    return make


@pytest.fixture
def finding(norm: Callable[..., Norm]) -> Finding:
    """A company in breach since New Year, of a norm that no rule reads."""
    miner = MinerFactory()
    return Finding.objects.create(
        miner=miner,
        norm=norm(),
        territory=miner.territory,
        kind=miner.kind,
        valid=DateRange(START, None),
        facts={"violations": 3, "some_fact": ["a", "b"]},
    )


def band(finding: Finding, **columns: Any) -> Penalty:
    book = finding.norm.pack.books.get(kind=columns.pop("book", "law"))
    return Penalty.objects.create(
        **{
            "book": book,
            "norm": finding.norm,
            "offender": "legal_entity",
            "occurrence": "first",
            "article": "Article 2",
            "amount_low": Decimal(100_000),
            "amount_high": Decimal(200_000),
            "currency": "RUB",
            "in_force": ALWAYS if book.kind == "law" else None,
            "confidence": "H",
            **columns,
        }
    )


def priced(finding: Finding, book: str = "xx.law") -> Price:
    return next(price for price in explain(finding.pk, DAY).penalties if price.book == book)


def rate(finding: Finding) -> None:
    UnitRate.objects.create(
        pack=finding.norm.pack,
        unit="MCI",
        title="Monthly index",
        value=4325,
        currency="KZT",
        period=DateRange(START, None),
        confidence="H",
        sources=[{"url": "https://example.org/mci", "confidence": "H", "note": ""}],
    )


def devices(finding: Finding) -> None:
    DeviceFactory(site__miner=finding.miner, batch=True)
    DeviceFactory(site__miner=finding.miner)
    DeviceFactory(site__miner=finding.miner, period=DateRange(dt.date(2025, 1, 1), DAY))


def account(**columns: Any) -> Callable[[Finding], None]:
    def make(finding: Finding) -> None:
        AccountFactory(miner=finding.miner, year=2024, turnover=7, gain=7, damage=7)
        AccountFactory(miner=finding.miner, year=2025, **columns)
        AccountFactory(miner=finding.miner, year=2027, turnover=9, gain=9, damage=9)

    return make


def nothing(finding: Finding) -> None:
    """Nothing more is on file."""


UNITS: dict[str, Any] = {"currency": "", "unit": "MCI", "amount_low": 20, "amount_high": 30}
SHARE: dict[str, Any] = {"currency": "", "amount_low": 1, "amount_high": 5}
OVER: dict[str, Any] = {"threshold_fact": "gain", "threshold_over": 3_500_000, "threshold_currency": "RUB"}
KNOWN = [
    ("fixed", {}, nothing, "100,000 to 200,000 RUB × 1 offence = 100,000 to 200,000 RUB."),
    ("units", UNITS, rate, "20 to 30 MCI × 1 offence × 4,325 KZT = 86,500 to 129,750 KZT."),
    ("capped units", {**UNITS, "basis": "per_violation", "cap": 50}, rate,
     "20 to 30 MCI × 3 violations × 4,325 KZT = 259,500 to 389,250 KZT, capped at 50 MCI: 216,250 KZT."),
    ("per day", {"basis": "per_day", "amount_low": 25_000, "amount_high": 25_000, "currency": "USD", "cap": 7_000_000},
     nothing,
     "25,000 USD × 300 days (2026-01-01 to 2026-10-27) = 7,500,000 USD, capped at 7,000,000 USD: 7,000,000 USD."),
    ("below the cap", {"basis": "per_day", "amount_low": 1, "amount_high": 2, "cap": 9_000}, nothing,
     "1 to 2 RUB × 300 days (2026-01-01 to 2026-10-27) = 300 to 600 RUB, below the cap of 9,000 RUB."),
    ("per device", {"basis": "per_device", "amount_low": 1000, "amount_high": 1500}, devices,
     "1,000 to 1,500 RUB × 11 devices on 2026-10-27 = 11,000 to 16,500 RUB."),
    ("per violation", {"basis": "per_violation", "amount_low": 10, "amount_high": 10}, nothing,
     "10 RUB × 3 violations = 30 RUB."),
    ("turnover", {**SHARE, "basis": "share_of_turnover"}, account(turnover=100_000_000),
     "1 to 5 % of the turnover of 2025 (100,000,000 RUB, Sample statement) = 1,000,000 to 5,000,000 RUB."),
    ("gain", {**SHARE, "basis": "share_of_gain", "amount_low": 5}, account(gain=200),
     "5 % of the gain of 2025 (200 RUB, Sample statement) = 10 RUB."),
    ("above a threshold", OVER, account(gain=4_000_000),
     "The gain or income of 2025, 4,000,000 RUB (Sample statement), is above 3,500,000 RUB."),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "prepare", "step"), [case[1:] for case in KNOWN], ids=[case[0] for case in KNOWN])
def test_every_step_is_told_and_the_amount_is_that_of_the_totals(
    finding: Finding, columns: dict[str, Any], prepare: Callable[[Finding], None], step: str
) -> None:
    prepare(finding)
    band(finding, **columns)
    price = priced(finding)
    assert step in price.steps
    assert price.missing == ""
    sql, params = Pricing().sql(DAY)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        cells = {row[0]: row[6:] for row in cursor.fetchall()}
    assert cells[finding.norm.pack.books.get(kind="law").pk] == (price.currency, 1, price.amount_low, price.amount_high)


UNKNOWN = [
    ("no amount", {"amount_low": None, "amount_high": None, "currency": ""}, nothing, "nobody has found the amount"),
    ("no rate", UNITS, nothing, "not known is what one MCI was worth on 2026-10-27"),
    ("no devices", {"basis": "per_device"}, nothing, "not known is how many devices stood there"),
    ("no account", {**SHARE, "basis": "share_of_turnover"}, nothing, "not known is the turnover"),
    ("turnover unknown", {**SHARE, "basis": "share_of_turnover"}, account(turnover=None), "not known is the turnover"),
    ("gain unknown", OVER, account(gain=None), "not known is the gain or income of the miner"),
    ("other currency", OVER, account(gain=9_000_000, currency="USD"), "is on file in USD"),
    ("condition", {"condition": "damage to others was done"}, nothing, "damage to others was done"),
]


@pytest.mark.parametrize(
    ("columns", "prepare", "missing"), [case[1:] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN]
)
def test_unknown_stays_unknown_and_says_what_is_missing(
    finding: Finding, columns: dict[str, Any], prepare: Callable[[Finding], None], missing: str
) -> None:
    prepare(finding)
    band(finding, **columns)
    price = priced(finding)
    assert (price.amount_low, price.amount_high, price.currency) == (None, None, "")
    assert missing in price.missing
    assert price.steps[-1] == f"The amount is unknown: {price.missing}."


def test_book_without_a_band_says_so_and_a_bill_leaves_it_to_the_law(finding: Finding) -> None:
    assert priced(finding).steps == [
        "Law in force has no penalty for this norm and a legal entity: the amount is unknown, not zero."
    ]
    band(finding)
    law, bill = priced(finding), priced(finding, "xx.bill")
    assert (law.by_law, bill.by_law) == (False, True)
    assert law.amount_high == bill.amount_high == 200_000
    band(finding, book="bill", amount_low=1, amount_high=2)
    assert not priced(finding, "xx.bill").by_law
    assert priced(finding, "xx.bill").amount_high == 2


def test_what_comes_besides_instead_earlier_and_later_is_told(finding: Finding) -> None:
    band(
        finding,
        sanctions=[
            {"role": "besides", "kind": "confiscation", "words": "confiscation of equipment", "days": None},
            {"role": "instead", "kind": "suspension", "words": "suspension up to 90 days", "days": 90},
        ],
        discount_percent=50,
        discount_days=20,
        limitation_days=60,
        conflicts=[{"says": "Twice as much.", "confidence": "M", "sources": []}],
    )
    band(finding, offender="official", article="Article 3", amount_low=20, amount_high=30)
    band(finding, **OVER, article="Article 171", criminal=True)
    price = priced(finding)
    assert (price.besides, price.instead) == (["confiscation of equipment"], ["suspension up to 90 days"])
    assert price.discount == "Paid within 20 days, it is 50 % less: 50,000 to 100,000 RUB."
    assert price.limitation == "Nobody may be fined for it later than 60 days after its last day, which has not come."
    assert price.conflicts[0]["says"] == "Twice as much."
    assert not price.criminal
    assert [(other.article, other.when, other.amount, other.criminal) for other in price.others] == [
        ("Article 3", "for the official, besides the company", "20 to 30 RUB", False),
        ("Article 171", "where the year's gain or income is above 3,500,000 RUB", "100,000 to 200,000 RUB", True),
    ]
    AccountFactory(miner=finding.miner, year=2025, gain=3_500_001)
    crime = priced(finding)
    assert (crime.article, crime.criminal) == ("Article 171", True)
    assert [other.when for other in crime.others] == ["otherwise", "for the official, besides the company"]


def test_limitation_runs_from_the_end_of_what_has_ended(finding: Finding) -> None:
    band(finding, limitation_days=60)
    finding.valid = DateRange(START, dt.date(2026, 3, 1))
    finding.save()
    told = explain(finding.pk, DAY)
    assert told.on == dt.date(2026, 2, 28)
    assert told.days == "From 2026-01-01 to 2026-02-28: 59 days."
    assert told.penalties[0].limitation.endswith("that is after 2026-04-29.")


def test_repeat_offence_names_the_earlier_fine(finding: Finding) -> None:
    first = band(finding)
    band(finding, occurrence="repeat", amount_low=5, amount_high=6)
    case = Case.objects.create(miner=finding.miner, norm=finding.norm, offence_on=START, opened_on=START)
    Fine.objects.create(
        case=case, penalty=first, reference="D-17", amount=150_000, currency="RUB",
        decided_on=dt.date(2026, 2, 1), due_on=dt.date(2026, 4, 1),
    )  # fmt: skip
    price = priced(finding)
    assert (price.occurrence, price.amount_high) == ("repeat", 6)
    assert price.steps[0].startswith("It counts as a repeat offence: fined on 2026-02-01 under the same norm")


def fined(finding: Finding, decided_on: dt.date, reference: str, miner: Miner | None = None) -> None:
    case = Case.objects.create(
        miner=miner or finding.miner, norm=finding.norm, offence_on=decided_on, opened_on=decided_on
    )
    Fine.objects.create(
        case=case, penalty=Penalty.objects.get(norm=finding.norm, occurrence="first"), reference=reference,
        amount=150_000, currency="RUB", decided_on=decided_on, due_on=dt.date(2026, 12, 1),
    )  # fmt: skip


ASSUMED = "No band on file says how far one looks back: 365 days are assumed."


def test_assumed_look_back_is_said_where_an_earlier_fine_counts_by_it(finding: Finding) -> None:
    band(finding)
    band(finding, occurrence="repeat", amount_low=5, amount_high=6)
    assert ASSUMED not in priced(finding).steps
    fined(finding, dt.date(2026, 2, 1), "D-1")
    assert priced(finding).steps[1] == ASSUMED
    Penalty.objects.filter(norm=finding.norm, occurrence="repeat").update(lookback_days=365)
    assert ASSUMED not in priced(finding).steps


def test_fine_that_counts_is_cited_and_neither_an_annulled_one_nor_one_longer_ago(finding: Finding) -> None:
    band(finding, lookback_days=200)
    band(finding, occurrence="repeat", amount_low=5, amount_high=6)
    fined(finding, dt.date(2026, 8, 1), "D-COUNTS")
    fined(finding, dt.date(2026, 2, 1), "D-LONG-AGO")
    fined(finding, dt.date(2026, 9, 1), "D-ANNULLED")
    Fine.objects.filter(reference="D-ANNULLED").update(status="annulled")
    step = priced(finding).steps[0]
    assert step.startswith("It counts as a repeat offence: fined on 2026-08-01 under the same norm")
    assert "D-COUNTS" in step


def test_repeat_through_an_owner_cites_no_fine_of_its_own_from_before_the_look_back(finding: Finding) -> None:
    band(finding, lookback_days=200)
    band(finding, occurrence="repeat", amount_low=5, amount_high=6)
    owner, sister = MinerFactory(), MinerFactory()
    for owned in (finding.miner, sister):
        OwnershipFactory(miner=owned, owner=owner, share_percent=60, period=ALWAYS)
    fined(finding, dt.date(2026, 2, 1), "D-OWN")
    assert priced(finding).occurrence == "first"
    fined(finding, dt.date(2026, 8, 1), "D-SISTER", sister)
    price = priced(finding)
    assert (price.occurrence, price.amount_high) == ("repeat", 6)
    assert price.steps[0] == (
        "It counts as a repeat offence through an owner on file: another miner under the same control was fined under"
        " the same norm within the look-back."
    )


def test_norm_is_told_with_its_status_that_day_and_what_others_say(finding: Finding) -> None:
    text = explain(finding.pk, DAY).norm
    assert (text.status, text.status_since, text.status_until) == ("In force", "2025-01-01", None)
    assert text.status_sources == IN_FORCE["sources"]
    assert [conflict["says"] for conflict in text.conflicts] == ["It came into force a month later."]
    assert (text.sentence, text.article, text.act) == ("Nobody may do it.", "Article 1", "The act")


def test_fact_that_no_kind_knows_is_told_by_its_name(finding: Finding) -> None:
    told = {fact.name: fact.value for fact in explain(finding.pk, DAY).facts}
    assert told["some fact"] == "a, b"
    assert explain(finding.pk, DAY).as_dict()["penalties"][0]["arithmetic"]


def found(norm: Norm, miner: Miner, day: dt.date = DAY, *, impediments: bool = False) -> Explanation:
    """The explanation of what the rule itself finds; nothing that it records may go by untold."""
    spans = list(RULES[norm.kind](norm).spans(Scope(miner_ids=(miner.pk,)), day))
    miner_id, site_id, territory_id, kind, valid, facts = max(spans, key=lambda span: span[4].lower)
    row = Finding.objects.create(
        norm=norm, miner_id=miner_id, site_id=site_id, territory_id=territory_id, kind=kind, valid=valid, facts=facts
    )
    assert set(facts) <= FACTS[row.norm.kind][1]
    return explain(row.pk, day, impediments=impediments)


def facts(told: Explanation) -> dict[str, str]:
    return {fact.name: fact.value for fact in told.facts}


def sources(told: Explanation) -> set[tuple[str, int | str]]:
    return {(fact.source.noun, fact.source.id) for fact in told.facts}


def test_every_kind_that_has_a_rule_has_its_facts() -> None:
    assert set(RULES) <= set(FACTS)


def test_registration_duty_names_the_site_and_the_threshold_that_it_passes(norm: Callable[..., Norm]) -> None:
    duty = norm("registration_duty", threshold={"load_kw_over": 75000, "interruptible_percent_from": 10})
    site = SiteFactory(capacity_kw=80_000, interruptible_percent=25)
    told = found(duty, site.miner)
    value = facts(told)["site that binds it"]
    assert "80,000 kW, more than 75,000 kW; 25 % interruptible, at least 10 %" in value
    assert ("sites", site.pk) in sources(told)
    assert facts(told)["entry in the register"] == "none in “Register of miners”"


def test_registration_duty_names_the_last_day_to_register(norm: Callable[..., Norm]) -> None:
    miner = MinerFactory(operating=DateRange(dt.date(2026, 3, 1), None))
    told = found(norm("registration_duty", deadline={"days_after_start": 30}), miner)
    assert facts(told)["last day to register"] == "2026-03-31"


@pytest.mark.parametrize(
    ("limit", "name", "over"),
    [
        ({"energy_kwh_month": 6000}, "energy drawn in 2026-03", "9,000 kWh − 6,000 kWh = 3,000 kWh above the limit"),
        (
            {"energy_kwh_year": 10000},
            "energy drawn from January to 2026-03",
            "11,000 kWh − 10,000 kWh = 1,000 kWh above the limit",
        ),
    ],
)
def test_energy_limit_shows_the_months_above_it(
    norm: Callable[..., Norm], limit: dict[str, int], name: str, over: str
) -> None:
    site = SiteFactory()
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2026, 2, 1), energy_kwh=2000)
    ReadingFactory(metering_point=site.metering_point, month=dt.date(2026, 3, 1), energy_kwh=9000)
    assert facts(found(norm("energy_limit", **limit), site.miner))[name] == over


@pytest.mark.parametrize(
    ("parameters", "entry", "words"),
    [
        ({"term_years": 1}, {}, "entered on 2024-11-01 for 1 years; not valid from 2025-11-01 on"),
        ({"renewal_day": "03-01"}, {}, "to be renewed by 03-01 of the next year; not valid from 2025-03-02 on"),
        ({"suspension": True}, {"suspended": True}, "suspended; not valid from 2024-11-01 on"),
    ],
)
def test_validity_says_why_the_entry_is_not_valid(
    norm: Callable[..., Norm], parameters: dict[str, Any], entry: dict[str, Any], words: str
) -> None:
    registration = RegistrationFactory(**entry)
    told = found(norm("validity", **parameters), registration.miner)
    assert words in facts(told)["entry that is not valid"]
    assert ("registrations", registration.pk) in sources(told)


def test_eligibility_follows_the_owners_up_to_the_stranger(norm: Callable[..., Norm]) -> None:
    RegisterFactory()
    eligibility = norm("eligibility", country="RU", owners={"share_percent_from": 50})
    middle = OwnershipFactory(share_percent=60)
    stranger = OwnershipFactory(miner=middle.owner, named=True)
    OwnershipFactory(miner=middle.miner, named=True, owner_name="Too small", share_percent=40)
    told = found(eligibility, middle.miner)
    assert {pk for noun, pk in sources(told) if noun == "ownerships"} == {middle.pk, stranger.pk}
    assert any("Sample Holding (China" in fact.value for fact in told.facts)


def test_impediments_are_named_to_those_alone_who_may_see_them(norm: Callable[..., Norm]) -> None:
    impediment = ImpedimentFactory(conviction=True, source="Judgment 17")
    told = found(norm("eligibility", impediments=["conviction"]), impediment.miner)
    assert not [fact for fact in told.facts if "Judgment 17" in fact.value or "onviction" in fact.value]
    assert "registry.view_impediment" in facts(told)["impediments"]
    seen = explain(told.finding, DAY, impediments=True)
    assert ("impediments", impediment.pk) in sources(seen)
    assert any("Judgment 17" in fact.value for fact in seen.facts)


def test_reporting_tells_what_is_missing_late_and_lacking(norm: Callable[..., Norm]) -> None:
    report = norm("reporting", period="month", due={"day": 20, "months_after": 1}, contains=["addresses"])
    miner = RegistrationFactory().miner
    late = DeclarationFactory(miner=miner, month=dt.date(2025, 1, 1), declared_on=dt.date(2025, 3, 1), full=True)
    bare = DeclarationFactory(miner=miner, month=dt.date(2025, 2, 1), declared_on=dt.date(2025, 3, 15), bare=True)
    DeclarationFactory(miner=miner, month=dt.date(2025, 3, 1), declared_on=dt.date(2025, 4, 15), full=True)
    told = facts(found(report, miner))
    assert told["first period without a declaration"] == "2025-04"
    assert "missing" in told["what is wrong with the reports"]
    assert told["declaration for 2025-01"] == f"due by 2025-02-20, came in on {late.declared_on}"
    assert told["declaration for 2025-02"] == "came in without addresses"
    assert told["declarations in order"] == "1"
    assert bare.contents == []


def test_levy_sets_what_was_declared_against_what_was_drawn(norm: Callable[..., Norm]) -> None:
    bands = [{"rate": {"low": "2", "high": "3", "currency": "KZT"}, "from": "2025-01-01", "when": "off_grid"}]
    levy = norm("levy", period="quarter", due={"day": 20, "months_after": 1}, bands=bands)
    site = SiteFactory()
    for month in (1, 2, 3):
        ReadingFactory(metering_point=site.metering_point, month=dt.date(2026, month, 1), energy_kwh=1000)
    DeclarationFactory(
        miner=site.miner, month=dt.date(2026, 1, 1), months=3, energy_kwh=2000, declared_on=dt.date(2026, 4, 10)
    )
    told = facts(found(levy, site.miner))
    assert told["drawn less declared"] == "3,000 kWh − 2,000 kWh = 1,000 kWh not declared"
    assert told["rate of the levy"] == "2 to 3 KZT per kWh, from 2025-01-01, where off grid"


def test_ban_names_the_place_and_the_banned_area(norm: Callable[..., Norm]) -> None:
    ban = norm("ban", exempt_off_grid_from="2025-06-01")
    site = SiteFactory()
    area = ban.areas.create(territory=site.territory, period=ALWAYS, confidence="H")
    told = found(ban, site.miner)
    assert {("sites", site.pk), ("bans", area.pk)} <= sources(told)
    assert facts(told)["own off-grid generation"] == "no"


@pytest.mark.skipif("hosting" not in RULES, reason="no rule reads hosting")
def test_hosting_names_the_clients_and_what_was_not_disclosed(norm: Callable[..., Norm]) -> None:
    norm("registration_duty")
    hosting = norm("hosting", clients_register="ru.miners", disclose={"within_days": 30})
    site = SiteFactory(hosted=True)
    told = facts(found(hosting, site.host))
    assert told["clients served that ought to be registered and were not"] == "1"
    assert "not in the register on 2026-10-27; not disclosed" in told["client"]
