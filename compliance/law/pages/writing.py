"""Which pages there are, what is in them, and which of those on disk say something else."""

from pathlib import Path

from compliance.choices import BookKind, NormKind
from compliance.law.load import pack_paths
from compliance.law.pages import words
from compliance.law.pages.markdown import table
from compliance.law.pages.page import MADE, Page
from compliance.law.parse import pack_read
from compliance.law.schema import Pack

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
    """The list of jurisdictions."""
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
