"""Arrays of files that users bring: objects of pandas are read, code is not run, other formats are named."""

import io
import os
import pickle
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest

from ventral.core.arrays import array_shapes, read_arrays, text
from ventral.core.errors import Fault
from ventral.core.object_arrays import load_objects

FRAME = pd.DataFrame({"name": ["a", "é", "z"], "number": [1, 2, 3]})


def npz(path, **arrays):
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (FRAME.name.to_numpy(), ["a", "é", "z"]),
        (FRAME.name.astype(object).to_numpy(), ["a", "é", "z"]),
        (FRAME.name.astype("category").to_numpy(), ["a", "é", "z"]),
        (FRAME.name.array, ["a", "é", "z"]),
        (pd.Index(FRAME.name).to_numpy(), ["a", "é", "z"]),
        (FRAME.number.astype(object).to_numpy(), [1, 2, 3]),
        (FRAME.to_numpy(), [["a", 1], ["é", 2], ["z", 3]]),
        (np.asfortranarray(FRAME.to_numpy()), [["a", 1], ["é", 2], ["z", 3]]),
        (np.array([np.str_("a"), b"b", np.bytes_(b"c"), np.int16(3), np.float32(0.5), True], object), None),
        (pd.Series(["a", None], dtype=object).to_numpy(), ["a", None]),
        (pd.Series(["a", pd.NA], dtype="string").to_numpy(), ["a", None]),
        (np.array([], dtype=object), []),
    ],
)
def test_arrays_of_objects_come_back_as_they_were(values, expected, tmp_path):
    (found,) = read_arrays(npz(tmp_path / "mine.npz", x=values), ("x",)).values()
    assert found.dtype == object and found.tolist() == (np.asarray(values).tolist() if expected is None else expected)
    assert array_shapes(tmp_path / "mine.npz", ("x",))["x"].shape == found.shape


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickles_is_read(protocol):
    values = np.array(["a", b"\xff", 2, None, np.str_("é")], dtype=object)
    assert load_objects(io.BytesIO(pickle.dumps(values, protocol))).tolist() == values.tolist()


class Calls:
    """A value whose pickle calls a function with these arguments."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("function", [os.mkdir, os.system, eval, getattr, np.save, h5py.File])
@pytest.mark.parametrize("place", ["an element", "the array"])
def test_code_in_a_file_is_refused_and_not_run(function, place, tmp_path):
    made = tmp_path / "made"
    arguments = {
        os.mkdir: (str(made),),
        os.system: (f"touch {made}",),
        eval: (f"__import__('os').mkdir({str(made)!r})",),
        getattr: (str(made), "upper"),
        np.save: (str(made), [1]),
        h5py.File: (str(made), "w"),
    }[function]
    calls = Calls(function, *arguments)
    path = tmp_path / "mine.npz"
    with zipfile.ZipFile(path, "w") as archive, archive.open("x.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, {"descr": "|O", "fortran_order": False, "shape": (1,)})
        pickle.dump(np.array([calls], dtype=object) if place == "an element" else calls, member)
    with pytest.raises(Fault, match=r"mine\.npz"):
        read_arrays(path, ("x",))
    assert not made.exists() and not list(tmp_path.glob("made*"))


def test_a_crafted_type_of_elements_is_never_given_to_numpy(tmp_path):
    """Raw bytes in place of a list of elements would be taken for addresses."""
    forged = (
        b"\x80\x04\x8c\x15numpy.core.multiarray\x8c\x0c_reconstruct\x93\x8c\x05numpy\x8c\x07ndarray\x93K\x00\x85C\x01b\x87R"
        b"(K\x01K\x01\x85\x8c\x05numpy\x8c\x05dtype\x93\x8c\x02O8\x89\x88\x87R\x89C\x08AAAAAAAAtb."
    )
    with pytest.raises(ValueError, match="shape"):
        load_objects(io.BytesIO(forged))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ([np.ones(2), np.ones(3)], "different lengths"),
        ([pd.Timestamp("2020-01-01")], "timestamp"),
        ([{"a": 1}], "dict"),
        ([1 + 2j], "complex"),
    ],
)
def test_other_objects_are_named(values, named, tmp_path):
    objects = np.empty(len(values), dtype=object)
    objects[:] = values
    with pytest.raises(Fault, match=rf"mine\.npz.*'x'.*{named}"):
        read_arrays(npz(tmp_path / "mine.npz", x=objects), ("x",))


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_objects_that_are_cut_are_a_sentence(cut):
    content = pickle.dumps(np.array(["a", "b"], dtype=object))
    with pytest.raises(ValueError):
        load_objects(io.BytesIO(content[:-cut]))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], ["1", "2"]),
        (np.array([1.0, 2.0]), ["1", "2"]),
        (np.array([1.5, 2.0]), ["1.5", "2"]),
        (np.array([b"a", b"bc"]), ["a", "bc"]),
        (np.array(["é".encode(), "b"], dtype=object), ["é", "b"]),
        (np.array([[b"a", b"b"], [b"c", b"\0"], [b"d", b"e"]]), ["ab", "c", "de"]),
        (np.array([["a", "b"], ["c", ""]]), ["ab", "c"]),
        (np.array([["ab"], ["cd"]]), ["ab", "cd"]),
        (np.array([np.int64(3), np.str_("x")], dtype=object), ["3", "x"]),
        (pd.Series(["a", "b"], dtype="string"), ["a", "b"]),
    ],
)
def test_texts_and_numbers_become_text(values, expected):
    assert text(values, "ids").tolist() == expected


@pytest.mark.parametrize(
    "values",
    [
        np.array(["a", None], dtype=object),
        np.array([1.0, np.nan]),
        pd.Series(["a", pd.NA], dtype="string"),
        np.array(["a", b"\xff\xfe"], dtype=object),
        np.array(["a", "b\ud800"]),
        np.array([[1, 2], [3, 4]]),
        np.array([object()]),
    ],
)
def test_what_is_no_text_is_named(values):
    with pytest.raises(Fault, match="the ids of mine "):
        text(values, "the ids of mine")


CONTENTS = {
    "web page": b"<!DOCTYPE html><html>404</html>",
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
    "empty": b"",
    "MATLAB": b"MATLAB 5.0 MAT-file, Platform",
    "gzip": b"\x1f\x8b\x08\0",
    "pickle": pickle.dumps([1]),
}


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("what", CONTENTS)
def test_files_of_another_format_are_named(suffix, what, tmp_path):
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(CONTENTS[what])
    with pytest.raises(Fault, match=rf"mine{suffix} is an? .*{what}"):
        read_arrays(path, ("x",))


def test_formats_that_are_mistaken_for_each_other_are_named(tmp_path):
    np.save(tmp_path / "array.npy", np.ones(3))
    (tmp_path / "array.npy").rename(tmp_path / "array.npz")
    with pytest.raises(Fault, match=r"array\.npz .*\.npy.*numpy\.savez"):
        read_arrays(tmp_path / "array.npz", ("x",))
    npz(tmp_path / "mine.npz", x=np.ones(3)).rename(tmp_path / "mine.h5")
    with pytest.raises(Fault, match=r"mine\.h5 .*zip"):
        read_arrays(tmp_path / "mine.h5", ("x",))
    with h5py.File(tmp_path / "sound.h5", "w") as file:
        file["x"] = np.ones(3)
    (tmp_path / "sound.h5").rename(tmp_path / "sound.npz")
    with pytest.raises(Fault, match=r"sound\.npz .*HDF5"):
        read_arrays(tmp_path / "sound.npz", ("x",))


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_files_that_are_cut_are_named_and_never_read_in_part(suffix, kept, tmp_path):
    path, values = tmp_path / f"mine{suffix}", np.random.default_rng(0).standard_normal(5000)
    if suffix == ".npz":
        npz(path, x=values)
    else:
        with h5py.File(path, "w") as file:
            file["x"] = values
    path.write_bytes(path.read_bytes()[: int(kept * path.stat().st_size)])
    with pytest.raises(Fault, match=f"mine{suffix}"):
        read_arrays(path, ("x",))
