"""The arrays of the user's own .npz and .h5 files, and whether they fit each other."""

from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.arrays import array_names, read_arrays, text
from ventral.core.errors import Fault

OF_UNITS = ("unit", "area", "animal")
OF_IMAGES = {"split": "part", "group": "group"}  # given for each presentation, and their names in a `Recording`
KEYS = ("responses", "trials", "stimulus_id", *OF_UNITS, *OF_IMAGES)
AXES = {"responses": ("units", "presentations"), "trials": ("units", "presentations", "repeats")}
Content = tuple[np.ndarray, np.ndarray | None, np.ndarray, pd.DataFrame, dict[str, np.ndarray]]


def read_file(path: Path) -> Content:
    """Read an .npz or .h5 file; repeats become presentations of their own.

    Returns
    -------
    values : array of shape (units, presentations)
        Single trials, if there are any.
    means : array of shape (units, presentations), or None
        The responses of a file that also holds trials.
    stimulus_id : array of shape (presentations,)
    units : DataFrame
    of_images : dict of arrays of shape (presentations,)
        `split` and `group`, as far as the file has them.
    """
    arrays = read_arrays(path, KEYS)
    arrays |= {key: numbers(arrays[key], f"{path}: {key!r}") for key in AXES if key in arrays}
    check_shapes(path, arrays)
    repeats = arrays["trials"].shape[2] if "trials" in arrays else 1
    values = arrays["trials" if "trials" in arrays else "responses"]
    means = np.repeat(arrays["responses"], repeats, axis=1) if {*AXES} <= {*arrays} else None
    texts = {key: text(arrays[key], f"{path}: {key!r}") for key in KEYS if key in arrays and key not in AXES}
    of_images = {key: np.repeat(texts[key], repeats) for key in OF_IMAGES if key in texts}
    units = pd.DataFrame({key: texts[key] for key in OF_UNITS if key in texts})
    return values.reshape(len(values), -1), means, np.repeat(texts["stimulus_id"], repeats), units, of_images


def check_shapes(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Refuse arrays that are missing or do not fit each other, judging by names and shapes alone.

    Raises
    ------
    Fault
        An array is missing, holds no numbers where it should, has other axes, or has another length.
    """
    given = [key for key in AXES if key in arrays]
    if not given or "stimulus_id" not in arrays:
        lacks = "'responses' or 'trials'" if not given else "'stimulus_id'"
        there = [*arrays, *(name for name in array_names(path) if name not in arrays)]
        raise Fault(f"{path} has no array {lacks}; it has {', '.join(there) or 'no array at all'}.")
    ids = arrays["stimulus_id"]
    n = ids.size if ids.dtype.itemsize > 1 else len(ids)  # single characters along a second axis are joined to texts
    for key in given:
        check_axes(path, key, arrays[key], n)
    units = len(arrays[given[0]])
    for key in (*given, *OF_UNITS, *OF_IMAGES):
        wanted, what = (n, "presentations") if key in OF_IMAGES else (units, "units")
        if key in arrays and len(arrays[key].ravel() if key not in AXES else arrays[key]) != wanted:
            raise Fault(f"{path}: {key!r} has {len(arrays[key].ravel())} entries for {wanted} {what}.")


def check_axes(path: Path, key: str, values: np.ndarray, n: int) -> None:
    """Refuse responses or trials that are not numbers with the axes of AXES and n presentations."""
    axes = AXES[key]
    if values.dtype.kind in "fiubO" and values.ndim == len(axes) and values.shape[1] == n and 0 not in values.shape:
        return
    aside = ""
    if values.ndim == len(axes) and values.shape[1] != n and n in values.shape:
        aside = f" It has {n} along another axis and may be transposed."
    raise Fault(
        f"{path}: {key!r} must be numbers of shape ({', '.join(axes)}) with one presentation for each of the {n} "
        f"stimulus ids; it is {values.dtype} {values.shape}.{aside}"
    )


def numbers(values: np.ndarray, what: str) -> np.ndarray:
    """An array of objects as float64, where None becomes NaN; any other array unchanged.

    Raises
    ------
    Fault
        An object is neither a number nor None.
    """
    if values.dtype != object:
        return values
    strange = next((one for one in values.ravel() if not isinstance(one, (int, float, type(None)))), None)
    if strange is not None:
        raise Fault(f"{what} must hold numbers; it holds {strange!r}.")
    return values.astype(np.float64)
