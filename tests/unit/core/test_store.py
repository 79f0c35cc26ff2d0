"""Files are whole or absent, and damage is named in a sentence."""

import logging

import h5py
import numpy as np
import pandas as pd
import pytest
from failed_job import failed_job
from hypothesis import given
from hypothesis import strategies as st

from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_frame, write_frame
from ventral.core.jobs import about, logged
from ventral.core.random import generator


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), whole(path) as partial:
        partial.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_finished_write_replaces_the_old_file(tmp_path):
    path = tmp_path / "new" / "table.csv"
    with whole(path) as partial:
        partial.write_text("whole")
        assert not path.exists()
        assert partial.suffix == ".csv"
    assert path.read_text() == "whole"


@pytest.mark.parametrize("kept", [0, 10, 600, -100])
def test_a_truncated_hdf5_file_is_named(tmp_path, kept):
    path = tmp_path / "layer.h5"
    with create_hdf5(path) as file:
        file.create_dataset("x", data=np.arange(1000.0), chunks=True, fletcher32=True)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(Fault, match=r"layer\.h5 is truncated or damaged"), open_hdf5(path) as file:
        file["x"][:]


def test_a_flipped_bit_is_noticed(tmp_path):
    path = tmp_path / "layer.h5"
    with create_hdf5(path) as file:
        file.create_dataset("x", data=np.arange(1000.0), chunks=True, fletcher32=True)
    content = bytearray(path.read_bytes())
    content[content.find(np.float64(500).tobytes())] ^= 1
    path.write_bytes(content)
    with pytest.raises(Fault, match="truncated or damaged"), open_hdf5(path) as file:
        file["x"][:]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Fault, match=r"nowhere\.h5 does not exist"), open_hdf5(tmp_path / "nowhere.h5"):
        pass


def test_an_error_of_the_block_is_not_mistaken_for_damage(tmp_path):
    with create_hdf5(tmp_path / "x.h5") as file:
        file["x"] = 1
    for error in (PermissionError(13, "denied"), RuntimeError("shapes cannot be multiplied"), KeyError("conv9")):
        with pytest.raises(type(error)), open_hdf5(tmp_path / "x.h5"):
            raise error
    with pytest.raises(Fault, match="damaged"), open_hdf5(tmp_path / "x.h5") as file:
        file["a dataset that the file lost"]


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=5),
    number=st.floats(allow_nan=False),
)
def test_a_table_survives_hdf5(texts, number):
    frame = pd.DataFrame({"name": texts, "value": [number] * len(texts), "rank": range(len(texts))})
    with h5py.File("table", "w", driver="core", backing_store=False) as file:
        write_frame(file.create_group("table"), frame)
        back = read_frame(file["table"])
    assert list(back.columns) == list(frame.columns)
    assert back.to_dict("list") == frame.to_dict("list")


def test_an_error_ends_a_job_with_one_sentence_and_its_story_in_the_log(tmp_path):
    run = failed_job(tmp_path / "job.log", "The layer conv9 does not exist.")
    assert run.returncode == 1
    assert run.stderr.splitlines()[0] == "The layer conv9 does not exist."
    assert "Traceback" not in run.stderr
    assert "Traceback" in (tmp_path / "job.log").read_text()


def test_a_good_job_says_so_in_its_log(tmp_path):
    with logged(tmp_path / "logs" / "job.log"):
        logging.info("42 images")
    text = (tmp_path / "logs" / "job.log").read_text()
    assert "42 images" in text and "done" in text


def test_generators_depend_on_every_name_and_on_nothing_else():
    draws = [generator(*names).random() for names in [(0, "a"), (0, "b"), (1, "a"), (0, "a", "")]]
    assert len(set(draws)) == 4
    assert generator(0, "a").random() == draws[0]


def test_an_error_names_all_that_the_blocks_around_it_are_about():
    with (
        pytest.raises(Fault, match=r"^Stimuli scenes: The layer conv1 of alexnet: ValueError: too dark$"),
        about("Stimuli scenes"),
        about("The layer conv1 of alexnet"),
    ):
        raise ValueError("too dark")
