"""BOLD5000: trials with one to five repeats, from arrays of areas or from volumes of sessions."""

import numpy as np
import pytest
from published_folders import OF_IMAGE, PLACES, bold5000_folder

from ventral.core.errors import Fault
from ventral.recordings import read_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make

SPEC = {"kind": "bold5000", "subject": 4, "areas": ["EarlyVis", "LOC"], "size": 16}
VOXELS = [[0, 1, 1], [0, 1, 2], [2, 1, 1], [2, 1, 2], [0, 3, 1], [0, 3, 2], [2, 3, 1], [2, 3, 2]]


def made(folder, **keys):
    spec = SPEC | {"folder": str(folder)} | keys
    assert recording_entry(spec).problems() == []
    make("bold", spec, folder / "bold.h5", folder / "unused.h5")
    return read_recording(folder / "bold.h5")


def numbers_of(stimulus_id):
    """The number of each picture, which ends its name."""
    return np.array([int(one.partition(".")[0].rpartition("_")[2].removeprefix("kitchen")) for one in stimulus_id])


@pytest.mark.parametrize("form", ["arrays", "volumes"])
def test_every_response_reaches_its_image_and_its_voxel(form, tmp_path):
    names = bold5000_folder(tmp_path)
    found = made(tmp_path, form=form, zscore=False)
    numbers = numbers_of(found.stimulus_id)
    assert [*found.stimulus_id] == [*dict.fromkeys(names)] and found.trials.shape == (8, 21, 5)
    repeats = np.sum(~np.isnan(found.trials), axis=2)
    assert (repeats == [names.count(one) for one in found.stimulus_id]).all()
    voxels = found.units[["x", "y", "z"]].to_numpy() if form == "volumes" else np.array(VOXELS)
    assert sorted(voxels.tolist()) == sorted(VOXELS)
    places = PLACES[tuple(voxels.T)][:, None]
    np.testing.assert_array_equal(found.responses, OF_IMAGE * numbers + places)
    assert found.units.groupby(["area", "hemisphere"]).size().to_dict() == {
        (area, hemisphere): 2 for area in ("EarlyVis", "LOC") for hemisphere in ("LH", "RH")
    }


def test_every_image_is_the_one_of_its_name(tmp_path):
    bold5000_folder(tmp_path)
    images, table = recording_entry(SPEC | {"folder": str(tmp_path)}).images("bold")
    assert [int(image[0, 0, 0]) for image in images] == [*10 * numbers_of(table.stimulus_id)]
    assert [*table.stimulus_id] == [*made(tmp_path).stimulus_id]


def test_volumes_are_z_scored_within_sessions_and_arrays_are_not(tmp_path):
    names = bold5000_folder(tmp_path)
    found = made(tmp_path, form="volumes")
    first = numbers_of(names[:4])
    once = np.flatnonzero(found.stimulus_id == names[0])[0]
    np.testing.assert_allclose(found.trials[:, once, 0], (first[0] - first.mean()) / first.std(), atol=1e-5)
    assert "z-scored" in found.source and "percent" in made(tmp_path).source


def test_images_shown_again_can_be_taken_alone(tmp_path):
    names = bold5000_folder(tmp_path)
    found = made(tmp_path, images="repeated")
    assert {*found.stimulus_id} == {one for one in names if names.count(one) > 1}
    assert len(made(tmp_path, images=6).stimulus_id) == 6


def test_unreliable_voxels_are_left_out(tmp_path):
    bold5000_folder(tmp_path)
    path = tmp_path / "BOLD5000_GLMsingle_ROI_betas/py/CSI4_GLMbetas-TYPED-FITHRF-GLMDENOISE-RR_allses_LHLOC.npy"
    noise = np.random.default_rng(0).standard_normal((36, 2)).astype(np.float32)
    values = np.random.default_rng(1).standard_normal((36, 2)).astype(np.float32)
    np.save(path, np.stack([noise[:, 0], np.load(path)[:, 1] + values[:, 0]], axis=1))
    found = made(tmp_path, reliability=0.9)
    assert found.units.groupby(["area", "hemisphere"]).size().to_dict() == {("LOC", "LH"): 1}  # others have no noise
    with pytest.raises(Fault, match=r"noise ceiling of 1\.0 or more"):
        made(tmp_path, reliability=1.0)


def test_problems_are_found_before_any_job(tmp_path):
    bold5000_folder(tmp_path)
    spec = SPEC | {"folder": str(tmp_path)}
    problems = recording_entry(spec | {"areas": ["OPA"]}).problems()
    assert len(problems) == 2 and "allses_LHOPA.npy" in problems[0] and "`areas`" in problems[0]
    next(tmp_path.glob("*ses-03.nii.gz")).unlink()
    assert recording_entry(spec).problems() == []
    (problem,) = recording_entry(spec | {"form": "volumes"}).problems()
    assert "ses-03.nii.gz" in problem and "`form: arrays`" in problem


def test_other_files_are_sentences(tmp_path):
    names = bold5000_folder(tmp_path)
    (tmp_path / "CSI4_imgnames.txt").write_text("\n".join(names[1:]))
    for form, sentence in (("arrays", "36 trials, but .* names 35 pictures"), ("volumes", "have 36 trials")):
        with pytest.raises(Fault, match=sentence):
            made(tmp_path, form=form)
        (fault,) = recording_entry(SPEC | {"folder": str(tmp_path), "form": form}).inspect("bold")
        assert fault.startswith("folder: ") and "35 pictures" in fault
    next(tmp_path.rglob("kitchen17.jpg")).unlink()
    with pytest.raises(Fault, match=r"lacks 1 pictures: kitchen17\.jpg"):
        recording_entry(SPEC | {"folder": str(tmp_path)}).images("bold")
