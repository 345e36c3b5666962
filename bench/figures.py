"""What one measurement yields, and how a run is printed and kept."""

import json
from dataclasses import dataclass
from pathlib import Path

LATEST = Path(__file__).with_name("latest.json")


@dataclass(frozen=True)
class Figure:
    """Seconds of ours and of raw PostgreSQL for the same rows; `goal` bounds the ratio or the seconds.

    `raw` is of statsmodels where the rows are fits, and null where there is nothing to compare with.
    """

    name: str
    ours: float
    raw: float | None
    rows: int
    goal: str
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return round(self.ours / self.raw, 2) if self.raw else None


def show(figure: Figure) -> None:
    raw = "" if figure.raw is None else f"{figure.raw:10.3f} s"
    ratio = "" if figure.ratio is None else f"{figure.ratio:7.2f} ×"
    times = f"{figure.ours:10.3f} s{raw:>12}{ratio:>10}"
    print(f"{figure.name:<26}{figure.rows:>11,}{times}  goal {figure.goal:<10}{figure.note}", flush=True)


def keep(figures: list[Figure], *, beside: bool = False) -> None:
    """Write the run to bench/latest.json, one entry per name; `beside` those of other names that stand there."""
    entries = json.loads(LATEST.read_text(encoding="utf-8")) if beside else {}
    entries |= {
        figure.name: {
            "ours": round(figure.ours, 4),
            "raw": None if figure.raw is None else round(figure.raw, 4),
            "ratio": figure.ratio,
            "rows": figure.rows,
            "goal": figure.goal,
            "note": figure.note,
        }
        for figure in figures
    }
    LATEST.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
