"""The file of Kay et al.: both parts in one recording, areas by name, gray levels kept in order."""

import hashlib
import io

import numpy as np
import pytest
from publisher import published

from ventral.core.errors import Fault
from ventral.recordings import read_recording
from ventral.recordings.kinds import kay2008, recording_entry
from ventral.recordings.prepare import make

SPEC = {"kind": "kay2008", "size": 8}


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return {
        "stimuli": rng.uniform(-1, 1, (6, 8, 8)).astype(np.float32),
        "stimuli_test": rng.uniform(-2, 1, (3, 8, 8)).astype(np.float32),
        "responses": rng.standard_normal((6, 5)),
        "responses_test": rng.standard_normal((3, 5)),
        "roi": np.array([1, 1, 2, 3, 0]),
        "roi_names": np.array(["Other", "V1", "V2", "LatOcc"]),
    }


def saved(arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def test_both_parts_are_read(folder, tmp_path, arrays):
    arrays["responses"][2, 1] = np.nan
    (folder / "kay_images.npz").write_bytes(saved(arrays))
    make("kay", SPEC, tmp_path / "kay.h5", tmp_path / "unused.h5")
    found = read_recording(tmp_path / "kay.h5")
    expected = np.concatenate([arrays["responses"], arrays["responses_test"]]).T
    np.testing.assert_array_equal(found.responses, expected)  # a unit that lacks one response is kept
    assert found.dropped_units == 0 and list(found.units.area) == ["V1", "V1", "V2", "LatOcc", "Other"]
    assert list(found.part) == ["train"] * 6 + ["test"] * 3
    assert found.trials is None and "doi:10.1038/nature06713" in found.citation

    images, table = recording_entry(SPEC).images("kay")
    images = np.array(list(images))
    assert list(table.stimulus_id) == list(found.stimulus_id) and table.stimulus_id[6] == "test/0000"
    assert images.shape == (9, 8, 8, 3) and (images.min(), images.max()) == (0, 255)
    assert recording_entry(SPEC).varied() == []
    gray = np.concatenate([arrays["stimuli"], arrays["stimuli_test"]])
    span = np.ptp(gray)
    np.testing.assert_allclose(images[..., 0], 255 * (gray - gray.min()) / span, atol=0.51)
    assert next(recording_entry(SPEC | {"size": 16}).images("kay")[0]).shape == (16, 16, 3)


def test_it_is_fetched_only_with_a_checksum(folder, tmp_path, arrays, monkeypatch):
    (problem,) = recording_entry(SPEC).problems()
    assert problem.startswith("sha256: ") and "kay_images.npz (https://osf.io/ymnjv/download)" in problem
    with pytest.raises(Fault, match="checksum"):
        make("kay", SPEC, tmp_path / "kay.h5", tmp_path / "unused.h5")
    spec = SPEC | {"sha256": hashlib.sha256(saved(arrays)).hexdigest()}
    assert recording_entry(spec).problems() == []
    with published() as server:
        server.files["download"] = saved(arrays)
        monkeypatch.setattr(kay2008, "URL", f"{server.address}/download")
        make("kay", spec, tmp_path / "kay.h5", tmp_path / "unused.h5")
    assert read_recording(tmp_path / "kay.h5").responses.shape == (5, 9)
    assert recording_entry(SPEC).problems() == []  # now it lies there


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"stimuli_test": None}, "cannot be read as the file of Kay et al"),
        ({"responses": np.ones((5, 5))}, r"of the train part .*: \(6, 8, 8\) and \(5, 5\)"),
        ({"roi": np.array([0, 1, 2, 3, 4])}, "5 entries of 'roi' do not fit 5 voxels and 4 names"),
    ],
)
def test_other_files_are_sentences(changed, sentence, folder, tmp_path, arrays):
    content = {key: value for key, value in (arrays | changed).items() if value is not None}
    (folder / "kay_images.npz").write_bytes(saved(content))
    with pytest.raises(Fault, match=sentence):
        make("kay", SPEC, tmp_path / "kay.h5", tmp_path / "unused.h5")
