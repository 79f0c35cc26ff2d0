"""Recordings: what is written is read, and what is simulated is known."""

from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest

from ventral.core.errors import Fault
from ventral.gram import gram
from ventral.models.baselines import gabor_energy
from ventral.predictivity import kfold_splits, noise_ceiling, ridge
from ventral.recordings import Recording, read_recording, write_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.recordings.recording import by_image
from ventral.stimuli import write_stimuli


@pytest.fixture
def recording():
    rng = np.random.default_rng(0)
    trials = rng.standard_normal((4, 10, 3)).astype(np.float32)
    trials[1, 2, 2] = np.nan
    units = pd.DataFrame({"unit": np.arange(4), "area": ["V4", "V4", "IT", "IT"], "animal": "PE"})
    ids = np.array([f"a/image{i}" for i in range(10)], dtype=object)
    return Recording("macaque", np.nanmean(trials, axis=2), trials, units, ids, False, "GPL-3.0", "Who (2026)", "there")


def test_what_is_written_is_read(tmp_path, recording):
    path = tmp_path / "macaque.h5"
    for kept in (recording, replace(recording, trials=None)):
        write_recording(path, kept)
        found = read_recording(path)
        for name in ("name", "simulated", "licence", "citation", "source", "dropped_units"):
            assert getattr(found, name) == getattr(kept, name)
        np.testing.assert_array_equal(found.responses, kept.responses)
        np.testing.assert_array_equal(found.stimulus_id, kept.stimulus_id)
        pd.testing.assert_frame_equal(found.units, kept.units, check_dtype=False)
        if kept.trials is None:
            assert found.trials is None
        else:
            np.testing.assert_array_equal(found.trials, kept.trials)


def test_units_that_never_vary_are_dropped_and_counted(tmp_path, recording, caplog):
    responses = recording.responses.copy()
    responses[1] = 2.5
    path = tmp_path / "macaque.h5"
    write_recording(path, replace(recording, responses=responses))
    found = read_recording(path)
    assert found.dropped_units == 1 and list(found.units.unit) == [0, 2, 3]
    assert found.responses.shape == (3, 10) and found.trials.shape == (3, 10, 3)
    assert "1 of 4 units never vary" in caplog.text
    with pytest.raises(Fault, match="no unit "):
        write_recording(path, replace(recording, responses=np.ones((4, 10))))


def test_units_with_missing_responses_are_dropped_and_counted(tmp_path, recording, caplog):
    responses = recording.responses.copy()
    responses[0], responses[1], responses[2, 0] = 0, np.nan, np.nan
    write_recording(tmp_path / "macaque.h5", replace(recording, responses=responses))
    found = read_recording(tmp_path / "macaque.h5")
    assert found.dropped_units == 3 and list(found.units.unit) == [3]
    assert "2 of 4 units have no response to some image" in caplog.text and "1 of 4 units never vary" in caplog.text


def test_infinite_responses_are_named(tmp_path, recording):
    responses = recording.responses.copy()
    responses[2, 0] = np.inf
    with pytest.raises(Fault, match="infinite in the units 2"):
        write_recording(tmp_path / "macaque.h5", replace(recording, responses=responses))
    assert not list(tmp_path.iterdir())


def test_presentations_of_an_image_are_its_trials():
    values = np.array([[1.0, 2, 3, 4, 5], [1, np.nan, 3, np.nan, np.nan]])
    responses, trials, images = by_image(values, ["b", "a", "b", "c", "b"])
    assert list(images) == ["b", "a", "c"] and trials.shape == (2, 3, 3)
    np.testing.assert_array_equal(responses, [[3, 2, 4], [2, np.nan, np.nan]])
    np.testing.assert_array_equal(trials[0], [[1, 3, 5], [2, np.nan, np.nan], [4, np.nan, np.nan]])
    assert by_image(values, list("abcde"))[1] is None


def test_responses_that_do_not_fit_their_units_are_refused(recording):
    with pytest.raises(ValueError, match="4 units and 10 images do not fit"):
        replace(recording, responses=recording.responses[:, :-1])


def test_damaged_and_foreign_files_are_named(tmp_path, recording):
    path = tmp_path / "macaque.h5"
    write_recording(path, recording)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(Fault, match=r"macaque\.h5 is truncated or damaged"):
        read_recording(path)
    with h5py.File(path, "w") as file:
        file["responses"] = np.zeros((2, 2))
    with pytest.raises(Fault, match="no stimulus_id and no units"):
        read_recording(path)


@pytest.mark.parametrize(
    ("session", "units", "n", "objects"), [(210325, 50, 640, 8), (201025, 89, 1200, 1)], ids=["objects", "natural"]
)
@pytest.mark.usefixtures("macaque_v4")
def test_macaque_sessions(session, units, n, objects, tmp_path):
    spec = {"kind": "macaque_v4", "session": session}
    make(f"macaque_{session}", spec, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    found = read_recording(tmp_path / "macaque.h5")
    images, table = recording_entry(spec).images("macaque")
    assert found.responses.shape == (units, n) and not found.simulated and found.licence == "GPL-3.0"
    assert list(table.stimulus_id[:2]) == [f"{session}/image0001", f"{session}/image0002"]
    np.testing.assert_array_equal(found.stimulus_id, table.stimulus_id)
    assert table.label.nunique() == objects and table.label.value_counts().nunique() == 1
    if objects == 8:
        levels = table.groupby("scene")["level"]
        assert (table.scene == table.label).all()
        assert list(table.parameter.unique()) == recording_entry(spec).varied() == ["variation"]
        assert (levels.nunique() == 80).all() and (levels.min() == 0).all() and (levels.max() == 79).all()
    else:
        assert not table.scene.any() and not table.parameter.any() and recording_entry(spec).varied() == []
    first = next(images)
    assert first.shape == (112, 112, 3) and first.dtype == np.uint8
    assert next(recording_entry(spec | {"size": 64}).images("macaque")[0]).shape == (64, 64, 3)
    if session == 210325:
        np.testing.assert_allclose(np.nanmean(found.trials, axis=2), found.responses, rtol=1e-6)


@pytest.fixture
def stimuli(tmp_path):
    """Blobs on noise: their category sets the texture, their place and size are scene variables."""
    rng = np.random.default_rng(0)
    n, side = 240, 48
    table = pd.DataFrame(
        {
            "stimulus_id": [f"blob{i}" for i in range(n)],
            "scene": [f"s{i}" for i in range(n)],
            "parameter": "",
            "level": -1,
            "label": [("dots", "bars", "plain")[i % 3] for i in range(n)],
            "horizontal": rng.uniform(0.2, 0.8, n),
            "size": rng.uniform(0.1, 0.3, n),
            "unseen": rng.standard_normal(n),
            "unseen_too": rng.standard_normal(n),
            "fixed": 1.0,
        }
    )
    path = tmp_path / "blobs.h5"
    write_stimuli(path, blobs(table, side, rng), table, "scenes", "blobs")
    return path, table


def blobs(table, side, rng):
    y, x = np.mgrid[:side, :side] / side
    for row in table.itertuples():
        inside = np.hypot(x - row.horizontal, y - 0.5) < row.size
        texture = {"dots": np.sin(60 * x) * np.sin(60 * y), "bars": np.sin(60 * x), "plain": 0 * x}[row.label]
        gray = 110 + 5 * rng.standard_normal((side, side)) + inside * (40 + 40 * texture)
        yield np.repeat(np.clip(gray, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


SPEC = {"kind": "simulated", "stimuli": "blobs", "units": 12, "repeats": 8, "seed": 0}


def test_simulated_noise_is_what_the_table_says(stimuli):
    found = recording_entry(SPEC).record("simulated", stimuli[0])
    units = found.units
    assert found.simulated and all("simulated" in area for area in units.area.unique())
    assert found.trials.shape == (36, 240, 8) and (found.responses == found.trials.mean(axis=2, dtype=float)).all()
    noise = found.trials.var(axis=2, ddof=1).mean(axis=1)
    np.testing.assert_allclose(noise, units.noise_variance, rtol=0.15)  # four standard errors of 1680 degrees
    S, N = units.signal_variance, units.noise_variance
    np.testing.assert_allclose(units.true_reliability, S / (S + N / 8))
    assert np.abs(noise_ceiling(found.trials) - units.true_reliability).max() < 0.15
    assert np.abs(noise_ceiling(found.trials) - units.true_reliability).mean() < 0.04


def test_simulated_responses_follow_their_seed_and_name(stimuli):
    first, again, other, renamed = (
        recording_entry(SPEC | {"seed": seed}).record(name, stimuli[0]).responses
        for name, seed in [("a", 0), ("a", 0), ("a", 1), ("b", 0)]
    )
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other) and not np.allclose(first, renamed)


def test_simulated_it_knows_the_scene_and_v1_the_image(stimuli, tmp_path):
    path, table = stimuli
    with h5py.File(path) as file:
        images = file["images"][:][::-1]
    mirrored = tmp_path / "mirrored.h5"
    write_stimuli(mirrored, images, table, "scenes", "other images, same table")
    before, after = (recording_entry(SPEC).record("simulated", file) for file in (path, mirrored))
    it = (before.units.area == "simulated IT").to_numpy()
    np.testing.assert_array_equal(before.responses[it], after.responses[it])
    assert not np.isclose(before.responses[~it], after.responses[~it]).all(axis=1).any()


def test_gabor_energy_explains_simulated_v1_best_and_it_least(stimuli):
    path, table = stimuli
    found = recording_entry(SPEC | {"units": 30}).record("simulated", path)
    with h5py.File(path) as file:
        energy = gabor_energy(frequencies=(4, 6, 9))(file["images"][:])["energy"]
    r = np.median(ridge(gram(energy, device="cpu"), found.responses.T, kfold_splits(table.stimulus_id)).scores, axis=0)
    by_area = pd.Series(r).groupby(found.units.area).median()
    assert by_area["simulated V1"] > by_area["simulated V4"] > by_area["simulated IT"]


def test_images_that_nothing_is_known_of_cannot_tune_it(tmp_path):
    table = pd.DataFrame({"stimulus_id": ["a", "b"], "scene": "", "parameter": "", "level": -1, "label": ""})
    path = tmp_path / "bare.h5"
    write_stimuli(path, np.zeros((2, 48, 48, 3), dtype=np.uint8), table, "images", "bare")
    with pytest.raises(Fault, match="neither labels nor scene variables"):
        recording_entry(SPEC).record("simulated", path)


def test_simulated_recordings_are_made_and_read(stimuli, tmp_path):
    make("simulated", SPEC, tmp_path / "simulated.h5", stimuli[0])
    found = read_recording(tmp_path / "simulated.h5")
    assert found.simulated and found.dropped_units == 0 and list(found.stimulus_id[:2]) == ["blob0", "blob1"]
    assert {"true_reliability", "signal_variance", "noise_variance"} <= set(found.units)
