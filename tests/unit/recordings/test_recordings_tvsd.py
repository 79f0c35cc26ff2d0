"""TVSD: tiny files of the true format, in which every response is the number of its image and electrode."""

import h5py
import numpy as np
import pytest
from things_files import NAMES, REPEATS, TEST, TRAIN, write_pictures, write_tvsd

from ventral.core.errors import Fault
from ventral.predictivity.target import prepare
from ventral.recordings import read_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.stimuli import read_table
from ventral.stimuli.write_set import make as make_stimuli


@pytest.fixture
def spec(tmp_path):
    write_tvsd(tmp_path / "TVSD")
    write_pictures(tmp_path / "object_images", NAMES)
    folders = {"folder": str(tmp_path / "TVSD"), "pictures": str(tmp_path / "object_images")}
    return {"kind": "tvsd", "animal": "F", "size": 16} | folders


def made(spec, tmp_path):
    make("tvsd", spec, tmp_path / "tvsd.h5", tmp_path / "unused.h5")
    return read_recording(tmp_path / "tvsd.h5")


def test_every_response_reaches_its_image(spec, tmp_path):
    found = made(spec, tmp_path)
    images, table = recording_entry(spec).images("tvsd")
    levels = np.array([image.mean() for image in images]).round()
    assert list(table.stimulus_id) == list(found.stimulus_id) == NAMES
    expected = 10_000 * levels + found.units.unit.to_numpy()[:, None] + (found.part == "test")
    np.testing.assert_array_equal(found.responses, expected)
    assert list(found.part) == ["train"] * TRAIN + ["test"] * TEST
    assert found.trials.shape == (1024, TRAIN + TEST, REPEATS)
    assert np.isnan(found.trials[:, :TRAIN, 1:]).all()
    np.testing.assert_array_equal(np.diff(found.trials[:, TRAIN:], axis=2), 1)
    assert found.licence == "CC BY 4.0" and "2024.12.003" in found.citation


@pytest.mark.parametrize(("animal", "V4", "IT"), [("F", (832, 1024), (512, 832)), ("N", (512, 768), (768, 1024))])
def test_areas_differ_between_the_animals(animal, V4, IT, spec, tmp_path):
    found = made(spec | {"animal": animal, "areas": ["V4", "IT"]}, tmp_path)
    for area, electrodes in {"V4": V4, "IT": IT}.items():
        assert list(found.units.unit[found.units.area == area]) == [*range(*electrodes)]
    assert set(found.units.area) == {"V4", "IT"} and set(found.units.animal) == {f"monkey {animal}"}
    np.testing.assert_array_equal(found.responses[:, 0], found.units.unit)


def test_unreliable_and_dead_electrodes_are_left_out(spec, tmp_path):
    found = made(spec | {"reliability": 0.3}, tmp_path)
    assert list(found.units.unit) == [*range(100, 1024)]  # electrode 200 has NaN in one pair only
    assert found.units.reliability.between(0.4, 0.6).all() and found.units.noise_ceiling.notna().all()
    with pytest.raises(Fault, match=r"no electrode has a reliability of 0\.9"):
        made(spec | {"reliability": 0.9}, tmp_path)


@pytest.mark.parametrize(("images", "rows"), [("test", []), (1, [0]), (4, [0, 4, 7, 11]), (99, [*range(12)])])
def test_images_are_chosen(images, rows, spec, tmp_path):
    found = made(spec | {"images": images}, tmp_path)
    assert list(found.stimulus_id) == [NAMES[row] for row in rows] + NAMES[TRAIN:]
    np.testing.assert_array_equal(found.responses[0, : len(rows)], [10_000 * row for row in rows])


def test_the_stimulus_set_and_fixed_splits_come_out_of_it(spec, tmp_path):
    spec |= {"images": 6, "areas": ["V4"], "reliability": 0.3}
    make_stimuli("tvsd", spec | {"recording": "tvsd"}, tmp_path / "set.h5", tmp_path / "sheet.png")
    target = prepare(made(spec, tmp_path), read_table(tmp_path / "set.h5"), {"kind": "fixed"}, 0)
    assert [(list(train), list(test)) for train, test in target.parts[0].splits] == [([*range(6)], [*range(6, 10)])]
    assert np.isfinite(target.ceilings[0]).all()


def test_missing_and_other_files_are_sentences(spec, tmp_path):
    assert recording_entry(spec).problems() == [] and len(recording_entry(spec).files()) == 2
    responses = tmp_path / "TVSD" / "monkeyF" / "THINGS_normMUA.mat"
    for content, sentence in (
        (b"MATLAB 5.0 MAT-file", "a MATLAB file, not a MATLAB 7.3 file"),
        (b"\x80\x04", "pickle"),
    ):
        responses.write_bytes(content)
        with pytest.raises(Fault, match=sentence):
            made(spec, tmp_path)
    with h5py.File(responses, "w") as file:
        file["reliab"], file["train_MUA"] = np.ones((3, 1024)), np.ones((TRAIN, 1024))
        file["test_MUA_reps"] = np.ones((1024, TEST, REPEATS))
    with pytest.raises(
        Fault, match=r"'test_MUA_reps' must be numbers of shape \(repeats, 4 test images, 1024 electrod"
    ):
        made(spec, tmp_path)
    responses.write_bytes(b"")
    (problem,) = recording_entry(spec).inspect("tvsd")
    assert problem.startswith("folder: ") and "empty" in problem
    responses.unlink()
    (problem,) = recording_entry(spec).problems()
    assert problem.startswith("folder: ") and "monkeyF/THINGS_normMUA.mat" in problem and "animal: N" in problem
    (problem,) = recording_entry(spec | {"animal": "N", "pictures": "nowhere"}).problems()
    assert problem.startswith("pictures: ") and "object_images" in problem
    (tmp_path / "object_images" / NAMES[1]).unlink()
    (problem,) = recording_entry(spec | {"animal": "N"}).inspect("tvsd")
    assert problem.startswith("pictures: 1 of 16 pictures are not in ") and NAMES[1] in problem
    with pytest.raises(Fault, match=NAMES[1]):
        list(recording_entry(spec).images("tvsd")[0])
