"""Summary: joins that cannot go wrong in silence, and correlations that match published ones."""

import numpy as np
import pandas as pd
import pytest
import synthetic
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ventral.catalog import METRICS
from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5
from ventral.core.table_files import write_table
from ventral.predictivity.area_scores import CEILED
from ventral.summary import gather, gather_recordings, gather_spectra, read_summary, relations
from ventral.summary.layers import shown_threshold, summarize
from ventral.summary.relations import correlation, weighted_ranks
from ventral.summary.tables import ACCURACY, GEOMETRY, PREDICTIVITY, sampled_ranks


@pytest.fixture
def parts():
    places, recordings = synthetic.models(), synthetic.recordings("simulated", "macaque_v4_210325")
    geometry = synthetic.geometry(places, ("scenes", "naturalistic", "macaque_v4_210325"))
    return geometry, synthetic.predictivity(places, recordings), places, recordings


def test_every_layer_has_one_row_and_every_quantity_one_column(parts):
    layers = summarize(*parts)["layers"]
    assert list(zip(layers.model, layers.layer, strict=True)) == list(zip(parts[2].model, parts[2].layer, strict=True))
    assert {
        "effective_dimensionality@naturalistic",
        "factorization[pose]@scenes",
        "ridge_r@simulated/IT",
        "ridge_r^2/c@macaque_v4_210325/V4",
    } <= {*layers}
    geometry = parts[0]
    row = geometry.query("model == 'network3' and layer == 'features.2' and parameter == 'pose' and threshold == .9")
    row = row[row.against == "scene"]
    found = layers.query("model == 'network3' and layer == 'features.2'")["factorization[pose]@scenes"]
    assert found.item() == row.value.item()


def test_rows_and_the_word_simulated_are_kept(parts):
    tables = summarize(*parts)
    assert len(tables["geometry"]) == len(parts[0]) and len(tables["predictivity"]) == len(parts[1])
    for name in ("predictivity", "relations"):
        marked = tables[name].groupby("recording").simulated.unique()
        assert marked.simulated.tolist() == [True] and marked.macaque_v4_210325.tolist() == [False]


def test_against_another_parameter_is_another_column(parts):
    geometry = parts[0]
    crossed = geometry[(geometry.parameter == "pose") & (geometry.metric == "invariance")].assign(against="lighting")
    layers = summarize(pd.concat([geometry, crossed]), *parts[1:])["layers"]
    assert {"invariance[pose]@scenes", "invariance[pose|lighting]@scenes"} <= {*layers}


def accuracy_of(places, stimuli="photos"):
    """Accuracies that grow with the number of the model; baselines have no classifier."""
    rows = [
        {"stimuli": stimuli, "model": model, "metric": metric, "value": np.nan if baseline else high + i / 20}
        for i, (model, baseline) in enumerate(places.groupby("model", sort=False).baseline.first().items())
        for metric, high in (("head_top_1", 0.1), ("head_top_5", 0.3))
    ]
    return pd.DataFrame(rows).reindex(columns=list(ACCURACY)).assign(parameter="", against="", head="6 outputs")


def test_the_accuracy_of_a_model_is_a_column_of_all_its_layers_and_related(parts):
    accuracy = accuracy_of(parts[2])
    tables, without = summarize(*parts, accuracy=accuracy), summarize(*parts)
    layers = tables["layers"]
    assert [*layers.columns[-2:]] == ["head_top_1@photos", "head_top_5@photos"]
    pd.testing.assert_frame_equal(layers[layers.columns[:-2]], without["layers"])
    top_1 = accuracy[accuracy.metric == "head_top_1"].set_index("model").value
    pd.testing.assert_series_equal(layers["head_top_1@photos"], layers.model.map(top_1), check_names=False)
    related = tables["relations"]
    assert {*related.geometry} - {*without["relations"].geometry} == {"head_top_1@photos", "head_top_5@photos"}
    best = related[(related.geometry == "head_top_1@photos") & (related.across == "models, best layer")]
    assert np.isfinite(best.value).all() and (best.models == 8).all()


def test_models_without_an_accuracy_and_accuracies_without_a_model_are_named(parts):
    accuracy = accuracy_of(parts[2])
    with pytest.raises(Fault, match="no accuracy table: photos/network3"):
        summarize(*parts, accuracy=accuracy[accuracy.model != "network3"])
    with pytest.raises(Fault, match="no layer of the study: photos/another"):
        summarize(*parts, accuracy=accuracy.replace({"model": {"network3": "another"}}))


def test_controls_and_pairs_of_parameters_are_columns_but_not_related(parts):
    assert "ridge_r_shuffled@simulated/IT" in summarize(*parts)["layers"]
    invariance = parts[0][parts[0].metric == "invariance"]
    more = [invariance.assign(against="lighting")[invariance.parameter == "pose"]]
    controls = ("invariance_shuffled", "augmentation_content_bures_floor", "effective_dimensionality_of_sample")
    more += [invariance.assign(metric=name) for name in controls]
    before, after = (summarize(geometry, *parts[1:]) for geometry in (parts[0], pd.concat([parts[0], *more])))
    assert set(after["layers"]) - set(before["layers"]) == {
        "invariance[pose|lighting]@scenes",
        *(f"{name}[{parameter}]@scenes" for name in controls for parameter in synthetic.PARAMETERS),
    }
    pd.testing.assert_frame_equal(after["relations"], before["relations"])
    assert {*after["relations"].metric} == {"ridge_r", "ridge_r^2/c"}


@pytest.mark.parametrize("which", [0, 1])
def test_a_layer_without_a_table_is_named(parts, which):
    parts = list(parts)
    missing = (parts[which].model == "network3") & (parts[which].layer == "features.2")
    parts[which] = parts[which][~missing]
    with pytest.raises(Fault, match=r"network3/features\.2"):
        summarize(*parts)


@pytest.mark.parametrize("which", [0, 1])
def test_a_table_of_an_unknown_layer_is_named(parts, which):
    parts = list(parts)
    parts[which] = parts[which].replace({"model": {"network3": "stranger"}})
    with pytest.raises(Fault, match=r"stranger/features\.0"):
        summarize(*parts)


def test_a_quantity_that_is_there_twice_is_named(parts):
    with pytest.raises(Fault, match=r"twice: network0/features.0/invariance\[pose\]@scenes"):
        summarize(pd.concat([parts[0], parts[0].query("metric == 'invariance'").head(1)]), *parts[1:])


def test_a_study_without_recordings_has_no_relations():
    places = synthetic.models()
    nothing = gather([], PREDICTIVITY)
    tables = summarize(synthetic.geometry(places), nothing, places, synthetic.recordings())
    assert len(tables["layers"]) == len(places) and tables["relations"].empty and tables["predictivity"].empty
    assert {"recording", "simulated", "value", "low", "high", "n"} <= {*tables["relations"]}


def test_the_shown_threshold_is_the_nearest_to_the_papers():
    assert shown_threshold(pd.DataFrame({"threshold": [0.5, 0.85, 0.99, np.nan]})) == 0.85


@pytest.mark.parametrize("layer", ["1.10", "007", "None", "NA", "1e5"])
def test_keys_stay_text_through_files(tmp_path, layer):
    places = synthetic.models(1, 1, 0).assign(layer=layer)
    path = tmp_path / "table.csv"
    write_table(synthetic.geometry(places), path)
    assert gather([path], GEOMETRY).layer.unique().tolist() == [layer]
    assert {"", *synthetic.PARAMETERS, "5-shot"} <= {*read_summary(path).parameter}


def test_a_table_that_lacks_a_column_is_named(tmp_path):
    write_table(pd.DataFrame({"metric": ["alpha"]}), tmp_path / "torn.csv")
    with pytest.raises(Fault, match=r"torn.csv lacks the columns stimuli, model"):
        gather([tmp_path / "torn.csv"], GEOMETRY)
    (tmp_path / "empty.csv").touch()
    with pytest.raises(Fault, match=r"empty.csv"):
        gather([tmp_path / "empty.csv"], GEOMETRY)


def test_spectra_are_sampled_at_few_ranks_from_first_to_last(tmp_path):
    path = tmp_path / "scenes" / "network" / "features.1.h5"
    with create_hdf5(path) as file:
        file["eigenvalues"] = np.arange(700.0, 0, -1)
    table = gather_spectra([path])
    assert table["rank"].iloc[[0, -1]].tolist() == [1, 700] and len(table) <= 50
    assert np.array_equal(table.eigenvalue, 701 - table["rank"])
    assert table[["stimuli", "model", "layer"]].drop_duplicates().values.tolist() == [
        ["scenes", "network", "features.1"]
    ]
    assert sampled_ranks(1).tolist() == [1]


def test_recordings_tell_whether_they_are_simulated(tmp_path):
    for name, simulated in (("made", True), ("measured", False)):
        with create_hdf5(tmp_path / f"{name}.h5") as file:
            file.attrs["simulated"] = simulated
    table = gather_recordings(
        [tmp_path / "made.h5", tmp_path / "measured.h5"], {"made": "scenes", "measured": "measured"}
    )
    assert table.values.tolist() == [["made", "scenes", True], ["measured", "measured", False]]


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


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), ties=st.booleans())
def test_weights_are_repeated_rows(seed, ties):
    rng = np.random.default_rng(seed)
    X, Y = rng.standard_normal((2, 12, 2))
    if ties:
        X, Y = X.round(), Y.round()
    weights = rng.multinomial(12, np.full(12, 1 / 12))
    repeated = np.repeat(np.arange(12), weights)
    for statistic, reference in (("pearson", stats.pearsonr), ("spearman", stats.spearmanr)):
        found = correlation(X, Y, weights[None], statistic)[0, 0, 1]
        if np.ptp(X[repeated, 0]) and np.ptp(Y[repeated, 1]):
            assert found == pytest.approx(reference(X[repeated, 0], Y[repeated, 1]).statistic, abs=1e-9)
        else:
            assert np.isnan(found)


def test_quantities_that_differ_by_rounding_are_ties():
    rng = np.random.default_rng(0)
    levels, y = rng.integers(0, 3, 30).astype(float), rng.standard_normal(30)
    scattered = 0.7 + levels / 10 + 1e-15 * rng.standard_normal(30)
    found = correlation(scattered[:, None], y[:, None], np.ones((1, 30)), "spearman")[0, 0, 0]
    assert found == pytest.approx(stats.spearmanr(levels, y).statistic)
    constant = 0.7 + 1e-15 * rng.standard_normal(30)
    assert np.isnan(correlation(constant[:, None], y[:, None], np.ones((1, 30)), "spearman")).all()


def test_weighted_ranks_share_ties():
    assert weighted_ranks(np.array([3.0, 1.0, 3.0, 2.0]), np.ones((1, 4))).tolist() == [[3.5, 1, 3.5, 2]]


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
