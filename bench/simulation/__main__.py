"""`python -m bench.simulation`: runs the study and writes docs/methods/simulation.md."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, pstdev

from bench.simulation.populations import IF_REGISTERED, LARGER_IS_SEEN, MECHANISMS, SEEN, SIZES, Mechanism
from bench.simulation.study import NUMBER, REDRAWN_POPULATIONS, REPLICATES, Trial, trials

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "simulation.md"
NAIVE = ("all lists, independent", "register and grid, Chapman", "register and network, Chapman")
SERIOUS = ("W09", "W13", "B13")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.simulation", description=__doc__)
    parser.add_argument("--populations", type=int, default=100, help="How many by each mechanism (100).")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="They do not change any figure.")
    asked = parser.parse_args()
    rows = []
    for mechanism in MECHANISMS:
        found = list(trials(mechanism, asked.populations, asked.seed, asked.workers))
        rows.append(Row(mechanism, found))
        print(rows[-1].line(), flush=True)
    PAGE.write_text(page(rows, asked.populations, asked.seed), encoding="utf-8")


class Row:
    """What the trials of one mechanism add up to."""

    def __init__(self, mechanism: Mechanism, found: Sequence[Trial]) -> None:
        self.mechanism, self.found = mechanism, found

    def share(self, holds: Sequence[bool]) -> str:
        return f"{100 * fmean(holds):.0f} %" if holds else "–"

    def bias(self) -> str:
        known = [each.rate / each.truth - 1 for each in self.found if each.rate is not None]
        return f"{100 * fmean(known):+.1f} %" if known else "–"

    def spread(self) -> str:
        known = [each.rate / each.truth for each in self.found if each.rate is not None]
        return f"{100 * pstdev(known):.1f} %" if len(known) > 1 else "–"

    def holds(self) -> str:
        """How often the truth lies in what was published: the interval, the range, or below “at most”."""
        shown = [(each.truth, each.published or (0.0, each.at_most or 1.0)) for each in self.found]
        return self.share([low <= truth <= high for truth, (low, high) in shown])

    def redrawn(self) -> str:
        """Of the populations whose tables were redrawn too: coverage and width with the bootstrap, and without."""
        known = [(each.truth, each.published, each.redrawn) for each in self.found if each.published and each.redrawn]
        if not known:
            return ""
        told = []
        for at in (1, 2):
            ends = [(truth, *span) for truth, *spans in known if (span := spans[at - 1])]
            told.append((fmean(low <= truth <= high for truth, low, high in ends), fmean(b - a for _, a, b in ends)))
        (covered, width), (covered_too, width_too) = told
        return (
            f"- *{self.mechanism.name}*, {len(known)} populations: coverage {100 * covered:.0f} % without and"
            f" {100 * covered_too:.0f} % with it, width {100 * width:.1f} and {100 * width_too:.1f}."
        )

    def coverage(self) -> str:
        known = [each for each in self.found if each.status == "estimate" and each.published is not None]
        return self.share([each.published[0] <= each.truth <= each.published[1] for each in known if each.published])

    def by_best(self) -> str:
        known = [(each.truth, each.by_best) for each in self.found if each.status == "estimate" and each.by_best]
        return self.share([low <= truth <= high for truth, (low, high) in known])

    def width(self) -> str:
        known = [each.published[1] - each.published[0] for each in self.found if each.published is not None]
        return f"{100 * fmean(known):.1f}" if known else "–"

    def points(self) -> str:
        return self.share([each.rate is not None and each.status == "estimate" for each in self.found])

    def bounded(self) -> str:
        known = [each for each in self.found if each.at_most is not None]
        return self.share([each.truth <= (each.at_most or 0.0) * 1.02 for each in known])

    def naive(self, method: str) -> str:
        known = [rate / each.truth - 1 for each in self.found if (rate := each.comparisons.get(method)) is not None]
        return f"{100 * fmean(known):+.0f} %" if known else "–"

    def warned(self, code: str) -> str:
        return self.share([code in each.codes for each in self.found])

    def line(self) -> str:
        cells = (
            self.mechanism.name, self.bias(), self.spread(), self.coverage(), self.by_best(), self.width(),
            self.points(), self.holds(), self.bounded(), *(self.naive(each) for each in NAIVE),
            *(self.warned(code) for code in SERIOUS),
        )  # fmt: skip
        return "| " + " | ".join(cells) + " |"


def page(rows: Sequence[Row], populations: int, seed: int) -> str:
    """The page as it is committed."""
    heads = (
        "mechanism", "bias", "spread", "coverage", "of the best model", "width", "points", "holds", "“at most” holds",
        *NAIVE,
        *(f"{code} fires" for code in SERIOUS),
    )  # fmt: skip
    words = "\n".join(f"- **{row.mechanism.name}**: {row.mechanism.words}" for row in rows)
    seen = ", ".join(f"{name} {chance:g}" for name, chance in SEEN.items())
    registered = ", ".join(f"{name} {factor:g}" for name, factor in IF_REGISTERED.items())
    sizes = ", ".join(f"{name} {share:.0%}" for name, share in SIZES.items())
    visible = ", ".join(f"{name} {factor:g}" for name, factor in LARGER_IS_SEEN.items())
    return f"""# What the headline does where the truth is known

Written by `make simulate` (`bench/simulation/`); {populations} populations of {NUMBER:,} operations by each mechanism,
seed {seed}. The populations are made. Every chance in them is assumed, so the study shows what a mechanism does to the
figures; it does not say how large any bias is in a real country.

{words}

Five lists beside the register see an operation with the chances {seen}; of a registered one times {registered}
(seizures meet only the unregistered). Sizes: {sizes}. By size, visibility is times {visible}.

| {" | ".join(heads)} |
|{"---|" * len(heads)}
{chr(10).join(row.line() for row in rows)}

- *Bias* and *spread*: mean and standard deviation of the published rate over the true one, where a point was published.
- *Coverage*: how often the published interval of a point holds the truth; it claims 95 %.
- *Of the best model*: the same of an interval from the best model of each size class alone.
- *Width*: of the published interval or range, in points of a hundred.
- *Points*: how often a point was published at all; else a range, “at most”, or nothing.
- *Holds*: how often the truth lies in whatever was published, be it an interval, a range or an “at most”.
- *“At most” holds*: how often the truth is no more than 1.02 times the rate's upper bound.
  Where all of a class are equally visible, it is one more estimate of the same rate, and missed by chance.
- The next three columns are the biases of simpler estimators of the rate. “all lists, independent” takes all lists as
  if nothing depended on anything, seizures among them.
- The last columns say how often a warning stood beside the figure (see [warnings](warnings.md)).

Intervals of the table come without a bootstrap. A run takes one too, and publishes the wider of the two. For the first
{REDRAWN_POPULATIONS} populations of some mechanisms the tables were redrawn here as well, {REPLICATES} times, with the
choice of the model repeated:

{chr(10).join(words for row in rows if (words := row.redrawn()))}

All registered operations are taken as active.

{READING}"""


READING = """## How to read it

- Where size is what makes operations visible and is known, the partition by registration, stratified by size, is about
  right, though seizures are among its lists and registered operations draw less attention. All lists taken as
  independent are not, nor is the register with one list, unless that list happens not to depend on registration (here
  network traffic), which nobody knows beforehand.
- Where lists attract or avoid each other (*attract*, *avoid*), the models find it and the rate is about right. The
  interval of the best model alone holds the truth less often than it claims. Weighing all models, as is published,
  mends a part of that and not all: weak dependence is not always found in a small class, and what that does to the
  figure goes the same way in every class, while their errors are added up as if they were independent.
- Where sizes are unknown (*half*) for reasons that have nothing to do with the size, allotting them leaves no bias, and
  the interval is a little wider.
- Where visibility varies for reasons that nobody has written down (*hidden*), or where some can be seen by no list
  (*blind*), the rate is too high and the interval does not hold the truth. The overlaps show what is *hidden*: most of
  these get no point but “at most”, which holds. Lists cannot show the blind part; only an inspection at random can.
  That is what the warning W18 says beside every such figure.
- Missed links make one operation into two and the rate too low. Where nobody has reviewed them (*unlinked*) there is no
  point but a range, which holds the truth as long as matching is not worse than the range supposes. A clerk's review
  takes the error out of the tables (*reviewed*). Here links are missed just as the correction supposes; where some
  lists are much harder to match than others, something remains.
"""


if __name__ == "__main__":
    main()
