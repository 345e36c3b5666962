"""A case fails in a sentence where the law answers otherwise, and its file is refused where it is wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import DjangoDbBlocker

from compliance.law.cases import cases_path, cases_read, law_tried
from compliance.law.load import PACKS
from compliance.law.parse import pack_read
from compliance.law.schema import PackRefused
from compliance.models import LawPack, StaleMark
from registry.models import Miner
from registry.services.territories import iso_territories, territories_store

pytestmark = pytest.mark.django_db

ASKED = "A company that mines in Moscow and is not in the register"
CASE = f"""
cases:
  - case: "{ASKED}"
    on: 2026-11-22
    miner: {{kind: legal_entity, territory: RU-MOW, country: RU, operating: {{from: 2025-01-10}}}}
    expect:
      obliged: [ru.registration, ru.ban]
      breaches:
        ru.registration: {{since: 2025-01-10}}
      penalties:
        ru.law: {{ru.registration: {{low: 100, high: 200, currency: RUB}}}}
        ru.book-of-bill: {{ru.registration: {{low: 1000, high: 2000, currency: RUB, occurrence: first}}}}
    allowed: {{territory: RU-BU, verdict: banned, by: [ru.ban]}}
"""


@pytest.fixture(scope="module")
def places(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Russia's regions, stored once for all that is tried here."""
    with django_db_blocker.unblock(), transaction.atomic():
        territories_store(rows=[row for row in iso_territories() if row.code.split("-")[0] in ("RU", "UA", "CN", "US")])
        yield
        transaction.set_rollback(True)


@pytest.fixture
def tried(places: None, pack_with: Callable[..., Path]) -> Callable[..., list[str]]:
    """`tried((old, new), …)` runs the case above on the small pack with each `old` replaced, and gives the failures."""

    def run(*changes: tuple[str, str]) -> list[str]:
        text = CASE
        for old, new in changes:
            assert old in text, f"the case has no {old!r}"
            text = text.replace(old, new, 1)
        path = pack_with()
        own = cases_path(path)
        own.parent.mkdir(exist_ok=True)
        own.write_text(text, encoding="utf-8")
        return list(law_tried(path).failures)

    return run


def test_nothing_is_told_or_stored_when_the_law_says_what_is_expected(tried: Callable[..., list[str]]) -> None:
    marks = StaleMark.objects.count()

    assert tried() == []
    assert not LawPack.objects.exists()
    assert not Miner.objects.exists()
    assert StaleMark.objects.count() == marks


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "      obliged: [ru.registration, ru.ban]\n",
            "",
            "expected nothing of ru.registration, found the miner bound by it.",
        ),
        (
            "kind: legal_entity",
            "kind: individual",
            "expected the miner to be bound by ru.registration, found that it is not.",
        ),
        (
            "since: 2025-01-10",
            "since: 2025-01-11",
            "expected a breach of ru.registration since 2025-01-11, found since 2025-01-10.",
        ),
        (
            "{since: 2025-01-10}",
            "{since: 2025-01-10, until: 2026-11-21}",
            "expected a breach of ru.registration from 2025-01-10 until 2026-11-21, found since 2025-01-10.",
        ),
        (
            "      breaches:\n        ru.registration: {since: 2025-01-10}\n",
            "",
            "expected no breach of ru.registration, found since 2025-01-10.",
        ),
        (
            "      penalties:",
            "      undetermined: {ru.ban: the municipality}\n      penalties:",
            "expected “the municipality” to be unknown under ru.ban, found nothing.",
        ),
        (
            "{low: 100, high: 200, currency: RUB}",
            "{low: 100, high: 250, currency: RUB}",
            "expected 100 to 250 RUB for ru.registration in ru.law, found 100.00 to 200.00 RUB (first offence).",
        ),
        (
            "{low: 100, high: 200, currency: RUB}",
            "unknown",
            "expected unknown for ru.registration in ru.law, found 100.00 to 200.00 RUB (first offence).",
        ),
        (
            "ru.law: {ru.registration: {low: 100, high: 200, currency: RUB}}",
            "ru.law: {}",
            "expected no penalty for ru.registration in ru.law, found 100.00 to 200.00 RUB (first offence).",
        ),
        (
            "occurrence: first",
            "occurrence: repeat",
            (
                "expected 1,000 to 2,000 RUB (repeat offence) for ru.registration in ru.book-of-bill, "
                "found 1,000.00 to 2,000.00 RUB (first offence)."
            ),
        ),
        (
            "verdict: banned, by: [ru.ban]",
            "verdict: allowed",
            "expected mining in RU-BU on 2026-11-22 to be allowed, found banned by ru.ban (line 13).",
        ),
        (
            "miner: {kind: legal_entity",
            "registrations: [{register: ru.miners, from: 2025-02-01}]\n    miner: {kind: legal_entity",
            "expected a breach of ru.registration since 2025-01-10, found from 2025-01-10 until 2025-01-31.",
        ),
    ],
)
def test_case_fails_in_a_sentence_when_the_law_answers_otherwise(
    tried: Callable[..., list[str]], old: str, new: str, sentence: str
) -> None:
    assert f"cases/ru.yaml, case “{ASKED}” (line 3): {sentence}" in tried((old, new))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("    on: 2026", "    at: 2026", f"line 4: Case “{ASKED}” has the unknown key “at”"),
        ("RU-MOW", "RU-MOON", "The miner names the territory “RU-MOON”, which neither ISO 3166 nor the pack has."),
        ("[ru.registration,", "[ru.registraton,", "names the norm “ru.registraton”, which the pack does not have."),
        ("ru.book-of-bill", "ru.bill", "names the book “ru.bill”, which the pack does not have."),
        ("since:", "from:", "line 9: The breach of ru.registration lacks “since”."),
        ("since: 2025-01-10", "since: 2025-01-10, until: 2025-01-09", "ends on 2025-01-09, before it starts"),
        ("low: 100,", "low: 300,", "has its low end at 300, above its high end at 200."),
        ("verdict: banned", "verdict: forbidden", "must be one of allowed, banned, undetermined."),
        ("kind: legal_entity", "kind: company", "has “company” under “kind”"),
        ("    expect:", "    registrations: [{register: ru.pools, from: 2025-01-01}]\n    expect:", "“ru.pools”"),
        ("    expect:", "    readings: {march: 7000}\n    expect:", "needs a month such as 2025-03, not “march”."),
        ("    expect:", "    sites: [{host: nobody}]\n    expect:", "names the host “nobody”, who is not among"),
        (
            "    expect:",
            "    under: ru.scenario.none\n    expect:",
            "“ru.scenario.none”, which the pack does not have.",
        ),
        ("    expect:", "    expecting:", "lacks “expect”."),
    ],
)
def test_file_of_cases_is_refused_with_its_line_when_it_is_wrong(
    tried: Callable[..., list[str]], old: str, new: str, sentence: str
) -> None:
    with pytest.raises(PackRefused) as refused:
        tried((old, new))
    assert sentence in refused.value.sentence
    assert refused.value.sentence.startswith("cases/ru.yaml, line ")


def test_command_counts_the_cases(places: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("law", "test", "us-mt")

    path = PACKS / "us-mt.yaml"
    count = len(cases_read(cases_path(path), pack_read(path)).items)
    assert capsys.readouterr().out == f"us-mt.yaml: all {count} cases hold.\n"
    assert not LawPack.objects.exists()


def test_command_tells_failures_and_fails(
    tried: Callable[..., list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried(("since: 2025-01-10", "since: 2025-01-11"))

    with pytest.raises(SystemExit) as left:
        call_command("law", "test", str(tmp_path / "ru.yaml"))

    assert left.value.code == 1
    told = capsys.readouterr()
    assert "expected a breach of ru.registration since 2025-01-11" in told.err
    assert told.out == "ru.yaml: 1 of 1 cases fail.\n"
