"""The pages of `docs/law/`: one per jurisdiction, and a list of them, written from the packs and from nothing else."""

from compliance.law.pages.writing import PAGES, pages_of, pages_write, stale_pages

__all__ = ["PAGES", "pages_of", "pages_write", "stale_pages"]
