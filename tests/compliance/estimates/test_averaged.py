"""The interval over all models: of one model it is Wald's, and of several it leaves out no more than the tails say."""

import math

import numpy as np
import pytest
from scipy.special import ndtr

from compliance.estimates.analysis import analyse
from compliance.estimates.averaged import tail_area
from compliance.estimates.intervals import quantile
from compliance.estimates.profile import multinomial_interval
from compliance.estimates.selection import Weighed, search
from compliance.estimates.tables import Table

OBSERVED = 500


def model(unseen: float, relative: float, weight: float) -> Weighed:
    return Weighed((), OBSERVED + unseen, unseen * relative, 0.0, 0.0, weight)


def test_of_one_model_it_is_walds_on_the_logarithm_of_the_unseen() -> None:
    found = tail_area([model(300, 0.2, 1.0)], OBSERVED)
    assert found is not None
    reach = math.exp(quantile(0.95) * 0.2)
    assert (found.low, found.high) == pytest.approx((OBSERVED + 300 / reach, OBSERVED + 300 * reach))


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_beyond_each_bound_lie_the_tails_of_the_models_by_weight(level: float) -> None:
    models = [model(300, 0.2, 0.6), model(700, 0.1, 0.3), model(150, 0.4, 0.1)]
    found = tail_area(models, OBSERVED, level)
    assert found is not None

    def below(n: float) -> float:
        return sum(
            one.weight * float(ndtr(math.log((n - OBSERVED) / (one.n - OBSERVED)) / (one.se / (one.n - OBSERVED))))
            for one in models
        )

    assert below(found.low) == pytest.approx((1 - level) / 2, abs=1e-8)
    assert below(found.high) == pytest.approx((1 + level) / 2, abs=1e-8)


def test_models_of_no_weight_or_no_error_move_nothing_and_none_at_all_give_none() -> None:
    alone = tail_area([model(300, 0.2, 1.0)], OBSERVED)
    assert tail_area([model(300, 0.2, 1.0), model(9e9, 3.0, 1e-9), model(40, math.inf, 0.0)], OBSERVED) == alone
    assert tail_area([model(0, 0.2, 1.0)], OBSERVED) is None


def test_a_bound_beyond_what_a_profile_looks_for_is_infinite() -> None:
    found = tail_area([model(300, 12.0, 1.0)], OBSERVED)
    assert found is not None
    assert found.high == math.inf


def test_the_interval_of_a_table_holds_the_best_profile_and_the_models_tails() -> None:
    random = np.random.default_rng(5)
    table = Table(tuple("abcd"), random.poisson(12, 15).astype(np.int64))
    searched = search(table)
    best, over = multinomial_interval(table, searched.best.terms), tail_area(searched.models, table.n)
    found = analyse(table).leading.interval
    assert over is not None
    assert found is not None
    assert found.high == max(best.high, over.high) > best.high
    assert found.low == min(best.low, over.low)
    assert "tails of the models" in found.how
