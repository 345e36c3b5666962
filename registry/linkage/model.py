"""Model: splink on duckdb trains the probabilities and weighs the pairs."""

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker

from registry.linkage.blocking import SIDE_ANY, SIDE_FREE, pairs_made
from registry.linkage.comparisons import COMPARISONS, MAY_BE, TRAINED_ON

# Of so many sightings that nobody knows, one is of something on file; assumed, and stated with every run.
EXPECTED_SHARE = 0.3
# Before any training, no pair is taken to be likelier than this: a small register teaches little about names.
MOST_LIKELY = 0.0001
FEWEST_PAIRS = 200
SAMPLED_PAIRS = 2_000_000
TRAINED_PAIRS = 1_000_000
DIGITS = 6
# Nothing is impossible: not even that a true pair disagrees, or a false one agrees.
LEAST_M, LEAST_U = 0.005, 0.000001

Probabilities = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True)
class Trained:
    """The probabilities (m, u) by comparison and level, and in words where they come from."""

    probabilities: Probabilities
    origin: str


def fixed() -> Probabilities:
    return {each.name: [(level.m, level.u) for level in each.levels] for each in COMPARISONS}


def train(connection: duckdb.DuckDBPyConnection, *, seed: int) -> Trained:
    """Trains on the pairs that `keyed` holds; the fixed probabilities where these are too few or teach nonsense."""
    for block in TRAINED_ON:
        (pairs,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM keyed l JOIN keyed r ON {block} WHERE l.free AND {MAY_BE}"
            f" LIMIT {FEWEST_PAIRS})"
        ).fetchall()[0]
        if pairs < FEWEST_PAIRS:
            return Trained(fixed(), f"fixed: fewer than {FEWEST_PAIRS} pairs to train on")
    linker = _linker(DuckDBAPI(connection=connection), fixed(), prior=_prior(connection))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker.training.estimate_u_using_random_sampling(
            max_pairs=SAMPLED_PAIRS, seed=seed, min_count_per_level=None, num_chunks=1
        )
        for block in TRAINED_ON:
            linker.training.estimate_parameters_using_expectation_maximisation(
                f"({block}) AND {MAY_BE}", max_pairs=TRAINED_PAIRS, record_sample_proportion=1.0
            )
    found = _probabilities(linker.misc.save_model_to_json())
    wrong = [name for name, levels in found.items() if levels[0][0] <= levels[0][1] or levels[-1][0] >= levels[-1][1]]
    if {"name", "address"} & set(wrong):
        return Trained(fixed(), f"fixed: what was trained of {', '.join(sorted(wrong))} spoke against agreement")
    kept = {name: (fixed()[name] if name in wrong else levels) for name, levels in found.items()}
    return Trained(kept, f"trained, seed {seed}" + (f"; fixed: {', '.join(sorted(wrong))}" if wrong else ""))


def weighed(connection: duckdb.DuckDBPyConnection, probabilities: Probabilities) -> Iterator[int]:
    """Makes `weighed` again and again, all pairs of some sightings at a time: with the probability of each pair and the
    weight of each comparison. Yields how many it holds."""
    api = DuckDBAPI(connection=connection)
    linker = _linker(api, probabilities, prior=_prior(connection))
    parts = ", ".join(f"gamma_{each.name}, mw_{each.name}" for each in COMPARISONS)
    for pairs in pairs_made(connection):
        linker.table_management.register_blocked_pairs_for_predict(api.register("pair"))
        predicted = linker.inference.predict(warning_mode="never")
        connection.execute(
            f"CREATE OR REPLACE TABLE weighed AS SELECT key_l, key_r, match_weight, match_probability, {parts}"
            f" FROM {predicted.physical_name}"
        )
        predicted.drop_table_from_database_and_remove_from_cache()
        yield pairs


def _prior(connection: duckdb.DuckDBPyConnection) -> float:
    (records,) = connection.execute("SELECT count(*) FROM keyed").fetchall()[0]
    return min(EXPECTED_SHARE / max(records, 1), MOST_LIKELY)


def _linker(api: DuckDBAPI, probabilities: Probabilities, *, prior: float) -> Linker:
    """A linker over `free_record` (the sightings to be linked) and `keyed` (all records)."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings: dict[str, Any] = {
        "link_type": "link_only",
        "unique_id_column_name": "key",
        "probability_two_random_records_match": prior,
        "comparisons": [each.settings(probabilities) for each in COMPARISONS],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "max_iterations": 25,
    }
    sides = [
        api.register("free_record", table_name=SIDE_FREE, dataset_display_name=SIDE_FREE),
        api.register("keyed", table_name=SIDE_ANY, dataset_display_name=SIDE_ANY),
    ]
    return Linker(sides, settings, log_level=None)


def _probabilities(model: dict[str, Any]) -> Probabilities:
    """What a trained model says; a level never met keeps the fixed probability, all rescaled to add up to 1."""
    found: Probabilities = {}
    for comparison, fixed_levels in zip(model["comparisons"], fixed().values(), strict=True):
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        pairs = [
            (float(level.get("m_probability") or m), float(level.get("u_probability") or u))
            for level, (m, u) in zip(levels, fixed_levels, strict=True)
        ]
        m_sum, u_sum = sum(m for m, _ in pairs), sum(u for _, u in pairs)
        found[comparison["output_column_name"]] = [
            (max(round(m / m_sum, DIGITS), LEAST_M), max(round(u / u_sum, DIGITS), LEAST_U)) for m, u in pairs
        ]
    return found
