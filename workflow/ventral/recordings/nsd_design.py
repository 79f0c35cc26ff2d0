"""What the Natural Scenes Dataset showed: the image of each trial, and the photographs.

Numbers of images and trials count from 1 in `nsd_expdesign.mat` and from 0 in `nsd_stimuli.hdf5` and here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ventral.core.errors import Fault, said


@dataclass(frozen=True)
class Design:
    """Image numbers, counted from 0: the one `shown` in each trial, and those that all observers `shared`."""

    shown: np.ndarray
    shared: np.ndarray


def read_design(path: Path, subject: int, trials: int) -> Design:
    """Which images were shown; numbers of images and trials in the file count from 1.

    Raises
    ------
    Fault
        The file cannot be read, or its numbers do not count from 1.
    """
    from scipy.io import loadmat

    names = ("masterordering", "subjectim", "sharedix")
    try:
        order, images, shared = (loadmat(path, variable_names=names)[name].astype(int) for name in names)
    except (OSError, ValueError, TypeError, KeyError, NotImplementedError) as error:
        raise Fault(f"{path} cannot be read as the design of the dataset ({said(error)}); copy it again.") from error
    order, shared = order.ravel(), shared.ravel()
    if min(order.min(), images.min(), shared.min()) < 1 or order.max() > images.shape[1] or len(order) < trials:
        raise Fault(f"{path}: trials and images must be numbered from 1, as the publisher does; use the original file.")
    return Design(images[subject - 1, order[:trials] - 1] - 1, shared - 1)


def ids_of(numbers: np.ndarray) -> np.ndarray:
    """Ids of images by their numbers, counted from 0."""
    return np.array([f"nsd-{number:05d}" for number in numbers], dtype=object)


def pictures(path: Path, numbers: np.ndarray) -> Iterator[np.ndarray]:
    """Read photographs one by one from the file of all."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            brick = file["imgBrick"]
            if len(brick) <= numbers.max():
                raise Fault(f"{path} has {len(brick)} photographs, and the design names number {numbers.max() + 1}.")
            for number in numbers.tolist():
                yield brick[number]
    except (OSError, KeyError) as error:
        raise Fault(f"{path} cannot be read as the photographs of the dataset ({said(error)}).") from error
