"""No byte of an HDF5 file that is not as it was written is read, wherever it lies, and no reader hangs."""

import shutil
import subprocess
from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ventral.core.checksums import BLOCK, Draft
from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_texts, write_array, write_texts
from ventral.core.table_files import checksum_beside, read_table, write_table
from ventral.gram import gram, read_gram, write_gram
from ventral.recordings import Recording, read_recording, write_recording


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The file of a recording with texts, tables, attributes and arrays, and what it holds."""
    path = tmp_path_factory.mktemp("recorded") / "r.h5"
    ids = np.array([f"photo {i} é" for i in range(40)], dtype=object)
    units = pd.DataFrame({"unit": [f"u{i}" for i in range(5)], "area": "V4"})
    trials = np.random.default_rng(0).normal(size=(5, 40, 3)).astype(np.float32)
    about = {"simulated": False, "licence": "CC0", "citation": "Nobody", "source": "a file"}
    part = np.array(["train", "test"] * 20, dtype=object)
    write_recording(path, Recording("r", trials.mean(axis=2), trials, units, ids, part=part, **about))
    return path, path.read_bytes()


SUPERBLOCK = 96  # bytes at the start of an HDF5 file, or fewer


def told_or_same(path, whole_content):
    """Read a damaged recording: a Fault, or what was written."""
    found = None
    try:
        found = read_recording(path)
    except Fault as fault:
        assert "r.h5 is truncated or damaged" in str(fault)
    finally:
        path.write_bytes(whole_content)
    if found is not None:
        expected = read_recording(path)
        for name, value in vars(expected).items():
            same = (
                value.equals
                if isinstance(value, pd.DataFrame)
                else lambda other, value=value: np.array_equal(value, other)
            )
            assert same(getattr(found, name)), name
    return found is None


@given(start=st.floats(0, 1, exclude_max=True), size=st.integers(1, 5000), value=st.integers(0, 255))
def test_any_block_of_one_byte_is_noticed(recorded, start, size, value):
    path, content = recorded
    place = slice(int(start * len(content)), int(start * len(content)) + size)
    spoilt = bytearray(content)
    spoilt[place] = bytes([value]) * len(spoilt[place])
    path.write_bytes(spoilt)
    assert told_or_same(path, content) or spoilt == content


@given(kept=st.floats(0, 1, exclude_max=True))
def test_any_cut_is_noticed(recorded, kept):
    path, content = recorded
    path.write_bytes(content[: int(kept * len(content))])
    assert told_or_same(path, content)


@pytest.mark.parametrize("more", [b"\0", b"more", bytes(5000)])
def test_what_was_appended_is_noticed(recorded, more):
    path, content = recorded
    path.write_bytes(content + more)
    assert told_or_same(path, content)


def test_every_flipped_bit_of_the_checksums_is_noticed(recorded):
    path, content = recorded
    end = content.rindex(b"ventral CRC-32")
    for place in range(end - 16, len(content)):
        spoilt = bytearray(content)
        spoilt[place] ^= 1
        path.write_bytes(spoilt)
        assert told_or_same(path, content)


def test_words_of_zeros_that_become_ones_are_noticed(tmp_path):
    path = tmp_path / "layer.h5"
    with create_hdf5(path) as file:
        write_array(file, "x", np.ones(1000, np.float32))
    content = bytearray(path.read_bytes())
    place = content.find(np.ones(500, np.float32).tobytes())
    content[place + 400 : place + 402] = b"\xff\xff"  # which leaves Fletcher's checksum as it is
    path.write_bytes(content)
    with h5py.File(path) as file:
        assert (file["x"][:] != 1).sum() == 1  # as HDF5 reads it
    with pytest.raises(Fault, match="damaged"), open_hdf5(path) as file:
        file["x"][:]


def test_a_part_of_a_file_is_read_whatever_happened_to_another(tmp_path):
    path = tmp_path / "layers.h5"
    data = np.random.default_rng(0).normal(size=(64, 4096))
    with create_hdf5(path) as file:
        for name in ("first", "second"):
            file.create_dataset(name, data=data, chunks=(8, 4096), fletcher32=True)
    content = bytearray(path.read_bytes())
    content[content.rfind(data[-1].tobytes()) + 5] ^= 1
    path.write_bytes(content)
    with open_hdf5(path) as file:
        np.testing.assert_array_equal(file["first"][:], data)
    with pytest.raises(Fault, match=r"layers\.h5 is truncated or damaged"), open_hdf5(path) as file:
        file["second"][:]


def test_damage_that_h5py_takes_for_absence_is_a_fault(recorded):
    path, content = recorded
    spoilt = bytearray(content)
    spoilt[SUPERBLOCK:BLOCK] = bytes(len(spoilt[SUPERBLOCK:BLOCK]))
    path.write_bytes(spoilt)
    try:
        with pytest.raises(Fault, match="damaged"), open_hdf5(path) as file:
            assert "part" not in file
    finally:
        path.write_bytes(content)


def test_other_programs_read_the_file(tmp_path):
    with create_hdf5(tmp_path / "é.h5") as file:
        write_texts(file, "names", ["a", "ünïcode", ""])
        file.attrs["model"] = "net"
        assert file.filename == str(tmp_path / "é.h5")
    with h5py.File(tmp_path / "é.h5", "r") as file:
        assert file["names"].asstr()[:].tolist() == ["a", "ünïcode", ""] and file.attrs["model"] == "net"
        assert file["names"].fletcher32 and file["names"].dtype.itemsize == 9
    with open_hdf5(tmp_path / "é.h5") as file:
        assert file.filename == str(tmp_path / "é.h5") and read_texts(file, "names").tolist() == ["a", "ünïcode", ""]


def test_no_texts_and_empty_arrays_are_stored(tmp_path):
    with create_hdf5(tmp_path / "x.h5") as file:
        write_texts(file, "names", [])
        write_array(file, "values", np.empty((0, 3)))
    with open_hdf5(tmp_path / "x.h5") as file:
        assert read_texts(file, "names").tolist() == [] and file["values"].shape == (0, 3)


def test_grams_of_earlier_versions_are_read(tmp_path):
    G = gram(np.random.default_rng(0).normal(size=(6, 40)))
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.create_dataset("centered", data=G.centered, fletcher32=True, chunks=True)
        file["mean_products"], file["row_sums"] = G.mean_products, G.row_sums
        file.attrs["mean_square"], file.attrs["n_features"] = G.mean_square, G.n_features
        file["stimulus_id"] = np.array(list("abcdef"), dtype=object)
    old = read_gram(tmp_path / "old.h5")
    np.testing.assert_array_equal(old.centered, G.centered)
    assert old.stimulus_id.tolist() == list("abcdef")


def test_all_that_a_gram_holds_has_checksums_of_hdf5_too(tmp_path):
    G = gram(np.random.default_rng(0).normal(size=(6, 40)))
    G = replace(G, stimulus_id=np.array(["a", "bb", "c", "d", "e", "é"], dtype=object))
    write_gram(G, tmp_path / "g.h5")
    with h5py.File(tmp_path / "g.h5") as file:
        assert all(dataset.fletcher32 and dataset.dtype.kind != "O" for dataset in file.values())
    assert read_gram(tmp_path / "g.h5").stimulus_id.tolist() == ["a", "bb", "c", "d", "e", "é"]


def test_what_hdf5_reads_of_a_failed_draft_is_what_it_wrote(tmp_path):
    draft = Draft(tmp_path / "x")
    draft.write(b"0123456789")
    draft.error = OSError(28, "No space left on device")
    draft.seek(4)
    draft.write(b"abc")
    draft.seek(2)
    assert draft.read(7) == b"23abc78"
    with pytest.raises(OSError, match="No space"):
        draft.finish()
    draft.close()


# Tables

FRAME = pd.DataFrame({"layer": ["1.10", "007", "a, b"] * 20, "value": np.linspace(0, 1, 60) / 3, "n": range(60)})


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
def test_a_table_comes_back(tmp_path, name):
    write_table(FRAME, tmp_path / name)
    back = read_table(tmp_path / name, text=["layer"])
    assert back.to_dict("list") == FRAME.to_dict("list")


@pytest.mark.parametrize("name", ["table.csv", "table.parquet"])
@pytest.mark.parametrize("rows", [0, 30, 59, 61])
def test_a_table_with_fewer_or_more_rows_is_named(tmp_path, name, rows):
    path = tmp_path / name
    other = pd.concat([FRAME, FRAME.tail(1)])[:rows]
    write_table(FRAME, path)
    checksum = checksum_beside(path).read_bytes()
    write_table(other, path)
    checksum_beside(path).write_bytes(checksum)
    with pytest.raises(Fault, match=rf"{name} is truncated or damaged \({rows} of 60 rows"):
        read_table(path)


@pytest.mark.parametrize("change", ["value", "order", "torn", "gone", "checksum gone", "checksum torn"])
def test_a_table_that_is_not_as_it_was_written_is_named(tmp_path, change):
    path = tmp_path / "table.csv"
    write_table(FRAME, path)
    text, beside = path.read_text(), checksum_beside(path)
    if change == "value":
        path.write_text(text.replace("0.3333333333333333,", "0.3333333333333334,"))
    elif change == "order":
        path.write_text("\n".join([*text.splitlines()[:1], *text.splitlines()[:0:-1]]) + "\n")
    elif change == "torn":
        path.write_text(text[: len(text) // 2 + 3] + '"')
    elif change == "checksum torn":
        beside.write_text(beside.read_text()[:40])
    else:
        (beside if "checksum" in change else path).unlink()
    with pytest.raises(Fault, match=r"table\.csv"):
        read_table(path)


def test_checksums_of_tables_are_those_of_other_programs(tmp_path):
    write_table(FRAME, tmp_path / "table.csv")
    write_table(FRAME, tmp_path / "table.parquet")
    names = [checksum_beside(tmp_path / f"table.{kind}").name for kind in ("csv", "parquet")]
    program = ["sha256sum"] if shutil.which("sha256sum") else ["shasum", "--algorithm", "256"]  # macOS has the second
    subprocess.run([*program, "--check", "--strict", *names], cwd=tmp_path, check=True)
    assert pd.read_csv(tmp_path / "table.csv").shape == FRAME.shape  # nothing but the table is in it


def test_long_names_are_written(tmp_path):
    name = "é" * 120 + ".csv"
    with whole(tmp_path / name) as partial:
        partial.write_text("x")
        assert partial.name.startswith(".ventral-é") and partial.suffix == ".csv"
    assert [path.name for path in tmp_path.iterdir()] == [name]
