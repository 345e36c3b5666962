"""A scenario says what loading the changed law and computing everything anew would say; and it stores nothing."""

import datetime as dt
import random
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from compliance.law.scenarios import changes_of_json
from compliance.models import Act, ActStatus, BannedArea, Book, Exposure, Finding, LawPack, Norm, Penalty
from compliance.models.fields import Days
from compliance.rules.base import EVERYTHING
from compliance.selectors import scenarios as selector
from compliance.selectors.differences import Comparison, Figures
from compliance.selectors.scenario_law import joined, moved, scenario_law, seasons
from compliance.selectors.scenarios import Answer, scenario_answer
from compliance.services.recomputation import recompute
from registry.choices import MinerKind
from registry.models import Miner, Reading, Register, Registration, Site, Territory
from registry.services.mergers import miner_merge
from tests.databases import Rows, rows_put_back, rows_taken

DAY = dt.date(2026, 11, 22)
MONTH = dt.date(2026, 10, 1)
HOSTING = "ru.hosting.unregistered"
LIMIT = "ru.limit.individual"
DUTY = "ru.registration.miner"
BAN = "ru.ban"
BILL = "ru.bill.1124554-8"
SINCE = Days([DateRange(dt.date(2025, 1, 1), None)])


def ninety_miners() -> None:
    """Ninety miners drawn by chance, in the register or not, below the limit and above it, in banned places or not.

    Ten of them are the same persons as others.
    """
    chance = random.Random(7)
    places = list(Territory.objects.filter(code__in=("RU-MOW", "RU-IRK", "RU-IRK-x-angarsk", "RU-DA", "RU-TOM")))
    book = Register.objects.get(code="ru.miners")
    host: Miner | None = None
    for number in range(90):
        start = dt.date(2024, 11, 1) + dt.timedelta(days=chance.randrange(500))
        miner = Miner.objects.create(
            name=f"Miner {number}",
            kind=chance.choice(MinerKind.values),
            territory=chance.choice(places),
            country=Territory.objects.get(code=chance.choice(("RU", "RU", "CN"))),
            operating=DateRange(start, None),
        )
        point = f"point {number}"
        Site.objects.create(
            miner=miner,
            name="site",
            territory=miner.territory,
            metering_point=point,
            off_grid=chance.choice((True, False, False, None)),
            period=DateRange(start, None),
        )
        if miner.kind == MinerKind.OPERATOR:
            host = miner
        elif host is not None:
            Site.objects.filter(miner=miner).update(host=host)
        if chance.random() < 0.3:
            Registration.objects.create(miner=miner, register=book, status="active", period=DateRange(start, None))
        if chance.random() < 0.8:
            Reading.objects.create(
                metering_point=point, month=MONTH, energy_kwh=Decimal(chance.choice((2000, 4000, 8000)))
            )
    on_file = chance.sample(list(Miner.objects.order_by("pk")), 20)
    for miner, same_as in zip(on_file[:10], on_file[10:], strict=True):
        miner_merge(miner=miner, same_as=same_as)
    recompute(as_of=DAY)


@pytest.fixture(scope="module")
def rows_of_register(rows_of_territories_and_law: tuple[Rows, Rows], django_db_blocker: DjangoDbBlocker) -> Rows:
    """The law and the register under it, computed once for all."""
    with django_db_blocker.unblock(), transaction.atomic():
        brought = rows_taken()
        rows_put_back(rows_of_territories_and_law[1])
        ninety_miners()
        rows = rows_taken(besides=brought)
        transaction.set_rollback(True)
    return rows


@pytest.fixture
def register(rows_of_register: Rows, db: None) -> LawPack:
    rows_put_back(rows_of_register)
    return LawPack.objects.get(code="ru")


def stored(pack: LawPack) -> dict[tuple[str, str], dict[str, Any]]:
    """What the book of the law says on file, by kind of row and key, added up plainly."""
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    rows = Exposure.objects.filter(as_of=DAY, book__kind="law", book__pack=pack).select_related(
        "norm", "territory__parent"
    )
    for row in rows:
        place = row.territory.parent if row.territory.kind == "municipality" else row.territory
        for key in (("total", ""), ("kind", row.kind), ("norm", row.norm.code), ("territory", place.code)):
            entry = sums.setdefault(key, {"findings": 0, "unpriced": 0})
            entry["findings"] += row.findings
            if row.currency:
                low, high = entry.get(row.currency, (0, 0))
                entry[row.currency] = (low + row.amount_low, high + row.amount_high)
            else:
                entry["unpriced"] += row.findings
    return sums


def said(answer: Answer, side: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The same of one side of an answer; rows with nothing in them are left out."""
    named = [
        ("total", [answer.total]),
        ("kind", answer.by_kind),
        ("norm", answer.by_norm),
        ("territory", answer.by_territory),
    ]
    found = {}
    for kind, rows in named:
        for row in rows:
            figures: Figures = getattr(row, side)
            amounts = {currency: (low, high) for currency, low, high in figures.amounts if high}
            if figures.findings:
                found[kind, row.key] = {"findings": figures.findings, "unpriced": figures.unpriced, **amounts}
    return found


def exact(answer: Answer) -> None:
    rows: list[Comparison] = [answer.total, *answer.by_kind, *answer.by_norm, *answer.by_territory]
    for row in rows:
        assert row.newly_caught + row.no_longer_caught + row.amount_changed == row.difference
        assert row.scenario - row.law == row.difference
    for parts in (answer.by_kind, answer.by_norm, answer.by_territory):
        nothing = answer.total.law - answer.total.law
        assert sum((row.difference for row in parts), nothing) == answer.total.difference


def everything() -> list[Any]:
    """All that a scenario must leave alone, as the database has it."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Act, Norm, Penalty, Book, BannedArea, Finding, Exposure, Miner, Site)
    ]


def hosting_in_force() -> None:
    Norm.objects.filter(code=HOSTING).update(in_force=SINCE)


def law_band(norm: str, offender: str, low: int, high: int) -> None:
    book = Book.objects.get(pack__code="ru", kind="law")
    law = Norm.objects.get(code=norm)
    Penalty.objects.filter(book=book, norm=law, offender=offender).delete()
    for occurrence in ("first", "repeat"):
        Penalty.objects.create(
            book=book,
            norm=law,
            act=law.act,
            offender=offender,
            occurrence=occurrence,
            article="1",
            amount_low=low,
            amount_high=high,
            currency="RUB",
            in_force=SINCE,
            confidence="M",
        )


def typed_in() -> None:
    law_band(DUTY, "legal_entity", 200_000, 2_000_000)


def bill_loaded() -> None:
    book = Book.objects.get(pack__code="ru", kind="law")
    for band in Penalty.objects.filter(book__act__code=BILL, norm__in_force__isnull=False):
        if DAY in band.days:
            keys = {"norm": band.norm, "offender": band.offender, "occurrence": band.occurrence}
            Penalty.objects.filter(book=book, **keys).delete()
            band.pk, band.book, band.in_force, band.confidence = None, book, SINCE, "M"
            band.save(force_insert=True)


def act_loaded() -> None:
    Norm.objects.filter(act__code=BILL).update(in_force=Days([DateRange(dt.date(2026, 1, 1), None)]))
    bill_loaded()


def limit_halved() -> None:
    Norm.objects.filter(code=LIMIT).update(parameters={"energy_kwh_month": "3000"})


def duty_repealed() -> None:
    Norm.objects.filter(code=DUTY).update(in_force=None)


def duty_ended() -> None:
    Norm.objects.filter(code=DUTY).update(in_force=Days([DateRange(dt.date(2024, 11, 1), dt.date(2026, 2, 1))]))


def tomsk_banned() -> None:
    BannedArea.objects.create(
        norm=Norm.objects.get(code=BAN),
        territory=Territory.objects.get(code="RU-TOM"),
        period=DateRange(dt.date(2026, 1, 1), None),
        confidence="M",
    )


FINE = {
    "penalty": {"norms": [DUTY], "offenders": ["legal_entity"]},
    "amount": {"low": 200_000, "high": 2_000_000, "currency": "RUB"},
}
HALVED = {"norm": LIMIT, "parameters": {"energy_kwh_month": 3000}}
HOSTED = {"norm": HOSTING, "from": "2025-01-01"}
TOMSK = {"ban": {"territories": ["RU-TOM"], "from": "2026-01-01"}}
TAKEN = {"act": BILL, "in_force_from": "2026-01-01"}

CASES: dict[str, tuple[list[dict[str, Any]], list[Callable[[], None]]]] = {
    "nothing": ([], []),
    "an amount": ([FINE], [typed_in]),
    "a bill": ([TAKEN], [act_loaded]),
    "a bill's book": ([{"book": BILL}], [bill_loaded]),
    "half the limit": ([HALVED], [limit_halved]),
    "a repeal": ([{"norm": DUTY, "repealed": True}], [duty_repealed]),
    "an end that has passed": ([{"norm": DUTY, "until": "2026-01-31"}], [duty_ended]),
    "a ban": ([TOMSK], [tomsk_banned]),
    "all at once": ([TAKEN, HALVED, TOMSK, FINE], [act_loaded, limit_halved, tomsk_banned, typed_in]),
    "a duty of hosts": ([HOSTED], [hosting_in_force]),
    "a duty of hosts on whom fewer must register": (
        [HOSTED, {"norm": DUTY, "repealed": True}],
        [hosting_in_force, duty_repealed],
    ),
    "a repeal under a bill": ([TAKEN, {"norm": DUTY, "repealed": True}], [act_loaded, duty_repealed]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_scenario_equals_the_changed_law_computed_anew(register: LawPack, name: str) -> None:
    changes, rows = CASES[name]
    before, law = everything(), stored(register)
    answer = scenario_answer(register, changes_of_json(register, changes), DAY)
    assert everything() == before
    exact(answer)
    assert said(answer, "law") == law
    with transaction.atomic():
        for change in rows:
            change()
        recompute(as_of=DAY)
        expected = stored(register)
        transaction.set_rollback(True)
    assert said(answer, "scenario") == expected
    assert answer.total.law.findings > 0
    if name != "nothing":
        assert answer.total.difference != answer.total.difference - answer.total.difference


def test_what_is_multiplied_is_what_the_law_says(register: LawPack) -> None:
    typed_in()
    recompute(as_of=DAY)
    times = {"penalty": {"norms": [DUTY]}, "multiply": "2.5"}
    total = scenario_answer(register, changes_of_json(register, [times]), DAY).total
    [(_, low, high)] = total.law.amounts
    assert total.scenario.amounts == (("RUB", low * Decimal("2.5"), high * Decimal("2.5")),)
    assert total.scenario.unpriced == total.law.unpriced
    twice = scenario_answer(register, changes_of_json(register, [FINE, times]), DAY).total
    assert twice.scenario == total.scenario


def test_a_change_that_holds_later_changes_nothing_and_says_so(register: LawPack) -> None:
    later = {"act": BILL, "in_force_from": "2027-01-01"}
    answer = scenario_answer(register, changes_of_json(register, [later]), DAY)
    assert answer.total.difference == Figures()
    assert any("2027-01-01" in note for note in answer.notes)


def test_a_day_ahead_compares_both_laws_on_that_day(register: LawPack) -> None:
    ahead = DAY + dt.timedelta(days=60)
    changes = changes_of_json(register, [{"norm": BAN, "from": "2024-01-01"}])
    answer = scenario_answer(register, changes, ahead)
    assert answer.total.difference.findings == 0
    assert any(str(DAY) in note for note in answer.notes)


def test_undetermined_miners_are_counted_once_beside_those_on_file(register: LawPack) -> None:
    answer = scenario_answer(register, changes_of_json(register, [TOMSK]), DAY)
    unknown = answer.total.unknown
    assert unknown.miners == 80
    assert 0 < unknown.law <= unknown.scenario <= 90
    for rows in (answer.by_kind, answer.by_territory):
        assert sum(row.unknown.law for row in rows) == unknown.law
    ban = next(row.unknown for row in answer.by_norm if row.key == BAN)
    added = Site.objects.filter(territory__code="RU-TOM", off_grid=None).exclude(miner__kind="pool")
    assert ban.scenario - ban.law == added.count()


def test_the_database_refuses_whatever_a_scenario_would_write(
    register: LawPack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writing(*_: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE compliance_norm SET title = 'x'")

    monkeypatch.setattr(selector, "scenario_law", writing)
    with pytest.raises(InternalError, match="read-only"), transaction.atomic():
        scenario_answer(register, [], DAY)
    assert not Norm.objects.filter(title="x").exists()


@pytest.mark.parametrize("kept", [["2025-01-01", "9999-12-31"], ["0001-01-01", "2026-12-31"]])
def test_changes_kept_with_days_that_are_now_refused_are_still_answered(ru_law: LawPack, kept: list[str]) -> None:
    season = {"from": "11-15", "until": "03-15"}
    days = dict(zip(("from", "until"), kept, strict=True))
    changes = [{"ban": {"territories": ["RU-TOM"], **days, "season": season}}, {"norm": LIMIT, **days}]
    assert {changed.norm.code for changed in scenario_law(ru_law, changes, DAY).asked} == {BAN, LIMIT}
    assert scenario_law(ru_law, changes, dt.date.max)


DRAFT_BAN = "ru.ban.year-round"


def breaches(pack: LawPack, changes: list[dict[str, Any]], norm: str) -> set[int]:
    """The miners in breach of one norm by the scenario."""
    for changed in scenario_law(pack, changes_of_json(pack, changes), DAY).asked:
        if changed.norm.code == norm and changed.scenario is not None:
            rows = list(changed.scenario.open_on(DAY))
            assert len(set(rows)) == len(rows)
            history = [row[:4] for row in changed.scenario.spans(EVERYTHING, DAY) if DAY in row[4]]
            assert sorted(history, key=str) == sorted(rows, key=str)
            return {row[0] for row in rows}
    return set()


def unknown(pack: LawPack, changes: list[dict[str, Any]], norm: str) -> set[int]:
    asked = scenario_law(pack, changes_of_json(pack, changes), DAY).asked
    [rule] = [changed.scenario for changed in asked if changed.norm.code == norm]
    return set() if rule is None else {miner.pk for miner in rule.undetermined(DAY)}


def sites(*regions: str) -> Any:
    """The open sites in the regions, of those whom the ban addresses; with own generation they are exempt."""
    places = Territory.objects.filter(above__ancestor__code__in=regions)
    return Site.objects.filter(territory__in=places, period__contains=DAY).exclude(miner__kind="pool")


def miners(*regions: str, **facts: Any) -> set[int]:
    return set(sites(*regions).filter(off_grid=False, **facts).values_list("miner", flat=True))


def area(norm: str, code: str, start: str = "2024-01-01") -> None:
    BannedArea.objects.create(
        norm=Norm.objects.get(code=norm),
        territory=Territory.objects.get(code=code),
        period=span(start, None),
        confidence="M",
    )


def test_a_ban_added_under_a_draft_norm_leaves_the_drafts_own_areas_a_draft(register: LawPack) -> None:
    area(DRAFT_BAN, "RU-MOW")
    tomsk = {"ban": {**TOMSK["ban"], "norm": DRAFT_BAN}}
    assert breaches(register, [tomsk], DRAFT_BAN) == miners("RU-TOM") != set()
    taken = {"act": "ru.decree-1869.year-round", "in_force_from": "2026-01-01"}
    assert breaches(register, [taken, tomsk], DRAFT_BAN) == miners("RU-TOM", "RU-MOW")


def test_a_ban_added_under_a_norm_that_has_ended_brings_none_of_its_areas_back(register: LawPack) -> None:
    Norm.objects.filter(code=BAN).update(in_force=Days([span("2024-01-01", "2025-06-01")]))
    area(BAN, "RU-MOW")
    assert breaches(register, [TOMSK], BAN) == miners("RU-TOM")


@pytest.mark.parametrize(
    "parameters",
    [{"land_use": "farmland"}, {"land_use": "farmland", "exempt_off_grid_from": "2025-03-15"}],
)
def test_an_added_ban_has_no_parameter_but_the_exemption_and_changes_nothing_else(
    register: LawPack, parameters: dict[str, Any]
) -> None:
    BannedArea.objects.all().delete()
    area(BAN, "RU-MOW")
    Norm.objects.filter(code=BAN).update(parameters=parameters)
    for number, site in enumerate(Site.objects.order_by("pk")):
        Site.objects.filter(pk=site.pk).update(land_use=("farmland", "industrial", "")[number % 3])
    unexempt = "exempt_off_grid_from" not in parameters

    def caught(region: str, **only: Any) -> set[int]:
        found = sites(region).filter(**only) if unexempt else sites(region).filter(off_grid=False, **only)
        return set(found.values_list("miner", flat=True))

    moscow = caught("RU-MOW", land_use="farmland")
    assert breaches(register, [TOMSK], BAN) == moscow | caught("RU-TOM")
    named = {"ban": {**TOMSK["ban"], "norm": BAN}}
    assert breaches(register, [named], BAN) == moscow | caught("RU-TOM", land_use="farmland")
    everywhere = {"ban": {**TOMSK["ban"], "territories": ["RU"]}}
    assert breaches(register, [everywhere], BAN) == caught("RU")
    doubtful = set() if unexempt else set(sites("RU").filter(off_grid=None).values_list("miner", flat=True))
    assert unknown(register, [everywhere], BAN) == doubtful
    [note] = [note for note in scenario_law(register, changes_of_json(register, [TOMSK]), DAY).notes if BAN in note]
    assert "land_use of that norm is left out" in note
    assert ("exempt_off_grid_from 2025-03-15" in note) != unexempt
    exact(scenario_answer(register, changes_of_json(register, [TOMSK]), DAY))


def test_an_act_that_becomes_law_makes_law_of_its_drafts_only_within_their_own_days(ru_law: LawPack) -> None:
    act = Norm.objects.get(code=LIMIT).act
    norms = {norm.code: norm for norm in Norm.objects.filter(act=act)}
    assert LIMIT in norms
    start = ActStatus.objects.filter(act=act).order_by("period").first()
    assert start is not None
    ended, draft = Days([span("2024-01-01", "2025-01-01")]), {"status": "draft", "until": None}
    for timeline, expected in (
        ([{**draft, "from": str(start.period.lower)}], (True, True)),
        ([{**draft, "from": "2026-12-01"}], (False, True)),
        ([{**draft, "from": str(start.period.lower), "until": "2026-11-30"}], (True, False)),
    ):
        Norm.objects.filter(code=LIMIT).update(in_force=None, timeline=timeline)
        Norm.objects.filter(act=act).exclude(code=LIMIT).update(in_force=ended)
        changes = changes_of_json(ru_law, [{"act": act.code, "in_force_from": "2025-06-01"}])
        for day, is_law in zip((DAY, dt.date(2026, 12, 15)), expected, strict=True):
            found = scenario_law(ru_law, changes, day)
            assert [each.norm.code for each in found.asked] == [LIMIT] * is_law
            if len(norms) > 1:
                assert any("already, or was" in note for note in found.notes)


def test_an_amount_typed_over_a_band_that_counts_days_says_so(ru_law: LawPack) -> None:
    law_band(DUTY, "legal_entity", 10, 20)

    def notes(offender: str) -> list[str]:
        fine = {**FINE, "penalty": {"norms": [DUTY], "offenders": [offender]}}
        return [note for note in scenario_law(ru_law, changes_of_json(ru_law, [fine]), DAY).notes if DUTY in note]

    assert notes("legal_entity") == []
    Penalty.objects.filter(book__kind="law", norm__code=DUTY, offender="legal_entity").update(basis="per_day")
    [note] = notes("legal_entity")
    assert "each day of the offence" in note
    assert notes("citizen") == []


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    low=st.integers(0, 10**7),
    width=st.integers(0, 10**7),
    more=st.integers(0, 10**7),
    times=st.decimals(1, 50, places=1),
    norms=st.sets(st.sampled_from([LIMIT, DUTY, BAN]), min_size=1).map(sorted),
)
def test_exposure_never_falls_when_a_band_rises(
    register: LawPack, low: int, width: int, more: int, times: Decimal, norms: list[str]
) -> None:
    def total(*changes: dict[str, Any]) -> Figures:
        answer = scenario_answer(register, changes_of_json(register, list(changes)), DAY)
        exact(answer)
        return answer.total.scenario

    penalty = {"norms": norms}
    amount = {"low": low, "high": low + width, "currency": "RUB"}
    [(_, least, most)] = total({"penalty": penalty, "amount": amount}).amounts
    raised = {**amount, "high": low + width + more}
    [(_, same, above)] = total({"penalty": penalty, "amount": raised}).amounts
    assert (same, above >= most) == (least, True)
    multiplied = {"penalty": penalty, "multiply": str(times)}
    [(_, least_again, most_again)] = total({"penalty": penalty, "amount": amount}, multiplied).amounts
    assert (least_again, most_again) == (least * times, most * times)


def span(start: str | None, end: str | None) -> DateRange:
    return DateRange(*(dt.date.fromisoformat(day) if day else None for day in (start, end)))


@pytest.mark.parametrize(
    ("days", "first", "last", "expected"),
    [
        (None, "2026-01-01", None, [("2026-01-01", None)]),
        (None, None, "2026-01-01", None),
        ([("2025-01-01", None)], "2024-01-01", None, [("2024-01-01", None)]),
        ([("2025-01-01", None)], "2026-01-01", None, [("2026-01-01", None)]),
        ([("2025-01-01", None)], None, "2025-06-30", [("2025-01-01", "2025-07-01")]),
        ([("2025-01-01", None)], None, "2024-06-30", None),
        ([("2025-01-01", None)], "2023-01-01", "2023-12-31", [("2023-01-01", "2024-01-01")]),
        (
            [("2024-01-01", "2024-06-01"), ("2025-01-01", None)],
            None,
            "2025-06-30",
            [("2024-01-01", "2024-06-01"), ("2025-01-01", "2025-07-01")],
        ),
    ],
)
def test_a_norm_is_law_from_and_until_the_days_that_are_given(
    days: Any, first: str | None, last: str | None, expected: Any
) -> None:
    own = Days(span(*pair) for pair in days) if days else None
    found = moved(own, *(dt.date.fromisoformat(day) if day else None for day in (first, last)))
    assert found == (Days(span(*pair) for pair in expected) if expected else None)


@given(
    pairs=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=6),
    day=st.integers(-5, 90),
)
def test_joined_days_are_the_same_days_apart(pairs: list[tuple[int, int]], day: int) -> None:
    start = dt.date(2026, 1, 1)
    spans = [DateRange(start + dt.timedelta(a), start + dt.timedelta(a + n)) for a, n in pairs]
    whole = joined(spans)
    on = start + dt.timedelta(day)
    assert (on in whole) == any(on in each for each in spans)
    assert all(one.upper < two.lower for one, two in pairwise(whole))


@given(day=st.dates(dt.date(2025, 1, 1), dt.date(2033, 1, 1)))
def test_a_season_holds_its_days_of_every_year_and_no_others(day: dt.date) -> None:
    winter = seasons({"from": "11-15", "until": "03-15"}, span("2025-01-01", "2032-01-01"), day)
    inside = dt.date(2025, 1, 1) <= day < dt.date(2032, 1, 1)
    cold = (day.month, day.day) >= (11, 15) or (day.month, day.day) <= (3, 15)
    assert any(day in each for each in winter) == (inside and cold)
