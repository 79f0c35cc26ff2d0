"""Missing responses: units with gaps are scored without them, and areas are measured where they have no gaps."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ventral.core.errors import Fault
from ventral.geometry.recording_geometry import measure_recording
from ventral.gram import gram, write_gram
from ventral.predictivity.layer_scores import score
from ventral.predictivity.scored_parts import parts_of
from ventral.predictivity.target import prepare
from ventral.recordings import Recording, write_recording
from ventral.recordings.gaps import alike, complete
from ventral.regression.splits import kfold_splits
from ventral.summary.model_similarity import similarities

N = 100
IDS = np.array([f"image{i:03d}" for i in range(N)], dtype=object)
TABLE = pd.DataFrame({"stimulus_id": IDS, "scene": "", "parameter": "", "level": -1, "label": ""})
FOLDS = {"kind": "kfold", "folds": 4, "seed": 1}
GONE = [7, 50, 93]


@pytest.fixture(scope="module")
def layer():
    return np.random.default_rng(0).standard_normal((N, 12))


@pytest.fixture(scope="module")
def recording(layer):
    """Nine units of two areas that lack nothing, with three trials of each image."""
    rng = np.random.default_rng(1)
    signal = rng.standard_normal((9, 12)) @ layer.T
    trials = (signal[..., None] + 2 * rng.standard_normal((9, N, 3))).astype(np.float32)
    units = pd.DataFrame({"unit": np.arange(9), "area": ["V4"] * 5 + ["IT"] * 4})
    return Recording("macaque", trials.mean(axis=2, dtype=float), trials, units, IDS, True, "", "", "")


def without(recording, unit, images):
    """The recording in which one unit lacks some images."""
    responses, trials = recording.responses.copy(), recording.trials.copy()
    responses[unit, images], trials[unit, images] = np.nan, np.nan
    return replace(recording, responses=responses, trials=trials)


def part_of(recording, images):
    """The recording of some of the images."""
    responses, trials = recording.responses[:, images], recording.trials[:, images]
    return replace(recording, responses=responses, trials=trials, stimulus_id=IDS[images])


def test_a_unit_with_gaps_scores_as_if_these_images_were_left_out_for_it_alone(layer, recording):
    G = replace(gram(layer, device="cpu"), stimulus_id=IDS)
    whole = prepare(recording, TABLE, FOLDS, seed=0)
    areas, units = score(G, prepare(without(recording, 2, GONE), TABLE, FOLDS, seed=0))
    of_whole, units_of_whole = score(G, whole)
    parts = parts_of(without(recording, 2, GONE).responses, kfold_splits(IDS, 4, 1))
    assert [[*part.units] for part in parts] == [[0, 1, *range(3, 9)], [2]] and len(parts[1].images) == N - 3

    kept = np.delete(np.arange(N), GONE)
    alone = part_of(recording, kept)
    target = prepare(alone, TABLE.iloc[kept], FOLDS, seed=0)
    target = replace(target, parts=[replace(parts[1], units=np.arange(9), images=np.arange(N - 3))])
    _, units_alone = score(G.subset(kept), target)

    def of(table, unit):
        table = table[~table.metric.isin(["ridge_r_unit_shuffled"])].set_index(["unit", "metric"])
        return table.value[unit].to_numpy()

    for unit in range(9):
        np.testing.assert_allclose(of(units, unit), of(units_alone if unit == 2 else units_of_whole, unit), atol=1e-12)
    ceilings = units.set_index(["unit", "metric"]).ceiling[:, "ridge_r"]
    same = units_of_whole.set_index(["unit", "metric"]).ceiling[:, "ridge_r"]
    assert 0 < abs(ceilings[2] - same[2]) < 0.05 and np.abs(np.delete(ceilings - same, 2)).max() < 1e-12
    kinds = [table[table.parameter.fillna("") == ""].set_index(["area", "metric"]) for table in (areas, of_whole)]
    found, expected = kinds[0], kinds[1].reindex(kinds[0].index)
    assert len(found) == len(kinds[1]) and (found.n == expected.n).all() and found.value.notna().all()
    np.testing.assert_allclose(found.value["IT"], expected.value["IT"], rtol=1e-9)


def test_units_without_training_or_test_images_have_no_score_and_others_keep_theirs(layer, recording):
    G = replace(gram(layer, device="cpu"), stimulus_id=IDS)
    test = kfold_splits(IDS, 4, 1)[0][1]
    _, units = score(G, prepare(without(recording, 2, test), TABLE, FOLDS, seed=0))
    value = units.set_index(["metric", "unit"]).value["ridge_r"]
    assert np.isnan(value[2]) and value.drop(2).notna().all()
    with pytest.raises(Fault, match="Use fewer folds"):
        parts_of(without(recording, slice(None), test).responses, kfold_splits(IDS, 4, 1))


def test_the_geometry_of_an_area_is_that_of_the_images_that_its_units_have(recording):
    found = measure_recording(without(recording, 2, GONE), TABLE, [0.9])
    kept = np.delete(np.arange(N), GONE)
    same = measure_recording(recording, TABLE, [0.9])
    less = measure_recording(part_of(recording, kept), TABLE.iloc[kept], [0.9])

    def of(table, area):
        return table[(table.area == area) & (table.metric != "two_way_cka")].reset_index(drop=True)

    pd.testing.assert_frame_equal(of(found, "IT"), of(same, "IT"))
    pd.testing.assert_frame_equal(of(found, "V4"), of(less, "V4"))
    pd.testing.assert_frame_equal(*(one[one.metric == "two_way_cka"].reset_index(drop=True) for one in (found, less)))
    assert {*found.n[(found.area == "V4") & (found.metric == "effective_dimensionality_crossed")]} == {N - 3}


def test_geometry_without_noise_is_of_images_with_two_trials(recording):
    trials = recording.trials.copy()
    trials[:, :40, 1:] = np.nan
    once = replace(recording, trials=trials, responses=np.nanmean(trials, axis=2))
    found = measure_recording(once, TABLE, [0.9]).set_index(["area", "metric"])
    assert {*found.n[:, "effective_dimensionality"]} == {N}
    assert {*found.n[:, "effective_dimensionality_crossed"]} == {60}
    assert found.value[:, "effective_dimensionality_crossed"].notna().all()


def test_areas_are_compared_with_layers_on_images_that_both_have(tmp_path, layer, recording):
    (tmp_path / "set/network").mkdir(parents=True)
    path = tmp_path / "set/network/layer.h5"
    write_gram(replace(gram(layer, device="cpu"), stimulus_id=IDS), path)
    write_recording(tmp_path / "macaque.h5", without(without(recording, 2, GONE), 7, np.arange(60)))
    found = similarities([path], [tmp_path / "macaque.h5"], {"macaque": "set"}, 0)
    assert {*found.n} == {N - 3} and {*found.other_layer} == {"V4", "IT"} and found.value.notna().all()


def test_units_that_lack_the_same_images_are_one_group():
    missing = np.zeros((5, 12), dtype=bool)
    missing[[1, 3], 4] = True
    assert [([*one.units], [*one.images]) for one in alike(missing)] == [
        ([0, 2, 4], [*range(12)]),
        ([1, 3], [*range(4), *range(5, 12)]),
    ]


def test_the_complete_part_has_the_most_responses():
    missing = np.zeros((10, 50), dtype=bool)
    missing[3, 4] = True
    block = complete(missing)
    assert len(block.units) == 10 and [*np.setdiff1d(np.arange(50), block.images)] == [4]
    missing[3, :30] = True
    block = complete(missing)
    assert [*np.setdiff1d(np.arange(10), block.units)] == [3] and len(block.images) == 50
    missing[3, 1:30] = False
    block = complete(missing, together=np.repeat(np.arange(10), 5))  # the whole scene of image 0
    assert len(block.units) == 10 or len(block.images) == 50
    assert not missing[block.index].any() and {*np.bincount(block.images // 5)} <= {0, 5}
