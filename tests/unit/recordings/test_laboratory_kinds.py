"""Predictivity and the geometry of areas come out of every kind of recording that laboratories publish."""

from dataclasses import replace

import numpy as np
import pytest
from laboratory_folders import FOLDERS, entry_of

from ventral.geometry.recording_geometry import measure_recording
from ventral.gram import gram
from ventral.predictivity import measure
from ventral.recordings import read_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.stimuli import open_images, read_table
from ventral.stimuli.write_set import make as make_stimuli


@pytest.mark.parametrize("make_folder", FOLDERS, ids=lambda one: one.__name__)
def test_areas_are_predicted_and_have_geometry(make_folder, tmp_path):
    spec = entry_of(make_folder, tmp_path / "folder")
    assert recording_entry(spec).problems() == []
    make_stimuli("own", spec | {"recording": "own"}, tmp_path / "set.h5", tmp_path / "sheet.png")
    make("own", spec, tmp_path / "own.h5", tmp_path / "set.h5")
    recording, table = read_recording(tmp_path / "own.h5"), read_table(tmp_path / "set.h5")
    with open_images(tmp_path / "set.h5") as images:
        pixels = images[:].reshape(len(table), -1).astype(np.float32)
    G = replace(gram(pixels, device="cpu"), stimulus_id=table.stimulus_id.to_numpy())
    areas, units = measure(G, recording, table, {"kind": "kfold", "folds": 2, "seed": 1}, 0)
    geometry = measure_recording(recording, table, [0.9])
    named = {*recording.units.area}
    for found, metric in ((areas, "ridge_r"), (areas, "cka"), (geometry, "effective_dimensionality")):
        rows = found[found.metric == metric].set_index("area").value
        assert len(named) == 2 and {*rows.index} == named and rows.notna().all(), metric
    assert len(units[units.metric == "ridge_r"]) == len(recording.units)
