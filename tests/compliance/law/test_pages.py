"""The pages of docs/law are what the packs say: all of it, and nothing that depends on the day."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from compliance.law.load import pack_paths
from compliance.law.pages import PAGES, pages_of, pages_write, stale_pages
from compliance.law.parse import pack_read
from compliance.law.schema import Pack

PACKS = {path.stem: path for path in pack_paths()}
LINK = re.compile(r"\[\[\d+\]\]\(<[^>]*>\)|\[\d+\]")


def page_of(pack: Pack) -> str:
    return pages_of([pack])[f"{pack.code}.md"]


def cells_of(text: str) -> str:
    """The text as the pack writes it, without what Markdown needs for tables."""
    return text.replace("\\|", "|")


def test_pages_in_the_repository_are_what_the_packs_say() -> None:
    assert stale_pages() == [], "run “python manage.py law docs”"


@pytest.mark.parametrize("code", sorted(PACKS))
def test_page_has_every_norm_band_conflict_claim_scenario_act_and_source_of_its_pack(code: str) -> None:
    pack = pack_read(PACKS[code])
    page = cells_of(page_of(pack))

    said = [pack.title, pack.version, *(scenario.title for scenario in pack.scenarios)]
    for act in pack.acts:
        said += [act.title, act.citation, *(conflict.says for conflict in act.conflicts)]
        said += [f"{status.period.start}" for status in act.statuses]
    for norm in pack.norms:
        said += [norm.title, norm.sentence, norm.article, norm.cited.note, *(item.says for item in norm.conflicts)]
        said += [area.note for area in norm.areas]
    for book in pack.books:
        said += [book.title, book.note]
        for band in book.penalties:
            said += [band.article, band.cited.note, band.condition, *(item.says for item in band.conflicts)]
            said += [f"{band.amount.high:,.0f}" if band.amount.high is not None else "**unknown**"]
            said += [sanction.words for sanction in band.sanctions]
    said += [claim.statement for claim in pack.claims]
    cited = [item.cited for items in (pack.acts, pack.norms, pack.claims) for item in items]
    said += [url for citation in cited for url, _ in citation.urls]

    assert [words for words in said if words not in page] == []


@pytest.mark.parametrize("code", sorted(PACKS))
def test_numbers_of_sources_lead_to_the_list_of_sources(code: str) -> None:
    page = page_of(pack_read(PACKS[code]))
    body, _, listed = page.partition("\n## Sources\n")

    numbers = {int(number) for link in LINK.findall(body) for number in re.findall(r"\[(\d+)\]", link)}
    assert numbers == {int(number) for number in re.findall(r"(?m)^(\d+)\. ", listed)}


@pytest.mark.parametrize("code", sorted(PACKS))
def test_links_to_norms_lead_to_their_headings(code: str) -> None:
    page = page_of(pack_read(PACKS[code]))
    headings = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.*)$", page)
    }

    assert set(re.findall(r"\]\(#([^)]*)\)", page)) <= headings


def test_drafts_stand_under_what_is_not_law() -> None:
    page = page_of(pack_read(PACKS["ru"]))
    law, _, drafts = page.partition("\n## Not law: drafts and bills\n")

    assert "`ru.hosting.unregistered`" not in law
    assert "`ru.ban.year-round`" not in law
    assert "`ru.hosting.unregistered`" in drafts
    assert "`ru.registration.miner`" in law
    assert "`ru.registration.miner`" not in drafts


def test_what_nobody_found_is_named() -> None:
    page = page_of(pack_read(PACKS["ru"]))
    unknown = page.partition("\n## What is not known\n")[2].partition("\n## ")[0]

    for sentence in (
        "What a breach of “Registration of miners” costs: no penalty in force was found.",
        "By when “Data of operators on the miners whom they serve” is due.",
        "fines for illegal mining (draft art. 15.50 of KoAP)”, last seen tabled on 2026-01-19.",
        "Which part of Irkutsk Oblast (RU-IRK) “Ban of mining in named territories” means",
    ):
        assert sentence in unknown


def test_overview_says_why_a_jurisdiction_has_no_pack_and_none_of_them_has_one() -> None:
    packs = [pack_read(path) for path in PACKS.values()]
    told, _, left_out = pages_of(packs)["README.md"].partition("\n## Looked at and left out\n")
    rows = dict(re.findall(r"(?m)^\| ([^|]+) \| ([^|]+) \|$", left_out))
    named = rows.keys() - {"Jurisdiction"}

    assert named == {
        "Abkhazia", "Bhutan", "European Union", "Georgia", "Iran", "Quebec", "United States, federal law",
    }  # fmt: skip
    assert all(rows[name].endswith(".") for name in named)
    assert {pack.title for pack in packs}.isdisjoint(named)
    assert told.count("\n| [") == len(packs)


def test_pages_are_written_once_and_strays_go(tmp_path: Path) -> None:
    (tmp_path / "atlantis.md").write_text("# Atlantis\n", encoding="utf-8")

    written = pages_write(tmp_path)

    assert written == sorted(["README.md", "atlantis.md", *(f"{code}.md" for code in PACKS)])
    assert {path.name for path in tmp_path.iterdir()} == {"README.md", *(f"{code}.md" for code in PACKS)}
    assert pages_write(tmp_path) == []


def test_page_is_stale_when_somebody_edits_it(tmp_path: Path) -> None:
    pages_write(tmp_path)
    page = tmp_path / "ru.md"
    page.write_text(page.read_text(encoding="utf-8").replace("6,000", "7,000"), encoding="utf-8")

    assert stale_pages(tmp_path) == ["ru.md"]


def test_check_of_the_command_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in PAGES.iterdir()}

    call_command("law", "docs", "--check")

    assert capsys.readouterr().out == ""
    assert {path.name: path.stat().st_mtime_ns for path in PAGES.iterdir()} == before
