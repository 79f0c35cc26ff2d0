"""Summary: joins that cannot go wrong in silence."""

import numpy as np
import pandas as pd
import pytest
import synthetic

from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5
from ventral.core.table_files import write_table
from ventral.summary import gather, gather_recordings, gather_spectra, read_summary
from ventral.summary.layers import shown_threshold, summarize
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
    assert {*layers} - {*without["layers"]} == {"head_top_1@photos", "head_top_5@photos"}
    pd.testing.assert_frame_equal(layers[[*without["layers"]]], without["layers"])
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
    why = {"spectral_alignment", "error_radius", "error_dimension"}
    assert {*after["relations"].metric} == {"ridge_r", "ridge_r^2/c", *why}


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
