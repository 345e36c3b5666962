"""What must hold for every pack that comes with the service, whatever its norms, on registers made at random."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from compliance.law.load import law_load, pack_paths
from compliance.models import Book, Exposure, Finding, LawPack, Norm, Penalty, Undetermined
from compliance.rules import EVERYTHING, RULES, Scope
from compliance.selectors.prices import priced
from compliance.selectors.totals import book_totals, exposure_by
from compliance.services.exposure import exposure_refresh
from compliance.services.findings import findings_refresh
from registry.models import Miner
from registry.services.territories import iso_territories, territories_store
from tests.databases import settle
from tests.registers import END, START, random_register

PACKS = pack_paths()
pytestmark = pytest.mark.django_db
few = settings(
    max_examples=4,
    phases=(Phase.generate,),  # a smaller seed is no simpler a law
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
seeds = st.integers(0, 10_000)
days = st.integers(0, (END - START).days).map(lambda number: START + dt.timedelta(days=number))


@pytest.fixture(scope="module")
def every_law(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """All packs, loaded once for the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        territories_store(rows=list(iso_territories()))
        for path in PACKS:
            law_load(path)
        settle()
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module", params=PACKS, ids=lambda path: path.stem)
def pack(request: pytest.FixtureRequest, every_law: None, django_db_blocker: DjangoDbBlocker) -> Iterator[LawPack]:
    """One pack, a random register of its own around it, and the findings there on the last day."""
    code: str = request.param.stem
    with django_db_blocker.unblock(), transaction.atomic():
        found = LawPack.objects.get(code=code)
        findings_refresh(scope=places_of(random_register(Random(code), found, size=90)), day=END)
        settle()
        yield found
        transaction.set_rollback(True)


def places_of(miners: list[Miner]) -> Scope:
    """The scope of the places in which the miners are, so that other countries' rules need not be asked."""
    return Scope(territory_ids=tuple(sorted({miner.territory_id for miner in miners})))


def totals_now(day: dt.date) -> dict[tuple[int, str], tuple[int, Decimal, Decimal]]:
    """Findings, low and high per book and currency, priced from the findings that are stored."""
    sql, params = priced(day)
    sums: dict[tuple[int, str], tuple[int, Decimal, Decimal]] = defaultdict(lambda: (0, Decimal(0), Decimal(0)))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [column.name for column in cursor.description or ()]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            findings, low, high = sums[row["book_id"], row["currency"]]
            sums[row["book_id"], row["currency"]] = (
                findings + row["findings"],
                low + (row["amount_low"] or 0),
                high + (row["amount_high"] or 0),
            )
    return dict(sums)


def test_recomputing_changes_nothing(pack: LawPack) -> None:
    first = sorted(Finding.objects.values_list(), key=str)
    findings_refresh(scope=places_of(list(Miner.objects.all())), day=END)
    assert sorted(Finding.objects.values_list(), key=str) == first


def test_the_sum_over_territories_and_over_norms_is_the_total(pack: LawPack) -> None:
    exposure_refresh(day=END, cells=sorted(set(Finding.objects.values_list("territory_id", "kind"))))
    whole = {
        (total.book_code, total.currency): (total.findings, total.unpriced, total.amount_low, total.amount_high)
        for total in book_totals(END)
    }
    for book in Book.objects.filter(pack=pack):
        for group in ("territory", "kind", "norm"):
            added: dict[str, list[Any]] = {}
            for row in exposure_by(END, book=book, group=group):  # type: ignore[arg-type]
                figures = (row.findings, row.unpriced, row.amount_low or 0, row.amount_high or 0)
                added[row.currency] = [a + b for a, b in zip(added.get(row.currency, [0] * 4), figures, strict=True)]
            for currency, figures in added.items():
                findings, unpriced, low, high = whole[book.code, currency]
                assert tuple(figures) == (findings, unpriced, low or 0, high or 0)
    assert Undetermined.objects.filter(miners=0).count() == 0
    assert not Exposure.objects.filter(norm__in_force__isnull=True).exists()


@few
@given(seed=seeds, factor=st.integers(2, 30))
def test_exposure_never_falls_when_bands_rise(pack: LawPack, seed: int, factor: int) -> None:
    random = Random(seed)
    with transaction.atomic():
        before = totals_now(END)
        bands = list(
            Penalty.objects.filter(book__pack=pack, amount_high__isnull=False).exclude(basis__startswith="share")
        )
        raised = [band for band in bands if random.random() < 0.7]
        for band in raised:
            band.amount_low, band.amount_high = band.amount_low * random.randint(1, factor), band.amount_high * factor
        Penalty.objects.bulk_update(raised, ["amount_low", "amount_high"])
        after = totals_now(END)
        assert after.keys() == before.keys()
        for key, (findings, low, high) in before.items():
            assert after[key][0] == findings
            assert after[key][1] >= low
            assert after[key][2] >= high
        transaction.set_rollback(True)


@few
@given(day=days)
def test_what_is_open_on_a_day_is_what_spans_hold_that_day(pack: LawPack, day: dt.date) -> None:
    for norm in Norm.objects.filter(pack=pack, in_force__isnull=False, kind__in=RULES).select_related("pack"):
        rule = RULES[norm.kind](norm)
        spans = [(row[0], row[1]) for row in rule.spans(EVERYTHING, day) if day in row[4]]
        of_sites = any(site for _, site in spans)
        open_then = set(rule.breaches(day).values_list("pk", flat=True))
        assert open_then == {site if of_sites else miner for miner, site in spans}, (norm.code, day)
        assert not {miner for miner, _ in spans} - set(rule.obliged(day).values_list("pk", flat=True)) or norm.kind in (
            "ban",
            "reporting",
        ), (norm.code, day)
