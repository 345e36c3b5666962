"""Which pages there are, what is in them, and which of those on disk say something else."""

from pathlib import Path

from compliance.choices import BookKind, NormKind
from compliance.law.load import pack_paths
from compliance.law.pages import words
from compliance.law.pages.markdown import table
from compliance.law.pages.page import MADE, Page
from compliance.law.parse import pack_read
from compliance.law.schema import Pack

# Kept by hand: what has no pack can be told from no pack.
LEFT_OUT = {
    "Abkhazia": (
        "It bans mining and the import of machines, but is not recognised and has no ISO 3166 code; of the fines only "
        "a draft of 2024-12-16 was found, not whether it became law."
    ),
    "Bhutan": "Mining is done by the state's own holding; no duty of private miners was found that could be broken.",
    "European Union": (
        "The Energy Efficiency Directive (EU) 2023/1791 makes data centres from 500 kW of IT power report, whether "
        "they mine or not; MiCA asks issuers and service providers to disclose, not miners. Besides, the Union has no "
        "ISO 3166 code as a country has, only the reserved “EU”."
    ),
    "Georgia": "No duty of miners was found, and what was found stands on weak pages only (L).",
    "Iran": (
        "A licence, a ban at peak hours and fines per device are reported for 2019 to 2022, but neither the texts nor "
        "today's tariffs and rules were found."
    ),
    "Quebec": (
        "A tariff class and a quota of power, set by the utility and its regulator: they decide who is connected and "
        "at what price. No duty to register or report, and no penalty, was found."
    ),
    "United States, federal law": (
        "The monthly survey of miners' power was blocked on 2024-02-23, and “Mined in America” (S.4251) is a bill for "
        "a voluntary certificate; the order of 2024-05-13 to divest names one site. States have packs of their own."
    ),
}

PAGES = Path(__file__).resolve().parents[3] / "docs" / "law"


def pages_of(packs: list[Pack]) -> dict[str, str]:
    """The text of every page by the name of its file."""
    found = {f"{pack.code}.md": Page(pack).text() for pack in packs}
    return {"README.md": overview(packs), **found}


def pages_write(folder: Path = PAGES) -> list[str]:
    """Writes what differs, takes away what no pack says any more, and names both; twice changes nothing."""
    wanted = pages_of([pack_read(path) for path in pack_paths()])
    folder.mkdir(parents=True, exist_ok=True)
    stale = stale_pages(folder, wanted)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return stale


def stale_pages(folder: Path = PAGES, wanted: dict[str, str] | None = None) -> list[str]:
    """The names of pages that are missing, say something else than the packs, or are of no pack."""
    pages = pages_of([pack_read(path) for path in pack_paths()]) if wanted is None else wanted
    stored = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in pages.keys() | stored.keys() if pages.get(name) != stored.get(name))


def overview(packs: list[Pack]) -> str:
    """The list of jurisdictions, and of those that have no pack."""
    rows = table(
        ("Jurisdiction", "Version", "Must be done", "Bans", "Bills", "Amounts in the law in force", "Claims"),
        (_row(pack) for pack in sorted(packs, key=lambda pack: pack.title)),
    )
    lines = [
        MADE,
        "",
        "# The law, jurisdiction by jurisdiction",
        "",
        "Each page is written from the pack of its jurisdiction, with every source. What H, M and L mean stands in",
        "[sources](../methods/sources.md); how a jurisdiction is added, in [a how-to](../howto/add-a-jurisdiction.md).",
        "`python manage.py law docs` writes the pages; `law docs --check` says which are not what the packs say.",
        "",
        *rows,
        "## Looked at and left out",
        "",
        "No pack was written for these. A pack needs a text that can be cited and a duty, a ban or a penalty of those",
        "who mine. This list is kept by hand, in `compliance/law/pages/writing.py`, as things stood in November 2026.",
        "",
        *table(("Jurisdiction", "Why there is no pack"), LEFT_OUT.items()),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _row(pack: Pack) -> tuple[str, ...]:
    page = Page(pack)
    bands = [band for book in pack.books if book.kind == BookKind.LAW for band in book.penalties]
    known = sum(band.amount.high is not None for band in bands)
    kinds = [norm for norm in page.duties if norm.kind != NormKind.BAN]
    return (
        f"[{pack.title}]({pack.code}.md)",
        pack.version,
        ", ".join(norm.title for norm in kinds) or "nothing",
        ", ".join(norm.title for norm in page.bans) or "none",
        str(sum(book.kind == BookKind.BILL for book in pack.books)),
        f"{known} known, {len(bands) - known} unknown" if bands else "none found",
        words.number(len(pack.claims)),
    )
