"""Bad arrays and tables, each passed to a function of the library, and damaged results, each passed to its reader."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

X = np.random.default_rng(0).standard_normal((12, 20))
Y = np.random.default_rng(1).standard_normal((12, 3))
RNG = np.random.default_rng(2)
SCENES = np.repeat(np.arange(4), 3)


def sound():
    from ventral.gram import gram

    return gram(X, device="cpu")


def grams(values) -> Callable:
    def run():
        from ventral.gram import gram

        gram(values() if callable(values) else values, device="cpu")

    return run


def geometry(name: str, *arguments, **keys) -> Callable:
    def run():
        from ventral import geometry

        getattr(geometry, name)(sound(), *arguments, **keys)

    return run


def predictivity(name: str, *arguments, **keys) -> Callable:
    def run():
        from ventral import predictivity

        function = getattr(predictivity, name)
        function(*arguments, **keys) if name == "noise_ceiling" else function(sound(), *arguments, **keys)

    return run


def splits(n: int = 12):
    return [(np.arange(n // 2), np.arange(n // 2, n)), (np.arange(n // 2, n), np.arange(n // 2))]


def smaller():
    from ventral.gram import gram

    return gram(X[:6], device="cpu")


def likeness(name: str) -> Callable:
    def run():
        from ventral import geometry

        getattr(geometry, name)(sound(), smaller())

    return run


def distance(first: np.ndarray, second: np.ndarray) -> None:
    from ventral.geometry import bures_distance

    bures_distance(first, second)


def read(function: str, module: str, content: bytes | None) -> Callable:
    """A call that reads a result file with this content; the file is missing if there is none."""

    def prepare(folder: Path) -> Callable:
        if content is not None:
            (folder / "bad.h5").write_bytes(content)

        def run():
            import importlib

            getattr(importlib.import_module(module), function)("bad.h5")

        return run

    return prepare


def foreign(function: str, module: str) -> Callable:
    """A call that reads an HDF5 file of another program."""

    def prepare(folder: Path) -> Callable:
        with h5py.File(folder / "bad.h5", "w") as file:
            file["data"] = X
        return read(function, module, None)(folder)

    return prepare


GRAMS = {
    "one axis": (X[0], "images"),
    "three axes": (X[None], "images"),
    "no images": (X[:0], "images"),
    "no features": (X[:, :0], "images"),
    "a missing number": (np.where(np.eye(12, 20), np.nan, X), "finite"),
    "an infinite number": (np.where(np.eye(12, 20), np.inf, X), "finite"),
    "numbers that overflow": (X * 1e30, "overflow"),
    "texts": (X.astype(str), "number"),
    "objects": (X.astype(object), "number"),
    "complex numbers": (X + 1j, "complex"),
    "a list of texts": ([["a", "b"], ["c", "d"]], "number"),
    "times": (np.full((12, 20), np.datetime64("2020-01-01")), "number"),
}
CALLS = {
    "factorization: scenes of another length": (geometry("factorization", SCENES[:-1]), "scene"),
    "factorization: one scene": (geometry("factorization", np.zeros(12)), "scene"),
    "factorization: scenes of unequal size": (geometry("factorization", np.r_[SCENES[:-1], 0]), "scene"),
    "factorization: every image a scene": (geometry("factorization", np.arange(12)), "scene"),
    "few_shot: labels of another length": (geometry("few_shot", SCENES[:-1], 1, RNG), "12"),
    "few_shot: one class": (geometry("few_shot", np.zeros(12), 1, RNG), "class"),
    "manifolds: labels of another length": (geometry("manifolds", SCENES[:-1]), "12"),
    "manifolds: one class": (geometry("manifolds", np.zeros(12)), "class"),
    "linear_cka: other images": (likeness("linear_cka"), "12"),
    "rsa: other images": (likeness("rsa"), "12"),
    "procrustes_distance: other images": (likeness("procrustes_distance"), "12"),
    "bures_distance: other features": (lambda: distance(X, X[:, :5]), "features"),
    "bures_distance: a missing number": (lambda: distance(X, np.where(np.eye(12, 20), np.nan, X)), "finite"),
    "bures_distance: one axis": (lambda: distance(X, X[0]), "(20,)"),
    "bures_distance: no variance": (lambda: distance(X, np.ones_like(X)), "varia"),
    "debiased_cka: other images": (likeness("debiased_cka"), "12"),
    "ridge: responses of other images": (predictivity("ridge", Y[:-1], splits()), "12"),
    "ridge: missing responses": (predictivity("ridge", np.where(np.eye(12, 3), np.nan, Y), splits()), "finite"),
    "ridge: splits of other images": (predictivity("ridge", Y, splits(20)), "12"),
    "ridge: no splits": (predictivity("ridge", Y, []), "split"),
    "pls: responses of other images": (predictivity("pls", Y[:-1], splits()), "12"),
    "pls: missing responses": (predictivity("pls", np.where(np.eye(12, 3), np.nan, Y), splits()), "finite"),
    "pcr: responses of other images": (predictivity("pcr", Y[:-1], splits()), "12"),
    "noise_ceiling: two axes": (predictivity("noise_ceiling", Y), "repeats"),
}
READERS = {
    "read_gram": "ventral.gram",
    "read_table": "ventral.stimuli",
    "read_contents": "ventral.stimuli",
    "read_recording": "ventral.recordings",
    "read_behavior": "ventral.recordings.choices",
}


def bad_arrays() -> dict[str, tuple[Callable, str]]:
    """For each case, a function that prepares it in a folder and returns the call that must fail, and what is named."""
    cases = {f"gram: {what}": (lambda folder, x=x: grams(x), named) for what, (x, named) in GRAMS.items()}
    cases |= {what: (lambda folder, run=run: run, named) for what, (run, named) in CALLS.items()}
    for function, module in READERS.items():
        for what, content in {"absent": None, "empty": b"", "text": b"no result"}.items():
            cases[f"{function}: {what}"] = (read(function, module, content), "bad.h5")
        cases[f"{function}: of another program"] = (foreign(function, module), "bad.h5")
    tables = pd.DataFrame({"stimulus_id": ["a", "a"]})
    cases["write_stimuli: an id twice"] = (lambda folder: twice(tables), "stimulus_id")
    return cases


def twice(table: pd.DataFrame) -> Callable:
    from ventral.stimuli import write_stimuli

    return lambda: write_stimuli("out/bad.h5", np.zeros((2, 8, 8, 3), np.uint8), table, "images", "twice")
