"""The histories of a run, cut into tables by window, place and stratum, and from there into cells."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from compliance.estimates.sizes import allotted
from compliance.estimates.strata import ListTraits, Stratum, added, pooled
from compliance.estimates.tables import MOST_LISTS, Table
from compliance.selectors.capture_lists import ListKnown, why_left_out
from compliance.selectors.captures import REGISTER_BIT, UNKNOWN_SIZE, Histories, Window, strata_names
from compliance.services.estimate_questions import Part, Question
from registry.models import Territory

REPLICATES_PER_CELL = 100
NATION = 0
"""The place of operations counted over the whole territory."""


def traits_of(lists: Iterable[dict[str, Any]], covers: Sequence[str]) -> list[ListTraits]:
    """Traits out of a receipt; `covers` are the codes of the lists that see the place for the whole window."""
    return [
        ListTraits(
            name=each["code"],
            register=each["kind"] == "register",
            conditional_on_unregistered=each["conditional_on_unregistered"],
            random_sample=each["random_sample"],
            covers=each["code"] in covers,
        )
        for each in lists
    ]


class Tables:
    """The histories, cut into tables by window, place and stratum."""

    def __init__(
        self,
        question: Question,
        register: ListKnown,
        others: Sequence[ListKnown],
        used: Sequence[ListKnown],
        found: Sequence[Histories],
    ) -> None:
        self.question = question
        self.register = register
        # More lists than a table can have: the ones of the lowest codes are kept, and the others named as left out.
        self.used = list(used)[: MOST_LISTS - 1]
        self.bits = {each.id: 2 << place for place, each in enumerate(others)}
        self.rows: dict[tuple[int, int, str], list[Histories]] = defaultdict(list)
        for row in found:
            if not row.below:
                self.rows[row.window, row.place_id or NATION, row.stratum].append(row)
                if row.place_id:
                    self.rows[row.window, NATION, row.stratum].append(row)

    def covering(self, window: Window, place: Territory) -> tuple[list[str], list[str]]:
        """Codes of the lists that see the place for the whole window, and sentences on those that do not."""
        why = {each.code: why_left_out(each, window, place) for each in self.used}
        covers = [self.register.code, *[code for code, sentence in why.items() if not sentence]]
        return covers, [sentence for sentence in why.values() if sentence]

    def stratum(self, window: int, place: int, name: str) -> Stratum:
        lists = [self.register, *self.used]
        masks = [REGISTER_BIT, *[self.bits[each.id] for each in self.used]]
        counts: dict[int, int] = defaultdict(int)
        power = {"registered": (0, Decimal(0), Decimal(0)), "unregistered": (0, Decimal(0), Decimal(0))}
        for row in self.rows[window, place, name]:
            code = sum(1 << at for at, mask in enumerate(masks) if row.code & mask)
            if code:
                counts[code] += row.n
                who = "registered" if row.code & REGISTER_BIT else "unregistered"
                n, kw, squares = power[who]
                power[who] = (n + row.kw_n, kw + row.kw_sum, squares + row.kw_squares)
        table = Table.of_histories([each.code for each in lists], counts)
        sums = {who: (n, float(kw), float(sq)) for who, (n, kw, sq) in power.items()}
        return Stratum(name, table, sums, size_known=name != UNKNOWN_SIZE)

    def strata(self, window: int, place: int) -> list[Stratum]:
        """All strata in their order, the empty ones too."""
        return [self.stratum(window, place, name) for name in strata_names(self.question.by, self.question.sizing)]

    def whole(self) -> list[Part]:
        """Per stratum one cell for its models, and one for each hundred replicates of the bootstrap."""
        window = self.question.windows[0]
        covers, left_out = self.covering(window, self.question.territory)
        traits = [each.to_json() for each in self._traits(covers)]
        parts = []
        used, settings = self._traits(covers), self.question.settings
        strata = pooled(allotted(self.strata(0, NATION), used, settings), used, settings)
        for index, stratum in enumerate(strata):
            given = {"stratum": stratum.to_json(), "traits": traits, "index": index}
            parts.append(Part("model", {**given, "left_out": left_out}, stratum.name))
            for first in range(0, self.question.settings.bootstrap, REPLICATES_PER_CELL):
                count = min(REPLICATES_PER_CELL, self.question.settings.bootstrap - first)
                parts.append(Part("bootstrap", {**given, "first": first, "count": count}, stratum.name))
        return parts

    def _traits(self, covers: Sequence[str]) -> list[ListTraits]:
        return traits_of([each.traits() for each in [self.register, *self.used]], covers)

    def regions(self) -> list[Part]:
        """One cell per size class that chooses its model in the last window; one per month; one per region.

        The size classes are those that have enough records in the nation in the last window.
        """
        windows, territory = self.question.windows, self.question.territory
        last = len(windows) - 1
        covers, left_out = self.covering(windows[last], territory)
        traits = self._traits(covers)
        classes = pooled(self.strata(last, NATION), traits, self.question.settings)
        given = {"traits": [each.to_json() for each in traits], "left_out": left_out}
        parts = [Part("select", {**given, "stratum": each.to_json()}, each.name) for each in classes]
        names = [each.name for each in classes]
        for at, window in enumerate(windows):
            covers, _ = self.covering(window, territory)
            parts.append(
                Part("month", self._of_place([at], NATION, names, [covers]), month=window.seen_to.replace(day=1))
            )
        regions = sorted({place for _, place, _ in self.rows if place != NATION})
        for region in Territory.objects.filter(pk__in=regions).order_by("code"):
            covering = [self.covering(window, region)[0] for window in windows]
            months = self._of_place(range(len(windows)), region.pk, names, covering)
            parts.append(Part("region", months, territory_id=region.pk))
        return parts

    def _of_place(
        self, windows: Iterable[int], place: int, classes: Sequence[str], covering: Sequence[Sequence[str]]
    ) -> dict[str, Any]:
        """The tables of one place, window by window and class by class, as counts alone; the lists come once."""
        traits = self._traits([])
        months = []
        for window, covers in zip(windows, covering, strict=True):
            by_name = {each.name: each for each in self.strata(window, place)}
            tables = []
            for name in classes:
                members = [by_name.pop(part) for part in name.split(" + ")]
                tables.append(added(name, members).table.counts.tolist())
            # Classes with nobody in the nation's last window may have somebody elsewhere: they join the last class.
            rest = [each for each in by_name.values() if each.table.n]
            if rest and tables:
                tables[-1] = [
                    sum(counts) for counts in zip(tables[-1], *(r.table.counts.tolist() for r in rest), strict=True)
                ]
            months.append(
                {
                    "month": self.question.windows[window].seen_to.replace(day=1).isoformat(),
                    "covers": list(covers),
                    "counts": tables,
                }
            )
        return {
            "lists": [each.name for each in traits],
            "traits": [each.to_json() for each in traits],
            "classes": list(classes),
            "months": months,
        }
