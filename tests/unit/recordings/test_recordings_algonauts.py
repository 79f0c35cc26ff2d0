"""The Algonauts Project 2023: rows are pictures, areas are integers per vertex, and pickles are not read."""

import re

import numpy as np
import pytest
from published_folders import algonauts_folder, color

from ventral.core.errors import Fault
from ventral.recordings import read_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make

SPEC = {"kind": "algonauts2023", "subject": 1, "areas": ["V1", "hV4", "early"], "size": 16}
TRAINING = "subj01/training_split"


def made(folder, **keys):
    spec = SPEC | {"folder": str(folder)} | keys
    assert recording_entry(spec).problems() == []
    make("algonauts", spec, folder / "algonauts.h5", folder / "unused.h5")
    return read_recording(folder / "algonauts.h5")


def test_every_response_reaches_its_image_and_its_vertex(tmp_path):
    numbers = algonauts_folder(tmp_path)
    found = made(tmp_path)
    assert [*found.stimulus_id] == [f"nsd-{number:05d}" for number in numbers]
    assert [*found.units.hemisphere] == ["lh"] * 5 + ["rh"] * 3 and found.trials is None
    assert [*found.units.vertex] == [0, 1, 3, 4, 5, 2, 3, 4]
    assert [*found.units.area] == ["V1", "V1", "hV4", "early", "V1", "V1", "early", "early"]
    expected = (numbers + found.units.vertex.to_numpy()[:, None] / 10).astype(np.float32)
    np.testing.assert_array_equal(found.responses, expected)
    assert "doi:10.1038/s41593-021-00962-x" in found.citation

    images, table = recording_entry(SPEC | {"folder": str(tmp_path)}).images("algonauts")
    assert [image[0, 0].tolist() for image in images] == [color(number) for number in numbers]
    assert [*table.stimulus_id] == [*found.stimulus_id]
    assert made(tmp_path, images=5).responses.tolist() == found.responses[:, :5].tolist()


def test_problems_are_found_before_any_job(tmp_path):
    algonauts_folder(tmp_path)
    spec = SPEC | {"folder": str(tmp_path)}
    problems = recording_entry(spec | {"areas": ["V1", "PPA"]}).problems()
    assert len(problems) == 2 and all("floc-places_challenge_space.npy" in one and "PPA" in one for one in problems)
    assert recording_entry(spec | {"areas": ["nsdgeneral"]}).problems()[0].startswith("areas: 'nsdgeneral'")
    assert len(recording_entry(spec).files()) == 4


def test_other_files_are_sentences(tmp_path):
    algonauts_folder(tmp_path)
    responses = tmp_path / TRAINING / "training_fmri/lh_training_fmri.npy"
    picture = tmp_path / TRAINING / "training_images"
    values = np.load(responses)

    def refused(sentence):
        with pytest.raises(Fault, match=sentence):
            made(tmp_path)
        assert re.search(sentence, "".join(recording_entry(SPEC | {"folder": str(tmp_path)}).inspect("algonauts")))

    np.save(responses, values[1:])
    refused("11 rows for 12 pictures")
    np.save(responses, values[:, 1:])
    refused("6 vertices, and lh_training_fmri.npy has 5.*_challenge_space.npy")
    np.save(responses, np.array([{}]), allow_pickle=True)
    refused("Pickled objects can run code")
    np.save(responses, values)
    next(picture.glob("train-0003*")).unlink()
    refused("without gaps")
    (picture / "test-0003_nsd-00007.png").write_bytes(b"")
    refused("test-0003_nsd-00007.png")
