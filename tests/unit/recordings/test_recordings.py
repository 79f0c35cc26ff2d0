"""Recordings: what is written is read, and the macaque sessions are whole."""

from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest

from ventral.core.errors import Fault
from ventral.recordings import Recording, read_recording, write_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.recordings.recording import by_image


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


def test_missing_responses_are_kept_and_counted(tmp_path, recording, caplog):
    responses = recording.responses.copy()
    responses[0], responses[1], responses[2, :2], responses[3, 1] = 0, np.nan, np.nan, np.nan
    write_recording(tmp_path / "macaque.h5", replace(recording, responses=responses))
    found = read_recording(tmp_path / "macaque.h5")
    assert found.dropped_units == 2 and list(found.units.unit) == [2, 3]
    np.testing.assert_array_equal(found.responses, responses[2:])
    assert "1 of 4 units have no response" in caplog.text and "1 of 4 units never vary" in caplog.text
    with h5py.File(tmp_path / "macaque.h5") as file:
        counts = ("missing_responses", "units_with_gaps", "images_with_gaps")
        assert [file.attrs[count] for count in counts] == [3, 2, 2]


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
