"""Allen Brain Observatory: tiny NWB files of the true format; every response tells its cell, scene and repeat."""

import h5py
import numpy as np
import pytest
from allen_files import ORDER, SCENES, value_of, write_experiment

from ventral.core.errors import Fault
from ventral.recordings import read_recording
from ventral.recordings.kinds import allen_natural_scenes, recording_entry
from ventral.recordings.prepare import make
from ventral.recordings.signal_to_noise import signal_to_noise


@pytest.fixture
def spec(tmp_path):
    write_experiment(tmp_path / "allen", 501, "VISp")
    write_experiment(tmp_path / "allen", 502, "VISl", [*ORDER, 1, 1])
    return {"kind": "allen_natural_scenes", "folder": str(tmp_path / "allen"), "experiments": [501, 502], "size": 16}


def made(spec, tmp_path):
    make("allen", spec, tmp_path / "allen.h5", tmp_path / "unused.h5")
    return read_recording(tmp_path / "allen.h5")


def test_every_response_reaches_its_scene_and_blanks_reach_none(spec, tmp_path):
    found = made(spec, tmp_path)
    images, table = recording_entry(spec).images("allen")
    levels = [round(image.mean()) for image in images]
    assert levels == [*range(SCENES)] and list(table.stimulus_id) == list(found.stimulus_id)
    assert list(found.units.unit) == [517, 518, 519, 600, 601]
    assert list(found.units.area) == ["VISp"] * 3 + ["VISl"] * 2 and found.units.animal.nunique() == 2
    assert found.trials.shape == (5, SCENES, 4)
    for cell, trials, responses in zip(found.units.unit, found.trials, found.responses, strict=True):
        for scene in levels:
            count = ORDER.count(scene) + 2 * (cell >= 600 and scene == 1)
            expected = [value_of(cell, scene, repeat) for repeat in range(count)]
            np.testing.assert_allclose(trials[scene, :count], expected, rtol=1e-6)
            assert np.isnan(trials[scene, count:]).all()
            np.testing.assert_allclose(responses[scene], np.mean(expected), rtol=1e-6)
    assert "10.1038/s41593-019-0550-9" in found.citation and not found.simulated


def test_areas_and_reliable_cells_are_chosen(spec, tmp_path):
    every = made(spec, tmp_path)
    ceilings = every.units.estimated_ceiling.to_numpy()
    ratio = signal_to_noise(every.trials)
    repeats = np.sum(~np.isnan(every.trials), axis=2)
    np.testing.assert_allclose(ceilings, ratio**2 / (ratio**2 + np.mean(1 / repeats, axis=1)), rtol=1e-5)
    assert every.units.noise_ceiling.notna().all() and (ceilings > 0).all() and ceilings[0] != ceilings[-1]
    assert list(made(spec | {"areas": ["VISl"]}, tmp_path).units.unit) == [600, 601]
    kept = made(spec | {"reliability": float(np.mean(ceilings))}, tmp_path)
    assert list(kept.units.unit) == list(every.units.unit[ceilings >= np.mean(ceilings)]) != list(every.units.unit)
    with pytest.raises(Fault, match="no experiment is in VISal"):
        made(spec | {"areas": ["VISal"]}, tmp_path)
    (fault,) = recording_entry(spec | {"areas": ["VISal"]}).inspect("allen")
    assert fault.startswith("folder: ") and "VISal" in fault
    with pytest.raises(Fault, match="ceiling of 1"):
        made(spec | {"reliability": 1.0}, tmp_path)


def test_missing_and_other_files_are_sentences(spec, tmp_path):
    entry, path = recording_entry(spec), tmp_path / "allen" / "ophys_experiment_data" / "502.nwb"
    assert entry.problems() == [] and list(entry.inspect("allen")) == [] and len(entry.files()) == 2
    for key, values, sentence in [
        (allen_natural_scenes.SCENES, np.full((SCENES, 18, 24), 7.0), "other scenes than"),
        (allen_natural_scenes.SCENES, np.full((SCENES, 18, 24), 7.5), "not whole numbers from 0 to 255"),
        (allen_natural_scenes.CELLS, np.arange(5), "names 5 cells and has 2 traces"),
        (f"{allen_natural_scenes.SHOWN}/data", np.array([*ORDER, SCENES, 0]), "do not fit its 4 scenes"),
        (allen_natural_scenes.SHOWN, None, "no natural scenes"),
    ]:
        write_experiment(tmp_path / "allen", 502, "VISl", [*ORDER, 1, 1])
        with h5py.File(path, "r+") as file:
            del file[key]
            if values is not None:
                file[key] = values
        with pytest.raises(Fault, match=sentence):
            made(spec, tmp_path)
        inspected = [*entry.inspect("allen")]
        assert bool(inspected) == (key in (allen_natural_scenes.CELLS, allen_natural_scenes.SHOWN))
    path.unlink()
    (problem,) = entry.problems()
    assert problem.startswith("folder: ") and "ophys_experiment_data/502.nwb" in problem
    assert entry.problems() and recording_entry(spec | {"experiments": [501]}).problems() == []
