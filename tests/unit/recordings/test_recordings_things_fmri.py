"""THINGS-fMRI: tiny files of the true format, in which every response is the number of its voxel and trial."""

import h5py
import numpy as np
import pandas as pd
import pytest
from things_fmri_files import NAMES, SHOWN, TEST, VOXELS, write_things_fmri

from ventral.core.errors import Fault
from ventral.predictivity.target import prepare
from ventral.recordings import read_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.stimuli import read_table
from ventral.stimuli.write_set import make as make_stimuli


@pytest.fixture
def spec(tmp_path):
    return write_things_fmri(tmp_path)


def made(spec, tmp_path):
    make("things", spec, tmp_path / "things.h5", tmp_path / "unused.h5")
    return read_recording(tmp_path / "things.h5")


def check_values(found):
    for voxel, responses, trials in zip(found.units.unit, found.responses, found.trials, strict=True):
        for name, mean, of_image in zip(found.stimulus_id, responses, trials, strict=True):
            expected = 1000 * voxel + np.array(SHOWN[name])
            assert mean == expected.mean() and list(of_image[~np.isnan(of_image)]) == list(expected)


def test_every_response_reaches_its_image(spec, tmp_path):
    found = made(spec, tmp_path)
    assert list(found.stimulus_id) == NAMES + TEST and list(found.part) == ["train"] * 4 + ["test"] * 2
    assert (
        found.trials.shape == recording_entry(spec).shape() == (4, 6, 3)
        and found.licence == "CC0"
        and "82580" in found.citation
    )
    check_values(found)
    images, table = recording_entry(spec).images("things")
    assert list(table.stimulus_id) == NAMES + TEST
    assert [round(image.mean()) for image in images] == [*range(6)]


def test_areas_are_columns_and_a_voxel_of_two_belongs_to_the_first(spec, tmp_path):
    found = made(spec, tmp_path)
    assert dict(zip(found.units.unit, found.units.area, strict=True)) == {0: "V1", 1: "V1", 2: "IT", 3: "IT"}
    assert list(found.units.nc_testset) == [40, 30, 20, 10] and list(found.units.nc_singletrial) == [1, 2, 3, 4]
    found = made(spec | {"areas": ["FFA", "IT"]}, tmp_path)
    assert dict(zip(found.units.unit, found.units.area, strict=True)) == {1: "IT", 2: "FFA", 3: "FFA"}
    assert list(made(spec | {"areas": ["glasser-a9-46v"]}, tmp_path).units.unit) == [4]
    assert recording_entry(spec | {"areas": ["FFA"]}).problems() == []
    (problem,) = recording_entry(spec | {"areas": ["V1", "rFAA"]}).problems()
    assert problem == "areas: there is no column 'rFAA' (did you mean 'rFFA'?)."


def test_responses_are_z_scored_within_sessions_on_request(spec, tmp_path):
    path = tmp_path / "betas_csv" / "sub-01_StimulusMetadata.csv"
    table = pd.read_csv(path)
    session = np.where(np.arange(len(table)) < 4, 1, 2)
    table.assign(session=session).to_csv(path, index=False)
    found, plain = made(spec | {"zscore": True}, tmp_path), made(spec, tmp_path)
    values = np.arange(len(table), dtype=float)  # of voxel 0, by trial
    for one in (1, 2):
        of_session = values[session == one]
        values[session == one] = (of_session - of_session.mean()) / of_session.std()
    for name, of_image in zip(found.stimulus_id, found.trials[0], strict=True):
        np.testing.assert_allclose(of_image[~np.isnan(of_image)], values[SHOWN[name]], atol=1e-6)
    assert "z-scored" in found.source and "z-scored" not in plain.source
    check_values(plain)


def test_unreliable_voxels_are_left_out(spec, tmp_path):
    assert list(made(spec | {"reliability": 0.2}, tmp_path).units.unit) == [0, 1, 2]
    with pytest.raises(Fault, match=r"no voxel of its areas has a ceiling of 0\.5"):
        made(spec | {"reliability": 0.5}, tmp_path)


@pytest.mark.parametrize(("images", "names"), [("test", []), (2, [NAMES[0], NAMES[3]])])
def test_images_are_chosen(images, names, spec, tmp_path):
    found = made(spec | {"images": images}, tmp_path)
    assert list(found.stimulus_id) == names + TEST
    check_values(found)


def pickled(file, name):
    """As PyTables stores names of mixed types: a pickle in an array of variable length, which must not be read."""
    del file[name]
    data = file.create_dataset(name, (1,), dtype=h5py.vlen_dtype(np.uint8))
    data[0] = np.frombuffer(b"cos\nsystem\n(S'touch unpickled'\ntR.", np.uint8)


@pytest.mark.parametrize("in_one_block", [False, True])
def test_names_that_are_pickled_are_not_read(in_one_block, spec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with h5py.File(tmp_path / "betas_csv" / "sub-01_ResponseData.h5", "r+") as file:
        group = file["ResponseData"]
        for name in ("axis0", "block0_items"):
            pickled(group, name)
        if in_one_block:
            values = np.hstack([group["block1_values"][:], group["block0_values"][:]])
            del group["block0_values"], group["block1_values"]
            group["block0_values"], group.attrs["nblocks"] = values, 1
    check_values(made(spec, tmp_path))
    assert not (tmp_path / "unpickled").exists()


def test_columns_in_another_order_are_found_by_their_names(spec, tmp_path):
    with h5py.File(tmp_path / "betas_csv" / "sub-01_ResponseData.h5", "r+") as file:
        group = file["ResponseData"]
        for name in ("block0_values", "block0_items"):
            values = np.flip(group[name][...], axis=-1)
            del group[name]
            group[name] = np.ascontiguousarray(values)
    check_values(made(spec, tmp_path))


def test_other_and_missing_files_are_sentences(spec, tmp_path):
    assert recording_entry(spec).problems() == [] and len(recording_entry(spec).files()) == 3
    responses, voxels, trials = (
        tmp_path / "betas_csv" / f"sub-01_{end}"
        for end in ("ResponseData.h5", "VoxelMetadata.csv", "StimulusMetadata.csv")
    )
    pd.DataFrame(VOXELS | {"voxel_id": [0, 1, 2, 4, 3]}).to_csv(voxels, index=False)
    with pytest.raises(Fault, match="voxel_id is not that of the table of voxels"):
        made(spec, tmp_path)
    pd.DataFrame(VOXELS).to_csv(voxels, index=False)
    pd.read_csv(trials)[:-2].to_csv(trials, index=False)
    with pytest.raises(Fault, match="10 columns for 5 voxels and 8 trials"):
        made(spec, tmp_path)
    with h5py.File(responses, "r+") as file:
        file["ResponseData"].attrs["pandas_type"] = np.bytes_(b"frame_table")
    with pytest.raises(Fault, match="format='fixed'"):
        made(spec, tmp_path)
    trials.write_text("a,b\n1,2\n")
    with pytest.raises(Fault, match="lacks the columns trial_type, stimulus"):
        made(spec, tmp_path)
    (problem,) = recording_entry(spec).inspect("things")
    assert problem.startswith("folder: ") and "StimulusMetadata" in problem
    responses.unlink()
    (problem,) = recording_entry(spec).problems()
    assert problem.startswith("folder: ") and "sub-01_ResponseData.h5" in problem and "subject" in problem
    assert recording_entry(spec | {"folder": "nowhere"}).problems() == ["folder: there is no folder 'nowhere'."]


def test_the_stimulus_set_and_fixed_splits_come_out_of_it(spec, tmp_path):
    make_stimuli("things", spec | {"recording": "things"}, tmp_path / "set.h5", tmp_path / "sheet.png")
    table = read_table(tmp_path / "set.h5")
    assert list(table.stimulus_id) == NAMES + TEST
    assert len(prepare(made(spec, tmp_path), table, {"kind": "kfold", "folds": 2, "seed": 1}, 0).parts[0].splits) == 2
