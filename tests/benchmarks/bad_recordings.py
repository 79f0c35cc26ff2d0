"""Bad files of recordings, from each of which a recording is made."""

import os
import pickle
from collections.abc import Callable
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import xarray
from bad_contents import PAGE, POINTER
from bad_public_recordings import MEANS, RNG, TRIALS, Cases, made, of_kay, of_macaques

IDS = [f"{name}/{i}.png" for name in ("cat", "dog") for i in range(3)]
CHOICES = {
    "stimulus_id": IDS,
    "sample": ["cat"] * 3 + ["dog"] * 3,
    "distractor": ["dog"] * 3 + ["cat"] * 3,
    "choice": ["cat"] * 6,
}


def photos(folder: Path, ids: list[str] = IDS) -> None:
    from ventral.stimuli import write_stimuli

    table = pd.DataFrame({"stimulus_id": ids, "scene": "", "parameter": "", "level": -1, "label": ""})
    write_stimuli(folder / "photos.h5", np.zeros((len(ids), 8, 8, 3), np.uint8), table, "images", "photos")


def own(folder: Path, kind: str, arrays: dict, ids: list[str] = IDS) -> Callable:
    """A call that reads a file of these arrays."""
    photos(folder, ids)
    name = f"mine.{kind}"
    if kind == "npz":
        np.savez(folder / name, **arrays)
    else:
        with h5py.File(folder / name, "w") as file:
            for key, value in arrays.items():
                value = np.asarray(value)
                file[key] = value.astype(object) if value.dtype.kind == "U" else value
    return made(kind, file=name)


def netcdf(
    folder: Path, values: np.ndarray, dims: tuple = ("neuroid", "presentation"), engine: str = "h5netcdf", **coords
):
    photos(folder)
    coords = {"stimulus_id": ("presentation", IDS)} | coords
    array = xarray.DataArray(values, dims=dims, coords={key: one for key, one in coords.items() if one}, name="r")
    array.to_netcdf(folder / "mine.nc", engine=engine)
    return made("netcdf", file="mine.nc")


def two_arrays(folder: Path) -> Callable:
    photos(folder)
    xarray.Dataset({"a": ("x", [1]), "b": ("x", [2])}).to_netcdf(folder / "mine.nc", engine="h5netcdf")
    return made("netcdf", file="mine.nc")


def cut(folder: Path, prepare: Callable, name: str, kept: float) -> Callable:
    run = prepare(folder)
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(kept * len(content))])
    return run


def content(folder: Path, kind: str, name: str, content: bytes) -> Callable:
    photos(folder)
    (folder / name).write_bytes(content)
    return made(kind, file=name)


def malicious(folder: Path) -> Callable:
    """A call that reads ids whose pickle would create the file out/run."""

    class Call:
        def __reduce__(self):
            return os.system, ("touch out/run",)

    calls = np.empty(6, dtype=object)
    calls[:] = [Call()] * 6
    return own(folder, "npz", {"responses": MEANS, "stimulus_id": calls})


def pandas_hdf(folder: Path) -> Callable:
    """A call that reads the groups that pandas' to_hdf writes."""
    photos(folder)
    with h5py.File(folder / "mine.h5", "w") as file:
        file["responses/axis0"], file["responses/block0_values"] = np.arange(6), MEANS
        file["responses"].attrs["pandas_type"] = "frame"
    return made("h5", file="mine.h5")


def choices(folder: Path, text: bytes | None = None, **changed) -> Callable:
    photos(folder)
    table = pd.DataFrame(CHOICES | changed)
    table = table.drop(columns=[key for key, value in changed.items() if value is None])
    (folder / "choices.csv").write_bytes(table.to_csv(index=False).encode() if text is None else text)
    return made("trials", file="choices.csv")


OWN = {
    "no responses": ({"stimulus_id": IDS}, "responses"),
    "no ids": ({"responses": MEANS}, "stimulus_id"),
    "transposed": ({"responses": MEANS.T, "stimulus_id": IDS}, "transposed"),
    "trials with two axes": ({"trials": MEANS, "stimulus_id": IDS}, "trials"),
    "responses with three axes": ({"responses": TRIALS, "stimulus_id": IDS}, "responses"),
    "a number": ({"responses": 1.0, "stimulus_id": IDS}, "responses"),
    "no units": ({"responses": MEANS[:0], "stimulus_id": IDS}, "mine"),
    "no presentations": ({"responses": MEANS[:, :0], "stimulus_id": np.array([], "S1")}, "mine"),
    "no repeats": ({"trials": TRIALS[..., :0], "stimulus_id": IDS}, "mine"),
    "complex numbers": ({"responses": MEANS + 1j, "stimulus_id": IDS}, "responses"),
    "texts": ({"responses": MEANS.astype("S8"), "stimulus_id": IDS}, "responses"),
    "all missing": ({"responses": MEANS * np.nan, "stimulus_id": IDS}, "mine"),
    "all infinite": ({"responses": MEANS + np.inf, "stimulus_id": IDS}, "infinite"),
    "one infinite": ({"responses": np.where(np.eye(3, 6), np.inf, MEANS), "stimulus_id": IDS}, "infinite"),
    "constant": ({"responses": np.ones((3, 6)), "stimulus_id": IDS}, "vary"),
    "too few ids": ({"responses": MEANS, "stimulus_id": IDS[:5]}, "stimulus id"),
    "ids of two axes": ({"responses": MEANS, "stimulus_id": np.arange(12).reshape(6, 2)}, "responses"),
    "missing ids": ({"responses": MEANS, "stimulus_id": np.array([1, 2, 3, 4, 5, np.nan])}, "stimulus_id"),
    "ids without folder": ({"responses": MEANS, "stimulus_id": [i.split("/")[1] for i in IDS]}, "cat/0.png"),
    "ids without suffix": ({"responses": MEANS, "stimulus_id": [i[:-4] for i in IDS]}, "cat/0.png"),
    "ids with backslashes": ({"responses": MEANS, "stimulus_id": [i.replace("/", "\\") for i in IDS]}, "cat/0.png"),
    "ids in capitals": ({"responses": MEANS, "stimulus_id": [i.upper() for i in IDS]}, "cat/0.png"),
    "numbers as ids": ({"responses": MEANS, "stimulus_id": np.arange(6)}, "cat/0.png"),
    "an image too few": ({"responses": MEANS[:, :5], "stimulus_id": IDS[:5]}, "dog/2.png"),
    "an image too many": ({"responses": RNG.random((3, 7)), "stimulus_id": [*IDS, "dog/9.png"]}, "dog/9.png"),
    "too few areas": ({"responses": MEANS, "stimulus_id": IDS, "area": ["V1"]}, "area"),
    "too many units": ({"responses": MEANS, "stimulus_id": IDS, "unit": np.arange(5)}, "unit"),
    "a missing area": ({"responses": MEANS, "stimulus_id": IDS, "area": np.array([1, 2, np.nan])}, "area"),
    "splits of another length": ({"responses": MEANS, "stimulus_id": IDS, "split": ["train"] * 3}, "split"),
    "unknown splits": ({"responses": MEANS, "stimulus_id": IDS, "split": ["valid"] * 6}, "valid"),
    "an image in both splits": (
        {"responses": np.hstack([MEANS, MEANS]), "stimulus_id": IDS * 2, "split": ["train"] * 6 + ["test"] * 6},
        "split",
    ),
    "trials of other means": ({"responses": MEANS + 1, "trials": TRIALS, "stimulus_id": IDS}, "trials"),
    "trials of other units": ({"responses": MEANS[::-1], "trials": TRIALS, "stimulus_id": IDS}, "trials"),
    "means of fewer units": ({"responses": MEANS[:2], "trials": TRIALS, "stimulus_id": IDS}, "mine"),
}
OBJECTS = {
    "a missing id": np.array([*IDS[:5], None], dtype=object),
    "times as ids": np.array([pd.Timestamp(2020, 1, i + 1) for i in range(6)], dtype=object),
    "lists as ids": np.array([*[[one] for one in IDS[:5]], []], dtype=object),
}
TABLES = {
    "no column choice": (dict(choice=None), "choice"),
    "a choice that was not offered": (dict(choice=["horse"] * 6), "horse"),
    "an object as its own distractor": (dict(distractor=CHOICES["sample"], choice=CHOICES["sample"]), "distractor"),
    "a distractor that no image shows": (dict(distractor=["horse"] * 6, choice=CHOICES["sample"]), "horse"),
    "an image of two objects": (
        {
            key: [*values, other]
            for (key, values), other in zip(CHOICES.items(), (IDS[0], "dog", "cat", "dog"), strict=True)
        },
        IDS[0],
    ),
    "unknown images": (dict(stimulus_id=[one[:-4] for one in IDS]), "cat/0.png"),
    "an empty choice": (dict(choice=["", *["cat"] * 5]), "choices.csv"),
    "semicolons": (dict(text=b"stimulus_id;sample;distractor;choice\ncat/0.png;cat;dog;dog\n"), "choices.csv"),
    "no rows": (dict(text=b"stimulus_id,sample,distractor,choice\n"), "mine"),
    "an empty file": (dict(text=b""), "choices.csv"),
    "Latin-1": (dict(text="stimulus_id,sample,distractor,choice\nä,ä,b,b\n".encode("latin1")), "choices.csv"),
    "short rows": (dict(text=b"stimulus_id,sample,distractor,choice\ncat/0.png,cat\n"), "choices.csv"),
    "long rows": (dict(text=b"stimulus_id,sample,distractor,choice\na,b,c,d\na,b,c,d,e,f\n"), "choices.csv"),
    "a web page": (dict(text=PAGE), "choices.csv"),
    "a zip archive": (dict(text=b"PK\x03\x04abc"), "choices.csv"),
}


def bad_recordings() -> Cases:
    """For each case, a function that prepares it in a folder and returns the call that must fail, and what is named."""
    parts = (of_arrays, of_other_contents, of_netcdf, of_choices, of_macaques, of_kay)
    return {what: case for part in parts for what, case in part().items()}


def of_arrays() -> Cases:
    cases = {}
    for kind in ("npz", "h5"):
        for what, (arrays, named) in OWN.items():
            cases[f".{kind}: {what}"] = (partial(own, kind=kind, arrays=arrays), named)
        sound = partial(own, kind=kind, arrays={"trials": TRIALS, "stimulus_id": IDS})
        for kept in (0.1, 0.5, 0.9):
            cases[f".{kind}: {kept:.0%} of it"] = (
                partial(cut, prepare=sound, name=f"mine.{kind}", kept=kept),
                f"mine.{kind}",
            )
    for what, ids in OBJECTS.items():
        arrays = {"responses": MEANS, "stimulus_id": ids}
        cases[f".npz: {what}"] = (partial(own, kind="npz", arrays=arrays), "stimulus_id")
    cases[".npz: code in a pickle"] = (malicious, "mine.npz")
    cases[".h5: a table of pandas"] = (pandas_hdf, "mine.h5")
    return cases


def of_other_contents() -> Cases:
    cases = {}
    for what, bytes_of in {
        "empty": b"",
        "text": b"no",
        "a web page": PAGE,
        "a pointer": POINTER,
        "a pickle": pickle.dumps([1]),
        "MATLAB": b"MATLAB 5.0 MAT-file",
    }.items():
        for kind, name in (("npz", "mine.npz"), ("h5", "mine.h5"), ("netcdf", "mine.nc")):
            cases[f".{name[5:]}: {what}"] = (partial(content, kind=kind, name=name, content=bytes_of), name)
    return cases


def of_netcdf() -> Cases:
    arrays = {
        "an unknown dimension": (dict(values=MEANS, dims=("unit", "presentation")), "neuroid"),
        "a further dimension": (dict(values=TRIALS, dims=("neuroid", "presentation", "repeat")), "repeat"),
        "no ids": (dict(values=MEANS, stimulus_id=None), "stimulus_id"),
        "texts": (dict(values=MEANS.astype(str)), "mine.nc"),
        "other images": (dict(values=MEANS, stimulus_id=("presentation", list("abcdef"))), "cat/0.png"),
        "all missing": (dict(values=MEANS * np.nan), "mine"),
    }
    cases = {f".nc: {what}": (partial(netcdf, **values), named) for what, (values, named) in arrays.items()}
    cases[".nc: two arrays"] = (two_arrays, "mine.nc")
    for engine in ("h5netcdf", "scipy"):
        for kept in (0.1, 0.5, 0.9):
            prepare = partial(netcdf, values=MEANS, engine=engine)
            cases[f".nc of {engine}: {kept:.0%} of it"] = (
                partial(cut, prepare=prepare, name="mine.nc", kept=kept),
                "mine.nc",
            )
    cases[".nc: CDF-5"] = (partial(content, kind="netcdf", name="mine.nc", content=b"CDF\x05" + b"\0" * 60), "CDF-5")
    return cases


def of_choices() -> Cases:
    return {f".csv: {what}": (partial(choices, **changed), named) for what, (changed, named) in TABLES.items()}
