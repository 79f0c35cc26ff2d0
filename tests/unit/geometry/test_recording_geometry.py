"""Geometry of the areas of a recording."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from recorded_scenes import THRESHOLDS, recorded, signal

from ventral.core.errors import Fault
from ventral.core.table_files import write_table
from ventral.geometry import factorization_family
from ventral.geometry.recording_geometry import measure_recording
from ventral.gram import gram
from ventral.recordings import Recording, read_recording, write_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.summary.summarize_recordings import AREAS, gather_areas


@pytest.fixture
def study():
    """Two areas' trials of scenes with one varied parameter, and the table of the images in another order."""
    rng = np.random.default_rng(7)
    X, scenes = signal(rng, scenes=8, levels=6, units=40)
    X = X @ np.linalg.qr(rng.standard_normal((40, 40)))[0]
    trials = recorded(rng, X).astype(np.float32)
    table = pd.DataFrame({"stimulus_id": [f"s{i}" for i in range(len(X))], "scene": scenes.astype(str)})
    table = table.assign(parameter="pose", level=np.tile(np.arange(6), 8), label=np.where(scenes < 4, "cup", "hat"))
    units = pd.DataFrame({"unit": np.arange(40), "area": np.repeat(["V4", "IT"], 20), "animal": "A"})
    responses = trials.mean(axis=2, dtype=np.float64)
    ids = table.stimulus_id.to_numpy()
    return Recording("two", responses, trials, units, ids, False, "CC0", "Who (2026)", "there"), table


def test_every_area_has_its_rows(study):
    recording, table = study
    found = measure_recording(recording, table, THRESHOLDS)
    assert list(found.area.unique()) == ["V4", "IT"]
    assert not found.duplicated(["area", "metric", "parameter", "against", "threshold"]).any()
    at = found[found.area == "IT"].set_index(["metric", "parameter", "against"])
    G = gram(recording.responses[20:].T, device="cpu")
    family = factorization_family(G, table.scene.to_numpy(), table.parameter.to_numpy(), THRESHOLDS)
    expected = family[family.metric == "invariance"].value.item()
    assert at.value["invariance", "pose", "scene"].item() == pytest.approx(expected)
    assert at.value["invariance_crossed", "pose", "scene"].item() > expected
    assert sorted(at.threshold["factorization_crossed", "pose", "scene"]) == THRESHOLDS
    both = found[found.metric.str.startswith("object_decoding")].set_index(["area", "metric"])
    assert len(both) == 4 and (both.low <= both.value).all() and (both.value <= both.high).all()
    assert (found.n == len(table)).all()


def test_the_order_of_the_table_does_not_matter_and_its_images_must_be_the_recordings(study):
    recording, table = study
    found = measure_recording(recording, table, THRESHOLDS)
    pd.testing.assert_frame_equal(found, measure_recording(recording, table[::-1], THRESHOLDS))
    with pytest.raises(Fault, match=r"1 images of the recording two .*: s0"):
        measure_recording(recording, table[1:], THRESHOLDS)


def test_what_a_recording_lacks_is_not_measured(study, caplog):
    recording, table = study
    bare = table.assign(label="", parameter="", scene="")
    found = measure_recording(replace(recording, trials=None), bare, THRESHOLDS)
    assert "effective_dimensionality" in set(found.metric)
    assert not found.metric.str.contains("crossed|decoding|factorization").any()
    once = recording.trials.copy()
    once[..., 1:] = np.nan
    found = measure_recording(replace(recording, trials=once), bare, THRESHOLDS)
    assert not found.metric.str.contains("crossed").any() and "two trials or more" in caplog.text
    found = measure_recording(recording, bare, THRESHOLDS)
    assert {"effective_dimensionality_crossed", "corrected_effective_dimensionality_crossed"} <= set(found.metric)


def test_recordings_are_gathered_with_what_they_are(study, tmp_path):
    recording, table = study
    for name, simulated in (("two", False), ("made", True)):
        write_recording(tmp_path / f"{name}.h5", replace(recording, name=name, simulated=simulated))
        rows = measure_recording(replace(recording, name=name), table, THRESHOLDS)
        write_table(rows.assign(recording=name)[["recording", *rows]], tmp_path / f"{name}.csv")
    names = ("two", "made")
    paths = [[tmp_path / f"{name}.{kind}" for name in names] for kind in ("csv", "h5")]
    found = gather_areas(*paths, dict.fromkeys(names, "photos"))
    assert len(found) == 2 * len(rows) and set(found.stimuli) == {"photos"}
    assert found.simulated.eq(found.recording == "made").all()
    assert list(gather_areas([], [], {}).columns) == [*AREAS, "stimuli", "simulated"]


@pytest.mark.usefixtures("macaque_v4")
def test_objects_and_their_variation_in_macaque_v4(tmp_path):
    spec = {"kind": "macaque_v4", "session": 210325}
    make("macaque", spec, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    table = recording_entry(spec).images("macaque")[1]
    found = measure_recording(read_recording(tmp_path / "macaque.h5"), table, THRESHOLDS)
    at = found[found.threshold.isna() | (found.threshold == 0.9)].set_index("metric")
    value = at.value.to_dict()
    assert value["invariance_shuffled"] < value["invariance"] < value["invariance_crossed"] < 0.12
    assert value["factorization_shuffled"] < value["factorization_crossed"] < value["factorization"] < 0.85
    noisy, clean = at.loc["effective_dimensionality"], at.loc["effective_dimensionality_crossed"]
    assert 10 < clean.low < clean.high < noisy.low < noisy.high < 15
    before, after = at.loc["object_decoding"], at.loc["object_decoding_rotated"]
    assert 1 / 8 < after.low < after.high < before.low and before.value == pytest.approx(0.35, abs=0.02)


def test_areas_with_different_numbers_of_units_are_compared_at_the_smaller_number(study):
    recording, table = study
    areas = np.where(np.arange(40) < 28, "V4", "IT")
    uneven = replace(recording, units=recording.units.assign(area=areas))
    found = measure_recording(uneven, table, THRESHOLDS)
    equal = found[found.metric.str.endswith("_at_equal_units")]
    assert (equal.n == 12).all() and not equal.duplicated(["area", "metric", "parameter", "threshold"]).any()
    both = equal.merge(
        found.assign(metric=found.metric + "_at_equal_units"),
        on=["area", "metric", "parameter", "against", "threshold"],
    )
    smaller = both[both.area == "IT"]
    np.testing.assert_allclose(smaller.value_x, smaller.value_y)
    assert smaller.low_x.isna().all()
    larger = both[both.area == "V4"]
    assert (larger.low_x < larger.value_x).all() and (larger.value_x < larger.high_x).all()
    dimensionality = larger[larger.metric == "effective_dimensionality_at_equal_units"]
    assert dimensionality.high_x.item() < dimensionality.value_y.item()
    assert not measure_recording(recording, table, THRESHOLDS).metric.str.endswith("_at_equal_units").any()


def test_populations_of_areas_are_measured_with_and_without_noise(study):
    recording, table = study
    found = measure_recording(recording, table, THRESHOLDS).set_index(["area", "metric"])
    factorized = (
        found.loc["V4", "two_way_covariance_factorization"],
        found.loc["V4", "two_way_covariance_factorization_crossed"],
    )
    assert all(row.parameter == "pose" and row.low <= row.value <= row.high for row in factorized)
    assert not found.index.isin(["two_way_cka", "two_way_effective_dimensionality"], level="metric").any()
    independent = measure_recording(recording, table.assign(parameter="", scene=""), THRESHOLDS)
    similar = independent[independent.metric.str.startswith("two_way_cka")]
    assert similar[["area", "against"]].to_numpy().tolist() == [["V4", "IT"]] * 2
    assert independent.metric.str.startswith("two_way_effective_dimensionality").sum() == 4
