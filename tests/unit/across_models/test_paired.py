"""Paired comparisons see differences that intervals of single scores hide, and do not favor models with many layers."""

import numpy as np
import pandas as pd
import pytest

from ventral.across_models.paired import HALVINGS, compared_metrics, halved, held_out, paired
from ventral.core.errors import Fault

SCORE, SHUFFLED = compared_metrics()


def table(scores, metric=SCORE, area="V4"):
    """Long table of units from one array of shape (units,) per (model, layer)."""
    rows = [
        pd.DataFrame({"model": model, "layer": layer, "unit": range(len(values)), "value": values})
        for (model, layer), values in scores.items()
    ]
    return pd.concat(rows, ignore_index=True).assign(recording="session", area=area, metric=metric)


def places(scores, **kinds):
    """One row per layer; models are supervised unless their kind is given."""
    rows = [(model, layer, kinds.get(model, "supervised")) for model, layer in scores]
    return pd.DataFrame(rows, columns=["model", "layer", "kind"])


def compared(scores, what, **kinds):
    """The comparisons of one sort in a table of units."""
    return paired(table(scores), places(scores, **kinds)).query("compared == @what").reset_index(drop=True)


def test_a_small_difference_in_every_unit_is_found():
    rng = np.random.default_rng(0)
    easy = rng.uniform(0.2, 0.8, 50)
    scores = {("a", "x"): easy + 0.03 + 0.01 * rng.standard_normal(50), ("b", "y"): easy}
    [row] = compared(scores, "models").itertuples()
    assert (row.model, row.layer, row.other_model, row.other_layer) == ("a", "x", "b", "y")
    assert row.difference == pytest.approx(np.median(scores["a", "x"] - easy))
    ordered = np.sort(scores["a", "x"] - easy)
    assert (row.low, row.high) == (ordered[17], ordered[32])  # P(Binomial(50, ½) ≤ 17) = .016, and ≤ 18 is .032
    assert row.p < 1e-9 and row.better > 0.95 and row.n == 50


def test_the_best_of_equal_layers_is_not_better_than_another_layer():
    """Of 30 layers that differ by chance only, the best beats a baseline on the units on which it was chosen."""
    rng = np.random.default_rng(1)
    chosen_here, chosen_elsewhere = [], []
    for _ in range(60):
        *scores, baseline = rng.uniform(0.2, 0.8, 40) + 0.1 * rng.standard_normal((31, 40))
        chosen_here.append(max(np.median(layer - baseline) for layer in scores))
        chosen_elsewhere.append(np.median(held_out(np.array(scores), halved(40, rng)) - baseline))
    assert np.mean(chosen_here) > 0.03
    assert abs(np.mean(chosen_elsewhere)) < 3 * np.std(chosen_elsewhere) / np.sqrt(60)


def test_a_unit_is_scored_in_layers_that_others_chose():
    scores = np.array([[0.5, 0.5, 0.5, 0.5], [0.4, 0.4, 0.4, 9.0]])  # the second is better for the last unit alone
    halves = np.array([[True, True, False, False]] * HALVINGS)
    assert held_out(scores, halves) == pytest.approx([0.4, 0.4, 0.5, 0.5])
    apart = np.array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]])
    assert held_out(apart, halves).tolist() == [0, 0, 0, 0]
    assert held_out(apart[:1], halves).tolist() == apart[0].tolist()


def test_kinds_are_compared_by_their_best_layers_and_layers_within_their_model():
    rng = np.random.default_rng(2)
    easy = rng.uniform(0.2, 0.6, 30)
    levels = {("a", "1"): 0.1, ("a", "2"): 0.3, ("b", "1"): 0.25, ("random", "1"): 0.05, ("gabor", "energy"): 0.2}
    scores = {key: easy + level + 0.01 * rng.standard_normal(30) for key, level in levels.items()}
    kinds = compared(scores, "kinds", random="untrained", gabor="baseline")
    assert kinds[["kind", "other_kind"]].to_numpy().tolist() == [
        ["supervised", "baseline"],
        ["supervised", "untrained"],
        ["baseline", "untrained"],
    ]
    assert (kinds.model[0], kinds.layer[0]) == ("a", "2")
    assert kinds.difference.to_numpy() == pytest.approx([0.1, 0.25, 0.15], abs=0.02)
    layers = compared(scores, "layers")
    assert layers[["model", "layer", "other_model", "other_layer"]].to_numpy().tolist() == [["a", "2", "a", "1"]]
    assert len(compared(scores, "models")) == 6


def test_a_layer_without_information_is_no_better_than_its_control():
    rng = np.random.default_rng(3)
    scores = {("good", "1"): rng.uniform(0.3, 0.6, 40), ("bad", "1"): rng.normal(0, 0.05, 40)}
    control = {key: rng.normal(0, 0.05, 40) for key in scores}
    units = pd.concat([table(scores), table(control, SHUFFLED)])
    rows = paired(units, places(scores)).query("compared == 'shuffled images'").set_index("model")
    assert rows.low["good"] > 0.2 and rows.low["bad"] < 0 < rows.high["bad"]


def test_units_without_a_score_and_areas_with_few_units_are_left_out():
    rng = np.random.default_rng(4)
    scores = {("a", "1"): rng.uniform(0, 1, 12), ("b", "1"): rng.uniform(0, 1, 12), ("dead", "1"): np.full(12, np.nan)}
    scores["a", "1"][:3] = np.nan
    [row] = compared(scores, "models").itertuples()
    assert row.n == 9 and row.low < row.difference < row.high
    scores["a", "1"][:7] = np.nan
    [row] = compared(scores, "models").itertuples()
    assert row.n == 5 and np.isnan([row.difference, row.low, row.high, row.p, row.q]).all()
    few = {key: values[:5] for key, values in scores.items()}
    empty = paired(table(few), places(few))
    assert empty.empty and {"difference", "low", "high", "p", "q", "n"} <= {*empty.columns}


def test_p_is_corrected_over_the_comparisons_of_one_sort():
    rng = np.random.default_rng(5)
    easy = rng.uniform(0.2, 0.6, 25)
    scores = {(f"model{i}", "1"): easy + 0.005 * i + 0.02 * rng.standard_normal(25) for i in range(6)}
    both = pd.concat([table(scores), table(scores, area="IT")])
    rows = paired(both, places(scores)).query("compared == 'models'")
    assert (rows.q >= rows.p).all() and (rows.q > rows.p).any() and (rows.q <= 1).all()
    again = paired(both, places(scores)).query("compared == 'models'")
    pd.testing.assert_frame_equal(rows, again)


def test_layers_of_other_units_are_refused():
    scores = {("a", "1"): np.arange(8.0), ("b", "1"): np.arange(8.0)}
    units = table(scores)
    units.loc[units.model == "b", "unit"] += 1
    with pytest.raises(Fault, match="session, V4"):
        paired(units, places(scores))
