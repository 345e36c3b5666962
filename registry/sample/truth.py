"""Truth: how many operations the sample drew in all, so that an estimate from its lists can be judged."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

from registry.choices import MinerKind
from registry.sample.lists import operates, registered
from registry.sample.operations import Operation

EDGES = (15.0, 150.0, 1000.0)
NAMES = ("under_15", "15_to_150", "150_to_1000", "1000_up")
# Below 6,000 kWh a month a private person need not register; the estimates leave out whom they know to be so small.
SMALL_KW = 6000 / 730


class Truth:
    """Counts the operations that run on the sample's last day, those that nobody has on file among them."""

    def __init__(self, as_of: dt.date) -> None:
        self.as_of = as_of
        self.counts: Counter[tuple[str, bool, bool]] = Counter()
        self.obliged: Counter[bool] = Counter()
        self.large: Counter[bool] = Counter()

    def add(self, operation: Operation) -> None:
        if not operates(operation, self.as_of):
            return
        held = registered(operation, self.as_of)
        size = NAMES[sum(operation.capacity_kw >= edge for edge in EDGES)]
        self.counts[size, held, operation.hidden] += 1
        if operation.kind != MinerKind.INDIVIDUAL:
            self.obliged[held] += 1
        if operation.kind != MinerKind.INDIVIDUAL or operation.capacity_kw >= SMALL_KW:
            self.large[held] += 1

    def figures(self) -> dict[str, Any]:
        by_size = {
            name: _share(*(sum(n for (size, held, _), n in self.counts.items() if size == name and held is which)
                           for which in (True, False)))
            for name in NAMES
        }  # fmt: skip
        held = sum(n for (_, is_held, _), n in self.counts.items() if is_held)
        return {
            "as_of": self.as_of.isoformat(),
            "all": _share(held, self.counts.total() - held),
            "all_but_individuals": _share(self.obliged[True], self.obliged[False]),
            "all_but_too_small": _share(self.large[True], self.large[False]),
            "on_no_file": sum(n for (_, _, hidden), n in self.counts.items() if hidden),
            "by_size_kw": by_size,
        }

    def sentence(self) -> str:
        figures = self.figures()
        whole, large = figures["all"], figures["all_but_too_small"]
        return (
            f"truth: {whole['operations']} operations, {whole['registered']} of them registered ({whole['rate']:.1%}),"
            f" {figures['on_no_file']} on no file; without private persons too small for the duty {large['rate']:.1%}."
            " An estimate lies between both, since of many nobody knows the size."
        )

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.figures(), indent=2) + "\n", encoding="utf-8")


def _share(held: int, others: int) -> dict[str, Any]:
    whole = held + others
    return {"operations": whole, "registered": held, "rate": round(held / whole, 6) if whole else 0.0}
