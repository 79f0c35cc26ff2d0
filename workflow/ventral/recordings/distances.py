"""Distances between images, where an area or an observer gives no responses: representational dissimilarity matrices.

Each matrix belongs to an observer (an animal, a participant, a session) and to an area. A distance can be missing, and
unbiased estimates such as crossnobis distances can be negative.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_frame, read_texts, write_array, write_frame, write_texts

FEWEST_IMAGES = 4
ATTRIBUTES = ("measure", "simulated", "source", "licence", "citation")


@dataclass(frozen=True)
class Distances:
    """Distances between all pairs of n images.

    Attributes
    ----------
    name : str
    values : array of shape (matrices, n (n − 1) / 2), float64
        In the order of an upper triangle, row by row; NaN where a distance is missing.
    matrices : DataFrame of one row per matrix
        `observer` and `area`.
    stimulus_id : array of shape (n,)
        Ids of the images, as in their stimulus set.
    measure : str
        What the distances are, for the report.
    simulated : bool
    licence, citation, source : str
        License, citation and source of the data, one line each.
    squared_euclidean : bool
        Whether they are squared Euclidean distances between responses, so that they give a Gram.

    Raises
    ------
    Fault
        There are fewer than four images; a distance is infinite; the known distances of a matrix are all equal; or an
        observer has two matrices of one area.
    """

    name: str
    values: np.ndarray
    matrices: pd.DataFrame = field(repr=False)
    stimulus_id: np.ndarray = field(repr=False)
    measure: str
    simulated: bool
    licence: str
    citation: str
    source: str
    squared_euclidean: bool = False

    def __post_init__(self):
        if len(self.stimulus_id) < FEWEST_IMAGES:
            raise Fault(f"{self.name}: distances need {FEWEST_IMAGES} images or more.")
        for matrix, values in zip(self.matrices.itertuples(), self.values, strict=True):
            who = f"{self.name}: the distances of the observer {matrix.observer} in {matrix.area}"
            known = values[~np.isnan(values)]
            if np.isinf(known).any():
                raise Fault(f"{who} are infinite for {np.isinf(known).sum()} pairs; correct them or write NaN.")
            if len(known) < FEWEST_IMAGES or known.min() == known.max():
                raise Fault(f"{who} are all equal or missing, so nothing can be compared with them; leave them out.")
        twice = self.matrices[self.matrices.duplicated(["observer", "area"])]
        if len(twice):
            raise Fault(
                f"{self.name}: the observer {twice.observer.iloc[0]} has two matrices of the area "
                f"{twice.area.iloc[0]}; average them, or give them different names. In a pattern of files, "
                "{observer} and {area} read names."
            )


def write_distances(path: str | Path, distances: Distances) -> None:
    """Store the distances, and count those that are missing; the file appears complete or not at all."""
    missing = int(np.isnan(distances.values).sum())
    if missing:
        logging.warning("%s: %d of %d distances are missing.", distances.name, missing, distances.values.size)
    with create_hdf5(path) as file:
        write_array(file, "distances", distances.values)
        write_texts(file, "stimulus_id", distances.stimulus_id)
        write_frame(file.create_group("matrices"), distances.matrices)
        file.attrs.update({name: getattr(distances, name) for name in (*ATTRIBUTES, "squared_euclidean")})
        file.attrs["missing_distances"] = missing


def read_distances(path: str | Path) -> Distances:
    """Read distances; the recording has the name of the file.

    Raises
    ------
    Fault
        The file is missing, truncated or damaged, or holds no distances.
    """
    with open_hdf5(path) as file:
        if not is_distances(file):
            raise Fault(f"{path} holds no distances. Delete it and run the same command again.")
        about = {name: file.attrs[name] for name in ATTRIBUTES}
        about["simulated"] = bool(about["simulated"])
        about["squared_euclidean"] = bool(file.attrs.get("squared_euclidean", False))  # earlier versions had none
        ids, matrices = read_texts(file, "stimulus_id"), read_frame(file["matrices"])
        return Distances(Path(path).stem, file["distances"][:], matrices, ids, **about)


def is_distances(file: h5py.File) -> bool:
    """Whether an open file of a recording holds distances, not responses of units or choices."""
    return "distances" in file


def subset(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Distances between chosen images, in their order.

    Parameters
    ----------
    values : array of shape (…, n (n − 1) / 2)
    order : integer array of shape (m,)
        Positions of different images.

    Returns
    -------
    array of shape (…, m (m − 1) / 2)
    """
    n = images_of(values.shape[-1])
    if np.array_equal(order, np.arange(n)):
        return values
    m, done = len(order), 0
    chosen = np.empty((*values.shape[:-1], m * (m - 1) // 2))
    for row, i in enumerate(order):
        low, high = np.minimum(i, order[row + 1 :]), np.maximum(i, order[row + 1 :])
        chosen[..., done : done + len(low)] = values[..., low * (2 * n - low - 1) // 2 + high - low - 1]
        done += len(low)
    return chosen


def images_of(pairs: int) -> int:
    """The number n of images with n (n − 1) / 2 pairs; 0 if there is none."""
    n = round((1 + np.sqrt(1 + 8 * pairs)) / 2)
    return n if n * (n - 1) // 2 == pairs else 0
