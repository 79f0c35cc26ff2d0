"""A layer against a recording: images are joined by id, areas scored apart, and splits kept."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from linear_responses import KFOLD, features_and_responses

from ventral.core.errors import Fault
from ventral.gram import gram
from ventral.models.baselines import gabor_energy
from ventral.predictivity import measure, ridge
from ventral.recordings import Recording
from ventral.recordings.ceiling import with_ceilings
from ventral.recordings.kinds import recording_entry
from ventral.regression.splits import fixed_splits


def small_study(n=300, repeats=6):
    """A layer, and a recording of two areas that it predicts, in another order of images."""
    X, Y = features_and_responses(n=n, units=12)
    ids = np.array([f"image{i:03d}" for i in range(n)], dtype=object)
    rng = np.random.default_rng(0)
    order = rng.permutation(n)
    trials = Y.T[:, order, None] + 2 * rng.standard_normal((12, n, repeats))
    units = pd.DataFrame({"unit": np.arange(12), "area": np.repeat(["V4", "IT"], 6), "animal": "none"})
    recording = Recording("small", trials.mean(axis=2), trials, units, ids[order], True, "", "", "")
    table = pd.DataFrame({"stimulus_id": ids, "label": ""})
    return replace(exact(X), stimulus_id=ids), with_ceilings(recording), table


def areas_of(G, recording, table, splits=KFOLD):
    return measure(G, recording, table, splits, 0)[0].set_index(["area", "metric"])


def test_measure_joins_by_image_and_scores_each_area():
    G, recording, table = small_study()
    found = areas_of(G, recording, table)
    assert list(found.index.unique("area")) == ["V4", "IT"]
    for area in ("V4", "IT"):
        rows = found.loc[area]
        for method in ("ridge", "pls", "pcr300", "pcr1000"):
            r, c = rows.value[f"{method}_r"], rows.value["ceiling"]
            assert r > 0.9 and 0.8 < rows.value[f"{method}_R2"] < r
            assert rows.value[f"{method}_r/c"] == pytest.approx(r / c)
            assert rows.value[f"({method}_r/c)^2"] == pytest.approx((r / c) ** 2)
            assert rows.value[f"{method}_r^2/c"] == pytest.approx(r**2 / c)
        assert abs(rows.value["ridge_r_shuffled"]) < 0.2 and rows.value["ridge_r_unit_shuffled"] < 0.8
        assert rows.value["rsa_ceiling_lower"] < rows.value["rsa_ceiling_upper"] < 1
        assert (rows.n == 6).all()
        for low, high in (("low", "high"), ("low_images", "high_images")):
            known = rows.dropna(subset=[low, high])
            assert (known[low] <= known.value).all() and (known.value <= known[high]).all()
        reverse = {"reverse_R2", "reverse_R2_equal", "reverse_R2_shuffled"}
        assert set(rows.index[rows.low.isna()]) == {"rsa", "rsa_ceiling_lower", "rsa_ceiling_upper", *reverse}
        assert (
            rows.low_images.notna().sum() == 1 + 3 + 4 * 4
        )  # RSA; reverse R²; r and its three ceiled forms of four methods
    pd.testing.assert_frame_equal(found, areas_of(G, recording, table))


def test_units_that_are_noise_are_left_out_of_ceiled_scores_and_counted(caplog):
    G, recording, table = small_study()
    trials = recording.trials.copy()
    trials[0] = np.random.default_rng(5).standard_normal(trials[0].shape)
    recording = with_ceilings(replace(recording, trials=trials, responses=trials.mean(axis=2)))
    assert recording.units.noise_ceiling[0] < 0.1
    found = areas_of(G, recording, table).loc["V4"]
    assert {name for name, n in found.n.items() if n == 5} == {name for name in found.index if "/c" in name}
    assert found.n.min() == 5 and "ridge_r/c" in found.index
    assert "V4: 1 of 6 units have a ceiling below 0.1" in caplog.text


def test_without_trials_there_are_no_ceiled_scores():
    G, recording, table = small_study()
    units = recording.units.drop(columns="noise_ceiling")
    found = areas_of(G, with_ceilings(replace(recording, trials=None, units=units)), table).loc["IT"]
    assert {"ridge_r", "ridge_r_shuffled", "pls_r", "rsa"} <= set(found.index)
    assert not [name for name in found.index if "/c" in name or "ceiling" in name]


def test_labels_stratify_brainscore_splits():
    G, recording, table = small_study()
    spec = {"kind": "brainscore", "folds": 5, "seed": 1}
    plain = areas_of(G, recording, table, spec).value["IT", "ridge_r"]
    labeled = areas_of(G, recording, table.assign(label=np.repeat(["cat", "dog"], 150)), spec).value["IT", "ridge_r"]
    assert plain != labeled and labeled > 0.9


def test_fixed_splits_train_and_test_on_the_parts_of_the_data_set():
    G, recording, table = small_study()
    fixed, part = {"kind": "fixed", "folds": 5, "seed": 1}, np.resize(["train", "train", "test"], 300).astype(object)
    found = areas_of(G, replace(recording, part=part), table, fixed).value["IT", "ridge_r"]
    rows = pd.Index(G.stimulus_id).get_indexer(recording.stimulus_id)
    split = (np.flatnonzero(part == "train"), np.flatnonzero(part == "test"))
    expected = ridge(G.subset(rows), recording.responses[6:].T, [split]).scores
    assert found == pytest.approx(np.median(expected))
    with pytest.raises(Fault, match=r"The recording small .* training"):
        areas_of(G, recording, table, fixed)
    with pytest.raises(Fault, match=r"there are 298 and 2"):
        areas_of(G, replace(recording, part=np.repeat(["train", "test"], [298, 2])), table, fixed)
    with pytest.raises(Fault, match="2 images "):
        fixed_splits(["a", "b", "c", "d", "a", "b"], ["train"] * 3 + ["test"] * 3)


@pytest.mark.parametrize("spec", [KFOLD, {"kind": "brainscore", "folds": 5, "seed": 1}])
def test_the_same_pixels_under_two_ids_are_never_on_both_sides(spec):
    rng = np.random.default_rng(0)
    pictures, ids = np.arange(200) // 2, np.array([f"image{i:03d}" for i in range(200)], dtype=object)
    X, Y = rng.standard_normal((100, 400))[pictures], rng.standard_normal((100, 8))[pictures]
    trials = Y.T[:, :, None] + 0.1 * rng.standard_normal((8, 200, 4))
    units = pd.DataFrame({"unit": np.arange(8), "area": "V4", "animal": "none"})
    recording = Recording("twice", trials.mean(axis=2), trials, units, ids, True, "", "", "")
    table, G = pd.DataFrame({"stimulus_id": ids, "label": ""}), replace(exact(X), stimulus_id=ids)
    assert areas_of(G, recording, table, spec).value["V4", "ridge_r"] > 0.5  # responses that no image explains
    kept_apart = areas_of(G, recording, table.assign(content=pictures.astype(str)), spec)
    assert abs(kept_apart.value["V4", "ridge_r"]) < 0.25
    width = kept_apart.high_images - kept_apart.low_images
    assert width["V4", "ridge_r"] > 0.1


def test_images_without_a_partner_are_named():
    G, recording, table = small_study()
    with pytest.raises(Fault, match=r"3 images of the recording small .*: image"):
        measure(G.subset(np.arange(3, 300)), recording, table, KFOLD, 0)
    fewer = replace(
        recording,
        stimulus_id=recording.stimulus_id[2:],
        responses=recording.responses[:, 2:],
        trials=recording.trials[:, 2:],
    )
    with pytest.raises(Fault, match=r"2 images of the Gram .* small: image"):
        measure(G, fewer, table, KFOLD, 0)


@pytest.mark.parametrize("session", [210325, 201025])
@pytest.mark.usefixtures("macaque_v4")
def test_local_energy_predicts_macaque_v4(session):
    spec = {"kind": "macaque_v4", "session": session}
    images, table = recording_entry(spec).images("macaque")
    images = np.stack(list(images))
    bank = gabor_energy()
    energy = np.concatenate([bank(images[start : start + 64])["energy"] for start in range(0, len(images), 64)])
    G = replace(gram(energy, device="cpu"), stimulus_id=table.stimulus_id.to_numpy())
    recording = with_ceilings(recording_entry(spec).record("macaque", "unused.h5"))
    found = areas_of(G, recording, table).droplevel("area").value
    assert abs(found["ridge_r_unit_shuffled"]) < found["ridge_r"] and 0 < found["rsa"] < 0.5
    assert 0.45 < found["ridge_r"] < 0.6 and abs(found["ridge_r_shuffled"]) < 0.05
    assert session != 210325 or 0.70 < found["ceiling"] < 0.80
