"""One log-linear model on many tables at once: Newton's method in which every table goes its own way.

For 0/1 designs the products of columns are columns too. So the information matrix holds nothing but sums of fitted
means over all histories that contain a set of lists, and a log mean is the sum of the coefficients of the sets that its
history contains; both take K additions of half an array. All is elementwise over the tables, the last axis, so that the
answer for a table has the same bits whichever tables are beside it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from compliance.estimates.elimination import eliminate
from compliance.estimates.existence import exists_on, reduced
from compliance.estimates.newton import solve
from compliance.estimates.terms import Floats

BLOCK = 512
"""Tables that are solved together: their matrices stay in the cache."""
MOST_STEPS = 30
CLOSE = 1e-6
RECEDING_FROM = 12
"""From this step on, steps that only push means of empty histories down prove that there is no maximum."""
STILL = 1e-4
RECEDING = -0.2

OK, NO_MLE, NOT_IDENTIFIABLE = 0, 1, 2
CODES = {"ok": OK, "no_mle": NO_MLE, "not_identifiable": NOT_IDENTIFIABLE}


@dataclass(frozen=True, eq=False)
class Many:
    """`coefficients` (p, B), 0 where minus infinity or without an estimate; `states` (B,): 0 a fit, 1 no maximum, 2 not
    identifiable; `log_likelihood` (B,) but for the term of the counts alone, Σ log y!, which is the same in all models.
    """

    coefficients: Floats
    states: NDArray[np.int8]
    log_likelihood: Floats

    @property
    def f0(self) -> Floats:
        """Those unseen by table, nan where there is no estimate."""
        with np.errstate(over="ignore"):
            return np.where(self.states == OK, np.exp(self.coefficients[0]), np.nan)


@dataclass(frozen=True, eq=False)
class Tables:
    """Tables of the same K lists, counts by column: `counts` (2^K, B), row 0 the unseen, always 0; `totals` (2^K, B)
    holds how many have at least the lists of the row's number."""

    lists: int
    counts: Floats
    totals: Floats

    @classmethod
    def of(cls, lists: int, counts: NDArray[np.int64]) -> "Tables":
        """From rows of counts by history, shape (B, 2^K − 1)."""
        whole = np.zeros((2**lists, len(counts)))
        whole[1:] = counts.T
        return cls(lists, whole, _sums_above(whole.copy(), lists))

    def block(self, first: int, last: int) -> "Tables":
        return Tables(
            self.lists,
            np.ascontiguousarray(self.counts[:, first:last]),
            np.ascontiguousarray(self.totals[:, first:last]),
        )

    def blocks(self) -> list["Tables"]:
        return [self.block(first, first + BLOCK) for first in range(0, self.counts.shape[1], BLOCK)]


def _sums_above(cells: Floats, lists: int) -> Floats:
    """In place, each row becomes the sum over the rows whose number holds all its bits."""
    for place in range(lists):
        halves = cells.reshape(-1, 2, 2**place * cells.shape[-1])
        halves[:, 0] += halves[:, 1]
    return cells


def _sums_below(cells: Floats, lists: int) -> Floats:
    """In place, each row becomes the sum over the rows whose number its own holds all bits of."""
    for place in range(lists):
        halves = cells.reshape(-1, 2, 2**place * cells.shape[-1])
        halves[:, 1] += halves[:, 0]
    return cells


@lru_cache(maxsize=4096)
def _indices(parameters: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows = np.array(parameters, dtype=np.intp)
    return rows, rows[:, None] | rows[None, :]


def fit_many(tables: Tables, parameters: tuple[int, ...], start: Floats | None = None) -> Many:
    """The model of these parameters, as masks, on every table of a block.

    `start` (p,) is where all tables begin, such as the fit of the table that they were drawn from.
    """
    rows, _ = _indices(parameters)
    size = tables.counts.shape[1]
    states = np.full(size, -1, dtype=np.int8)
    totals = tables.totals[rows]
    gone = totals == 0
    states[gone[0]] = NO_MLE
    kept: NDArray[np.bool_] | None = None
    if gone.any():
        places = np.zeros(tables.counts.shape)
        places[rows] = gone
        kept = _sums_below(places, tables.lists) == 0
        _mark_unidentified(tables.lists, parameters, gone, states)
    coefficients = np.zeros((len(rows), size))
    open_ = np.flatnonzero(states < 0)
    if len(open_):
        _newton(_Open.of(tables, parameters, totals, gone, kept, open_), start, coefficients, states)
    for place in np.flatnonzero(states < 0).tolist():
        _one(tables, parameters, gone, place, coefficients, states)
    coefficients[:, states != OK] = 0.0
    reached = coefficients[0] * totals[0]
    for row in range(1, len(rows)):
        reached += coefficients[row] * totals[row]
    return Many(coefficients, states, reached - totals[0])


def _mark_unidentified(
    lists: int, parameters: tuple[int, ...], gone: NDArray[np.bool_], states: NDArray[np.int8]
) -> None:
    codes = (gone.T.astype(np.int64) << np.arange(len(parameters))).sum(axis=1)
    for code in np.unique(codes[states < 0]).tolist():
        dropped = tuple(mask for place, mask in enumerate(parameters) if code >> place & 1)
        if not reduced(lists, parameters, dropped).identified:
            states[(codes == code) & (states < 0)] = NOT_IDENTIFIABLE


@dataclass(eq=False)
class _Open:
    """The tables that are still under way, compacted; `at` says which columns of the block they are."""

    lists: int
    rows: NDArray[np.intp]
    products: NDArray[np.intp]
    at: NDArray[np.intp]
    counts: Floats
    totals: Floats
    gone: Floats | None
    kept: Floats | None

    @classmethod
    def of(
        cls,
        tables: Tables,
        parameters: tuple[int, ...],
        totals: Floats,
        gone: NDArray[np.bool_],
        kept: NDArray[np.bool_] | None,
        at: NDArray[np.intp],
    ) -> "_Open":
        rows, products = _indices(parameters)
        return cls(
            lists=tables.lists,
            rows=rows,
            products=products,
            at=at,
            counts=np.take(tables.counts, at, axis=1),
            totals=np.take(totals, at, axis=1),
            gone=None if kept is None else np.take(gone, at, axis=1).astype(np.float64),
            kept=None if kept is None else np.take(kept, at, axis=1).astype(np.float64),
        )

    def keep(self, those: NDArray[np.bool_]) -> None:
        self.at = self.at[those]
        self.counts = np.compress(those, self.counts, axis=1)
        self.totals = np.compress(those, self.totals, axis=1)
        if self.gone is not None and self.kept is not None:
            self.gone = np.compress(those, self.gone, axis=1)
            self.kept = np.compress(those, self.kept, axis=1)

    def log_means(self, coefficients: Floats) -> Floats:
        cells = np.zeros(self.counts.shape)
        cells[self.rows] = coefficients
        return _sums_below(cells, self.lists)

    def sums(self, means: Floats) -> Floats:
        """The fitted totals of all sets of lists, in place of the means."""
        means[0] = 0.0
        if self.kept is not None:
            means *= self.kept
        return _sums_above(means, self.lists)

    def step(self, sums: Floats, against: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Solve the information matrix of these sums against (p, B); and where it is not singular."""
        size = len(self.rows)
        system = np.empty((size, size + 1, against.shape[1]))
        system[:, :size] = sums[self.products]
        system[:, size] = against
        if self.gone is not None:
            for row in range(1, size):
                system[row, row] += self.gone[row]
        return eliminate(system)


def _newton(open_: _Open, start: Floats | None, coefficients: Floats, states: NDArray[np.int8]) -> None:
    """Fill in those that converge or provably have no maximum; the others keep the state −1."""
    with np.errstate(all="ignore"):
        base = _begin(open_, start)
        moved = np.zeros_like(base)
        reached = np.full(len(open_.at), -np.inf)
        ahead = base
        for steps in range(MOST_STEPS):
            sums = open_.sums(np.exp(open_.log_means(ahead)))
            gained = ahead[0] * open_.totals[0]
            for row in range(1, len(ahead)):
                gained += ahead[row] * open_.totals[row]
            gained -= sums[0]
            worse = ~(gained >= reached - 1e-10 * (1.0 + np.abs(gained)))
            onward, sound = open_.step(sums, open_.totals - sums[open_.rows])
            if worse.any():
                moved = np.where(worse, moved / 2, onward)
                base = np.where(worse, base, ahead)
                reached = np.where(worse, reached, gained)
            else:
                moved, base, reached = onward, ahead, gained
            ahead = base + moved
            done = ~worse & sound & (np.abs(moved).max(axis=0) < CLOSE)
            coefficients[:, open_.at[done]] = ahead[:, done]
            states[open_.at[done]] = OK
            left = ~done & (sound | worse)
            if steps >= RECEDING_FROM:
                receding = left & ~worse & _recedes(open_, moved)
                states[open_.at[receding]] = NO_MLE
                left &= ~receding
            if left.all():
                continue
            if not left.any():
                return
            open_.keep(left)
            moved, base, ahead = (np.compress(left, one, axis=1) for one in (moved, base, ahead))
            reached = reached[left]


def _begin(open_: _Open, start: Floats | None) -> Floats:
    """From the start, or one weighted regression of log(y + ½)."""
    if start is not None:
        base = np.repeat(np.where(np.isfinite(start), start, 0.0)[:, None], len(open_.at), axis=1)
        return base if open_.gone is None else np.where(open_.gone > 0, 0.0, base)
    means = open_.counts + 0.5
    targets = open_.sums(means * np.log(means) - 0.5)[open_.rows]
    return open_.step(open_.sums(means), targets)[0]


def _recedes(open_: _Open, moved: Floats) -> NDArray[np.bool_]:
    """Do these steps leave every seen history where it is and push only unseen ones down? Such a direction of recession
    is a proof that there is no maximum: the design holds small whole numbers, so a direction that is one but for
    `STILL` is near one that is."""
    along = open_.log_means(moved)
    along[0] = 0.0
    if open_.kept is not None:
        along *= open_.kept
    still = (np.abs(along) <= STILL) | (open_.counts == 0)
    return np.asarray(still.all(axis=0) & (along.max(axis=0) <= STILL) & (along.min(axis=0) <= RECEDING))


def _one(
    tables: Tables,
    parameters: tuple[int, ...],
    gone: NDArray[np.bool_],
    place: int,
    coefficients: Floats,
    states: NDArray[np.int8],
) -> None:
    """The slow way for a table on which the fast one could not decide."""
    counts = np.ascontiguousarray(tables.counts[1:, place])
    states[place] = CODES[exists_on(tables.lists, parameters, (counts > 0).astype(np.uint8).tobytes())]
    if states[place] != OK:
        return
    rest = reduced(tables.lists, parameters, tuple(m for m, out in zip(parameters, gone[:, place], strict=True) if out))
    found = solve(rest.matrix, counts[rest.cells])
    if not found.converged:
        states[place] = NO_MLE
        return
    coefficients[rest.columns, place] = found.coefficients
