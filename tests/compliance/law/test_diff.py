"""What `law diff` says that a new version would change, in words and in money; and that it changes nothing itself."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange

from compliance.law.diff.money import Caught, Figures, Key, effects
from compliance.law.diff.words import changes_in_words
from compliance.law.load import PACKS, law_load
from compliance.law.parse import pack_read
from compliance.models import (
    Act,
    BannedArea,
    Exposure,
    Finding,
    LawPack,
    LawVersion,
    Norm,
    Penalty,
    Recomputation,
    StaleMark,
    Undetermined,
)
from compliance.services.recomputation import recompute
from registry.models import Register, Territory
from tests.factories import MinerFactory, RegistrationFactory

AS_OF = dt.date(2026, 11, 22)
AMOUNT = ("{low: 100, high: 200, currency: RUB}", "{low: 150, high: 250, currency: RUB}")
WITH_ENTREPRENEURS = ("miner_kinds: [legal_entity]\n    from", "miner_kinds: [legal_entity, entrepreneur]\n    from")
BAND = "The penalty of book ru.law for ru.registration (legal entity; first offence):"
TABLES: tuple[type[models.Model], ...] = (
    LawPack, LawVersion, Act, Norm, BannedArea, Penalty, Finding, Exposure, Undetermined, Recomputation, StaleMark,
)  # fmt: skip


def everything() -> dict[str, list[Any]]:
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in TABLES}


@pytest.fixture
def register(territories: None, pack_with: Callable[..., Path]) -> None:
    """The small pack, three companies of which one is registered, and two entrepreneurs, whom it does not address."""
    law_load(pack_with())
    moscow = Territory.objects.get(code="RU-MOW")
    entered = MinerFactory(territory=moscow)
    RegistrationFactory(
        miner=entered, register=Register.objects.get(code="ru.miners"), period=DateRange(dt.date(2024, 11, 1), None)
    )
    MinerFactory.create_batch(2, territory=moscow)
    MinerFactory.create_batch(2, territory=moscow, kind="entrepreneur")
    recompute(as_of=AS_OF)


def words(pack_with: Callable[..., Path], *changes: tuple[str, str]) -> list[str]:
    before = pack_read(pack_with())
    return changes_in_words(before, pack_read(pack_with(*changes)))


def test_nothing_is_said_when_only_the_layout_differs(pack_with: Callable[..., Path]) -> None:
    assert words(pack_with, ("# A small pack", "# The same small pack\n# A small pack")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            *AMOUNT,
            f"{BAND} its amount was “100 to 200 RUB” and is now “150 to 250 RUB”.",
        ),
        (
            "sentence: Who mines must register.",
            "sentence: Miners register.",
            "Norm ru.registration: its sentence was “Who mines must register.” and is now “Miners register.”.",
        ),
        (
            "{exempt_off_grid_from: 2025-03-15}",
            "{exempt_off_grid_from: 2025-04-15}",
            "Norm ru.ban: its parameter exempt_off_grid_from was “2025-03-15” and is now “2025-04-15”.",
        ),
        (
            "{exempt_off_grid_from: 2025-03-15}",
            "{}",
            "Norm ru.ban: its parameter exempt_off_grid_from was “2025-03-15” and is no longer given.",
        ),
        (
            "status: tabled, from: 2026-01-19",
            "status: draft, from: 2026-01-19",
            (
                "Act ru.bill: its status over time was “tabled since 2026-01-19 (M)” "
                "and is now “draft since 2026-01-19 (M)”."
            ),
        ),
        (
            'from: "11-15", until: "03-15"',
            'from: "12-01", until: "03-15"',
            (
                "The ban of norm ru.ban in RU-BU: its period was “2024-11-15 to 2025-03-15; 2025-11-15 to 2026-03-15; "
                "2026-11-15 to 2027-03-15” and is now “2024-12-01 to 2025-03-15; 2025-12-01 to 2026-03-15; "
                "2026-12-01 to 2027-03-15”."
            ),
        ),
        (
            '  version: "1"\n',
            '  version: "1"\n  calendar: RU\n',
            "Pack ru: its calendar of days off was not given and is now “RU”.",
        ),
        (
            "claims:\n",
            (
                "units:\n  - unit: BCV\n    title: Unit\n    rates:\n"
                "      - {value: 100, currency: RUB, from: 2026-01-01, confidence: H, sources: [wire]}\nclaims:\n"
            ),
            "The rate of BCV since 2026-01-01 is new: 100 RUB.",
        ),
    ],
)
def test_change_is_said_in_one_sentence(old: str, new: str, said: str, pack_with: Callable[..., Path]) -> None:
    assert said in words(pack_with, (old, new))


def test_norm_that_is_renamed_is_said_to_be_new_and_gone(pack_with: Callable[..., Path]) -> None:
    said = words(pack_with, ("  - code: ru.ban\n", "  - code: ru.prohibition\n"), (", ru.ban]", "]"))

    assert "Norm ru.prohibition is new: Ban." in said
    assert "Norm ru.ban is gone: Ban." in said


def test_every_item_is_new_when_nothing_is_stored(pack_with: Callable[..., Path]) -> None:
    said = changes_in_words(None, pack_read(pack_with()))

    assert len(said) == len(set(said)) == 13
    assert all(" is new" in sentence for sentence in said)


@pytest.mark.parametrize("path", sorted(PACKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_item_of_a_pack_has_a_key_of_its_own(path: Path) -> None:
    pack = pack_read(path)
    bands = sum(len(book.penalties) for book in pack.books)
    areas = sum(len(norm.areas) for norm in pack.norms)
    lists = (pack.territories, pack.registers, pack.acts, pack.norms, pack.books, pack.claims, pack.scenarios)
    rates = sum(len(unit.rates) for unit in pack.units)

    assert len(changes_in_words(None, pack)) == 1 + sum(map(len, lists)) + bands + areas + rates
    assert changes_in_words(pack, pack) == []


def test_higher_amount_is_the_same_findings_for_more_money(register: None, pack_with: Callable[..., Path]) -> None:
    found = effects(pack_with(AMOUNT), "ru", as_of=AS_OF)

    law = Key("ru.law", "ru.registration", "RUB")
    assert found.keys() == [law]
    assert found.before[law] == Figures(2, Decimal(200), Decimal(400))
    assert found.after[law] == Figures(2, Decimal(300), Decimal(500))
    assert found.caught == {"ru.registration": Caught(0, 0)}
    line = "ru.law, ru.registration, RUB: 2 findings of 200.00 to 400.00, now 2 of 300.00 to 500.00"
    assert found.told() == [f"{line} (+0; +100.00 to +100.00)."]


def test_wider_duty_catches_more_miners_and_leaves_them_unpriced(
    register: None, pack_with: Callable[..., Path]
) -> None:
    found = effects(pack_with(WITH_ENTREPRENEURS), "ru", as_of=AS_OF)

    assert found.caught == {"ru.registration": Caught(2, 0)}
    unknown = Key("ru.law", "ru.registration", "")
    assert (found.before.get(unknown), found.after[unknown].findings) == (None, 2)
    assert "ru.registration (Registration): 2 findings newly open, 0 no longer open." in found.told()
    assert "ru.law, ru.registration: 0 findings without a known amount, now 2." in found.told()


def test_repeal_lets_everybody_go(register: None, pack_with: Callable[..., Path]) -> None:
    ended = ("    from: 2024-11-01\n    parameters", "    from: 2024-11-01\n    until: 2026-10-31\n    parameters")

    found = effects(pack_with(ended), "ru", as_of=AS_OF)

    assert found.caught == {"ru.registration": Caught(0, 2)}
    assert {key: figures for key, figures in found.after.items() if key.norm == "ru.registration"} == {}


def test_stale_figures_are_brought_up_to_date_before_they_are_compared(
    register: None, pack_with: Callable[..., Path]
) -> None:
    MinerFactory(territory=Territory.objects.get(code="RU-MOW"))
    assert StaleMark.objects.exists()

    found = effects(pack_with(), "ru", as_of=AS_OF)

    assert found.before[Key("ru.law", "ru.registration", "RUB")].findings == 3
    assert found.told() == ["Nothing that is open on 2026-11-22 would cost another sum."]


def test_one_file_is_compared_with_another_whatever_is_stored(
    register: None, pack_with: Callable[..., Path], tmp_path: Path
) -> None:
    wider = tmp_path / "wider.yaml"
    wider.write_text(pack_with(WITH_ENTREPRENEURS).read_text(encoding="utf-8"), encoding="utf-8")

    found = effects(pack_with(), "ru", as_of=AS_OF, against=wider)

    assert found.caught == {"ru.registration": Caught(0, 2)}


def test_nothing_stays_stored(register: None, pack_with: Callable[..., Path], tmp_path: Path) -> None:
    wider = tmp_path / "wider.yaml"
    wider.write_text(pack_with(WITH_ENTREPRENEURS).read_text(encoding="utf-8"), encoding="utf-8")
    MinerFactory()
    before = everything()

    for against in (None, wider):
        assert effects(pack_with(AMOUNT), "ru", as_of=AS_OF, against=against).told()
        assert everything() == before


def test_command_says_what_changes_in_words_and_in_money(
    register: None, pack_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("law", "diff", str(pack_with(AMOUNT)), "--as-of", "2026-11-22")

    assert capsys.readouterr().out == (
        "ru.yaml beside what is stored, in words:\n"
        f"  {BAND} its amount was “100 to 200 RUB” and is now “150 to 250 RUB”.\n"
        "In money, for what is open on 2026-11-22:\n"
        "  ru.law, ru.registration, RUB: 2 findings of 200.00 to 400.00, now 2 of 300.00 to 500.00 "
        "(+0; +100.00 to +100.00).\n"
        "Nothing was stored.\n"
    )
    assert LawVersion.objects.count() == 1


def test_command_shows_a_pack_that_was_never_loaded(
    territories: None, pack_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("law", "diff", str(pack_with()), "--as-of", "2026-11-22")

    told = capsys.readouterr().out
    assert "  Norm ru.registration is new: Registration.\n" in told
    assert "  Nothing that is open on 2026-11-22 would cost another sum.\n" in told
    assert not LawPack.objects.exists()


def test_command_refuses_a_pack_that_could_not_be_loaded(
    register: None, pack_with: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    renamed = (("  - code: ru.registration\n", "  - code: ru.duty\n"), ("[ru.registration]", "[ru.duty]"))

    with pytest.raises(SystemExit) as left:
        call_command("law", "diff", str(pack_with(*renamed, ("[ru.registration, ru.ban]", "[ru.duty, ru.ban]"))))

    assert left.value.code == 1
    assert "Norm ru.registration is gone from the pack, but findings rest on it (2)" in capsys.readouterr().err


def test_command_compares_versions_of_one_pack_only(territories: None, pack_with: Callable[..., Path]) -> None:
    with pytest.raises(CommandError, match=r"holds pack kz, which is no version of ru"):
        call_command("law", "diff", str(pack_with()), "--against", str(PACKS / "kz.yaml"))
