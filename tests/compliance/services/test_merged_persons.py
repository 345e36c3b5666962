"""Persons who are on file more than once count once in every total, beside a plain reading of the same rows."""

import datetime as dt
from collections import Counter, defaultdict
from random import Random
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.models import (
    Case,
    Exposure,
    Finding,
    Fine,
    LawPack,
    Norm,
    Penalty,
    RegistrationRate,
    StaleMark,
    Undetermined,
    UndeterminedMiners,
)
from compliance.rules import EnergyLimit, RegistrationDuty, Scope, rules_in_law
from compliance.selectors.counts import MEASURES, rows
from compliance.selectors.totals import headline
from compliance.selectors.waterfall import waterfall_of
from compliance.selectors.waterfall_parts import months_before
from compliance.services.recomputation import recompute, refresh_stale
from registry.models import Merger, Miner, MonthlyEnergy, Registration, Site
from registry.services.mergers import miner_merge, miner_unmerge
from tests.estimated_register import quietly
from tests.factories import MinerFactory, RegisterFactory, RegistrationFactory, SightingFactory, SiteFactory
from tests.norms import LAW, made_up_norm
from tests.registers import random_register

DAY = dt.date(2026, 11, 22)
DAYS = [dt.date(2024, 12, 1), dt.date(2025, 6, 1), DAY]
FROM_THE_FIRST = DateRange(LAW, None)
PRICED = (
    "norm__code",
    "territory",
    "kind",
    "occurrence",
    "penalty",
    "currency",
    "findings",
    "amount_low",
    "amount_high",
)


def persons_merged(random: Random, miners: list[Miner], number: int) -> None:
    """So many persons on file two or three times, of any kinds and in any places."""
    drawn = random.sample(miners, 3 * number)
    for at in range(number):
        person, second, third = drawn[3 * at : 3 * at + 3]
        miner_merge(miner=second, same_as=person)
        if random.random() < 0.5:
            miner_merge(miner=third, same_as=person)


def persons() -> dict[int, int]:
    of = dict(Merger.objects.values_list("miner", "same_as"))
    return {miner: of.get(miner, miner) for miner in Miner.objects.values_list("pk", flat=True)}


def holds(days: Any, day: dt.date) -> bool:
    spans = [days] if isinstance(days, DateRange) else days
    return any((span.lower is None or span.lower <= day) and (span.upper is None or day < span.upper) for span in spans)


def due_on(day: dt.date) -> dict[int, set[int]]:
    """The registers in which each person must stand on the day; that is asked of the rules, row by row."""
    person, due = persons(), defaultdict(set)
    for rule in rules_in_law():
        if isinstance(rule, RegistrationDuty | EnergyLimit):
            for miner, days in rule.duties(Scope()).values_list("pk", "due"):
                if holds(days, day):
                    due[person[miner]].add(rule.norm.register_id)
    return due


def read_plainly(day: dt.date) -> Counter[tuple[int, str, str]]:
    """Territory, kind and measure of each person of whom it holds."""
    person, due = persons(), due_on(day)
    entered = defaultdict(set)
    working = {person[miner.pk] for miner in Miner.objects.all() if holds(miner.operating, day)}
    for entry in Registration.objects.filter(period__contains=day):
        entered[person[entry.miner_id]].add(entry.register_id)
    found: Counter[tuple[int, str, str]] = Counter()
    for miner in Miner.objects.filter(pk__in=set(person.values())):
        true = {
            "on_file": miner.pk in working,
            "registered": miner.pk in working and bool(entered[miner.pk]),
            "obliged": miner.pk in due,
            "obliged_registered": miner.pk in due and due[miner.pk] <= entered[miner.pk],
        }
        found.update((miner.territory_id, miner.kind, measure) for measure in true if true[measure])
    return found


def counted(day: dt.date, cells: Any = None) -> Counter[tuple[int, str, str]]:
    found: Counter[tuple[int, str, str]] = Counter()
    for _, territory, kind, *figures in rows([day], cells):
        for measure, figure in zip(MEASURES[:4], figures, strict=False):
            found[territory, kind, measure] += figure
    return +found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_persons_are_counted_as_a_plain_reading_counts_them(ru_law: LawPack, seed: int) -> None:
    random = Random(seed)
    persons_merged(random, random_register(random, ru_law, size=150), 30)
    cells = sorted(set(Miner.objects.values_list("territory_id", "kind")))
    some = random.sample(cells, len(cells) // 2)
    for day in DAYS:
        plain = read_plainly(day)
        assert counted(day) == plain
        assert counted(day, some) == Counter({key: n for key, n in plain.items() if key[:2] in some})
    found = waterfall_of(DAY, territory=None, estimate=None)
    steps = {code: found.step(code).operations.point for code in ("in_time", "late", "ended", "never")}
    assert sum(steps.values()) == sum(n for key, n in plain.items() if key[2] == "obliged")
    met = sum(n for key, n in plain.items() if key[2] == "obliged_registered")
    assert steps["in_time"] + steps["late"] == met
    person, due = persons(), due_on(DAY)
    first, past = months_before(DAY)
    bound = [miner for miner in person if person[miner] in due]
    drawn = MonthlyEnergy.objects.filter(miner__in=bound, month__gte=first, month__lt=past)
    energy = [found.step(code).energy_kwh.low or 0 for code in steps]
    assert sum(energy) == sum(drawn.values_list("energy_kwh", flat=True)) > 0
    whole = waterfall_of(DAY, territory=ru_law.territory, estimate=None)
    inside = [key for key in plain.elements() if key[2] == "obliged" and _in_russia(key[0], ru_law)]
    assert sum(whole.step(code).operations.point for code in steps) == len(inside)


def _in_russia(territory_id: int, pack: LawPack) -> bool:
    return bool(pack.territory.below.filter(descendant=territory_id).exists())


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """All that a recomputation stores, but for its own numbers and times."""
    return {
        "rates": sorted(RegistrationRate.objects.values_list("as_of", "territory", "kind", *MEASURES), key=str),
        "findings": sorted(
            Finding.objects.values_list("miner", "norm", "site", "territory", "kind", "valid", "facts"), key=str
        ),
        "exposure": sorted(Exposure.objects.values_list("book", *PRICED), key=str),
        "undetermined": sorted(
            Undetermined.objects.values_list("norm", "territory", "kind", "missing_fact", "miners"), key=str
        ),
        "undetermined miners": sorted(UndeterminedMiners.objects.values_list("territory", "kind", "miners"), key=str),
    }


def changed(random: Random, miners: list[Miner]) -> None:
    """A merger stated or taken back, or some fact of somebody who is on file more than once."""
    merged = list(Merger.objects.order_by("pk"))
    of_persons = Miner.objects.filter(pk__in=[each for m in merged for each in (m.miner_id, m.same_as_id)])
    one = random.choice(list(of_persons.order_by("pk")))
    what = random.randrange(6)
    if what == 0:
        first, second = random.sample([each for each in miners if not of_persons.filter(pk=each.pk).exists()], 2)
        miner_merge(miner=first, same_as=second)
    elif what == 1:
        miner_unmerge(miner=random.choice(merged).miner)
    elif what == 2:
        Miner.objects.filter(pk=one.pk).update(operating=DateRange(dt.date(2025, random.randint(1, 12), 1), None))
    elif what == 3:
        one.registrations.all().delete()
    elif what == 4:
        Site.objects.filter(miner=one).update(territory=random.choice(miners).territory_id)
    else:
        Miner.objects.filter(pk=one.pk).update(territory=random.choice(miners).territory_id)


@pytest.mark.parametrize("seed", [1, 2])
def test_refresh_equals_a_full_recomputation_after_every_change_of_persons(ru_law: LawPack, seed: int) -> None:
    random = Random(seed)
    miners = random_register(random, ru_law, size=60)
    persons_merged(random, miners, 10)
    recompute(as_of=DAY)
    for _ in range(8):
        changed(random, miners)
        refresh_stale(as_of=DAY)
        refreshed = stored()
        recompute(as_of=DAY)
        assert refreshed == stored()


def test_merger_taken_back_brings_everything_back(ru_law: LawPack) -> None:
    random = Random(4)
    miners = random_register(random, ru_law, size=60)
    recompute(as_of=DAY)
    before = stored()
    persons_merged(random, miners, 15)
    refresh_stale(as_of=DAY)
    merged = stored()
    person = persons()
    assert {row[0] for row in merged["findings"]} <= set(person.values())
    for name in ("rates", "findings", "undetermined"):
        assert merged[name] != before[name]
    for miner in Miner.objects.filter(merger__isnull=False):
        miner_unmerge(miner=miner)
    refresh_stale(as_of=DAY)
    assert stored() == before


def test_findings_of_a_person_are_those_of_its_miners_once(ru_law: LawPack) -> None:
    """Site by site and norm by norm, on each day on which any of its miners is in breach."""
    random = Random(5)
    miners = random_register(random, ru_law, size=60)
    persons_merged(random, miners, 15)
    recompute(as_of=DAY)
    person = persons()
    for day in DAYS:
        wanted = {
            (rule.norm.pk, person[miner], site)
            for rule in rules_in_law()
            for miner, site, _, _, valid, _ in rule.spans(Scope(), DAY)
            if holds(valid, day)
        }
        found = Finding.objects.filter(valid__contains=day).values_list("norm", "miner", "site")
        assert sorted(found, key=str) == sorted(wanted, key=str)


def two_on_file(**of_both: Any) -> list[Miner]:
    return MinerFactory.create_batch(2, operating=FROM_THE_FIRST, **of_both)


@pytest.mark.parametrize("entered", ["survivor", "merged"])
def test_person_has_met_its_duty_with_an_entry_of_either_miner(db: None, entered: str) -> None:
    register = RegisterFactory()
    norm = made_up_norm("registration_duty", {}, register=register)
    survivor, merged = two_on_file()
    RegistrationFactory(miner=survivor if entered == "survivor" else merged, register=register, period=FROM_THE_FIRST)
    recompute(as_of=DAY)
    assert Finding.objects.count() == 1
    assert (headline(DAY).on_file, headline(DAY).obliged, headline(DAY).obliged_registered) == (2, 2, 1)
    miner_merge(miner=merged, same_as=survivor)
    assert set(StaleMark.objects.exclude(miner_id=None).values_list("miner_id", flat=True)) == {survivor.pk, merged.pk}
    refresh_stale(as_of=DAY)
    assert Finding.objects.count() == 0
    assert not any(rule.breaches(DAY).exists() for rule in rules_in_law() if rule.norm == norm)
    assert (headline(DAY).on_file, headline(DAY).registered) == (1, 1)
    assert (headline(DAY).obliged, headline(DAY).obliged_registered) == (1, 1)


def test_host_answers_for_a_client_as_a_person(db: None) -> None:
    register = RegisterFactory()
    duty = made_up_norm("registration_duty", {}, register=register)
    hosting = made_up_norm("hosting", {"clients_register": register.code}, miner_kinds=("operator",), register=register)
    Norm.objects.filter(pk=hosting.pk).update(pack=duty.pack_id)
    host = MinerFactory(operator=True, operating=FROM_THE_FIRST)
    client, merged = two_on_file()
    SiteFactory(miner=client, host=host, period=FROM_THE_FIRST)
    entry = RegistrationFactory(miner=merged, register=register, period=FROM_THE_FIRST)
    recompute(as_of=DAY)
    of_host = Finding.objects.filter(norm=hosting, miner=host)
    assert of_host.count() == 1
    miner_merge(miner=merged, same_as=client)
    refresh_stale(as_of=DAY)
    assert of_host.count() == 0
    entry.delete()
    refresh_stale(as_of=DAY)
    assert of_host.count() == 1


def test_one_breach_of_two_miners_is_priced_once_until_they_are_parted(db: None) -> None:
    made_up_norm("registration_duty", {})
    survivor, merged = two_on_file()
    Miner.objects.filter(pk=survivor.pk).update(operating=DateRange(dt.date(2025, 3, 1), None))
    miner_merge(miner=merged, same_as=survivor)
    recompute(as_of=DAY)
    [finding] = Finding.objects.all()
    assert (finding.miner_id, finding.valid) == (survivor.pk, FROM_THE_FIRST)
    assert finding.facts["operating_from"] == LAW.isoformat()
    miner_unmerge(miner=merged)
    refresh_stale(as_of=DAY)
    assert Finding.objects.count() == 2


def test_sites_under_a_merged_miner_stay_in_the_banned_area(ru_law: LawPack) -> None:
    survivor, merged = MinerFactory.create_batch(2)
    banned = Norm.objects.filter(kind="ban", pack=ru_law).order_by("pk")[0].areas.order_by("pk")[0].territory
    site = SiteFactory(miner=merged, territory=banned, off_grid=False)
    recompute(as_of=DAY)
    before = Finding.objects.filter(site=site).values_list("norm", "valid", "territory").order_by("pk")
    told = list(before)
    assert told
    miner_merge(miner=merged, same_as=survivor)
    refresh_stale(as_of=DAY)
    assert list(before) == told
    assert set(Finding.objects.values_list("miner", flat=True)) <= {survivor.pk}


def test_fine_of_a_merged_miner_makes_the_person_a_repeat_offender(ru_law: LawPack) -> None:
    random_register(Random(6), ru_law, size=60)
    recompute(as_of=DAY)
    breached = Finding.objects.open_on(DAY).values("norm")
    band = Penalty.objects.filter(norm__in=breached, occurrence="first", amount_low__gt=0).order_by("pk")[0]
    person = Finding.objects.open_on(DAY).filter(norm=band.norm).order_by("pk")[0].miner
    merged = MinerFactory(kind=person.kind, territory=person.territory)
    miner_merge(miner=merged, same_as=person)
    refresh_stale(as_of=DAY)
    repeated = Exposure.objects.filter(norm=band.norm, book__kind="law", occurrence="repeat")
    before = sum(repeated.values_list("findings", flat=True))
    offence = DAY - dt.timedelta(days=60)
    case = Case.objects.create(miner=merged, norm=band.norm, offence_on=offence, opened_on=offence)
    with quietly():  # the band is a bill's, under which nobody is fined yet
        Fine.objects.create(
            case=case, penalty=band, occurrence="first", reference="F", amount=band.amount_low,
            currency=band.currency, decided_on=offence, due_on=DAY, status="issued",
        )  # fmt: skip
    recompute(as_of=DAY)
    again = Finding.objects.open_on(DAY).filter(norm=band.norm, miner=person).count()
    assert again
    assert sum(repeated.all().values_list("findings", flat=True)) == before + again


def test_sighted_person_is_counted_with_the_others(db: None) -> None:
    survivor, merged = two_on_file()
    for miner in (survivor, merged):
        SightingFactory(miner=miner, seen_on=DAY, territory=miner.territory)
    miner_merge(miner=merged, same_as=survivor)
    [row] = rows([DAY])
    assert dict(zip(MEASURES, row[3:], strict=True)) == {
        "on_file": 1, "registered": 0, "obliged": 0, "obliged_registered": 0, "sighted": 1, "sighted_registered": 0
    }  # fmt: skip
