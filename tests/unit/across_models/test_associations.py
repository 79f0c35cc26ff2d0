"""Associations across models: published answers, which points are correlated, and what is held fixed."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from ventral.across_models.associations import associations
from ventral.across_models.averages import with_averages
from ventral.across_models.commonality import commonality
from ventral.across_models.layer_table import layer_table
from ventral.across_models.mixed_model import mixed_models
from ventral.core.errors import Fault
from ventral.statistics.family_jackknife import family_jackknife
from ventral.summary import relate


def published(known_answers):
    table = pd.read_csv(known_answers / "dimensionality/layers.csv", keep_default_na=False, na_values=[""])
    return table.assign(
        model=table.architecture + table.task + table.kind + table.source, raw=table.effective_dimensionality
    )


def pearson(relations, **question):
    """Pearson's relations of one question, by geometry and score."""
    wanted = {"across": "layers", "within": "", "given": "", "statistic": "pearson"} | question
    chosen = (relations[[*wanted]] == pd.Series(wanted)).all(axis="columns")
    return relations[chosen].set_index(["geometry", "score"])


def test_published_correlations(known_answers):
    """Digits of the values that the published table gives."""
    geometry = ["effective_dimensionality", "raw"]
    found = relate(published(known_answers), geometry, ["score_it", "score_v4"], log=geometry[:1]).relations
    layers, it = pearson(found), (geometry[0], "score_it")
    assert (layers.n == 568).all() and (layers.models == 46).all() and (layers.families == 46).all()
    assert layers.value[it] == pytest.approx(0.8438, abs=5e-5)
    assert layers.value["raw", "score_it"] == pytest.approx(0.5392, abs=5e-5)
    assert layers.value[geometry[0], "score_v4"] == pytest.approx(0.5720, abs=5e-5)
    for kind, r in (("Supervised", 0.7890), ("Self-Supervised", 0.9098), ("Untrained", 0.5548)):
        assert pearson(found, within=kind).value[it] == pytest.approx(r, abs=5e-5)
    assert pearson(found, across="models, best layer").value[it] == pytest.approx(0.9306, abs=5e-5)
    assert set(found.scale[found.geometry == "raw"]) == {"linear"} and layers.scale[it] == "log"
    stable = found[found.p < 0.05]
    assert (stable.low < stable.value).all() and (stable.value < stable.high).all()
    assert len(pearson(found, across="layer2.0.relu")) == 6 and "fc" not in {*found.across}


def test_most_of_a_published_correlation_is_trained_against_untrained(deepnsd):
    table = deepnsd.pivot(index=["model_string", "effective_dimensions", "training"], columns="metric", values="score")
    table = table.reset_index().rename(columns={"model_string": "model", "training": "kind"})
    found = relate(table, ["effective_dimensions"], ["CRSA", "WRSA"], log=["effective_dimensions"]).relations
    assert pearson(found).value.to_numpy()[:2] == pytest.approx([0.5933, 0.6053], abs=5e-5)
    within = pearson(found, within="ImageNet+").iloc[0]
    assert within.value == pytest.approx(-0.0065, abs=5e-5) and within.n == 132 and within.p > 0.9
    assert pearson(found, given="kind").value.iloc[0] < 0.2
    assert {*found.across} == {"layers"}  # which are models here


def networks(G=12, L=6, seed=0):
    """Networks of three kinds whose x and y share depth, size and kind, and nothing else."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"model": np.repeat([f"net{g}" for g in range(G)], L), "layer": [*"abcdef"[:L]] * G})
    index = np.repeat(np.arange(G), L)
    depth = np.tile(np.linspace(0, 1, L), G)
    kind, features = index % 3, np.exp(rng.standard_normal(G))[index]
    x, y = rng.standard_normal((2, G * L)) + 4 * depth + 3 * np.log(features) + 2 * kind
    names = np.array(["supervised", "untrained", "self_supervised"])[kind]
    return table.assign(depth=depth, position=np.tile(np.arange(L), G), n_features=features, kind=names, x=x, y=y)


def test_what_depth_size_and_kind_explain_vanishes_given_them():
    found = relate(networks(), ["x"], ["y"]).relations
    assert pearson(found).value.item() > 0.8
    joint = pearson(found, given="depth + log n_features + kind").iloc[0]
    assert abs(joint.value) < 0.3 and joint.low < 0 < joint.high
    for one in ("depth", "log n_features", "kind", "trained", "layer"):
        assert pearson(found, given=one).value.item() > joint.value
    assert {*found.within} == {"", "supervised", "untrained", "self_supervised", "trained"}
    assert pearson(found, within="trained").models.item() == 8
    within = pearson(found, within="untrained", given="depth + log n_features").iloc[0]
    assert within.n == 24 and abs(within.value) < 0.5
    assert {"a", "f"} <= {*found.across}  # names of layers that all networks share


def test_layers_without_shared_names_are_matched_by_depth():
    table = networks().assign(layer=lambda t: t.model + t.layer)
    found = relate(table, ["x"], ["y"]).relations
    places = [across for across in found.across.unique() if across.startswith("depth")]
    assert places == ["depth 0.0–0.2", "depth 0.2–0.4", "depth 0.4–0.6", "depth 0.6–0.8", "depth 0.8–1.0"]
    last = table[table.depth >= 0.8].groupby("model", sort=False)[["x", "y"]].mean()
    assert pearson(found, across=places[-1]).value.item() == pytest.approx(stats.pearsonr(last.x, last.y)[0])


def test_best_and_last_layers():
    table = networks(5, 6).assign(x=lambda t: t.position + 0.1 * t.index, y=lambda t: -t.position + 0.01 * t.index**2)
    found = relate(table, ["x"], ["y"]).relations
    best = table.loc[table.groupby("model", sort=False).y.idxmax()]
    assert pearson(found, across="models, best layer").value.item() == pytest.approx(stats.pearsonr(best.x, best.y)[0])
    last = table[table.position >= 1].groupby("model", sort=False)[["x", "y"]].mean()
    assert pearson(found, across="models, last layers").value.item() == pytest.approx(stats.pearsonr(last.x, last.y)[0])


def test_false_discoveries_are_counted_over_distinct_relations():
    table = networks().assign(z=lambda t: t.x**3, w=lambda t: -t.y + t.depth)
    found = relate(table, ["x", "z"], ["y", "w"], distinct=["x", "y", "w"]).relations
    layers = pearson(found)
    counted = layers.loc[[("x", "y"), ("x", "w")]]
    strict = family_jackknife(table[["x"]].to_numpy(), table[["y", "w"]].to_numpy(), table.model).strict_p[0]
    np.testing.assert_allclose(counted.q, multipletests(strict, method="fdr_bh")[1])
    assert (counted.q >= counted.p).all()
    assert layers.q[layers.index.get_level_values(0) == "z"].isna().all()
    others = found[found.given.ne("") | found.within.ne("") | found.across.isin([*"abcdef"])]
    assert set(others.geometry) == {"x"}


def test_columns_may_be_named_to_be_held_fixed():
    table = networks().assign(
        architecture=lambda t: np.where(t.model < "net4", "ResNet", "AlexNet"), top=lambda t: t.x**2
    )
    found = relate(table, ["x", "top"], ["y"], given=["architecture", "top"], log=["top"], accuracy="top").relations
    labels = {label for given in found.given for label in given.split(" + ")}
    assert labels == {"", "architecture", "accuracy", "kind", "trained", "layer"}
    assert set(pearson(found, given="accuracy").index) == {("x", "y")}  # not accuracy given itself
    x, y = ((table[name] - table.groupby("architecture")[name].transform("mean")) for name in "xy")
    assert pearson(found, given="architecture").value["x", "y"] == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_missing_values_baselines_and_constant_columns():
    table = networks().assign(constant=0.7, few=lambda t: t.x.where(t.model < "net2"))
    table.loc[0, "y"] = np.nan
    table["baseline"] = table.model == "net5"
    found = pearson(relate(table, ["x", "constant", "few"], ["y"]).relations)
    assert found.n["x", "y"] == 65 and found.models["x", "y"] == 11
    assert found.loc[[("constant", "y")], ["value", "low", "p", "q"]].isna().all(axis=None)
    moved = table.assign(x=table.x.where(~table.baseline, 1e6))
    assert pearson(relate(moved, ["x"], ["y"]).relations).low["x", "y"] == pytest.approx(found.low["x", "y"])
    nothing = relate(table.assign(baseline=True), ["x"], ["y"]).relations
    assert len(nothing) and nothing.value.isna().all() and (nothing.n == 0).all()
    assert relate(table, ["x"], []).relations.empty and relate(table, [], ["y"]).relations.empty


def test_networks_of_one_family_count_once():
    table = networks(6).assign(family=lambda t: t.model)
    copies = pd.concat([table.assign(model=table.model + f"_seed{seed}") for seed in range(4)], ignore_index=True)
    alone, found = (pearson(relate(t, ["x"], ["y"]).relations).iloc[0] for t in (table, copies))
    assert (found.models, found.families) == (24, 6)
    for name in ("value", "low", "high", "p"):  # networks that do not differ tell no more than one of them
        assert found[name] == pytest.approx(alone[name])


@pytest.mark.parametrize(
    ("change", "columns", "said"),
    [
        ({}, ["dimension"], "dimension"),
        ({"x": "many"}, ["x"], "many"),
        ({"x": np.inf}, ["x"], "inf"),
        ({"depth": "early"}, ["x"], "early"),
        ({"position": "last"}, ["x"], "last"),
        ({"accuracy": "0,7"}, ["x"], "0,7"),
        ({}, ["x", "y"], "y"),
        ({"layer": "a"}, ["x"], "net0"),
        ({"family": list("ab") * 36}, ["x"], "net0"),
    ],
)
def test_tables_that_cannot_be_related_are_refused(change, columns, said):
    with pytest.raises(Fault, match=said):
        relate(networks().assign(**change), columns, ["y"])


def test_depth_follows_from_the_order_of_layers():
    table = layer_table(networks()[["model", "layer", "x", "y"]], ["x"], ["y"])
    np.testing.assert_allclose(table.rows.depth, networks().depth)
    assert [*table.given] == ["depth", "layer"] and table.kinds == []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("unit", [1e300, 1e-300])
def test_units_change_nothing_however_large_or_small_they_are(unit):
    table = networks(5, 3)[["model", "layer", "x", "y"]].assign(z=lambda t: t.y + t.x**2)
    changed = table.assign(**table[["x", "z"]] * unit)
    named = [layer_table(rows, ["x", "z"], ["y"]) for rows in (table, changed)]
    for statistic in (associations, commonality, mixed_models):
        pd.testing.assert_frame_equal(*map(statistic, named), rtol=1e-4)
    averages = [with_averages(rows, {"average": ["x", "z"]}).average for rows in (table, changed)]
    pd.testing.assert_series_equal(*averages)


@pytest.mark.filterwarnings("error")
def test_one_absurd_value_has_the_rank_of_any_other_large_one():
    table = networks(5, 4)[["model", "layer", "x", "y"]].assign(kind="supervised")
    spoiled = (table.assign(x=table.x.where(table.index != 5, there)) for there in (1.7e308, 1e6))
    found, expected = (associations(layer_table(rows, ["x"], ["y"])) for rows in spoiled)
    assert pearson(found).value.item() == pytest.approx(pearson(expected).value.item(), abs=1e-4)
    ranks = (rows[(rows.statistic == "spearman") & (rows.across == "layers")] for rows in (found, expected))
    pd.testing.assert_frame_equal(*ranks)
