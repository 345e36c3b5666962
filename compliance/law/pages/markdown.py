"""Tables, lists and numbered sources in Markdown."""

from collections.abc import Iterable, Sequence

from compliance.law.cited import Citation


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, or none where it has no rows."""
    lines = [_row(cells) for cells in rows]
    return [_row(head), "|" + "---|" * len(head), *lines, ""] if lines else []


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def section(title: str, lines: Iterable[str], *, level: int = 2) -> list[str]:
    """A heading with what is under it; nothing where nothing is."""
    body = list(lines)
    return [f"{'#' * level} {title}", "", *body] if body else []


class Sources:
    """Numbers the pages that a document cites, in the order in which it cites them."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str], int] = {}

    def cite(self, cited: Citation) -> str:
        """The confidence and the numbers of the pages, such as “H [1] [2]”."""
        return " ".join([cited.confidence, *(self.number(page) for page in cited.urls)])

    def number(self, page: tuple[str, str]) -> str:
        number = self.numbers.setdefault(page, len(self.numbers) + 1)
        url, _ = page
        return f"[[{number}]](<{url}>)" if url else f"[{number}]"

    def listed(self) -> list[str]:
        lines = [
            f"{number}. [{title}](<{url}>)" if url else f"{number}. {title}"
            for (url, title), number in self.numbers.items()
        ]
        return [*lines, ""] if lines else []
