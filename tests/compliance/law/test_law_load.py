"""What loading a pack stores, what it keeps, and what it refuses to take away."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.law.load import PACKS, law_load, pack_paths
from compliance.law.schema import PackRefused
from compliance.models import (
    Act,
    ActStatus,
    BannedArea,
    Book,
    Case,
    Claim,
    Finding,
    Fine,
    LawPack,
    LawVersion,
    Norm,
    Penalty,
    Scenario,
    StaleMark,
    UnitRate,
)
from registry.models import Miner, Territory
from registry.services.territories import territories_load
from tests.factories import MinerFactory

TABLES = (LawPack, LawVersion, Act, ActStatus, Norm, BannedArea, Book, Penalty, UnitRate, Scenario, Claim, Territory)
OFFENCE = dt.date(2025, 5, 1)
LAW_BAND = """      - norms: [ru.registration]
        act: ru.law-on-mining
        article: art. 9
        offenders: [legal_entity]
        occurrence: first
        amount: {low: 100, high: 200, currency: RUB}
        confidence: M
        sources: [wire]
"""


def everything() -> dict[str, list[Any]]:
    tables: tuple[type[models.Model], ...] = TABLES
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in tables}


@pytest.fixture
def loaded(territories: None, pack_with: Callable[..., Path]) -> LawPack:
    """The small sound pack, loaded, and its stale mark taken."""
    law_load(pack_with())
    StaleMark.objects.all().delete()
    return LawPack.objects.get(code="ru")


@pytest.fixture
def miner(loaded: LawPack) -> Any:
    return MinerFactory()


def fine_of(miner: Miner, penalty: Penalty) -> Fine:
    case = Case.objects.create(miner=miner, norm=penalty.norm, offence_on=OFFENCE, opened_on=OFFENCE)
    return Fine.objects.create(
        case=case,
        penalty=penalty,
        occurrence=penalty.occurrence,
        reference="1/2025",
        amount=Decimal(150),
        currency="RUB",
        decided_on=OFFENCE,
        due_on=OFFENCE,
    )


def test_nothing_is_written_when_the_same_pack_is_loaded_again(ru_law: LawPack) -> None:
    StaleMark.objects.all().delete()
    before = everything()

    outcome = law_load(PACKS / "ru.yaml")

    assert not outcome.changes
    assert str(outcome) == f"Pack ru ({ru_law.version}): nothing has changed."
    assert everything() == before
    assert not StaleMark.objects.exists()


def test_all_totals_are_stale_when_a_pack_is_loaded_first(territories: None, pack_with: Callable[..., Path]) -> None:
    outcome = law_load(pack_with())

    assert [str(change) for change in outcome.changes] == [
        "packs: 1 added",
        "territories: 1 added",
        "registers: 1 added",
        "acts: 2 added",
        "statuses of acts: 3 added",
        "norms: 2 added",
        "banned areas: 3 added",
        "books: 2 added",
        "penalties: 5 added",
        "claims: 1 added",
    ]
    mark = StaleMark.objects.get()
    assert (mark.source, mark.miner_id, mark.territory_id, mark.kind) == ("law", None, None, "")


def test_rows_keep_their_keys_when_their_facts_change(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    norms = dict(Norm.objects.values_list("code", "pk"))
    band = Penalty.objects.get(book__code="ru.law")

    outcome = law_load(
        pack_with(
            ("sentence: Who mines must register.", "sentence: Who mines stands in the register."),
            ("amount: {low: 100, high: 200, currency: RUB}", "amount: {low: 100, high: 250, currency: RUB}"),
        )
    )

    assert [str(change) for change in outcome.changes] == [
        "packs: 1 changed",
        "norms: 1 changed",
        "penalties: 1 changed",
    ]
    assert dict(Norm.objects.values_list("code", "pk")) == norms
    band.refresh_from_db()
    assert band.amount_high == 250
    assert StaleMark.objects.count() == 1


def test_band_keeps_its_row_and_its_fine_when_its_first_day_is_corrected(
    miner: Miner, pack_with: Callable[..., Path]
) -> None:
    band = Penalty.objects.get(book__code="ru.law")
    fine = fine_of(miner, band)

    law_load(pack_with(("        article: art. 9\n", "        article: art. 9\n        from: 2025-01-01\n")))

    fine.refresh_from_db()
    assert fine.penalty == band
    band.refresh_from_db()
    assert list(band.in_force) == [DateRange(dt.date(2025, 1, 1), None, "[)")]


def test_row_is_put_right_when_somebody_edited_it(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    Penalty.objects.filter(book__code="ru.law").update(amount_high=999)

    outcome = law_load(pack_with())

    assert [str(change) for change in outcome.changes] == ["penalties: 1 changed"]
    assert Penalty.objects.get(book__code="ru.law").amount_high == 200


def test_no_totals_are_stale_when_only_a_claim_changes(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    outcome = law_load(pack_with(("    low: 0.3\n", "    low: 0.31\n")))

    assert [change.noun for change in outcome.changes] == ["packs", "claims"]
    assert not StaleMark.objects.exists()


def test_rows_are_removed_when_they_leave_the_pack(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    outcome = law_load(pack_with((LAW_BAND, "      []\n")))

    assert [str(change) for change in outcome.changes] == ["packs: 1 changed", "penalties: 1 removed"]
    assert not Penalty.objects.filter(book__code="ru.law").exists()


def test_norm_stays_when_a_finding_rests_on_it(miner: Miner, pack_with: Callable[..., Path]) -> None:
    norm = Norm.objects.get(code="ru.ban")
    Finding.objects.create(
        miner=miner, norm=norm, territory=miner.territory, kind=miner.kind, valid=DateRange(OFFENCE, None, "[)")
    )
    before = everything()

    with pytest.raises(PackRefused) as refused:
        law_load(pack_with(("  - code: ru.ban\n", "  - code: ru.prohibition\n"), (", ru.ban]", "]")))

    assert "Norm ru.ban is gone from the pack, but findings rest on it (1)" in refused.value.sentence
    assert everything() == before


def test_penalty_stays_when_a_fine_rests_on_it(miner: Miner, pack_with: Callable[..., Path]) -> None:
    fine_of(miner, Penalty.objects.get(book__code="ru.law"))

    with pytest.raises(
        PackRefused, match=r"art\. 9: 100\.00 to 200\.00 RUB is gone from the pack, but fines rest on it"
    ):
        law_load(pack_with((LAW_BAND, "      []\n")))

    assert Penalty.objects.filter(book__code="ru.law").count() == 1


def test_fine_is_impossible_when_its_band_is_of_a_bill(miner: Miner) -> None:
    band = Penalty.objects.get(book__kind="bill", norm__code="ru.registration", occurrence="first")
    assert band.in_force is None

    with pytest.raises(IntegrityError, match="were in force on the day of the offence"), transaction.atomic():
        fine_of(miner, band)

    assert not Fine.objects.exists()


def test_weak_norm_is_impossible_as_law_in_force_through_any_door(loaded: LawPack) -> None:
    with pytest.raises(IntegrityError, match="norm_in_force_is_well_sourced"), transaction.atomic():
        Norm.objects.filter(code="ru.registration").update(confidence="L")


def test_book_of_law_keeps_its_code(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    with pytest.raises(PackRefused, match=r"Book ru\.codes holds the law in force, as ru\.law did; keep that code"):
        law_load(pack_with(("  - code: ru.law\n", "  - code: ru.codes\n")))


def test_pack_is_refused_when_the_territories_are_not_loaded(db: None, pack_with: Callable[..., Path]) -> None:
    with pytest.raises(PackRefused, match="line 11: The territory RU-IRK is not in the database; load the territories"):
        law_load(pack_with())

    assert not LawPack.objects.exists()


def test_command_tells_everything_and_fails_when_a_pack_is_bad(
    pack_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = pack_with(("    citation: No. 1\n", ""), ("    unit: share", "    unit: part"))

    with pytest.raises(SystemExit) as left:
        call_command("law", "check", str(path))

    assert left.value.code == 1
    told = capsys.readouterr().err
    assert "ru.yaml, line 15: Act ru.law-on-mining lacks “citation”." in told
    assert "Claim ru.claim.third has “part” under “unit”" in told


def test_command_counts_what_it_checked(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("law", "check", "ru")

    assert capsys.readouterr().out.startswith("ru.yaml: sound. 15 acts, 24 norms")


def test_command_tells_what_it_loaded(
    territories: None, pack_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("law", "load", str(pack_with()))

    assert "  norms: 2 added\n" in capsys.readouterr().out


def test_command_refuses_when_there_is_no_such_pack() -> None:
    with pytest.raises(CommandError, match="There is no pack “atlantis”"):
        call_command("law", "load", "atlantis")


def band_of_law() -> Penalty:
    return Penalty.objects.get(book__code="ru.law")


def half_open(*spans: tuple[str, str | None]) -> list[DateRange]:
    day = dt.date.fromisoformat
    return [DateRange(day(first), day(end) if end else None, "[)") for first, end in spans]


SUSPENDED = (
    "{status: in_force, from: 2024-11-01, confidence: H, sources: [wire]}",
    (
        "{status: in_force, from: 2024-11-01, until: 2025-01-31, confidence: H, sources: [wire]}\n"
        "      - {status: suspended, from: 2025-02-01, until: 2025-03-31, confidence: M, sources: [wire],\n"
        "         note: Court}\n"
        "      - {status: in_force, from: 2025-04-01, confidence: H, sources: [wire]}"
    ),
)


def test_norm_and_band_are_law_in_two_stretches_when_their_act_was_suspended(
    territories: None, pack_with: Callable[..., Path]
) -> None:
    law_load(pack_with(SUSPENDED))

    stretches = half_open(("2024-11-01", "2025-02-01"), ("2025-04-01", None))
    norm = Norm.objects.get(code="ru.registration")
    assert list(norm.in_force or ()) == stretches
    assert list(band_of_law().in_force or ()) == stretches
    assert [(entry["status"], entry["from"], entry["until"]) for entry in norm.timeline] == [
        ("in_force", "2024-11-01", "2025-01-31"),
        ("suspended", "2025-02-01", "2025-03-31"),
        ("in_force", "2025-04-01", None),
    ]
    assert norm.timeline[1] == {
        "status": "suspended",
        "from": "2025-02-01",
        "until": "2025-03-31",
        "confidence": "M",
        "sources": [{"url": "https://example.org/wire", "confidence": "M", "note": "A wire"}],
        "note": "Court",
        "conflicts": [],
    }


def test_norm_with_statuses_of_its_own_is_law_only_while_its_act_is_too(
    territories: None, pack_with: Callable[..., Path]
) -> None:
    own = (
        "    parameters: {}\n",
        (
            "    parameters: {}\n    statuses:\n"
            "      - {status: draft, from: 2024-01-01, until: 2024-12-31, confidence: L, sources: [wire]}\n"
            "      - {status: in_force, from: 2025-01-01, confidence: H, sources: [wire]}\n"
        ),
    )

    law_load(pack_with(SUSPENDED, own))

    norm = Norm.objects.get(code="ru.registration")
    assert list(norm.in_force or ()) == half_open(("2025-01-01", "2025-02-01"), ("2025-04-01", None))
    assert [(entry["status"], entry["from"], entry["until"]) for entry in norm.timeline] == [
        ("draft", "2024-01-01", "2024-12-31"),
        ("in_force", "2025-01-01", "2025-01-31"),
        ("suspended", "2025-02-01", "2025-03-31"),
        ("in_force", "2025-04-01", None),
    ]
    assert band_of_law().in_force == norm.in_force, "a band of the law is law only where its norm is"


def test_band_of_a_bill_keeps_the_days_that_it_is_for_and_never_is_law(
    territories: None, pack_with: Callable[..., Path]
) -> None:
    law_load(pack_with(("        article: art. 3\n", "        article: art. 3\n        from: 2026-07-01\n")))

    bands = Penalty.objects.filter(book__code="ru.book-of-bill")
    assert {(band.in_force, str(list(band.days))) for band in bands} == {(None, str(half_open(("2026-07-01", None))))}
    assert list(band_of_law().days) == [DateRange(None, None, "[)")]
    assert {entry["status"] for band in bands for entry in band.timeline} == {"tabled"}


def test_contradicting_sources_are_kept_beside_what_they_contradict(
    territories: None, pack_with: Callable[..., Path]
) -> None:
    against = "conflicts: [{says: From 2025 on., confidence: L, sources: [wire], note: A blog.}]"
    law_load(
        pack_with(
            ("    citation: No. 1\n", f"    citation: No. 1\n    {against}\n"),
            ("    article: art. 1\n", f"    article: art. 1\n    {against}\n"),
            ("        article: art. 9\n", f"        article: art. 9\n        {against}\n"),
        )
    )

    kept = [
        {
            "says": "From 2025 on.",
            "confidence": "L",
            "sources": [
                {"url": "https://example.org/wire", "confidence": "L", "note": "A wire"},
                {"url": "", "confidence": "L", "note": "A blog."},
            ],
        }
    ]
    assert Act.objects.get(code="ru.law-on-mining").conflicts == kept
    assert Norm.objects.get(code="ru.registration").conflicts == kept
    assert band_of_law().conflicts == kept


UNITS = """units:
  - unit: BCV
    title: Base unit
    rates:
      - {value: 100, currency: RUB, from: 2025-01-01, until: 2025-12-31, confidence: H, sources: [wire]}
      - {value: 110.5, currency: RUB, from: 2026-01-01, confidence: M, sources: [wire]}
books:
"""


def test_rates_of_units_follow_the_pack_when_their_days_move(territories: None, pack_with: Callable[..., Path]) -> None:
    with_units = ("books:\n", UNITS)
    law_load(pack_with(with_units))
    StaleMark.objects.all().delete()

    outcome = law_load(pack_with(with_units, ("until: 2025-12-31", "until: 2025-06-30"), ("2026-01-01", "2025-07-01")))

    assert [str(change) for change in outcome.changes] == ["packs: 1 changed", "rates of units: 2 added, 2 removed"]
    rates = UnitRate.objects.values_list("unit", "value", "currency", "period")
    assert list(rates) == [
        ("BCV", Decimal(100), "RUB", half_open(("2025-01-01", "2025-07-01"))[0]),
        ("BCV", Decimal("110.50"), "RUB", half_open(("2025-07-01", None))[0]),
    ]
    assert StaleMark.objects.count() == 1, "what is priced in the unit costs something else now"


def test_calendar_and_milder_law_make_the_totals_stale(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    head = '  version: "1"\n'
    more = "  calendar: RU\n  milder_reaches_back: {value: true, confidence: M, sources: [wire]}\n"

    outcome = law_load(pack_with((head, f"{head}{more}")))

    assert [str(change) for change in outcome.changes] == ["packs: 1 changed"]
    loaded.refresh_from_db()
    assert (loaded.calendar, loaded.milder_reaches_back) == ("RU", True)
    assert StaleMark.objects.count() == 1


SCENARIO = """scenarios:
  - code: ru.scenario.bill
    title: The bill as law
    note: From the new year on.
    changes:
      - {act: ru.bill, in_force_from: 2027-01-01}
claims:
"""


def test_ready_made_scenarios_come_and_go_with_the_pack_and_leave_the_totals(
    loaded: LawPack, pack_with: Callable[..., Path]
) -> None:
    law_load(pack_with(("claims:\n", SCENARIO)))

    assert list(Scenario.objects.values_list("code", "title", "pack__code", "ready_made", "changes")) == [
        ("ru.scenario.bill", "The bill as law", "ru", True, [{"act": "ru.bill", "in_force_from": "2027-01-01"}])
    ]
    assert not StaleMark.objects.exists()
    assert [str(change) for change in law_load(pack_with()).changes] == ["packs: 1 changed", "scenarios: 1 removed"]


def test_scenario_of_an_analyst_is_not_overwritten(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    Scenario.objects.create(code="ru.scenario.bill", title="Mine", pack=loaded, changes=[])

    with pytest.raises(PackRefused, match=r"Scenario ru\.scenario\.bill is on file already as somebody's own"):
        law_load(pack_with(("claims:\n", SCENARIO)))

    assert Scenario.objects.get().title == "Mine"


def test_every_text_is_kept_once_in_the_order_of_loading(loaded: LawPack, pack_with: Callable[..., Path]) -> None:
    first = pack_with().read_text(encoding="utf-8")
    law_load(pack_with())
    law_load(pack_with(('  version: "1"', '  version: "2"')))
    law_load(pack_with())

    kept = LawVersion.objects.filter(pack=loaded).order_by("id")
    assert [version.version for version in kept] == ["1", "2", "1"], "the first text came back"
    assert [version.text == first for version in kept] == [True, False, True]


@pytest.mark.django_db
def test_all_packs_are_stored_side_by_side_and_nothing_is_written_when_they_come_again() -> None:
    territories_load()
    for path in pack_paths():
        assert law_load(path).changes
    before = everything()

    assert [str(outcome) for path in pack_paths() if (outcome := law_load(path)).changes] == []

    assert everything() == before
    assert LawPack.objects.count() == len(pack_paths())
    assert not Norm.objects.filter(confidence="L", in_force__not_empty=True).exists()
    outside = Penalty.objects.filter(in_force__isnull=False).extra(  # no lookup says “not contained by”
        tables=["compliance_norm"],
        where=["compliance_norm.id = norm_id", "NOT compliance_penalty.in_force <@ compliance_norm.in_force"],
    )
    assert not outside.exists(), "a band is law on a day on which its norm is not"
