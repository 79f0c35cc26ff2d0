"""Relations: correlations that match published ones, and intervals that know which layers belong together."""

import numpy as np
import pandas as pd
import pytest
import synthetic

from ventral.catalog import METRICS
from ventral.predictivity.area_scores import CEILED
from ventral.summary import relations


def test_published_correlations(known_answers):
    table = pd.read_csv(known_answers / "dimensionality/layers.csv", keep_default_na=False, na_values=[""])
    layers = table.assign(
        model=table.architecture + table.task + table.kind + table.source,
        family=lambda t: t.model,
        kind="untrained",
        position=range(len(table)),
        baseline=False,
        raw=table.effective_dimensionality,
    )
    geometry = ["effective_dimensionality", "raw"]
    found = relations(layers, geometry, ["score_it", "score_v4"], logarithmic=geometry[:1])
    found = found.query("across == 'layers' and statistic == 'pearson'").set_index(["geometry", "predictivity"])
    assert (found.n == 568).all() and (found.models == 46).all()
    # Digits of the values that the published tables give.
    assert found.value["effective_dimensionality", "score_it"] == pytest.approx(0.8438, abs=5e-5)
    assert found.value["raw", "score_it"] == pytest.approx(0.5392, abs=5e-5)
    assert found.value["effective_dimensionality", "score_v4"] == pytest.approx(0.5720, abs=5e-5)
    assert (found.low < found.value).all() and (found.value < found.high).all()


def related(models, layers=3, noise=0.3, seed=0):
    """Layers whose x and y share their model's level and little else."""
    rng = np.random.default_rng(seed)
    places = synthetic.models(models, layers, 1)
    level = dict(zip(places.model.unique(), rng.standard_normal(places.model.nunique()), strict=True))
    x = places.model.map(level) + noise * rng.standard_normal(len(places))
    return places.assign(x=x, y=x + noise * rng.standard_normal(len(places)))


def test_the_interval_knows_that_layers_of_one_model_are_not_independent():
    few, many = (related(6, layers=k).pipe(relations, ["x"], ["y"]).query("across == 'layers'") for k in (3, 30))
    width = [table.high.iloc[0] - table.low.iloc[0] for table in (few, many)]
    assert width[1] > 0.5 * width[0]  # thirty layers a model: a bootstrap over layers would give a third of it


def test_networks_of_one_family_are_drawn_together():
    table = related(5)
    alone = relations(table, ["x"], ["y"])
    copies = [table.assign(model=table.model + f"_seed{seed}") for seed in range(4)]
    found = relations(pd.concat(copies, ignore_index=True), ["x"], ["y"])
    assert set(found.models) == {20} and set(found.families) == {5} and set(alone.families) == {5}
    # Networks that do not differ tell no more than one of them.
    pearson = alone.statistic == "pearson"
    np.testing.assert_allclose(found[["value", "low", "high"]][pearson], alone[["value", "low", "high"]][pearson])
    few = relations(pd.concat(copies, ignore_index=True).query("family < 'network3'"), ["x"], ["y"])
    assert set(few.models) == {12} and set(few.families) == {3} and few.value.isna().all()


def test_best_and_last_layers():
    places = synthetic.models(5, 7, 0).assign(
        x=lambda t: t.position + 0.1 * t.index, y=lambda t: -t.position + 0.01 * t.index
    )
    found = relations(places, ["x"], ["y"]).query("statistic == 'pearson'").set_index("across")
    assert found.n.tolist() == [35, 5, 5]
    first = places[places.position == 0]
    assert found.value["models, best layer"] == pytest.approx(np.corrcoef(first.x, first.y)[0, 1])
    last = places[places.position >= 2].groupby("model")[["x", "y"]].mean()
    assert found.value["models, last layers"] == pytest.approx(np.corrcoef(last.x, last.y)[0, 1])


@pytest.mark.parametrize("spoil", ["three models", "no variance", "missing values"])
def test_what_cannot_be_related_stays_in_the_table(spoil):
    table = related(3 if spoil == "three models" else 6)
    if spoil == "no variance":
        table["y"] = 0.75
    if spoil == "missing values":
        table.loc[table.model.isin(["network0", "network1", "network2"]), "y"] = np.nan
    found = relations(table, ["x"], ["y"])
    assert len(found) == 6 and found[["value", "low", "high"]].isna().all(axis=None)
    assert set(found.models) == {6 if spoil == "no variance" else 3}


def test_missing_values_leave_other_columns_alone():
    table = related(8).assign(z=lambda t: t.x.where(t.index != 0))
    found = relations(table, ["x", "z"], ["y"]).query("across == 'layers' and statistic == 'pearson'")
    alone = relations(table, ["x"], ["y"]).query("across == 'layers' and statistic == 'pearson'")
    assert found.set_index("geometry").n.to_dict() == {"x": 24, "z": 23}
    assert found.set_index("geometry").value["x"] == alone.value.item()


def test_a_seed_gives_the_same_intervals_and_baselines_do_not_count():
    table = related(6)
    first, again, other = (relations(table, ["x"], ["y"], seed=seed) for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not np.allclose(first.low, other.low)
    moved = table.assign(x=table.x.where(~table.baseline, 1e6))
    pd.testing.assert_frame_equal(first, relations(moved, ["x"], ["y"]))


def test_a_study_of_baselines_alone_keeps_its_relations_empty():
    table = related(4)
    found = relations(table[table.baseline], ["x"], ["y"])
    assert len(found) == 6 and (found.n == 0).all() and found.value.isna().all()


def test_scores_that_relations_leave_out_have_the_relations_of_another():
    table = related(6).assign(r=lambda t: np.tanh(t.y / 3))
    scores = {"ridge_r": table.r} | {name.format("ridge"): formula(table.r, 0.7) for name, formula in CEILED.items()}
    found = relations(table.assign(**scores), ["x"], [*scores])
    found = found.set_index(["predictivity", "across", "statistic"])[["value", "low", "high"]]
    left_out = [name for name in scores if METRICS[name].same_as]
    assert left_out == ["ridge_r/c", "(ridge_r/c)^2"]
    for name in left_out:
        np.testing.assert_allclose(found.loc[name], found.loc[METRICS[name].same_as], atol=1e-12)
