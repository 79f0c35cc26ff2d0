"""Parallelism and cross-condition generalization of codes whose format is known by construction."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact

from ventral.core.random import generator
from ventral.geometry.parallelism import FAMILY, OTHERS, abstraction_rows, generalization, halves_of, parallelism
from ventral.gram import gram


def variables(rng, n, names="ab"):
    """Independent uniform variables of n images."""
    return pd.DataFrame(rng.uniform(-1, 1, (n, len(names))), columns=list(names))


def signs(table):
    return np.where(halves_of(table), 1.0, -1.0)


def overall(rows):
    return {row["metric"]: row["value"] for row in rows if "parameter" not in row}


def test_factorized_codes_are_parallel_and_generalize():
    rng = np.random.default_rng(0)
    table = variables(rng, 120, "abc")
    X = signs(table) @ np.linalg.qr(rng.standard_normal((20, 3)))[0].T
    S = halves_of(table).to_numpy()
    cosines = parallelism(exact(X).centered, S, S)
    assert np.isnan(np.diag(cosines)).all()
    assert cosines[~np.eye(3, dtype=bool)].min() > 0.8  # samples in which the variables are slightly correlated
    found = overall(abstraction_rows(exact(X), halves_of(table), 0))
    assert found["cross_condition_generalization"] == 1
    assert found["parallelism"] > 0.8 > 0.5 > abs(found["parallelism_shuffled"])
    assert found["cross_condition_generalization_shuffled"] == pytest.approx(0.5, abs=0.1)


def test_codes_that_turn_with_the_other_variable_are_antiparallel():
    table = variables(np.random.default_rng(1), 200)
    a, b = signs(table).T
    X = np.stack([a * b, b, 0 * a], axis=1)  # an exclusive or: the direction of a reverses with b
    S = halves_of(table).to_numpy()
    G = exact(X)
    assert parallelism(G.centered, S, S)[0, 1] < -0.95
    assert np.mean(generalization(G, S, S)[0, 1]) < 0.05


def test_cosines_are_those_of_mean_responses():
    rng = np.random.default_rng(2)
    table, X = variables(rng, 80), rng.standard_normal((80, 9))
    S = halves_of(table).to_numpy()
    a, b = S.T
    low, high = (X[a & side].mean(axis=0) - X[~a & side].mean(axis=0) for side in (~b, b))
    expected = low @ high / np.linalg.norm(low) / np.linalg.norm(high)
    for Y in (X, np.hstack([X, np.zeros((80, 100))])):  # kept responses and a kept Gram
        assert parallelism(gram(Y, precision="float64", device="cpu").centered, S, S)[0, 1] == pytest.approx(expected)


def test_variables_are_those_with_two_values_or_fractions():
    n = 40
    table = pd.DataFrame(
        {
            "stimulus_id": [f"s{i}" for i in range(n)],
            "label": "x",
            "level": np.arange(n) / 7,
            "yaw": np.arange(n) / 7,
            "facing": np.tile([-1, 1], n // 2),
            "background": np.arange(n),
            "constant": 0.5,
            "rare": np.r_[np.ones(n - 1), 0],
            "gap": np.r_[np.arange(n - 1) / 7, np.nan],
        }
    )
    assert [*halves_of(table)] == ["yaw", "facing"]
    assert (halves_of(table).mean() == 0.5).all()


def test_rows_name_each_variable_and_intervals_hold_their_values():
    rng = np.random.default_rng(3)
    table = variables(rng, 400, "abc")
    X = signs(table) @ rng.standard_normal((3, 30)) + rng.standard_normal((400, 30))
    rows = pd.DataFrame(abstraction_rows(exact(X), halves_of(table), 0))
    assert len(rows) == 2 * (1 + 3) + 2 and (rows.n == 300).all()
    assert {*rows.against.dropna()} == {OTHERS} and {*rows.parameter.dropna()} == {*"abc"}
    measured = rows[~rows.metric.str.endswith("shuffled")]
    assert (measured.low <= measured.value).all() and (measured.value <= measured.high).all()
    again = pd.DataFrame(abstraction_rows(exact(X), halves_of(table), 0))
    pd.testing.assert_frame_equal(rows, again)


def test_responses_that_do_not_vary_and_few_images_have_no_rows():
    table = variables(generator("few"), 60)
    assert abstraction_rows(exact(np.ones((60, 5))), halves_of(table), 0) == []
    for n in (4, 12):
        X = np.random.default_rng(4).standard_normal((n, 5))
        assert abstraction_rows(exact(X), halves_of(table.iloc[:n]), 0) == []


def test_scenes_that_vary_a_parameter_are_left_out():
    table = variables(generator("scenes"), 8).assign(
        stimulus_id=list("abcdefgh"), scene="s", parameter="pose", label=""
    )
    assert not FAMILY.applies(table)
    assert FAMILY.applies(table.assign(scene=table.stimulus_id, parameter=""))
