"""Reads assemblies: netCDF files of one array with the dimensions presentation, neuroid and, optionally, time_bin.

Coordinates along `presentation` name the image (`stimulus_id`, or `image_id` in older files); along `neuroid` the unit
(`neuroid_id`), its area (`region`) and its `animal`; along `time_bin` the bin's start and end in milliseconds.

Source of the format: Brain-Score's packaging of recordings (github.com/brain-score/brainio).
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.arrays import text
from ventral.core.errors import Fault
from ventral.core.formats import require_format
from ventral.recordings.recording import mean_of_present

IDS = ("stimulus_id", "image_id")
ENGINES = {"HDF5": "h5netcdf", "netCDF-3": "scipy"}
UNREADABLE = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RuntimeError, MemoryError)
OF_UNITS = {"neuroid_id": "unit", "region": "area", "animal": "animal"}


def read_assembly(
    path: str | Path, window: tuple[float, float] | None = None
) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Read responses, averaged over the time bins of a window.

    Parameters
    ----------
    path : path
    window : pair of float, optional
        Start and end in milliseconds after image onset; bins that are completely inside are averaged. By default, all
        bins are averaged.

    Returns
    -------
    responses : array of shape (units, presentations), float64
        NaN where a unit was not recorded.
    stimulus_id : array of shape (presentations,)
        An image with several trials has as many presentations.
    units : DataFrame
        Those of the columns `unit`, `area` and `animal` that the file has.

    Raises
    ------
    Fault
        The file cannot be read, lacks a dimension or a coordinate, or has no bin in the window.
    """
    with opened(path) as assembly:
        require(path, assembly.dims, ("presentation", "neuroid"), "dimension")
        if assembly.dtype.kind not in "fiub" or 0 in assembly.shape:
            raise Fault(f"{path} must hold numbers, at least one; it holds {assembly.dtype} {assembly.shape}.")
        ids = ids_of(path, assembly)
        units = pd.DataFrame({OF_UNITS[k]: texts_of(path, assembly, k) for k in OF_UNITS if k in assembly.coords})
        others = set(assembly.dims) - {"presentation", "neuroid", "time_bin"}
        if others:
            raise Fault(f"{path} has the unknown dimension {sorted(others)[0]!r}; {described(assembly)}.")
        if "time_bin" not in assembly.dims:
            return assembly.transpose("neuroid", "presentation").values.astype(np.float64), ids, units
        binned = of_window(path, assembly, window).transpose("neuroid", "presentation", "time_bin")
        return mean_of_present(binned.values), ids, units


def read_coordinates(path: str | Path, names: tuple[str, ...]) -> pd.DataFrame:
    """Read `stimulus_id` and further coordinates along `presentation`, one row per presentation.

    Raises
    ------
    Fault
        The file cannot be read, or lacks a coordinate.
    """
    with opened(path) as assembly:
        require(path, assembly.coords, names, "coordinate")
        return pd.DataFrame(
            {"stimulus_id": ids_of(path, assembly)} | {name: texts_of(path, assembly, name) for name in names}
        )


@contextlib.contextmanager
def opened(path: str | Path) -> Iterator:
    """Open the only array of a netCDF-4 or netCDF-3 file; values are read when they are needed.

    Raises
    ------
    Fault
        The file cannot be read, or does not hold one array.
    """
    import xarray  # takes a second to import, and only recordings in netCDF need it

    found = require_format(path, tuple(ENGINES), "a netCDF file")
    plain = {"decode_times": False, "decode_timedelta": False}  # a latency in seconds stays a number
    try:
        with xarray.open_dataset(path, engine=ENGINES.get(found, "h5netcdf"), **plain) as dataset:
            yield only_array(path, dataset)
    except Fault:
        raise
    except UNREADABLE as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        kind = "netCDF-3" if found == "netCDF-3" else "netCDF-4"
        raise Fault(f"{path} cannot be read as a {kind} file ({first}); write it again, or copy it again.") from error


def only_array(path: str | Path, dataset):
    arrays = list(dataset.data_vars)
    if len(arrays) != 1:
        named = f"{len(arrays)} arrays ({', '.join(map(str, arrays))})" if arrays else "no array"
        raise Fault(f"{path} holds {named}; write the array of responses alone with xarray's DataArray.to_netcdf.")
    return dataset[arrays[0]]


def ids_of(path: str | Path, assembly) -> np.ndarray:
    """The image of each presentation."""
    named = next((name for name in IDS if name in assembly.coords), None)
    if named is None:
        raise Fault(f"{path} has no coordinate {' or '.join(IDS)} along presentation; {described(assembly)}.")
    return texts_of(path, assembly, named)


def texts_of(path: str | Path, assembly, name: str) -> np.ndarray:
    """A coordinate as text."""
    return text(assembly[name].values, f"{path}: {name!r}")


def of_window(path: str | Path, assembly, window: tuple[float, float] | None):
    """The time bins inside the window."""
    if window is None:
        return assembly
    require(path, assembly.coords, ("time_bin_start", "time_bin_end"), "coordinate")
    inside = (assembly.time_bin_start.values >= window[0]) & (assembly.time_bin_end.values <= window[1])
    if not inside.any():
        raise Fault(f"{path} has no time bin between {window[0]} and {window[1]} ms.")
    return assembly.isel(time_bin=np.flatnonzero(inside))


def require(path: str | Path, there, wanted: tuple[str, ...], what: str) -> None:
    absent = [name for name in wanted if name not in there]
    if absent:
        has = ", ".join(map(str, there)) or "none"
        raise Fault(f"{path} has no {what} {' and no '.join(absent)}; its {what}s are {has}.")


def described(assembly) -> str:
    return f"its coordinates are {', '.join(map(str, assembly.coords)) or 'none'}"
