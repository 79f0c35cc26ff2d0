"""Complementarity: what a quantity adds to accuracy where it has to generalize to other families."""

import numpy as np
import pandas as pd
import pytest

from ventral.across_models.complementarity import COLUMNS, complementarity, gains
from ventral.across_models.layer_table import layer_table


def models(count=30, effect=1.0, seed=0):
    rng = np.random.default_rng(seed)
    accuracy, x, noise = rng.standard_normal((3, count))
    names = np.char.add("net", np.arange(count).astype(str))
    return pd.DataFrame({"model": names, "accuracy": accuracy, "x": x, "y": accuracy + effect * x + 0.3 * noise})


def row(table):
    return complementarity(layer_table(table, ["x"], ["y"])).iloc[0]


def test_a_quantity_that_accuracy_does_not_tell_adds_to_it():
    found = row(models())
    assert 0.3 < found.accuracy < 0.6 < 0.8 < found.both and found.low > 0 and found.p < 0.05
    assert found.difference == pytest.approx(found.both - found.accuracy)
    assert (found.across, found.n, found.families, found.failure) == ("layers", 30, 30, "")


def test_accuracy_is_not_predicted_from_itself():
    found = complementarity(layer_table(models(), ["x"], ["accuracy", "y"]))
    assert found.score.tolist() == ["y"]


def test_a_quantity_without_relation_adds_nothing():
    found = row(models(effect=0))
    assert found.low < 0 < found.high and abs(found.difference) < 0.05


def test_a_copy_of_accuracy_adds_exactly_nothing():
    found = row(models().assign(x=lambda t: 3 * t.accuracy - 1))
    assert found.difference == pytest.approx(0, abs=1e-12)


def test_the_best_layers_of_networks_are_predicted():
    table = pd.concat([models().assign(layer=str(i), y=lambda t, i=i: t.y - i) for i in range(2)], ignore_index=True)
    found = row(table)
    assert found.across == "models, best layer" and found.n == 30
    assert found.both == pytest.approx(row(models()).both)


def test_too_few_families_and_constant_columns_are_named():
    assert "fewer than 10 families" in row(models(9)).failure and np.isnan(row(models(9)).difference)
    one = models(30).assign(family=lambda t: (t.index % 8).astype(str))
    assert "fewer than 10 families" in row(one).failure
    assert "does not vary" in row(models().assign(y=0.5)).failure
    nothing = complementarity(layer_table(models().drop(columns="accuracy"), ["x"], ["y"]))
    assert nothing.empty and nothing.columns.tolist() == COLUMNS


def test_the_interval_of_no_gain_rarely_excludes_zero():
    families, excluded = np.arange(15).astype(str), []
    for seed in range(20):
        accuracy, x, noise = np.random.default_rng([seed, 2]).standard_normal((3, 15))
        found = gains(x[:, None], accuracy, accuracy + 0.7 * noise, families, seed)
        excluded.append(found["low"][0] > 0)
    assert np.mean(excluded) <= 0.1
