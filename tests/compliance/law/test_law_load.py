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

from compliance.law.load import PACKS, law_load
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
    Norm,
    Penalty,
    StaleMark,
)
from registry.models import Miner, Territory
from tests.factories import MinerFactory

TABLES = (LawPack, Act, ActStatus, Norm, BannedArea, Book, Penalty, Claim, Territory)
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

    assert capsys.readouterr().out.startswith("ru.yaml: sound. 12 acts, 15 norms")


def test_command_tells_what_it_loaded(
    territories: None, pack_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("law", "load", str(pack_with()))

    assert "  norms: 2 added\n" in capsys.readouterr().out


def test_command_refuses_when_there_is_no_such_pack() -> None:
    with pytest.raises(CommandError, match="There is no pack “atlantis”"):
        call_command("law", "load", "atlantis")
