"""Digests depend on what files hold, and on nothing else."""

import hashlib

import h5py
import numpy as np
import pytest

from ventral.core.errors import Fault
from ventral.core.hdf5 import content_digest, create_hdf5, write_array, write_texts
from ventral.records.fingerprints import fingerprints, read_fingerprints, write_fingerprints

SETTINGS = {"seed": 0, "geometry": {"thresholds": [0.9]}}


def written(path, array, texts=("a", "b"), **attributes):
    path.parent.mkdir(exist_ok=True)
    with create_hdf5(path) as file:
        file.attrs.update(attributes)
        write_array(file, "responses", array)
        write_texts(file.create_group("table"), "stimulus_id", texts)
    return path


def test_a_digest_follows_content_only(tmp_path):
    array = np.arange(6.0).reshape(2, 3)
    digest = content_digest(written(tmp_path / "one.h5", array, source="here"))
    assert content_digest(written(tmp_path / "two.h5", array, source="there")) == digest
    others = [
        written(tmp_path / "value.h5", array + 1),
        written(tmp_path / "type.h5", array.astype(np.float32)),
        written(tmp_path / "shape.h5", array.reshape(3, 2)),
        written(tmp_path / "text.h5", array, ("a", "c")),
    ]
    assert len({digest, *map(content_digest, others)}) == 5
    assert content_digest(others[0], ["responses"]) == content_digest(others[2], ["responses"])


def test_rows_that_are_read_in_parts_give_one_digest(tmp_path, monkeypatch):
    path = written(tmp_path / "one.h5", np.arange(60.0).reshape(20, 3))
    digest = content_digest(path)
    monkeypatch.setattr("ventral.core.hdf5.BYTES_AT_ONCE", 50)
    assert content_digest(path) == digest


def test_everything_is_found_under_its_name_and_read_again(tmp_path):
    own = tmp_path / "weights.pth"
    own.write_bytes(b"weights")
    grams = [written(tmp_path / "x.h5", np.eye(2), model="net", source="mine", preprocess="none", fingerprint="ff")]
    stimuli = [written(tmp_path / "scenes.h5", np.eye(3))]
    recordings = [written(tmp_path / "recordings" / "v4.h5", np.eye(4), source="a laboratory")]
    files = {"models": {"net": [str(own)]}, "recordings": {"v4": []}}
    found = fingerprints(stimuli, recordings, grams, {"v4": "scenes"}, files, SETTINGS)
    assert found["models"]["net"]["fingerprint"] == "ff"
    assert found["models"]["net"]["files"] == {str(own): hashlib.sha256(b"weights").hexdigest()}
    assert found["recordings"]["v4"]["stimuli"] == "scenes" and found["recordings"]["v4"]["source"] == "a laboratory"
    assert {*found["stimuli"]} == {"scenes"} and found["settings"] == SETTINGS
    write_fingerprints(tmp_path / "provenance.json", found)
    assert read_fingerprints(tmp_path / "provenance.json") == found


def test_missing_and_damaged_files_are_faults(tmp_path):
    with pytest.raises(Fault, match="does not exist"):
        read_fingerprints(tmp_path / "provenance.json")
    (tmp_path / "provenance.json").write_text("{")
    with pytest.raises(Fault, match="damaged"):
        read_fingerprints(tmp_path / "provenance.json")


def test_a_stimulus_set_counts_by_the_digests_of_its_images(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"] = np.zeros((2, 4, 4, 3), np.uint8)
        file["content"] = np.array([b"0", b"1"])
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["content"] = np.array([b"0", b"1"])
    assert content_digest(tmp_path / "a.h5", ["images"]) == content_digest(tmp_path / "b.h5", ["images"])
