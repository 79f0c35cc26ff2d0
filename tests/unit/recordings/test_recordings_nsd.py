"""The Natural Scenes Dataset: every response reaches its image and its voxel, and the traps of the files are seen."""

import os
import signal

import h5py
import numpy as np
import pytest
from published_folders import NSD_SPACE, OF_IMAGE, PLACES, SHARED, VOLUME, color, nifti, nsd_folder, nsd_surfaces
from scipy.io import loadmat, savemat
from sound_config import GOOD

from ventral.config.complete import complete
from ventral.core.errors import Fault
from ventral.recordings import nsd_spaces, read_recording, volumes
from ventral.recordings.kept_sessions import kept
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.recordings.volumes import read_trials
from ventral.study import Study

SPEC = {"kind": "nsd", "subject": 1, "areas": ["V1", "hV4"], "sessions": 2, "size": 16}
BETAS = f"nsddata_betas/{NSD_SPACE}/betas_fithrf_GLMdenoise_RR"


def made(folder, **keys):
    spec = SPEC | {"folder": str(folder)} | keys
    assert recording_entry(spec).problems() == []
    make("nsd", spec, folder / "nsd.h5", folder / "unused.h5")
    return read_recording(folder / "nsd.h5")


def numbers_of(stimulus_id):
    return np.array([int(one.removeprefix("nsd-")) for one in stimulus_id])


def expected(found):
    """The percent signal change of each voxel and image."""
    places = PLACES[found.units.x.astype(int), found.units.y.astype(int), found.units.z.astype(int)]
    return (OF_IMAGE * numbers_of(found.stimulus_id) + places[:, None]) / 300


@pytest.mark.parametrize("compressed", [(), (2,)])
def test_every_response_reaches_its_image_and_its_voxel(compressed, tmp_path):
    shown = nsd_folder(tmp_path, compressed=compressed)
    found = made(tmp_path, zscore=False)
    assert {*numbers_of(found.stimulus_id)} == {*shown} and found.trials.shape == (27, 500, 3)
    assert recording_entry(SPEC | {"folder": str(tmp_path)}).shape() == (27, 500, 3)
    np.testing.assert_array_equal(found.trials, np.repeat(expected(found).astype(np.float32)[..., None], 3, axis=2))
    np.testing.assert_allclose(found.responses, expected(found), rtol=1e-7)
    assert found.units.area.value_counts().to_dict() == {"V1": 24, "hV4": 3}
    assert {*found.units.y[found.units.area == "V1"]} == {0, 1}  # both V1v and V1d
    assert {*numbers_of(found.stimulus_id[found.part == "test"])} == {*SHARED} & {*shown}


def test_every_image_is_the_one_of_its_id(tmp_path):
    nsd_folder(tmp_path)
    images, table = recording_entry(SPEC | {"folder": str(tmp_path)}).images("nsd")
    images = [*images]
    assert images[0].shape == (16, 16, 3) and len(images) == len(table) == 500
    assert [image[0, 0].tolist() for image in images] == [color(one) for one in numbers_of(table.stimulus_id)]
    assert [*table.stimulus_id] == [*made(tmp_path).stimulus_id]


def test_responses_are_z_scored_within_sessions(tmp_path):
    shown = nsd_folder(tmp_path)
    found = made(tmp_path, sessions=1)
    of_trials = numbers_of(found.stimulus_id)[:, None] * np.ones(3)
    z = (of_trials - shown[:750].mean()) / shown[:750].std()
    np.testing.assert_allclose(found.trials[0], np.where(np.isnan(found.trials[0]), np.nan, z), atol=1e-5)
    repeats = np.sum(~np.isnan(found.trials[0]), axis=1)
    assert {*repeats} == {1, 2, 3}  # of one session
    assert repeats.sum() == 750


def test_images_may_be_the_shared_ones_or_the_first(tmp_path):
    shown = nsd_folder(tmp_path)
    shared = made(tmp_path, images="shared")
    assert {*numbers_of(shared.stimulus_id)} == {*SHARED} & {*shown} and shared.part is None
    assert {*numbers_of(made(tmp_path, images=2).stimulus_id)} == {*dict.fromkeys(shown.tolist()[:2])}


def test_ceilings_are_those_of_the_publisher_and_bound_the_voxels(tmp_path):
    nsd_folder(tmp_path)
    every = made(tmp_path)
    square = np.linspace(0, 2, 48).reshape(VOLUME)[every.units.x, every.units.y, every.units.z] ** 2
    square[(every.units.x == 0) & (every.units.y == 0) & (every.units.z == 0)] = np.nan
    np.testing.assert_allclose(every.units.published_ceiling, square / (square + 1 / 3), equal_nan=True)
    assert np.isnan(every.units.published_ceiling).sum() == 1
    kept = made(tmp_path, reliability=0.5)
    assert len(kept.units) == np.sum(square / (square + 1 / 3) >= 0.5)
    high = SPEC | {"folder": str(tmp_path), "reliability": 0.9}
    assert [*recording_entry(high).inspect("nsd")] == []
    with pytest.raises(Fault, match="reliable enough"):
        made(tmp_path, reliability=0.99)
    (tmp_path / BETAS / "ncsnr.nii.gz").unlink()
    assert "published_ceiling" not in made(tmp_path).units
    (problem,) = recording_entry(SPEC | {"folder": str(tmp_path), "reliability": 0.5}).problems()
    assert "ncsnr.nii.gz" in problem and "`reliability`" in problem


def test_a_voxel_without_data_in_a_session_keeps_its_other_trials(tmp_path):
    shown = nsd_folder(tmp_path)
    with h5py.File(tmp_path / BETAS / "betas_session02.hdf5", "r+") as file:
        file["betas"][:, 1, 0, 0] = 0  # z, y, x
    in_first = np.isin(np.unique(shown), shown[:750])
    found = made(tmp_path, images=300, zscore=False)  # the 300 that were shown first are all in session 1
    voxel = np.flatnonzero((found.units.x == 0) & (found.units.y == 0) & (found.units.z == 1))
    assert in_first.sum() >= 300 and len(voxel) == 1 and found.dropped_units == 0
    repeats = np.sum(~np.isnan(found.trials), axis=2)
    assert repeats[voxel].max() <= 3 and repeats[voxel].sum() < repeats.sum(axis=1).max()
    np.testing.assert_allclose(found.responses, expected(found), rtol=1e-6)
    found = made(tmp_path, zscore=False)
    assert found.dropped_units == 0
    absent = np.isnan(found.responses)  # the images that were shown in session 2 only, for this voxel only
    assert [*np.flatnonzero(absent.any(axis=1))] == [*voxel] and absent.sum() == np.sum(~in_first)
    np.testing.assert_allclose(found.responses[~absent], expected(found)[~absent], rtol=1e-6)


def test_areas_overlap_and_may_be_your_own(tmp_path):
    nsd_folder(tmp_path)
    mine = np.zeros(VOLUME, dtype=np.uint8)
    mine[0, 1, 2], mine[2, 3, 0] = 1, 1
    nifti(tmp_path / "mine.nii.gz", mine)
    found = made(tmp_path, areas=["V1", "nsdgeneral"], masks={"mine": str(tmp_path / "mine.nii.gz")})
    assert found.units.area.value_counts().to_dict() == {"V1": 24, "mine": 1}  # −1 is not in nsdgeneral
    alone = made(tmp_path, areas=[], masks={"mine": str(tmp_path / "mine.nii.gz")})
    assert alone.units[["x", "y", "z"]].to_numpy().tolist() == [[2, 3, 0], [0, 1, 2]]


def test_problems_are_found_before_any_job(tmp_path):
    nsd_folder(tmp_path)
    spec = SPEC | {"folder": str(tmp_path)}
    (problem,) = recording_entry(spec | {"sessions": 3}).problems()
    assert f"{BETAS}/betas_session03.hdf5" in problem and "`sessions: 2`" in problem
    (problem,) = recording_entry(spec | {"areas": ["V1", "FFA"]}).problems()
    assert "roi/floc-faces.nii.gz" in problem and "FFA" in problem
    assert recording_entry(spec | {"areas": ["V1", "hv4"]}).problems()[0].startswith("areas: 'hv4'")
    assert recording_entry(spec | {"areas": []}).problems()[0].startswith("areas: ")
    assert recording_entry(spec | {"subject": 4, "sessions": 31}).problems()[0].startswith("sessions: ")
    assert recording_entry(spec | {"folder": "nowhere"}).problems() == ["folder: there is no folder 'nowhere'."]
    assert recording_entry(spec | {"masks": {"mine": "no.nii"}}).problems()[0].startswith("masks.mine: ")
    files = {file.name for file in recording_entry(spec).files()}
    assert files == {"nsd_expdesign.mat", "prf-visualrois.nii.gz", "ncsnr.nii.gz"}
    sessions = recording_entry(spec).large_files()
    assert [file.name for file in sessions] == ["betas_session01.hdf5", "betas_session02.hdf5"]
    sessions[1].unlink()
    (problem,) = recording_entry(spec | {"sessions": 40}).problems()  # one sentence for 39 sessions
    assert "betas_session02.hdf5" in problem and "38 others" in problem and "`sessions: 1`" in problem


def test_a_replaced_session_makes_the_recording_again_and_not_the_images(tmp_path):
    nsd_folder(tmp_path)
    recordings, models = {"nsd": SPEC | {"folder": str(tmp_path)}}, GOOD["models"]
    study = Study(complete({"stimuli": GOOD["stimuli"], "models": models, "recordings": recordings}))
    before = study.recording_hash("nsd"), study.stimuli_hash("nsd")
    assert (study.recording_hash("nsd"), study.stimuli_hash("nsd")) == before
    with h5py.File(tmp_path / BETAS / "betas_session02.hdf5", "r+") as file:
        file["betas"][0, 1, 0, 0] += 1
    assert study.recording_hash("nsd") != before[0] and study.stimuli_hash("nsd") == before[1]


def test_vertices_of_the_observers_surfaces_are_read_from_both_hemispheres(tmp_path, monkeypatch):
    shown = nsd_folder(tmp_path)
    nsd_surfaces(tmp_path, shown)
    monkeypatch.setattr(volumes, "VERTICES_AT_ONCE", 4)
    found = made(tmp_path, space="nativesurface", zscore=False)
    assert [*found.units.area] == ["V1", "V1", "hV4", "V1", "V1", "hV4", "V1"]
    assert [*found.units.hemisphere] == ["lh"] * 4 + ["rh"] * 3 and [*found.units.vertex] == [0, 1, 3, 5, 1, 2, 3]
    offset = found.units.vertex + 20 * (found.units.hemisphere == "rh")
    expected = (OF_IMAGE * numbers_of(found.stimulus_id) + offset.to_numpy()[:, None]) / 300
    absent = np.isnan(found.responses)
    np.testing.assert_allclose(found.responses[~absent], expected[~absent], rtol=1e-6)
    assert [*np.flatnonzero(absent.any(axis=1))] == [4]  # zero in session 2
    np.testing.assert_allclose(found.units.ncsnr, found.units.vertex / 4)
    assert len(made(tmp_path, space="nativesurface", reliability=0.5).units) == np.sum(
        found.units.published_ceiling >= 0.5
    )

    spec = SPEC | {"folder": str(tmp_path), "space": "nativesurface"}
    assert [*recording_entry(spec).inspect("nsd")] == [] and len(recording_entry(spec).large_files()) == 4
    assert recording_entry(spec | {"masks": {"mine": "mine.nii"}}).problems()[0].startswith("masks: ")
    session = recording_entry(spec).large_files()[3]
    with h5py.File(session, "r+") as file:
        values = file["betas"][:]
        del file["betas"]
        file["betas"] = values[:, :4]
    assert "4 vertices" in next(recording_entry(spec).inspect("nsd"))
    session.unlink()
    (problem,) = recording_entry(spec).problems()
    assert "rh.betas_session02.hdf5" in problem and "`sessions: 1`" in problem


def killed(folder, monkeypatch):
    """Make the recording in a process that is killed while it reads the second session."""
    child = os.fork()
    if child == 0:
        read = iter([nsd_spaces.read_trials, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)])
        monkeypatch.setattr(nsd_spaces, "read_trials", lambda *args, **keys: next(read)(*args, **keys))
        made(folder)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL


def test_a_killed_job_continues_with_the_session_that_it_had_not_read(tmp_path, monkeypatch):
    nsd_folder(tmp_path)
    made(tmp_path)
    undisturbed = (tmp_path / "nsd.h5").read_bytes()
    (tmp_path / "nsd.h5").unlink()
    read = []

    def reading(path, *args, **keys):
        read.append(path.name)
        return read_trials(path, *args, **keys)

    assert killed(tmp_path, monkeypatch) and not (tmp_path / "nsd.h5").exists()
    monkeypatch.setattr(nsd_spaces, "read_trials", reading)
    made(tmp_path)
    assert read == ["betas_session02.hdf5"]
    assert (tmp_path / "nsd.h5").read_bytes() == undisturbed
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_what_was_kept_of_other_files_and_damaged_files_is_read_again(tmp_path, monkeypatch):
    nsd_folder(tmp_path)
    folder, voxels, read = tmp_path / "kept", np.array([[0, 0, 1], [2, 3, 0]]), []
    source = tmp_path / BETAS / "betas_session01.hdf5"

    def values(voxels=voxels):
        return kept(folder, source, voxels, lambda: read.append(source) or read_trials(source, voxels))

    np.testing.assert_array_equal(values(), values())
    assert len(read) == 1
    values(voxels[:1])
    assert len(read) == 2
    with h5py.File(source, "r+") as file:
        file["betas"][0, 1, 0, 0] = 9
    assert values()[0, 0] == 9
    assert len(read) == 3
    for file in folder.iterdir():
        file.write_bytes(file.read_bytes()[:-100])
    np.testing.assert_array_equal(values(), read_trials(source, voxels))
    assert len(read) == 4


def test_other_files_are_sentences(tmp_path):
    nsd_folder(tmp_path)
    betas = tmp_path / BETAS / "betas_session01.hdf5"
    with h5py.File(betas, "r+") as file:
        values = file["betas"][:]

    def refused(changed, sentence):
        with h5py.File(betas, "w") as file:
            file.update({"betas": changed})
        with pytest.raises(Fault, match=sentence):
            made(tmp_path)

    def inspected():
        return [*recording_entry(SPEC | {"folder": str(tmp_path)}).inspect("nsd")]

    assert inspected() == []
    refused(values / np.float32(300), "int16, percent signal change times 300")
    refused(values.transpose(0, 3, 2, 1), "axes may be reversed")
    refused(values[:700], "700 trials, not 750")
    (fault,) = inspected()
    assert fault.startswith("folder: ") and "700 trials" in fault
    betas.write_bytes(b"<html>")
    with pytest.raises(Fault, match="web page"):
        made(tmp_path)
    betas.unlink()
    (tmp_path / BETAS / "betas_session01.nii.gz").write_bytes(b"\x1f\x8bno")
    with pytest.raises(Fault, match="cannot be read as a NIfTI file"):
        made(tmp_path)


def test_a_design_that_counts_from_0_is_refused(tmp_path):
    nsd_folder(tmp_path)
    path = tmp_path / "nsddata/experiments/nsd/nsd_expdesign.mat"
    design = loadmat(path)
    savemat(path, {key: design[key] - 1 for key in ("masterordering", "subjectim", "sharedix")})
    with pytest.raises(Fault, match="numbered from 1"):
        made(tmp_path)
