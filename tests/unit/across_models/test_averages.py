"""Averages of scores: standardized over networks, only where all scores are known."""

import numpy as np
import pandas as pd
import pytest

from ventral.across_models.averages import average_of, is_average, with_averages
from ventral.summary import relate


def networks(seed=0):
    rng = np.random.default_rng(seed)
    x, noise = rng.standard_normal((2, 40))
    model = np.repeat(np.arange(10), 4).astype(str)
    return pd.DataFrame({"model": model, "layer": np.tile(list("abcd"), 10), "x": x, "y": x + noise})


def test_copies_in_other_units_average_to_the_same_relation():
    table = networks().assign(z=lambda t: 1000 * t.y - 7)
    found = relate(table, ["x"], ["y", "z"]).relations
    best = found[found.across != "models, best layer"].set_index(["across", "given", "statistic", "score"])
    for number in ("value", "low", "high", "p"):
        rows = best[number].unstack("score")
        assert rows.average.to_numpy() == pytest.approx(rows.y.to_numpy())


def test_layers_that_lack_a_score_and_baselines_have_no_average():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0, 50.0, 9.0], "b": [10.0, 20.0, 30.0, None, 5.0]})
    table["baseline"] = [False, False, False, False, True]
    found = with_averages(table, average_of(table, ["a", "b"])).average
    assert found.tolist()[:3] == pytest.approx([-(1.5**0.5), 0, 1.5**0.5]) and found[3:].isna().all()
    constant = with_averages(table.assign(b=1.0), {"mean": ["a", "b"]})["mean"]
    assert constant.isna().all()


def test_a_single_score_has_no_average():
    table = networks()
    assert {*relate(table, ["x"], ["y"]).relations.score} == {"y"}
    named = relate(table.assign(average=1 - table.y), ["x"], ["y", "average"]).relations
    asked = (named.across == "layers") & (named.given == "") & (named.statistic == "pearson")
    own = named[asked].set_index("score").value
    assert own["average"] == pytest.approx(-own["y"])


def test_averages_are_corrected_for_their_number_apart_from_scores():
    table = networks().assign(z=lambda t: t.y + np.random.default_rng(1).standard_normal(len(t)))
    alone, found = (relate(table, ["x"], ["y", "z"], averages=given) for given in ((), None))
    keys = ["across", "within", "given", "geometry", "score", "statistic"]
    both = alone.relations.merge(found.relations, on=keys, suffixes=("", "_with"), validate="one_to_one")
    assert len(both) == len(alone.relations)
    assert both.q.to_numpy() == pytest.approx(both.q_with.to_numpy(), nan_ok=True)
    pd.testing.assert_frame_equal(alone.chance, found.chance)
    assert found.relations.q[found.relations.score == "average"].notna().any()


def test_published_dimensionality_goes_with_the_average_of_it_and_v4(known_answers):
    table = pd.read_csv(known_answers / "dimensionality" / "layers.csv")
    table = table.assign(model=table.architecture + table.kind, effective=np.log(table.effective_dimensionality))
    r = np.corrcoef([table.effective, table.score_it, table.score_v4])
    expected = (r[0, 1] + r[0, 2]) / np.sqrt(2 + 2 * r[1, 2])  # r of x with the sum of two standardized columns
    found = with_averages(table, average_of(table, ["score_it", "score_v4"])).average
    assert np.corrcoef(found, table.effective)[0, 1] == pytest.approx(expected)
    assert expected == pytest.approx(0.7492, abs=5e-5)


def test_averages_are_known_by_their_names():
    names = ["average", "ridge_r@average/macaque areas", "ridge_r@macaque/average", "it_average", "average@scenes"]
    assert [is_average(name) for name in names] == [True, True, False, False, False]
