"""`python -m bench.simulation`: runs the study and writes docs/methods/simulation.md."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, pstdev

from bench.simulation.populations import IF_REGISTERED, LARGER_IS_SEEN, MECHANISMS, SEEN, SIZES, Mechanism
from bench.simulation.study import NUMBER, Trial, trials

PAGE = Path(__file__).parents[2] / "docs" / "methods" / "simulation.md"
NAIVE = ("all lists, independent", "register and grid, Chapman", "register and network, Chapman")
SERIOUS = ("W09", "W13")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.simulation", description=__doc__)
    parser.add_argument("--populations", type=int, default=200, help="How many by each mechanism (200).")
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

    def coverage(self) -> str:
        known = [each for each in self.found if each.status == "estimate" and each.published is not None]
        return self.share([each.published[0] <= each.truth <= each.published[1] for each in known if each.published])

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
            self.mechanism.name, self.bias(), self.spread(), self.coverage(), self.width(), self.points(),
            self.bounded(), *(self.naive(each) for each in NAIVE), *(self.warned(code) for code in SERIOUS),
        )  # fmt: skip
        return "| " + " | ".join(cells) + " |"


def page(rows: Sequence[Row], populations: int, seed: int) -> str:
    """The page as it is committed."""
    heads = (
        "mechanism", "bias", "spread", "coverage", "width", "points", "“at most” holds", *NAIVE,
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
- *Width*: of the published interval or range, in points of a hundred.
- *Points*: how often a point was published at all; else a range, “at most”, or nothing.
- *“At most” holds*: how often the truth is no more than 1.02 times the rate's upper bound.
  Where all of a class are equally visible, it is one more estimate of the same rate, and missed by chance.
- The next three columns are the biases of simpler estimators of the rate. “all lists, independent” takes all lists as
  if nothing depended on anything, seizures among them.
- The last columns say how often a warning stood beside the figure (see [warnings](warnings.md)).

Intervals here come from the profile likelihood of each size class added up; a run also redraws its tables a thousand
times with the choice of the model repeated, and publishes the wider of the two, so its coverage is not below this one.
All registered operations are taken as active.

{READING}"""


READING = """## How to read it

- Where size is what makes operations visible and is known, the partition by registration, stratified by size, is about
  right, though seizures are among its lists and registered operations draw less attention. All lists taken as
  independent are not, nor is the register with one list, unless that list happens not to depend on registration (here
  network traffic), which nobody knows beforehand.
- Where lists attract or avoid each other (*attract*, *avoid*), the models find it and the rate is right, but the
  interval from the best model alone holds the truth less often than it claims.
- Where visibility varies for reasons that nobody has written down (*hidden*, and *half* to a smaller degree), or where
  some can be seen by no list (*blind*), the rate is too high and the interval does not hold the truth. The overlaps
  show what is *hidden*: most of these get no point but “at most”, which holds. Lists cannot show the blind part; only
  an inspection at random can. That is what the warning W18 says beside every such figure.
- Missed links (*unlinked*) make one operation into two and the rate too low. A clerk's review takes most of it out
  (*reviewed*).
"""


if __name__ == "__main__":
    main()
